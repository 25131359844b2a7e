"""Members on the way in, block lists, and what a conversation knows of its beginning."""

import sqlalchemy as sa
from alembic import op
from frontdesk import BigId, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to conversations, and two tables."""
    op.add_column(
        "helpdesk_conversation", sa.Column("in_thread", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("helpdesk_conversation", sa.Column("category", sa.Text))
    op.add_column("helpdesk_conversation", sa.Column("answers", sa.JSON))
    op.create_table(
        "helpdesk_block",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("until_at", Utc),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("blocked_by", sa.Text, nullable=False),
        sa.Column("blocked_at", Utc, nullable=False),
    )
    op.create_table(
        "helpdesk_arrival",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("person", sa.JSON),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("answers", sa.JSON),
        sa.Column("queued", sa.Boolean, nullable=False),
        sa.Column("came_at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("helpdesk_arrival_user", "helpdesk_arrival", ["user_id"])
