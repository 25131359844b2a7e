"""The time in which a case was finished, which does not count for its first answer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; of cases that were reopened before, the time is not known."""
    op.add_column("cases_case", sa.Column("finished_seconds", sa.BigInteger, nullable=False, server_default="0"))
