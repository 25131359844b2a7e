"""What rules and periodic looks ask the database: whose turn it is, which promises run out, which cases are silent."""

from datetime import datetime

import sqlalchemy as sa
from frontdesk import CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import OPEN_STATUSES, TOLD_MISSED, CaseRecord
from frontdesk_cases.duplicates import READ, Compared
from frontdesk_cases.repository import CASES, SELECT, insert_of, record
from frontdesk_cases.tables import TurnRow

BATCH = 500
"""Cases that are looked at in one go."""

_OPEN = [status.value for status in OPEN_STATUSES]


async def last_turn(session: AsyncSession, guild_id: int, rule: str) -> str | None:
    """Tell who was last given a case by a rule, and keep others from asking until the transaction ends."""
    insert = insert_of(session)(TurnRow).values(guild_id=guild_id, rule=rule, last="")
    keys = [TurnRow.guild_id, TurnRow.rule]
    # Changing nothing still locks the row on PostgreSQL; SQLite has one writer anyway.
    held = insert.on_conflict_do_update(index_elements=keys, set_={"last": TurnRow.last}).returning(TurnRow.last)
    return (await session.execute(held)).scalar_one() or None


async def note_turn(session: AsyncSession, guild_id: int, rule: str, last: str) -> None:
    """Keep who was given a case by a rule."""
    insert = insert_of(session)(TurnRow).values(guild_id=guild_id, rule=rule, last=last)
    keys = [TurnRow.guild_id, TurnRow.rule]
    await session.execute(insert.on_conflict_do_update(index_elements=keys, set_={"last": last}))


async def silent(
    session: AsyncSession, after: int, *, waiting_since: datetime, resolved_since: datetime
) -> list[CaseRecord]:
    """List cases for which silence may have become too long: those that wait for the member, and resolved ones.

    Args:
        session: a transaction.
        after: only cases with greater ids, in their order; at most `BATCH` of them are given.
        waiting_since: only what has waited since then, or longer.
        resolved_since: likewise, for resolved cases.
    """
    waits_since = sa.func.coalesce(CASES.c.warned_at, CASES.c.paused_at, CASES.c.opened_at)
    waiting = sa.and_(CASES.c.status == CaseStatus.PENDING_CUSTOMER.value, waits_since <= waiting_since)
    done = sa.and_(CASES.c.status == CaseStatus.RESOLVED.value, CASES.c.resolved_at <= resolved_since)
    return await _batch(session, after, sa.or_(waiting, done), CASES.c.merged_into.is_(None))


async def running_out(session: AsyncSession, after: int, until: datetime) -> list[CaseRecord]:
    """List open cases with a promise that ends before a moment and of which not everything was told yet.

    Args:
        session: a transaction.
        after: only cases with greater ids, in their order; at most `BATCH` of them are given.
        until: the moment (UTC).
    """
    answer = sa.and_(CASES.c.answer_due <= until, CASES.c.answered_at.is_(None), CASES.c.answer_told < TOLD_MISSED)
    resolve = sa.and_(CASES.c.resolve_due <= until, CASES.c.paused_at.is_(None), CASES.c.resolve_told < TOLD_MISSED)
    return await _batch(session, after, CASES.c.status.in_(_OPEN), sa.or_(answer, resolve))


async def _batch(session: AsyncSession, after: int, *conditions: sa.ColumnElement[bool]) -> list[CaseRecord]:
    query = SELECT.where(CASES.c.id > after, *conditions).order_by(CASES.c.id).limit(BATCH)
    return [record(row) for row in await session.execute(query)]


async def newest(session: AsyncSession, guild_id: int, kind: str) -> int | None:
    """Give the id of a server's newest case of a kind; None if there is none."""
    c = CASES.c
    found: int | None = await session.scalar(sa.select(sa.func.max(c.id)).where(c.guild_id == guild_id, c.kind == kind))
    return found


async def latest(session: AsyncSession, guild_id: int, kind: str, limit: int) -> list[Compared]:
    """Give what is compared of a server's latest cases of a kind, but for those that go on in another one."""
    c = CASES.c
    beginning = sa.func.substr(c.description, 1, READ).label("description")
    newest = sa.select(c.id, c.title, beginning, c.articles, c.merged_into).where(
        c.guild_id == guild_id, c.kind == kind
    )
    rows = await session.execute(newest.order_by(c.id.desc()).limit(limit))
    return [
        Compared(row.id, row.title, row.description, frozenset(article["id"] for article in row.articles))
        for row in rows
        if row.merged_into is None
    ]
