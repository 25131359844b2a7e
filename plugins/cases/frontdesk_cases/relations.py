"""How cases belong together: links, mergers that can be undone, and cases split off others."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from frontdesk import CaseRequest, CaseStatus, Line, Speaker
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import file_rows, repository
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, NewEntry, TimelineEntry, file_entry
from frontdesk_cases.changes import CaseError, SetStatus, status_entry
from frontdesk_cases.ledger import Ledger

_FAR_BACK = 1000  # entries that are looked through for what a case was before its merger


class Relations:
    """Links, mergers and splits.

    Args:
        ledger: where the cases are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def link(self, case_id: int, other_id: int, by: Actor) -> None:
        """Link two cases of a server.

        Raises:
            CaseError: they are the same, of different servers, or one does not exist.
        """
        async with self._ledger.begin() as session:
            case, other = await self._two(session, case_id, other_id)
            if await repository.add_link(session, case, other):
                await self._both(session, (case, other), EntryKind.LINK, by, added="yes")

    async def unlink(self, case_id: int, other_id: int, by: Actor) -> None:
        """Take a link between two cases away.

        Raises:
            CaseError: as for `link`.
        """
        async with self._ledger.begin() as session:
            case, other = await self._two(session, case_id, other_id)
            if await repository.remove_link(session, case.id, other.id):
                await self._both(session, (case, other), EntryKind.LINK, by, added="no")

    async def merge(self, case_id: int, into_id: int, by: Actor) -> CaseRecord:
        """Let one case go on in another: its timeline is shown there, its links lead there, its messages go there.

        If the case is open and the other one is finished, that one is opened again: what is unsolved stays in sight.

        Args:
            case_id: the case that is given up.
            into_id: the one that goes on.
            by: who does it.

        Returns:
            The case that goes on.

        Raises:
            CaseError: as for `link`, one of them is merged already, or they are of different members.
        """
        async with self._ledger.begin() as session:
            case, into = await self._two(session, case_id, into_id)
            if case.merged_into is not None or into.merged_into is not None:
                raise CaseError("merged")
            if case.person.user_id != into.person.user_id:
                raise CaseError("other-person")  # or each would read what the other has written
            given_up = replace(case, status=CaseStatus.CLOSED, merged_into=into.id, version=case.version + 1)
            await self._merged(session, case, given_up, into, by, status=case.status.value)
            if case.is_open and not into.is_open:
                touched = await self._ledger.to_change(session, into.id)
                await self._ledger.change(session, touched, [SetStatus(CaseStatus.OPEN)], by)
            found = await repository.by_id(session, into.id)
            assert found is not None
            return found

    async def unmerge(self, case_id: int, by: Actor) -> CaseRecord:
        """Undo a merger: the case is again what it was.

        Returns:
            The case that was given up.

        Raises:
            CaseError: it is not merged.
        """
        async with self._ledger.begin() as session:
            case, into = await self._with_next(session, case_id)
            status = await self._status_before_merger(session, case)
            again = replace(case, status=status, merged_into=None, version=case.version + 1)
            return await self._merged(session, case, again, into, by, undone="yes")

    async def _with_next(self, session: AsyncSession, case_id: int) -> tuple[CaseRecord, CaseRecord]:
        """A merged case, and the one that it was merged into."""
        way = await repository.way_to_target(session, case_id)
        if len(way) < 2:
            raise CaseError("not-merged" if way else "no-case")
        found = await self._ledger.all_to_change(session, way[:2])
        if found[case_id].merged_into != way[1]:
            raise CaseError("not-merged")  # somebody was quicker
        return found[case_id], found[way[1]]

    async def _merged(
        self, session: AsyncSession, case: CaseRecord, after: CaseRecord, into: CaseRecord, by: Actor, **data: str
    ) -> CaseRecord:
        """Store what a merger, or the end of one, does to both cases."""
        at = self._ledger.now()
        here = {"into": str(into.id), "into_number": str(into.number), "by": by.id, **data}
        there = {"from": str(case.id), "from_number": str(case.number), "by": by.id, **data}
        entries = [NewEntry(EntryKind.MERGED, by.name, "", at, here), *status_entry(case, after, by, at)]
        result = await self._ledger.store(session, case, after, entries, by)
        touched = replace(into, version=into.version + 1)
        await self._ledger.store(session, into, touched, [NewEntry(EntryKind.MERGED, by.name, "", at, there)], by)
        return result

    async def _status_before_merger(self, session: AsyncSession, case: CaseRecord) -> CaseStatus:
        for entry in reversed(await repository.timeline(session, [case.id], _FAR_BACK)):
            if entry.kind is EntryKind.MERGED and "status" in entry.data:
                return CaseStatus(entry.data["status"])
        return CaseStatus.OPEN

    async def split(self, case_id: int, entry_ids: Sequence[int], title: str, by: Actor) -> CaseRecord:
        """Make a case of its own of some messages of another, with the files that came with them.

        Both are linked; messages and files stay where they are too.

        Args:
            case_id: the case to split.
            entry_ids: messages of its timeline.
            title: of the new case.
            by: who does it.

        Returns:
            The new case.

        Raises:
            CaseError: no message is named, the title is empty, or there is no such case.
        """
        if not title.strip():
            raise CaseError("no-title")
        async with self._ledger.begin() as session:
            case = await self._ledger.to_work_on(session, case_id)
            together = [case.id, *(merged.id for merged in await repository.merged_into(session, case.id))]
            chosen = await repository.entries(session, together, entry_ids)
            messages = [entry for entry in chosen if entry.kind is EntryKind.MESSAGE]
            if not messages or len(chosen) < len(set(entry_ids)):
                raise CaseError("nothing-to-split")
            lines = tuple(_line(entry) for entry in messages)
            own = [line.text for line in lines if line.speaker is Speaker.MEMBER]
            request = CaseRequest(
                key=_split_key(case, messages),
                kind=case.kind,
                title=title,
                description="\n\n".join(own or [line.text for line in lines]),
                person=case.person,
                source_url=case.source_url,
                transcript=lines,
            )
            opened = await self._ledger.open(session, request, by)
            if opened.new:
                await self._bring_files(session, opened.case, messages, by)
                await repository.add_link(session, case, opened.case)
                await self._both(session, (case, opened.case), EntryKind.SPLIT, by)
            return opened.case

    async def _bring_files(
        self, session: AsyncSession, case: CaseRecord, messages: Sequence[TimelineEntry], by: Actor
    ) -> None:
        """Note the files of messages on a new case, each as sent by whom and when its message was."""
        now, entries = self._ledger.now(), list[NewEntry]()
        for brought, line in await file_rows.came_with(session, messages):
            [file] = await file_rows.expect(session, case, [brought], now)
            entries.append(file_entry(file.id, file.name, file.size, line.author, line.at))
        if entries:
            await self._ledger.store(session, case, case, entries, by)

    async def _two(self, session: AsyncSession, case_id: int, other_id: int) -> tuple[CaseRecord, CaseRecord]:
        if case_id == other_id:
            raise CaseError("same-case")
        found = await self._ledger.all_to_change(session, (case_id, other_id))
        if found[case_id].guild_id != found[other_id].guild_id:
            raise CaseError("no-case")
        return found[case_id], found[other_id]

    async def _both(
        self,
        session: AsyncSession,
        pair: tuple[CaseRecord, CaseRecord],
        kind: EntryKind,
        by: Actor,
        **data: str,
    ) -> None:
        for one, two in (pair, pair[::-1]):
            told = {"other": str(two.id), "other_number": str(two.number), "by": by.id, **data}
            if kind is EntryKind.SPLIT:
                told["new"] = "yes" if one is pair[1] else "no"
            await self._ledger.store(session, one, one, [NewEntry(kind, by.name, "", self._ledger.now(), told)], by)


def _line(entry: TimelineEntry) -> Line:
    return Line(Speaker(entry.data["speaker"]), entry.author, entry.text, entry.at, entry.key)


def _split_key(case: CaseRecord, messages: Sequence[TimelineEntry]) -> str:
    """The same messages never become a second case."""
    ids = sorted(entry.id for entry in messages)
    return f"split:{case.id}:{hashlib.sha256(repr(ids).encode()).hexdigest()[:32]}"
