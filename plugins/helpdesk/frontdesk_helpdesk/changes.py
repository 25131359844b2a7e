"""What members do to messages that were sent already: they edit, delete and react. The gateway's events of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hikari
from frontdesk import Desk, Refused, discord_answer

from frontdesk_helpdesk import content, conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.discord_reader import DiscordReader
from frontdesk_helpdesk.edits import Edits
from frontdesk_helpdesk.marks import Marks
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.turns import Turns


class Changes:
    """Hears the events of channels in which a conversation is open; works for threads as for direct messages.

    Args:
        desk: what the plugin was given.
        edits: takes in changes.
        marks: takes in reactions.
        reader: takes in a message that is not known yet.
        turns: keeps a channel's events in order.
    """

    def __init__(
        self, desk: Desk[HelpdeskSettings], edits: Edits, marks: Marks, reader: DiscordReader, turns: Turns
    ) -> None:
        self._desk = desk
        self._edits = edits
        self._marks = marks
        self._reader = reader
        self._turns = turns
        self._to_be_read: set[int] = set()  # messages with an edit that waits for its turn

    async def edited(self, event: hikari.MessageUpdateEvent) -> None:
        """A message was edited, or Discord has added the preview of a link, which changes no words."""
        author = event.message.author
        if not event.message.edited_timestamp or (author and author.is_bot):
            return
        message_id = int(event.message_id)
        if message_id in self._to_be_read:
            return  # whoever waits will read it as it is by then
        self._to_be_read.add(message_id)
        try:
            await self._read_edited(event)
        finally:
            self._to_be_read.discard(message_id)

    async def _read_edited(self, event: hikari.MessageUpdateEvent) -> None:
        async with self._in_turn(event.channel_id) as conversation:
            self._to_be_read.discard(int(event.message_id))
            if conversation is None:
                return
            try:  # the event may lack parts of the message, and may be older than the message is by now
                message = await self._desk.rest.fetch_message(event.channel_id, event.message_id)
            except hikari.HikariError as error:
                answer = discord_answer(error)
                if not isinstance(answer, Refused):
                    self._reader.fell_behind(int(event.channel_id))
                if not (isinstance(answer, Refused) and answer.reason == "no-message"):
                    self._desk.log.warning("edit not read", conversation=conversation.id, reason=answer.detail)
                return
            if int(message.author.id) == conversation.person.user_id:  # others may write in a private thread
                await self._reader.take_in_edit(conversation, message)

    async def deleted(self, event: hikari.MessageDeleteEvent) -> None:
        """A message was deleted."""
        async with self._in_turn(event.channel_id) as conversation:
            if conversation is not None:
                await self._edits.member_deleted(conversation.id, int(event.message_id))

    async def reacted(self, event: hikari.ReactionAddEvent | hikari.ReactionDeleteEvent) -> None:
        """Somebody reacted to a message, or took a reaction back."""
        me = self._desk.bot.get_me()
        if me is not None and event.user_id == me.id:
            return
        async with self._in_turn(event.channel_id) as conversation:
            if conversation is not None and int(event.user_id) == conversation.person.user_id:
                emoji = content.emoji_name(event.emoji_name, is_custom=event.emoji_id is not None)
                is_gone = isinstance(event, hikari.ReactionDeleteEvent)
                await self._marks.take_in(conversation.id, (int(event.message_id), emoji), is_gone=is_gone)

    @asynccontextmanager
    async def _in_turn(self, channel_id: hikari.Snowflake) -> AsyncIterator[Conversation | None]:
        """Wait for the channel's turn, and find its conversation; what fails then is found by the next reading."""
        async with self._turns.of(int(channel_id)):
            with self._reader.again_if_it_fails(int(channel_id)):
                async with self._desk.store.glance() as session:
                    conversation = await conversations.open_in(session, int(channel_id))
                yield conversation
