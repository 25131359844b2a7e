"""What is kept about staff: sign-ins under way, sessions, tokens of programs, the record. The only SQL of staff."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk.staff import Role
from frontdesk.store import Store
from frontdesk.tables import staff_attempts, staff_events, staff_sessions, staff_tokens

_MOST_LISTED = 200


class EventKind(Enum):
    """What the record tells of."""

    SIGNED_IN = "signed-in"
    REFUSED = "refused"
    SIGNED_OUT = "signed-out"
    REVOKED = "revoked"
    TOKEN_MADE = "token-made"  # noqa: S105 - not a password
    TOKEN_USED = "token-used"  # noqa: S105 - not a password
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - not a password


class Reason(Enum):
    """Why somebody was refused, as the record tells it."""

    NO_ROLE = "no-role"
    EXPIRED = "expired"
    STATE = "state"
    BROWSER = "browser"
    CANCELLED = "cancelled"
    DISCORD = "discord"
    FLEX = "flex"


@dataclass(frozen=True)
class Attempt:
    """A sign-in that has left for Discord and is not back yet."""

    state_hash: str
    browser_hash: str
    verifier: str
    next: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A browser that is signed in.

    Args:
        guilds: the servers in which they had a role when they came in; None for all.
        flex_role: the role of who came by Flex; others' are looked up each time.
    """

    id: int
    staff_id: str
    name: str
    via: str
    flex_role: Role | None
    guilds: frozenset[int] | None
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class ApiToken:
    """A program's key to one server."""

    id: int
    guild_id: int
    name: str
    role: Role
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True)
class Event:
    """One line of the record.

    Args:
        guilds: the servers that it concerns; None where that cannot be said, so all.
        address: the network address it came from, its end cut off.
        detail: what else is to say: of a refusal the `Reason`, else the name of whose session or token it is.
    """

    at: datetime
    kind: EventKind
    staff_id: str
    name: str
    via: str
    guilds: frozenset[int] | None = None
    address: str = ""
    detail: str = ""


def hashed(secret: str) -> str:
    """What is kept instead of a secret. The secrets are random and long: they need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class StaffRows:
    """The rows of staff.

    Args:
        store: the database.
        keep: for how long the record is kept.
    """

    def __init__(self, store: Store, *, keep: timedelta) -> None:
        self._store = store
        self._keep = keep

    async def add_attempt(self, attempt: Attempt, now: datetime) -> None:
        """Keep a sign-in that begins; those that never came back are swept."""
        async with self._store.begin() as db:
            await db.execute(sa.delete(staff_attempts).where(staff_attempts.c.expires_at <= now))
            await db.execute(sa.insert(staff_attempts).values(**vars(attempt)))

    async def take_attempt(self, state: str, now: datetime) -> Attempt | None:
        """Take a sign-in out, so that it can end only once; None if there is none, or it is too old."""
        where = staff_attempts.c.state_hash == hashed(state)
        async with self._store.begin() as db:
            row = (await db.execute(sa.delete(staff_attempts).where(where).returning(staff_attempts))).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        return Attempt(**row._asdict())

    async def add_session(self, secret: str, session: Session, event: Event) -> int:
        """Keep a new session, and note it; what is long over is swept.

        Returns:
            The session's number.
        """
        old = session.created_at - self._keep
        values = {
            "token_hash": hashed(secret), "staff_id": session.staff_id, "name": session.name, "via": session.via,
            "flex_role": session.flex_role.value if session.flex_role else None, "guilds": _listed(session.guilds),
            "address": session.address, "created_at": session.created_at, "seen_at": session.seen_at,
            "expires_at": session.expires_at,
        }  # fmt: skip
        async with self._store.begin() as db:
            await db.execute(sa.delete(staff_sessions).where(staff_sessions.c.expires_at <= old))
            await db.execute(sa.delete(staff_events).where(staff_events.c.at <= old))
            added = await db.execute(sa.insert(staff_sessions).values(**values).returning(staff_sessions.c.id))
            await _note(db, event)
            return int(added.scalar_one())

    async def find_session(self, secret: str, now: datetime, idle: timedelta) -> Session | None:
        """The session of a cookie; None if there is none, or it has ended."""
        where = staff_sessions.c.token_hash == hashed(secret)
        async with self._store.read() as db:
            row = (await db.execute(sa.select(staff_sessions).where(where, *_lasting(now, idle)))).one_or_none()
        return None if row is None else _session(row)

    async def sessions(
        self, now: datetime, idle: timedelta, *, of: str, guild_ids: Collection[int], number: int | None = None
    ) -> list[Session]:
        """Sessions that last, the latest seen first.

        Args:
            now: the time (UTC).
            idle: how long a session lasts without a page.
            of: whose sessions are wanted in any case, by `Staff.id`.
            guild_ids: servers of which all that concern them are wanted.
            number: of the only session that is wanted; None for all.
        """
        columns = staff_sessions.c
        wanted = [sa.or_(columns.staff_id == of, _concerns(columns.guilds, guild_ids))]
        if number is not None:
            wanted.append(columns.id == number)
        query = sa.select(staff_sessions).where(*_lasting(now, idle), *wanted).order_by(columns.seen_at.desc())
        async with self._store.read() as db:
            return [_session(row) for row in await db.execute(query.limit(_MOST_LISTED))]

    async def people(self, guild_id: int) -> list[Session]:
        """The newest session of each who has come in to work for a server, whatever has become of it."""
        columns = staff_sessions.c
        here = sa.select(sa.func.max(columns.id)).where(_concerns(columns.guilds, [guild_id]))
        here = here.group_by(columns.staff_id)
        query = sa.select(staff_sessions).where(columns.id.in_(here)).order_by(columns.id.desc()).limit(_MOST_LISTED)
        async with self._store.read() as db:
            return [_session(row) for row in await db.execute(query)]

    async def touch(self, session_id: int, now: datetime) -> None:
        """Note that a session is in use."""
        where = staff_sessions.c.id == session_id
        async with self._store.begin() as db:
            await db.execute(sa.update(staff_sessions).where(where).values(seen_at=now))

    async def end_session(self, session_id: int, event: Event) -> bool:
        """End a session and note it; tell whether it still lasted."""
        where = (staff_sessions.c.id == session_id, staff_sessions.c.ended_at.is_(None))
        ended = sa.update(staff_sessions).where(*where).values(ended_at=event.at).returning(staff_sessions.c.id)
        async with self._store.begin() as db:
            if (await db.execute(ended)).one_or_none() is None:
                return False
            await _note(db, event)
        return True

    async def add_token(self, secret: str, token: ApiToken, event: Event) -> int:
        """Keep a new token of a program, and note it.

        Returns:
            The token's number.
        """
        values = {
            "token_hash": hashed(secret), "guild_id": token.guild_id, "name": token.name, "role": token.role.value,
            "made_by": token.made_by, "made_at": token.made_at, "expires_at": token.expires_at,
        }  # fmt: skip
        async with self._store.begin() as db:
            added = await db.execute(sa.insert(staff_tokens).values(**values).returning(staff_tokens.c.id))
            await _note(db, event)
            return int(added.scalar_one())

    async def find_token(self, secret: str, now: datetime) -> ApiToken | None:
        """The token with this secret; None if there is none, or it is revoked or too old."""
        where = (staff_tokens.c.token_hash == hashed(secret), *_valid(now))
        async with self._store.read() as db:
            row = (await db.execute(sa.select(staff_tokens).where(*where))).one_or_none()
        return None if row is None else _token(row)

    async def tokens(self, guild_ids: Sequence[int], now: datetime) -> list[ApiToken]:
        """The valid tokens of some servers, the newest first."""
        query = sa.select(staff_tokens).where(staff_tokens.c.guild_id.in_(guild_ids), *_valid(now))
        async with self._store.read() as db:
            return [_token(row) for row in await db.execute(query.order_by(staff_tokens.c.id.desc()))]

    async def use_token(self, token: ApiToken, event: Event) -> None:
        """Note that a token is in use; the record tells of its first time."""
        first = (staff_tokens.c.id == token.id, staff_tokens.c.used_at.is_(None))
        used = sa.update(staff_tokens).values(used_at=event.at).returning(staff_tokens.c.id)
        async with self._store.begin() as db:
            if (await db.execute(used.where(*first))).one_or_none() is not None:
                await _note(db, event)
            else:
                await db.execute(used.where(staff_tokens.c.id == token.id))

    async def revoke_token(self, token_id: int, event: Event) -> bool:
        """Make a token worthless and note it; tell whether it was worth something."""
        where = (staff_tokens.c.id == token_id, staff_tokens.c.revoked_at.is_(None))
        revoked = sa.update(staff_tokens).where(*where).values(revoked_at=event.at).returning(staff_tokens.c.id)
        async with self._store.begin() as db:
            if (await db.execute(revoked)).one_or_none() is None:
                return False
            await _note(db, event)
        return True

    async def note(self, event: Event) -> None:
        """Add a line to the record."""
        async with self._store.begin() as db:
            await _note(db, event)

    async def events(self, guild_ids: Collection[int]) -> list[Event]:
        """The newest lines of the record that concern some servers, the newest first."""
        query = sa.select(staff_events).where(_concerns(staff_events.c.guilds, guild_ids))
        async with self._store.read() as db:
            rows = await db.execute(query.order_by(staff_events.c.id.desc()).limit(_MOST_LISTED))
            return [_event(row) for row in rows]


def _lasting(now: datetime, idle: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    columns = staff_sessions.c
    return columns.ended_at.is_(None), columns.expires_at > now, columns.seen_at > now - idle


def _valid(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    expires = staff_tokens.c.expires_at
    return staff_tokens.c.revoked_at.is_(None), sa.or_(expires.is_(None), expires > now)


async def _note(db: AsyncSession, event: Event) -> None:
    values = {**vars(event), "kind": event.kind.value, "guilds": _listed(event.guilds)}
    await db.execute(sa.insert(staff_events).values(**values))


def _listed(guilds: frozenset[int] | None) -> list[str] | None:
    """As text: other programs that read JSON may round numbers of this size."""
    return None if guilds is None else [str(guild_id) for guild_id in sorted(guilds)]


def _concerns(kept: sa.ColumnElement[object], guild_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """Whether something concerns one of some servers: it names it, or none. Of no servers nothing does."""
    if not guild_ids:
        return sa.false()
    listed = sa.cast(kept, sa.Text)  # each number stands in quotes, so none is found within another
    return sa.or_(kept.is_(None), *(listed.contains(f'"{guild_id}"') for guild_id in sorted(guild_ids)))


def _guilds(kept: list[str] | None) -> frozenset[int] | None:
    return None if kept is None else frozenset(int(guild_id) for guild_id in kept)


def _session(row: "sa.Row[tuple[object, ...]]") -> Session:
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    role = kept["flex_role"]
    return Session(
        id=kept["id"],
        staff_id=kept["staff_id"],
        name=kept["name"],
        via=kept["via"],
        flex_role=Role(role) if role else None,
        guilds=_guilds(kept["guilds"]),
        address=kept["address"],
        created_at=kept["created_at"],
        seen_at=kept["seen_at"],
        expires_at=kept["expires_at"],
    )


def _token(row: "sa.Row[tuple[object, ...]]") -> ApiToken:
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return ApiToken(
        id=kept["id"],
        guild_id=kept["guild_id"],
        name=kept["name"],
        role=Role(kept["role"]),
        made_by=kept["made_by"],
        made_at=kept["made_at"],
        expires_at=kept["expires_at"],
        used_at=kept["used_at"],
    )


def _event(row: "sa.Row[tuple[object, ...]]") -> Event:
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Event(
        at=kept["at"],
        kind=EventKind(kept["kind"]),
        staff_id=kept["staff_id"],
        name=kept["name"],
        via=kept["via"],
        guilds=_guilds(kept["guilds"]),
        address=kept["address"],
        detail=kept["detail"],
    )
