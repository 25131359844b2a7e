"""Checks of the sign-in of staff: the client secret, the address on the way back, the roles that are named."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, Protocol

import aiohttp

from frontdesk.check import Check, CheckState
from frontdesk.errors import FrontdeskError
from frontdesk.nearest import nearest
from frontdesk.settings import Settings
from frontdesk.settings_secrets import DISCORD_CLIENT_SECRET
from frontdesk.staff_parts import redirect_uri

_SIGN_IN, _ROLES = "Staff sign-in", "Staff roles"
_DISCORD = "https://discord.com/api/v10"


class Rest(Protocol):
    """Asks Discord as the bot."""

    async def get(self, path: str, **query: str) -> Any:
        """The JSON answer of a path."""
        ...

    def servers(self) -> AsyncIterator[Mapping[str, Any]]:
        """The servers that the bot is in."""
        ...


async def check_staff(
    session: aiohttp.ClientSession, settings: Settings, rest: Rest, application: Mapping[str, Any]
) -> list[Check]:
    """Ask Discord whether staff can sign in, and whether the roles that bot.toml names are there.

    Args:
        session: with a time limit.
        settings: for the secret and the roles.
        rest: asks Discord as the bot.
        application: the bot's, as Discord describes it.

    Raises:
        FrontdeskError: if Discord does not answer.
    """
    return [await _sign_in(session, settings, application), await _roles(settings, rest)]


async def _sign_in(session: aiohttp.ClientSession, settings: Settings, application: Mapping[str, Any]) -> Check:
    secret = settings.secrets.discord_client_secret
    page = f"https://discord.com/developers/applications/{application['id']}/oauth2"
    if secret is None:
        detail = f"{DISCORD_CLIENT_SECRET} is not set: staff cannot sign in with Discord."
        return Check(_SIGN_IN, CheckState.SKIPPED, detail)
    url = f"{settings.discord.rest_url or _DISCORD}/oauth2/token"
    form = {
        "grant_type": "client_credentials",
        "scope": "identify",
        "client_id": str(application["id"]),
        "client_secret": secret.get_secret_value(),
    }
    try:
        async with session.post(url, data=form) as response:
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise FrontdeskError(f"Discord cannot be reached ({type(error).__name__}).") from error
    if status == 401:
        mend = f"Set {DISCORD_CLIENT_SECRET} to the client secret of {page}."
        return Check(_SIGN_IN, CheckState.PROBLEM, "Discord refuses the client secret.", mend)
    back = redirect_uri(settings)
    if back not in (application.get("redirect_uris") or ()):
        return Check(
            _SIGN_IN,
            CheckState.PROBLEM,
            "Discord would not send staff back to us.",
            f"Add {back} to Redirects at {page}.",
        )
    return Check(_SIGN_IN, CheckState.OK, "The client secret is good, and Discord knows the way back.")


async def _roles(settings: Settings, rest: Rest) -> Check:
    everywhere: set[str] = set()
    unknown: list[str] = []
    wanted_everywhere = _marks(settings.staff)
    overridden = {guild_id: _marks(server.staff) for guild_id, server in settings.servers.items()}
    if not wanted_everywhere and not any(overridden.values()):
        return Check(_ROLES, CheckState.OK, "None are named: owners and administrators alone are staff.")
    async for server in rest.servers():
        roles = await rest.get(f"/guilds/{server['id']}/roles")
        known = {str(role["id"]) for role in roles} | {str(role["name"]) for role in roles}
        everywhere |= known
        unknown += _unknown(overridden.get(int(server["id"]), set()), known, f" in {server.get('name', server['id'])}")
    unknown += _unknown(wanted_everywhere, everywhere, "")
    if unknown:
        mend = "Write role names exactly as in Discord, or better their ids, under [staff] in bot.toml."
        return Check(_ROLES, CheckState.PROBLEM, f"There is no role {'; '.join(unknown)}.", mend)
    return Check(_ROLES, CheckState.OK, "All that bot.toml names are there.")


def _marks(table: object) -> set[str]:
    lists = (getattr(table, role) or () for role in ("viewer", "agent", "supervisor"))
    return {str(mark) for each in lists for mark in each}


def _unknown(wanted: Collection[str], known: Collection[str], where: str) -> list[str]:
    lines = []
    for mark in sorted(set(wanted) - set(known)):
        close = nearest(mark, sorted(known))
        lines.append(f'"{mark}"{where}' + (f' (did you mean "{close}"?)' if close else ""))
    return lines
