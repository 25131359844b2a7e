"""To which server a further part of a line belongs, as every other row says it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column, and fill it from the conversation."""
    op.add_column("helpdesk_part", sa.Column("guild_id", sa.BigInteger))
    part = sa.table("helpdesk_part", sa.column("guild_id"), sa.column("conversation_id"))
    conversation = sa.table("helpdesk_conversation", sa.column("id"), sa.column("guild_id"))
    of_conversation = sa.select(conversation.c.guild_id).where(conversation.c.id == part.c.conversation_id)
    op.execute(sa.update(part).values(guild_id=of_conversation.scalar_subquery()))
    with op.batch_alter_table("helpdesk_part") as table:
        table.alter_column("guild_id", existing_type=sa.BigInteger, nullable=False)
