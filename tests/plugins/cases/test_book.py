"""The case book on both databases: never twice for one event, never a number twice, timelines in order."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from frontdesk import (
    Article,
    Case,
    CaseRequest,
    CaseStatus,
    Handoff,
    HandoffState,
    Line,
    Person,
    Rating,
    RelayedMessage,
    Speaker,
    Store,
)
from frontdesk.tables import CORE
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cases import CaseRecord, EntryKind, one_line
from frontdesk_cases.conversation import CaseConversation
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PERSON = Person(
    user_id=7_000_000_000_000_000_001,
    guild_id=9_000_000_000_000_000_001,
    name="Mina",
    locale="fa",
    account_created=NOW - timedelta(days=900),
    joined_at=NOW - timedelta(days=30),
    roles=("Lantern keeper", "VIP"),
)
TRANSCRIPT = (
    Line(Speaker.MEMBER, "Mina", "my lantern is gone", NOW - timedelta(minutes=2)),
    Line(Speaker.VIRTUAL_AGENT, "Helper", "Look in the chest.", NOW - timedelta(minutes=1)),
)
REQUEST = CaseRequest(
    key="helpdesk:1:1",
    kind="agent_request",
    title="my lantern\nis gone",
    description="my lantern is gone",
    person=PERSON,
    source_url="https://discord.com/channels/1/2/3",
    fields={"Platform": "PC", "Version": "1.2"},
    transcript=TRANSCRIPT,
    articles=(Article("lantern", "Lost lanterns", "https://help.example/lantern", "Look in the chest.", 0.7),),
)


@pytest.fixture
async def ledger(store: Store) -> Ledger:
    await store.upgrade([CORE, TABLES])
    return ledger_of(store)


@pytest.fixture
def book(ledger: Ledger) -> CaseBook:
    return CaseBook(ledger)


@pytest.fixture
def conversation(ledger: Ledger) -> CaseConversation:
    return CaseConversation(ledger)


def ledger_of(store: Store) -> Ledger:
    return Ledger(store, lambda: NOW, lambda _guild_id: CasesSettings())


def told(case: CaseRecord) -> Case:
    """The case as other plugins see it."""
    opened_at = case.opened_at
    return Case(case.id, case.guild_id, "", case.kind, case.title, case.status, case.person, "", opened_at)


async def test_the_migrations_lead_to_the_tables(store: Store) -> None:
    await store.upgrade([CORE, TABLES])
    assert await store.differences(TABLES) == []


async def test_a_case_is_kept_as_it_was_told(book: CaseBook) -> None:
    opened = await book.open(REQUEST)
    case = await book.find(opened.case.id)
    assert opened.new
    assert case == opened.case
    assert case is not None
    assert (case.number, case.title, case.status) == (1001, "my lantern is gone", CaseStatus.OPEN)
    assert case.person == PERSON
    assert dict(case.fields) == {"Platform": "PC", "Version": "1.2"}
    assert list(case.fields) == ["Platform", "Version"]
    assert tuple(case.articles) == REQUEST.articles
    assert case.opened_at == NOW


async def test_the_timeline_begins_with_what_was_said_before(book: CaseBook) -> None:
    case = (await book.open(replace(REQUEST, transcript=TRANSCRIPT[::-1]))).case
    timeline = await book.timeline(case.id)
    assert [(entry.kind, entry.text) for entry in timeline] == [
        (EntryKind.MESSAGE, "my lantern is gone"),
        (EntryKind.MESSAGE, "Look in the chest."),
        (EntryKind.OPENED, ""),
    ]


async def test_the_same_event_never_opens_a_second_case(book: CaseBook) -> None:
    first = await book.open(REQUEST)
    again = await book.open(replace(REQUEST, title="something else"))
    assert not again.new
    assert again.case == first.case
    assert len(await book.timeline(first.case.id)) == 3
    assert (await book.open(replace(REQUEST, key="helpdesk:1:2"))).case.number == 1002


async def test_servers_count_for_themselves(book: CaseBook) -> None:
    elsewhere = replace(REQUEST, person=replace(PERSON, guild_id=2))
    assert (await book.open(REQUEST)).case.number == 1001
    other = await book.open(elsewhere)
    assert other.new
    assert other.case.number == 1001
    assert [c.id for c in await book.of_person(2, PERSON.user_id, 10)] == [other.case.id]
    assert [c.id for c in await book.open_cases(2, 10)] == [other.case.id]
    assert await book.counts(2) == {CaseStatus.OPEN: 1}


async def test_many_at_once_get_different_numbers_and_one_case_an_event(book: CaseBook) -> None:
    requests = [replace(REQUEST, key=f"event:{n % 20}") for n in range(40)]
    opened = await asyncio.gather(*(book.open(request) for request in requests))
    assert sum(one.new for one in opened) == 20
    assert {one.case.number for one in opened} == set(range(1001, 1021))
    assert len({(one.case.key, one.case.number) for one in opened}) == 20


@pytest.mark.postgres
async def test_two_processes_share_one_counter(postgres_url: str) -> None:
    stores = [Store(postgres_url, durable=False), Store(postgres_url, durable=False)]
    for store in stores:
        await store.connect()
    await stores[0].upgrade([CORE, TABLES])
    books = [CaseBook(ledger_of(store)) for store in stores]
    try:
        work = (book.open(replace(REQUEST, key=f"event:{n}")) for n in range(15) for book in books)
        opened = await asyncio.gather(*work)
    finally:
        for store in stores:
            await store.close()
    assert sum(one.new for one in opened) == 15
    assert {one.case.number for one in opened} == set(range(1001, 1016))


async def test_what_is_said_later_goes_on_the_timeline_of_its_case(
    book: CaseBook, conversation: CaseConversation
) -> None:
    case = (await book.open(REQUEST)).case
    line = Line(Speaker.AGENT, "Omid", "Hello Mina", NOW + timedelta(minutes=1))
    change = Handoff(
        5, PERSON, HandoffState.ACTIVE, HandoffState.ACCEPTED, told(case), "Omid", None, NOW + timedelta(seconds=30)
    )
    assert await conversation.record_handoff(change)
    assert await conversation.record_message(RelayedMessage(5, PERSON, None, line))
    timeline = await book.timeline(case.id)
    assert [entry.kind for entry in timeline[-2:]] == [EntryKind.HANDOFF, EntryKind.MESSAGE]
    assert timeline[-2].data == {"state": "active", "before": "accepted"}
    assert (timeline[-1].author, timeline[-1].text) == ("Omid", "Hello Mina")
    found = await book.find(case.id)
    assert found is not None
    assert found.conversation_id == 5


async def test_what_belongs_to_no_case_is_left_alone(book: CaseBook, conversation: CaseConversation) -> None:
    case = (await book.open(REQUEST)).case
    line = Line(Speaker.MEMBER, "Mina", "hello", NOW)
    assert not await conversation.record_message(RelayedMessage(99, PERSON, None, line))
    gone = replace(told(case), id=case.id + 1000)
    assert not await conversation.record_message(RelayedMessage(99, PERSON, gone, line))
    assert len(await book.timeline(case.id)) == 3


async def test_text_that_a_database_cannot_keep_loses_only_that(book: CaseBook) -> None:
    odd = "a\x00b \ud800 ' \" ; DROP TABLE cases_case; -- \u202e 🦓"
    case = (await book.open(replace(REQUEST, title=odd, description=odd, fields={odd: odd}))).case
    assert case.description == "ab ? ' \" ; DROP TABLE cases_case; -- \u202e 🦓"
    assert await book.find(case.id) == case


def test_a_title_is_one_short_line() -> None:
    assert one_line(" a\n\tb ") == "a b"
    assert one_line("") == "—"
    assert len(one_line("x" * 1000)) == 200


async def test_a_rating_and_going_on_stand_in_the_timeline(book: CaseBook, conversation: CaseConversation) -> None:
    case = (await book.open(REQUEST)).case
    later = NOW + timedelta(minutes=5)
    assert await conversation.record_rating(Rating(7, PERSON, told(case), "Amira", 4, "kind", None, later))
    went_on = Handoff(8, PERSON, HandoffState.BOT, HandoffState.ENDED, told(case), None, None, later)
    assert await conversation.record_handoff(went_on)
    *_, rated, continued = await book.timeline(case.id)
    assert (rated.kind, rated.text, rated.data["stars"]) == (EntryKind.RATING, "kind", "4")
    assert (continued.kind, continued.data["before"]) == (EntryKind.HANDOFF, "ended")
    assert not await conversation.record_rating(Rating(99, PERSON, None, None, 1, None, None, later))
