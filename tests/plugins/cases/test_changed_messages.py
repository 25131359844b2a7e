"""A line that its speaker changes or takes back: the timeline says so, once, and keeps what it said before."""

from dataclasses import replace
from datetime import timedelta

import pytest
from frontdesk import Case, ChangedMessage, RelayedMessage, Speaker, Store
from frontdesk_cases.cases import EntryKind, TimelineEntry, as_said_now

from tests.plugins.cases.office import MINA, MONDAY, NOOR, Office, line, open_office, shown, texts

LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
async def office(store: Store) -> Office:
    return await open_office(store)


def said(case: Case | None, text: str = "the lantren", speaker: Speaker = Speaker.MEMBER) -> RelayedMessage:
    return RelayedMessage(5, MINA, case, replace(line(text, speaker), key="helpdesk:5:discord:1"))


def changed(
    message: RelayedMessage, text: str, before: str | None = None, revision: int = 1, case: Case | None = None
) -> ChangedMessage:
    now = replace(message.line, text=text)
    was = message.line.text if before is None else before
    return ChangedMessage(5, MINA, case or message.case, now, was, revision, LATER + timedelta(minutes=revision))


async def changes(office: Office, case_id: int) -> list[TimelineEntry]:
    return [e for e in await office.book.timeline(case_id) if e.kind is EntryKind.MESSAGE_CHANGED]


async def test_a_change_is_added_and_the_old_words_stay(office: Office) -> None:
    case = shown((await office.open()).id)
    message = said(case)
    await office.conversation.record_message(message)
    assert await office.conversation.record_change(changed(message, "the lantern"))
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["the lantren"]
    (entry,) = await changes(office, case.id)
    assert (entry.author, entry.text, entry.at) == ("Mina", "the lantern", LATER + timedelta(minutes=1))
    assert entry.data == {
        "speaker": "member",
        "line": "helpdesk:5:discord:1",
        "said_at": MONDAY.isoformat(),
        "before": "the lantren",
    }


async def test_each_revision_stands_there_once_however_often_it_is_told(office: Office) -> None:
    case = shown((await office.open()).id)
    message = said(case)
    await office.conversation.record_message(message)
    first, second = changed(message, "b"), changed(message, "c", "b", 2)
    gone = changed(message, "", "c", 3)
    told = [await office.conversation.record_change(each) for each in (first, second, gone, second, first, gone)]
    assert told == [True] * 3 + [False] * 3
    assert [(e.data["before"], e.text) for e in await changes(office, case.id)] == [
        ("the lantren", "b"),
        ("b", "c"),
        ("c", ""),
    ]


async def test_it_stands_wherever_the_line_stands(office: Office) -> None:
    """A second request of the same conversation has a case of its own, which begins with all that was said."""
    message = said(None)
    first = await office.open("first", transcript=(message.line,))
    second = await office.open("second", transcript=(message.line,))
    other = await office.open("other")
    change = changed(message, "the lantern", case=shown(second.id))
    assert await office.conversation.record_change(change)
    assert not await office.conversation.record_change(change)
    assert [len(await changes(office, case.id)) for case in (first, second, other)] == [1, 1, 0]


async def test_it_follows_mergers_and_splits(office: Office) -> None:
    a, b = await office.open("a"), await office.open("b")
    message = said(shown(a.id))
    await office.conversation.record_message(message)
    (entry,) = [e for e in await office.book.timeline(a.id) if e.kind is EntryKind.MESSAGE]
    part = await office.relations.split(a.id, [entry.id], "A part", NOOR)
    await office.relations.merge(a.id, b.id, NOOR)
    assert await office.conversation.record_change(changed(message, "the lantern"))
    assert [len(await changes(office, case.id)) for case in (b, part)] == [1, 1]
    assert not await office.conversation.record_change(changed(message, "the lantern"))


async def test_a_change_that_is_told_before_its_line_is_kept(office: Office) -> None:
    """Nobody promises the order in which two are told."""
    case = shown((await office.open()).id)
    message = said(case)
    assert await office.conversation.record_change(changed(message, "the lantern"))
    await office.conversation.record_message(message)
    kinds = [e.kind for e in await office.book.timeline(case.id) if e.kind is not EntryKind.OPENED]
    assert kinds == [EntryKind.MESSAGE, EntryKind.MESSAGE_CHANGED]


async def test_without_a_case_nothing_is_kept(office: Office) -> None:
    assert not await office.conversation.record_change(changed(said(None), "the lantern"))


async def test_a_change_opens_nothing_again_and_is_no_answer(office: Office) -> None:
    case = await office.open()
    message = said(shown(case.id), speaker=Speaker.AGENT)
    await office.conversation.record_message(message)
    before = await office.case(case.id)
    office.later(hours=1)
    await office.conversation.record_change(changed(message, "better words"))
    after = await office.case(case.id)
    assert replace(after, changed_at=before.changed_at) == before
    assert after.changed_at > before.changed_at


async def test_what_was_said_as_it_is_now(office: Office) -> None:
    """Members read their case without what was taken back, and in its newest words."""
    case = shown((await office.open()).id)
    message = said(case)
    other = replace(said(case, "never mind"), line=replace(line("never mind"), key="helpdesk:5:discord:2"))
    for each in (message, other):
        await office.conversation.record_message(each)
    await office.conversation.record_change(changed(message, "b"))
    await office.conversation.record_change(changed(message, "the lantern", "b", 2))
    await office.conversation.record_change(changed(other, ""))
    now = as_said_now(await office.book.timeline(case.id))
    assert [(e.kind, e.text) for e in now if e.kind is not EntryKind.OPENED] == [(EntryKind.MESSAGE, "the lantern")]
