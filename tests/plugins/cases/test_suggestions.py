"""What is suggested while somebody types: cases by number and title, and who has cases, on both databases."""

from dataclasses import replace

import pytest
from frontdesk import Person, Store
from frontdesk.tables import CORE
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cases import Actor
from frontdesk_cases.changes import SetAssignee
from frontdesk_cases.tables import TABLES
from frontdesk_cases.work import CaseWork

from tests.plugins.cases.test_book import PERSON, REQUEST, ledger_of

AMIRA, OMID = Actor("discord:5", "Amira"), Actor("flex:omid", "omid")
GUILD = PERSON.guild_id


async def test_cases_are_suggested_by_number_and_title(store: Store) -> None:
    await store.upgrade([CORE, TABLES])
    book = CaseBook(ledger_of(store))
    for n in range(12):
        await book.open(replace(REQUEST, key=str(n), title=f"Lantern {n}"))
    await book.open(replace(REQUEST, key="else", title="Lantern elsewhere", person=replace(PERSON, guild_id=2)))

    async def suggested(typed: str, limit: int = 25) -> list[int]:
        return [case.number for case in await book.suggest(GUILD, typed, limit)]

    assert await suggested("") == list(range(1012, 1000, -1))
    assert await suggested("", 3) == [1012, 1011, 1010]
    assert await suggested("101") == [1012, 1011, 1010]
    assert await suggested("1007") == [1007]
    assert await suggested("lantern 1") == [1012, 1011, 1002]
    for typed in ("7", "%", "_", "99999999999999999999", "elsewhere", "'; --"):
        assert await suggested(typed) == []


async def test_who_has_cases_is_known_by_name(store: Store) -> None:
    await store.upgrade([CORE, TABLES])
    ledger = ledger_of(store)
    book, work = CaseBook(ledger), CaseWork(ledger)
    for n, assignee in enumerate((OMID, AMIRA, OMID, None)):
        case = (await book.open(replace(REQUEST, key=str(n)))).case
        await work.change(case.id, [SetAssignee(assignee)], AMIRA)
    assert list(await book.assignees(GUILD, 10)) == [AMIRA, OMID]
    assert len(await book.assignees(GUILD, 1)) == 1
    assert await book.assignees(2, 10) == []


@pytest.mark.parametrize(("locales", "known"), [([None, "fa"], "fa"), (["de", "fa"], "fa"), ([None], None)])
async def test_the_language_is_that_of_the_newest_case_that_knows_it(
    store: Store, locales: list[str | None], known: str | None
) -> None:
    await store.upgrade([CORE, TABLES])
    book = CaseBook(ledger_of(store))
    for n, locale in enumerate(locales):
        person: Person = replace(PERSON, locale=locale)
        await book.open(replace(REQUEST, key=str(n), person=person))
    assert await book.locale_of(GUILD, PERSON.user_id) == known
