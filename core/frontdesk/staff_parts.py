"""Puts the parts of staff together: the door for all pages, and the pages of /staff/ itself."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import hikari
from starlette.requests import Request
from starlette.routing import BaseRoute

from frontdesk.settings import Settings
from frontdesk.staff import Role
from frontdesk.staff_discord import DiscordSignIn, SignInUnavailable
from frontdesk.staff_door import StaffDoor
from frontdesk.staff_flex import FlexSignIn
from frontdesk.staff_members import DiscordServers, Servers
from frontdesk.staff_pages import StaffPages
from frontdesk.staff_routes import SignInRoutes
from frontdesk.staff_rows import StaffRows
from frontdesk.staff_sessions import StaffSessions
from frontdesk.staff_tokens import StaffTokens
from frontdesk.store import Store
from frontdesk.twilio import Twilio
from frontdesk.words import Say

STAFF = "staff"
"""Where the pages are served: no plugin can have this name."""

_DEADLINE = 10.0


class StaffParts:
    """Everything about staff of one bot.

    Args:
        settings: from `load_settings`.
        bot: knows servers, roles and members.
        store: the database.
        twilio: knows who works in Flex; None without an account.
        clock: the time (UTC).

    Attributes:
        door: for the pages of plugins.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        bot: hikari.GatewayBot,
        store: Store,
        twilio: Twilio | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._bot = bot
        self._twilio = twilio
        self._clock = clock
        table = settings.staff
        self._rows = StaffRows(store, keep=timedelta(days=table.audit_days))
        self._servers: Servers = DiscordServers(bot, settings.staff_roles)
        sessions = StaffSessions(
            self._rows,
            self._servers,
            named=settings.servers,
            lifetime=timedelta(hours=table.session_hours),
            idle=timedelta(minutes=table.idle_minutes),
            clock=clock,
        )
        tokens = StaffTokens(self._rows, clock=clock)
        public_url = settings.web.public_url
        self.door = StaffDoor(
            sessions,
            tokens,
            public_url=public_url,
            frame_ancestors=table.flex_origins,
            role_names=settings.staff_roles,
            names_roles=settings.names_staff_roles(),
        )

    def routes(self, say: Callable[[Request], Say]) -> list[BaseRoute]:
        """Give the routes below /staff/.

        Args:
            say: who speaks to the person behind a request.
        """
        sign_in = SignInRoutes(self.door, discord=self._discord(), flex=self._flex(), say=say)
        pages = StaffPages(self.door, servers=self._servers, say=say, clock=self._clock)
        return [*sign_in.routes, *pages.routes]

    def _discord(self) -> DiscordSignIn | None:
        secret = self._settings.secrets.discord_client_secret
        if secret is None:
            return None
        return DiscordSignIn(
            self._rows,
            application_id=_once(self._application_id),
            client_secret=secret.get_secret_value(),
            rest_url=self._settings.discord.rest_url,
            redirect_uri=redirect_uri(self._settings),
            clock=self._clock,
        )

    def _flex(self) -> FlexSignIn | None:
        roles = {name: Role(role) for name, role in self._settings.staff.flex_roles.items()}
        return FlexSignIn(self._twilio, roles) if self._twilio is not None and roles else None

    async def _application_id(self) -> int:
        try:
            async with asyncio.timeout(_DEADLINE):
                return int((await self._bot.rest.fetch_application()).id)
        except (hikari.HikariError, TimeoutError, OSError) as error:
            raise SignInUnavailable(f"Discord does not tell the application ({error}).") from error


def redirect_uri(settings: Settings) -> str:
    """Where Discord sends browsers back to, to be listed in the developer portal."""
    return f"{settings.web.public_url}/{STAFF}/sign-in/discord/callback"


def _once(ask: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """Ask until there is an answer, then keep it."""
    known: list[int] = []

    async def asked() -> int:
        if not known:
            known.append(await ask())
        return known[0]

    return asked
