"""Work on cases: changes by the rules, two people at once, notes, answers, what members and rules do to the status."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from frontdesk import CaseStatus, Handoff, HandoffState, Line, RelayedMessage, Speaker, Store
from frontdesk_cases.cases import DESK, Actor, EntryKind, Priority
from frontdesk_cases.changes import (
    CaseError,
    Change,
    ConflictError,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTags,
    SetTeam,
    SetTitle,
    Take,
)

from tests.plugins.cases.office import MINA, MONDAY, NOOR, OMID, Office, line, open_office, shown, texts


@pytest.fixture
async def office(store: Store) -> Office:
    return await open_office(store, reopen_days=14)


async def test_a_change_is_stored_and_stands_on_the_timeline_with_who_and_when(office: Office) -> None:
    case = await office.open()
    office.later(minutes=5)
    changes: list[Change] = [
        SetPriority(Priority.HIGH),
        SetTags(("Lamp", " lamp", "Oil")),
        SetAssignee(NOOR),
        SetTeam("Lights"),
    ]
    changed = await office.work.change(case.id, changes, NOOR)
    assert changed == await office.case(case.id)
    assert (changed.priority, changed.tags, changed.assignee, changed.team) == (
        Priority.HIGH, ("lamp", "oil"), NOOR, "Lights",
    )  # fmt: skip
    assert changed.version == case.version + 1
    entries = [entry for entry in await office.book.timeline(case.id) if entry.kind is EntryKind.CHANGE]
    assert [(entry.data["what"], entry.data["before"], entry.data["after"]) for entry in entries] == [
        ("priority", "normal", "high"),
        ("tags", "", "lamp, oil"),
        ("assignee", "", "Noor"),
        ("team", "", "Lights"),
    ]
    assert {(entry.author, entry.at) for entry in entries} == {("Noor", MONDAY + timedelta(minutes=5))}


async def test_a_change_that_changes_nothing_leaves_no_trace(office: Office) -> None:
    case = await office.open()
    assert await office.work.change(case.id, [SetStatus(CaseStatus.OPEN), SetTitle(case.title)], NOOR) == case
    assert await office.kinds(case.id) == [EntryKind.OPENED]


async def test_all_of_several_changes_or_nothing(office: Office) -> None:
    case = await office.open()
    with pytest.raises(CaseError, match="no-title"):
        await office.work.change(case.id, [SetPriority(Priority.LOW), SetTitle("  ")], NOOR)
    assert await office.case(case.id) == case


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.CLOSED])
async def test_a_finished_case_is_reopened_before_it_waits_for_anybody(office: Office, status: CaseStatus) -> None:
    case = await office.open()
    await office.work.change(case.id, [SetStatus(status)], NOOR)
    with pytest.raises(CaseError, match="not-allowed"):
        await office.work.change(case.id, [SetStatus(CaseStatus.PENDING_CUSTOMER)], NOOR)
    again = await office.work.change(case.id, [SetStatus(CaseStatus.OPEN)], NOOR)
    assert again.is_open
    assert again.clocks.resolved_at is None


async def test_the_second_of_two_who_change_the_same_case_is_refused_and_shown_what_is_there(office: Office) -> None:
    case = await office.open()
    wanted: list[Change] = [SetTitle("The lamp is out")]
    await office.work.change(case.id, [SetPriority(Priority.URGENT)], NOOR, version=case.version)
    with pytest.raises(ConflictError) as refused:
        await office.work.change(case.id, wanted, OMID, version=case.version)
    assert refused.value.current.priority is Priority.URGENT
    assert refused.value.wanted == wanted
    assert (await office.case(case.id)).title == case.title


async def test_of_many_who_save_the_same_version_one_succeeds(office: Office) -> None:
    case = await office.open()
    saves = (office.work.change(case.id, [SetTeam(f"team {n}")], NOOR, version=case.version) for n in range(8))
    results = await asyncio.gather(*saves, return_exceptions=True)
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert len(await office.changes(case.id)) == 1


async def test_notes_and_lines_do_not_hinder_whoever_edits(office: Office) -> None:
    case = await office.open()
    await office.work.note(case.id, " look into the oil ", OMID)
    await office.conversation.add_information(case.id, "It smells.", MINA)
    await office.work.change(case.id, [SetTeam("Lights")], NOOR, version=case.version)
    assert texts(await office.book.timeline(case.id), EntryKind.NOTE) == ["look into the oil"]


async def test_an_answer_stands_on_the_timeline_and_the_case_waits_for_the_member(office: Office) -> None:
    case = await office.open()
    office.later(hours=1)
    answered = await office.work.answer(case.id, "Have you tried oil?", NOOR)
    assert answered.status is CaseStatus.PENDING_CUSTOMER
    assert answered.clocks.answered_at == answered.staff_wrote_at == office.now
    assert texts(await office.book.timeline(case.id), EntryKind.MESSAGE) == ["Have you tried oil?"]
    resolved = await office.work.answer(case.id, "Done.", NOOR, [SetStatus(CaseStatus.RESOLVED)])
    assert resolved.status is CaseStatus.RESOLVED
    assert resolved.clocks.answered_at == answered.clocks.answered_at


async def test_an_empty_answer_is_refused(office: Office) -> None:
    case = await office.open()
    with pytest.raises(CaseError, match="empty"):
        await office.work.answer(case.id, " \n ", NOOR, [SetStatus(CaseStatus.RESOLVED)])
    assert await office.case(case.id) == case


async def test_a_member_who_answers_brings_the_case_back_to_us(office: Office) -> None:
    case = await office.open()
    await office.work.answer(case.id, "Which lamp?", NOOR)
    told = await office.conversation.add_information(case.id, "The green one.", MINA)
    assert told.status is CaseStatus.PENDING_US
    assert told.member_wrote_at == office.now


async def test_a_line_in_the_conversation_reopens_a_resolved_case(office: Office) -> None:
    case = await office.open()
    await office.conversation.record_handoff(handoff(office, case.id, HandoffState.QUEUED))
    await office.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    await office.conversation.record_message(
        RelayedMessage(5, MINA, shown(case.id), line("Out again!", at=office.later(minutes=1)))
    )
    assert (await office.case(case.id)).status is CaseStatus.OPEN


async def test_long_after_its_end_a_closed_case_is_reopened_only_when_asked_for(office: Office) -> None:
    case = await office.open()
    await office.work.change(case.id, [SetStatus(CaseStatus.CLOSED)], NOOR)
    at = office.later(days=15)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(case.id), line("thanks", at=at)))
    assert (await office.case(case.id)).status is CaseStatus.CLOSED
    await office.conversation.add_information(case.id, "Please look again.", MINA)
    assert (await office.case(case.id)).status is CaseStatus.OPEN


async def test_a_case_that_was_closed_after_it_was_resolved_is_reopened_by_the_next_word(store: Store) -> None:
    office = await open_office(store, reopen_days=7, silence={"close_resolved_days": 14})
    case = await office.open()
    await office.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    at = office.later(days=15)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.CLOSED
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(case.id), line("Again!", at=at)))
    assert (await office.case(case.id)).status is CaseStatus.OPEN


async def test_a_line_that_comes_late_changes_nothing_that_came_after_it(office: Office) -> None:
    case = await office.open()
    said_at = office.later(minutes=1)
    office.later(minutes=1)
    resolved = await office.work.answer(case.id, "Done", NOOR, [SetStatus(CaseStatus.RESOLVED)])
    late = RelayedMessage(5, MINA, shown(case.id), line("Still dark", at=said_at))
    await office.conversation.record_message(late)
    early = RelayedMessage(5, MINA, shown(case.id), line("Hi", Speaker.AGENT, said_at))
    await office.conversation.record_message(early)
    known = await office.case(case.id)
    assert known.status is CaseStatus.RESOLVED
    assert known.staff_wrote_at == resolved.staff_wrote_at
    assert known.clocks.answered_at == said_at


async def test_what_a_database_cannot_keep_is_left_out(office: Office) -> None:
    case = await office.open()
    odd: list[Change] = [
        SetTags(("a\x00b", "ab")),
        SetTeam("a\x00"),
        SetTitle("\ud800x"),
        SetAssignee(Actor("flex:a\x00", "A\x00")),
    ]
    changed = await office.work.change(case.id, odd, NOOR)
    assert changed == await office.case(case.id)
    assert (changed.tags, changed.team, changed.title, changed.assignee) == (("ab",), "a", "?x", Actor("flex:a", "A"))


async def test_nobody_adds_to_the_case_of_somebody_else(office: Office) -> None:
    case = await office.open()
    with pytest.raises(CaseError, match="no-case"):
        await office.conversation.add_information(case.id, "hello", MINA.__class__(1, MINA.guild_id, "Eve"))


async def test_the_agent_of_the_conversation_gets_the_case_and_its_first_line_is_the_first_answer(
    office: Office,
) -> None:
    case = await office.open()
    await office.conversation.record_handoff(handoff(office, case.id, HandoffState.ACTIVE))
    at = office.later(minutes=3)
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(case.id), line("Hi", Speaker.AGENT, at)))
    known = await office.case(case.id)
    assert known.assignee == OMID
    assert known.clocks.answered_at == at
    assert (known.conversation_id, known.conversation_sid, known.task_sid) == (5, "CH1", "WT1")


async def test_followers_hear_of_each_event_with_what_was_before(office: Office) -> None:
    case = await office.open()
    await office.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    opened, resolved = office.heard.events
    assert opened.before is None
    assert resolved.before is not None
    assert (resolved.before.status, resolved.case.status, resolved.by) == (CaseStatus.OPEN, CaseStatus.RESOLVED, NOOR)
    assert [entry.kind for entry in resolved.entries] == [EntryKind.CHANGE]
    assert resolved.entries[0].id > opened.entries[0].id


async def test_a_follower_that_fails_leaves_nothing_half_done(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await office.open()

    async def fails(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(office.heard, "follow", fails)
    with pytest.raises(RuntimeError):
        await office.work.answer(case.id, "hello", NOOR)
    assert await office.case(case.id) == case
    assert await office.kinds(case.id) == [EntryKind.OPENED]


async def test_what_does_not_exist_cannot_be_changed(office: Office) -> None:
    with pytest.raises(CaseError, match="no-case"):
        await office.work.change(77, [SetTeam("x")], DESK)


def handoff(office: Office, case_id: int, state: HandoffState) -> Handoff:
    return Handoff(
        5, MINA, state, HandoffState.REQUESTED, shown(case_id), "Omid", None, office.now,
        conversation_sid="CH1", task_sid="WT1", agent_identity="omid",
    )  # fmt: skip


async def test_the_names_by_which_a_member_writes_are_kept(office: Office) -> None:
    case = await office.open()
    office.later(minutes=5)
    await office.conversation.add_information(case.id, "It is me", replace(MINA, name="Mina the Bright"))
    said = Line(Speaker.MEMBER, "Mi", "and again", office.later(minutes=5))
    await office.conversation.record_message(RelayedMessage(5, MINA, shown(case.id), said))
    names = await office.book.names_of(MINA.guild_id, MINA.user_id)
    assert names == ["Mi", "Mina the Bright", "Mina"]


async def test_a_case_that_somebody_has_is_not_taken_from_them_by_accident(office: Office) -> None:
    case = await office.open()
    await office.work.change(case.id, [Take(NOOR)], NOOR)
    assert (await office.work.change(case.id, [Take(NOOR)], NOOR)).assignee == NOOR, "a double click does no harm"
    with pytest.raises(CaseError) as refused:
        await office.work.change(case.id, [Take(OMID)], OMID)
    assert (refused.value.problem, refused.value.details) == ("taken", {"name": "Noor"})
    assert (await office.case(case.id)).assignee == NOOR
    await office.work.change(case.id, [SetAssignee(OMID)], OMID)
    assert await office.changes(case.id) == [("assignee", "", "Noor"), ("assignee", "Noor", "Omid")]


@pytest.mark.postgres
async def test_of_many_who_take_a_case_at_once_one_has_it(office: Office) -> None:
    case = await office.open()
    people = [Actor(f"discord:{number}", f"Agent {number}") for number in range(6)]
    takes = (office.work.change(case.id, [Take(each)], each) for each in people)
    outcomes = await asyncio.gather(*takes, return_exceptions=True)
    assert sum(isinstance(outcome, CaseError) for outcome in outcomes) == 5
    assert len(await office.changes(case.id)) == 1
