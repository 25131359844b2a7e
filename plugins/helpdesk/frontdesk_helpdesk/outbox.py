"""What the desk writes into the journal: the lanes of a conversation, the kinds of entries, and their payloads."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from frontdesk import DISCORD_LIMIT, Journal, split_text
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.arrivals import Arrival
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.files import KnownFile

TWILIO_LIMIT = 10_000
"""Characters of a line: with at most 3 bytes a UTF-16 unit they stay below the 32 kB that Twilio takes
(https://www.twilio.com/docs/conversations/conversations-limits), and they can still be read in Flex."""

_ROOM_FOR_TIME = 80
"""Units of a message that are left for the time at which it was said."""

NEW_CHANNELS = "helpdesk/new-channels"
"""The lane of those who have no direct message channel with the bot yet."""


class Kind(StrEnum):
    """The kinds of journal entries of the helpdesk."""

    OPEN = "helpdesk.open"
    TO_TWILIO = "helpdesk.to-twilio"
    HAND_OVER = "helpdesk.hand-over"
    DETACH_STUDIO = "helpdesk.detach-studio"
    ATTACH_STUDIO = "helpdesk.attach-studio"
    BRIEFING = "helpdesk.briefing"
    TASK_ATTRIBUTES = "helpdesk.task-attributes"
    WITHDRAW = "helpdesk.withdraw"
    WHO_CAME = "helpdesk.who-came"
    AFTER_LEFT = "helpdesk.after-left"
    QUEUE_NEWS = "helpdesk.queue-news"
    TO_DISCORD = "helpdesk.to-discord"
    CLOSE_THREAD = "helpdesk.close-thread"
    ENTER = "helpdesk.enter"
    ANSWER = "helpdesk.answer"
    CASE = "helpdesk.case"
    REACTION = "helpdesk.reaction"
    CHANGE_IN_TWILIO = "helpdesk.change-in-twilio"
    CHANGE_IN_DISCORD = "helpdesk.change-in-discord"
    KEEP = "helpdesk.keep"


class Button(StrEnum):
    """Buttons under a message of the desk; the value is the action in the custom_id."""

    TALK = "talk"
    RATE = "rate"
    COMMENT = "comment"
    TRANSCRIPT = "transcript"
    CONTINUE = "continue"
    CANCEL = "cancel"


class Outbox:
    """Writes entries; nothing is sent before the caller's transaction is committed.

    Args:
        journal: the journal.
        to_twilio: whether there is a Twilio account; without one nothing is written for it.
    """

    def __init__(self, journal: Journal, *, to_twilio: bool) -> None:
        self._journal = journal
        self._to_twilio = to_twilio

    async def open(self, session: AsyncSession, conversation: Conversation) -> None:
        """Have the Twilio Conversation created."""
        if self._to_twilio:
            await self._write(session, conversation, "twilio", Kind.OPEN, f"open:{conversation.id}")

    async def to_twilio(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        text: str,
        *,
        by_member: bool,
        files: Sequence[KnownFile] = (),
        said_at: datetime | None = None,
        first: int = 0,
        revision: int = 0,
    ) -> None:
        """Have a line added to the Twilio Conversation; a long one becomes several, and so does each file.

        Args:
            session: a writing transaction.
            conversation: which.
            key: the line's key, or a notice's own.
            text: what to add.
            by_member: as the member, which wakes the Studio flow; else as the desk, which does not.
            files: what came with it.
            said_at: when it was said, which a late line tells.
            first: parts before this one have been added already.
            revision: of a line that has grown by being changed.
        """
        if not self._to_twilio:
            for file in files:
                await self._write(session, conversation, "files", Kind.KEEP, f"keep:{file.id}", file=file.id)
            return
        for number, part, file_id, last in _pieces(for_twilio(text), files):
            if number < first:
                continue
            await self._write(
                session,
                conversation,
                "twilio",
                Kind.TO_TWILIO,
                f"{conversation.id}:{key}" + (f":{number}" if number else "") + _at(revision),
                line=key,
                number=number,
                last=last,
                text=part,
                file=file_id,
                by_member=by_member,
                said_at=None if said_at is None else said_at.isoformat(),
            )

    async def change_in_twilio(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        number: int,
        *,
        revision: int,
        text: str | None,
        revised_at: datetime | None = None,
    ) -> None:
        """Have a part of a line changed in the Twilio Conversation, after all that was written before.

        Args:
            session: a writing transaction.
            conversation: which.
            key: the line's key.
            number: which part or file of it.
            revision: names the change.
            text: the new words; None to remove it.
            revised_at: when its speaker changed it, which tells who is too fast.
        """
        if self._to_twilio:
            entry = f"{conversation.id}:{key}:{number}@{revision}"
            moment = None if revised_at is None else revised_at.isoformat()
            await self._write(
                session, conversation, "twilio", Kind.CHANGE_IN_TWILIO, entry,
                line=key, number=number, text=text, revision=revision, said_at=moment,
            )  # fmt: skip

    async def change_in_discord(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        number: int,
        *,
        revision: int,
        text: str | None,
    ) -> None:
        """Have a part of a line changed in the member's channel; see `change_in_twilio`."""
        entry = f"{conversation.id}:{key}:{number}@{revision}"
        kind = Kind.CHANGE_IN_DISCORD
        await self._write(
            session, conversation, "discord", kind, entry, line=key, number=number, text=text, revision=revision
        )

    async def reaction(
        self,
        session: AsyncSession,
        conversation: Conversation,
        discord_id: int,
        *,
        emoji: str,
        quote: str,
        reacted_at: datetime,
        is_gone: bool = False,
        turn: int = 0,
    ) -> None:
        """Have the agent told of a member's reaction, or that it was taken back; each turn of an emoji once.

        Args:
            session: a writing transaction.
            conversation: which.
            discord_id: the message.
            emoji: as the agent can read it.
            quote: the beginning of the message.
            reacted_at: when, which tells who is too fast.
            is_gone: whether it was taken back.
            turn: how often this emoji of the message had been given or taken back before.
        """
        if self._to_twilio:
            key = f"{conversation.id}:reaction:{discord_id}:{emoji}" + _at(turn)
            await self._write(
                session, conversation, "twilio", Kind.REACTION, key, line=key, message=str(discord_id), emoji=emoji,
                turn=turn, is_gone=is_gone, quote=quote, by_member=False, said_at=reacted_at.isoformat(),
            )  # fmt: skip

    async def hand_over(
        self, session: AsyncSession, conversation: Conversation, *, again: bool = False, after: str | None = None
    ) -> None:
        """Have the conversation handed to Flex, before the member's next line reaches the flow.

        Args:
            session: a writing transaction.
            conversation: which.
            again: without a word of the member, because an agent has left, or a task was in the way.
            after: the task that was in the way.
        """
        if self._to_twilio:
            key, request = key_of_hand_over(conversation, after=after), conversation.requests
            await self._write(session, conversation, "twilio", Kind.HAND_OVER, key, request=request, again=again)

    async def briefing(self, session: AsyncSession, conversation: Conversation) -> None:
        """Have the agent's first message written: who asks, what for, what was said."""
        if self._to_twilio:
            key = f"briefing:{conversation.id}:{conversation.requests}"
            await self._write(session, conversation, "twilio", Kind.BRIEFING, key, line=key, text="", by_member=False)

    async def task_attributes(self, session: AsyncSession, conversation: Conversation) -> None:
        """Have the attributes written into a task that the desk did not ask for."""
        if self._to_twilio:
            key = f"task-attributes:{conversation.id}:{conversation.requests}"
            await self._write(session, conversation, "twilio", Kind.TASK_ATTRIBUTES, key)

    async def detach_studio(self, session: AsyncSession, conversation: Conversation, moment: datetime) -> None:
        """Have the Studio flow taken off the conversation, or each later line would start another execution."""
        if self._to_twilio:
            key = f"detach-studio:{conversation.id}:{moment.timestamp()}"
            await self._write(session, conversation, "twilio", Kind.DETACH_STUDIO, key)

    async def attach_studio(self, session: AsyncSession, conversation: Conversation, moment: datetime) -> None:
        """Have the Studio flow put back: the virtual agent speaks again."""
        if self._to_twilio:
            key = f"attach-studio:{conversation.id}:{moment.timestamp()}"
            await self._write(session, conversation, "twilio", Kind.ATTACH_STUDIO, key)

    async def withdraw(
        self,
        session: AsyncSession,
        conversation: Conversation,
        *,
        task_sid: str | None = None,
        interaction_sid: str | None = None,
        channel_sid: str | None = None,
    ) -> None:
        """Have a request taken back at Flex.

        Args:
            session: a writing transaction.
            conversation: which.
            task_sid: a task of it that has come late, and is closed if it still waits by then.
            interaction_sid: a certain Interaction; None for whichever the conversation has by then.
            channel_sid: its channel.
        """
        if self._to_twilio:
            key = f"withdraw:{conversation.id}:{task_sid or conversation.requests}"
            await self._write(
                session, conversation, "twilio", Kind.WITHDRAW, key, request=conversation.withdrawn,
                task=task_sid, interaction_sid=interaction_sid, channel_sid=channel_sid,
            )  # fmt: skip

    async def who_came(
        self,
        session: AsyncSession,
        conversation: Conversation,
        participant_sid: str,
        *,
        identity: str,
        name: str | None,
    ) -> None:
        """Have it read whether an agent who joined is still there, once the withdrawal before is through.

        Args:
            session: a writing transaction.
            conversation: which.
            participant_sid: the agent's.
            identity: the agent's, towards Twilio.
            name: the agent's, if Twilio has told it.
        """
        if self._to_twilio:
            key = f"who-came:{conversation.id}:{participant_sid}"
            await self._write(
                session, conversation, "twilio", Kind.WHO_CAME, key,
                participant=participant_sid, identity=identity, name=name,
            )  # fmt: skip

    async def after_left(self, session: AsyncSession, conversation: Conversation, participant_sid: str) -> None:
        """Have Flex asked what follows now that no agent is there any more."""
        if self._to_twilio:
            key = f"after-left:{conversation.id}:{participant_sid}"
            await self._write(session, conversation, "flex", Kind.AFTER_LEFT, key)

    async def queue_news(
        self, session: AsyncSession, conversation: Conversation, key: str, task_sid: str, *, declined: bool = False
    ) -> None:
        """Have TaskRouter asked how the queue stands, and the member told.

        Args:
            session: a writing transaction.
            conversation: which.
            key: names the occasion.
            task_sid: the task that waits.
            declined: because an agent did not take it; it is news only if no other is free.
        """
        if self._to_twilio:
            key = f"queue-news:{conversation.id}:{key}"
            await self._write(session, conversation, "flex", Kind.QUEUE_NEWS, key, task=task_sid, declined=declined)

    async def case(self, session: AsyncSession, conversation: Conversation, *, nobody: str | None = None) -> None:
        """Have a case opened for the request for a person.

        Args:
            session: a writing transaction.
            conversation: which.
            nobody: why nobody is asked to join: ``"no-account"`` or ``"closed"``; None if somebody is.
        """
        key = f"case:{conversation.id}:{conversation.requests}"
        await self._write(session, conversation, "case", Kind.CASE, key, request=conversation.requests, nobody=nobody)

    async def answer(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        text: str,
        *,
        said_at: datetime | None = None,
    ) -> None:
        """Have the virtual agent answer a question of the member.

        Args:
            session: a writing transaction.
            conversation: which.
            key: the line's key.
            text: the question.
            said_at: when it was asked, if nothing else has kept the member's pace.
        """
        moment = None if said_at is None else said_at.isoformat()
        entry = f"{conversation.id}:{key}"
        await self._write(session, conversation, "answer", Kind.ANSWER, entry, line=key, text=text, said_at=moment)

    async def to_discord(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        text: str,
        *,
        buttons: Sequence[Button] = (),
        from_agent: bool = False,
        files: Sequence[KnownFile] = (),
        said_at: datetime | None = None,
        first: int = 0,
        revision: int = 0,
    ) -> None:
        """Have a message sent to the member; a long one becomes several, and so does each file.

        Args:
            session: a writing transaction.
            conversation: which.
            key: the line's key, or a notice's own.
            text: what to send, as Markdown.
            buttons: under the last part.
            from_agent: whether a live agent waits for it to arrive, and is told if it cannot.
            files: what came with it.
            said_at: when it was said, which a late line tells.
            first: parts before this one have been sent already.
            revision: of a line that has grown by being changed.
        """
        for number, part, file_id, last in _pieces(for_discord(text), files):
            if number < first:
                continue
            await self._write(
                session,
                conversation,
                "discord",
                Kind.TO_DISCORD,
                key_to_discord(conversation.id, key, number) + _at(revision),
                line=key,
                number=number,
                last=last,
                text=part,
                file=file_id,
                buttons=[button.value for button in buttons] if last else [],
                from_agent=from_agent,
                said_at=None if said_at is None else said_at.isoformat(),
            )

    async def close_thread(self, session: AsyncSession, conversation: Conversation) -> None:
        """Have the private thread closed, after everything that was said in it."""
        await self._write(session, conversation, "discord", Kind.CLOSE_THREAD, f"close-thread:{conversation.id}")

    async def enter(self, session: AsyncSession, arrival: Arrival, *, new_channel: bool) -> None:
        """Have a conversation opened for somebody who has said all.

        Args:
            session: a writing transaction.
            arrival: who.
            new_channel: whether a direct message channel has to be opened, which has its pace: these wait in one lane.
        """
        lane = NEW_CHANNELS if new_channel else f"helpdesk:enter:{arrival.user_id}"
        payload = {"arrival": arrival.id}
        await self._journal.write(session, lane=lane, key=f"enter:{arrival.id}", kind=Kind.ENTER, payload=payload)

    async def _write(
        self, session: AsyncSession, conversation: Conversation, lane: str, kind: Kind, key: str, **payload: object
    ) -> None:
        await self._journal.write(
            session,
            lane=lane_of(conversation.id, lane),
            key=key,
            kind=kind,
            payload={"conversation": conversation.id, **payload},  # type: ignore[dict-item]  # all JSON
        )


def lane_of(conversation_id: int, side: str) -> str:
    """Name the lane of a conversation towards one side: ``twilio``, ``flex``, ``discord``, ``answer`` or ``case``."""
    return f"helpdesk:{conversation_id}:{side}"


def key_of_hand_over(conversation: Conversation, *, after: str | None = None) -> str:
    """Name the journal entry that hands a conversation's newest request over, or does so again after a task."""
    return f"hand-over:{conversation.id}:{conversation.requests}" + ("" if after is None else f":after:{after}")


def key_to_discord(conversation_id: int, key: str, number: int) -> str:
    """Name the journal entry of a part of a line to the member."""
    return f"{conversation_id}:{key}:{number}"


def _at(revision: int) -> str:
    return f"@{revision}" if revision else ""


def for_discord(text: str) -> list[str]:
    """Cut a text into messages for the member."""
    return split_text(text, DISCORD_LIMIT - _ROOM_FOR_TIME)


def for_twilio(text: str) -> list[str]:
    """Cut a text into lines for a Twilio Conversation."""
    return split_text(text, TWILIO_LIMIT)


def _pieces(parts: Sequence[str], files: Sequence[KnownFile]) -> list[tuple[int, str, str | None, bool]]:
    """Number what becomes a message each: number, text, file, and whether it is the last."""
    pieces: list[tuple[int, str, str | None]] = [(number, part, None) for number, part in enumerate(parts)]
    pieces += [(file.number, "", file.id) for file in files]
    return [(*piece, position == len(pieces)) for position, piece in enumerate(pieces, 1)]
