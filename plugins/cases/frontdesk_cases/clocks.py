"""The clocks of a case: what is promised for the first answer and the resolution, on business hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from frontdesk import CaseStatus, OpeningHours, SettingsTable
from pydantic import Field

from frontdesk_cases.cases import OPEN_STATUSES, TOLD_MISSED, TOLD_WARNING, CaseRecord, Clocks, Priority

Urgency = Literal["low", "normal", "high", "urgent"]


class Promise(SettingsTable):
    """[plugins.cases.promises.<priority>]: other promises for one priority.

    Args:
        first_answer_minutes: open minutes until a person must have answered; none by default.
        resolution_minutes: open minutes until the case must be resolved; none by default.
    """

    first_answer_minutes: int | None = Field(None, ge=1, le=525_600)
    resolution_minutes: int | None = Field(None, ge=1, le=525_600)


class Promises(SettingsTable):
    """[plugins.cases.promises]: how soon cases are answered and resolved, on the hours of [plugins.cases.hours].

    Args:
        first_answer_minutes: open minutes until a person must have answered; none by default.
        resolution_minutes: open minutes until the case must be resolved, those not counted in which it waits for the
            member; none by default.
        warn_at: the part of the time after which staff are warned that it is running out.
        low: promises for cases of this priority, such as ``{resolution_minutes = 10080}``.
        normal: likewise.
        high: likewise.
        urgent: likewise.
    """

    first_answer_minutes: int | None = Field(None, ge=1, le=525_600)
    resolution_minutes: int | None = Field(None, ge=1, le=525_600)
    warn_at: float = Field(0.8, gt=0, lt=1)
    low: Promise | None = None
    normal: Promise | None = None
    high: Promise | None = None
    urgent: Promise | None = None

    def all(self) -> Sequence["Promise | Promises"]:
        """List the table itself and those of single priorities."""
        return [self, *(own for own in (self.low, self.normal, self.high, self.urgent) if own is not None)]

    def targets(self, case: CaseRecord) -> "Targets":
        """Give what holds for a case."""
        return self.targets_for(case.priority)

    def targets_for(self, priority: Priority) -> "Targets":
        """Give what holds for cases of a priority."""
        own: Promise | Promises = getattr(self, priority.name.lower()) or self
        return Targets(_minutes(own.first_answer_minutes), _minutes(own.resolution_minutes))


@dataclass(frozen=True, slots=True)
class Targets:
    """Open time until the first answer and the resolution; None where nothing is promised."""

    answer: timedelta | None
    resolve: timedelta | None


def _minutes(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


def started(case: CaseRecord, promises: Promises, hours: OpeningHours) -> CaseRecord:
    """Set the clocks of a new case."""
    targets = promises.targets(case)
    answer_due = _due(case.opened_at, targets.answer, timedelta(), hours)
    resolve_due = _due(case.opened_at, targets.resolve, timedelta(), hours)
    return replace(case, clocks=replace(case.clocks, answer_due=answer_due, resolve_due=resolve_due))


def moved(case: CaseRecord, before: CaseRecord, promises: Promises, hours: OpeningHours, now: datetime) -> CaseRecord:
    """Let the clocks follow a change of status or priority.

    Time in which the case is finished does not count; for its resolution neither does time in which it waits for the
    member.

    Args:
        case: as it is now, with the clocks of before.
        before: as it was.
        promises: what holds.
        hours: when minutes count.
        now: the time (UTC).
    """
    clocks, targets, reprioritised = case.clocks, promises.targets(case), case.priority is not before.priority
    if case.status is not before.status:
        clocks = _after_status(case, before, clocks, hours, now)
    if _is_unanswered(before.clocks) and (reprioritised or clocks.finished != before.clocks.finished):
        clocks = replace(clocks, answer_due=_due(case.opened_at, targets.answer, clocks.finished, hours))
    if reprioritised or clocks.waited != before.clocks.waited:
        clocks = replace(clocks, resolve_due=_due(case.opened_at, targets.resolve, clocks.waited, hours))
    return replace(case, clocks=_told_again(clocks, before.clocks, now) if reprioritised else clocks)


def _is_unanswered(clocks: Clocks) -> bool:
    """Whether nobody had answered while the case was open: an answer on a finished case came when no clock ran."""
    answered_at, resolved_at = clocks.answered_at, clocks.resolved_at
    return answered_at is None or (resolved_at is not None and resolved_at <= answered_at)


def _after_status(case: CaseRecord, before: CaseRecord, clocks: Clocks, hours: OpeningHours, now: datetime) -> Clocks:
    stopped = clocks.paused_at or (clocks.resolved_at if before.status not in OPEN_STATUSES else None)
    finished, was_finished = case.status not in OPEN_STATUSES, before.status not in OPEN_STATUSES
    if stopped is not None and not (finished and was_finished):
        clocks = replace(clocks, waited=clocks.waited + hours.between(stopped, now))
    if was_finished and not finished and before.clocks.resolved_at is not None:
        clocks = replace(clocks, finished=clocks.finished + hours.between(before.clocks.resolved_at, now))
    resolved_at = (clocks.resolved_at or now) if finished else None
    return replace(
        clocks,
        paused_at=now if case.status is CaseStatus.PENDING_CUSTOMER else None,
        resolved_at=now if finished and not was_finished else resolved_at,
        closed_at=now if case.status is CaseStatus.CLOSED else None,
    )


def _told_again(clocks: Clocks, before: Clocks, now: datetime) -> Clocks:
    """Staff hear again of another promise that ends in the future; a pause leaves as much time as there was."""
    if clocks.answer_due != before.answer_due and (clocks.answer_due is None or clocks.answer_due > now):
        clocks = replace(clocks, answer_told=0)
    if clocks.resolve_due != before.resolve_due and (clocks.resolve_due is None or clocks.resolve_due > now):
        clocks = replace(clocks, resolve_told=0)
    return clocks


def _due(start: datetime, target: timedelta | None, stopped: timedelta, hours: OpeningHours) -> datetime | None:
    return None if target is None else hours.after(start, target + stopped)


@dataclass(frozen=True, slots=True)
class ClockState:
    """How a promise stands; see `promise_states`.

    Args:
        due: until when.
        late: whether that has passed.
        kept: whether it was kept; None while it is open.
        paused: whether its clock stands still.
    """

    due: datetime
    late: bool
    kept: bool | None
    paused: bool = False


def promise_states(clocks: Clocks, now: datetime) -> Mapping[str, ClockState]:
    """Tell how each promise stands: ``"answer"`` and ``"resolve"``, those that were made.

    Args:
        clocks: of a case.
        now: the time (UTC).
    """
    states: dict[str, ClockState] = {}
    answered_at = clocks.resolved_at if clocks.answered_at and _is_unanswered(clocks) else clocks.answered_at
    # Since when each clock stands still without its promise being kept.
    stopped = {"answer": clocks.resolved_at, "resolve": clocks.paused_at}
    pairs = {"answer": (clocks.answer_due, answered_at), "resolve": (clocks.resolve_due, clocks.resolved_at)}
    for name, (due, done) in pairs.items():
        if due is None:
            continue
        kept = done <= due if done is not None else None
        reference = done or stopped[name] or now
        states[name] = ClockState(due=due, late=reference > due, kept=kept, paused=stopped[name] is not None)
    return states


@dataclass(frozen=True, slots=True)
class Alarm:
    """A promise that staff must hear of now.

    Args:
        clock: ``"answer"`` or ``"resolve"``.
        missed: False if time is running out, True if it has.
        due: until when it was promised.
    """

    clock: Literal["answer", "resolve"]
    missed: bool
    due: datetime


def alarms(case: CaseRecord, promises: Promises, hours: OpeningHours, now: datetime) -> Sequence[Alarm]:
    """Say which promises of a case staff must hear of and have not.

    Args:
        case: the case.
        promises: what holds in its server.
        hours: when minutes count.
        now: the time (UTC).
    """
    if case.status not in OPEN_STATUSES:
        return ()
    clocks, targets = case.clocks, promises.targets(case)
    found: list[Alarm] = []
    if clocks.answer_due is not None and clocks.answered_at is None:
        warn = _warn_time(clocks.answer_due, targets.answer, promises, hours, now)
        found += _alarm("answer", clocks.answer_due, clocks.answer_told, warn=warn, now=now)
    if clocks.resolve_due is not None and clocks.paused_at is None:
        warn = _warn_time(clocks.resolve_due, targets.resolve, promises, hours, now)
        found += _alarm("resolve", clocks.resolve_due, clocks.resolve_told, warn=warn, now=now)
    return found


def _warn_time(due: datetime, target: timedelta | None, promises: Promises, hours: OpeningHours, now: datetime) -> bool:
    """Whether so little open time is left that staff must be warned."""
    return target is not None and hours.between(now, due) <= target * (1 - promises.warn_at)


def _alarm(
    clock: Literal["answer", "resolve"], due: datetime, told: int, *, warn: bool, now: datetime
) -> Sequence[Alarm]:
    if now > due:
        return (Alarm(clock, missed=True, due=due),) if told < TOLD_MISSED else ()
    return (Alarm(clock, missed=False, due=due),) if warn and told < TOLD_WARNING else ()


def told(clocks: Clocks, alarm: Alarm) -> Clocks:
    """Note that staff have heard of an alarm."""
    level = TOLD_MISSED if alarm.missed else TOLD_WARNING
    if alarm.clock == "answer":
        return replace(clocks, answer_told=level)
    return replace(clocks, resolve_told=level)


def latest_warning(promises: Promises, hours: OpeningHours, now: datetime) -> datetime:
    """Give the moment up to which a promise may end and already be worth a warning now."""
    minutes = [own.resolution_minutes or 0 for own in promises.all()] + [
        own.first_answer_minutes or 0 for own in promises.all()
    ]
    ahead = timedelta(minutes=max(minutes)) * (1 - promises.warn_at)
    return hours.after(now, ahead) or now + timedelta(days=3660)
