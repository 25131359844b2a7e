"""Answers that staff give somewhere else, as on a case's page: they go into the open conversation, to both sides."""

import asyncio
import contextlib

from frontdesk import Desk, Line, Relayed, RelayState, Speaker, StaffAnswer, State
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, lines, outbox, relay
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.lines import Side
from frontdesk_helpdesk.outbox import Kind, Outbox, key_to_discord, lane_of
from frontdesk_helpdesk.settings import HelpdeskSettings

_MARK = "staff:"


def is_known_elsewhere(key: str) -> bool:
    """Tell by a line's key whether it was said somewhere else, where they know of it already.

    Args:
        key: of a line.
    """
    return key.startswith(_MARK)


class StaffAnswers:
    """Takes answers into conversations.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
        patience: seconds in which an answer mostly arrives, and for which its outcome is waited; who asks has 10.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox, *, patience: float = 6.0) -> None:
        self._desk = desk
        self._outbox = outbox
        self._patience = patience

    async def take_in(self, answer: StaffAnswer) -> Relayed | None:
        """Bring an answer to the member and into the transcript that agents see, once.

        Args:
            answer: what was written.

        Returns:
            What has become of it, so far; None if the conversation is not open.
        """
        key = f"{_MARK}{answer.key}"
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=answer.conversation_id, to_change=True)
            if conversation is None or conversation.person.user_id != answer.person.user_id:
                return None
            if await lines.find(session, conversation.id, key) is None:
                if conversation.ended_at is not None:
                    return None
                await self._relay(session, conversation, key, answer)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._desk.journal.idle(lane_of(conversation.id, "discord"))
        return await self._outcome(conversation.id, key)

    async def _relay(self, session: AsyncSession, conversation: Conversation, key: str, answer: StaffAnswer) -> None:
        person = conversation.person
        shown = self._desk.settings_for(person.guild_id).relay.shown_name(answer.author)
        name = shown or self._desk.say(person.locale, person.guild_id)("live-agent")
        text = relay.as_seen(name, answer.text)
        line = Line(Speaker.AGENT, name, answer.text, answer.said_at)
        await conversations.add_line(session, conversation, key, line, parts=len(outbox.for_discord(text)))
        await self._outbox.to_discord(session, conversation, key, text, said_at=answer.said_at)
        note = self._desk.say(None, person.guild_id)("agent-note-answered", name=answer.author, text=answer.text)
        await self._outbox.to_twilio(session, conversation, key, note, by_member=False)

    async def _outcome(self, conversation_id: int, key: str) -> Relayed:
        """Tell what has become of a line: what has arrived has a name there, of the rest the journal knows."""
        async with self._desk.store.read() as session:
            line = await lines.find(session, conversation_id, key)
            parts = range(1 if line is None else line.parts)
            names = [await lines.their_id(session, conversation_id, key, part, Side.DISCORD) for part in parts]
        missing = [part for part in parts if names[part] is None]
        for part in missing:
            record = await self._desk.journal.find(Kind.TO_DISCORD, key_to_discord(conversation_id, key, part))
            if record is None or record.state is State.REFUSED:
                return Relayed(RelayState.REFUSED, (record and record.reason) or "expired")
        return Relayed(RelayState.UNDER_WAY if missing else RelayState.ARRIVED)
