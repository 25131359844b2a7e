"""Members on their way in, kept in the database until their conversation is open. No Discord in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from frontdesk import Person
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.tables import ArrivalRow

_PERSON = TypeAdapter(Person)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A member on the way in.

    Args:
        id: our own number.
        user_id: the Discord user's id.
        person: the member; None while it is open in which server they need help.
        channel_id: their direct message channel, if they came by it.
        first_id: messages of theirs up to this one do not belong to the conversation.
        note: what they have said so far, other than in direct messages.
        category: what they chose.
        answers: question -> answer of the first questions.
        queued: whether all is said, so that the conversation is being opened.
        came_at: when they came (UTC).
    """

    id: int
    user_id: int
    person: Person | None
    channel_id: int | None
    first_id: int
    note: str
    category: str | None
    answers: Mapping[str, str]
    queued: bool
    came_at: datetime


async def keep(
    session: AsyncSession,
    user_id: int,
    person: Person | None,
    *,
    first_id: int,
    now: datetime,
    note: str = "",
    channel_id: int | None = None,
) -> Arrival:
    """Keep that somebody has come; see `Arrival`."""
    row = ArrivalRow(
        user_id=user_id,
        guild_id=None if person is None else person.guild_id,
        person=None if person is None else _PERSON.dump_python(person, mode="json"),
        channel_id=channel_id,
        first_id=first_id,
        note=note,
        queued=False,
        came_at=now,
    )
    session.add(row)
    await session.flush()
    return _arrival(row)


async def find(session: AsyncSession, number: int) -> Arrival | None:
    """Find an arrival by its number; None once the conversation is open."""
    query = sa.select(ArrivalRow).where(ArrivalRow.id == number).execution_options(populate_existing=True)
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else _arrival(row)


async def by_message(session: AsyncSession, user_id: int) -> Arrival | None:
    """Find the arrival of somebody who wrote a direct message and whose conversation is not open yet."""
    query = sa.select(ArrivalRow).where(ArrivalRow.user_id == user_id, ArrivalRow.channel_id.is_not(None))
    row = (await session.execute(query.order_by(ArrivalRow.id.desc()).limit(1))).scalar_one_or_none()
    return None if row is None else _arrival(row)


async def waiting(session: AsyncSession, user_id: int) -> Arrival | None:
    """Find the arrival of somebody for whom a conversation is being opened."""
    query = sa.select(ArrivalRow).where(ArrivalRow.user_id == user_id, ArrivalRow.queued)
    row = (await session.execute(query.order_by(ArrivalRow.id).limit(1))).scalar_one_or_none()
    return None if row is None else _arrival(row)


async def ahead(session: AsyncSession, arrival: Arrival) -> int:
    """Count those who wait for a new direct message channel and came before."""
    query = sa.select(sa.func.count()).where(
        ArrivalRow.queued, ArrivalRow.channel_id.is_(None), ArrivalRow.id < arrival.id
    )
    return int((await session.execute(query.select_from(ArrivalRow))).scalar_one())


async def told_who(session: AsyncSession, number: int, person: Person) -> None:
    """Note the member, now that the server is known."""
    values = {"guild_id": person.guild_id, "person": _PERSON.dump_python(person, mode="json")}
    await _change(session, number, **values)


async def told_what(
    session: AsyncSession, number: int, *, category: str | None = None, answers: Mapping[str, str] | None = None
) -> None:
    """Note what was chosen or answered."""
    if category is not None:
        await _change(session, number, category=category)
    if answers is not None:
        await _change(session, number, answers=dict(answers))


async def add_note(session: AsyncSession, arrival: Arrival, note: str) -> None:
    """Add to what somebody has said, who is waiting already."""
    await _change(session, arrival.id, note="\n\n".join(text for text in (arrival.note, note) if text))


async def queue(session: AsyncSession, number: int) -> bool:
    """Note that all is said.

    Returns:
        False if it was said before, or the conversation is open already.
    """
    statement = sa.update(ArrivalRow).where(ArrivalRow.id == number, ArrivalRow.queued.is_(False)).values(queued=True)
    done = await session.execute(statement.returning(ArrivalRow.id).execution_options(synchronize_session=False))
    return done.scalar_one_or_none() is not None


async def forget(session: AsyncSession, number: int) -> None:
    """Forget an arrival."""
    await session.execute(sa.delete(ArrivalRow).where(ArrivalRow.id == number))


async def forget_unfinished(session: AsyncSession, before: datetime) -> None:
    """Forget those who came before a moment and never finished the first questions."""
    await session.execute(sa.delete(ArrivalRow).where(ArrivalRow.queued.is_(False), ArrivalRow.came_at < before))


async def _change(session: AsyncSession, number: int, **values: Any) -> None:
    statement = sa.update(ArrivalRow).where(ArrivalRow.id == number).values(**values)
    await session.execute(statement.execution_options(synchronize_session=False))


def _arrival(row: ArrivalRow) -> Arrival:
    return Arrival(
        id=row.id,
        user_id=row.user_id,
        person=None if row.person is None else _PERSON.validate_python(row.person),
        channel_id=row.channel_id,
        first_id=row.first_id,
        note=row.note,
        category=row.category,
        answers=row.answers or {},
        queued=row.queued,
        came_at=row.came_at,
    )
