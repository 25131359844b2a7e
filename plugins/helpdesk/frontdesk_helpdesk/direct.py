"""Direct messages and private threads: what members write to the bot, and how a plain message opens a conversation."""

import asyncio
from datetime import timedelta

import hikari
from frontdesk import ComponentContext, Declined, Desk, Person, Say, StoreUnavailable, person_of
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import arrivals, conversations
from frontdesk_helpdesk.admission import Admissions
from frontdesk_helpdesk.arrivals import Arrival
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.discord_reader import DiscordReader
from frontdesk_helpdesk.entry import Entrance
from frontdesk_helpdesk.forms import button_row, category_row, server_row
from frontdesk_helpdesk.presence import Presence
from frontdesk_helpdesk.reopening import Reopening
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.turns import Turns

SERVER, BEGIN = "server", "begin"
"""Actions of the menu of servers, and of the button that opens the form."""

_ROOM = 10_000  # channels with a message that could not be taken in
_SERVERS = 25  # options of a select menu
_ASKED_AT_ONCE = 5
_ASK_AGAIN = timedelta(minutes=30)
_KEPT = timedelta(days=1)


class DirectMessages:
    """What members write to the bot.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        reader: takes messages in, after those that were missed.
        entrance: knows who may come in, and what they are asked.
        admissions: opens conversations.
        reopening: takes in what they write after the end.
        turns: keeps a channel's events in order.
        presence: shows the typing sign.
    """

    def __init__(
        self,
        desk: Desk[HelpdeskSettings],
        bridge: Bridge,
        reader: DiscordReader,
        entrance: Entrance,
        admissions: Admissions,
        *,
        reopening: Reopening,
        turns: Turns,
        presence: Presence,
    ) -> None:
        self._desk = desk
        self._bridge = bridge
        self._reader = reader
        self._entrance = entrance
        self._admissions = admissions
        self._reopening = reopening
        self._turns = turns
        self._presence = presence
        self._missed: dict[int, hikari.Message] = {}  # by channel: the first one that could not be taken in

    async def wrote(self, event: hikari.DMMessageCreateEvent) -> None:
        """A direct message came."""
        if event.message.author.is_bot or event.message.author.is_system:
            return
        async with self._turns.of(int(event.channel_id)):
            with self._reader.again_if_it_fails(int(event.channel_id)):
                await self._take_in_or_note(event.message)

    async def try_again(self) -> None:
        """Take in what could not be taken in when it came, for want of Discord or the database."""
        for channel_id, message in list(self._missed.items()):
            async with self._turns.of(channel_id):
                try:
                    await self._take_in_or_note(message)
                except Exception as error:  # noqa: BLE001 - one channel must not keep the others from being tried
                    self._desk.log.warning("a direct message is not taken in yet", reason=repr(error))

    async def _take_in_or_note(self, message: hikari.Message) -> None:
        """Take a message in; note one that fails. Later ones of the channel are read once a conversation is open."""
        channel_id = int(message.channel_id)
        first = self._missed.get(channel_id, message)
        try:
            await self._take_in(first)
            if first is not message:
                await self._take_in(message)
        except hikari.ForbiddenError as error:
            self._desk.log.info("a direct message could not be answered", reason=str(error.message))
        except (hikari.HikariError, StoreUnavailable):  # passing troubles; what fails by itself would fail again
            if len(self._missed) < _ROOM:
                self._missed.setdefault(channel_id, message)
            raise
        except Exception:
            self._missed.pop(channel_id, None)  # or it would hold up all that the member writes from now on
            raise
        self._missed.pop(channel_id, None)

    async def wrote_in_thread(self, event: hikari.GuildMessageCreateEvent) -> None:
        """A message came in a server: if it is a private thread of ours, and by the member, it is theirs."""
        if event.is_bot or self._desk.bot.cache.get_guild_channel(event.channel_id) is not None:
            return  # the cache has every channel, but threads apart
        async with self._turns.of(int(event.channel_id)):
            with self._reader.again_if_it_fails(int(event.channel_id)):
                await self._take_in_from_thread(event)

    async def new_session(self, event: hikari.ShardReadyEvent) -> None:
        """The gateway gave a new session: what came in between was not told."""
        del event
        self._reader.new_session()
        await self._reader.read_all()
        await self._reopening.look_again()

    async def forget_unfinished(self) -> None:
        """Forget those who came and never finished the first questions."""
        async with self._desk.store.begin() as session:
            await arrivals.forget_unfinished(session, self._desk.now() - _KEPT)

    async def _take_in_from_thread(self, event: hikari.GuildMessageCreateEvent) -> None:
        async with self._desk.store.glance() as session:
            conversation = await conversations.open_in(session, int(event.channel_id))
        is_theirs = conversation is not None and conversation.person.user_id == int(event.author_id)
        if conversation is not None and is_theirs and await self._reader.take_in(conversation, event.message):
            self._presence.member_wrote(conversation)

    async def _take_in(self, message: hikari.Message) -> None:
        user_id = int(message.author.id)
        async with self._desk.store.glance() as session:
            newest = await conversations.newest_of(session, user_id)
            is_open = newest is not None and newest.ended_at is None
            arrival = None if is_open else await _arrival_of(session, user_id)
        if newest is not None and newest.ended_at is None:
            if await self._reader.take_in(newest, message):
                self._presence.member_wrote(newest)
            else:
                await self._unless_ended(newest, message)
        elif arrival is not None and (arrival.queued or self._desk.now() - arrival.came_at < _ASK_AGAIN):
            return  # it is read with the others when the conversation opens
        elif newest is not None and self._reopening.is_possible(newest):
            await self._reopening.wrote(newest, message)
        elif not self._desk.settings.open_by_message:
            await message.respond(self._say(newest)("how-to-begin"))
        else:
            await self._open(message, newest, arrival)

    async def _unless_ended(self, conversation: Conversation, message: hikari.Message) -> None:
        """A line that crossed the end is one after it."""
        async with self._desk.store.glance() as session:
            present = await conversations.find(session, number=conversation.id)
        if present is not None and present.ended_at is not None and int(message.id) > present.last_discord_id:
            await self._take_in(message)

    async def _open(self, message: hikari.Message, newest: Conversation | None, earlier: Arrival | None) -> None:
        """Find out in which server help is needed, then go on as from there."""
        user_id, say = int(message.author.id), self._say(newest)
        servers = await self._shared_servers(user_id)
        if not servers:
            await message.respond(say("no-shared-server"))
            return
        first_id = int(message.id) - 1 if earlier is None else earlier.first_id
        person = await self._admissible(message, servers[0], newest) if len(servers) == 1 else None
        if len(servers) == 1 and person is None:
            return
        async with self._desk.store.begin() as session:
            if earlier is not None:
                await arrivals.forget(session, earlier.id)
            arrival = await arrivals.keep(
                session, user_id, person, first_id=first_id, channel_id=int(message.channel_id), now=self._desk.now()
            )
        try:
            if person is None:
                names = [(int(guild.id), guild.name) for guild, _ in servers[:_SERVERS]]
                row = server_row(say, self._desk.custom_id(SERVER, str(arrival.id)), names)
                await message.respond(say("choose-server"), components=[row])
            else:
                await self._ask_or_open(message, arrival, person)
        except hikari.HikariError:
            async with self._desk.store.begin() as session:  # or nobody would ask them any more
                await arrivals.forget(session, arrival.id)
            raise

    async def _admissible(
        self,
        message: hikari.Message,
        where: tuple[hikari.Guild, hikari.Member],
        newest: Conversation | None,
    ) -> Person | None:
        """Describe the member, or tell them why they may not come in."""
        guild, member = where
        locale = newest.person.locale if newest is not None else str(guild.preferred_locale)
        person = person_of(member, guild_id=int(guild.id), locale=locale, bot=self._desk.bot)
        try:
            async with self._desk.store.read() as session:
                await self._entrance.check(session, member, person, self._bridge.say(person))
        except Declined as declined:
            await message.respond(str(declined))
            return None
        return person

    async def _ask_or_open(self, message: hikari.Message, arrival: Arrival, person: Person) -> None:
        settings, say = self._desk.settings_for(person.guild_id), self._bridge.say(person)
        if settings.categories:
            row = category_row(say, self._desk.custom_id("category", str(arrival.id)), settings.categories)
            await message.respond(say("choose-category"), components=[row])
        elif settings.questions:
            row = button_row(self._desk.custom_id(BEGIN, str(arrival.id)), say("form-button"))
            await message.respond(say("form-invitation"), components=[row])
        else:
            async with self._desk.store.begin() as session:
                await self._admissions.admit(session, arrival)

    async def chose_server(self, context: ComponentContext) -> None:
        """A server was chosen in the menu."""
        arrival = await self._entrance.arrival_of(context)
        guild_id = int(context.values[0])
        try:
            member = await self._desk.rest.fetch_member(guild_id, arrival.user_id)
        except hikari.NotFoundError:
            raise Declined(context.say("no-shared-server")) from None
        locale = str(context.interaction.locale)
        person = person_of(member, guild_id=guild_id, locale=locale, bot=self._desk.bot)
        async with self._desk.store.begin() as session:
            await self._entrance.check(session, member, person, self._bridge.say(person))
            await arrivals.told_who(session, arrival.id, person)
            present = await arrivals.find(session, arrival.id)
        if present is not None:
            await self._entrance.go_on_in_place(context, present)

    async def began(self, context: ComponentContext) -> None:
        """The button that opens the form was pressed."""
        await self._entrance.go_on_in_place(context, await self._entrance.arrival_of(context))

    async def _shared_servers(self, user_id: int) -> list[tuple[hikari.Guild, hikari.Member]]:
        """Find the servers in which both the person and the bot are."""
        turn = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def member_of(guild: hikari.Guild) -> hikari.Member | None:
            async with turn:
                try:
                    return await self._desk.rest.fetch_member(guild.id, user_id)
                except (hikari.NotFoundError, hikari.ForbiddenError):
                    return None

        guilds = sorted(self._desk.bot.cache.get_guilds_view().values(), key=lambda guild: guild.id)
        members = await asyncio.gather(*map(member_of, guilds))
        return [(guild, member) for guild, member in zip(guilds, members, strict=True) if member is not None]

    def _say(self, newest: Conversation | None) -> Say:
        return self._desk.say(None) if newest is None else self._bridge.say(newest.person)


async def _arrival_of(session: AsyncSession, user_id: int) -> Arrival | None:
    return await arrivals.waiting(session, user_id) or await arrivals.by_message(session, user_id)
