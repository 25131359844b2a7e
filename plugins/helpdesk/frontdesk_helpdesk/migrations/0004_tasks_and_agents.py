"""Tasks of Flex, live agents, and requests that were taken back."""

import sqlalchemy as sa
from alembic import op
from frontdesk import Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns and both tables."""
    op.add_column("helpdesk_conversation", sa.Column("withdrawn", sa.Integer, nullable=False, server_default="0"))
    op.add_column("helpdesk_conversation", sa.Column("interaction_sid", sa.Text))
    op.add_column("helpdesk_conversation", sa.Column("channel_sid", sa.Text))
    op.create_table(
        "helpdesk_task",
        sa.Column("sid", sa.Text, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_task_of"),
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("queue_sid", sa.Text),
        sa.Column("declined_by", sa.JSON, nullable=False),
        sa.Column("position_told", sa.Integer),
        sa.Column("seen_at", Utc, nullable=False),
    )
    op.create_index("helpdesk_task_conversation", "helpdesk_task", ["conversation_id"])
    op.create_table(
        "helpdesk_agent",
        sa.Column("participant_sid", sa.Text, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_agent_of"),
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("seen_at", Utc, nullable=False),
    )
    op.create_index("helpdesk_agent_conversation", "helpdesk_agent", ["conversation_id"])
