"""Reads Discord's side again after every time in which it could have spoken unheard, so that nothing is missed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from weakref import WeakValueDictionary

import hikari
from frontdesk import Desk, Refused, Speaker, discord_answer

from frontdesk_helpdesk import content, conversations, lines
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.edits import Edits
from frontdesk_helpdesk.marks import Mark, Marks
from frontdesk_helpdesk.settings import HelpdeskSettings

_PAGE = 100


class DiscordReader:
    """Reads Discord's side: direct messages that came while the bot was not connected.

    After a start, and after each new session of the gateway, a conversation is read before its next event is taken in,
    so that the order is kept.

    Args:
        desk: what the plugin was given.
        bridge: takes in what was read.
        edits: takes in what was changed.
        marks: takes in reactions.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, edits: Edits, marks: Marks) -> None:
        self._desk = desk
        self._bridge = bridge
        self._edits = edits
        self._marks = marks
        self._session = 0
        self._read_in: dict[int, int] = {}  # conversation -> gateway session up to which it was read
        self._behind: set[int] = set()  # channels of which an event was heard and not taken in
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def new_session(self) -> None:
        """Note that events may have been missed: every conversation has to be read again."""
        self._session += 1

    def fell_behind(self, channel_id: int) -> None:
        """Note that something in a channel was told and not taken in: it has to be read again, and no other."""
        self._behind.add(channel_id)

    @contextmanager
    def again_if_it_fails(self, channel_id: int) -> Iterator[None]:
        """Have a channel read again if what is done inside fails: Discord keeps what the gateway told."""
        try:
            yield
        except Exception:
            self.fell_behind(channel_id)
            raise

    def is_fresh(self, conversation_id: int) -> None:
        """Note that a conversation has just begun, so that there is nothing to read."""
        self._read_in[conversation_id] = self._session

    async def take_in(self, conversation: Conversation, message: hikari.Message) -> bool:
        """Take in a message that the gateway told of, after those that may have been missed.

        Where these cannot be read just now, it is left to the next reading, which finds it behind them.

        Returns:
            False if there was nothing new to take in, or the conversation has ended in the meantime.
        """
        lock = self._locks.setdefault(conversation.id, asyncio.Lock())
        async with lock:
            return await self._is_read(conversation) and await self._accept(conversation, message)

    async def read(self, conversation: Conversation) -> None:
        """Read a conversation unless that was done since the gateway's session began."""
        lock = self._locks.setdefault(conversation.id, asyncio.Lock())
        async with lock:
            await self._is_read(conversation)

    async def catch_up(self, conversation: Conversation) -> None:
        """Take in what was written before the conversation was open."""
        async with self._locks.setdefault(conversation.id, asyncio.Lock()):
            await self._read(conversation)

    async def read_all(self) -> None:
        """Read every open conversation that was not read since the gateway's session began."""
        async with self._desk.store.read() as session:
            known = await conversations.all_open(session)
        for conversation in known:
            await self.read(conversation)

    async def _is_read(self, conversation: Conversation) -> bool:
        """Read what may have been missed, once in a session; False if Discord does not answer now."""
        is_read = self._read_in.get(conversation.id) == self._session and self._behind.isdisjoint(conversation.channels)
        return is_read or await self._read(conversation)

    async def _read(self, conversation: Conversation) -> bool:
        session = self._session
        were_behind = self._behind.intersection(conversation.channels)
        self._behind -= were_behind  # what fails from now on is noted anew
        is_read = False
        try:
            is_read = await self._read_since(conversation)
        finally:
            if is_read:
                self._read_in[conversation.id] = session
            else:
                self._behind |= were_behind
        return is_read

    async def _read_since(self, conversation: Conversation) -> bool:
        fresh: list[hikari.Message] = []
        is_read = True
        for channel_id in conversation.channels:
            messages = self._desk.rest.fetch_messages(channel_id, after=conversation.last_discord_id)
            try:
                await self._compare(conversation, channel_id)
                fresh += [message async for message in messages if message.author.id == conversation.person.user_id]
            except hikari.HikariError as error:
                answer = discord_answer(error)
                self._desk.log.warning("direct messages not read", conversation=conversation.id, reason=answer.detail)
                is_read = is_read and isinstance(answer, Refused)
        if not is_read:  # who takes in what is newer would take what is missing for known
            return False
        for message in sorted(fresh, key=lambda message: message.id):
            await self._accept(conversation, message)
        return True

    async def _compare(self, conversation: Conversation, channel_id: int) -> None:
        """Take in edits, deletions and reactions of the time in which nobody listened, as far as one page goes.

        Only what was written in this very channel can be missing from it.
        """
        async with self._desk.store.read() as session:
            written = await lines.newest_by(session, conversation.id, Speaker.MEMBER)
        known = [line for line in written if line.channel_id == channel_id]
        if not written:
            return
        told = await self._marks.told(conversation.id)  # before the page is read: what is told from now on is newer
        page = [message async for message in self._desk.rest.fetch_messages(channel_id).limit(_PAGE)]
        oldest = int(page[-1].id) if len(page) == _PAGE else 0
        present = {int(message.id): message for message in page}
        for line in known:
            if line.discord_id is None or line.discord_id < oldest:
                continue
            message = present.get(line.discord_id)
            if message is None:
                await self._edits.member_deleted(conversation.id, line.discord_id)
            elif message.edited_timestamp is not None:
                await self.take_in_edit(conversation, message)
        reactions = [mark for message in page for mark in await self._reactions(conversation, message)]
        for mark in reactions:
            await self._marks.take_in(conversation.id, mark, is_gone=False, told=told)
        for mark in told:
            if mark[0] in present and mark not in reactions:
                await self._marks.take_in(conversation.id, mark, is_gone=True, told=told)

    async def _reactions(self, conversation: Conversation, message: hikari.Message) -> list[Mark]:
        """List the member's reactions to a message."""
        return [
            (int(message.id), content.emoji_name(each.emoji.name, is_custom=isinstance(each.emoji, hikari.CustomEmoji)))
            for each in message.reactions
            if each.count > int(each.is_me) and await self._is_members(conversation, message, each)
        ]

    async def _is_members(self, conversation: Conversation, message: hikari.Message, reaction: hikari.Reaction) -> bool:
        """Tell whether a reaction is the member's own; in a thread others can react as well."""
        if not conversation.in_thread or message.channel_id == conversation.dm_channel_id:
            return True
        users = self._desk.rest.fetch_reactions_for_emoji(message.channel_id, message.id, reaction.emoji)
        return any([int(user.id) == conversation.person.user_id async for user in users])

    async def take_in_edit(self, conversation: Conversation, message: hikari.Message) -> None:
        """Take in that a member's message was edited; one that was not known yet is taken in as it is now."""
        said = content.read(message, self._desk.say(None, conversation.person.guild_id))
        revised_at = (message.edited_timestamp or self._desk.now()).astimezone(UTC)
        left = [file.source_id for file in said.files]
        is_known = await self._edits.member_edited(
            conversation.id, int(message.id), words=said.text, revised_at=revised_at, files_left=left
        )
        if not is_known and int(message.id) > conversation.last_discord_id:
            await self._accept(conversation, message)

    async def _accept(self, conversation: Conversation, message: hikari.Message) -> bool:
        said = content.read(message, self._desk.say(None, conversation.person.guild_id))
        return bool(said) and await self._bridge.member_wrote(
            conversation.id,
            key=f"discord:{message.id}",
            text=said.text,
            said_at=message.created_at.astimezone(UTC),
            discord_id=int(message.id),
            channel_id=int(message.channel_id),
            given=said.files,
        )
