"""Reads the figures of the dashboard from the database."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import OPEN_STATUSES, EntryKind
from frontdesk_cases.figures import Figures, Kept, Lasted, Stretch, age_groups, periods, span_start
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.tables import CaseRow, EntryRow, TagRow

_LISTED = 12  # bars of a plot; the rest would be too small to see
_SAMPLE = 20_000  # cases of which times are taken, all over the span: more would not move a median
_OPEN = [status.value for status in OPEN_STATUSES]


class FigureBook:
    """Makes the dashboard's figures.

    Args:
        ledger: where the cases are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def figures(self, guild_ids: Sequence[int], days: int) -> Figures:
        """Make the figures of some servers.

        Args:
            guild_ids: which.
            days: of the span, today included.
        """
        now = self._ledger.now()
        start = span_start(now, days)
        # What happens to a case that goes on in another one is that one's, and counts once.
        here = sa.and_(CaseRow.guild_id.in_(guild_ids), CaseRow.merged_into.is_(None))
        opened = sa.and_(here, CaseRow.opened_at >= start)
        resolved = sa.and_(here, CaseRow.resolved_at >= start)
        still_open = sa.and_(here, CaseRow.status.in_(_OPEN))
        async with self._ledger.read() as session:
            by_opening = await _by_day(session, CaseRow.opened_at, opened)
            by_resolution = await _by_day(session, CaseRow.resolved_at, resolved)
            answered = await _lasted(session, CaseRow.answered_at, CaseRow.opened_at, opened, by_opening)
            taken = await _lasted(session, CaseRow.resolved_at, CaseRow.resolved_at, resolved, by_resolution)
            # No clock runs while a case is finished: an answer on it was in time if the case was finished in time.
            done = sa.case((CaseRow.resolved_at < CaseRow.answered_at, CaseRow.resolved_at), else_=CaseRow.answered_at)
            known = sa.or_(done.is_not(None), CaseRow.answer_due < sa.func.coalesce(CaseRow.resolved_at, now))
            tagged = sa.and_(opened, CaseRow.id == TagRow.case_id)
            return Figures(
                periods=periods(start, days, opened=by_opening, resolved=by_resolution, answered=answered, taken=taken),
                answered=Stretch.of([seconds for _, seconds in answered]),
                resolved=Stretch.of([seconds for _, seconds in taken]),
                answers_kept=await _kept(session, CaseRow.answer_due, done, sa.and_(opened, known)),
                resolutions_kept=await _kept(session, CaseRow.resolve_due, CaseRow.resolved_at, resolved),
                tags=await _counted(session, TagRow.tag, tagged),
                kinds=await _counted(session, CaseRow.kind, opened),
                ratings=await _ratings(session, guild_ids, start),
                backlog=[await _between(session, still_open, after, before) for after, before in age_groups(now)],
                assignees=await _counted(session, sa.func.coalesce(CaseRow.assignee_name, ""), still_open),
            )


async def _by_day(session: AsyncSession, moment: Any, which: sa.ColumnElement[bool]) -> dict[date, int]:
    postgres = session.get_bind().dialect.name == "postgresql"
    day = sa.func.date(sa.func.timezone("UTC", moment)) if postgres else sa.func.date(moment)
    rows = await session.execute(sa.select(sa.cast(day, sa.Text), sa.func.count()).where(which).group_by(day))
    return {date.fromisoformat(text): number for text, number in rows}


async def _lasted(
    session: AsyncSession, end: Any, belongs: Any, which: sa.ColumnElement[bool], by_day: Mapping[date, int]
) -> list[Lasted]:
    every = max(1, math.ceil(sum(by_day.values()) / _SAMPLE))
    query = sa.select(CaseRow.opened_at, end, belongs).where(which, end.is_not(None), CaseRow.id % every == 0)
    rows = await session.execute(query)
    return [(day.astimezone(UTC).date(), (ended - began).total_seconds()) for began, ended, day in rows]


async def _kept(session: AsyncSession, due: Any, done: Any, which: sa.ColumnElement[bool]) -> Kept:
    in_time = sa.func.sum(sa.case((done <= due, 1), else_=0))
    row = (await session.execute(sa.select(sa.func.count(), in_time).where(which, due.is_not(None)))).one()
    return Kept(row[0], row[1] or 0)


async def _counted(session: AsyncSession, what: Any, which: sa.ColumnElement[bool]) -> list[tuple[str, int]]:
    number = sa.func.count()
    rows = await session.execute(
        sa.select(what, number).where(which).group_by(what).order_by(number.desc(), what).limit(_LISTED)
    )
    return [(name, count) for name, count in rows]


async def _ratings(session: AsyncSession, guild_ids: Sequence[int], start: datetime) -> dict[int, int]:
    rated = sa.and_(EntryRow.guild_id.in_(guild_ids), EntryRow.kind == EntryKind.RATING.value, EntryRow.at >= start)
    counts = dict.fromkeys(range(1, 6), 0)
    for data in await session.scalars(sa.select(EntryRow.data).where(rated)):
        stars = int(data.get("stars", "0"))
        if stars in counts:
            counts[stars] += 1
    return counts


async def _between(
    session: AsyncSession, which: sa.ColumnElement[bool], after: datetime | None, before: datetime | None
) -> int:
    conditions = [which]
    if after is not None:
        conditions.append(CaseRow.opened_at >= after)
    if before is not None:
        conditions.append(CaseRow.opened_at < before)
    return await session.scalar(sa.select(sa.func.count()).select_from(CaseRow).where(*conditions)) or 0
