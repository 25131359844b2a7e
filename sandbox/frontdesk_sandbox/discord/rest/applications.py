"""Who the bot is, where the gateway is, and the application's commands."""

from typing import Any

from frontdesk_sandbox.discord import payloads
from frontdesk_sandbox.discord.errors import invalid, missing_access, unknown
from frontdesk_sandbox.discord.intents import application_flags
from frontdesk_sandbox.discord.model import Json
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint


def _gateway(api: Api, _call: Call) -> Json:
    return {"url": api.gateway.url}


def _gateway_bot(api: Api, _call: Call) -> Json:
    limit = {"total": 1000, "remaining": 1000, "reset_after": 14_400_000, "max_concurrency": 1}
    return {"url": api.gateway.url, "shards": 1, "session_start_limit": limit}


def _application(api: Api, _call: Call) -> Json:
    bot, flags = api.world.bot, application_flags(api.gateway.disallowed_intents)
    owner = next(iter(guild.owner_id for guild in api.world.guilds.values()), bot.id)
    return {
        "id": str(bot.id), "name": bot.display_name, "icon": None, "description": "", "type": None,
        "verify_key": "00" * 32, "flags": flags, "flags_new": str(flags),
        "redirect_uris": list(api.world.redirect_uris),
        "interactions_endpoint_url": None, "role_connections_verification_url": None,
        "owner": payloads.user(api.world.users[owner]), "approximate_guild_count": len(api.world.guilds),
        "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0, "team": None, "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "bot_public": False, "bot_require_code_grant": False, "bot": payloads.user(bot), "summary": "",
    }  # fmt: skip


def _scope(api: Api, call: Call) -> int | None:
    if call.id("application") != api.world.bot.id:
        raise unknown("Application")
    if "guild" not in call.ids:
        return None
    guild = api.world.guilds.get(call.id("guild"))
    if guild is None or api.world.bot.id not in guild.members:
        raise missing_access()
    return guild.id


def _list(api: Api, call: Call) -> Any:
    return api.commands.all(_scope(api, call))


def _replace(api: Api, call: Call) -> Any:
    if not isinstance(call.body, list):
        raise invalid("_", "Only iterables may be used in a ListType", "LIST_TYPE_CONVERT")
    kept = api.commands.replace(_scope(api, call), call.body)
    api.world.tell("commands")
    return kept


def _add(api: Api, call: Call) -> Any:
    kept = api.commands.add(_scope(api, call), call.json())
    api.world.tell("commands")
    return kept


def _get(api: Api, call: Call) -> Any:
    return api.commands.get(_scope(api, call), call.id("command"))


def _change(api: Api, call: Call) -> Any:
    kept = api.commands.change(_scope(api, call), call.id("command"), call.json())
    api.world.tell("commands")
    return kept


def _remove(api: Api, call: Call) -> None:
    api.commands.remove(_scope(api, call), call.id("command"))
    api.world.tell("commands")


_GLOBAL = "/applications/{application}/commands"
_LOCAL = "/applications/{application}/guilds/{guild}/commands"

ENDPOINTS = [
    Endpoint("GET", "/gateway", _gateway),
    Endpoint("GET", "/gateway/bot", _gateway_bot),
    Endpoint("GET", "/oauth2/applications/@me", _application),
    Endpoint("GET", "/applications/@me", _application),
    *(
        endpoint
        for base in (_GLOBAL, _LOCAL)
        for endpoint in (
            Endpoint("GET", base, _list),
            Endpoint("PUT", base, _replace),
            Endpoint("POST", base, _add, 201),
            Endpoint("GET", base + "/{command}", _get),
            Endpoint("PATCH", base + "/{command}", _change),
            Endpoint("DELETE", base + "/{command}", _remove),
        )
    ),
]
