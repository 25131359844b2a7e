"""Staff: sign-ins under way, sessions, tokens of programs, and the record of who came in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the four tables."""
    moment = sa.DateTime(timezone=True)
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "core_staff_attempt",
        sa.Column("state_hash", sa.Text, primary_key=True),
        sa.Column("browser_hash", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
    )
    op.create_table(
        "core_staff_session",
        sa.Column("id", number, primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("staff_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("flex_role", sa.Text),
        sa.Column("guilds", sa.JSON),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sqlite_autoincrement=True,
    )
    op.create_index("core_staff_session_token", "core_staff_session", ["token_hash"], unique=True)
    op.create_index("core_staff_session_expires", "core_staff_session", ["expires_at"])
    op.create_table(
        "core_staff_token",
        sa.Column("id", number, primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment),
        sa.Column("used_at", moment),
        sa.Column("revoked_at", moment),
        sqlite_autoincrement=True,
    )
    op.create_index("core_staff_token_hash", "core_staff_token", ["token_hash"], unique=True)
    op.create_index("core_staff_token_guild", "core_staff_token", ["guild_id"])
    op.create_table(
        "core_staff_event",
        sa.Column("id", number, primary_key=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("staff_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("guilds", sa.JSON),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("core_staff_event_at", "core_staff_event", ["at"])
