"""Which channel a line stands in, and which direct message channel a conversation has left for a thread."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; of what was said before, only where nothing has moved the channel is known."""
    op.add_column("helpdesk_message", sa.Column("channel_id", sa.BigInteger))
    op.add_column("helpdesk_conversation", sa.Column("dm_channel_id", sa.BigInteger))
    op.create_index("helpdesk_conversation_dm", "helpdesk_conversation", ["dm_channel_id"])
    message = sa.table("helpdesk_message", sa.column("channel_id"), sa.column("conversation_id"))
    conversation = sa.table(
        "helpdesk_conversation", *map(sa.column, ("id", "channel_id")), sa.column("in_thread", sa.Boolean)
    )
    stays = sa.select(conversation.c.channel_id).where(
        conversation.c.id == message.c.conversation_id, conversation.c.in_thread.is_(sa.false())
    )
    op.execute(sa.update(message).values(channel_id=stays.scalar_subquery()))
