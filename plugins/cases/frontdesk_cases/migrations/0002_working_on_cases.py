"""What it takes to work on cases: fields, clocks, tags, links, names, files, feed, views, turns, the search index."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from frontdesk import Utc
from frontdesk_cases.words import within_limit, words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to the cases, fill them from what is known, and make the tables beside them."""
    big_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    moment = sa.DateTime(timezone=True)
    op.drop_index("cases_case_status", "cases_case")
    # SQLite's tables are copied; only said here does the copy go on counting where ids of gone cases ended.
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("cases_case", table_kwargs=kept) as table:
        table.add_column(sa.Column("changed_at", moment))
        table.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("priority", sa.Integer, nullable=False, server_default="2"))
        table.add_column(sa.Column("tags", sa.JSON, nullable=False, server_default="[]"))
        table.add_column(sa.Column("assignee_id", sa.Text))
        table.add_column(sa.Column("assignee_name", sa.Text))
        table.add_column(sa.Column("team", sa.Text))
        table.add_column(sa.Column("custom", sa.JSON, nullable=False, server_default="{}"))
        for name in (
            "answer_due", "resolve_due", "answered_at", "resolved_at", "paused_at",
            "closed_at", "member_wrote_at", "staff_wrote_at", "warned_at",
        ):  # fmt: skip
            table.add_column(sa.Column(name, moment))
        table.add_column(sa.Column("waited_seconds", sa.BigInteger, nullable=False, server_default="0"))
        table.add_column(sa.Column("due_at", moment))
        table.add_column(sa.Column("answer_told", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("resolve_told", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("merged_into", sa.BigInteger))
        table.add_column(sa.Column("conversation_sid", sa.Text))
        table.add_column(sa.Column("task_sid", sa.Text))
    op.execute(
        "UPDATE cases_case SET changed_at = coalesce("
        "(SELECT max(at) FROM cases_entry WHERE cases_entry.case_id = cases_case.id), opened_at)"
    )
    op.execute("UPDATE cases_case SET resolved_at = changed_at WHERE status IN ('resolved', 'closed')")
    op.execute("UPDATE cases_case SET closed_at = changed_at WHERE status = 'closed'")
    not_due = sa.literal(datetime(9000, 1, 1, tzinfo=UTC), Utc)
    op.execute(sa.update(sa.table("cases_case", sa.column("due_at"))).values(due_at=not_due))
    with op.batch_alter_table("cases_case", table_kwargs=kept) as table:
        table.alter_column("changed_at", existing_type=moment, nullable=False)
        table.alter_column("due_at", existing_type=moment, nullable=False)
        for name in ("version", "priority", "tags", "custom", "waited_seconds", "answer_told", "resolve_told"):
            table.alter_column(name, server_default=None)
    op.create_index("cases_case_status", "cases_case", ["guild_id", "status", "changed_at", "id"])
    op.create_index("cases_case_changed", "cases_case", ["guild_id", "changed_at", "id"])
    op.create_index("cases_case_opened", "cases_case", ["guild_id", "status", "opened_at", "id"])
    op.create_index("cases_case_urgent", "cases_case", ["guild_id", "status", "priority", "opened_at", "id"])
    op.create_index("cases_case_due", "cases_case", ["guild_id", "status", "due_at", "id"])
    op.create_index("cases_case_assignee", "cases_case", ["guild_id", "assignee_id", "status", "changed_at", "id"])
    op.create_index("cases_case_merged", "cases_case", ["merged_into"])
    op.create_index("cases_case_stands", "cases_case", ["status", "id"])
    op.create_index("cases_case_kind", "cases_case", ["guild_id", "kind", "id"])
    op.create_index("cases_case_resolved", "cases_case", ["guild_id", "resolved_at"])
    rating = sa.text("kind = 'rating'")
    op.create_index(
        "cases_entry_rating", "cases_entry", ["guild_id", "at"], sqlite_where=rating, postgresql_where=rating
    )

    def of_case(name: str, *, key: bool = False) -> sa.Column[int]:
        return sa.Column(name, sa.BigInteger, sa.ForeignKey("cases_case.id"), nullable=False, primary_key=key)

    op.create_table(
        "cases_tag",
        of_case("case_id", key=True),
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
    )
    op.create_index("cases_tag_name", "cases_tag", ["guild_id", "tag", "case_id"])
    op.create_table(
        "cases_link",
        of_case("case_id", key=True),
        of_case("other_id", key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
    )
    op.create_index("cases_link_other", "cases_link", ["other_id"])
    op.create_table(
        "cases_name",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seen_at", moment, nullable=False),
    )
    op.execute(
        "INSERT INTO cases_name (guild_id, person_id, name, seen_at) "
        "SELECT guild_id, person_id, person_name, max(opened_at) FROM cases_case "
        "GROUP BY guild_id, person_id, person_name"
    )
    op.create_table(
        "cases_file",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        of_case("case_id"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("kept_at", moment),
    )
    op.create_index("cases_file_case", "cases_file", ["case_id"])
    op.create_table(
        "cases_feed",
        of_case("case_id", key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("edited_at", moment, nullable=False),
    )
    op.create_table(
        "cases_view",
        sa.Column("id", big_id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_view_name", "cases_view", ["guild_id", "owner_id", "name"], unique=True)
    op.create_table(
        "cases_turn",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("last", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE cases_search (case_id BIGINT PRIMARY KEY REFERENCES cases_case (id), words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX cases_search_words ON cases_search USING gin (words)")
    else:
        # We cut words ourselves, so the tokenizer only parts them at spaces; their places do not matter.
        op.execute(
            "CREATE VIRTUAL TABLE cases_search USING fts5"
            "(words, tokenize = 'ascii', prefix = '2 3 4 5 6', detail = 'none', columnsize = 0)"
        )
    _index_all()


def _index_all() -> None:
    """Put the words of all cases into the new index, some at a time."""
    connection = op.get_bind()
    case = sa.table(
        "cases_case",
        *(sa.column(name) for name in ("id", "number", "title", "description", "person_id", "person_name", "guild_id")),
        sa.column("fields", sa.JSON),
    )
    entry = sa.table("cases_entry", *(sa.column(name) for name in ("case_id", "author", "text")))
    name = sa.table("cases_name", *(sa.column(name) for name in ("guild_id", "person_id", "name")))
    vector = "array_to_tsvector(CAST(:words AS TEXT[]))"
    insert = (
        sa.text(f"INSERT INTO cases_search (case_id, words) VALUES (:id, {vector})")  # noqa: S608 - no value in it
        if connection.dialect.name == "postgresql"
        else sa.text("INSERT INTO cases_search (rowid, words) VALUES (:id, :words)")
    )
    last = 0
    while rows := connection.execute(sa.select(case).where(case.c.id > last).order_by(case.c.id).limit(500)).all():
        first, last = rows[0].id, rows[-1].id
        texts = {row.id: [str(row.number), row.title, row.description, str(row.person_id)] for row in rows}
        for row in rows:
            texts[row.id] += [part for pair in row.fields for part in pair]
        lines = sa.select(entry).where(entry.c.case_id.between(first, last))
        for line in connection.execute(lines):
            texts[line.case_id] += [line.author, line.text]
        named = sa.select(case.c.id, name.c.name).join_from(
            case, name, (case.c.guild_id == name.c.guild_id) & (case.c.person_id == name.c.person_id)
        )
        for known in connection.execute(named.where(case.c.id.between(first, last))):
            texts[known.id].append(known.name)
        found = {case_id: within_limit((), words(" ".join(parts))) for case_id, parts in texts.items()}
        together = connection.dialect.name != "postgresql"
        connection.execute(insert, [{"id": i, "words": " ".join(w) if together else w} for i, w in found.items()])
