"""Reads the list of cases page by page, by keys and never by offsets: the last page costs what the first one does."""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from frontdesk import CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import search
from frontdesk_cases.cases import OPEN_STATUSES, CaseRecord, Priority
from frontdesk_cases.cursors import Cursor, Key
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.listing import Filter, Order, Page, due_at
from frontdesk_cases.listing_names import Name, names_in
from frontdesk_cases.repository import record
from frontdesk_cases.tables import CaseRow, TagRow
from frontdesk_cases.words import Word, asked

COUNTED = 1000
"""A list's cases are counted so far."""

LONGEST_PAGE = 200
"""Cases on a page, at most."""

_FEW = 1000  # cases with a word, a tag or a person: so many are looked at one by one
_MOST_BRANCHES = 100  # SQLite puts no more than 500 queries together
_CASES = cast("sa.Table", CaseRow.__table__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a list is made of, from the whole filter.

    Args:
        guild_ids: the servers.
        statuses: all that fit.
        filter: the rest of it.
        words: what is searched for, but for names.
        names: the names among it.
        now: the moment from which on a promise is missed (UTC).
        order: how it is sorted.
        start: where it begins; None at the beginning.
        limit: ids that are wanted.
    """

    guild_ids: Sequence[int]
    statuses: Sequence[CaseStatus]
    filter: Filter
    words: Sequence[Word]
    names: Sequence[Name]
    now: datetime
    order: Order
    start: Sequence[Key] | None
    limit: int


class Listing:
    """The list of cases.

    Args:
        ledger: where they are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def page(
        self,
        guild_ids: Sequence[int],
        wanted: Filter,
        order: Order = Order.CHANGED,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Give a page of the list. Cases that go on in another one are not listed; their words lead to that one.

        Args:
            guild_ids: the servers whose cases may be seen.
            wanted: which of them.
            order: in which order.
            after: what the page before has given.
            limit: so many, up to `LONGEST_PAGE`.

        Raises:
            CaseError: `after` is not what a page of this order has given.
        """
        cursor = None if after is None else Cursor.read(after, order.value)
        limit = max(1, min(limit, LONGEST_PAGE))
        async with self._ledger.read() as session:
            what = self._asked(guild_ids, wanted, order, cursor.keys if cursor else None, limit + 1)
            what = replace(what, names=[await name.looked_up(session) for name in what.names])
            ways = await _ways(session, what)
            found = list(await session.scalars(ways.along(what))) if ways else []
            # The first page counts what fits; the others pass the number on.
            fitting = 0 if cursor or not ways else await session.scalar(ways.counted(what)) or 0
            cases = await _cases(session, found[:limit])
        total, more = (cursor.total, cursor.more) if cursor else (min(fitting, COUNTED), fitting > COUNTED)
        going_on = len(found) > limit and bool(cases)
        end = Cursor(order.value, _ORDERS[order].keys_of(cases[-1]), total, more).written() if going_on else None
        return Page(cases, end, total, more)

    async def all(self, guild_ids: Sequence[int], wanted: Filter) -> AsyncIterator[Sequence[CaseRecord]]:
        """Give the whole list in pieces, each read in a transaction of its own; the newest cases first.

        By the one order in which no case moves: one that changes meanwhile is neither lost nor given twice.
        """
        after: str | None = None
        while True:
            page = await self.page(guild_ids, wanted, Order.OPENED, after, LONGEST_PAGE)
            if page.cases:
                yield page.cases
            if page.after is None:
                return
            after = page.after

    def _asked(
        self,
        guild_ids: Sequence[int],
        wanted: Filter,
        order: Order,
        start: Sequence[Key] | None,
        limit: int,
    ) -> _Asked:
        statuses = tuple(dict.fromkeys(wanted.statuses or CaseStatus))
        if wanted.late:
            statuses = tuple(status for status in statuses if status in OPEN_STATUSES)
        everything = asked(wanted.text, {self._ledger.settings_for(guild_id).prefix for guild_id in guild_ids})
        if wanted.text.strip() and not everything:
            statuses = ()  # signs alone are found nowhere
        rest, names = names_in(everything, wanted.names)
        guild_ids = sorted(set(guild_ids))
        return _Asked(guild_ids, statuses, wanted, rest, names, self._ledger.now(), order, start, limit)


@dataclass(frozen=True, slots=True)
class _Ways:
    """How the cases are reached.

    Args:
        few: the only cases that can fit, because of a word, a tag or a person; None if they are not few.
        sources: ids among which a case must be besides.
        common: ids of the cases with the words that are searched for, if these are too many to be gathered.
    """

    few: Sequence[int] | None
    sources: Sequence[sa.Select[Any]]
    common: sa.Select[Any] | None = None

    def along(self, what: _Asked) -> sa.Select[Any]:
        """Select the ids of a page in their order."""
        if self.few is None:
            among = [*_among(_CASES.c, self.sources)]
            if self.common is not None:
                among.append(search.has(_CASES.c.id, what.words))
            elif self.sources and what.order is Order.CHANGED and len(what.guild_ids) == 1:
                # Along all statuses at once: each list of its own would gather the many ids once more.
                c: Any = _CASES.c
                return _sorted(_plain(c, what, among, status=c.status.concat("")), c, what)
            return _merged(what, among)
        c = _chosen(self.few).c
        return _sorted(_plain(c, what, _among(c, self.sources)), c, what)

    def counted(self, what: _Asked) -> sa.Select[Any]:
        """Count what fits, up to one more than is told."""
        c: Any = _CASES.c if self.few is None else _chosen(self.few).c
        fitting = _plain(c, what, _among(c, self.sources))
        if self.common is not None:
            # The many ids one by one, until enough of their cases fit: no planner is to begin with the cases.
            having = self.common.subquery()
            fitting = fitting.where(c.id == having.c[0] + 0)
        return sa.select(sa.func.count()).select_from(fitting.limit(COUNTED + 1).subquery())


async def _ways(session: AsyncSession, what: _Asked) -> _Ways | None:
    """Choose: one by one where a word, a tag or a person leaves few cases, else along the order. None for nothing."""
    if not what.guild_ids or not what.statuses:
        return None
    sources = _sources(what.guild_ids, what.filter)
    having = search.matches(session, what.words) if what.words else None
    if having is not None:
        sources.insert(0, having)
    for source in sources:
        few = list(await session.scalars(source.limit(_FEW + 1)))
        if len(few) <= _FEW:
            return _Ways(few, [other for other in sources if other is not source])
    if having is not None and await search.are_common(session, what.words):
        return _Ways(None, sources[1:], having)
    return _Ways(None, sources)


def _chosen(few: Sequence[int]) -> sa.CTE:
    # Read by their ids first: no planner is tempted to go through a whole server for them.
    return sa.select(_CASES).where(_CASES.c.id.in_(few)).cte("chosen").prefix_with("MATERIALIZED")


def _sources(guild_ids: Sequence[int], wanted: Filter) -> list[sa.Select[Any]]:
    """Select the ids that tags and persons lead to."""
    found = [
        sa.select(TagRow.case_id).where(TagRow.guild_id.in_(guild_ids), TagRow.tag == tag.casefold().strip())
        for tag in dict.fromkeys(wanted.tags)
    ]
    if wanted.person_id is not None:
        found.append(
            sa.select(CaseRow.id).where(CaseRow.guild_id.in_(guild_ids), CaseRow.person_id == wanted.person_id)
        )
    return found


def _plain(c: Any, what: _Asked, among: Sequence[sa.ColumnElement[bool]], *, status: Any = None) -> sa.Select[Any]:
    conditions = [
        c.guild_id.in_(what.guild_ids),
        (c.status if status is None else status).in_([each.value for each in what.statuses]),
        *among,
    ]
    if what.filter.priorities:
        conditions.append(c.priority.in_([int(priority) for priority in what.filter.priorities]))
    if what.start is not None:
        conditions.append(_ORDERS[what.order].after(c, what.start))
    return sa.select(c.id).where(*conditions, *_others(c, what))


def _among(c: Any, sources: Sequence[sa.Select[Any]]) -> list[sa.ColumnElement[bool]]:
    # Adding nothing to the id keeps planners from fetching a case for each id of a long list.
    return [(c.id + 0).in_(source) for source in sources]


def _sorted(query: sa.Select[Any], c: Any, what: _Asked) -> sa.Select[Any]:
    return query.order_by(*_ORDERS[what.order].by(c)).limit(what.limit)


def _merged(what: _Asked, among: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Put together the beginnings of lists that an index has in order: of each server, status (and priority)."""
    order = _ORDERS[what.order]
    by_priority: Sequence[Priority | None] = (None,)
    if what.filter.priorities or what.order is Order.PRIORITY:
        by_priority = tuple(dict.fromkeys(what.filter.priorities or Priority))
    groups = list(itertools.product(what.guild_ids, what.statuses, by_priority))
    if len(groups) > _MOST_BRANCHES:
        return _sorted(_plain(_CASES.c, what, among), _CASES.c, what)
    c = _CASES.c
    branches: list[sa.Select[Any]] = []
    for guild_id, status, priority in groups:
        branch = sa.select(c.id, c.opened_at, c.changed_at, c.due_at, c.priority)
        branch = branch.where(c.guild_id == guild_id, c.status == status.value, *_others(c, what), *among)
        if priority is not None:
            branch = branch.where(c.priority == int(priority))
        if what.start is not None:
            branch = branch.where(order.after(c, what.start))
        branches.append(sa.select(branch.order_by(*order.by(c)).limit(what.limit).subquery()))
    together = sa.union_all(*branches).subquery()
    return _sorted(sa.select(together.c.id), together.c, what)


def _others(c: Any, what: _Asked) -> list[sa.ColumnElement[bool]]:
    """What else a case must be; server, status, priority and place in the order are looked at elsewhere."""
    wanted = what.filter
    conditions: list[sa.ColumnElement[bool]] = [c.merged_into.is_(None)]
    if wanted.kinds:
        conditions.append(c.kind.in_(wanted.kinds))
    if wanted.assignee is not None:
        conditions.append(c.assignee_id == wanted.assignee if wanted.assignee else c.assignee_id.is_(None))
    if wanted.team is not None:
        conditions.append(c.team == wanted.team if wanted.team else c.team.is_(None))
    if wanted.late:
        conditions.append(c.due_at < what.now)
    return conditions + [name.fits(c) for name in what.names]


@dataclass(frozen=True, slots=True)
class _Sorting:
    """How an order is asked of the database.

    Args:
        by: the columns.
        after: what comes after some keys.
        keys_of: a case's keys.
    """

    by: Callable[[Any], Sequence[sa.ColumnElement[Any]]]
    after: Callable[[Any, Sequence[Key]], sa.ColumnElement[bool]]
    keys_of: Callable[[CaseRecord], Sequence[Key]]


def _newest(column: str, keys_of: Callable[[CaseRecord], Sequence[Key]]) -> _Sorting:
    return _Sorting(
        by=lambda c: (c[column].desc(), c.id.desc()),
        after=lambda c, keys: sa.tuple_(c[column], c.id) < _moment_and_id(keys),
        keys_of=keys_of,
    )


def _moment_and_id(keys: Sequence[Key]) -> Any:
    return sa.tuple_(sa.literal(keys[0], CaseRow.opened_at.type), sa.literal(keys[1], CaseRow.id.type))


def _less_urgent(c: Any, keys: Sequence[Key]) -> sa.ColumnElement[bool]:
    later = sa.tuple_(c.opened_at, c.id) > _moment_and_id(keys[1:])
    urgency = max(min(cast("int", keys[0]), int(max(Priority)) + 1), 0)
    return sa.or_(c.priority < urgency, sa.and_(c.priority == urgency, later))


_ORDERS = {
    Order.CHANGED: _newest("changed_at", lambda case: (case.changed_at, case.id)),
    Order.OPENED: _newest("opened_at", lambda case: (case.opened_at, case.id)),
    Order.PRIORITY: _Sorting(
        by=lambda c: (c.priority.desc(), c.opened_at, c.id),
        after=_less_urgent,
        keys_of=lambda case: (int(case.priority), case.opened_at, case.id),
    ),
    Order.DUE: _Sorting(
        by=lambda c: (c.due_at, c.id),
        after=lambda c, keys: sa.tuple_(c.due_at, c.id) > _moment_and_id(keys),
        keys_of=lambda case: (due_at(case.clocks), case.id),
    ),
}


async def _cases(session: AsyncSession, ids: Sequence[int]) -> list[CaseRecord]:
    """Read cases in this order."""
    rows = await session.execute(sa.select(_CASES).where(_CASES.c.id.in_(ids)))
    found = {row.id: record(row) for row in rows}
    return [found[case_id] for case_id in ids if case_id in found]
