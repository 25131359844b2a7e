"""The journal's statements. Each takes a session and leaves the transaction to the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .deliveries import Entry, Receipt, Record, Refused, Retry, State
from .prepared import Prepared
from .tables import journal

_ENTRY = (
    journal.c.id,
    journal.c.lane,
    journal.c.key,
    journal.c.kind,
    journal.c.payload,
    journal.c.created_at,
    journal.c.attempts,
    journal.c.due_at,
)
_OUTCOME = (journal.c.state, journal.c.receipt, journal.c.reason, journal.c.detail, journal.c.settled_at)
_WAITING = sa.text("core_journal.state = 'waiting'")  # letter by letter, or the partial index is not used
_SETTLED = sa.text("core_journal.state <> 'waiting'")

_INSERT = Prepared(
    {
        name: dialect.insert(journal).on_conflict_do_nothing(index_elements=["kind", "key"]).returning(journal.c.id)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }
)
_HEAD = (
    sa.select(*_ENTRY)
    .where(_WAITING, journal.c.lane == sa.bindparam("of_lane"))
    .order_by(journal.c.id)
    .limit(sa.literal_column("1"))
)
_UPDATE = sa.update(journal).where(journal.c.id == sa.bindparam("of_id"), _WAITING).returning(journal.c.id)
_DONE = Prepared(_UPDATE.values({name: sa.bindparam(name) for name in ("state", "receipt", "settled_at")}))
_REFUSED = Prepared(_UPDATE.values({name: sa.bindparam(name) for name in ("state", "reason", "detail", "settled_at")}))
_POSTPONED = Prepared(_UPDATE.values({name: sa.bindparam(name) for name in ("attempts", "due_at", "detail")}))


async def insert(session: AsyncSession, values: dict[str, Any]) -> bool:
    """Add a waiting entry; False if its kind has the key already."""
    return await _INSERT.first(session, **values, state=State.WAITING.value, attempts=0) is not None


def head_of_lane(mine: sa.ColumnElement[bool] | None) -> Prepared:
    """The statement for ``head``, with a condition that the lane (``of_lane``) is ours."""
    return Prepared(_HEAD if mine is None else _HEAD.where(mine))


async def head(session: AsyncSession, statement: Prepared, lane: str) -> Entry | None:
    """The next entry of a lane, as long as the lane is ours."""
    row = await statement.first(session, of_lane=lane)
    return None if row is None else Entry(*row)


async def settle(session: AsyncSession, entry: Entry, outcome: Receipt | Refused, now: datetime) -> bool:
    """Mark an entry done or refused; False if somebody already did."""
    values: dict[str, Any] = {"of_id": entry.id, "settled_at": now}
    if isinstance(outcome, Refused):
        values |= {"state": State.REFUSED.value, "reason": outcome.reason, "detail": outcome.detail}
        return await _REFUSED.first(session, **values) is not None
    return await _DONE.first(session, **values, state=State.DONE.value, receipt=dict(outcome)) is not None


async def postpone(session: AsyncSession, entry: Entry, retry: Retry, due_at: datetime) -> bool:
    """Note a send that did not succeed; False if somebody settled the entry meanwhile."""
    values = {"attempts": entry.attempts + 1, "due_at": due_at, "detail": retry.detail}
    return await _POSTPONED.first(session, of_id=entry.id, **values) is not None


async def waiting_lanes(session: AsyncSession) -> Sequence[str]:
    """Every lane with something to deliver."""
    return (await session.scalars(sa.select(journal.c.lane).where(_WAITING).distinct())).all()


async def is_waiting(session: AsyncSession, lane: str | None, resting: Sequence[str]) -> bool:
    """Is there anything to deliver, in a lane or at all? Lanes in ``resting`` are passed over."""
    statement = sa.select(journal.c.id).where(_WAITING, journal.c.lane.not_in(resting)).limit(1)
    if lane is not None:
        statement = statement.where(journal.c.lane == lane)
    return (await session.execute(statement)).first() is not None


async def records(session: AsyncSession, lane: str | None, state: State | None, limit: int) -> list[Record]:
    """The newest entries first."""
    statement = sa.select(*_ENTRY, *_OUTCOME).order_by(journal.c.id.desc()).limit(limit)
    if lane is not None:
        statement = statement.where(journal.c.lane == lane)
    if state is not None:
        statement = statement.where(journal.c.state == state.value)
    return [_record(row) for row in await session.execute(statement)]


async def record_of(session: AsyncSession, kind: str, key: str) -> Record | None:
    """One entry, by its name."""
    statement = sa.select(*_ENTRY, *_OUTCOME).where(journal.c.kind == kind, journal.c.key == key)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _record(row)


def _record(row: Sequence[Any]) -> Record:
    size = len(_ENTRY)
    return Record(Entry(*row[:size]), State(row[size]), *row[size + 1 :])


async def depth(session: AsyncSession) -> tuple[int, int, int, datetime | None]:
    """Waiting entries, those of them that were put off, lanes concerned, and when the oldest was written."""
    statement = sa.select(
        sa.func.count(),
        sa.func.count().filter(journal.c.attempts > 0),
        sa.func.count(journal.c.lane.distinct()),
        sa.func.min(journal.c.created_at),
    ).where(_WAITING)
    waiting, retrying, lanes, oldest = (await session.execute(statement)).one()
    return waiting, retrying, lanes, oldest


async def sweep(session: AsyncSession, before: datetime, batch: int) -> int:
    """Forget some entries that were settled long ago, and their keys; how many they were."""
    old = (
        sa.select(journal.c.id)
        .where(_SETTLED, journal.c.settled_at < before)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(sa.delete(journal).where(journal.c.id.in_(old)).returning(journal.c.id))
    return len(gone.all())


def age(moment: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 for none."""
    return 0.0 if moment is None else max(0.0, (now - moment) / timedelta(seconds=1))
