"""Properties of changes: the timeline tells how a case came to be what it is, and finished cases stay finished."""

from collections.abc import Mapping
from datetime import timedelta

from frontdesk import CaseStatus, OpeningHours
from frontdesk_cases.cases import OPEN_STATUSES, Actor, CaseRecord, Priority
from frontdesk_cases.changes import (
    ALLOWED,
    CaseError,
    Change,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTags,
    SetTeam,
    SetTitle,
    make,
)
from frontdesk_cases.clocks import Promises, moved, started
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.cases.office import MINA, MONDAY, NOOR

CASE = CaseRecord(
    1, 1001, "k", "bug", "Lamp", "", CaseStatus.OPEN, MINA, None, {}, (), opened_at=MONDAY, changed_at=MONDAY
)
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(SetStatus, st.sampled_from(CaseStatus)),
    st.builds(SetPriority, st.sampled_from(Priority)),
    st.builds(SetTags, st.none(), st.lists(words, max_size=3).map(tuple), st.lists(words, max_size=2).map(tuple)),
    st.builds(SetAssignee, st.none() | st.builds(Actor, words, words)),
    st.builds(SetTeam, st.none() | words),
    st.builds(SetTitle, words),
    st.builds(SetField, st.sampled_from(["a", "b"]), words | st.just("")),
)


def shown(case: CaseRecord) -> Mapping[str, str]:
    return {
        "status": case.status.value,
        "priority": case.priority.name.lower(),
        "tags": ", ".join(case.tags),
        "assignee": case.assignee.name if case.assignee else "",
        "team": case.team or "",
        "title": case.title,
        **{f"field {name}": value for name, value in case.custom.items()},
    }


@given(st.lists(changes, max_size=12))
def test_the_entries_lead_from_the_case_before_to_the_case_after(todo: list[Change]) -> None:
    case, told = CASE, dict(shown(CASE))
    for change in todo:
        try:
            after, entries = make(case, [change], NOOR, MONDAY)
        except CaseError:
            continue
        for entry in entries:
            what = f"field {entry.data['field']}" if "field" in entry.data else entry.data["what"]
            assert told.get(what, "") == entry.data["before"]
            told[what] = entry.data["after"]
        case = after
    assert {name: value for name, value in told.items() if value} == {
        name: value for name, value in shown(case).items() if value
    }


@given(st.lists(st.sampled_from(CaseStatus), max_size=10))
def test_a_finished_case_comes_back_only_by_being_reopened(statuses: list[CaseStatus]) -> None:
    case = CASE
    for status in statuses:
        try:
            after = SetStatus(status).made(case)
        except CaseError:
            assert status not in ALLOWED[case.status]
            continue
        assert after.status is status
        if not case.is_open and after.is_open:
            assert status in {CaseStatus.OPEN, CaseStatus.PENDING_US}
        case = after


OFFICE = OpeningHours.model_validate(
    {"time_zone": "Europe/Berlin", "monday": ["09:00-12:00", "13:00-17:00"], "tuesday": ["10:00-24:00"]}
)
PROMISES = Promises.model_validate(
    {
        "resolution_minutes": 1000,
        "first_answer_minutes": 500,
        "urgent": {"resolution_minutes": 60, "first_answer_minutes": 30},
        "low": {},
    }
)
ANSWERS = {Priority.LOW: None, Priority.NORMAL: 500, Priority.HIGH: 500, Priority.URGENT: 30}
TARGETS = {Priority.LOW: None, Priority.NORMAL: 1000, Priority.HIGH: 1000, Priority.URGENT: 60}


@given(
    st.sampled_from([OpeningHours(), OFFICE]),
    st.lists(st.tuples(st.sampled_from([*CaseStatus, *Priority]), st.integers(0, 9000)), max_size=12),
)
def test_promises_end_when_as_much_open_time_as_was_promised_has_passed_in_which_their_clocks_ran(
    hours: OpeningHours, steps: list[tuple[CaseStatus | Priority, int]]
) -> None:
    now, case = MONDAY, started(CASE, PROMISES, hours)
    not_ours = finished = timedelta()
    for step, minutes in steps:
        if case.status not in {CaseStatus.OPEN, CaseStatus.PENDING_US}:
            not_ours += hours.between(now, now + timedelta(minutes=minutes))
        if not case.is_open:
            finished += hours.between(now, now + timedelta(minutes=minutes))
        now += timedelta(minutes=minutes)
        change = SetStatus(step) if isinstance(step, CaseStatus) else SetPriority(step)
        try:
            after = change.made(case)
        except CaseError:
            continue
        case = moved(after, case, PROMISES, hours, now)
        assert (case.clocks.paused_at is not None) == (case.status is CaseStatus.PENDING_CUSTOMER)
        assert (case.clocks.resolved_at is not None) == (case.status not in OPEN_STATUSES)
        assert (case.clocks.closed_at is not None) == (case.status is CaseStatus.CLOSED)
        target = TARGETS[case.priority]
        if case.status in {CaseStatus.OPEN, CaseStatus.PENDING_US}:
            expected = None if target is None else hours.after(MONDAY, timedelta(minutes=target) + not_ours)
            assert case.clocks.resolve_due == expected
        answer = ANSWERS[case.priority]
        if case.is_open:
            expected = None if answer is None else hours.after(MONDAY, timedelta(minutes=answer) + finished)
            assert case.clocks.answer_due == expected
