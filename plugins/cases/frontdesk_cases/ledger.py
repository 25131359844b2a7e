"""The ways into the case book: every change of a case goes through here, by the rules, and is told to its followers."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
from frontdesk import CaseRequest, Store
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import clocks, file_rows, repository
from frontdesk_cases.cases import DESK, Actor, CaseRecord, Event, NewEntry, file_entry, opening_entries
from frontdesk_cases.changes import CaseError, Change, make
from frontdesk_cases.settings import CasesSettings

SettingsFor = Callable[[int | None], CasesSettings]
"""Gives a server's settings."""

log = structlog.stdlib.get_logger("frontdesk.cases")

T = TypeVar("T")

_TRIES = 5


class _MovedMeanwhile(Exception):
    """Cases were merged or parted between looking and locking."""


class Follower(Protocol):
    """Somebody who does something about what happens to cases, such as telling the member."""

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Hear of an event, inside the transaction that stores it: what is written here is kept with it, or not."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer to a request for a case.

    Args:
        case: as it is stored.
        new: False if the event had a case already.
    """

    case: CaseRecord
    new: bool


class Rule(Protocol):
    """Something that happens to cases by itself."""

    async def changes(self, session: AsyncSession, event: Event) -> Sequence[Change]:
        """Say what follows from an event; the desk makes these changes in the same transaction."""
        ...


class Ledger:
    """All cases of the installation, as those see them who change them.

    Args:
        store: the database.
        now: the clock (UTC).
        settings_for: gives a server's settings.
        followers: hear of everything, in this order.
        rules: what happens by itself.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        settings_for: "SettingsFor",
        *,
        followers: Sequence[Follower] = (),
        rules: Sequence[Rule] = (),
    ) -> None:
        self._store = store
        self.now = now
        self.settings_for = settings_for
        self._followers = followers
        self._rules = rules

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Begin a writing transaction."""
        return self._store.begin()

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Begin a transaction for reading."""
        return self._store.read()

    async def open(self, session: AsyncSession, request: CaseRequest, by: Actor) -> Opened:
        """Open a case, or give the one that the same event has opened before."""
        guild_id = request.person.guild_id
        await repository.take_turn(session, guild_id)
        known = await repository.by_key(session, guild_id, request.key)
        if known is not None:
            return Opened(known, new=False)
        at = self.now()
        settings = self.settings_for(guild_id)
        number = await repository.next_number(session, guild_id)
        added = await repository.add(session, request, number, at)
        case = clocks.started(added, settings.promises, settings.hours)
        await repository.save(session, case, added)
        files = await file_rows.expect(session, case, request.files, at)
        brought = [file_entry(file.id, file.name, file.size, request.person.name, at) for file in files]
        entries = await repository.append(session, case, [*opening_entries(request, by, at), *brought])
        return Opened(await self._told(session, Event(case, None, entries, by)), new=True)

    async def to_change(self, session: AsyncSession, case_id: int) -> CaseRecord:
        """Find a case and keep others from changing it until the transaction ends.

        Raises:
            CaseError: there is none.
        """
        case = await repository.to_change(session, case_id)
        if case is None:
            raise CaseError("no-case")
        return case

    async def to_work_on(self, session: AsyncSession, case_id: int) -> CaseRecord:
        """Find a case to change it, as staff do.

        Raises:
            CaseError: there is none, or it goes on in another one.
        """
        case = await self.to_change(session, case_id)
        if case.merged_into is not None:
            raise CaseError("merged")
        return case

    async def with_target(self, session: AsyncSession, case_id: int) -> tuple[CaseRecord, CaseRecord]:
        """Find a case, and the one that goes on with it by mergers; the same one mostly. For work given to `repeated`.

        Raises:
            CaseError: there is none.
        """
        way = await repository.way_to_target(session, case_id)
        if not way:
            raise CaseError("no-case")
        found = await self.all_to_change(session, way)
        if any(found[one].merged_into != two for one, two in zip(way, [*way[1:], None], strict=True)):
            raise _MovedMeanwhile
        return found[case_id], found[way[-1]]

    async def repeated(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do something in a transaction, once more from the beginning if cases were merged or parted under its hands.

        Raises:
            CaseError: from the work, or because they are merged and parted all the time.
        """
        for _ in range(_TRIES):
            try:
                async with self.begin() as session:
                    return await work(session)
            except _MovedMeanwhile:  # the locks that were taken are given back first, or two could wait for each other
                continue
        raise CaseError("no-case")

    async def all_to_change(self, session: AsyncSession, case_ids: Iterable[int]) -> dict[int, CaseRecord]:
        """Find several cases and keep others from changing them until the transaction ends.

        Raises:
            CaseError: there is none with one of the ids.
        """
        # Always in the order of their ids, so that two who do this at once never wait for each other.
        return {each: await self.to_change(session, each) for each in sorted(case_ids)}

    async def change(self, session: AsyncSession, case: CaseRecord, changes: Sequence[Change], by: Actor) -> CaseRecord:
        """Make changes to a case that was found to change it; those that change nothing leave no trace.

        Raises:
            CaseError: one is not allowed.
        """
        after, entries = make(case, changes, by, self.now())
        if not entries:
            return case
        return await self.store(session, case, replace(after, version=case.version + 1), entries, by)

    async def store(
        self,
        session: AsyncSession,
        before: CaseRecord,
        after: CaseRecord,
        entries: Sequence[NewEntry],
        by: Actor,
    ) -> CaseRecord:
        """Store a case as it is now with what is new on its timeline, and tell the followers."""
        now = self.now()
        if after.status is not before.status or after.priority is not before.priority:
            settings = self.settings_for(after.guild_id)
            after = clocks.moved(after, before, settings.promises, settings.hours, now)
        if after.status is not before.status:
            after = replace(after, warned_at=None)
        after = replace(after, changed_at=now)
        await repository.save(session, after, before)
        stored = await repository.append(session, after, entries)
        return await self._told(session, Event(after, before, stored, by))

    async def _told(self, session: AsyncSession, event: Event) -> CaseRecord:
        for follower in self._followers:
            await follower.follow(session, event)
        case = event.case
        for rule in self._rules:
            changes = await rule.changes(session, replace(event, case=case))
            try:
                case = await self.change(session, case, changes, DESK)
            except CaseError as error:  # a rule that does not fit this case must not keep it from being opened
                log.warning("a rule could not be followed", case_id=case.id, problem=error.problem)
        return case
