"""The tables of the cases plugin."""

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from frontdesk import BigId, Tables, Utc
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from frontdesk_cases.listing import NOT_DUE


class Base(DeclarativeBase):
    """Has this plugin's tables alone."""

    metadata = sa.MetaData()


class CounterRow(Base):
    """The last number that a server gave to a case."""

    __tablename__ = "cases_counter"

    guild_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(sa.Integer)


_GOES_ON = sa.text("merged_into IS NULL")


class CaseRow(Base):
    """A case, with its person as known when it was opened."""

    __tablename__ = "cases_case"
    __table_args__ = (
        sa.Index("cases_case_number", "guild_id", "number", unique=True),
        sa.Index("cases_case_key", "guild_id", "key", unique=True),
        sa.Index("cases_case_person", "guild_id", "person_id", "id"),
        sa.Index("cases_case_status", "guild_id", "status", "changed_at", "id"),
        sa.Index("cases_case_changed", "guild_id", "changed_at", "id"),
        sa.Index("cases_case_opened", "guild_id", "status", "opened_at", "id"),
        sa.Index("cases_case_urgent", "guild_id", "status", "priority", "opened_at", "id"),
        sa.Index("cases_case_due", "guild_id", "status", "due_at", "id"),
        sa.Index("cases_case_assignee", "guild_id", "assignee_id", "status", "changed_at", "id"),
        sa.Index("cases_case_conversation", "conversation_id"),
        sa.Index("cases_case_merged", "merged_into"),
        sa.Index("cases_case_stands", "status", "id"),
        sa.Index("cases_case_kind", "guild_id", "kind", "id"),
        sa.Index("cases_case_resolved", "guild_id", "resolved_at"),
        sa.Index(
            "cases_case_counts", "guild_id", "status", "merged_into", sqlite_where=_GOES_ON, postgresql_where=_GOES_ON
        ),
        {"sqlite_autoincrement": True},  # the number of a case that is gone must not lead to another one
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    number: Mapped[int] = mapped_column(sa.Integer)
    key: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.Text)
    person_id: Mapped[int] = mapped_column(sa.BigInteger)
    person_name: Mapped[str] = mapped_column(sa.Text)
    person_locale: Mapped[str | None] = mapped_column(sa.Text)
    person_created: Mapped[datetime | None] = mapped_column(Utc)
    person_joined: Mapped[datetime | None] = mapped_column(Utc)
    person_roles: Mapped[list[str]] = mapped_column(sa.JSON)
    source_url: Mapped[str | None] = mapped_column(sa.Text)
    fields: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    articles: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    conversation_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    opened_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    priority: Mapped[int] = mapped_column(sa.Integer, default=2)
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    assignee_id: Mapped[str | None] = mapped_column(sa.Text)
    assignee_name: Mapped[str | None] = mapped_column(sa.Text)
    team: Mapped[str | None] = mapped_column(sa.Text)
    custom: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    answer_due: Mapped[datetime | None] = mapped_column(Utc)
    resolve_due: Mapped[datetime | None] = mapped_column(Utc)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)
    resolved_at: Mapped[datetime | None] = mapped_column(Utc)
    paused_at: Mapped[datetime | None] = mapped_column(Utc)
    waited_seconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    finished_seconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    due_at: Mapped[datetime] = mapped_column(Utc, default=NOT_DUE)
    answer_told: Mapped[int] = mapped_column(sa.Integer, default=0)
    resolve_told: Mapped[int] = mapped_column(sa.Integer, default=0)
    member_wrote_at: Mapped[datetime | None] = mapped_column(Utc)
    staff_wrote_at: Mapped[datetime | None] = mapped_column(Utc)
    warned_at: Mapped[datetime | None] = mapped_column(Utc)
    merged_into: Mapped[int | None] = mapped_column(sa.BigInteger)
    conversation_sid: Mapped[str | None] = mapped_column(sa.Text)
    task_sid: Mapped[str | None] = mapped_column(sa.Text)


class TagRow(Base):
    """A tag of a case, once more beside the case itself, so that cases are found by it."""

    __tablename__ = "cases_tag"
    __table_args__ = (sa.Index("cases_tag_name", "guild_id", "tag", "case_id"),)

    case_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("cases_case.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)


class LinkRow(Base):
    """Two cases that belong together; the one with the smaller id stands first."""

    __tablename__ = "cases_link"
    __table_args__ = (sa.Index("cases_link_other", "other_id"),)

    case_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("cases_case.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("cases_case.id"), primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)


class NameRow(Base):
    """A name by which a person was seen."""

    __tablename__ = "cases_name"

    guild_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Utc)


class FileRow(Base):
    """A file of a case; the content lies in the data folder under the row's id."""

    __tablename__ = "cases_file"
    __table_args__ = (sa.Index("cases_file_case", "case_id"),)

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    case_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("cases_case.id"))
    name: Mapped[str] = mapped_column(sa.Text)
    content_type: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    url: Mapped[str | None] = mapped_column(sa.Text)
    added_at: Mapped[datetime] = mapped_column(Utc)
    kept_at: Mapped[datetime | None] = mapped_column(Utc)


class FeedRow(Base):
    """The message of a case in the staff's channel."""

    __tablename__ = "cases_feed"

    case_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("cases_case.id"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    channel_id: Mapped[int] = mapped_column(sa.BigInteger)
    message_id: Mapped[int] = mapped_column(sa.BigInteger)
    shown: Mapped[str] = mapped_column(sa.Text)
    edited_at: Mapped[datetime] = mapped_column(Utc)


class ViewRow(Base):
    """A saved view of the list: of one member of staff, or of everybody in the server."""

    __tablename__ = "cases_view"
    __table_args__ = (
        sa.Index("cases_view_name", "guild_id", "owner_id", "name", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    query: Mapped[str] = mapped_column(sa.Text)


class TurnRow(Base):
    """Whose turn it was last, for the rule that gives out cases in turn."""

    __tablename__ = "cases_turn"

    guild_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    last: Mapped[str] = mapped_column(sa.Text)


_RATING = sa.text("kind = 'rating'")
_KEY = sa.text("key IS NOT NULL")


class EntryRow(Base):
    """A line of a case's timeline: written once, never changed."""

    __tablename__ = "cases_entry"
    __table_args__ = (
        sa.Index("cases_entry_case", "case_id", "at", "id"),
        sa.Index("cases_entry_rating", "guild_id", "at", sqlite_where=_RATING, postgresql_where=_RATING),
        sa.Index("cases_entry_key", "key", "case_id", unique=True, sqlite_where=_KEY, postgresql_where=_KEY),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    case_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("cases_case.id"))
    kind: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Utc)
    data: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    key: Mapped[str | None] = mapped_column(sa.Text)


TABLES = Tables(
    prefix="cases",
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
    apart=("cases_search",),  # the words of cases: FTS5 on SQLite, a text search vector on PostgreSQL
)
