"""What happens in a conversation: the member writes, asks for a person, the agent writes, the handoff goes on.

Each method is one transaction: what was said, what it changes, and what follows from it go into the database together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from frontdesk import (
    Desk,
    HandoffState,
    Line,
    Person,
    RelayedMessage,
    Say,
    Speaker,
)
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, files, lines, outbox, relay, ways
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.files import GivenFile, KnownFile
from frontdesk_helpdesk.handoff import BOT_SPEAKS, WAITING, AgentSign
from frontdesk_helpdesk.hours import closed_sentence
from frontdesk_helpdesk.intent import asks_for_a_person
from frontdesk_helpdesk.markdown import escaped, unquoted
from frontdesk_helpdesk.outage import Outage
from frontdesk_helpdesk.outbox import Button, Outbox
from frontdesk_helpdesk.progress import Progress
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.storable import storable


@dataclass(frozen=True, slots=True)
class TwilioMessage:
    """A message as it stands in a Twilio Conversation.

    Args:
        sid: ``IM...``.
        index: its place in the Conversation, from 0.
        author: the identity that wrote it.
        text: its body; empty for media alone.
        ours: whether we put it there.
        said_at: when (UTC).
        files: what came with it.
        revised_at: when it was changed last (UTC).
        participant: the participant who wrote it, ``MB...``; None if the author takes no part.
    """

    sid: str
    index: int
    author: str
    text: str
    ours: bool
    said_at: datetime
    files: tuple[GivenFile, ...] = ()
    revised_at: datetime | None = None
    participant: str | None = None


_NOTES = {"dm-closed": "agent-note-dm-closed", "file-gone": "agent-note-file-gone"}


class Gap(Exception):
    """Messages in between are not known yet: the Conversation must be read."""


class Bridge:
    """The conversations of one bot.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
        progress: takes in where the handoff stands.
        outage: knows whether Twilio can be reached.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox, progress: Progress, outage: Outage) -> None:
        self._desk = desk
        self._outbox = outbox
        self._outage = outage
        self.progress = progress

    def say(self, person: Person) -> Say:
        """Give the sentences in a member's language."""
        return self._desk.say(person.locale, person.guild_id)

    async def open(
        self,
        person: Person,
        *,
        channel_id: int,
        last_discord_id: int,
        category: str | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> tuple[Conversation, bool]:
        """Open a conversation with a greeting, or find the one that is open.

        Args:
            person: the member.
            channel_id: their direct message channel.
            last_discord_id: messages up to this one do not belong to it.
            category: what they chose.
            answers: of the first questions.

        Returns:
            The conversation, and whether it is new.
        """
        async with self._desk.store.begin() as session:
            known = await conversations.newest_of(session, person.user_id)
            if known is not None and known.ended_at is None:
                return known, False
            now = self._desk.now()
            conversation = await conversations.create(
                session,
                person,
                channel_id=channel_id,
                last_discord_id=last_discord_id,
                now=now,
                category=category,
                answers=answers,
            )
            await self._outbox.open(session, conversation)
            await self._greet(session, conversation, "greeting")
            return conversation, True

    async def greet_again(self, conversation: Conversation, key: str) -> None:
        """Repeat the greeting, which the member did not get.

        Args:
            conversation: which.
            key: names the repetition.
        """
        async with self._desk.store.begin() as session:
            await self._greet(session, conversation, f"greeting:{key}")

    async def _greet(self, session: AsyncSession, conversation: Conversation, key: str) -> None:
        person = conversation.person
        greeting = self.say(person)("greeting", name=escaped(person.name))
        await self._outbox.to_discord(session, conversation, key, greeting, buttons=[Button.TALK])

    async def member_wrote(
        self,
        conversation_id: int,
        *,
        key: str,
        text: str,
        said_at: datetime,
        discord_id: int | None,
        channel_id: int | None = None,
        given: Sequence[GivenFile] = (),
    ) -> bool:
        """Take in what the member wrote; from here on it cannot be lost.

        Args:
            conversation_id: which conversation.
            key: names the line; it is taken in once.
            text: what they wrote.
            said_at: when (UTC).
            discord_id: the message; None for a note that came with the command.
            channel_id: the channel in which that stands.
            given: the files that came with it.

        Returns:
            False if it was known already, or the conversation has ended.
        """
        text = storable(text)
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.ended_at is not None:
                return False
            line = Line(Speaker.MEMBER, conversation.person.name, text, said_at)
            parts = len(outbox.for_twilio(text))
            ids = {"discord_id": discord_id, "channel_id": channel_id}
            known = await self._keep(session, conversation, key, line, given=given, parts=parts, **ids)
            if known is None:
                return False
            if discord_id is not None and discord_id > conversation.last_discord_id:
                await conversations.change(session, conversation.id, last_discord_id=discord_id)
            own = unquoted(text)  # a reply to the greeting quotes "talk to a person"
            wants_person = conversation.state in BOT_SPEAKS and asks_for_a_person(own)
            if wants_person:
                conversation = await self.request(session, conversation)
            elif conversation.state in BOT_SPEAKS and text:
                await conversations.change(session, conversation.id, question=own)
            await self._outbox.to_twilio(session, conversation, key, text, by_member=True, files=known, said_at=said_at)
            if text and not wants_person and self._answers_itself and self._outage.bot_speaks(conversation):
                await self._outbox.answer(session, conversation, key, own, said_at=said_at)
            return True

    async def _keep(
        self,
        session: AsyncSession,
        conversation: Conversation,
        key: str,
        line: Line,
        *,
        given: Sequence[GivenFile],
        parts: int,
        **ids: Any,
    ) -> list[KnownFile] | None:
        """Keep a line and what is known of its files; None if it was there already."""
        if not given:
            is_new = await conversations.add_line(session, conversation, key, line, parts=parts, **ids)
            return [] if is_new else None
        if await lines.find(session, conversation.id, key) is not None:
            return None
        now = self._desk.now()
        known = await files.register(session, conversation, key, given, self._file_link, now=now)
        shown = replace(line, text=files.with_links(line.text, known))
        if not await conversations.add_line(session, conversation, key, shown, words=line.text, parts=parts, **ids):
            return None
        return known

    def _file_link(self, id_: str) -> str:
        return self._desk.signed_url(f"/files/{id_}")

    @property
    def _answers_itself(self) -> bool:
        """Whether no Studio flow asks the virtual agent: there is none, or it cannot be reached."""
        if self._desk.twilio is None or self._desk.settings.routing == "direct" or self._outage.is_on:
            return True
        return not self._desk.services.twilio_settings.studio_flow_sid

    async def flow_asks(self, conversation: Conversation, message_sid: str, text: str) -> None:
        """Take in that the Studio flow wants the virtual agent to answer a line; it is answered once."""
        async with self._desk.store.begin() as session:
            key = await lines.key_at_twilio(session, conversation.id, message_sid, text)
            own = unquoted(text)
            if key is None or not (key.startswith("press:") or asks_for_a_person(own)):
                await self._outbox.answer(session, conversation, key or message_sid, own)

    async def member_pressed_talk(self, conversation_id: int, *, key: str, text: str) -> bool:
        """Take in that the member pressed the button for a person.

        Args:
            conversation_id: which conversation.
            key: names the press.
            text: the button's label, which stands in the transcript as the member's words.

        Returns:
            False if a person was asked for already, or the conversation has ended.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.ended_at is not None or conversation.state not in BOT_SPEAKS:
                return False
            line = Line(Speaker.MEMBER, conversation.person.name, text, self._desk.now())
            if not await conversations.add_line(session, conversation, key, line):
                return False
            conversation = await self.request(session, conversation)
            await self._outbox.to_twilio(session, conversation, key, text, by_member=True)
            return True

    async def request(self, session: AsyncSession, conversation: Conversation) -> Conversation:
        """Ask for a person: a case is opened, and Flex is told.

        Args:
            session: a writing transaction.
            conversation: in a state in which the virtual agent speaks.

        Returns:
            The conversation as it is then.
        """
        requested = await self.progress.enter(session, conversation, HandoffState.REQUESTED)
        nobody = self._why_nobody(conversation)
        await self._outbox.case(session, requested, nobody=nobody)
        if nobody is None:
            await self._outbox.briefing(session, requested)
            await self._outbox.hand_over(session, requested)
        return requested

    def _why_nobody(self, conversation: Conversation) -> str | None:
        if self._desk.twilio is None:
            return "no-account"
        hours = self._desk.settings_for(conversation.person.guild_id).hours
        return "closed" if hours.outside == "case" and not hours.is_open(self._desk.now()) else None

    async def answered(
        self, session: AsyncSession, conversation: Conversation, key: str, text: str, *, offer: bool
    ) -> None:
        """Say what the virtual agent found, unless a person has been asked for in the meantime.

        Args:
            session: the transaction that settles the answer.
            conversation: which.
            key: the question's key.
            text: the answer.
            offer: whether to offer a person.
        """
        present = await conversations.find(session, number=conversation.id, to_change=True)
        if present is None or not self._outage.bot_speaks(present):
            return
        say = self.say(conversation.person)
        line = Line(Speaker.VIRTUAL_AGENT, say("virtual-agent"), text, self._desk.now())
        await conversations.add_line(session, conversation, f"answer:{key}", line)
        buttons = [Button.TALK] if offer else []
        await self._outbox.to_discord(session, conversation, f"answer:{key}", text, buttons=buttons)
        await self._outbox.to_twilio(session, conversation, f"answer:{key}", text, by_member=False)

    async def twilio_has(self, conversation_id: int, messages: Iterable[TwilioMessage], *, complete: bool) -> None:
        """Take in messages of the Twilio Conversation, in order, each once.

        Args:
            conversation_id: which conversation.
            messages: what Twilio told or what was read.
            complete: whether nothing older than these is missing.

        Raises:
            Gap: if messages in between are missing; nothing was taken in.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None:
                return
            fresh = sorted((m for m in messages if m.index > conversation.last_index), key=lambda m: m.index)
            if not fresh:
                return
            if not complete and fresh[0].index != conversation.last_index + 1:
                raise Gap
            for message in fresh:
                if not message.ours and message.author != conversation.identity and (message.text or message.files):
                    conversation = await self._agent_wrote(session, conversation, message)
            await conversations.change(session, conversation.id, last_index=fresh[-1].index)

    async def _agent_wrote(
        self, session: AsyncSession, conversation: Conversation, message: TwilioMessage
    ) -> Conversation:
        agents = await ways.agents_of(session, conversation.id)
        present = {agent.participant_sid for agent in agents if agent.present}
        is_expected = conversation.state is HandoffState.ACTIVE and message.participant in present
        if message.participant is not None and not is_expected:
            sign = AgentSign(message.participant, message.author, True, certain=True)
            conversation = await self.progress.apply(session, conversation, sign)
            agents = await ways.agents_of(session, conversation.id)
        key = f"twilio:{message.sid}"
        name = next((agent.name for agent in agents if agent.identity == message.author and agent.name), None)
        if name is None:
            known = conversation.agent if message.author == conversation.agent_identity else None
            team = self._desk.settings_for(conversation.person.guild_id).relay.shown_name(None)
            name = known or team or self.say(conversation.person)("live-agent")
        line = Line(Speaker.AGENT, name, message.text, message.said_at)
        text = relay.as_seen(name, message.text)
        parts = len(outbox.for_discord(text))
        kept = await self._keep(
            session, conversation, key, line, given=message.files, parts=parts, message_sid=message.sid
        )
        if kept is not None:
            await self._outbox.to_discord(
                session, conversation, key, text, from_agent=True, files=kept, said_at=message.said_at
            )
        return conversation

    async def case_opened(
        self, session: AsyncSession, conversation: Conversation, *, request: int, nobody: str | None
    ) -> None:
        """Tell the member what became of the request: a case's number, or that it has been noted.

        Args:
            session: the transaction that settles the case.
            conversation: as it is now.
            request: which request of the conversation.
            nobody: why nobody was asked to join; None if somebody was.
        """
        say = self.say(conversation.person)
        buttons = [Button.CANCEL] if nobody is None and conversation.state is HandoffState.REQUESTED else []
        if nobody is not None:
            reason = "no Twilio account" if nobody == "no-account" else "out of hours"
            await self.progress.enter(session, conversation, HandoffState.FAILED, reason=reason, told=False)
        number = conversation.case.number if conversation.case else None
        if nobody == "no-account":
            text = say("noted-with-case", number=number) if number else say("nobody-here")
        elif nobody == "closed":
            hours = self._desk.settings_for(conversation.person.guild_id).hours
            text = closed_sentence(say, hours.next_opening(self._desk.now()), number)
        elif conversation.state not in WAITING | {HandoffState.ACTIVE, HandoffState.LEFT}:
            if number is None:
                return
            text = say("case-number", number=number)  # the request is over by now, and that has been said
        else:
            sentence = "case-continued" if conversation.case_key else "case-opened"
            text = say(sentence, number=number) if number else say("request-noted")
        await self._outbox.to_discord(session, conversation, f"case:{request}", text, buttons=buttons)

    async def held(self, conversation: Conversation, key: str) -> None:
        """Tell the agent that the member cannot be reached at the moment, and that the line waits for them."""
        async with self._desk.store.begin() as session:
            text = self._desk.say(None, conversation.person.guild_id)("agent-note-held")
            await self._outbox.to_twilio(session, conversation, f"held:{key}", text, by_member=False)

    async def undelivered_to_agent(self, session: AsyncSession, conversation: Conversation, key: str) -> None:
        """Tell the member that a line of theirs did not reach the other side."""
        text = self.say(conversation.person)("not-delivered")
        await self._outbox.to_discord(session, conversation, f"undelivered:{key}", text)

    async def undelivered_to_member(
        self, session: AsyncSession, conversation: Conversation, key: str, reason: str, *, from_agent: bool
    ) -> None:
        """Tell the agent that the member could not be reached: for each line of theirs, and once for our own."""
        if not from_agent and conversation.state in WAITING | {HandoffState.ACTIVE}:
            key = str(conversation.requests)
        if from_agent or conversation.state in WAITING | {HandoffState.ACTIVE}:
            sentence = _NOTES.get(reason, "agent-note-not-delivered")
            text = self._desk.say(None, conversation.person.guild_id)(sentence)
            await self._outbox.to_twilio(session, conversation, f"undelivered:{key}", text, by_member=False)

    async def change_not_made(
        self, session: AsyncSession, conversation: Conversation, key: str, *, for_member: bool
    ) -> None:
        """Tell whoever changed a line that the other side still has the old one."""
        if for_member:
            text = self.say(conversation.person)("change-not-made")
            await self._outbox.to_discord(session, conversation, f"change:{key}", text)
        else:
            text = self._desk.say(None, conversation.person.guild_id)("agent-note-change-not-made")
            await self._outbox.to_twilio(session, conversation, f"change:{key}", text, by_member=False)

    async def relayed(
        self, session: AsyncSession, conversation: Conversation, line: Line, brought: Sequence[KnownFile] = ()
    ) -> None:
        """Have the other plugins told that a line with its files has reached the other side.

        Of one that was taken back while it was under way nothing is left to tell.
        """
        if not line.text:
            return
        known = files.for_cases(brought)
        message = RelayedMessage(conversation.id, conversation.person, conversation.case, line, known)
        await self.progress.teller.write(session, message)
