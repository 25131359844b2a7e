"""Which role somebody has in which server, by their Discord roles as the bot sees them now."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import hikari
import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.staff import Role, RoleNames

log = structlog.stdlib.get_logger(__name__)

FRESH = 60.0
"""Seconds for which an answer holds: a role that is taken away ends the right within a minute."""

_STALE = 300.0  # seconds for which it holds while Discord does not answer
_DEADLINE = 5.0
_AT_ONCE = 5
_MOST_PEOPLE = 5000


class RolesUnknown(FrontdeskError):
    """Discord does not tell somebody's roles at the moment."""


class Servers(Protocol):
    """What the door must know of Discord."""

    def servers(self) -> Mapping[int, str]:
        """The names of the servers that the bot is in, by id."""
        ...

    async def roles_of(self, user_id: int, *, fresh: float = FRESH) -> Mapping[int, Role]:
        """Somebody's role in each server where they have one.

        Args:
            user_id: the Discord user's id.
            fresh: seconds for which an earlier answer will do.

        Raises:
            RolesUnknown: if Discord does not answer.
        """
        ...


class DiscordServers:
    """Asks Discord, and remembers the answers for a minute.

    Args:
        bot: its cache knows servers and their roles, its REST client asks for members.
        names: the roles that make somebody staff, by server.
        clock: seconds that do not go back.
    """

    def __init__(
        self,
        bot: hikari.GatewayBot,
        names: Callable[[int], RoleNames],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._names = names
        self._clock = clock
        self._known: OrderedDict[int, tuple[float, Mapping[int, Role]]] = OrderedDict()
        self._asking: dict[int, asyncio.Task[Mapping[int, Role]]] = {}

    def servers(self) -> Mapping[int, str]:
        """The names of the servers that the bot is in, by id."""
        return {int(guild_id): guild.name for guild_id, guild in self._bot.cache.get_guilds_view().items()}

    async def roles_of(self, user_id: int, *, fresh: float = FRESH) -> Mapping[int, Role]:
        """Somebody's role in each server where they have one.

        Args:
            user_id: the Discord user's id.
            fresh: seconds for which an earlier answer will do.

        Raises:
            RolesUnknown: if Discord does not answer, and has not lately.
        """
        asked_at, roles = self._known.get(user_id, (float("-inf"), {}))
        if self._clock() < asked_at + fresh:
            return roles
        try:
            return await asyncio.shield(self._asked(user_id))
        except (hikari.HikariError, TimeoutError, OSError) as error:
            log.warning("staff_roles_unknown", user=user_id, reason=str(error) or type(error).__name__)
            if self._clock() < asked_at + _STALE:
                return roles
            raise RolesUnknown("Discord does not tell who belongs to the staff.") from error

    def _asked(self, user_id: int) -> "asyncio.Task[Mapping[int, Role]]":
        """One question at a time for each person: a page may ask for many things at once."""
        task = self._asking.get(user_id)
        if task is None:
            task = self._asking[user_id] = asyncio.create_task(self._ask(user_id), name="staff roles")
            task.add_done_callback(lambda _done: self._asking.pop(user_id, None))
        return task

    async def _ask(self, user_id: int) -> Mapping[int, Role]:
        turns = asyncio.Semaphore(_AT_ONCE)
        began = self._clock()

        async def ask(guild_id: int) -> Role | None:
            async with turns:
                return await self._role_in(guild_id, user_id)

        guild_ids: Collection[int] = list(self.servers())
        async with asyncio.timeout(_DEADLINE):
            found = await asyncio.gather(*(ask(guild_id) for guild_id in guild_ids))
        roles = {guild_id: role for guild_id, role in zip(guild_ids, found, strict=True) if role is not None}
        self._known[user_id] = (began, roles)
        self._known.move_to_end(user_id)
        if len(self._known) > _MOST_PEOPLE:
            self._known.popitem(last=False)
        return roles

    async def _role_in(self, guild_id: int, user_id: int) -> Role | None:
        try:
            member = await self._bot.rest.fetch_member(guild_id, user_id)
        except (hikari.NotFoundError, hikari.ForbiddenError):
            return None  # no member, or the bot has just left the server
        guild = self._bot.cache.get_guild(guild_id)
        if guild is None:
            return None
        held = {int(role_id): role for role_id, role in guild.get_roles().items() if role_id in member.role_ids}
        administrator = any(role.permissions & hikari.Permissions.ADMINISTRATOR for role in held.values())
        if administrator or guild.owner_id == user_id:
            return Role.SUPERVISOR
        return self._names(guild_id).role_for({role_id: role.name for role_id, role in held.items()})
