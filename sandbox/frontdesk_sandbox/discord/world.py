"""The state of the loopback Discord, ways to prepare it, and what follows when it changes (events, news for pages).

The world knows physics, not permissions: REST asks for the bot's rights, and Member for the person's.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import payloads, permissions
from frontdesk_sandbox.discord.errors import unknown
from frontdesk_sandbox.discord.model import (
    Attachment,
    Channel,
    ChannelKind,
    File,
    Guild,
    GuildMember,
    Json,
    Message,
    Overwrite,
    Role,
    User,
)
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.snowflakes import Snowflakes

if TYPE_CHECKING:
    from frontdesk_sandbox.discord.member import Member

Dispatch = Callable[[str, Json, Guild | None, Channel | None], None]

_COLORS = (0x5865F2, 0xEB459E, 0x57A55A, 0xF0883E, 0x00A8FC, 0x9B59B6, 0xE67E22, 0x1ABC9C)


def _now() -> datetime:
    return datetime.now(UTC)


class World:
    """Servers, channels, people and messages.

    Args:
        changes: is told of every change.
        cdn_url: the address under which attachments are served.
        clock: the present moment, UTC.

    Attributes:
        dispatch: sends a gateway event; set by the gateway.
        redirect_uris: where people may be sent back to who sign in elsewhere with the bot's application.
    """

    def __init__(self, changes: Changes, cdn_url: str, clock: Callable[[], datetime] = _now) -> None:
        self.changes = changes
        self.clock = clock
        self.snowflakes = Snowflakes(clock)
        self.dispatch: Dispatch = lambda _name, _data, _guild, _channel: None
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[int, Attachment] = {}
        self.ephemerals: dict[int, list[Message]] = {}
        self.nonces: dict[tuple[int, int, str], tuple[datetime, Message]] = {}
        self.bot = self.create_user("frontdesk", display_name="Frontdesk", bot=True)
        self.redirect_uris: list[str] = []
        self.bot_permissions = permissions.BOT_DEFAULT
        self._cdn_url = cdn_url
        self._dms: dict[int, Channel] = {}

    # Preparing

    def create_user(
        self,
        name: str,
        *,
        display_name: str | None = None,
        locale: str = "en-US",
        created_at: datetime | None = None,
        bot: bool = False,
    ) -> User:
        """Create an account that is in no server yet.

        Args:
            name: how others see it; the username is made from it.
            display_name: if it is not ``name``.
            locale: one of Discord's; others, which Discord lacks, are accepted too.
            created_at: when the account was made; now by default.
            bot: whether it is a bot.
        """
        id_ = self.snowflakes.at(created_at) if created_at else self.snowflakes.next()
        username = name.lower().replace(" ", ".")
        color = _COLORS[len(self.users) % len(_COLORS)]
        user = User(id_, username, display_name or name, locale, bot, color)
        self.users[id_] = user
        return user

    def create_guild(self, name: str, *, owner: User | None = None, locale: str = "en-US") -> Guild:
        """Create a server with the bot in it, and an owner."""
        owner = owner or self.create_user(f"{name} owner")
        guild = Guild(self.snowflakes.next(), name, owner.id, locale)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE_DEFAULT, 0)
        bot_role = Role(self.snowflakes.next(), self.bot.display_name, self.bot_permissions, 1, bot_id=self.bot.id)
        guild.roles[bot_role.id] = bot_role
        guild.members[owner.id] = GuildMember(owner, self.clock())
        guild.members[self.bot.id] = GuildMember(self.bot, self.clock(), [bot_role.id])
        self.guilds[guild.id] = guild
        visible = list(guild.channels.values())
        data = payloads.guild_create(guild, self.users, self.bot.id, visible, self.clock())
        self.dispatch("GUILD_CREATE", data, guild, None)
        self.tell("guild", guild=str(guild.id))
        return guild

    def create_role(
        self,
        guild: Guild,
        name: str,
        permission_bits: int = 0,
        *,
        color: int = 0,
        hoist: bool = False,
        mentionable: bool = False,
    ) -> Role:
        """Create a role above the existing ones."""
        position = max(role.position for role in guild.roles.values()) + 1
        role = Role(self.snowflakes.next(), name, int(permission_bits), position, color, hoist, mentionable)
        guild.roles[role.id] = role
        data = {"guild_id": str(guild.id), "role": payloads.role(role)}
        self.dispatch("GUILD_ROLE_CREATE", data, guild, None)
        self.tell("guild", guild=str(guild.id))
        return role

    def create_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelKind | str = ChannelKind.TEXT,
        overwrites: Iterable[Overwrite] = (),
        *,
        parent: Channel | None = None,
        **settings: Any,
    ) -> Channel:
        """Create a channel.

        Args:
            guild: the server.
            name: without the hash sign.
            kind: a ChannelKind or its name in small letters, such as ``"announcement"``.
            overwrites: exceptions to the roles' permissions.
            parent: the category.
            settings: further properties by Discord's names, such as ``topic``.
        """
        kind = ChannelKind[kind.upper()] if isinstance(kind, str) else kind
        channel = Channel(
            self.snowflakes.next(), kind, name, guild.id, parent.id if parent else None,
            len(guild.channels), list(overwrites), settings,
        )  # fmt: skip
        self.add_channel(guild, channel, "CHANNEL_CREATE")
        return channel

    def create_member(
        self,
        guild: Guild,
        name: str,
        *,
        locale: str = "en-US",
        roles: Iterable[Role] = (),
        created_at: datetime | None = None,
        joined_at: datetime | None = None,
    ) -> User:
        """Create an account that joins a server."""
        user = self.create_user(name, locale=locale, created_at=created_at)
        self.join(guild, user, roles=roles, joined_at=joined_at)
        return user

    def join(
        self, guild: Guild, user: User, *, roles: Iterable[Role] = (), joined_at: datetime | None = None
    ) -> GuildMember:
        """Let an existing account join a server."""
        member = GuildMember(user, joined_at or self.clock(), [role.id for role in roles])
        guild.members[user.id] = member
        data = {**payloads.member(member), "guild_id": str(guild.id)}
        self.dispatch("GUILD_MEMBER_ADD", data, guild, None)
        self.tell("member", guild=str(guild.id), user=str(user.id))
        return member

    # Looking up

    def guild(self, id_: int) -> Guild:
        """The server with this id; ApiError 10004 if there is none."""
        if (guild := self.guilds.get(id_)) is None:
            raise unknown("Guild")
        return guild

    def channel(self, id_: int) -> Channel:
        """The channel, thread or DM with this id; ApiError 10003 if there is none."""
        if (channel := self.channels.get(id_)) is None:
            raise unknown("Channel")
        return channel

    def message(self, channel: Channel, id_: int) -> Message:
        """A channel's message; ApiError 10008 if there is none."""
        if (message := channel.messages.get(id_)) is None:
            raise unknown("Message")
        return message

    def user(self, id_: int) -> User:
        """The account with this id; ApiError 10013 if there is none."""
        if (user := self.users.get(id_)) is None:
            raise unknown("User")
        return user

    def guild_of(self, channel: Channel) -> Guild | None:
        """The server of a channel; None for a DM."""
        return self.guilds[channel.guild_id] if channel.guild_id is not None else None

    def find_channel(self, name: str, guild: Guild | None = None) -> Channel:
        """A channel or thread by name (with or without the hash sign).

        Raises:
            LookupError: if there is none, or more than one.
        """
        wanted = name.removeprefix("#")
        found = [
            each
            for each in self.channels.values()
            if each.name == wanted and (guild is None or each.guild_id == guild.id)
        ]
        if len(found) != 1:
            raise LookupError(f"there are {len(found)} channels called {wanted!r}")
        return found[0]

    def find_user(self, name: str) -> User:
        """An account by display name or username; LookupError if there is none, or more than one."""
        found = [each for each in self.users.values() if name in {each.display_name, each.name}]
        if len(found) != 1:
            raise LookupError(f"there are {len(found)} people called {name!r}")
        return found[0]

    def permissions(self, user: User, channel: Channel) -> int:
        """What a person or the bot may do in a channel; bits of Permission."""
        return permissions.in_channel(self.guild_of(channel), channel, user.id, self.clock())

    def sees(self, user: User, channel: Channel) -> bool:
        """Whether a person or the bot may look into a channel."""
        return bool(self.permissions(user, channel) & Permission.VIEW_CHANNEL)

    def visible(self, user: User, guild: Guild) -> list[Channel]:
        """The channels and threads of a server that a person may look into."""
        return [channel for channel in guild.channels.values() if self.sees(user, channel)]

    def view_for(self, member: "Member") -> Json:
        """What a person's screen shows, as JSON; see Member.view."""
        return member.view()

    # Changing

    def dm_with(self, user: User) -> Channel:
        """The direct channel between a person and the bot; opened if need be."""
        channel = self._dms.get(user.id)
        if channel is None:
            ids = (self.bot.id, user.id)
            channel = Channel(self.snowflakes.next(), ChannelKind.DM, recipients=ids)
            self._dms[user.id] = self.channels[channel.id] = channel
            self.tell("dm", channel=str(channel.id), user=str(user.id))
        return channel

    def has_dm(self, user: User) -> bool:
        """Whether the direct channel between a person and the bot is open already."""
        return user.id in self._dms

    def add_channel(self, guild: Guild, channel: Channel, event: str) -> None:
        """Put a new channel or thread into a server and tell of it."""
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self.channel_changed(channel, event)

    def channel_changed(self, channel: Channel, event: str) -> None:
        """Tell of a new, changed or deleted channel or thread."""
        data = payloads.channel(channel, self.users, self.bot.id)
        if event == "THREAD_CREATE":
            data["newly_created"] = True
        self.dispatch(event, data, self.guild_of(channel), channel)
        self.tell("channel", channel=str(channel.id), guild=str(channel.guild_id))

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread; a DM is only closed."""
        guild = self.guild_of(channel)
        if guild is None:
            return
        for thread in [each for each in guild.channels.values() if each.parent_id == channel.id and each.is_thread]:
            self.delete_channel(thread)
        self.channel_changed(channel, "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE")
        channel.deleted = True
        del guild.channels[channel.id], self.channels[channel.id]

    def member_changed(self, guild: Guild, member: GuildMember) -> None:
        """Tell of a member's new roles, nickname or time-out."""
        data = {**payloads.member(member), "guild_id": str(guild.id)}
        self.dispatch("GUILD_MEMBER_UPDATE", data, guild, None)
        self.tell("member", guild=str(guild.id), user=str(member.user.id))

    def remove_member(self, guild: Guild, user: User) -> None:
        """Let a person leave a server, by own will or not."""
        guild.members.pop(user.id, None)
        data: Json = {"guild_id": str(guild.id), "user": payloads.user(user)}
        if user.id == self.bot.id:
            self.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild, None)
        else:
            self.dispatch("GUILD_MEMBER_REMOVE", data, guild, None)
        self.tell("member", guild=str(guild.id), user=str(user.id))

    def keep_file(self, channel: Channel, file: File, *, ephemeral: bool = False) -> Attachment:
        """Store a file so that it can be fetched from its ``url``."""
        id_ = self.snowflakes.next()
        name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in file.name)
        attachment = Attachment(id_, file, f"{self._cdn_url}/attachments/{channel.id}/{id_}/{name}", ephemeral)
        self.files[id_] = attachment
        return attachment

    def expire_addresses(self) -> None:
        """Let every address of a file end, as Discord's do after a day; a message read anew has fresh ones."""
        for id_, attachment in list(self.files.items()):
            del self.files[id_]
            fresh = self.snowflakes.next()
            attachment.url = attachment.url.replace(f"/{id_}/", f"/{fresh}/")
            self.files[fresh] = attachment

    def tell(self, kind: str, **facts: str) -> None:
        """Publish a piece of news for pages and for tests that wait."""
        self.changes.publish({"service": "discord", "kind": kind, **facts})
