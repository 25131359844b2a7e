"""Channels: made, changed, deleted; permission overwrites."""

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.errors import ApiError, invalid, unknown
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Guild, Json, Overwrite
from frontdesk_sandbox.discord.permissions import EVERYTHING, Permission, in_guild
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint

_SETTINGS = ("topic", "nsfw", "rate_limit_per_user", "available_tags", "default_auto_archive_duration")
_THREAD_SETTINGS = ("rate_limit_per_user", "auto_archive_duration", "applied_tags", "invitable", "flags")
_LEGAL_KINDS = frozenset(
    {ChannelKind.TEXT, ChannelKind.VOICE, ChannelKind.CATEGORY, ChannelKind.ANNOUNCEMENT, ChannelKind.FORUM}
)


def shown(api: Api, channel: Channel) -> Json:
    """A channel as the bot is shown it."""
    return payloads.channel(channel, api.world.users, api.world.bot.id)


def _get(api: Api, call: Call) -> Json:
    return shown(api, api.channel(call))


def _list(api: Api, call: Call) -> list[Json]:
    guild = api.guild(call)
    return [shown(api, each) for each in guild.channels.values() if not each.is_thread]


def _overwrites(api: Api, guild: Guild, raw: list[Json] | None) -> list[Overwrite]:
    own = in_guild(guild, api.world.bot.id)
    overwrites = []
    for one in raw or ():
        allow, deny = int(one.get("allow") or 0), int(one.get("deny") or 0)
        if own != EVERYTHING and allow & ~own:
            raise ApiError(403, 50013, "Missing Permissions")
        overwrites.append(Overwrite(int(one["id"]), int(one["type"]), allow, deny))
    return overwrites


def _tags(api: Api, tags: list[Json]) -> list[Json]:
    return [
        {
            "id": str(tag.get("id") or api.world.snowflakes.next()), "name": tag["name"],
            "moderated": bool(tag.get("moderated")), "emoji_id": tag.get("emoji_id"),
            "emoji_name": tag.get("emoji_name"),
        }
        for tag in tags
    ]  # fmt: skip


def _name(body: Json, kind: ChannelKind) -> str:
    name = body.get("name") or ""
    if not 1 <= len(name) <= 100:
        raise invalid("name", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    tidy = kind in {ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT, ChannelKind.FORUM}
    return str(name).lower().replace(" ", "-") if tidy else str(name)


def _settings(api: Api, body: Json, names: tuple[str, ...]) -> Json:
    if len(body.get("topic") or "") > 4096:
        raise invalid("topic", "Must be 4096 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    settings = {name: body[name] for name in names if body.get(name) is not None}
    if "available_tags" in settings:
        settings["available_tags"] = _tags(api, settings["available_tags"])
    return settings


def _create(api: Api, call: Call) -> Json:
    guild, body = api.guild(call, Permission.MANAGE_CHANNELS), call.json()
    kind = ChannelKind(body.get("type") or 0)
    if kind not in _LEGAL_KINDS:
        raise invalid("type", 'Value of field "type" is not valid here', "BASE_TYPE_CHOICES")
    name = _name(body, kind)
    parent_id = int(body["parent_id"]) if body.get("parent_id") else None
    if parent_id is not None and parent_id not in guild.channels:
        raise invalid("parent_id", "Category does not exist", "CHANNEL_PARENT_INVALID")
    channel = Channel(
        api.world.snowflakes.next(), kind, name, guild.id, parent_id,
        int(body.get("position") or len(guild.channels)),
        _overwrites(api, guild, body.get("permission_overwrites")), _settings(api, body, _SETTINGS),
    )  # fmt: skip
    api.world.add_channel(guild, channel, "CHANNEL_CREATE")
    return shown(api, channel)


def _change(api: Api, call: Call) -> Json:
    channel = api.channel(call)
    guild, body = api.guild_of(channel), call.json()
    if channel.is_thread:
        return _change_thread(api, channel, body)
    api.require(channel, Permission.MANAGE_CHANNELS)
    if "name" in body:
        channel.name = _name(body, channel.kind)
    if "permission_overwrites" in body:
        api.require(channel, Permission.MANAGE_ROLES)
        channel.overwrites = _overwrites(api, guild, body["permission_overwrites"])
    if "parent_id" in body:
        channel.parent_id = int(body["parent_id"]) if body["parent_id"] else None
    if body.get("position") is not None:
        channel.position = int(body["position"])
    if body.get("type") is not None:
        channel.kind = ChannelKind(body["type"])
    channel.settings |= _settings(api, body, _SETTINGS)
    api.world.channel_changed(channel, "CHANNEL_UPDATE")
    return shown(api, channel)


def _change_thread(api: Api, thread: Channel, body: Json) -> Json:
    if thread.owner_id != api.world.bot.id or "locked" in body:
        api.require(thread, Permission.MANAGE_THREADS)
    if "name" in body:
        thread.name = _name(body, thread.kind)
    if "locked" in body:
        thread.locked = bool(body["locked"])
    if "archived" in body:
        thread.archived = bool(body["archived"])
        thread.archive_moment = api.world.clock()
    thread.settings |= _settings(api, body, _THREAD_SETTINGS)
    api.world.channel_changed(thread, "THREAD_UPDATE")
    return shown(api, thread)


def _delete(api: Api, call: Call) -> Json:
    channel = api.channel(call)
    if channel.kind is not ChannelKind.DM:
        api.require(channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    payload = shown(api, channel)
    api.world.delete_channel(channel)
    return payload


def _put_overwrite(api: Api, call: Call) -> None:
    channel, body = api.channel(call, Permission.MANAGE_ROLES), call.json()
    (new,) = _overwrites(api, api.guild_of(channel), [{**body, "id": call.id("overwrite")}])
    channel.overwrites = [*(each for each in channel.overwrites if each.id != new.id), new]
    api.world.channel_changed(channel, "CHANNEL_UPDATE")


def _delete_overwrite(api: Api, call: Call) -> None:
    channel = api.channel(call, Permission.MANAGE_ROLES)
    kept = [each for each in channel.overwrites if each.id != call.id("overwrite")]
    if len(kept) == len(channel.overwrites):
        raise unknown("Permission Overwrite")
    channel.overwrites = kept
    api.world.channel_changed(channel, "CHANNEL_UPDATE")


ENDPOINTS = [
    Endpoint("GET", "/channels/{channel}", _get),
    Endpoint("PATCH", "/channels/{channel}", _change),
    Endpoint("DELETE", "/channels/{channel}", _delete),
    Endpoint("PUT", "/channels/{channel}/permissions/{overwrite}", _put_overwrite),
    Endpoint("DELETE", "/channels/{channel}/permissions/{overwrite}", _delete_overwrite),
    Endpoint("GET", "/guilds/{guild}/channels", _list),
    Endpoint("POST", "/guilds/{guild}/channels", _create, 201),
]
