"""What is told twice stands on the timeline once, whatever has become of the case in between."""

import asyncio
from dataclasses import replace

import pytest
from frontdesk import Case, Handoff, HandoffState, Rating, RelayedMessage, Speaker, Store
from frontdesk_cases.cases import EntryKind, TimelineEntry

from tests.plugins.cases.office import MINA, MONDAY, NOOR, Office, line, open_office, shown, texts


@pytest.fixture
async def office(store: Store) -> Office:
    return await open_office(store)


def message(case: Case | None, text: str, speaker: Speaker = Speaker.MEMBER, of: int = 5) -> RelayedMessage:
    said = replace(line(text, speaker), key=f"helpdesk:{of}:{text}")
    return RelayedMessage(of, MINA, case, said)


async def timeline(office: Office, case_id: int) -> list[TimelineEntry]:
    return [e for e in await office.book.timeline(case_id) if e.kind is not EntryKind.OPENED]


async def test_lines_steps_and_ratings_are_told_twice_and_stand_there_once(office: Office) -> None:
    case = shown((await office.open()).id)
    active = Handoff(5, MINA, HandoffState.ACTIVE, HandoffState.QUEUED, case, "Omid", None, MONDAY, key="step")
    rating = Rating(5, MINA, case, "Omid", 5, None, None, MONDAY, key="rating")
    first, second = message(case, "first"), message(case, "second", Speaker.AGENT)
    assert [
        await office.conversation.record_message(first),
        await office.conversation.record_handoff(active),
        await office.conversation.record_message(second),
        await office.conversation.record_rating(rating),
    ] == [True] * 4
    known = await timeline(office, case.id)
    assert [
        await office.conversation.record_message(first),
        await office.conversation.record_message(replace(second, case=None)),
        await office.conversation.record_handoff(active),
        await office.conversation.record_rating(rating),
    ] == [False] * 4
    assert await timeline(office, case.id) == known
    assert [entry.key for entry in known if entry.key] == [first.key, "step", second.key, "rating"]


async def test_what_has_no_key_is_put_there_each_time(office: Office) -> None:
    case = shown((await office.open()).id)
    for _ in range(2):
        assert await office.conversation.record_message(RelayedMessage(5, MINA, case, line("again")))
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["again", "again"]


async def test_a_line_that_was_said_before_the_case_and_arrives_after_it_stands_there_once(office: Office) -> None:
    early = message(None, "my lantern is gone")
    case = shown((await office.open(transcript=(early.line,))).id)
    assert not await office.conversation.record_message(replace(early, case=case))
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["my lantern is gone"]
    assert (await office.case(case.id)).conversation_id == 5, "the conversation belongs to the case all the same"


async def test_a_transcript_that_names_a_line_twice_opens_a_case_with_one(office: Office) -> None:
    said = message(None, "hello").line
    case = await office.open(transcript=(said, said))
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["hello"]


async def test_it_stands_there_once_though_cases_were_merged_and_parted(office: Office) -> None:
    a, b, c = [await office.open(key) for key in "abc"]
    of_a = shown(a.id)
    await office.conversation.record_message(message(of_a, "one"))
    await office.relations.merge(a.id, b.id, NOOR)
    await office.conversation.record_message(message(of_a, "two"))
    await office.relations.merge(b.id, c.id, NOOR)
    for text in ("one", "two"):
        assert not await office.conversation.record_message(message(of_a, text))
    assert texts(await office.book.timeline(c.id), EntryKind.MESSAGE) == ["one", "two"]
    await office.relations.unmerge(b.id, NOOR)
    for text in ("one", "two"):
        assert not await office.conversation.record_message(message(of_a, text))
    assert texts(await office.book.timeline(b.id), EntryKind.MESSAGE) == ["one", "two"]


async def test_late_news_of_an_earlier_conversation_does_not_bring_it_back(office: Office) -> None:
    case = shown((await office.open()).id)
    await office.conversation.record_message(message(case, "now", of=6))
    assert await office.conversation.record_message(message(case, "before", of=5))
    assert (await office.case(case.id)).conversation_id == 6


@pytest.mark.postgres
async def test_two_who_tell_the_same_at_once_put_it_there_once(office: Office) -> None:
    case = shown((await office.open()).id)
    told = await asyncio.gather(*(office.conversation.record_message(message(case, "same")) for _ in range(8)))
    assert sorted(told) == [False] * 7 + [True]
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["same"]
