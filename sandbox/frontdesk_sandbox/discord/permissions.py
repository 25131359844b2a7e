"""What a member may do in a server and in a channel: roles, overwrites, time-outs."""

from datetime import datetime
from enum import IntFlag

from frontdesk_sandbox.discord.model import Channel, ChannelKind, Guild


class Permission(IntFlag):
    """The permissions that the sandbox looks at; values are Discord's bits."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49


EVERYTHING = (1 << 53) - 1
"""Every bit that Discord has given a meaning to, and the few between."""

EVERYONE_DEFAULT = int(
    Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.EMBED_LINKS | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS | Permission.SEND_MESSAGES_IN_THREADS | Permission.SEND_POLLS
)  # fmt: skip
"""What everyone may do in a new server."""

BOT_DEFAULT = int(
    EVERYONE_DEFAULT | Permission.MANAGE_CHANNELS | Permission.MANAGE_ROLES | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS | Permission.MANAGE_WEBHOOKS | Permission.MODERATE_MEMBERS
    | Permission.MENTION_EVERYONE
)  # fmt: skip
"""What the bot's own role may do unless the test or the demonstration says otherwise."""

_TIMED_OUT = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
_IN_DM = EVERYONE_DEFAULT


def in_guild(guild: Guild, user_id: int) -> int:
    """A member's permissions in the server as a whole, from roles; 0 for those who are not in it."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return EVERYTHING
    allowed = guild.roles[guild.id].permissions
    for role_id in member.roles:
        allowed |= guild.roles[role_id].permissions
    return EVERYTHING if allowed & Permission.ADMINISTRATOR else allowed


def in_channel(guild: Guild | None, channel: Channel, user_id: int, now: datetime) -> int:
    """A person's permissions in a channel, a thread or a DM.

    Args:
        guild: the channel's server; None for a DM.
        channel: the channel; for a thread, the overwrites of its parent count.
        user_id: the person or the bot.
        now: the present moment, for time-outs.
    """
    if guild is None:
        return _IN_DM if user_id in channel.recipients else 0
    allowed = in_guild(guild, user_id)
    member = guild.members.get(user_id)
    if member is None or allowed == EVERYTHING:
        return allowed
    place = guild.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
    overwrites = {overwrite.id: overwrite for overwrite in place.overwrites}
    if everyone := overwrites.get(guild.id):
        allowed = (allowed & ~everyone.deny) | everyone.allow
    of_roles = [overwrites[role_id] for role_id in member.roles if role_id in overwrites]
    for overwrite in of_roles:
        allowed &= ~overwrite.deny
    for overwrite in of_roles:
        allowed |= overwrite.allow
    if own := overwrites.get(user_id):
        allowed = (allowed & ~own.deny) | own.allow
    if not allowed & Permission.VIEW_CHANNEL:
        return 0
    if channel.kind is ChannelKind.PRIVATE_THREAD and not allowed & Permission.MANAGE_THREADS:
        allowed = allowed if user_id in channel.thread_members else 0
    if member.timed_out_until is not None and member.timed_out_until > now:
        allowed &= _TIMED_OUT
    return int(allowed)
