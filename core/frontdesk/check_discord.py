"""Checks of the bot's Discord account: its token, its intents, its permissions in each server."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import hikari

from frontdesk.check import Check, CheckState
from frontdesk.check_staff import check_staff
from frontdesk.errors import FrontdeskError
from frontdesk.intents import OptionalIntents, going_without, granted_by, intents_of, lacking, optional_intents_of
from frontdesk.settings import PluginSettings, Settings
from frontdesk.settings_secrets import DISCORD_TOKEN

_DISCORD = "https://discord.com/api/v10"
_PORTAL = "https://discord.com/developers/applications"
_PAGE = 200  # servers; the most that Discord lists at once
_TOKEN, _INTENTS, _PERMISSIONS = "Discord token", "Discord intents", "Discord permissions"
_STAFF = "Staff"


class DiscordAnswerError(FrontdeskError):
    """Discord did not answer as hoped."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True)
class Needs:
    """What plugins need of Discord, by plugin: the class attributes `intents`, `permissions` and `optional_intents`."""

    intents: Mapping[str, hikari.Intents]
    permissions: Mapping[str, hikari.Permissions]
    optional: Mapping[str, OptionalIntents] = field(default_factory=dict)

    @classmethod
    def of(cls, plugins: Mapping[str, type[Any]], settings: Mapping[str, PluginSettings[Any]]) -> "Needs":
        """Read them from the plugins' classes, and from their settings where intents depend on those."""
        return cls(
            intents={name: intents_of(plugin, settings[name]) for name, plugin in plugins.items()},
            permissions={
                name: getattr(plugin, "permissions", hikari.Permissions.NONE) for name, plugin in plugins.items()
            },
            optional={
                name: optional
                for name, plugin in plugins.items()
                if (optional := optional_intents_of(plugin, settings[name])) is not None
            },
        )


class _Rest:
    def __init__(self, session: aiohttp.ClientSession, settings: Settings, token: str) -> None:
        self._session = session
        self._base = settings.discord.rest_url or _DISCORD
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (frontdesk, 0.1)"}

    async def get(self, path: str, **query: str) -> Any:
        url = f"{self._base}{path}"
        try:
            async with self._session.get(url, params=query, headers=self._headers) as response:
                if response.status == 401:
                    raise DiscordAnswerError("Discord refuses the token.", refused=True)
                if response.status != 200:
                    raise DiscordAnswerError(f"Discord answered {path} with {response.status}.")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DiscordAnswerError(f"Discord cannot be reached ({type(error).__name__}).") from error

    async def servers(self) -> AsyncIterator[Mapping[str, Any]]:
        last = "0"
        while True:
            page = await self.get("/users/@me/guilds", limit=str(_PAGE), after=last)
            for server in page:
                yield server
            if len(page) < _PAGE:
                return
            last = page[-1]["id"]


async def check_discord(session: aiohttp.ClientSession, settings: Settings, needs: Needs) -> list[Check]:
    """Ask Discord about the bot.

    Args:
        session: with a time limit.
        settings: for the token, the address, and the servers that are named there.
        needs: what the plugins need.
    """
    if settings.secrets.discord_token is None:
        missing = Check(
            _TOKEN,
            CheckState.PROBLEM,
            f"{DISCORD_TOKEN} is not set.",
            f"Create a bot at {_PORTAL} and set the variable to its token (page Bot, Reset Token).",
        )
        return [missing, *_skipped(_INTENTS, _PERMISSIONS)]
    rest = _Rest(session, settings, settings.secrets.discord_token.get_secret_value())
    checks: list[Check] = []
    try:
        me = await rest.get("/users/@me")
        checks.append(Check(_TOKEN, CheckState.OK, f"The bot is {me['username']} ({me['id']})."))
        application = await rest.get("/oauth2/applications/@me")
        checks.append(intents_check(int(application.get("flags", 0)), needs))
        servers = [server async for server in rest.servers()]
        checks += permission_checks(servers, needs.permissions, settings.servers, str(application["id"]))
        checks += await check_staff(session, settings, rest, application)
    except FrontdeskError as error:
        done = {check.name.partition(":")[0] for check in checks}
        left = [name for name in (_TOKEN, _INTENTS, _PERMISSIONS) if name not in done] or [_STAFF]
        refused = isinstance(error, DiscordAnswerError) and error.refused
        mend = f"Set {DISCORD_TOKEN} to the token of {_PORTAL} (page Bot, Reset Token)." if refused else ""
        mend = mend or "Look at the network and https://discordstatus.com, then try again."
        checks += [Check(left[0], CheckState.PROBLEM, str(error), mend), *_skipped(*left[1:])]
    return checks


def _skipped(*names: str) -> list[Check]:
    return [Check(name, CheckState.SKIPPED, "Needs the line above.") for name in names]


def intents_check(flags: int, needs: Needs) -> Check:
    """Compare the application's flags with the privileged intents that plugins need or would use."""
    granted = granted_by(flags)
    users: dict[str, list[str]] = {}
    for name, intents in sorted(needs.intents.items()):
        for title in lacking(intents, granted):
            users.setdefault(title, []).append(name)
    if users:
        detail = "; ".join(f"{title} is off, needed by {', '.join(names)}" for title, names in users.items())
        return Check(
            _INTENTS,
            CheckState.PROBLEM,
            f"{detail}.",
            f"Switch on {' and '.join(users)} at {_PORTAL} (page Bot, Privileged Gateway Intents).",
        )
    without = [going_without(name, optional, granted) for name, optional in sorted(needs.optional.items())]
    return Check(
        _INTENTS, CheckState.OK, "; ".join(filter(None, ("All that the plugins need are granted", *without))) + "."
    )


def permission_checks(
    servers: Iterable[Mapping[str, Any]],
    needed: Mapping[str, hikari.Permissions],
    configured: Collection[int],
    application_id: str,
) -> list[Check]:
    """Compare the bot's permissions in each server with what plugins need.

    Args:
        servers: Discord's partial servers, with `permissions` of the bot as a number in text.
        needed: by plugin.
        configured: servers that bot.toml names; the bot must be in them.
        application_id: for the address that invites the bot.
    """
    wanted = hikari.Permissions.NONE
    for permissions in needed.values():
        wanted |= permissions
    invite = (
        f"https://discord.com/oauth2/authorize?client_id={application_id}"
        f"&scope=bot%20applications.commands&permissions={int(wanted)}"
    )
    checks = []
    found: set[int] = set()
    for server in servers:
        found.add(int(server["id"]))
        checks.append(_server_check(server, needed, invite))
    checks += [
        Check(_PERMISSIONS, CheckState.PROBLEM, f"The bot is not in server {missing}.", f"Invite it: {invite}")
        for missing in sorted(set(configured) - found)
    ]
    if not checks:
        checks.append(Check(_PERMISSIONS, CheckState.PROBLEM, "The bot is in no server.", f"Invite it: {invite}"))
    return checks


def _server_check(server: Mapping[str, Any], needed: Mapping[str, hikari.Permissions], invite: str) -> Check:
    title = f"{_PERMISSIONS}: {server.get('name', server['id'])}"
    has = hikari.Permissions(int(server.get("permissions", 0)))
    if has & hikari.Permissions.ADMINISTRATOR:
        return Check(title, CheckState.OK, "The bot is an administrator here; fewer permissions would do.")
    lacking = {name: permissions & ~has for name, permissions in sorted(needed.items()) if permissions & ~has}
    if not lacking:
        return Check(title, CheckState.OK, "All that the plugins need are granted.")
    detail = "; ".join(f"{name} lacks {_names(permissions)}" for name, permissions in lacking.items())
    return Check(title, CheckState.PROBLEM, f"{detail}.", f"Grant them to the bot's role, or invite it again: {invite}")


def _names(permissions: hikari.Permissions) -> str:
    return ", ".join((flag.name or str(int(flag))).replace("_", " ").title() for flag in permissions.split())
