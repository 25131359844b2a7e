"""What happens by itself: assignment in turn, promises on business hours, silence; macros, own fields, duplicates."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from frontdesk import Article, CaseStatus, Store
from frontdesk_cases import rules_rows
from frontdesk_cases.cases import CaseRecord, EntryKind, Priority
from frontdesk_cases.changes import CaseError, ConflictError, SetAssignee, SetPriority, SetStatus, SetTags
from frontdesk_cases.clocks import promise_states
from frontdesk_cases.custom import CustomField
from frontdesk_cases.listing import NOT_DUE, due_at
from frontdesk_cases.macros import Macro, macro_named
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.plugins.cases.office import MINA, NOOR, OMID, open_office, texts

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS = {day: ["09:00-17:00"] for day in WEEK} | {"saturday": [], "sunday": []}
TWO = [{"id": "discord:1", "name": "Noor"}, {"id": "flex:omid", "name": "Omid"}]


async def test_cases_are_given_out_in_turn_by_the_first_rule_that_fits(store: Store) -> None:
    rules = [
        {"kinds": ["bug"], "team": "Lights", "assignees": TWO, "priority": "high", "add_tags": ["new"]},
        {"team": "Everybody"},
    ]
    office = await open_office(store, assignment=rules)
    bugs = [await office.open(f"bug:{n}") for n in range(3)]
    assert [case.assignee for case in bugs] == [NOOR, OMID, NOOR]
    assert {(case.team, case.priority, case.tags) for case in bugs} == {("Lights", Priority.HIGH, ("new",))}
    assert bugs[0] == await office.case(bugs[0].id)
    wish = await office.open("wish", kind="feature")
    assert (wish.team, wish.assignee) == ("Everybody", None)
    assert await office.changes(wish.id) == [("team", "", "Everybody")]


async def test_a_tag_that_is_put_on_later_finds_somebody_unless_there_is_one(store: Store) -> None:
    office = await open_office(store, assignment=[{"tags": ["billing"], "assignees": TWO[1:]}])
    case = await office.open()
    assert case.assignee is None
    tagged = await office.work.change(case.id, [SetTags(("Billing",))], NOOR)
    assert tagged.assignee == OMID
    mine = await office.work.change(case.id, [SetTags(()), SetAssignee(NOOR)], NOOR)
    assert (await office.work.change(mine.id, [SetTags(("billing",))], NOOR)).assignee == NOOR


async def test_rules_do_not_take_back_what_staff_decide(store: Store) -> None:
    office = await open_office(store, assignment=[{"priority": "high", "add_tags": ["new"], "team": "Lights"}])
    case = await office.open()
    changed = await office.work.change(case.id, [SetPriority(Priority.LOW), SetTags(remove=("new",))], NOOR)
    assert (changed.priority, changed.tags) == (Priority.LOW, ())


async def test_a_rule_that_cannot_be_followed_keeps_no_case_from_being_opened(store: Store) -> None:
    with pytest.raises(ValidationError, match="tags"):
        await open_office(store, assignment=[{"add_tags": ["x" * 41]}])
    office = await open_office(store, assignment=[{"kinds": ["bug"], "add_tags": [f"t{n}" for n in range(20)]}])
    case = await office.open()
    assert len(case.tags) == 20


@pytest.mark.postgres
async def test_two_cases_that_are_tagged_at_once_go_to_two_people(store: Store) -> None:
    office = await open_office(store, assignment=[{"tags": ["billing"], "assignees": TWO}])
    for turn in range(5):
        pair = [await office.open(f"{turn}:{n}") for n in range(2)]
        tagged = await asyncio.gather(*(office.work.change(c.id, [SetTags(("billing",))], NOOR) for c in pair))
        assert {case.assignee for case in tagged} == {NOOR, OMID}


async def test_staff_hear_once_that_time_runs_out_and_once_that_it_has(store: Store) -> None:
    office = await open_office(store, promises={"first_answer_minutes": 60, "resolution_minutes": 480}, hours=HOURS)
    case = await office.open()
    assert (case.clocks.answer_due, case.clocks.resolve_due) == (
        office.now + timedelta(hours=1),
        office.now + timedelta(hours=8),
    )
    for minutes, expected in ((40, []), (10, [("answer", "warning")]), (0, [("answer", "warning")])):
        office.later(minutes=minutes)
        await office.followup.look_at_promises()
        assert await office.clocks(case.id) == expected
    office.later(minutes=11)
    for _ in range(2):
        await office.followup.look_at_promises()
        assert await office.clocks(case.id) == [("answer", "warning"), ("answer", "missed")]
    await office.work.answer(case.id, "Sorry!", NOOR, [SetStatus(CaseStatus.PENDING_US)])
    state = promise_states((await office.case(case.id)).clocks, office.now)
    assert (state["answer"].kept, state["resolve"].kept, state["resolve"].late) == (False, None, False)


async def test_an_answered_case_is_not_warned_of_and_a_waiting_one_has_its_clock_stopped(store: Store) -> None:
    office = await open_office(store, promises={"first_answer_minutes": 60, "resolution_minutes": 480}, hours=HOURS)
    case = await office.open()
    await office.work.answer(case.id, "Which lamp?", NOOR)
    office.later(days=3, hours=2)  # Thursday 11:00
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == []
    told = await office.conversation.add_information(case.id, "The green one", MINA)
    assert told.clocks.waited == timedelta(hours=26)
    assert told.clocks.resolve_due == datetime(2026, 5, 8, 11, tzinfo=UTC)  # 8 + 26 open hours from Monday 9:00


async def test_what_was_missed_is_told_once_also_when_the_case_waits_and_comes_back(store: Store) -> None:
    office = await open_office(store, promises={"resolution_minutes": 60})
    case = await office.open()
    office.later(hours=2)
    for _ in range(3):
        await office.followup.look_at_promises()
        await office.work.answer(case.id, "?", NOOR)
        office.later(minutes=5)
        await office.conversation.add_information(case.id, "!", MINA)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == [("resolve", "missed")]


async def test_a_warning_is_given_once_whatever_becomes_of_the_status(store: Store) -> None:
    office = await open_office(
        store, promises={"resolution_minutes": 100, "low": {"resolution_minutes": 1000}}, hours=HOURS
    )
    case = await office.open()
    office.later(minutes=81)
    for status in (CaseStatus.PENDING_US, CaseStatus.PENDING_CUSTOMER, CaseStatus.OPEN, CaseStatus.RESOLVED) * 2:
        await office.followup.look_at_promises()
        await office.work.change(case.id, [SetStatus(status)], NOOR)
        office.later(minutes=1)
        await office.work.change(case.id, [SetStatus(CaseStatus.OPEN)], NOOR)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == [("resolve", "warning")]
    await office.work.change(case.id, [SetPriority(Priority.LOW)], NOOR)  # another promise, which ends much later
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == [("resolve", "warning")]
    office.later(days=1, hours=6)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == [("resolve", "warning")] * 2


async def test_the_clock_of_the_first_answer_stands_still_while_the_case_is_finished(store: Store) -> None:
    office = await open_office(store, promises={"first_answer_minutes": 60, "urgent": {"first_answer_minutes": 30}})
    case = await office.open()
    office.later(minutes=1)
    closed = await office.work.change(case.id, [SetStatus(CaseStatus.CLOSED)], NOOR)
    office.later(days=2)
    state = promise_states(closed.clocks, office.now)["answer"]
    assert (state.late, state.kept, state.paused) == (False, None, True)
    assert due_at(closed.clocks) == NOT_DUE
    reopened = await office.work.change(case.id, [SetStatus(CaseStatus.OPEN)], NOOR)
    assert reopened.clocks.answer_due == office.now + timedelta(minutes=59)
    urgent = await office.work.change(case.id, [SetPriority(Priority.URGENT)], NOOR)
    assert urgent.clocks.answer_due == office.now + timedelta(minutes=29)
    office.later(minutes=20)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == []
    office.later(minutes=10)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == [("answer", "missed")]


@pytest.mark.parametrize("reopens", [False, True])
async def test_a_first_answer_on_a_finished_case_is_not_late(store: Store, reopens: bool) -> None:
    office = await open_office(store, promises={"first_answer_minutes": 60})
    case = await office.open()
    office.later(minutes=1)
    await office.work.change(case.id, [SetStatus(CaseStatus.CLOSED)], NOOR)
    office.later(days=2)
    after = [SetStatus(CaseStatus.OPEN)] if reopens else []
    answered = await office.work.answer(case.id, "Glad to hear it.", NOOR, after)
    assert promise_states(answered.clocks, office.later(days=1))["answer"].kept is True


async def test_a_promise_that_was_kept_stays_kept(store: Store) -> None:
    office = await open_office(store, promises={"first_answer_minutes": 60, "urgent": {"first_answer_minutes": 1}})
    case = await office.open()
    office.later(minutes=30)
    await office.work.answer(case.id, "Soon!", NOOR)
    urgent = await office.work.change(case.id, [SetPriority(Priority.URGENT)], NOOR)
    assert promise_states(urgent.clocks, office.now)["answer"].kept is True


async def test_after_a_reopening_the_time_in_which_it_was_resolved_does_not_count(store: Store) -> None:
    office = await open_office(store, promises={"resolution_minutes": 600})
    case = await office.open()
    office.later(hours=1)
    await office.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    office.later(days=5)
    await office.work.change(case.id, [SetStatus(CaseStatus.OPEN)], NOOR)
    await office.followup.look_at_promises()
    assert await office.clocks(case.id) == []
    assert (await office.case(case.id)).clocks.resolve_due == office.now + timedelta(hours=9)


async def test_nobody_starves_behind_many_cases_that_need_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_rows, "BATCH", 3)
    office = await open_office(
        store,
        promises={"resolution_minutes": 10_000, "urgent": {"resolution_minutes": 5}},
        silence={"warn_days": 1},
    )
    others = [await office.open(f"bug:{n}") for n in range(7)]
    last = await office.open("last")
    await office.work.change(last.id, [SetPriority(Priority.URGENT)], NOOR)
    office.later(minutes=10)
    await office.followup.look_at_promises()
    assert await office.clocks(last.id) == [("resolve", "missed")]
    for case in [*others, last]:
        await office.work.answer(case.id, "?", NOOR)
    office.later(hours=25)
    await office.followup.look_at_silence()
    told = [await office.clocks(case.id) for case in others]
    assert told == [[("silence", "warning")]] * 7


async def test_one_case_that_makes_trouble_keeps_nobody_from_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await open_office(store, promises={"resolution_minutes": 5})
    bad, good = await office.open("bad"), await office.open("good")
    find = office.ledger.to_change

    async def fails(session: AsyncSession, case_id: int) -> CaseRecord:
        if case_id == bad.id:
            raise CaseError("no-case")
        return await find(session, case_id)

    monkeypatch.setattr(office.ledger, "to_change", fails)
    office.later(minutes=6)
    await office.followup.look_at_promises()
    assert await office.clocks(good.id) == [("resolve", "missed")]


async def test_a_new_question_after_the_warning_starts_the_silence_anew(store: Store) -> None:
    office = await open_office(store, silence={"warn_days": 5, "close_days": 2})
    case = await office.open()
    await office.work.answer(case.id, "Which lamp?", NOOR)
    office.later(days=5)
    await office.followup.look_at_silence()
    office.later(days=1)
    await office.work.answer(case.id, "Or which oil?", NOOR)
    office.later(days=3)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.PENDING_CUSTOMER
    office.later(days=2)
    await office.followup.look_at_silence()
    assert await office.clocks(case.id) == [("silence", "warning")] * 2


async def test_a_note_among_staff_does_not_lengthen_the_silence(store: Store) -> None:
    office = await open_office(store, silence={"warn_days": 5})
    case = await office.open()
    await office.work.answer(case.id, "Which lamp?", NOOR)
    office.later(days=4)
    await office.work.note(case.id, "hm", NOOR)
    office.later(days=1)
    await office.followup.look_at_silence()
    assert await office.clocks(case.id) == [("silence", "warning")]


async def test_another_priority_brings_other_promises(store: Store) -> None:
    office = await open_office(store, promises={"resolution_minutes": 480, "urgent": {"resolution_minutes": 30}})
    case = await office.open()
    urgent = await office.work.change(case.id, [SetPriority(Priority.URGENT)], NOOR)
    assert urgent.clocks.resolve_due == case.opened_at + timedelta(minutes=30)
    back = await office.work.change(case.id, [SetPriority(Priority.NORMAL)], NOOR)
    assert back.clocks.resolve_due == case.clocks.resolve_due


async def test_silence_is_warned_of_before_the_case_is_closed(store: Store) -> None:
    office = await open_office(store, silence={"warn_days": 5, "close_days": 2})
    case = await office.open()
    untouched = await office.open("other")
    await office.work.answer(case.id, "Which lamp?", NOOR)
    office.later(days=4)
    await office.followup.look_at_silence()
    assert await office.clocks(case.id) == []
    office.later(days=1)
    for _ in range(2):
        await office.followup.look_at_silence()
    assert await office.clocks(case.id) == [("silence", "warning")]
    office.later(days=1, hours=23)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.PENDING_CUSTOMER
    office.later(hours=1)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.CLOSED
    assert (await office.case(untouched.id)).status is CaseStatus.OPEN


async def test_a_word_from_the_member_ends_the_silence(store: Store) -> None:
    office = await open_office(store, silence={"warn_days": 5, "close_days": 2})
    case = await office.open()
    await office.work.answer(case.id, "Which lamp?", NOOR)
    office.later(days=5)
    await office.followup.look_at_silence()
    await office.conversation.add_information(case.id, "The green one", MINA)
    await office.work.answer(case.id, "And the oil?", NOOR)
    office.later(days=2)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.PENDING_CUSTOMER
    assert (await office.case(case.id)).warned_at is None


async def test_resolved_cases_are_closed_after_a_while(store: Store) -> None:
    office = await open_office(store, silence={"close_resolved_days": 7})
    case = await office.open()
    await office.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    office.later(days=7, hours=-1)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.RESOLVED
    office.later(hours=1)
    await office.followup.look_at_silence()
    assert (await office.case(case.id)).status is CaseStatus.CLOSED


MACRO = Macro(
    name="Oil",
    answer="Dear {name}, {number} needs oil.",
    note="sent the oil text",
    status=CaseStatus.RESOLVED,
    priority="low",
    assignee="me",
    add_tags=("oil",),
    team="Lights",
)


async def test_a_macro_does_several_things_in_one_step(store: Store) -> None:
    office = await open_office(store)
    case = await office.open()
    done = await office.work.use_macro(case.id, MACRO, "CASE-1001", NOOR, version=case.version)
    assert (done.status, done.priority, done.assignee, done.tags, done.team) == (
        CaseStatus.RESOLVED, Priority.LOW, NOOR, ("oil",), "Lights",
    )  # fmt: skip
    timeline = await office.book.timeline(case.id)
    assert texts(timeline, EntryKind.MESSAGE) == ["Dear Mina, CASE-1001 needs oil."]
    assert texts(timeline, EntryKind.NOTE) == ["sent the oil text"]
    with pytest.raises(ConflictError):
        await office.work.use_macro(case.id, MACRO, "CASE-1001", NOOR, version=case.version)


def test_a_macro_that_nobody_wrote_is_said_so() -> None:
    assert macro_named([MACRO], "Oil") is MACRO
    with pytest.raises(CaseError, match="no-macro"):
        macro_named([MACRO], "Water")


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", " green ", "green"),
        ("number", "1234567", "1234567"),
        ("number", "123456.78", "123456.78"),
        ("date", "2026-02-28", "2026-02-28"),
        ("yes_no", "yes", "yes"),
        ("number", "  ", ""),
    ],
)
def test_own_fields_take_what_fits(kind: str, typed: str, kept: str) -> None:
    assert CustomField.model_validate({"name": "x", "label": "X", "kind": kind}).change(typed).text == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "many"),
        ("number", "1,000"),
        ("number", "nan"),
        ("number", "1e999"),
        ("date", "2026-02-30"),
        ("yes_no", "maybe"),
        ("text", "x" * 1001),
    ],
)
def test_own_fields_refuse_what_does_not_fit(kind: str, typed: str) -> None:
    with pytest.raises(CaseError, match="field"):
        CustomField.model_validate({"name": "x", "label": "X", "kind": kind}).change(typed)


def test_choices_belong_to_fields_that_have_some() -> None:
    field = CustomField(name="x", label="X", kind="choice", choices=("a", "b"))
    assert field.change("b").text == "b"
    with pytest.raises(CaseError, match="field-choice"):
        field.change("c")
    with pytest.raises(ValidationError, match="choices"):
        CustomField(name="x", label="X", kind="choice")


async def test_cases_about_the_same_thing_are_suggested(store: Store) -> None:
    office = await open_office(store)
    oil = Article("oil", "Oil", None, "", 0.9)
    first = await office.open("a", title="Lantern goes out in the rain", description="Every time it rains.")
    same = await office.open("b", title="My lantern went out when raining", description="Rain!", articles=(oil,))
    await office.open("c", title="Cannot log in", description="It says wrong password.")
    await office.open("d", title="Lantern goes out in the rain", description="Every time.", kind="feature")
    again = await office.open("e", title="lantern out in rain", description="It rains.", articles=(oil,))
    found = [likeness.case.id for likeness in await office.book.duplicates(again)]
    assert set(found) == {first.id, same.id}
    gone = await office.relations.merge(first.id, same.id, NOOR)
    assert [likeness.case.id for likeness in await office.book.duplicates(again)] == [gone.id]
    assert await office.book.duplicates(replace(again, title="Boat", description="It sank.", articles=())) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1500.50", "1500.50"),
        (" -3 ", "-3"),
        ("1e3", "1000"),
        ("25e-2", "0.25"),
        ("0e99999999", "0"),
        ("1e-38", f"0.{'0' * 37}1"),
    ],
)
def test_a_number_is_written_in_one_way(typed: str, kept: str) -> None:
    field = CustomField(name="x", label="X", kind="number")
    assert field.change(typed).text == kept


@pytest.mark.parametrize("typed", ["1e-39", "1e-3000", "-1e-999999999", "0e-999999999", "0." + "1" * 50])
def test_a_number_is_not_written_out_without_end(typed: str) -> None:
    field = CustomField(name="x", label="X", kind="number")
    with pytest.raises(CaseError) as refused:
        field.change(typed)
    assert refused.value.problem == "field-long"
    assert refused.value.details == {"field": "X", "length": "40"}


@pytest.mark.parametrize("typed", ["1e15", "1e999999999", "nan", "inf", "1,000", "x"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(CaseError, match="field-number"):
        CustomField(name="x", label="X", kind="number").change(typed)
