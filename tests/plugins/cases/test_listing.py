"""The list of cases on both databases: the same as sorting and filtering them all, page by page, whatever happens."""

import base64
import itertools
import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from frontdesk import CaseStatus, Store
from frontdesk_cases.cases import OPEN_STATUSES, Actor, CaseRecord, Priority
from frontdesk_cases.changes import CaseError, Change, SetAssignee, SetPriority, SetStatus, SetTags, SetTeam
from frontdesk_cases.clocks import Promises
from frontdesk_cases.listing import NOT_DUE, Filter, Order, due_at
from frontdesk_cases.settings import CasesSettings

from tests.plugins.cases.shelf import GUILD, NOOR, OTHER_GUILD, Shelf, somebody

PROMISES = CasesSettings(promises=Promises(first_answer_minutes=60, resolution_minutes=600))
EVERY = Filter(statuses=())
SARA = Actor("discord:78", "Sara")


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    return await Shelf(store, PROMISES).prepare()


async def filled(shelf: Shelf, count: int) -> list[CaseRecord]:
    """Open many cases that differ in everything by which a list is made."""
    chance = random.Random(7)
    for number in range(count):
        guild_id = OTHER_GUILD if number % 7 == 0 else GUILD
        person = somebody(chance.randrange(6), guild_id=guild_id)
        case = await shelf.open(f"Case {number}", person=person, kind=chance.choice(["bug", "feature"]))
        changes: list[Change] = [
            SetPriority(chance.choice(list(Priority))),
            SetTags(tuple(chance.sample(["lamp", "oil", "door"], chance.randrange(3)))),
            SetAssignee(chance.choice([None, NOOR, SARA])),
            SetTeam(chance.choice([None, "night"])),
            SetStatus(chance.choice(list(CaseStatus))),
        ]
        await shelf.change(case, *changes)
        shelf.later(minutes=chance.choice([0, 0, 3, 20]))
    found = [await shelf.book.find(case_id) for case_id in range(1, count + 1)]
    return [case for case in found if case is not None]


def sort_key(order: Order, case: CaseRecord) -> tuple[float | int, ...]:
    """The order of the documentation, told once more."""
    seconds = {
        Order.CHANGED: (-case.changed_at.timestamp(), -case.id),
        Order.OPENED: (-case.opened_at.timestamp(), -case.id),
        Order.PRIORITY: (-case.priority, case.opened_at.timestamp(), case.id),
        Order.DUE: (due_at(case.clocks).timestamp(), case.id),
    }
    return seconds[order]


def fits(case: CaseRecord, wanted: Filter, now: datetime) -> bool:
    """The filter of the documentation, told once more."""
    return (
        case.merged_into is None
        and (not wanted.statuses or case.status in wanted.statuses)
        and (not wanted.kinds or case.kind in wanted.kinds)
        and (not wanted.priorities or case.priority in wanted.priorities)
        and set(wanted.tags) <= set(case.tags)
        and (wanted.assignee is None or wanted.assignee == (case.assignee.id if case.assignee else ""))
        and (wanted.team is None or wanted.team == (case.team or ""))
        and (wanted.person_id is None or wanted.person_id == case.person.user_id)
        and (not wanted.late or (case.status in OPEN_STATUSES and due_at(case.clocks) < now))
    )


FILTERS = [
    Filter(),
    EVERY,
    Filter(statuses=(CaseStatus.CLOSED,)),
    Filter(kinds=("bug",)),
    Filter(statuses=(), priorities=(Priority.HIGH, Priority.LOW)),
    Filter(statuses=(), tags=("lamp",)),
    Filter(statuses=(), tags=("lamp", "oil")),
    Filter(assignee=NOOR.id),
    Filter(assignee="", statuses=()),
    Filter(team="night"),
    Filter(team=""),
    Filter(person_id=somebody(3).user_id, statuses=()),
    Filter(late=True),
    Filter(late=True, statuses=(), kinds=("feature",), tags=("oil",)),
    Filter(text="case", priorities=(Priority.URGENT,)),
]


async def test_every_filter_in_every_order_is_the_same_as_looking_at_all(shelf: Shelf) -> None:
    cases = await filled(shelf, 90)
    for wanted in FILTERS:
        for order in Order:
            for guilds in ([GUILD], [GUILD, OTHER_GUILD]):
                expected = [case for case in cases if case.guild_id in guilds and fits(case, wanted, shelf.now)]
                expected.sort(key=partial(sort_key, order))
                seen: list[CaseRecord] = []
                after: str | None = None
                while True:
                    page = await shelf.listing.page(guilds, wanted, order, after, limit=7)
                    assert (page.total, page.more) == (len(expected), False), (wanted, order)
                    seen += page.cases
                    after = page.after
                    if after is None:
                        break
                    assert len(page.cases) == 7
                assert [case.id for case in seen] == [case.id for case in expected], (wanted, order)
                assert seen == expected


async def test_a_case_that_changes_while_somebody_reads_goes_to_the_top_and_is_not_seen_twice(shelf: Shelf) -> None:
    cases = []
    for number in range(6):
        cases.append(await shelf.open(f"Case {number}"))
        shelf.later(minutes=1)
    first = await shelf.listing.page([GUILD], Filter(), limit=3)
    shelf.later(minutes=1)
    await shelf.change(cases[1], SetPriority(Priority.HIGH))  # goes to the top, behind the reader
    rest = await shelf.listing.page([GUILD], Filter(), after=first.after, limit=3)
    assert [case.id for case in (*first.cases, *rest.cases)] == [6, 5, 4, 3, 1]
    assert rest.after is None


async def test_more_than_can_be_counted_says_so(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk_cases.listing_queries.COUNTED", 4)
    for number in range(6):
        await shelf.open(f"Case {number}")
    page = await shelf.listing.page([GUILD], Filter(), limit=2)
    assert (page.total, page.more) == (4, True)
    page = await shelf.listing.page([GUILD], Filter(), after=page.after, limit=2)
    assert (page.total, page.more, len(page.cases)) == (4, True, 2)


@pytest.mark.parametrize(("few", "common"), [(0, 1000), (1, 1000), (1000, 1000), (0, 0)])
async def test_all_ways_to_what_is_found_give_the_same(
    shelf: Shelf, few: int, common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk_cases.listing_queries._FEW", few)
    monkeypatch.setattr("frontdesk_cases.search._COMMON", common)
    cases = await filled(shelf, 40)
    for wanted, order in itertools.product(FILTERS, (Order.CHANGED, Order.PRIORITY)):
        page = await shelf.listing.page([GUILD], replace(wanted, text="cas"), order, limit=100)
        expected = [case for case in cases if case.guild_id == GUILD and fits(case, wanted, shelf.now)]
        expected.sort(key=lambda case: sort_key(order, case))
        assert [case.id for case in page.cases] == [case.id for case in expected]
        assert page.total == len(expected)


async def test_many_servers_at_once_are_listed_too(shelf: Shelf) -> None:
    for number in range(3):
        await shelf.open(person=somebody(1, guild_id=GUILD + number))
        shelf.later(minutes=1)
    servers = range(GUILD, GUILD + 400)
    assert [case.id for case in (await shelf.listing.page(servers, EVERY)).cases] == [3, 2, 1]
    assert (await shelf.listing.page([], EVERY)).cases == []


async def test_the_whole_list_comes_in_pieces(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk_cases.listing_queries.LONGEST_PAGE", 2)
    for _ in range(5):
        await shelf.open()
    pieces = [[case.id for case in piece] async for piece in shelf.listing.all([GUILD], Filter())]
    assert pieces == [[5, 4], [3, 2], [1]]


async def test_the_whole_list_has_each_case_once_though_all_of_them_change_meanwhile(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk_cases.listing_queries.LONGEST_PAGE", 2)
    cases = [await shelf.open() for _ in range(7)]
    seen: list[int] = []
    async for piece in shelf.listing.all([GUILD], Filter()):
        seen += [case.id for case in piece]
        shelf.later(minutes=1)
        for number, case in enumerate(cases):
            await shelf.change(case, SetPriority(list(Priority)[(number + len(seen)) % 4]))
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "after",
    [
        "",
        "nonsense",
        "é",
        "a" * 10_000,
        written([]),
        written("changed"),
        written({"a": 1, "b": 2, "c": 3, "d": 4}),
        written(["changed", None, 1, False]),
        written(["changed", [], 1, False]),
        written(["changed", ["yesterday", 1], 1, False]),
        written(["changed", ["2026-05-04T12:00:00", 1], 1, False]),
        written(["changed", ["0001-01-01T00:00:00+14:00", 1], 1, False]),
        written(["changed", ["2026-05-04T12:00:00+00:00", 2**70], 1, False]),
        written(["changed", ["2026-05-04T12:00:00+00:00", True], 1, False]),
        written(["changed", ["2026-05-04T12:00:00+00:00", 1], "many", False]),
        written(["opened", ["2026-05-04T12:00:00+00:00", 1], 1, False]),
        written(["changed", [1, "2026-05-04T12:00:00+00:00", 1], 1, False]),
    ],
)
async def test_what_no_page_has_given_is_refused(shelf: Shelf, after: str) -> None:
    with pytest.raises(CaseError, match="no-page"):
        await shelf.listing.page([GUILD], Filter(), Order.CHANGED, after)


async def test_a_made_up_urgency_is_harmless(shelf: Shelf) -> None:
    await shelf.open()
    for urgency, found in ((2**62, 1), (-(2**62), 0)):
        after = written(["priority", [urgency, "2026-05-04T12:00:00+00:00", 1], 1, False])
        assert len((await shelf.listing.page([GUILD], Filter(), Order.PRIORITY, after)).cases) == found


async def test_what_is_due_first_follows_the_clocks(shelf: Shelf) -> None:
    case = await shelf.open()
    assert due_at(case.clocks) == case.opened_at + timedelta(minutes=60)
    shelf.later(minutes=30)
    case = await shelf.work.answer(case.id, "Look in the chest.", NOOR)  # waits for the member: stands still
    assert due_at(case.clocks) == NOT_DUE
    case = await shelf.change(case, SetStatus(CaseStatus.OPEN))
    assert due_at(case.clocks) == case.opened_at + timedelta(minutes=600)
    case = await shelf.change(case, SetStatus(CaseStatus.RESOLVED))
    assert due_at(case.clocks) == NOT_DUE
