"""The journal, and who owns which of its lanes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables, and the numbers that processes on PostgreSQL go by."""
    moment = sa.DateTime(timezone=True)
    waiting, settled = sa.text("state = 'waiting'"), sa.text("state <> 'waiting'")
    op.create_table(
        "core_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("receipt", sa.JSON),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("settled_at", moment),
        sqlite_autoincrement=True,
    )
    op.create_index("core_journal_key", "core_journal", ["kind", "key"], unique=True)
    op.create_index(
        "core_journal_waiting", "core_journal", ["lane", "id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index(
        "core_journal_settled", "core_journal", ["settled_at"], sqlite_where=settled, postgresql_where=settled
    )
    op.create_table("core_lanes", sa.Column("lane", sa.Text, primary_key=True), sa.Column("owner", sa.Integer))
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE core_owner AS integer CYCLE")
