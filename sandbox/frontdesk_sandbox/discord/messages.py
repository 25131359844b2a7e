"""Posting, editing, deleting and reacting: what happens to messages, and the events that tell of it."""

import re
from collections.abc import Iterable
from datetime import timedelta

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.model import (
    Channel,
    Draft,
    Json,
    Message,
    MessageFlag,
    MessageKind,
    User,
)
from frontdesk_sandbox.discord.world import World

_NONCE_LIFE = timedelta(minutes=5)
_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")


def post(
    world: World,
    channel: Channel,
    author: User,
    draft: Draft,
    *,
    kind: MessageKind | None = None,
    interaction: Json | None = None,
    interaction_name: str | None = None,
    seen_only_by: User | None = None,
) -> Message:
    """Say something in a channel.

    Args:
        world: where it happens.
        channel: where it is said.
        author: who says it.
        draft: what is said; already found valid.
        kind: the message type; by default a plain message, or a reply.
        interaction: the metadata, if this answers an interaction; the message then counts as the application's.
        interaction_name: the command's name, for the pages.
        seen_only_by: makes it ephemeral.
    """
    id_ = world.snowflakes.next()
    message = Message(
        id_, channel.id, channel.guild_id, author, flags=draft.flags, stickers=draft.stickers,
        poll=draft.poll, forwarded=draft.forwarded, tts=draft.tts, reply_to=draft.reply_to, interaction=interaction,
        interaction_name=interaction_name,
    )  # fmt: skip
    message.kind = kind or (MessageKind.REPLY if draft.reply_to else MessageKind.DEFAULT)
    if interaction is not None:
        message.webhook_id = world.bot.id
    if seen_only_by is not None:
        message.seen_only_by = seen_only_by.id
        message.flags |= MessageFlag.EPHEMERAL
    fill(world, channel, message, draft)
    if seen_only_by is not None:
        world.ephemerals.setdefault(seen_only_by.id, []).append(message)
    else:
        channel.messages[id_] = message
        channel.last_message_id = id_
        if channel.is_thread:
            channel.thread_members.setdefault(author.id, world.clock())
        if draft.nonce is not None:
            remember_nonce(world, channel, author, draft.nonce, message)
        world.dispatch("MESSAGE_CREATE", _event(world, message, draft.nonce), world.guild_of(channel), channel)
    _tell(world, message)
    return message


def fill(world: World, channel: Channel, message: Message, draft: Draft) -> None:
    """Put a draft's text, embeds, components and files into a message; files are added to those that are there."""
    message.content = draft.content
    ephemeral = message.seen_only_by is not None
    kept = [world.keep_file(channel, file, ephemeral=ephemeral) for file in draft.files]
    message.attachments = [*message.attachments, *kept]
    urls = {f"attachment://{each.file.name}": each.url for each in message.attachments}
    message.embeds = [_with_urls(embed, urls) for embed in draft.embeds]
    message.components = draft.components
    _mention(world, message, draft.allowed_mentions)


def _with_urls(embed: Json, urls: dict[str, str]) -> Json:
    pictured = dict(embed)
    for part in ("image", "thumbnail"):
        if part in pictured:
            url = urls.get(pictured[part]["url"], pictured[part]["url"])
            pictured[part] = {**pictured[part], "url": url, "proxy_url": url}
    return pictured


def _mention(world: World, message: Message, allowed: Json | None) -> None:
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or ())
    users = {str(id_) for id_ in (allowed or {}).get("users") or ()}
    roles = {str(id_) for id_ in (allowed or {}).get("roles") or ()}
    mentioned = dict.fromkeys(_USER_MENTION.findall(message.content))
    message.mentions = [
        world.users[int(id_)] for id_ in mentioned if int(id_) in world.users and ("users" in parse or id_ in users)
    ]
    if message.reply_to and (allowed is None or allowed.get("replied_user")):
        author = message.reply_to.author
        message.mentions = [*message.mentions, *([author] if author not in message.mentions else [])]
    mentioned_roles = dict.fromkeys(_ROLE_MENTION.findall(message.content))
    message.mention_roles = [int(id_) for id_ in mentioned_roles if "roles" in parse or id_ in roles]
    everyone = "@everyone" in message.content or "@here" in message.content
    message.mention_everyone = everyone and "everyone" in parse


def edited(world: World, message: Message) -> None:
    """Stamp a message as edited just now, and tell of it."""
    message.edited_at = world.clock()
    changed(world, message)


def changed(world: World, message: Message) -> None:
    """Tell of a message that has another look now (edited, pinned, given a thread)."""
    if message.seen_only_by is None:
        channel = world.channels[message.channel_id]
        world.dispatch("MESSAGE_UPDATE", _event(world, message, None), world.guild_of(channel), channel)
    _tell(world, message)


def delete(world: World, message: Message) -> None:
    """Delete a message, and tell of it."""
    message.deleted = True
    if message.seen_only_by is not None:
        world.ephemerals[message.seen_only_by].remove(message)
    else:
        channel = world.channels[message.channel_id]
        del channel.messages[message.id]
        data = _at(message) | {"id": str(message.id)}
        data.pop("message_id")
        world.dispatch("MESSAGE_DELETE", data, world.guild_of(channel), channel)
    _tell(world, message, "message_deleted")


def delete_many(world: World, channel: Channel, messages: Iterable[Message]) -> None:
    """Delete many messages of a channel at once: one event."""
    doomed = list(messages)
    for message in doomed:
        message.deleted = True
        del channel.messages[message.id]
    data: Json = {"ids": [str(each.id) for each in doomed], "channel_id": str(channel.id)}
    if channel.guild_id:
        data["guild_id"] = str(channel.guild_id)
    world.dispatch("MESSAGE_DELETE_BULK", data, world.guild_of(channel), channel)
    world.tell("message_deleted", channel=str(channel.id))


def react(world: World, message: Message, user: User, emoji: str) -> None:
    """Add a person's reaction (``name`` or ``name:id``); nothing happens if it is there already."""
    users = message.reactions.setdefault(emoji, [])
    if user.id not in users:
        users.append(user.id)
        data = _reaction(message, user, emoji)
        channel = world.channels[message.channel_id]
        if (guild := world.guild_of(channel)) and user.id in guild.members:
            data["member"] = payloads.member(guild.members[user.id])
        data |= {"burst": False, "message_author_id": str(message.author.id)}
        world.dispatch("MESSAGE_REACTION_ADD", data, guild, channel)
        _tell(world, message)


def unreact(world: World, message: Message, user: User, emoji: str) -> None:
    """Take a person's reaction away; nothing happens if it is not there."""
    users = message.reactions.get(emoji, [])
    if user.id in users:
        users.remove(user.id)
        if not users:
            del message.reactions[emoji]
        channel = world.channels[message.channel_id]
        data = {**_reaction(message, user, emoji), "burst": False}
        world.dispatch("MESSAGE_REACTION_REMOVE", data, world.guild_of(channel), channel)
        _tell(world, message)


def clear_reactions(world: World, message: Message, emoji: str | None = None) -> None:
    """Take all reactions away, or all of one emoji."""
    channel = world.channels[message.channel_id]
    if emoji is None:
        message.reactions.clear()
        world.dispatch("MESSAGE_REACTION_REMOVE_ALL", _at(message), world.guild_of(channel), channel)
    else:
        message.reactions.pop(emoji, None)
        data = {**_at(message), "emoji": payloads.emoji(emoji)}
        world.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", data, world.guild_of(channel), channel)
    _tell(world, message)


def remember_nonce(world: World, channel: Channel, author: User, nonce: str | int, message: Message) -> None:
    """Remember what was said under a nonce, for the few minutes that Discord does."""
    world.nonces[channel.id, author.id, str(nonce)] = (world.clock(), message)


def said_under(world: World, channel: Channel, author: User, nonce: str | int) -> Message | None:
    """The message that the author has sent under this nonce in the last minutes, if any."""
    earliest = world.clock() - _NONCE_LIFE
    for key, (moment, _) in list(world.nonces.items()):
        if moment >= earliest:
            break
        del world.nonces[key]
    kept = world.nonces.get((channel.id, author.id, str(nonce)))
    return kept[1] if kept else None


def _event(world: World, message: Message, nonce: str | int | None) -> Json:
    data = payloads.message(message, world.users, world.bot.id)
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
        member = world.guilds[message.guild_id].members.get(message.author.id)
        if member is not None and message.webhook_id is None:
            data["member"] = payloads.member(member, with_user=False)
    if nonce is not None:
        data["nonce"] = nonce
    return data


def _at(message: Message) -> Json:
    data: Json = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    return data


def _reaction(message: Message, user: User, emoji: str) -> Json:
    return {**_at(message), "user_id": str(user.id), "emoji": payloads.emoji(emoji), "type": 0}


def _tell(world: World, message: Message, kind: str = "message") -> None:
    facts = {"user": str(message.seen_only_by)} if message.seen_only_by else {}
    world.tell(kind, channel=str(message.channel_id), message=str(message.id), **facts)
