"""Core's own tables, and the column types that plugins share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from .schema import Tables

BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A 64-bit key that counts up by itself on both databases (SQLite only counts up ``INTEGER``)."""


class Utc(TypeDecorator[datetime]):
    """A moment: goes in aware of its zone, is kept as UTC, comes out as UTC. SQLite knows no zones by itself."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: nobody could tell what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone; use datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

_WAITING = sa.text("state = 'waiting'")
_SETTLED = sa.text("state <> 'waiting'")

journal = sa.Table(
    "core_journal",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("receipt", sa.JSON(none_as_null=True)),
    sa.Column("reason", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("settled_at", Utc),
    sa.Index("core_journal_key", "kind", "key", unique=True),
    sa.Index("core_journal_waiting", "lane", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index("core_journal_settled", "settled_at", sqlite_where=_SETTLED, postgresql_where=_SETTLED),
    sqlite_autoincrement=True,  # a swept id is never given again: order is the order of ids
)

lanes = sa.Table(  # used by PostgreSQL, where several processes share the lanes
    "core_lanes",
    metadata,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("owner", sa.Integer),
)

staff_attempts = sa.Table(
    "core_staff_attempt",
    metadata,
    sa.Column("state_hash", sa.Text, primary_key=True),
    sa.Column("browser_hash", sa.Text, nullable=False),
    sa.Column("verifier", sa.Text, nullable=False),
    sa.Column("next", sa.Text, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
)

staff_sessions = sa.Table(
    "core_staff_session",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("staff_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("flex_role", sa.Text),
    sa.Column("guilds", sa.JSON(none_as_null=True)),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Index("core_staff_session_token", "token_hash", unique=True),
    sa.Index("core_staff_session_expires", "expires_at"),
    sqlite_autoincrement=True,  # a number is never given again: the record names it
)

staff_tokens = sa.Table(
    "core_staff_token",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("expires_at", Utc),
    sa.Column("used_at", Utc),
    sa.Column("revoked_at", Utc),
    sa.Index("core_staff_token_hash", "token_hash", unique=True),
    sa.Index("core_staff_token_guild", "guild_id"),
    sqlite_autoincrement=True,
)

staff_events = sa.Table(
    "core_staff_event",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("staff_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("guilds", sa.JSON(none_as_null=True)),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("core_staff_event_at", "at"),
)

CORE = Tables(prefix="core", metadata=metadata, migrations=Path(__file__).parent / "migrations")
