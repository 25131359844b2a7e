"""What a Discord world is made of: people, servers, channels, messages. State only; rules live elsewhere."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Json = dict[str, Any]


class ChannelKind(IntEnum):
    """Discord's channel types, https://discord.com/developers/docs/resources/channel#channel-object-channel-types."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


class MessageKind(IntEnum):
    """The message types that the sandbox makes."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    SLASH_COMMAND = 20
    THREAD_STARTER = 21
    MENU_COMMAND = 23


class MessageFlag(IntEnum):
    """Bits of a message's flags."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


@dataclass(slots=True)
class User:
    """An account.

    Attributes:
        color: 0xRRGGBB, for the pages' avatar.
        dms_closed: whether the person takes no direct messages from servers.
        blocked: ids of those whom the person has blocked.
    """

    id: int
    name: str
    display_name: str
    locale: str = "en-US"
    bot: bool = False
    color: int = 0x5865F2
    dms_closed: bool = False
    blocked: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Role:
    """A role of a server; the one with the server's id is everyone's."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    """A channel's exception for a role (kind 0) or a person (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class GuildMember:
    """A person's membership of a server."""

    user: User
    joined_at: datetime
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: datetime | None = None


@dataclass(slots=True)
class Channel:
    """A channel, a thread or a DM.

    Attributes:
        settings: those properties that only travel to and fro, as Discord names them (topic, nsfw, tags ...).
        recipients: in a DM, both user ids.
        thread_members: in a thread, those who have joined, with the moment.
        messages: by id, in the order in which they came.
    """

    id: int
    kind: ChannelKind
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    recipients: tuple[int, ...] = ()
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    archive_moment: datetime | None = None
    thread_members: dict[int, datetime] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    last_message_id: int | None = None
    deleted: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread or a forum post."""
        return self.kind in _THREADS


_THREADS = frozenset({ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD})


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, GuildMember] = field(default_factory=dict)
    banned: dict[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way into a message; a voice message's recording has seconds."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"
    description: str | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Attachment:
    """A file of a message, to be had at ``url``."""

    id: int
    file: File
    url: str
    ephemeral: bool = False


@dataclass(slots=True)
class Message:
    """A message.

    Attributes:
        seen_only_by: for an ephemeral message, the one who sees it.
        forwarded: the message that this one forwards.
        interaction: the ``interaction_metadata`` of an answer to an interaction.
        reactions: user ids by emoji (``name`` or ``name:id``), in the order of the first.
    """

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    content: str = ""
    kind: MessageKind = MessageKind.DEFAULT
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    stickers: list[Json] = field(default_factory=list)
    poll: Json | None = None
    forwarded: "Message | None" = None
    flags: int = 0
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    edited_at: datetime | None = None
    pinned_at: datetime | None = None
    tts: bool = False
    reply_to: "Message | None" = None
    interaction: Json | None = None
    interaction_name: str | None = None
    webhook_id: int | None = None
    thread: Channel | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    seen_only_by: int | None = None
    deleted: bool = False

    @property
    def loading(self) -> bool:
        """Whether this stands for an answer that has only been promised."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True)
class Draft:
    """What is about to be said; the fields are a message's."""

    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    stickers: list[Json] = field(default_factory=list)
    poll: Json | None = None
    forwarded: Message | None = None
    flags: int = 0
    tts: bool = False
    reply_to: Message | None = None
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
