"""Users, and direct channels with them."""

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.errors import ApiError, invalid, missing_access
from frontdesk_sandbox.discord.model import Guild, Json
from frontdesk_sandbox.discord.permissions import in_guild
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint


def _me(api: Api, call: Call) -> Json:
    return payloads.own_user(call.user or api.world.bot)


def _user(api: Api, call: Call) -> Json:
    return payloads.user(api.world.user(call.id("user")))


def _guilds(api: Api, call: Call) -> list[Json]:
    bot, limit = api.world.bot, call.number("limit", 200, 200)
    ids = sorted(guild.id for guild in api.world.guilds.values() if bot.id in guild.members)
    if "before" in call.query:
        ids = [id_ for id_ in ids if id_ < int(call.query["before"])][-limit:]
    else:
        ids = [id_ for id_ in ids if id_ > int(call.query.get("after", 0))][:limit]
    return [_own_guild(api, api.world.guilds[id_], call.query.get("with_counts") == "true") for id_ in ids]


def _own_guild(api: Api, guild: Guild, counted: bool) -> Json:
    shown: Json = {
        "id": str(guild.id), "name": guild.name, "icon": None, "banner": None, "owner": False,
        "permissions": str(in_guild(guild, api.world.bot.id)), "features": [],
    }  # fmt: skip
    if counted:
        shown |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
    return shown


def _leave_guild(api: Api, call: Call) -> None:
    guild = api.world.guild(call.id("guild"))
    if api.world.bot.id not in guild.members:
        raise missing_access()
    api.world.remove_member(guild, api.world.bot)


def _open_dm(api: Api, call: Call) -> Json:
    recipient = call.json().get("recipient_id")
    if not str(recipient or "").isdigit():
        raise invalid("recipient_id", "This field is required", "BASE_TYPE_REQUIRED")
    user = api.world.users.get(int(str(recipient)))
    if user is None or user is api.world.bot:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    if not api.world.has_dm(user) and not api.limits.may_open_dm():
        raise ApiError(403, 40003, "You are opening direct messages too fast.")
    return payloads.channel(api.world.dm_with(user), api.world.users, api.world.bot.id)


ENDPOINTS = [
    Endpoint("GET", "/users/@me", _me),
    Endpoint("GET", "/users/@me/guilds", _guilds),
    Endpoint("DELETE", "/users/@me/guilds/{guild}", _leave_guild),
    Endpoint("POST", "/users/@me/channels", _open_dm),
    Endpoint("GET", "/users/{user}", _user),
]
