"""Names of statuses, priorities and kinds in what is searched for: a case is known by its value, not by a word."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import sqlalchemy as sa
from frontdesk import CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import search
from frontdesk_cases.cases import Priority
from frontdesk_cases.listing import Named
from frontdesk_cases.words import Word, split_by_names, words


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is searched for.

    Args:
        words: as it stands there.
        values: what it names.
        having: ids of the cases with the words themselves; None if these are too many to be gathered.
    """

    words: Sequence[Word]
    values: Sequence[Named]
    having: sa.Select[Any] | None = None

    async def looked_up(self, session: AsyncSession) -> "Name":
        """Find out how the cases with the words themselves are reached."""
        if await search.are_common(session, self.words):
            return self
        # A list is put together of many parts: these cases are gathered once for all of them.
        return replace(self, having=sa.select(search.matches(session, self.words).cte()))

    def fits(self, c: Any) -> sa.ColumnElement[bool]:
        """Say that a case of a query is what is named, or has the words."""
        by_words = search.has(c.id, self.words) if self.having is None else c.id.in_(self.having)
        return sa.or_(*(_is(c, value) for value in self.values), by_words)


def names_in(wanted: Sequence[Word], names: Iterable[tuple[str, Named]]) -> tuple[Sequence[Word], Sequence[Name]]:
    """Take the names out of what is searched for.

    Args:
        wanted: the words.
        names: what there is a name for.
    """
    values: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    for name, value in names:
        values[tuple(words(name))].append(value)
    rest, found = split_by_names(wanted, values)
    return rest, [Name(row, values[name]) for name, row in found.items()]


def _is(c: Any, value: Named) -> sa.ColumnElement[bool]:
    if isinstance(value, CaseStatus):
        return cast("sa.ColumnElement[bool]", c.status == value.value)
    return cast("sa.ColumnElement[bool]", c.priority == int(value) if isinstance(value, Priority) else c.kind == value)
