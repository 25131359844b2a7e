"""Tokens with which programs use the pages' addresses: each for one server, shown once, revocable."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from frontdesk.staff import Role, Staff
from frontdesk.staff_rows import ApiToken, Event, EventKind, StaffRows

_PREFIX = "fd_"  # so that scanners of source code recognise one that was published by mistake
_USED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class TokenWish:
    """The token that somebody asks for.

    Args:
        name: what it is for.
        role: what it may do.
        guild_id: in which server.
        days: for how long; None for as long as nobody revokes it.
    """

    name: str
    role: Role
    guild_id: int
    days: int | None = None


class StaffTokens:
    """The API tokens of one bot.

    Args:
        rows: where they are kept.
        clock: the time (UTC).
    """

    def __init__(self, rows: StaffRows, *, clock: Callable[[], datetime]) -> None:
        self._rows = rows
        self._clock = clock

    async def make(self, staff: Staff, wish: TokenWish, address: str) -> str:
        """Make a token.

        Args:
            staff: who makes it.
            wish: what it shall be.
            address: of who makes it, shortened.

        Returns:
            The token itself, which is not kept.

        Raises:
            PermissionError: if they are no supervisor of that server.
        """
        if not staff.may(Role.SUPERVISOR, wish.guild_id):
            raise PermissionError("only a supervisor of the server makes tokens for it")
        now = self._clock()
        expires = None if wish.days is None else now + timedelta(days=wish.days)
        secret = _PREFIX + secrets.token_urlsafe(32)
        token = ApiToken(0, wish.guild_id, wish.name, wish.role, staff.name, now, expires, None)
        await self._rows.add_token(secret, token, self._event(EventKind.TOKEN_MADE, staff, token, address))
        return secret

    async def find(self, secret: str, address: str) -> Staff | None:
        """The program that has a token; None if it is no valid one.

        Args:
            secret: as it was sent.
            address: where from, shortened.
        """
        now = self._clock()
        token = await self._rows.find_token(secret, now) if secret.startswith(_PREFIX) else None
        if token is None:
            return None
        program = Staff(f"token:{token.id}", token.name, {token.guild_id: token.role}, "token")
        if token.used_at is None or token.used_at + _USED_EVERY <= now:
            await self._rows.use_token(token, self._event(EventKind.TOKEN_USED, program, token, address))
        return program

    async def visible_to(self, staff: Staff) -> list[ApiToken]:
        """The valid tokens of the servers where somebody is a supervisor."""
        return await self._rows.tokens(staff.guilds_with(Role.SUPERVISOR), self._clock())

    async def revoke(self, staff: Staff, token_id: int, address: str) -> bool:
        """Make a token worthless that somebody may see; tell whether there was one.

        Args:
            staff: who does it.
            token_id: the token's number.
            address: theirs, shortened.
        """
        token = next((each for each in await self.visible_to(staff) if each.id == token_id), None)
        if token is None:
            return False
        return await self._rows.revoke_token(token_id, self._event(EventKind.TOKEN_REVOKED, staff, token, address))

    def _event(self, kind: EventKind, staff: Staff, token: ApiToken, address: str) -> Event:
        guilds = frozenset({token.guild_id})
        return Event(self._clock(), kind, staff.id, staff.name, staff.via, guilds, address, token.name)
