"""Sessions of staff: who comes in gets one, who has one is known, and each can be ended."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from frontdesk.staff import Role, Staff
from frontdesk.staff_members import FRESH, RolesUnknown, Servers
from frontdesk.staff_rows import Event, EventKind, Reason, Session, StaffRows

_SEEN_EVERY = timedelta(minutes=1)
_PATIENCE = 1.0  # seconds in which Discord tells the roles of colleagues, or a page goes without them
_COLLEAGUES_FRESH = 600.0  # seconds: whom one can give work to need not be known as exactly as who may come in


@dataclass(frozen=True)
class Arrival:
    """Somebody whom Discord or Flex has vouched for.

    Args:
        staff_id: as `Staff` has it.
        name: how others see them.
        via: ``"discord"`` or ``"flex"``.
        flex_role: what their roles in Flex give; None for none, and for who comes by Discord.
        until: when the vouching ends, where it does.
    """

    staff_id: str
    name: str
    via: str
    flex_role: Role | None = None
    until: datetime | None = None


class StaffSessions:
    """The sessions of one bot.

    Args:
        rows: where they are kept.
        servers: tells servers and roles.
        named: servers that bot.toml names; who works in Flex works for these too.
        lifetime: from when on one must sign in again.
        idle: likewise without a page.
        clock: the time (UTC).
    """

    def __init__(
        self,
        rows: StaffRows,
        servers: Servers,
        *,
        named: Collection[int],
        lifetime: timedelta,
        idle: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._servers = servers
        self._named = frozenset(named)
        self._lifetime = lifetime
        self._idle = idle
        self._clock = clock

    async def begin(self, arrival: Arrival, address: str) -> tuple[str, int] | None:
        """Let somebody in who has a role; whoever has none is refused, and noted.

        Args:
            arrival: who comes.
            address: the shortened network address.

        Returns:
            The secret for the browser and the seconds that it is good for; None for a refusal.

        Raises:
            RolesUnknown: if Discord does not tell their roles.
        """
        now = self._clock()
        roles = await self._roles(arrival.staff_id, arrival.via, arrival.flex_role)
        expires = min(now + self._lifetime, arrival.until or datetime.max.replace(tzinfo=now.tzinfo))
        if not roles or expires <= now:
            reason = Reason.EXPIRED if roles else Reason.NO_ROLE
            await self._rows.note(self._event(EventKind.REFUSED, arrival, address, detail=reason.value))
            return None
        guilds = None if arrival.via == "flex" else frozenset(roles)
        session = Session(
            0, arrival.staff_id, arrival.name, arrival.via, arrival.flex_role, guilds, address, now, now, expires
        )
        secret = secrets.token_urlsafe(32)
        await self._rows.add_session(secret, session, self._event(EventKind.SIGNED_IN, arrival, address, guilds))
        return secret, int((expires - now).total_seconds())

    def _event(
        self,
        kind: EventKind,
        arrival: Arrival,
        address: str,
        guilds: frozenset[int] | None = None,
        detail: str = "",
    ) -> Event:
        return Event(self._clock(), kind, arrival.staff_id, arrival.name, arrival.via, guilds, address, detail)

    async def refuse(self, via: str, address: str, reason: Reason) -> None:
        """Note a sign-in that was refused before anybody knew who it was.

        Args:
            via: ``"discord"`` or ``"flex"``.
            address: the shortened network address.
            reason: why.
        """
        await self._rows.note(self._event(EventKind.REFUSED, Arrival("", "", via), address, detail=reason.value))

    async def find(self, secret: str, *, in_use: bool = True) -> Staff | None:
        """Who has a session, with their roles of this moment; None if it has ended or never was.

        Args:
            secret: of the browser.
            in_use: whether it is the person who asks: then the session goes on.

        Raises:
            RolesUnknown: if Discord does not tell their roles.
        """
        now = self._clock()
        session = await self._rows.find_session(secret, now, self._idle)
        if session is None:
            return None
        if in_use and session.seen_at + _SEEN_EVERY <= now:
            await self._rows.touch(session.id, now)
        roles = await self._roles(session.staff_id, session.via, session.flex_role)
        return Staff(session.staff_id, session.name, roles, session.via, session.id)

    async def colleagues(self, guild_id: int, role: Role) -> list[Staff]:
        """Who has signed in, as far back as sessions are kept, and may do in a server what a role may.

        Whoever's roles Discord does not tell within a second is left out.

        Args:
            guild_id: the Discord server.
            role: the least that they must be.
        """
        people = {asyncio.create_task(self._as_staff(each)) for each in await self._rows.people(guild_id)}
        if not people:
            return []
        told, late = await asyncio.wait(people, timeout=_PATIENCE)
        for each in late:
            each.cancel()  # the question goes on, and its answer is there the next time
        found = [staff for each in told if (staff := each.result()) is not None and staff.may(role, guild_id)]
        return sorted(found, key=lambda staff: (staff.name, staff.id))

    async def _as_staff(self, session: Session) -> Staff | None:
        try:
            roles = await self._roles(session.staff_id, session.via, session.flex_role, fresh=_COLLEAGUES_FRESH)
        except RolesUnknown:
            return None
        return Staff(session.staff_id, session.name, roles, session.via)

    def server_names(self) -> Mapping[int, str]:
        """The names of the servers that the bot is in, by id."""
        return self._servers.servers()

    async def _roles(
        self, staff_id: str, via: str, flex_role: Role | None, *, fresh: float = FRESH
    ) -> Mapping[int, Role]:
        if via == "flex":
            everywhere = self._named | frozenset(self._servers.servers())
            return dict.fromkeys(sorted(everywhere), flex_role) if flex_role else {}
        return await self._servers.roles_of(int(staff_id.partition(":")[2]), fresh=fresh)

    async def visible_to(self, staff: Staff) -> list[Session]:
        """The sessions that somebody may see and end: their own, and of their servers where they are a supervisor."""
        return await self._visible(staff)

    async def _visible(self, staff: Staff, number: int | None = None) -> list[Session]:
        supervised = staff.guilds_with(Role.SUPERVISOR)
        return await self._rows.sessions(self._clock(), self._idle, of=staff.id, guild_ids=supervised, number=number)

    async def record_for(self, staff: Staff) -> list[Event]:
        """What the record tells of the servers where somebody is a supervisor, the newest first."""
        return await self._rows.events(staff.guilds_with(Role.SUPERVISOR))

    async def sign_out(self, staff: Staff, address: str) -> None:
        """End the session with which somebody is here."""
        if staff.session_id is not None:
            guilds = frozenset(staff.roles)
            event = Event(self._clock(), EventKind.SIGNED_OUT, staff.id, staff.name, staff.via, guilds, address)
            await self._rows.end_session(staff.session_id, event)

    async def revoke(self, staff: Staff, session_id: int, address: str) -> bool:
        """End a session that somebody may see.

        Args:
            staff: who ends it.
            session_id: its number.
            address: theirs, shortened.

        Returns:
            Whether there was such a session.
        """
        session = next(iter(await self._visible(staff, session_id)), None)
        if session is None:
            return False
        event = Event(
            self._clock(), EventKind.REVOKED, staff.id, staff.name, staff.via, session.guilds, address, session.name
        )
        return await self._rows.end_session(session_id, event)
