"""How cases belong together: links, mergers with all that follows and back again, cases split off others."""

import asyncio
from dataclasses import replace

import pytest
from frontdesk import CaseStatus, RelayedMessage, Store
from frontdesk_cases.cases import EntryKind
from frontdesk_cases.changes import CaseError, SetStatus, SetTitle

from tests.plugins.cases.office import BUG, MINA, NOOR, Office, line, open_office, shown, texts


@pytest.fixture
async def office(store: Store) -> Office:
    return await open_office(store)


async def test_links_are_seen_from_both_sides_and_once(office: Office) -> None:
    one, two = await office.open("a"), await office.open("b")
    await office.relations.link(two.id, one.id, NOOR)
    await office.relations.link(one.id, two.id, NOOR)
    assert [case.id for case in await office.book.linked(one.id)] == [two.id]
    assert [case.id for case in await office.book.linked(two.id)] == [one.id]
    assert await office.kinds(one.id) == [EntryKind.OPENED, EntryKind.LINK]
    await office.relations.unlink(one.id, two.id, NOOR)
    await office.relations.unlink(one.id, two.id, NOOR)
    assert await office.book.linked(one.id) == []
    assert await office.kinds(two.id) == [EntryKind.OPENED, EntryKind.LINK, EntryKind.LINK]


async def test_a_merger_shows_both_histories_and_new_lines_go_to_the_case_that_goes_on(office: Office) -> None:
    old, new = await office.open("a"), await office.open("b")
    await office.work.note(old.id, "from the old one", NOOR)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(old.id), line("first")))
    into = await office.relations.merge(old.id, new.id, NOOR)
    assert into.id == new.id
    given_up = await office.case(old.id)
    assert (given_up.status, given_up.merged_into) == (CaseStatus.CLOSED, new.id)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(old.id), line("second")))
    await office.conversation.record_message(RelayedMessage(5, MINA, None, line("third")))
    timeline = await office.book.timeline(new.id)
    assert texts(timeline, EntryKind.NOTE) == ["from the old one"]
    assert texts(timeline, EntryKind.MESSAGE) == ["first", "second", "third"]
    assert [case.id for case in await office.book.merged(new.id)] == [old.id]


async def test_a_merged_case_does_not_change_until_the_merger_is_undone(office: Office) -> None:
    old, new = await office.open("a"), await office.open("b")
    await office.work.answer(old.id, "wait", NOOR)
    await office.relations.merge(old.id, new.id, NOOR)
    with pytest.raises(CaseError, match="merged"):
        await office.work.change(old.id, [SetStatus(CaseStatus.OPEN)], NOOR)
    for refused in (
        office.relations.merge(new.id, old.id, NOOR),
        office.work.answer(old.id, "hello", NOOR),
        office.work.change(old.id, [SetTitle("x")], NOOR),
    ):
        with pytest.raises(CaseError, match="merged"):
            await refused
    assert (await office.changes(old.id))[-1] == ("status", "pending_customer", "closed")
    again = await office.relations.unmerge(old.id, NOOR)
    assert (await office.changes(old.id))[-1] == ("status", "closed", "pending_customer")
    assert (again.status, again.merged_into) == (CaseStatus.PENDING_CUSTOMER, None)
    assert texts(await office.book.timeline(new.id), EntryKind.MESSAGE) == []
    assert texts(await office.book.timeline(old.id), EntryKind.MESSAGE) == ["wait"]
    with pytest.raises(CaseError, match="not-merged"):
        await office.relations.unmerge(old.id, NOOR)


@pytest.mark.parametrize("own", CaseStatus)
@pytest.mark.parametrize("others", CaseStatus)
async def test_what_is_open_stays_open_through_a_merger(office: Office, own: CaseStatus, others: CaseStatus) -> None:
    one, two = await office.open("a"), await office.open("b")
    await office.work.change(one.id, [SetStatus(own)], NOOR)
    before = await office.work.change(two.id, [SetStatus(others)], NOOR)
    opened = await office.case(one.id)
    into = await office.relations.merge(one.id, two.id, NOOR)
    assert into.is_open == (opened.is_open or before.is_open)
    assert into == await office.case(two.id)
    assert into.status is (before.status if before.is_open or not opened.is_open else CaseStatus.OPEN)
    reopened = [("status", others.value, "open")] if into.status is not before.status else []
    assert (await office.changes(two.id))[-1:] == reopened or not reopened
    assert (await office.relations.unmerge(one.id, NOOR)).status is own
    assert (await office.case(two.id)).status is into.status


async def test_mergers_can_follow_each_other(office: Office) -> None:
    a, b, c = [await office.open(key) for key in "abc"]
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(a.id), line("one")))
    await office.relations.merge(a.id, b.id, NOOR)
    await office.relations.merge(b.id, c.id, NOOR)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(a.id), line("two")))
    assert texts(await office.book.timeline(c.id), EntryKind.MESSAGE) == ["one", "two"]
    assert [case.id for case in await office.book.merged(c.id)] == [a.id, b.id]
    await office.relations.unmerge(b.id, NOOR)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(a.id), line("three")))
    assert texts(await office.book.timeline(b.id), EntryKind.MESSAGE) == ["one", "three"]
    assert texts(await office.book.timeline(c.id), EntryKind.MESSAGE) == ["two"]


async def test_links_lead_to_the_case_that_goes_on(office: Office) -> None:
    a, b, c = [await office.open(key) for key in "abc"]
    await office.relations.link(a.id, b.id, NOOR)
    await office.relations.merge(b.id, c.id, NOOR)
    assert [case.id for case in await office.book.linked(a.id)] == [c.id]
    assert [case.id for case in await office.book.linked(c.id)] == [a.id]


@pytest.mark.postgres
async def test_lines_are_not_lost_while_cases_are_linked_and_merged(office: Office) -> None:
    one, two = await office.open("a"), await office.open("b")
    await office.relations.merge(two.id, one.id, NOOR)

    async def talk() -> None:
        for n in range(15):
            await office.conversation.record_message(RelayedMessage(5, MINA, shown(two.id), line(f"line {n}")))

    async def rearrange() -> None:
        for _ in range(6):
            await office.relations.unmerge(two.id, NOOR)
            await office.relations.link(one.id, two.id, NOOR)
            await office.relations.unlink(two.id, one.id, NOOR)
            await office.relations.merge(two.id, one.id, NOOR)

    await asyncio.gather(talk(), rearrange())
    assert texts(await office.book.timeline(one.id), EntryKind.MESSAGE) == [f"line {n}" for n in range(15)]


async def test_cases_of_other_servers_and_the_case_itself_are_refused(office: Office) -> None:
    here = await office.open("a")
    there = (await office.book.open(replace(BUG, key="b", person=replace(MINA, guild_id=2)))).case
    for act in (office.relations.link, office.relations.merge):
        with pytest.raises(CaseError, match="no-case"):
            await act(here.id, there.id, NOOR)
        with pytest.raises(CaseError, match="same-case"):
            await act(here.id, here.id, NOOR)


async def test_cases_of_different_members_are_not_merged(office: Office) -> None:
    mine = await office.open("a")
    theirs = (await office.book.open(replace(BUG, key="b", person=replace(MINA, user_id=77)))).case
    with pytest.raises(CaseError, match="other-person"):
        await office.relations.merge(mine.id, theirs.id, NOOR)
    await office.relations.link(mine.id, theirs.id, NOOR)
    assert (await office.case(mine.id)).merged_into is None


async def test_some_messages_become_a_case_of_their_own(office: Office) -> None:
    case = await office.open("a")
    for text in ("the lamp", "and also my boat", "it sank"):
        await office.conversation.add_information(case.id, text, MINA)
    boat = [entry.id for entry in await office.book.timeline(case.id) if "boat" in entry.text or "sank" in entry.text]
    new = await office.relations.split(case.id, boat, "The boat sank", NOOR)
    again = await office.relations.split(case.id, boat, "The boat sank", NOOR)
    assert again.id == new.id
    assert (new.title, new.description, new.person) == ("The boat sank", "and also my boat\n\nit sank", MINA)
    assert texts(await office.book.timeline(new.id), EntryKind.MESSAGE) == ["and also my boat", "it sank"]
    assert len(texts(await office.book.timeline(case.id), EntryKind.MESSAGE)) == 3
    assert [other.id for other in await office.book.linked(case.id)] == [new.id]


async def test_messages_of_a_merged_case_can_be_split_off_too(office: Office) -> None:
    case, other = await office.open("a"), await office.open("b")
    await office.conversation.add_information(other.id, "theirs", MINA)
    await office.conversation.add_information(case.id, "mine", MINA)
    await office.relations.merge(other.id, case.id, NOOR)
    timeline = await office.book.timeline(case.id)
    messages = [entry.id for entry in timeline if entry.kind is EntryKind.MESSAGE]
    new = await office.relations.split(case.id, messages, "Both", NOOR)
    assert texts(await office.book.timeline(new.id), EntryKind.MESSAGE) == ["theirs", "mine"]
    more = [entry.id for entry in timeline if entry.kind in {EntryKind.MESSAGE, EntryKind.OPENED}]
    assert (await office.relations.split(case.id, more, "Both", NOOR)).id == new.id


async def test_messages_of_other_cases_cannot_be_split_off(office: Office) -> None:
    case, other = await office.open("a"), await office.open("b")
    await office.conversation.add_information(other.id, "mine", MINA)
    theirs = [entry.id for entry in await office.book.timeline(other.id)]
    with pytest.raises(CaseError, match="nothing-to-split"):
        await office.relations.split(case.id, theirs, "stolen", NOOR)
