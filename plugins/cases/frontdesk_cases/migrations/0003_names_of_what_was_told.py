"""Names of what others told us, so that it is put on a timeline once however often it is told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; what was told before has no name."""
    op.add_column("cases_entry", sa.Column("key", sa.Text))
    named = sa.text("key IS NOT NULL")
    op.create_index(
        "cases_entry_key", "cases_entry", ["key", "case_id"], unique=True, sqlite_where=named, postgresql_where=named
    )
