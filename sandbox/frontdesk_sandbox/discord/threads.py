"""Threads and forum posts: started, joined, archived."""

from frontdesk_sandbox.discord import messages, payloads
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Guild, Json, Message, MessageFlag, User
from frontdesk_sandbox.discord.world import World


def start(
    world: World,
    guild: Guild,
    parent: Channel,
    owner: User,
    name: str,
    *,
    kind: ChannelKind = ChannelKind.PUBLIC_THREAD,
    on: Message | None = None,
    settings: Json | None = None,
) -> Channel:
    """Start a thread in a channel, or a post in a forum.

    Args:
        world: where it happens.
        guild: the server.
        parent: the channel or the forum.
        owner: who starts it, and is the first to join.
        name: its title.
        kind: public, private or of an announcement channel.
        on: the message that it hangs on; the thread then has the message's id, as in Discord.
        settings: further properties by Discord's names.
    """
    thread = Channel(
        on.id if on else world.snowflakes.next(), kind, name, guild.id, parent.id, owner_id=owner.id,
        settings=settings or {},
    )  # fmt: skip
    thread.thread_members[owner.id] = world.clock()
    world.add_channel(guild, thread, "THREAD_CREATE")
    if on is not None:
        on.thread = thread
        on.flags |= MessageFlag.HAS_THREAD
        messages.changed(world, on)
    return thread


def add_member(world: World, thread: Channel, user: User) -> None:
    """Let a person (or the bot) join a thread; nothing happens if already there."""
    if user.id in thread.thread_members:
        return
    thread.thread_members[user.id] = world.clock()
    joined = {**payloads.thread_member(thread, user.id), "presence": None}
    guild = world.guild_of(thread)
    if guild and user.id in guild.members:
        joined["member"] = payloads.member(guild.members[user.id])
    _tell(world, thread, {"added_members": [joined]})


def remove_member(world: World, thread: Channel, user: User) -> None:
    """Take a person (or the bot) out of a thread."""
    if thread.thread_members.pop(user.id, None) is not None:
        _tell(world, thread, {"removed_member_ids": [str(user.id)]})


def _tell(world: World, thread: Channel, what: Json) -> None:
    data = {"id": str(thread.id), "guild_id": str(thread.guild_id), "member_count": len(thread.thread_members)}
    world.dispatch("THREAD_MEMBERS_UPDATE", data | what, world.guild_of(thread), thread)
    world.tell("channel", channel=str(thread.id), guild=str(thread.guild_id))
