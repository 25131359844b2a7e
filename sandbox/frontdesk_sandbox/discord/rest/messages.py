"""Messages: sent, read, edited, deleted, pinned, crossposted; typing."""

from frontdesk_sandbox.discord import messages, payloads
from frontdesk_sandbox.discord.errors import ApiError, invalid, unknown
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Json, Message, MessageFlag
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.rest import drafts
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint
from frontdesk_sandbox.discord.snowflakes import moment_of

_BULK_DAYS = 14


def _shown(api: Api, message: Message) -> Json:
    return payloads.message(message, api.world.users, api.world.bot.id)


def may_send(api: Api, channel: Channel, body: Json, *, files: bool) -> None:
    """Refuse what the bot may not send into a channel.

    Raises:
        ApiError: 50007, 50278, 50001, 50013, 50024 or 50083.
    """
    if channel.kind is ChannelKind.DM:
        _check_dm(api, channel)
        return
    in_thread = channel.is_thread
    needed = int(Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)
    if body.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if files:
        needed |= Permission.ATTACH_FILES
    if body.get("message_reference"):
        needed |= Permission.READ_MESSAGE_HISTORY
    api.require(channel, needed)
    if channel.kind in {ChannelKind.FORUM, ChannelKind.CATEGORY}:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    if channel.locked:
        raise ApiError(400, 50083, "Thread is archived")


def _check_dm(api: Api, channel: Channel) -> None:
    bot = api.world.bot
    person = api.world.users[next(id_ for id_ in channel.recipients if id_ != bot.id)]
    together = any(person.id in guild.members and bot.id in guild.members for guild in api.world.guilds.values())
    if person.dms_closed or bot.id in person.blocked:
        raise ApiError(403, 50007, "Cannot send messages to this user")
    if not together:  # Discord does not say when it answers which of the two: the sandbox gives both, so both are met
        raise ApiError(403, 50278, "Cannot send messages to this user")


def _create(api: Api, call: Call) -> Json:
    channel, body = api.world.channel(call.id("channel")), call.json()
    may_send(api, channel, body, files=bool(call.files))
    draft = drafts.read(api, call, body, channel)
    bot = api.world.bot
    if draft.nonce is not None and body.get("enforce_nonce"):
        said = messages.said_under(api.world, channel, bot, draft.nonce)
        if said is not None:
            return _shown(api, said) | {"nonce": draft.nonce}
    if channel.archived:
        channel.archived = False
        api.world.channel_changed(channel, "THREAD_UPDATE")
    message = messages.post(api.world, channel, bot, draft)
    shown = _shown(api, message)
    return shown if draft.nonce is None else shown | {"nonce": draft.nonce}


def _list(api: Api, call: Call) -> list[Json]:
    channel = api.channel(call)
    bits = api.world.permissions(api.world.bot, channel)
    found = list(channel.messages.values()) if bits & Permission.READ_MESSAGE_HISTORY else []
    limit = call.number("limit", 50, 100)
    marks = {name: int(call.query[name]) for name in ("around", "before", "after") if name in call.query}
    if len(marks) > 1:
        raise invalid("before", "Only one of around, before and after may be given", "BASE_TYPE_BAD")
    if "after" in marks:
        found = [each for each in found if each.id > marks["after"]][:limit]
    elif "around" in marks:
        newer = [each for each in found if each.id >= marks["around"]][: (limit + 1) // 2]
        older = [each for each in found if each.id < marks["around"]]
        found = older[max(0, len(older) - limit // 2) :] + newer
    else:
        found = [each for each in found if each.id < marks.get("before", 1 << 63)][-limit:]
    return [_shown(api, each) for each in reversed(found)]


def _get(api: Api, call: Call) -> Json:
    channel = api.channel(call, Permission.READ_MESSAGE_HISTORY)
    return _shown(api, api.world.message(channel, call.id("message")))


def _edit(api: Api, call: Call) -> Json:
    channel, body = api.channel(call), call.json()
    message = api.world.message(channel, call.id("message"))
    if message.author is not api.world.bot:
        if set(body) - {"flags"}:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        api.require(channel, Permission.MANAGE_MESSAGES)
    else:
        draft = drafts.change(call, body, message)
        message.flags = draft.flags
        messages.fill(api.world, channel, message, draft)
    if body.get("flags") is not None:
        suppressed = int(body["flags"]) & MessageFlag.SUPPRESS_EMBEDS
        message.flags = (message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | suppressed
    messages.edited(api.world, message)
    return _shown(api, message)


def _delete(api: Api, call: Call) -> None:
    channel = api.channel(call)
    message = api.world.message(channel, call.id("message"))
    if message.author is not api.world.bot:
        if channel.kind is ChannelKind.DM:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        api.require(channel, Permission.MANAGE_MESSAGES)
    messages.delete(api.world, message)


def _bulk_delete(api: Api, call: Call) -> None:
    channel = api.channel(call, Permission.MANAGE_MESSAGES)
    api.guild_of(channel)
    ids = {int(id_) for id_ in call.json().get("messages") or ()}
    if not 2 <= len(ids) <= 100:
        raise invalid("messages", "Must be between 2 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    if any((api.world.clock() - moment_of(id_)).days >= _BULK_DAYS for id_ in ids):
        raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    messages.delete_many(api.world, channel, [channel.messages[id_] for id_ in ids if id_ in channel.messages])


def _crosspost(api: Api, call: Call) -> Json:
    channel = api.channel(call, Permission.SEND_MESSAGES)
    if channel.kind is not ChannelKind.ANNOUNCEMENT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    message = api.world.message(channel, call.id("message"))
    if message.author is not api.world.bot:
        api.require(channel, Permission.MANAGE_MESSAGES)
    if message.flags & MessageFlag.CROSSPOSTED:
        raise ApiError(400, 40033, "This message has already been crossposted.")
    if wait := api.limits.may_crosspost(channel.id):
        error = ApiError(429, 0, "You are being rate limited.")
        error.body |= {"retry_after": round(wait, 3), "global": False}
        raise error
    message.flags |= MessageFlag.CROSSPOSTED
    messages.changed(api.world, message)
    return _shown(api, message)


def _typing(api: Api, call: Call) -> None:
    channel = api.world.channel(call.id("channel"))
    if channel.kind is not ChannelKind.DM:
        api.require(channel, Permission.SEND_MESSAGES)
    api.world.tell("typing", channel=str(channel.id), user=str(api.world.bot.id))


def _pinned(api: Api, call: Call) -> list[Message]:
    found = [each for each in api.channel(call).messages.values() if each.pinned_at is not None]
    return sorted(found, key=lambda each: each.pinned_at or api.world.clock(), reverse=True)


def _pins(api: Api, call: Call) -> Json:
    items = [
        {"pinned_at": payloads.stamp(each.pinned_at), "message": _shown(api, each)}
        for each in _pinned(api, call)
        if each.pinned_at is not None
    ]
    return {"items": items[: call.number("limit", 50, 50)], "has_more": False}


def _pins_of_old(api: Api, call: Call) -> list[Json]:
    return [_shown(api, each) for each in _pinned(api, call)]


def _pin(api: Api, call: Call) -> None:
    _set_pin(api, call, on=True)


def _unpin(api: Api, call: Call) -> None:
    _set_pin(api, call, on=False)


def _set_pin(api: Api, call: Call, *, on: bool) -> None:
    channel = api.channel(call)
    if channel.kind is not ChannelKind.DM:
        api.require(channel, Permission.MANAGE_MESSAGES)
    message = channel.messages.get(call.id("message"))
    if message is None:
        raise unknown("Message")
    message.pinned_at = api.world.clock() if on else None
    messages.changed(api.world, message)
    data: Json = {"channel_id": str(channel.id)}
    if channel.guild_id:
        data["guild_id"] = str(channel.guild_id)
    if on:
        data["last_pin_timestamp"] = payloads.stamp(api.world.clock())
    api.world.dispatch("CHANNEL_PINS_UPDATE", data, api.world.guild_of(channel), channel)


_BASE = "/channels/{channel}/messages"

ENDPOINTS = [
    Endpoint("POST", _BASE, _create),
    Endpoint("GET", _BASE, _list),
    Endpoint("POST", _BASE + "/bulk-delete", _bulk_delete),
    Endpoint("GET", _BASE + "/pins", _pins),
    Endpoint("PUT", _BASE + "/pins/{message}", _pin),
    Endpoint("DELETE", _BASE + "/pins/{message}", _unpin),
    Endpoint("GET", "/channels/{channel}/pins", _pins_of_old),
    Endpoint("PUT", "/channels/{channel}/pins/{message}", _pin),
    Endpoint("DELETE", "/channels/{channel}/pins/{message}", _unpin),
    Endpoint("GET", _BASE + "/{message}", _get),
    Endpoint("PATCH", _BASE + "/{message}", _edit),
    Endpoint("DELETE", _BASE + "/{message}", _delete),
    Endpoint("POST", _BASE + "/{message}/crosspost", _crosspost),
    Endpoint("POST", "/channels/{channel}/typing", _typing),
]
