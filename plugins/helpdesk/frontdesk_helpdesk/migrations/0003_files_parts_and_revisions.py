"""Files, parts of lines, and revisions: what edits and deletions need to follow a line."""

import sqlalchemy as sa
from alembic import op
from frontdesk import BigId, Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create both tables, and widen the messages."""
    for column in (
        sa.Column("words", sa.Text),
        sa.Column("parts", sa.Integer),
        sa.Column("revision", sa.Integer),
        sa.Column("revised_at", Utc),
        sa.Column("deleted_at", Utc),
    ):
        op.add_column("helpdesk_message", column)
    op.create_index("helpdesk_message_twilio", "helpdesk_message", ["message_sid"])
    op.create_index("helpdesk_conversation_channel", "helpdesk_conversation", ["channel_id"])
    _create_parts()
    _create_files()


def _create_parts() -> None:
    op.create_table(
        "helpdesk_part",
        sa.Column("id", BigId, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_part_of"),
            nullable=False,
        ),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("their_id", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation_id", "line", "number", name="helpdesk_part_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("helpdesk_part_theirs", "helpdesk_part", ["side", "their_id"])


def _create_files() -> None:
    op.create_table(
        "helpdesk_file",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.BigInteger,
            sa.ForeignKey("helpdesk_conversation.id", name="helpdesk_file_of"),
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("kept_at", Utc),
    )
    op.create_index("helpdesk_file_line", "helpdesk_file", ["conversation_id", "line"])
    op.create_index("helpdesk_file_age", "helpdesk_file", ["created_at"])
