"""The case book: opens cases and finds them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from frontdesk import CaseRequest, CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import repository, rules_rows
from frontdesk_cases.cases import DESK, OPEN_STATUSES, Actor, CaseRecord, TimelineEntry
from frontdesk_cases.changes import CaseError, Change
from frontdesk_cases.duplicates import LOOKED_AT, Compared, Likeness, alike
from frontdesk_cases.ledger import Ledger, Opened

TIMELINE_LENGTH = 1000
"""Entries that are shown at once of one case."""

_LATEST = 10
_FRESH = timedelta(seconds=20)
_MOST_KINDS = 200  # of all servers, of which the latest cases are remembered


@dataclass(frozen=True, slots=True)
class _Latest:
    """The latest cases of a kind, as they are compared: up to which one, when they were read, what they are."""

    newest: int | None
    asked_at: datetime
    cases: Sequence[Compared]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A part of a case's timeline.

    Args:
        entries: oldest first.
        older: the id of the first one, before which there are more; None if there are none.
    """

    entries: Sequence[TimelineEntry]
    older: int | None


class CaseBook:
    """All cases of the installation, for reading; and the way to open one.

    Args:
        ledger: where they are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._latest: dict[tuple[int, str], _Latest] = {}

    async def open(self, request: CaseRequest, by: Actor = DESK, changes: Sequence[Change] = ()) -> Opened:
        """Open a case, or give the one that the same event has opened before.

        Args:
            request: what it is about.
            by: who opens it; the desk itself for what members ask for.
            changes: made to a new case in the same step.

        Raises:
            CaseError: a change is not allowed; then there is no case either.
        """
        async with self._ledger.begin() as session:
            opened = await self._ledger.open(session, request, by)
            if not opened.new:
                return opened
            return Opened(await self._ledger.change(session, opened.case, changes, by), new=True)

    async def find(self, case_id: int) -> CaseRecord | None:
        """Find a case."""
        async with self._ledger.read() as session:
            return await repository.by_id(session, case_id)

    async def by_number(self, guild_id: int, number: int) -> CaseRecord | None:
        """Find a case of a server by its number."""
        async with self._ledger.read() as session:
            return await repository.by_number(session, guild_id, number)

    async def timeline(self, case_id: int) -> Sequence[TimelineEntry]:
        """Give the latest entries of a case's timeline, oldest first, with those of the cases merged into it."""
        async with self._ledger.read() as session:
            merged = await repository.merged_into(session, case_id)
            return await repository.timeline(session, [case_id, *(case.id for case in merged)], TIMELINE_LENGTH)

    async def timeline_page(self, case_id: int, before: int | None = None) -> TimelinePage:
        """Give a part of a case's timeline, as `timeline`.

        Args:
            case_id: which.
            before: the id of the entry before which it ends, as `TimelinePage.older` of a later part; None for the
                latest entries.

        Raises:
            CaseError: no such entry stands there.
        """
        async with self._ledger.read() as session:
            together = [case_id, *(case.id for case in await repository.merged_into(session, case_id))]
            end = None if before is None else await repository.entries(session, together, [before])
            if end == []:
                raise CaseError("no-page")
            found = await repository.timeline(session, together, TIMELINE_LENGTH + 1, end[0] if end else None)
        shown = found[-TIMELINE_LENGTH:]
        return TimelinePage(shown, shown[0].id if len(found) > len(shown) else None)

    async def merged(self, case_id: int) -> Sequence[CaseRecord]:
        """List the cases that were merged into a case, and those merged into these."""
        async with self._ledger.read() as session:
            return await repository.merged_into(session, case_id)

    async def linked(self, case_id: int) -> Sequence[CaseRecord]:
        """List the cases that a case, or one merged into it, is linked with; for a merged one the case that goes on."""
        async with self._ledger.read() as session:
            own = [case_id, *(case.id for case in await repository.merged_into(session, case_id))]
            others = [await repository.way_to_target(session, other) for other in await repository.linked(session, own)]
            targets = sorted({way[-1] for way in others if way} - set(own))
            found = [await repository.by_id(session, target) for target in targets]
        return [case for case in found if case is not None]

    async def duplicates(self, case: CaseRecord) -> Sequence[Likeness]:
        """Suggest the cases that may be about the same thing, the likeliest first."""
        async with self._ledger.read() as session:
            others = await self._compared(session, case)
        likely = await asyncio.to_thread(alike, Compared.of(case), others)
        async with self._ledger.read() as session:
            found = [(await repository.by_id(session, case_id), score) for case_id, score in likely]
        return [Likeness(other, score) for other, score in found if other is not None and other.merged_into is None]

    async def _compared(self, session: AsyncSession, case: CaseRecord) -> Sequence[Compared]:
        """What a case is compared with; remembered for some seconds, or until there is a newer case."""
        of, now = (case.guild_id, case.kind), self._ledger.now()
        newest = await rules_rows.newest(session, *of)
        known = self._latest.get(of)
        if known is not None and known.newest == newest and now - known.asked_at < _FRESH:
            return known.cases
        cases = await rules_rows.latest(session, *of, LOOKED_AT)
        if len(self._latest) >= _MOST_KINDS:
            self._latest.clear()
        self._latest[of] = _Latest(newest, now, cases)
        return cases

    async def going_on(self, case_id: int) -> CaseRecord | None:
        """Find a case; for one that was merged, the case that goes on with it."""
        async with self._ledger.read() as session:
            way = await repository.way_to_target(session, case_id)
            return await repository.by_id(session, way[-1]) if way else None

    async def suggest(self, guild_id: int, typed: str, limit: int) -> Sequence[CaseRecord]:
        """List cases of a server by the beginning of the number or by a word of the title, newest first."""
        async with self._ledger.read() as session:
            return await repository.suggest(session, guild_id, typed, limit)

    async def assignees(self, guild_id: int, limit: int) -> Sequence[Actor]:
        """List those who have cases in a server, in the order of their names."""
        async with self._ledger.read() as session:
            return await repository.assignees(session, guild_id, limit)

    async def of_person(self, guild_id: int, user_id: int, limit: int) -> Sequence[CaseRecord]:
        """List a person's cases in a server, newest first."""
        async with self._ledger.read() as session:
            return await repository.of_person(session, guild_id, user_id, limit)

    async def locale_of(self, guild_id: int, user_id: int) -> str | None:
        """Tell which language a person had when they last brought a case themselves; None if that is not known."""
        known = await self.of_person(guild_id, user_id, _LATEST)
        return next((case.person.locale for case in known if case.person.locale), None)

    async def names_of(self, guild_id: int, user_id: int) -> Sequence[str]:
        """List the names by which a person was seen in a server, the latest first."""
        async with self._ledger.read() as session:
            return await repository.names_of(session, guild_id, user_id)

    async def open_cases(self, guild_id: int, limit: int) -> Sequence[CaseRecord]:
        """List the cases of a server that still need somebody, newest first."""
        async with self._ledger.read() as session:
            return await repository.of_server(session, guild_id, OPEN_STATUSES, limit)

    async def counts(self, guild_id: int) -> Mapping[CaseStatus, int]:
        """Count a server's cases by status."""
        async with self._ledger.read() as session:
            return await repository.counts(session, guild_id)
