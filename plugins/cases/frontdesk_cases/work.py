"""What staff do to a case: change it, write on it, and answer the member."""

from collections.abc import Sequence
from dataclasses import replace

from frontdesk import CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import repository
from frontdesk_cases.cases import DESK, Actor, CaseRecord, EntryKind, NewEntry, answer_entry, note_entry, staff_wrote
from frontdesk_cases.changes import Change, ConflictError, SetStatus, make, said
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.macros import Macro, steps


class CaseWork:
    """The work on single cases.

    Args:
        ledger: where they are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def change(
        self, case_id: int, changes: Sequence[Change], by: Actor, *, version: int | None = None
    ) -> CaseRecord:
        """Change a case, all of it or nothing.

        Args:
            case_id: which.
            changes: what to do, in this order.
            by: who does it.
            version: of the case as that person saw it; None to change it whatever happened meanwhile.

        Raises:
            ConflictError: somebody else has changed it since that version.
            CaseError: a change is not allowed, or there is no such case.
        """
        async with self._ledger.begin() as session:
            case = await self._ledger.to_work_on(session, case_id)
            if version is not None and version != case.version:
                raise ConflictError(case, changes)
            return await self._ledger.change(session, case, changes, by)

    async def note(self, case_id: int, text: str, by: Actor, *, key: str | None = None) -> CaseRecord:
        """Put a note for staff on a case.

        Args:
            case_id: which.
            text: the note.
            by: who writes it.
            key: names it: with the same key it is not written again.

        Raises:
            CaseError: it is empty, or there is no such case.
        """
        async with self._ledger.begin() as session:
            case = await self._ledger.to_work_on(session, case_id)
            if key is not None and await repository.has_entry(session, case_id, EntryKind.NOTE, key):
                return case
            entry = _named(note_entry(said(text), by, self._ledger.now()), key)
            return await self._ledger.store(session, case, case, [entry], by)

    async def answer(
        self,
        case_id: int,
        text: str,
        by: Actor,
        changes: Sequence[Change] = (),
        *,
        version: int | None = None,
        key: str | None = None,
    ) -> CaseRecord:
        """Answer the member on the case itself, and perhaps change it in the same step.

        The answer is on its way once this returns (see the follower that delivers). The case then waits for the member,
        unless the changes say otherwise.

        Args:
            case_id: which.
            text: the answer.
            by: who writes it.
            changes: what to do besides, in this order.
            version: of the case as that person saw it; None to answer whatever happened meanwhile.
            key: names the answer: with the same key nothing is written or changed again.

        Raises:
            ConflictError: somebody else has changed the case since that version.
            CaseError: the answer is empty, or a change is not allowed, or there is no such case.
        """
        async with self._ledger.begin() as session:
            case = await self._ledger.to_work_on(session, case_id)
            # Before the version: it was the first time's own answer that has changed the case since.
            if key is not None and await repository.has_entry(session, case_id, EntryKind.MESSAGE, key):
                return case
            if version is not None and version != case.version:
                raise ConflictError(case, changes)
            return await self._answer(session, case, text, by, changes, key=key)

    async def _answer(
        self,
        session: AsyncSession,
        case: CaseRecord,
        text: str,
        by: Actor,
        changes: Sequence[Change],
        *,
        key: str | None = None,
    ) -> CaseRecord:
        at = self._ledger.now()
        answered = staff_wrote(case, at)
        entry = _named(answer_entry(said(text), by, at), key)
        says_status = any(isinstance(change, SetStatus) for change in changes)
        waits = () if says_status or not case.is_open else (SetStatus(CaseStatus.PENDING_CUSTOMER),)
        changes = [*changes, *waits]
        if not make(case, changes, by, at)[1]:  # or a colleague with the page of before would answer once more
            answered = replace(answered, version=case.version + 1)
        case = await self._ledger.store(session, case, answered, [entry], by)
        return await self._ledger.change(session, case, changes, by)

    async def record(self, case_id: int, entry: NewEntry, by: Actor = DESK) -> CaseRecord:
        """Put something on a case's timeline that changes nothing else: a file, a notification, a warning.

        Raises:
            CaseError: there is no such case.
        """
        async with self._ledger.begin() as session:
            case = await self._ledger.to_change(session, case_id)
            return await self._ledger.store(session, case, case, [entry], by)

    async def use_macro(
        self,
        case_id: int,
        macro: Macro,
        number: str,
        by: Actor,
        *,
        version: int | None = None,
        key: str | None = None,
    ) -> CaseRecord:
        """Do all that a macro says to a case, in one step.

        Args:
            case_id: which.
            macro: the macro.
            number: what people call the case.
            by: who uses it.
            version: of the case as that person saw it; None to use it whatever happened meanwhile.
            key: names this use: with the same key nothing is written or changed again.

        Raises:
            ConflictError: somebody else has changed the case since that version.
            CaseError: a change is not allowed, or there is no such case.
        """
        async with self._ledger.begin() as session:
            case = await self._ledger.to_work_on(session, case_id)
            for kind in (EntryKind.MESSAGE, EntryKind.NOTE):
                if key is not None and await repository.has_entry(session, case_id, kind, key):
                    return case
            todo = steps(macro, case, number, by)
            if version is not None and version != case.version:
                raise ConflictError(case, todo.changes)
            if todo.note:
                entry = _named(note_entry(todo.note, by, self._ledger.now()), key)
                case = await self._ledger.store(session, case, case, [entry], by)
            if todo.answer:
                return await self._answer(session, case, todo.answer, by, todo.changes, key=key)
            return await self._ledger.change(session, case, todo.changes, by)


def _named(entry: NewEntry, key: str | None) -> NewEntry:
    return entry if key is None else replace(entry, data={**entry.data, "key": key})
