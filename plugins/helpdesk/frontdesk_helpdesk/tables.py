"""Tables of the helpdesk: who talks with whom, and which message is which on the other side."""

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from frontdesk import BigId, Tables, Utc
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The helpdesk's own metadata."""


_OPEN = sa.text("ended_at IS NULL")


class ConversationRow(Base):
    """A conversation of one member with the desk: one open at a time for each member."""

    __tablename__ = "helpdesk_conversation"
    __table_args__ = (
        sa.Index("helpdesk_conversation_user", "user_id", "id"),
        sa.Index("helpdesk_conversation_open", "user_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("helpdesk_conversation_channel", "channel_id"),
        sa.Index("helpdesk_conversation_dm", "dm_channel_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    user_id: Mapped[int] = mapped_column(sa.BigInteger)
    channel_id: Mapped[int] = mapped_column(sa.BigInteger)
    identity: Mapped[str] = mapped_column(sa.Text)
    person: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.Text)
    conversation_sid: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    case: Mapped[dict[str, Any] | None] = mapped_column("case_info", sa.JSON(none_as_null=True))
    question: Mapped[str | None] = mapped_column(sa.Text)
    agent: Mapped[str | None] = mapped_column(sa.Text)
    agent_identity: Mapped[str | None] = mapped_column(sa.Text)
    requests: Mapped[int] = mapped_column(sa.Integer)
    last_discord_id: Mapped[int] = mapped_column(sa.BigInteger)
    last_index: Mapped[int] = mapped_column(sa.Integer)
    opened_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    continues_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    case_key: Mapped[str | None] = mapped_column(sa.Text)
    withdrawn: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    interaction_sid: Mapped[str | None] = mapped_column(sa.Text)
    channel_sid: Mapped[str | None] = mapped_column(sa.Text)
    in_thread: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    category: Mapped[str | None] = mapped_column(sa.Text)
    answers: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    dm_channel_id: Mapped[int | None] = mapped_column(sa.BigInteger)


class MessageRow(Base):
    """One line of a conversation, with its names on both sides once it has them."""

    __tablename__ = "helpdesk_message"
    __table_args__ = (
        sa.Index("helpdesk_message_conversation", "conversation_id", "id"),
        sa.Index("helpdesk_message_discord", "discord_id"),
        sa.Index("helpdesk_message_twilio", "message_sid"),
        sa.UniqueConstraint("conversation_id", "key", name="helpdesk_message_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_message_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    key: Mapped[str] = mapped_column(sa.Text)
    speaker: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    said_at: Mapped[datetime] = mapped_column(Utc)
    discord_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    message_sid: Mapped[str | None] = mapped_column(sa.Text)
    words: Mapped[str | None] = mapped_column(sa.Text)
    parts: Mapped[int | None] = mapped_column(sa.Integer)
    revision: Mapped[int | None] = mapped_column(sa.Integer)
    revised_at: Mapped[datetime | None] = mapped_column(Utc)
    deleted_at: Mapped[datetime | None] = mapped_column(Utc)
    channel_id: Mapped[int | None] = mapped_column(sa.BigInteger)


class PartRow(Base):
    """What a further part of a line, or a file of it, is called on the other side; the first is in the line's row."""

    __tablename__ = "helpdesk_part"
    __table_args__ = (
        sa.Index("helpdesk_part_theirs", "side", "their_id"),
        sa.UniqueConstraint("conversation_id", "line", "number", name="helpdesk_part_number"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_part_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    line: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[int] = mapped_column(sa.Integer)
    side: Mapped[str] = mapped_column(sa.Text)
    their_id: Mapped[str] = mapped_column(sa.Text)


class FileRow(Base):
    """A file of a line; its content is in the data folder once it was copied."""

    __tablename__ = "helpdesk_file"
    __table_args__ = (
        sa.Index("helpdesk_file_line", "conversation_id", "line"),
        sa.Index("helpdesk_file_age", "created_at"),
    )

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_file_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    line: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[int] = mapped_column(sa.Integer)
    source: Mapped[str] = mapped_column(sa.Text)
    source_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    content_type: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    url: Mapped[str | None] = mapped_column(sa.Text)
    link: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    kept_at: Mapped[datetime | None] = mapped_column(Utc)


class RatingRow(Base):
    """What the member thought of a conversation: one a conversation."""

    __tablename__ = "helpdesk_rating"

    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_rating_of"),
        primary_key=True,
        autoincrement=False,
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    user_id: Mapped[int] = mapped_column(sa.BigInteger)
    stars: Mapped[int] = mapped_column(sa.Integer)
    comment: Mapped[str | None] = mapped_column(sa.Text)
    given_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)


class NewsRow(Base):
    """What the other plugins are to hear of a conversation; gone once all have been called."""

    __tablename__ = "helpdesk_news"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_news_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    body: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    written_at: Mapped[datetime] = mapped_column(Utc)


class TaskRow(Base):
    """A task of Flex that was made for a conversation, and what the member was told of the queue."""

    __tablename__ = "helpdesk_task"
    __table_args__ = (sa.Index("helpdesk_task_conversation", "conversation_id"),)

    sid: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_task_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.Text)
    queue_sid: Mapped[str | None] = mapped_column(sa.Text)
    declined_by: Mapped[list[str]] = mapped_column(sa.JSON)
    position_told: Mapped[int | None] = mapped_column(sa.Integer)
    seen_at: Mapped[datetime] = mapped_column(Utc)


class AgentRow(Base):
    """A live agent's stay in a conversation; who comes back is another participant to Twilio."""

    __tablename__ = "helpdesk_agent"
    __table_args__ = (sa.Index("helpdesk_agent_conversation", "conversation_id"),)

    participant_sid: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_agent_of")
    )
    guild_id: Mapped[int] = mapped_column(sa.BigInteger)
    identity: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str | None] = mapped_column(sa.Text)
    present: Mapped[bool] = mapped_column(sa.Boolean)
    seen_at: Mapped[datetime] = mapped_column(Utc)


class BlockRow(Base):
    """A member whom a server's moderators have blocked."""

    __tablename__ = "helpdesk_block"

    guild_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.Text)
    until: Mapped[datetime | None] = mapped_column("until_at", Utc)
    note: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[str] = mapped_column("blocked_by", sa.Text)
    since: Mapped[datetime] = mapped_column("blocked_at", Utc)


class ArrivalRow(Base):
    """A member on the way in: what they have said so far, until the conversation is open."""

    __tablename__ = "helpdesk_arrival"
    __table_args__ = (sa.Index("helpdesk_arrival_user", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.BigInteger)
    guild_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    person: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    channel_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    first_id: Mapped[int] = mapped_column(sa.BigInteger)
    note: Mapped[str] = mapped_column(sa.Text)
    category: Mapped[str | None] = mapped_column(sa.Text)
    answers: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    queued: Mapped[bool] = mapped_column(sa.Boolean)
    came_at: Mapped[datetime] = mapped_column(Utc)


TABLES = Tables(prefix="helpdesk", metadata=Base.metadata, migrations=Path(__file__).parent / "migrations")
