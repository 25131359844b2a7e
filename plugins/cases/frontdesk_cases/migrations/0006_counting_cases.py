"""Cases are counted by status in an index that has no merged ones, instead of one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the index."""
    going_on = sa.text("merged_into IS NULL")
    # With the column itself, or SQLite would look it up in each row.
    columns = ["guild_id", "status", "merged_into"]
    op.create_index("cases_case_counts", "cases_case", columns, sqlite_where=going_on, postgresql_where=going_on)
