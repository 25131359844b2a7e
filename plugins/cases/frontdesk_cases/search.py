"""The search index: the words of each case in the database's own full text index, kept in the case's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from frontdesk import Prepared
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import repository
from frontdesk_cases.cases import CaseRecord, Event
from frontdesk_cases.words import Word, within_limit, words, words_of_case, words_of_entry

_FAR_BACK = 1_000_000  # entries of which the words are read when a case's are gathered anew: all
_COMMON = 20_000  # cases with the words: so many are quickly counted, and of more a look at each finds a page soon
_SQLITE = sa.table("cases_search", sa.column("rowid", sa.Integer), sa.column("words", sa.Text))
_POSTGRES = sa.table("cases_search", sa.column("case_id", sa.BigInteger), sa.column("words", postgresql.TSVECTOR))
_WORDS = postgresql.ARRAY(sa.Text)

# Prepared, for each line of a conversation needs them.
_KEPT_SQLITE = Prepared(sa.select(_SQLITE.c.words).where(_SQLITE.c.rowid == sa.bindparam("of")))
_KEPT_POSTGRES = Prepared(
    sa.select(sa.func.tsvector_to_array(_POSTGRES.c.words, type_=_WORDS).label("words")).where(
        _POSTGRES.c.case_id == sa.bindparam("of")
    )
)
_ADD_SQLITE = Prepared(
    sa.update(_SQLITE).where(_SQLITE.c.rowid == sa.bindparam("of")).values(words=sa.bindparam("all_words"))
)
_ADD_POSTGRES = Prepared(
    sa.update(_POSTGRES)
    .where(_POSTGRES.c.case_id == sa.bindparam("of"))
    .values(words=_POSTGRES.c.words.op("||")(sa.func.array_to_tsvector(sa.bindparam("more", type_=_WORDS))))
)


class SearchIndex:
    """Follows all cases. A merged case's words are found in the case that goes on."""

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Keep the words of what has happened."""
        case, before = event.case, event.before
        said = set[str]().union(*(words_of_entry(entry) for entry in event.entries))
        if before is None:
            await put(session, case.id, within_limit((), words_of_case(case) | said))
            await self._name_everywhere(session, case)
            return
        own, own_before = words_of_case(case), words_of_case(before)
        new = said | (own - own_before)  # what the case had is kept: most events are lines of a conversation
        target = await self._target(session, case)
        if before.merged_into != case.merged_into:
            # Both sides of a merger; and when one is undone, the case that went on loses the other's words.
            left = await self._target(session, before)
            for each in sorted({case.id, target.id, left.id}):
                await self.gather(session, each)
            return
        if not own_before <= own | said:
            for each in sorted({case.id, target.id}):
                await self.gather(session, each)
            return
        for each in sorted({case.id, target.id}):
            await add(session, each, new)

    async def gather(self, session: AsyncSession, case_id: int) -> None:
        """Read all words of a case, and of those merged into it, anew."""
        case = await repository.by_id(session, case_id)
        if case is None:
            return
        found: set[str] = set()
        together = [case, *await repository.merged_into(session, case_id)]
        for each in together:
            names = await repository.names_of(session, each.guild_id, each.person.user_id)
            found |= words_of_case(each).union(*(words(name) for name in names))
        for entry in await repository.timeline(session, [each.id for each in together], _FAR_BACK):
            found |= words_of_entry(entry)
        await put(session, case_id, within_limit((), found))

    async def _target(self, session: AsyncSession, case: CaseRecord) -> CaseRecord:
        if case.merged_into is None:
            return case
        way = await repository.way_to_target(session, case.merged_into)
        return (await repository.by_id(session, way[-1]) if way else None) or case

    async def _name_everywhere(self, session: AsyncSession, case: CaseRecord) -> None:
        """Let a person's cases be found by each name that they had: by this new one, and this one by the others."""
        person = case.person
        names = await repository.names_of(session, person.guild_id, person.user_id)
        if len(names) < 2:  # the one that the case has itself
            return
        known = {word for name in names for word in words(name)}
        cases = await repository.of_person(session, person.guild_id, person.user_id, _FAR_BACK)
        found = {each.id for each in cases} | {(await self._target(session, each)).id for each in cases}
        for case_id in sorted(found):  # everybody in this order, or two who do it at once could wait for each other
            await add(session, case_id, known)


async def put(session: AsyncSession, case_id: int, found: Sequence[str]) -> None:
    """Keep these words of a case, and no others."""
    if _is_postgres(session):
        insert = postgresql.insert(_POSTGRES).values(case_id=case_id, words=_vector(found))
        new = {"words": insert.excluded.words}
        await session.execute(insert.on_conflict_do_update(index_elements=["case_id"], set_=new))
        return
    await session.execute(sa.delete(_SQLITE).where(_SQLITE.c.rowid == case_id))
    await session.execute(sa.insert(_SQLITE).values(rowid=case_id, words=" ".join(found)))


async def add(session: AsyncSession, case_id: int, new: Iterable[str]) -> None:
    """Keep these words of a case besides those that it has."""
    new = set(new)
    if not new:
        return
    had = await kept(session, case_id)
    found = within_limit(had, new)
    if len(found) == len(had):
        return
    if _is_postgres(session):
        await _ADD_POSTGRES.all(session, of=case_id, more=found[len(had) :])
    else:
        await _ADD_SQLITE.all(session, of=case_id, all_words=" ".join(found))


async def kept(session: AsyncSession, case_id: int) -> list[str]:
    """List the words that are kept of a case."""
    if _is_postgres(session):
        row = await _KEPT_POSTGRES.first(session, of=case_id)
        return [] if row is None else list(row.words or ())
    row = await _KEPT_SQLITE.first(session, of=case_id)
    return [] if row is None else (row.words or "").split()


def _vector(found: Sequence[str]) -> sa.ColumnElement[Any]:
    return sa.func.array_to_tsvector(sa.cast(list(found), _WORDS))


def _is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def matches(session: AsyncSession, wanted: Sequence[Word]) -> sa.Select[Any]:
    """Select the ids of the cases that have all of these words, in every server.

    Args:
        session: a transaction.
        wanted: at least one.
    """
    if _is_postgres(session):
        # Words are letters and digits alone: nothing in them can end the quotes.
        query = " & ".join(f"'{word.text}'{'' if word.whole else ':*'}" for word in wanted)
        return sa.select(_POSTGRES.c.case_id).where(_POSTGRES.c.words.op("@@")(sa.cast(query, postgresql.TSQUERY)))
    query = " AND ".join(f'"{word.text}"{"" if word.whole else "*"}' for word in wanted)
    table: sa.ColumnElement[str] = sa.literal_column("cases_search")
    return sa.select(_SQLITE.c.rowid).where(table.op("MATCH")(query))


async def are_common(session: AsyncSession, wanted: Sequence[Word]) -> bool:
    """Tell whether so many cases have these words that a list is read along its order, each case looked at.

    PostgreSQL's planner makes up its own mind about this.

    Args:
        session: a transaction.
        wanted: at least one.
    """
    if _is_postgres(session):
        return False
    some = matches(session, wanted).limit(_COMMON + 1).subquery()
    return (await session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) > _COMMON


def has(case_id: sa.ColumnElement[int], wanted: Sequence[Word]) -> sa.ColumnElement[bool]:
    """Say that a case of a query has all of these words; SQLite only.

    Args:
        case_id: the query's.
        wanted: at least one.
    """
    padded = sa.literal(" ").concat(_SQLITE.c.words).concat(" ")
    found = [sa.func.instr(padded, f" {word.text}{' ' if word.whole else ''}") > 0 for word in wanted]
    return sa.exists().where(_SQLITE.c.rowid == case_id, *found)
