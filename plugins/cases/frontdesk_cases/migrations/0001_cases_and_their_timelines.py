"""Cases, their timelines, and the counters of their numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the three tables."""
    big_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "cases_counter",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "cases_case",
        sa.Column("id", big_id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("person_name", sa.Text, nullable=False),
        sa.Column("person_locale", sa.Text),
        sa.Column("person_created", moment),
        sa.Column("person_joined", moment),
        sa.Column("person_roles", sa.JSON, nullable=False),
        sa.Column("source_url", sa.Text),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("conversation_id", sa.BigInteger),
        sa.Column("opened_at", moment, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_case_number", "cases_case", ["guild_id", "number"], unique=True)
    op.create_index("cases_case_key", "cases_case", ["guild_id", "key"], unique=True)
    op.create_index("cases_case_person", "cases_case", ["guild_id", "person_id", "id"])
    op.create_index("cases_case_status", "cases_case", ["guild_id", "status", "id"])
    op.create_index("cases_case_conversation", "cases_case", ["conversation_id"])
    op.create_table(
        "cases_entry",
        sa.Column("id", big_id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases_case.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_entry_case", "cases_entry", ["case_id", "at", "id"])
