"""The private thread in the customer-service channel, where a conversation goes on if direct messages are closed."""

from datetime import timedelta

import hikari
from frontdesk import Desk, Entry, Receipt, Refused, asking_discord, find_channel
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.settings import HelpdeskSettings

_ARCHIVED_AFTER = timedelta(days=7)  # the longest that Discord offers; a message in it opens it again
_NAME_LIMIT = 100


def can_read_threads(bot: hikari.GatewayBot) -> bool:
    """Tell whether the bot sees what members write in private threads, which takes a privileged intent."""
    return bool(bot.intents & hikari.Intents.MESSAGE_CONTENT)


class Threads:
    """Makes, finds and closes the private threads.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk

    async def move(self, conversation: Conversation) -> Conversation | None:
        """Let a conversation go on in a private thread.

        Returns:
            The conversation as it is now; None if the owner does not want threads, or the bot may not read or make one.

        Raises:
            Retry: if Discord is in trouble.
        """
        settings = self._desk.settings_for(conversation.person.guild_id)
        if settings.fallback != "thread" or conversation.in_thread or not can_read_threads(self._desk.bot):
            return None
        try:
            async with asking_discord():
                thread_id = await self._thread_for(conversation, settings.channel)
        except Refused as refused:
            self._desk.log.warning("no private thread", conversation=conversation.id, reason=refused.detail)
            return None
        if thread_id is None:
            return None
        async with self._desk.store.begin() as session:
            left = conversation.channel_id
            await conversations.change(
                session, conversation.id, channel_id=thread_id, in_thread=True, dm_channel_id=left
            )
            return await conversations.find(session, number=conversation.id)

    async def _thread_for(self, conversation: Conversation, wanted: int | str) -> int | None:
        guild_id = conversation.person.guild_id
        channel = await find_channel(self._desk.bot, guild_id, wanted)
        if channel is None:
            self._desk.log.warning("the customer-service channel is missing", channel=wanted, guild_id=guild_id)
            return None
        # After a crash between making it and noting it, it is there already.
        name = _name(conversation)
        threads = await self._desk.rest.fetch_active_threads(guild_id)
        known = (thread for thread in threads if thread.parent_id == channel.id and thread.name == name)
        thread = next(known, None) or await self._desk.rest.create_thread(
            channel.id,
            hikari.ChannelType.GUILD_PRIVATE_THREAD,
            name,
            auto_archive_duration=_ARCHIVED_AFTER,
            invitable=False,
        )
        await self._desk.rest.add_thread_member(thread.id, conversation.person.user_id)
        return int(thread.id)


def _name(conversation: Conversation) -> str:
    end = f" · {conversation.id}"
    return conversation.person.name[: _NAME_LIMIT - len(end)] + end


class CloseThreadDelivery:
    """Closes the private thread of a conversation that has ended; may be repeated."""

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk

    async def send(self, entry: Entry) -> Receipt:
        """Archive and lock it."""
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
        if conversation is None:
            raise Refused("no-conversation", "the conversation is not in the database any more")
        async with asking_discord():
            await self._desk.rest.edit_channel(conversation.channel_id, archived=True, locked=True)
        return {}

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up: closing again does no harm."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Nothing follows."""
        del session
        if isinstance(outcome, Refused):
            self._desk.log.warning("private thread not closed", entry=entry.id, reason=outcome.reason)
