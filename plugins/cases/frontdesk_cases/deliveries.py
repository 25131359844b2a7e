"""What is written on a case reaches the member: answers and notices go through the journal, each once, in order."""

from collections.abc import Mapping, Sequence

from frontdesk import (
    Desk,
    Entry,
    NoAnswerError,
    Receipt,
    Refused,
    Relayed,
    RelayState,
    Retry,
    StaffAnswer,
    relay_answer,
)
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import repository
from frontdesk_cases.cases import DESK, CaseRecord, Event, TimelineEntry, notified_entry
from frontdesk_cases.direct import DirectMessages, Letter
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.letters import Letters
from frontdesk_cases.notices import is_answer, is_stale, notices
from frontdesk_cases.settings import CasesSettings

ANSWER = "cases.answer"
NOTICE = "cases.notice"

_ASK_AT_LEAST_EVERY = 30.0  # seconds, for an answer that is under way in a conversation


def lane_of(case: CaseRecord) -> str:
    """Name the lane of a case's member: what they are told comes in the order in which it happened."""
    return f"cases:person:{case.guild_id}:{case.person.user_id}"


class Telling:
    """Follows all cases: what the member must hear of is written into the journal.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk
        self._letters = Letters(desk)

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Write what the member is to be told, in the transaction of the event."""
        for entry in event.entries:
            if is_answer(entry):
                words = self._letters.words_of_answer(event.case, entry)
                await self._write(session, event.case, ANSWER, entry, words=words)
        for notice in notices(event, self._desk.settings_for(event.case.guild_id).notify):
            words = self._letters.words_of_notice(event.case, notice.what, notice.entry)
            await self._write(session, event.case, NOTICE, notice.entry, what=notice.what, words=words)

    async def _write(
        self, session: AsyncSession, case: CaseRecord, kind: str, entry: TimelineEntry, **more: str | Mapping[str, str]
    ) -> None:
        await self._desk.journal.write(
            session,
            lane=lane_of(case),
            key=str(entry.id),
            kind=kind,
            payload={"case": case.id, "entry": entry.id, **more},
        )


class _ToMember:
    """What both deliveries share: the case and the entry, and the timeline's line about the outcome."""

    def __init__(self, desk: Desk[CasesSettings], ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._direct = DirectMessages(desk)
        self._letters = Letters(desk)

    async def _known(self, entry: Entry) -> tuple[CaseRecord, TimelineEntry]:
        case_id, entry_id = int(str(entry.payload["case"])), int(str(entry.payload["entry"]))
        async with self._ledger.read() as session:
            case = await repository.by_id(session, case_id)
            lines = await repository.entries(session, [case_id], [entry_id])
        if case is None or not lines:
            raise Refused("gone", "the case is not in the database any more")
        return case, lines[0]

    async def _record(self, session: AsyncSession, entry: Entry, what: str, outcome: Receipt | Refused) -> None:
        data = {"entry": str(entry.payload["entry"])}
        if isinstance(outcome, Refused):
            self._desk.log.warning("member not told", case_id=entry.payload["case"], reason=outcome.reason)
            how, data = "refused", data | {"reason": outcome.reason}
        else:
            how = "relayed" if outcome.get("relayed") else "delivered"
        case_id = int(str(entry.payload["case"]))
        case = await repository.to_change(session, case_id)
        if case is not None:
            told = notified_entry(what, how, self._desk.now(), **data)
            await self._ledger.store(session, case, case, [told], DESK)


class AnswerDelivery(_ToMember):
    """Brings an answer into the open conversation of the helpdesk, or else into a direct message.

    Args:
        desk: what the plugin was given.
        ledger: where the cases are.
    """

    async def send(self, entry: Entry) -> Receipt:
        """Ask the helpdesk to take it, or send it; asking again relays it once."""
        case, line = await self._known(entry)
        for conversation_id in await self._conversations(case):
            relayed = await self._relay(case, conversation_id, line)
            if relayed is not None:
                return _receipt(relayed, asked=entry.attempts)
        return await self._direct.send(entry, self._letter(entry, case, line))

    async def _conversations(self, case: CaseRecord) -> Sequence[int]:
        """List the conversations of a case and of those merged into it, the oldest first."""
        async with self._ledger.read() as session:
            together = [case, *await repository.merged_into(session, case.id)]
        # A member has one open conversation. The oldest first: one that took the answer before it ended says so, and
        # a newer one does not get it again.
        return sorted({each.conversation_id for each in together if each.conversation_id is not None})

    def _letter(self, entry: Entry, case: CaseRecord, line: TimelineEntry) -> Letter:
        words = _words(entry) or self._letters.words_of_answer(case, line)
        return self._letters.answer(case, line, words)

    async def _relay(self, case: CaseRecord, conversation_id: int, line: TimelineEntry) -> Relayed | None:
        answer = StaffAnswer(f"case:{line.id}", conversation_id, case.person, line.author, line.text, line.at)
        try:
            return await self._desk.hooks.insist(relay_answer, answer=answer)
        except NoAnswerError as error:
            raise Retry(str(error)) from error

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the direct messages; the helpdesk is asked again anyway."""
        case, line = await self._known(entry)
        return await self._direct.find(entry, self._letter(entry, case, line))

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Put on the timeline whether it has reached the member."""
        await self._record(session, entry, "answer", outcome)


def _words(entry: Entry) -> Mapping[str, str] | None:
    """The words as they were kept; None of an entry from before they were."""
    words = entry.payload.get("words")
    return {name: str(text) for name, text in words.items()} if isinstance(words, Mapping) else None


def _receipt(relayed: Relayed, *, asked: int) -> Receipt:
    """Tell the journal of an answer that the helpdesk has taken: nothing is kept before that is settled."""
    if relayed.state is RelayState.UNDER_WAY:
        raise Retry("the answer is under way in the conversation", after=min(_ASK_AT_LEAST_EVERY, 1.0 + asked))
    if relayed.state is RelayState.REFUSED:
        raise Refused(relayed.reason, "the answer was refused in the conversation")
    return {"relayed": True}


class NoticeDelivery(_ToMember):
    """Tells the member what has become of their case, unless that is not true any more.

    Args:
        desk: what the plugin was given.
        ledger: where the cases are.
    """

    async def send(self, entry: Entry) -> Receipt:
        """Send the notice."""
        case, line = await self._known(entry)
        if is_stale(str(entry.payload["what"]), case):
            return {"stale": True}
        return await self._direct.send(entry, self._letter(entry, case, line))

    def _letter(self, entry: Entry, case: CaseRecord, line: TimelineEntry) -> Letter:
        words = _words(entry) or self._letters.words_of_notice(case, str(entry.payload["what"]), line)
        return self._letters.notice(case, words)

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the direct messages."""
        case, line = await self._known(entry)
        return await self._direct.find(entry, self._letter(entry, case, line))

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Put on the timeline whether it has reached the member."""
        if isinstance(outcome, Refused) or not outcome.get("stale"):
            await self._record(session, entry, str(entry.payload["what"]), outcome)
