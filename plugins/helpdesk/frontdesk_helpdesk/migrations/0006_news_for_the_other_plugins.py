"""News that the other plugins are to hear."""

import sqlalchemy as sa
from alembic import op
from frontdesk import BigId, Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table; what happened before it counts as told."""
    op.create_table(
        "helpdesk_news",
        sa.Column("id", BigId, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_news_of"),
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("written_at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
