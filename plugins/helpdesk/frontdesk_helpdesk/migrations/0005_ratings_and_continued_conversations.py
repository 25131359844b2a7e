"""Ratings, and conversations that go on with an earlier one."""

import sqlalchemy as sa
from alembic import op
from frontdesk import Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table of ratings; link conversations to those that they go on with."""
    op.create_table(
        "helpdesk_rating",
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_rating_of"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("given_at", Utc, nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.add_column("helpdesk_conversation", sa.Column("continues_id", sa.BigInteger))
    op.add_column("helpdesk_conversation", sa.Column("case_key", sa.Text))
    op.create_index("helpdesk_conversation_user", "helpdesk_conversation", ["user_id", "id"])
