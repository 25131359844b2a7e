"""A member writes after the end: the conversation goes on in a new one, or they are told how to begin anew."""

from datetime import timedelta

import hikari
from frontdesk import ComponentContext, Declined, Desk, Handoff, HandoffState, Line, Speaker, discord_answer
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.discord_reader import DiscordReader
from frontdesk_helpdesk.entry import Entrance
from frontdesk_helpdesk.outbox import Button, Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings

_EARLIER_LIMIT = 12_000
"""Characters of the earlier transcript that the agent gets as a message; Twilio takes 32 kB."""

_ANSWER_ONCE_IN = 60
"""Seconds: a member who writes several lines after the end is answered once."""


class Reopening:
    """What happens after the end.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        outbox: writes journal entries.
        reader: reads the lines that the member wrote after the end.
        entrance: knows who may come in.
    """

    def __init__(
        self, desk: Desk[HelpdeskSettings], bridge: Bridge, outbox: Outbox, reader: DiscordReader, entrance: Entrance
    ) -> None:
        self._desk = desk
        self._bridge = bridge
        self._outbox = outbox
        self._reader = reader
        self._entrance = entrance

    def is_possible(self, ended: Conversation) -> bool:
        """Tell whether a conversation that has ended can be continued; a private thread is closed for good."""
        settings = self._desk.settings_for(ended.person.guild_id).ending
        return (
            ended.ended_at is not None
            and not ended.in_thread
            and settings.may_continue(ended.ended_at, self._desk.now())
        )

    async def wrote(self, ended: Conversation, message: hikari.Message) -> None:
        """Take in that the member wrote after the end; a repetition changes nothing.

        Args:
            ended: their newest conversation.
            message: what they wrote.
        """
        settings = self._desk.settings_for(ended.person.guild_id).ending
        try:
            await self._entrance.check_again(ended.person)
        except Declined as declined:
            await self._answer(ended, message, str(declined), [])
            return
        say = self._bridge.say(ended.person)
        if not self.is_possible(ended):
            await self._answer(ended, message, say("how-to-begin"), [])
        elif settings.reopen == "ask":
            await self._answer(ended, message, say("reopen-offer"), [Button.CONTINUE])
        elif (conversation := await self.go_on(ended.id)) is not None:
            await self._reader.take_in(conversation, message)

    async def _answer(self, ended: Conversation, message: hikari.Message, text: str, buttons: list[Button]) -> None:
        key = f"after-end:{int(message.created_at.timestamp()) // _ANSWER_ONCE_IN}"
        async with self._desk.store.begin() as session:
            await self._outbox.to_discord(session, ended, key, text, buttons=buttons)

    async def pressed(self, context: ComponentContext) -> None:
        """The button to continue was pressed."""
        await context.defer()
        async with self._desk.store.read() as session:
            ended = await conversations.find(session, number=int(context.data))
        if ended is None or ended.ended_at is None or ended.person.user_id != int(context.interaction.user.id):
            await context.respond(context.say("reopen-not-possible"))
            return
        if not self.is_possible(ended):
            await context.respond(context.say("how-to-begin"))
            return
        await self._entrance.check_again(ended.person)
        conversation = await self.go_on(ended.id, pressed=(f"press:{context.interaction.id}", "button-continue"))
        if conversation is None:
            await context.respond(context.say("reopen-not-possible"))
            return
        await context.respond(context.say("reopened"))
        await self._reader.read(conversation)

    async def go_on(self, ended_id: int, *, pressed: tuple[str, str] | None = None) -> Conversation | None:
        """Open a conversation that goes on with an ended one; with a person, if one took part in that.

        The member's lines since the end belong to it: whoever calls this reads them.

        Args:
            ended_id: the ended one.
            pressed: the key of the press and the id of the button's label, if a button was pressed.

        Returns:
            The new conversation; None if the ended one is not the member's newest.
        """
        async with self._desk.store.begin() as session:
            ended = await conversations.find(session, number=ended_id, to_change=True)
            if ended is None or ended.ended_at is None:
                return None
            newest = await conversations.newest_of(session, ended.person.user_id)
            if newest is None or newest.id != ended.id:
                return None
            conversation = await conversations.create(
                session,
                ended.person,
                channel_id=ended.channel_id,
                last_discord_id=ended.last_discord_id,
                now=self._desk.now(),
                continues=ended,
                category=ended.category,
                answers=ended.answers,
            )
            await self._begin(session, conversation, to_person=ended.agent is not None)
            if ended.agent is not None:
                conversation = await self._bridge.request(session, conversation)
                if pressed is not None:
                    await self._press(session, conversation, *pressed)
            return conversation

    async def _begin(self, session: AsyncSession, conversation: Conversation, *, to_person: bool) -> None:
        await self._outbox.open(session, conversation)
        note = self._earlier(conversation, await conversations.transcript(session, conversation.id))
        await self._outbox.to_twilio(session, conversation, "earlier", note, by_member=False)
        text = self._bridge.say(conversation.person)("continued")
        buttons = [] if to_person else [Button.TALK]
        await self._outbox.to_discord(session, conversation, "greeting", text, buttons=buttons)
        handoff = Handoff(
            conversation_id=conversation.id,
            person=conversation.person,
            state=HandoffState.BOT,
            before=HandoffState.ENDED,
            case=conversation.case,
            agent=None,
            reason=None,
            changed_at=conversation.opened_at,
            key=conversations.step_key(conversation.id, HandoffState.BOT, conversation.opened_at),
        )
        await self._bridge.progress.teller.write(session, handoff)

    def _earlier(self, conversation: Conversation, lines: tuple[Line, ...]) -> str:
        say = self._desk.say(None, conversation.person.guild_id)
        number = conversation.case.number if conversation.case else "-"
        kept: list[str] = []
        room = _EARLIER_LIMIT
        for line in reversed(lines):
            written = f"{line.name}: {line.text}"
            room -= len(written) + 1
            if room < 0:
                kept.append("…")
                break
            kept.append(written)
        return "\n".join([say("agent-note-continued", number=number), *reversed(kept)])

    async def _press(self, session: AsyncSession, conversation: Conversation, key: str, label: str) -> None:
        """Put the press into the conversation as the member's line: Studio hands over when the member writes."""
        text = self._bridge.say(conversation.person)(label)
        line = Line(Speaker.MEMBER, conversation.person.name, text, self._desk.now())
        await conversations.add_line(session, conversation, key, line)
        await self._outbox.to_twilio(session, conversation, key, text, by_member=True)

    async def look_again(self) -> None:
        """Find members who wrote after the end while nobody listened: the newest message in their DM is theirs."""
        tables = (self._desk.settings, *self._desk.own_settings.servers.values())
        longest = max(table.ending.reopen_within_hours for table in tables)
        now = self._desk.now()
        async with self._desk.store.read() as session:
            ended = await conversations.newly_ended(session, since=now - timedelta(hours=longest))
        for conversation in ended:
            own = timedelta(hours=self._desk.settings_for(conversation.person.guild_id).ending.reopen_within_hours)
            if conversation.in_thread or conversation.ended_at is None or now - conversation.ended_at > own:
                continue
            try:
                async for message in self._desk.rest.fetch_messages(conversation.channel_id).limit(1):
                    if not message.author.is_bot and int(message.id) > conversation.last_discord_id:
                        await self.wrote(conversation, message)
            except hikari.HikariError as error:
                reason = discord_answer(error).detail
                self._desk.log.warning("direct messages not read", conversation=conversation.id, reason=reason)
