"""Cases in the database: every query is here, each works inside the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from frontdesk import Article, CaseRequest, CaseStatus, Person, Prepared
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import (
    FIRST_NUMBER,
    Actor,
    CaseRecord,
    Clocks,
    EntryKind,
    NewEntry,
    Priority,
    TimelineEntry,
    one_line,
    storable,
)
from frontdesk_cases.listing import due_at
from frontdesk_cases.tables import CaseRow, CounterRow, EntryRow, LinkRow, NameRow, TagRow


async def take_turn(session: AsyncSession, guild_id: int) -> None:
    """Hold the server's counter until the transaction ends, so that whoever opens a case next sees this one."""
    counter = insert_of(session)(CounterRow).values(guild_id=guild_id, last=FIRST_NUMBER - 1)
    # Changing nothing still locks the row on PostgreSQL; SQLite has one writer anyway.
    await session.execute(
        counter.on_conflict_do_update(index_elements=[CounterRow.guild_id], set_={"last": CounterRow.last})
    )


async def next_number(session: AsyncSession, guild_id: int) -> int:
    """Count up; to be called in turn (see `take_turn`)."""
    counted = (
        sa.update(CounterRow)
        .where(CounterRow.guild_id == guild_id)
        .values(last=CounterRow.last + 1)
        .returning(CounterRow.last)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(counted)).scalar_one()


async def add(session: AsyncSession, request: CaseRequest, number: int, at: datetime) -> CaseRecord:
    """Store a new case."""
    person = request.person
    row = CaseRow(
        guild_id=person.guild_id,
        number=number,
        key=storable(request.key),
        kind=storable(request.kind),
        title=one_line(storable(request.title)),
        description=storable(request.description),
        status=CaseStatus.OPEN.value,
        person_id=person.user_id,
        person_name=storable(person.name),
        person_locale=person.locale,
        person_created=person.account_created,
        person_joined=person.joined_at,
        person_roles=[storable(role) for role in person.roles],
        source_url=storable(request.source_url) if request.source_url else None,
        fields=[[storable(label), storable(value)] for label, value in request.fields.items()],
        articles=[_storable_values(asdict(article)) for article in request.articles],
        opened_at=at,
        changed_at=at,
        member_wrote_at=at,
    )
    session.add(row)
    await session.flush()
    await note_name(session, person, at)
    found = await by_id(session, row.id)
    assert found is not None
    return found


async def note_name(session: AsyncSession, person: Person, at: datetime) -> None:
    """Keep a name by which a person was seen."""
    insert = insert_of(session)(NameRow).values(
        guild_id=person.guild_id, person_id=person.user_id, name=storable(person.name), seen_at=at
    )
    keys = [NameRow.guild_id, NameRow.person_id, NameRow.name]
    await session.execute(insert.on_conflict_do_update(index_elements=keys, set_={"seen_at": at}))


async def names_of(session: AsyncSession, guild_id: int, user_id: int) -> list[str]:
    """List the names by which a person was seen in a server, the latest first."""
    query = sa.select(NameRow.name).where(NameRow.guild_id == guild_id, NameRow.person_id == user_id)
    return list(await session.scalars(query.order_by(NameRow.seen_at.desc(), NameRow.name)))


async def save(session: AsyncSession, case: CaseRecord, before: CaseRecord) -> None:
    """Store what has changed of a case."""
    moments = {name: getattr(case, name) for name in _MOMENTS}
    if replace(before, **moments) == case:  # all that a line of a conversation changes: the statement is made already
        await _TOUCH.all(session, of=case.id, **{f"to_{name}": at for name, at in moments.items()})
        return
    values = _changeable(case)
    known = _changeable(before)
    changed = {name: value for name, value in values.items() if value != known[name]}
    if changed:
        await session.execute(sa.update(CASES).where(CASES.c.id == case.id).values(changed))
    if case.tags != before.tags:
        await session.execute(sa.delete(TagRow).where(TagRow.case_id == case.id))
        rows = [{"case_id": case.id, "tag": tag, "guild_id": case.guild_id} for tag in case.tags]
        if rows:
            await session.execute(sa.insert(TagRow), rows)


def _changeable(case: CaseRecord) -> dict[str, Any]:
    clocks = case.clocks
    return {
        "title": case.title,
        "status": case.status.value,
        "changed_at": case.changed_at,
        "version": case.version,
        "priority": int(case.priority),
        "tags": list(case.tags),
        "assignee_id": case.assignee.id if case.assignee else None,
        "assignee_name": case.assignee.name if case.assignee else None,
        "team": case.team,
        "custom": dict(case.custom),
        "answer_due": clocks.answer_due,
        "resolve_due": clocks.resolve_due,
        "answered_at": clocks.answered_at,
        "resolved_at": clocks.resolved_at,
        "paused_at": clocks.paused_at,
        "waited_seconds": round(clocks.waited.total_seconds()),
        "finished_seconds": round(clocks.finished.total_seconds()),
        "closed_at": clocks.closed_at,
        "due_at": due_at(clocks),
        "answer_told": clocks.answer_told,
        "resolve_told": clocks.resolve_told,
        "member_wrote_at": case.member_wrote_at,
        "staff_wrote_at": case.staff_wrote_at,
        "warned_at": case.warned_at,
        "merged_into": case.merged_into,
        "conversation_id": case.conversation_id,
        "conversation_sid": case.conversation_sid,
        "task_sid": case.task_sid,
    }


async def by_key(session: AsyncSession, guild_id: int, key: str) -> CaseRecord | None:
    """Find the case of an event."""
    return await _one(session, CaseRow.guild_id == guild_id, CaseRow.key == storable(key))


async def by_id(session: AsyncSession, case_id: int) -> CaseRecord | None:
    """Find a case."""
    row = await _BY_ID.first(session, of=case_id)
    return None if row is None else record(row)


async def by_number(session: AsyncSession, guild_id: int, number: int) -> CaseRecord | None:
    """Find a case by the number that people call it by."""
    return await _one(session, CaseRow.guild_id == guild_id, CaseRow.number == number)


async def to_change(session: AsyncSession, case_id: int) -> CaseRecord | None:
    """Find a case and keep others from changing it until the transaction ends."""
    row = await _BY_ID_TO_CHANGE.first(session, of=case_id)
    return None if row is None else record(row)


async def of_conversation(session: AsyncSession, conversation_id: int) -> int | None:
    """Find the newest case of a conversation of the helpdesk."""
    row = await _OF_CONVERSATION.first(session, of=conversation_id)
    return None if row is None else int(row.id)


async def merged_into(session: AsyncSession, case_id: int) -> list[CaseRecord]:
    """List the cases that were merged into one, and those merged into these, oldest first."""
    together = sa.select(CASES.c.id).where(CASES.c.merged_into == case_id).cte(recursive=True)
    together = together.union(sa.select(CASES.c.id).join(together, CASES.c.merged_into == together.c.id))
    rows = await session.execute(SELECT.where(CASES.c.id.in_(sa.select(together.c.id))).order_by(CASES.c.id))
    return [record(row) for row in rows]


async def way_to_target(session: AsyncSession, case_id: int) -> list[int]:
    """Follow mergers, locking nothing: the ids from a case to the one that goes on. Empty if there is no such case."""
    way: list[int] = []
    following: int | None = case_id
    while following is not None:
        row = await _MERGED_INTO.first(session, of=following)
        if row is None:
            return []
        way.append(following)
        following = row.merged_into if row.merged_into not in way else None
    return way


async def _one(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> CaseRecord | None:
    row = (await session.execute(SELECT.where(*conditions).order_by(CASES.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else record(row)


async def of_person(session: AsyncSession, guild_id: int, user_id: int, limit: int) -> list[CaseRecord]:
    """List a person's cases in a server, newest first."""
    return await _many(session, limit, CaseRow.guild_id == guild_id, CaseRow.person_id == user_id)


async def of_server(
    session: AsyncSession, guild_id: int, statuses: Iterable[CaseStatus], limit: int
) -> list[CaseRecord]:
    """List a server's cases in these statuses, newest first."""
    wanted = [status.value for status in statuses]
    return await _many(session, limit, CaseRow.guild_id == guild_id, CaseRow.status.in_(wanted))


async def _many(session: AsyncSession, limit: int, *conditions: sa.ColumnElement[bool]) -> list[CaseRecord]:
    rows = await session.execute(SELECT.where(*conditions).order_by(CASES.c.id.desc()).limit(limit))
    return [record(row) for row in rows]


async def suggest(session: AsyncSession, guild_id: int, typed: str, limit: int) -> list[CaseRecord]:
    """List a server's cases by the beginning of their number, or by a word of the title, newest first.

    Titles are looked for among the newest cases alone: this answers while somebody types.
    """
    if typed.isdecimal():
        ranges = [(int(typed) * 10**more, (int(typed) + 1) * 10**more) for more in range(_MOST_DIGITS)]
        number = CaseRow.number
        known = [sa.and_(number >= first, number < end) for first, end in ranges if end < _LARGEST_NUMBER]
        fits = sa.or_(sa.false(), *known)
        return await _many(session, limit, CaseRow.guild_id == guild_id, fits)
    newest = await _many(session, _LOOKED_THROUGH, CaseRow.guild_id == guild_id)
    return [case for case in newest if typed.casefold() in case.title.casefold()][:limit]


async def assignees(session: AsyncSession, guild_id: int, limit: int) -> list[Actor]:
    """List those who have cases in a server, in the order of their names."""
    query = sa.select(CaseRow.assignee_id, sa.func.max(CaseRow.assignee_name)).where(
        CaseRow.guild_id == guild_id, CaseRow.assignee_id.is_not(None)
    )
    rows = await session.execute(query.group_by(CaseRow.assignee_id).limit(limit))
    return sorted((Actor(str(id_), name or "") for id_, name in rows), key=lambda actor: actor.name.casefold())


async def counts(session: AsyncSession, guild_id: int) -> Mapping[CaseStatus, int]:
    """Count a server's cases by status; those that go on in another one do not count."""
    here = CaseRow.guild_id == guild_id, CaseRow.merged_into.is_(None)
    counted = sa.select(CaseRow.status, sa.func.count()).where(*here).group_by(CaseRow.status)
    return {CaseStatus(status): number for status, number in await session.execute(counted)}


async def append(session: AsyncSession, case: CaseRecord, entries: Sequence[NewEntry]) -> list[TimelineEntry]:
    """Put entries on a case's timeline; those with a key that stands there already are left out."""
    stored: list[TimelineEntry] = []
    for entry in entries:
        kept = replace(
            entry, author=storable(entry.author), text=storable(entry.text), data=_storable_values(entry.data)
        )
        values = {
            "guild_id": case.guild_id,
            "case_id": case.id,
            "kind": kept.kind.value,
            "author": kept.author,
            "text": kept.text,
            "at": kept.at,
            "data": dict(kept.data),
            "key": storable(kept.key) or None,
        }
        row = await _APPEND.first(session, **values)
        if row is not None:
            stored.append(
                TimelineEntry(
                    kept.kind, kept.author, kept.text, kept.at, kept.data, kept.key, id=row.id, case_id=case.id
                )
            )
    return stored


async def places(session: AsyncSession, key: str) -> list[int]:
    """List the ids of the cases on whose timelines something stands."""
    return [row.case_id for row in await _WITH_KEY.all(session, of=storable(key))]


async def is_told(session: AsyncSession, case_id: int, key: str) -> bool:
    """Whether something stands on the timeline of a case that goes on, or of one that goes on in it."""
    for place in await places(session, key):
        if case_id in await way_to_target(session, place):
            return True
    return False


async def timeline(
    session: AsyncSession, case_ids: Sequence[int], limit: int, before: TimelineEntry | None = None
) -> list[TimelineEntry]:
    """Give the latest entries of a case, and of those merged into it, in the order in which they happened.

    Args:
        session: a transaction.
        case_ids: the case, and those merged into it.
        limit: so many.
        before: only what stands before this entry.
    """
    latest = sa.select(EntryRow).where(EntryRow.case_id.in_(case_ids))
    if before is not None:
        place = sa.tuple_(sa.literal(before.at, EntryRow.at.type), sa.literal(before.id, EntryRow.id.type))
        latest = latest.where(sa.tuple_(EntryRow.at, EntryRow.id) < place)
    rows = list(await session.scalars(latest.order_by(EntryRow.at.desc(), EntryRow.id.desc()).limit(limit)))
    return [_entry(row) for row in reversed(rows)]


async def entries(session: AsyncSession, case_ids: Sequence[int], entry_ids: Sequence[int]) -> list[TimelineEntry]:
    """Give some entries of these cases by their ids; those of other cases are not found."""
    query = sa.select(EntryRow).where(EntryRow.case_id.in_(case_ids), EntryRow.id.in_(entry_ids))
    return [_entry(row) for row in await session.scalars(query.order_by(EntryRow.at, EntryRow.id))]


async def has_entry(session: AsyncSession, case_id: int, kind: EntryKind, key: str) -> bool:
    """Whether an entry of this kind that was named so is on a case's timeline."""
    named = EntryRow.data["key"].as_string() == storable(key)
    query = sa.select(EntryRow.id).where(EntryRow.case_id == case_id, EntryRow.kind == kind.value, named)
    return await session.scalar(query.limit(1)) is not None


async def add_link(session: AsyncSession, case: CaseRecord, other: CaseRecord) -> bool:
    """Link two cases; False if they were."""
    first, second = sorted((case.id, other.id))
    insert = insert_of(session)(LinkRow).values(case_id=first, other_id=second, guild_id=case.guild_id)
    added = await session.execute(insert.on_conflict_do_nothing().returning(LinkRow.case_id))
    return added.one_or_none() is not None


async def remove_link(session: AsyncSession, case_id: int, other_id: int) -> bool:
    """Take a link away; False if there was none."""
    first, second = sorted((case_id, other_id))
    gone = sa.delete(LinkRow).where(LinkRow.case_id == first, LinkRow.other_id == second).returning(LinkRow.case_id)
    return (await session.execute(gone)).one_or_none() is not None


async def linked(session: AsyncSession, case_ids: Sequence[int]) -> list[int]:
    """List the ids of the cases that these cases are linked with."""
    others = sa.union(
        sa.select(LinkRow.other_id).where(LinkRow.case_id.in_(case_ids)),
        sa.select(LinkRow.case_id).where(LinkRow.other_id.in_(case_ids)),
    )
    return sorted((await session.execute(others)).scalars())


_MOST_DIGITS = 7
_LARGEST_NUMBER = 2**31
_LOOKED_THROUGH = 500
CASES = cast("sa.Table", CaseRow.__table__)
SELECT = sa.select(*CASES.c)
_WITH_ID = SELECT.where(CASES.c.id == sa.bindparam("of"))
_BY_ID = Prepared(_WITH_ID)
_BY_ID_TO_CHANGE = Prepared(_WITH_ID.with_for_update())
_OF_CONVERSATION = Prepared(
    sa.select(CASES.c.id)
    .where(CASES.c.conversation_id == sa.bindparam("of"))
    .order_by(CASES.c.id.desc())
    .limit(sa.literal_column("1"))
)
_MERGED_INTO = Prepared(sa.select(CASES.c.merged_into).where(CASES.c.id == sa.bindparam("of")))
_MOMENTS = ("changed_at", "member_wrote_at", "staff_wrote_at", "warned_at")
_TOUCH = Prepared(
    sa.update(CASES)
    .where(CASES.c.id == sa.bindparam("of"))
    .values({name: sa.bindparam(f"to_{name}") for name in _MOMENTS})
)
_ENTRIES = cast("sa.Table", EntryRow.__table__)
_APPEND = Prepared(
    {
        name: dialect.insert(_ENTRIES).on_conflict_do_nothing().returning(_ENTRIES.c.id)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }
)
_WITH_KEY = Prepared(sa.select(_ENTRIES.c.case_id).where(_ENTRIES.c.key == sa.bindparam("of")))


def record(row: Any) -> CaseRecord:
    """Make a case of its row."""
    return CaseRecord(
        id=row.id,
        number=row.number,
        key=row.key,
        kind=row.kind,
        title=row.title,
        description=row.description,
        status=CaseStatus(row.status),
        person=Person(
            user_id=row.person_id,
            guild_id=row.guild_id,
            name=row.person_name,
            locale=row.person_locale,
            account_created=row.person_created,
            joined_at=row.person_joined,
            roles=tuple(row.person_roles),
        ),
        source_url=row.source_url,
        fields=dict(row.fields),
        articles=tuple(Article(**article) for article in row.articles),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        version=row.version,
        priority=Priority(row.priority),
        tags=tuple(row.tags),
        assignee=Actor(row.assignee_id, row.assignee_name or "") if row.assignee_id is not None else None,
        team=row.team,
        custom=row.custom,
        clocks=Clocks(
            answer_due=row.answer_due,
            resolve_due=row.resolve_due,
            answered_at=row.answered_at,
            resolved_at=row.resolved_at,
            paused_at=row.paused_at,
            waited=timedelta(seconds=row.waited_seconds),
            finished=timedelta(seconds=row.finished_seconds),
            closed_at=row.closed_at,
            answer_told=row.answer_told,
            resolve_told=row.resolve_told,
        ),
        member_wrote_at=row.member_wrote_at,
        staff_wrote_at=row.staff_wrote_at,
        warned_at=row.warned_at,
        merged_into=row.merged_into,
        conversation_id=row.conversation_id,
        conversation_sid=row.conversation_sid,
        task_sid=row.task_sid,
    )


def _entry(row: EntryRow) -> TimelineEntry:
    kind, key = EntryKind(row.kind), row.key or ""
    return TimelineEntry(kind, row.author, row.text, row.at, row.data, key, id=row.id, case_id=row.case_id)


def insert_of(session: AsyncSession) -> Any:
    """Give the dialect's insert, which knows ON CONFLICT."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def _storable_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: storable(value) if isinstance(value, str) else value for name, value in values.items()}
