"""What members and the helpdesk bring: lines, handoffs and ratings go onto the timeline, and move the case on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from frontdesk import CaseStatus, ChangedMessage, Handoff, HandoffState, Person, Rating, RelayedMessage, Speaker
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import file_rows, repository
from frontdesk_cases.cases import (
    DESK,
    Actor,
    CaseRecord,
    NewEntry,
    added_entry,
    changed_message_entry,
    file_entry,
    handoff_entry,
    member_wrote,
    message_entry,
    rating_entry,
    staff_wrote,
)
from frontdesk_cases.changes import CaseError, SetAssignee, SetStatus, said
from frontdesk_cases.ledger import Ledger


class CaseConversation:
    """What is said about cases, by members and in the helpdesk.

    Args:
        ledger: where the cases are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def add_information(self, case_id: int, text: str, person: Person) -> CaseRecord:
        """Add what the member has to say about their case; a finished one is opened again.

        Raises:
            CaseError: it is empty, or there is no such case of theirs.
        """

        async def add(session: AsyncSession) -> CaseRecord:
            own, case = await self._ledger.with_target(session, case_id)
            if (own.guild_id, own.person.user_id) != (person.guild_id, person.user_id):
                raise CaseError("no-case")
            at = self._ledger.now()
            return await self._member_wrote(session, case, [added_entry(said(text), person, at)], at, asks=True)

        return await self._ledger.repeated(add)

    async def record_message(self, message: RelayedMessage) -> bool:
        """Put a line of a conversation, with its files, on the timeline of its case, once.

        Returns:
            False if it has none, or the line stands there.
        """
        case_id = message.case.id if message.case else None
        line = message.line

        async def record(session: AsyncSession) -> bool:
            case = await self._place(session, case_id, message.conversation_id, message.key)
            if case is None:
                return False
            entries = [message_entry(line), *await self._brought(session, case, message)]
            if line.speaker is Speaker.MEMBER:
                await self._member_wrote(session, case, entries, line.said_at, asks=False)
                return True
            by_person = line.speaker is Speaker.AGENT
            after = staff_wrote(case, line.said_at) if by_person else case
            await self._ledger.store(session, case, after, entries, Actor("", line.name))
            return True

        return await self._ledger.repeated(record)

    async def record_change(self, message: ChangedMessage) -> bool:
        """Put new words of a line, or that it was taken back, on each timeline on which the line stands, once.

        A line that stands nowhere yet is about to be told: its change goes to the case of the conversation.

        Returns:
            False if it has no case, or the change stands everywhere.
        """
        async with self._ledger.read() as session:
            places: Sequence[int | None] = sorted(await repository.places(session, message.line.key))
        told = [await self._record_change(message, place) for place in places or [None]]
        return any(told)

    async def _record_change(self, message: ChangedMessage, place: int | None) -> bool:
        case_id = message.case.id if message.case else None

        async def record(session: AsyncSession) -> bool:
            if place is None:
                case = await self._place(session, case_id, message.conversation_id, message.key)
            else:
                _, case = await self._ledger.with_target(session, place)
            if case is None or (message.key and await repository.is_told(session, case.id, message.key)):
                return False
            entry = changed_message_entry(message)
            await self._ledger.store(session, case, case, [entry], Actor("", message.line.name))
            return True

        return await self._ledger.repeated(record)

    async def _brought(self, session: AsyncSession, case: CaseRecord, message: RelayedMessage) -> list[NewEntry]:
        """Note the files of a line that the case does not have yet; their contents are copied afterwards."""
        if not message.files:
            return []
        merged = [each.id for each in await repository.merged_into(session, case.id)]
        new = await file_rows.expect(session, case, message.files, self._ledger.now(), merged=merged)
        return [file_entry(file.id, file.name, file.size, message.line.name, message.line.said_at) for file in new]

    async def record_handoff(self, handoff: Handoff) -> bool:
        """Put a step of a handoff on the timeline of its case, once; False if it has none, or it stands there."""
        case_id = handoff.case.id if handoff.case else None

        async def record(session: AsyncSession) -> bool:
            case = await self._place(session, case_id, handoff.conversation_id, handoff.key)
            if case is None:
                return False
            known = replace(
                case,
                conversation_sid=handoff.conversation_sid or case.conversation_sid,
                task_sid=handoff.task_sid or case.task_sid,
            )
            case = await self._ledger.store(session, case, known, [handoff_entry(handoff)], DESK)
            agent = _agent(handoff)
            if agent is not None and case.assignee is None and handoff.state is HandoffState.ACTIVE:
                await self._ledger.change(session, case, [SetAssignee(agent)], DESK)
            return True

        return await self._ledger.repeated(record)

    async def record_rating(self, rating: Rating) -> bool:
        """Put a member's rating on the timeline of the case, once; False if there is none, or it stands there."""
        case_id = rating.case.id if rating.case else None

        async def record(session: AsyncSession) -> bool:
            case = await self._place(session, case_id, rating.conversation_id, rating.key)
            if case is None:
                return False
            await self._ledger.store(session, case, case, [rating_entry(rating)], Actor("", rating.person.name))
            return True

        return await self._ledger.repeated(record)

    async def _place(
        self, session: AsyncSession, case_id: int | None, conversation_id: int, key: str
    ) -> CaseRecord | None:
        """The case of a line: the one that is named, else the newest one of the conversation if it is open.

        None also if the line stands there, by its key: it was told before. A case that is named belongs to the
        conversation from then on.
        """
        known = case_id if case_id is not None else await repository.of_conversation(session, conversation_id)
        if known is None:
            return None
        try:
            own, case = await self._ledger.with_target(session, known)
        except CaseError:
            return None
        if case_id is None and not case.is_open:
            return None
        if case_id is not None and (own.conversation_id or 0) < conversation_id:  # late news of an earlier one may come
            noted = replace(own, conversation_id=conversation_id)
            await repository.save(session, noted, own)
            case = noted if case.id == own.id else case
        return None if key and await repository.is_told(session, case.id, key) else case

    async def _member_wrote(
        self, session: AsyncSession, case: CaseRecord, entries: Sequence[NewEntry], at: datetime, *, asks: bool
    ) -> CaseRecord:
        reopens = self._reopens(case, at, asks=asks)
        by = Actor("", entries[0].author)
        if by.name and by.name != case.person.name:
            await repository.note_name(session, replace(case.person, name=by.name), at)
        case = await self._ledger.store(session, case, member_wrote(case, at), entries, by)
        if case.status is CaseStatus.PENDING_CUSTOMER:
            return await self._ledger.change(session, case, [SetStatus(CaseStatus.PENDING_US)], DESK)
        return await self._ledger.change(session, case, [SetStatus(CaseStatus.OPEN)], DESK) if reopens else case

    def _reopens(self, case: CaseRecord, at: datetime, *, asks: bool) -> bool:
        """Whether what a member wrote opens a finished case again; a line said before it was finished does not."""
        if case.is_open or case.merged_into is not None:
            return False
        finished_at = case.clocks.resolved_at or case.changed_at
        if at < finished_at:
            return False
        days = timedelta(days=self._ledger.settings_for(case.guild_id).reopen_days)
        closed_at = case.clocks.closed_at or finished_at
        return asks or case.status is CaseStatus.RESOLVED or self._ledger.now() - closed_at <= days


def _agent(handoff: Handoff) -> Actor | None:
    if handoff.agent_identity is None:
        return None
    return Actor(f"flex:{handoff.agent_identity}", handoff.agent or handoff.agent_identity)
