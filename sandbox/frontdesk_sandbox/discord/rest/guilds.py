"""Servers, their roles and their members."""

from datetime import datetime, timedelta

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.errors import ApiError, invalid, missing_permissions, unknown
from frontdesk_sandbox.discord.model import Guild, GuildMember, Json, Role
from frontdesk_sandbox.discord.permissions import EVERYTHING, Permission, in_guild
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint

_LONGEST_TIMEOUT = timedelta(days=28)


def _guild(api: Api, call: Call) -> Json:
    guild = api.guild(call)
    payload = payloads.guild(guild)
    if call.query.get("with_counts") == "true":
        payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
    return payload


# Roles


def _highest(guild: Guild, member: GuildMember) -> int:
    return max((guild.roles[role].position for role in member.roles), default=0)


def _role(api: Api, call: Call, guild: Guild) -> Role:
    """The role of a call, if it is below the bot's highest."""
    role = guild.roles.get(call.id("role"))
    if role is None:
        raise unknown("Role")
    bot = guild.members[api.world.bot.id]
    if guild.owner_id != bot.user.id and role.position >= _highest(guild, bot):
        raise missing_permissions()
    return role


def _roles(api: Api, call: Call) -> list[Json]:
    return [payloads.role(role) for role in api.guild(call).roles.values()]


def _get_role(api: Api, call: Call) -> Json:
    role = api.guild(call).roles.get(call.id("role"))
    if role is None:
        raise unknown("Role")
    return payloads.role(role)


def _permission_bits(api: Api, guild: Guild, body: Json) -> int:
    bits = int(body.get("permissions") or 0)
    own = in_guild(guild, api.world.bot.id)
    if own != EVERYTHING and bits & ~own:
        raise missing_permissions()
    return bits


def _create_role(api: Api, call: Call) -> Json:
    guild, body = api.guild(call, Permission.MANAGE_ROLES), call.json()
    role = Role(
        api.world.snowflakes.next(), body.get("name") or "new role", _permission_bits(api, guild, body), 1,
        int(body.get("color") or 0), bool(body.get("hoist")), bool(body.get("mentionable")),
    )  # fmt: skip
    for other in guild.roles.values():
        other.position += 1 if other.position else 0
    guild.roles[role.id] = role
    return _tell_role(api, guild, role, "GUILD_ROLE_CREATE")


def _change_role(api: Api, call: Call) -> Json:
    guild, body = api.guild(call, Permission.MANAGE_ROLES), call.json()
    role = _role(api, call, guild)
    if "permissions" in body:
        role.permissions = _permission_bits(api, guild, body)
    role.name = body.get("name") or role.name
    role.color = role.color if body.get("color") is None else int(body["color"])
    role.hoist = bool(body.get("hoist", role.hoist))
    role.mentionable = bool(body.get("mentionable", role.mentionable))
    return _tell_role(api, guild, role, "GUILD_ROLE_UPDATE")


def _tell_role(api: Api, guild: Guild, role: Role, event: str) -> Json:
    payload = payloads.role(role)
    api.world.dispatch(event, {"guild_id": str(guild.id), "role": payload}, guild, None)
    api.world.tell("guild", guild=str(guild.id))
    return payload


def _delete_role(api: Api, call: Call) -> None:
    guild = api.guild(call, Permission.MANAGE_ROLES)
    role = _role(api, call, guild)
    del guild.roles[role.id]
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    data = {"guild_id": str(guild.id), "role_id": str(role.id)}
    api.world.dispatch("GUILD_ROLE_DELETE", data, guild, None)


# Members


def _find(api: Api, call: Call, guild: Guild) -> GuildMember:
    member = guild.members.get(call.id("user"))
    if member is None:
        api.world.user(call.id("user"))
        raise unknown("Member")
    return member


def _outrank(api: Api, guild: Guild, member: GuildMember) -> None:
    bot = guild.members[api.world.bot.id]
    if member is bot or guild.owner_id == bot.user.id:
        return
    if guild.owner_id == member.user.id or _highest(guild, member) >= _highest(guild, bot):
        raise missing_permissions()


def _member(api: Api, call: Call) -> Json:
    return payloads.member(_find(api, call, api.guild(call)))


def _members(api: Api, call: Call) -> list[Json]:
    guild, after = api.guild(call), int(call.query.get("after", 0))
    ids = sorted(id_ for id_ in guild.members if id_ > after)[: call.number("limit", 1, 1000)]
    return [payloads.member(guild.members[id_]) for id_ in ids]


def _search(api: Api, call: Call) -> list[Json]:
    guild, query = api.guild(call), call.query.get("query", "").lower()
    if not query:
        raise invalid("query", "This field is required", "BASE_TYPE_REQUIRED")
    found = [
        payloads.member(member)
        for member in guild.members.values()
        for names in [(member.user.name, member.user.display_name, member.nick or "")]
        if any(name.lower().startswith(query) for name in names)
    ]
    return found[: call.number("limit", 1, 1000)]


def _add_role(api: Api, call: Call) -> None:
    guild = api.guild(call, Permission.MANAGE_ROLES)
    member, role = _find(api, call, guild), _role(api, call, guild)
    if role.id not in member.roles:
        member.roles.append(role.id)
        api.world.member_changed(guild, member)


def _remove_role(api: Api, call: Call) -> None:
    guild = api.guild(call, Permission.MANAGE_ROLES)
    member, role = _find(api, call, guild), _role(api, call, guild)
    if role.id in member.roles:
        member.roles.remove(role.id)
        api.world.member_changed(guild, member)


def _change_member(api: Api, call: Call) -> Json:
    guild, body = api.guild(call), call.json()
    member = _find(api, call, guild)
    if "communication_disabled_until" in body:
        api.guild(call, Permission.MODERATE_MEMBERS)
        _outrank(api, guild, member)
        member.timed_out_until = _timeout(api, body["communication_disabled_until"])
    if "nick" in body:
        api.guild(call, Permission.MANAGE_NICKNAMES)
        _outrank(api, guild, member)
        member.nick = body["nick"] or None
    if body.get("roles") is not None:
        api.guild(call, Permission.MANAGE_ROLES)
        wanted = [int(id_) for id_ in body["roles"]]
        for id_ in set(wanted) ^ set(member.roles):
            call.ids["role"] = str(id_)
            _role(api, call, guild)
        member.roles = wanted
    api.world.member_changed(guild, member)
    return payloads.member(member)


def _timeout(api: Api, until: str | None) -> datetime | None:
    if until is None:
        return None
    moment = datetime.fromisoformat(until)
    if moment - api.world.clock() > _LONGEST_TIMEOUT:
        raise invalid(
            "communication_disabled_until", "Communication disabled until is more than 28 days in the future",
            "BASE_TYPE_BAD",
        )  # fmt: skip
    return moment


def _change_self(api: Api, call: Call) -> Json:
    guild = api.guild(call, Permission.CHANGE_NICKNAME)
    bot = guild.members[api.world.bot.id]
    if "nick" in call.json():
        bot.nick = call.json()["nick"] or None
    api.world.member_changed(guild, bot)
    return payloads.member(bot)


def _kick(api: Api, call: Call) -> None:
    guild = api.guild(call, Permission.KICK_MEMBERS)
    member = _find(api, call, guild)
    _outrank(api, guild, member)
    api.world.remove_member(guild, member.user)


# Bans


def _ban(api: Api, call: Call) -> None:
    guild, user = api.guild(call, Permission.BAN_MEMBERS), api.world.user(call.id("user"))
    if member := guild.members.get(user.id):
        _outrank(api, guild, member)
        api.world.remove_member(guild, user)
    guild.banned[user.id] = None
    data = {"guild_id": str(guild.id), "user": payloads.user(user)}
    api.world.dispatch("GUILD_BAN_ADD", data, guild, None)


def _unban(api: Api, call: Call) -> None:
    guild, user = api.guild(call, Permission.BAN_MEMBERS), api.world.user(call.id("user"))
    if user.id not in guild.banned:
        raise ApiError(404, 10026, "Unknown Ban")
    del guild.banned[user.id]
    data = {"guild_id": str(guild.id), "user": payloads.user(user)}
    api.world.dispatch("GUILD_BAN_REMOVE", data, guild, None)


_MEMBER = "/guilds/{guild}/members/{user}"

ENDPOINTS = [
    Endpoint("GET", "/guilds/{guild}", _guild),
    Endpoint("GET", "/guilds/{guild}/roles", _roles),
    Endpoint("POST", "/guilds/{guild}/roles", _create_role),
    Endpoint("GET", "/guilds/{guild}/roles/{role}", _get_role),
    Endpoint("PATCH", "/guilds/{guild}/roles/{role}", _change_role),
    Endpoint("DELETE", "/guilds/{guild}/roles/{role}", _delete_role),
    Endpoint("GET", "/guilds/{guild}/members", _members),
    Endpoint("GET", "/guilds/{guild}/members/search", _search),
    Endpoint("PATCH", "/guilds/{guild}/members/@me", _change_self),
    Endpoint("GET", _MEMBER, _member),
    Endpoint("PATCH", _MEMBER, _change_member),
    Endpoint("DELETE", _MEMBER, _kick),
    Endpoint("PUT", _MEMBER + "/roles/{role}", _add_role),
    Endpoint("DELETE", _MEMBER + "/roles/{role}", _remove_role),
    Endpoint("PUT", "/guilds/{guild}/bans/{user}", _ban),
    Endpoint("DELETE", "/guilds/{guild}/bans/{user}", _unban),
]
