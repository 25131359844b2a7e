"""Cases are found by kind, priority, team and assignee too."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from frontdesk_cases.words import within_limit, words
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_BATCH = 500
_PRIORITIES = {1: "LOW", 2: "NORMAL", 3: "HIGH", 4: "URGENT"}
_CASE = sa.table(
    "cases_case",
    *(sa.column(name) for name in ("id", "kind", "priority", "team", "assignee_name", "merged_into")),
    sa.column("custom", sa.JSON),
)


def upgrade() -> None:
    """Add the words to the index, some cases at a time; those of a merged case also to those that go on with it."""
    connection = op.get_bind()
    merged = sa.select(_CASE.c.id, _CASE.c.merged_into).where(_CASE.c.merged_into.is_not(None))
    goes_on = {row.id: row.merged_into for row in connection.execute(merged)}
    last = 0
    following = sa.select(_CASE).where(_CASE.c.id > sa.bindparam("last")).order_by(_CASE.c.id).limit(_BATCH)
    while rows := connection.execute(following, {"last": last}).all():
        last = rows[-1].id
        new: dict[int, set[str]] = {}
        for row in rows:
            found = _words(row)
            for case_id in _way(row.id, goes_on):
                new.setdefault(case_id, set()).update(found)
        _add(connection, new)


def _words(row: Any) -> set[str]:
    texts = [row.kind, _PRIORITIES.get(row.priority, ""), row.team or "", row.assignee_name or "", *row.custom.values()]
    return {word for text in texts for word in words(text)}


def _way(case_id: int, goes_on: Mapping[int, int]) -> list[int]:
    """Follow mergers: the ids from a case to the one that goes on with it."""
    way = [case_id]
    while (following := goes_on.get(way[-1])) is not None and following not in way:
        way.append(following)
    return way


def _add(connection: sa.Connection, new: Mapping[int, Iterable[str]]) -> None:
    """Put words beside those that are kept of the cases; what has them already is left alone."""
    if connection.dialect.name == "postgresql":
        array = "SELECT case_id AS id, tsvector_to_array(words) AS words FROM cases_search WHERE case_id IN :ids"
        change = "UPDATE cases_search SET words = array_to_tsvector(:words) WHERE case_id = :id"
        update = sa.text(change).bindparams(sa.bindparam("words", type_=postgresql.ARRAY(sa.Text)))
    else:
        array = "SELECT rowid AS id, words FROM cases_search WHERE rowid IN :ids"
        update = sa.text("UPDATE cases_search SET words = :words WHERE rowid = :id")
    known = connection.execute(sa.text(array).bindparams(sa.bindparam("ids", expanding=True)), {"ids": list(new)})
    changed: list[dict[str, Any]] = []
    for case_id, kept in known:
        had = kept.split() if isinstance(kept, str) else list(kept)
        found = within_limit(had, new[case_id])
        if len(found) > len(had):
            changed.append({"id": case_id, "words": " ".join(found) if isinstance(kept, str) else found})
    if changed:
        connection.execute(update, changed)
