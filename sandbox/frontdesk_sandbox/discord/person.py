"""A person at a chat client: where they are, what they see, what they are offered. What they do is in Member."""

from frontdesk_sandbox.discord import sight, view
from frontdesk_sandbox.discord.commands import SLASH, Commands
from frontdesk_sandbox.discord.errors import RefusedError
from frontdesk_sandbox.discord.interactions import Interaction, Interactions
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Guild, Json, Message, User
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.world import World

Place = Channel | str | None
"""A channel, its name (``"#general"``), ``"dm"`` for the DM with the bot, or None for the usual place."""


class Person:
    """Eyes and whereabouts of one person.

    Attributes:
        user: the account.
        guild: the server in which commands are typed and channels are named.
    """

    def __init__(
        self, world: World, commands: Commands, interactions: Interactions, user: User, guild: Guild | None
    ) -> None:
        self.user = user
        self.guild = guild
        self._world = world
        self._commands = commands
        self._interactions = interactions

    def __repr__(self) -> str:
        return f"<Member {self.user.display_name}>"

    # Places

    @property
    def home(self) -> Guild:
        """The server in which the person acts: ``guild``, or the first one joined."""
        joined = [guild for guild in self._world.guilds.values() if self.user.id in guild.members]
        if self.guild is not None and self.guild in joined:
            return self.guild
        if not joined:
            raise RefusedError(f"{self.user.display_name} is in no server")
        return joined[0]

    @property
    def dm_channel(self) -> Channel:
        """The direct channel with the bot."""
        return self._world.dm_with(self.user)

    @property
    def dm(self) -> list[Message]:
        """The messages in the DM with the bot, oldest first."""
        return sight.in_place(self._world, self.user, self.dm_channel) if self._world.has_dm(self.user) else []

    def place(self, where: Place) -> Channel:
        """The channel that is meant; None is the first text channel of the server."""
        if isinstance(where, Channel):
            return where
        if where == "dm":
            return self.dm_channel
        if where is not None:
            return self._world.find_channel(where, self.home)
        for channel in self._world.visible(self.user, self.home):
            if channel.kind is ChannelKind.TEXT:
                return channel
        raise RefusedError(f"{self.user.display_name} sees no text channel in {self.home.name}")

    # What is offered

    def commands(self, place: Channel, kind: int = SLASH) -> list[Json]:
        """The commands that the client offers this person in a place."""
        bits = self._world.permissions(self.user, place)
        if place.guild_id is not None and not bits & Permission.USE_APPLICATION_COMMANDS:
            return []
        offered = [one for one in self._commands.usable_in(place.guild_id) if one["type"] == kind]
        if place.guild_id is None:
            return offered
        return [one for one in offered if not int(one["default_member_permissions"] or 0) & ~bits]

    def open_modal(self) -> Interaction | None:
        """The interaction whose modal is open on this person's screen: the newest one not yet sent."""
        for interaction in reversed(self._interactions.of(self.user)):
            if interaction.modal is not None:
                return interaction
        return None

    # Reading

    async def sees(
        self, text: str, where: Place = None, *, after: Message | None = None, deadline: float = 10.0
    ) -> Message:
        """Wait until a message of someone else with this text is on the person's screen.

        Looked at is everything that the person can see at that moment, however long it has been there:
        the DM, readable channels and threads, ephemeral answers; their content, embeds, labels and file names.

        Args:
            text: a fragment, in this very spelling.
            where: only in this place.
            after: only messages newer than this one; for texts that come more than once.
            deadline: seconds to wait.

        Returns:
            The newest such message.

        Raises:
            NotSeenError: if it does not appear in time.
        """
        what = f"{text!r}, by {self.user.display_name},"
        return await self._world.changes.until(lambda: self.seen(text, where, after), deadline=deadline, what=what)

    def seen(self, text: str, where: Place = None, after: Message | None = None) -> Message | None:
        """The newest message that ``sees`` would return now, or None."""
        if where == "dm" and not self._world.has_dm(self.user):
            return None
        place = None if where is None else self.place(where)
        for message in sight.messages(self._world, self.user, place):
            if after is not None and message.id <= after.id:
                return None
            if message.author is not self.user and text in sight.words(message):
                return message
        return None

    async def sees_no_more(self, message: Message, *, deadline: float = 10.0) -> None:
        """Wait until a message has been deleted."""
        await self._world.changes.until(lambda: message.deleted, deadline=deadline, what="a deletion")

    def view(self) -> Json:
        """What this person's screen shows, as JSON; see the module ``view``."""
        modal = self.open_modal()
        return view.screen(
            self._world, self.user, self.commands, self._interactions.of(self.user), modal.modal if modal else None
        )
