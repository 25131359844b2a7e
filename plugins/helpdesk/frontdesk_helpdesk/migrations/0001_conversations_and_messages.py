"""Conversations and their messages."""

import sqlalchemy as sa
from alembic import op
from frontdesk import BigId, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    is_open = sa.text("ended_at IS NULL")
    op.create_table(
        "helpdesk_conversation",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("person", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("conversation_sid", sa.Text, unique=True),
        sa.Column("case_info", sa.JSON),
        sa.Column("question", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("agent_identity", sa.Text),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("last_discord_id", sa.BigInteger, nullable=False),
        sa.Column("last_index", sa.Integer, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "helpdesk_conversation_open",
        "helpdesk_conversation",
        ["user_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "helpdesk_message",
        sa.Column("id", BigId, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_message_of"),
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("said_at", Utc, nullable=False),
        sa.Column("discord_id", sa.BigInteger),
        sa.Column("message_sid", sa.Text),
        sa.UniqueConstraint("conversation_id", "key", name="helpdesk_message_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("helpdesk_message_conversation", "helpdesk_message", ["conversation_id", "id"])
    op.create_index("helpdesk_message_discord", "helpdesk_message", ["discord_id"])
