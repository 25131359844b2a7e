"""Which events of a case the member is told of, and how answers are shown. No Discord, no HTTP, no SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from frontdesk import CaseStatus, SettingsTable, Speaker
from pydantic import Field

from frontdesk_cases.cases import OPEN_STATUSES, CaseRecord, EntryKind, Event, TimelineEntry


class NotifySettings(SettingsTable):
    """[plugins.cases.notify]: of which changes members are told in a direct message.

    Args:
        opened: staff have opened a case for them.
        resolved: their case is resolved.
        closed: it is closed; of a resolved one only if a person closes it.
        reopened: staff have opened it again.
        pending_customer: it waits for them, and they have no answer of ours to read.
        assigned: somebody has taken it.
        closing: it will be closed if they say nothing.
    """

    opened: bool = True
    resolved: bool = True
    closed: bool = True
    reopened: bool = True
    pending_customer: bool = True
    assigned: bool = False
    closing: bool = True


class DirectSettings(SettingsTable):
    """[plugins.cases.direct]: how direct messages about cases look.

    Args:
        look: of answers: plain ``"text"``, or an ``"embed"`` with a coloured bar.
        agent_name: how members see who answers: ``"own"``, ``"team"`` (see ``team_name``), or ``"anonymous"``
            ("a member of our team").
        team_name: the name of the whole team.
    """

    look: Literal["text", "embed"] = "text"
    agent_name: Literal["own", "team", "anonymous"] = "own"
    team_name: str = Field("Support", min_length=1, max_length=80)

    def shown_name(self, agent: str) -> str | None:
        """Give the name by which members see who answers; None means that nobody is named.

        Args:
            agent: their own.
        """
        if self.agent_name == "anonymous":
            return None
        return self.team_name if self.agent_name == "team" else agent or None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the member is to be told.

    Args:
        what: ``"opened"``, ``"assigned"``, ``"closing"``, or the status that was entered; ``"reopened"`` for open.
        entry: of the timeline, which it tells.
    """

    what: str
    entry: TimelineEntry


def is_answer(entry: TimelineEntry) -> bool:
    """Tell whether an entry is an answer of staff that has to be brought to the member."""
    if entry.kind is not EntryKind.MESSAGE:
        return False
    return entry.data.get("from") == "case" and entry.data.get("speaker") == Speaker.AGENT.value


def notices(event: Event, settings: NotifySettings) -> Sequence[Notice]:
    """Say what the member is to be told of an event, in the order in which it happened.

    Args:
        event: what happened.
        settings: what counts in this server.
    """
    if any(entry.kind is EntryKind.MERGED for entry in event.entries):
        return ()  # what mergers do to a status is nothing that happened to the member's problem
    told = (_notice(event, entry) for entry in event.entries)
    return [notice for notice in told if notice is not None and getattr(settings, notice.what)]


def _notice(event: Event, entry: TimelineEntry) -> Notice | None:
    by_staff = bool(event.by.id)
    if entry.kind is EntryKind.OPENED:
        return Notice("opened", entry) if by_staff else None
    if entry.kind is EntryKind.CLOCK:
        is_warning = entry.data.get("clock") == "silence" and entry.data.get("state") == "warning"
        return Notice("closing", entry) if is_warning else None
    if entry.kind is not EntryKind.CHANGE:
        return None
    what, before, after = (entry.data.get(name, "") for name in ("what", "before", "after"))
    if what == "assignee":
        return Notice("assigned", entry) if after else None
    by_member = bool(event.by.name) and not by_staff
    if what != "status" or by_member:
        return None
    return _moved(event.case, entry, CaseStatus(before), CaseStatus(after), by_staff=by_staff)


def _moved(
    case: CaseRecord, entry: TimelineEntry, before: CaseStatus, after: CaseStatus, *, by_staff: bool
) -> Notice | None:
    if after is CaseStatus.RESOLVED:
        return Notice("resolved", entry)
    if after is CaseStatus.CLOSED:
        return Notice("closed", entry) if by_staff or before is not CaseStatus.RESOLVED else None
    if before not in OPEN_STATUSES:
        return Notice("reopened", entry) if by_staff else None
    if after is CaseStatus.PENDING_CUSTOMER:
        wrote, answered = case.member_wrote_at, case.staff_wrote_at
        has_answer = answered is not None and (wrote is None or answered >= wrote)
        return None if has_answer else Notice("pending_customer", entry)
    return None


def is_stale(what: str, case: CaseRecord) -> bool:
    """Tell whether a notice says what is not true any more.

    Args:
        what: see `Notice`.
        case: as it is now.
    """
    if case.merged_into is not None:
        return True
    if what in {"resolved", "closed", "pending_customer"}:
        return case.status.value != what
    return not case.is_open if what in {"reopened", "closing", "assigned"} else False
