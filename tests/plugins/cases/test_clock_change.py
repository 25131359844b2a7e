"""Promises on business hours in a zone whose clocks change: counted by hand, quarter hour by quarter hour."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from frontdesk import CaseStatus, OpeningHours
from frontdesk_cases.cases import CaseRecord
from frontdesk_cases.changes import SetStatus
from frontdesk_cases.clocks import Promises, moved, started
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.cases.office import MINA

BERLIN = ZoneInfo("Europe/Berlin")
FORWARD = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
"""When clocks go from two to three."""
BACK = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
"""When they go from three to two."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTER = timedelta(minutes=15)

# No span begins or ends between two and three: that moment may be missing, or be there twice.
edges = st.lists(st.sampled_from([0, 1, 3, 4, 8, 12, 17, 22, 24]), min_size=2, max_size=4, unique=True).map(sorted)
days = edges.map(lambda hours: list(zip(hours[::2], hours[1::2], strict=False)))
weeks = st.lists(st.just([]) | days, min_size=7, max_size=7).filter(any)
quarters = st.integers(0, 4 * 24 * 3).map(lambda number: number * QUARTER)
starts = st.builds(lambda change, span: change - timedelta(days=2) + span, st.sampled_from([FORWARD, BACK]), quarters)


def opening_hours(week: list[list[tuple[int, int]]]) -> OpeningHours:
    table = {
        day: [f"{first:02}:00-{last:02}:00" for first, last in spans] for day, spans in zip(DAYS, week, strict=True)
    }
    return OpeningHours.model_validate({"time_zone": "Europe/Berlin", **table})


def is_open(week: list[list[tuple[int, int]]], moment: datetime) -> bool:
    """Look at a clock in Berlin."""
    local = moment.astimezone(BERLIN)
    return any(first <= local.hour < last for first, last in week[local.weekday()])


def counted(week: list[list[tuple[int, int]]], start: datetime, end: datetime) -> timedelta:
    """Count the open time between two moments."""
    total = timedelta()
    while start < end:
        total += QUARTER if is_open(week, start) else timedelta()
        start += QUARTER
    return total


def when(week: list[list[tuple[int, int]]], start: datetime, open_time: timedelta) -> datetime:
    """Wait until so much open time has passed."""
    while open_time > timedelta():
        open_time -= QUARTER if is_open(week, start) else timedelta()
        start += QUARTER
    return start


def case_of(opened_at: datetime) -> CaseRecord:
    return CaseRecord(
        1, 1001, "k", "bug", "Lamp", "", CaseStatus.OPEN, MINA, None, {}, (), opened_at=opened_at, changed_at=opened_at
    )


@given(weeks, starts, st.integers(1, 4 * 30), quarters, quarters)
def test_open_time_is_what_passes_on_clocks_that_change(
    week: list[list[tuple[int, int]]], start: datetime, promised: int, first: timedelta, waited: timedelta
) -> None:
    hours, minutes = opening_hours(week), promised * 15
    promises = Promises(first_answer_minutes=minutes, resolution_minutes=minutes)
    case = started(case_of(start), promises, hours)
    due = when(week, start, promised * QUARTER)
    assert (case.clocks.answer_due, case.clocks.resolve_due) == (due, due)

    asked, answered = start + first, start + first + waited
    waiting = moved(SetStatus(CaseStatus.PENDING_CUSTOMER).made(case), case, promises, hours, asked)
    again = moved(SetStatus(CaseStatus.PENDING_US).made(waiting), waiting, promises, hours, answered)
    stood_still = counted(week, asked, answered)
    assert again.clocks.waited == stood_still
    assert again.clocks.resolve_due == when(week, start, promised * QUARTER + stood_still)
    assert again.clocks.answer_due == due, "the first answer's clock does not stand still"

    closed = moved(SetStatus(CaseStatus.CLOSED).made(case), case, promises, hours, asked)
    reopened = moved(SetStatus(CaseStatus.OPEN).made(closed), closed, promises, hours, answered)
    assert reopened.clocks.answer_due == when(week, start, promised * QUARTER + stood_still)


@pytest.mark.parametrize(
    ("opened_at", "due"),
    [
        (datetime(2026, 3, 28, 15, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),  # at four: an hour is missing
        (datetime(2026, 10, 24, 14, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),  # at two, the second time
        (datetime(2026, 3, 21, 15, tzinfo=UTC), datetime(2026, 3, 22, 2, tzinfo=UTC)),  # at three
    ],
)
def test_three_hours_of_a_night(opened_at: datetime, due: datetime) -> None:
    """One hour of Saturday evening, and two of the night from Sunday, one o'clock."""
    hours = OpeningHours.model_validate(
        {"time_zone": "Europe/Berlin", "saturday": ["16:00-17:00"], "sunday": ["01:00-06:00"]}
    )
    case = started(case_of(opened_at), Promises(first_answer_minutes=180), hours)
    assert case.clocks.answer_due == due


@pytest.mark.parametrize(("day", "hours_long"), [(FORWARD, 23), (BACK, 25), (FORWARD - timedelta(days=1), 24)])
def test_a_day_without_hours_of_its_own_is_as_long_as_it_is(day: datetime, hours_long: int) -> None:
    always = OpeningHours(time_zone="Europe/Berlin")
    midnight = datetime.combine(day.astimezone(BERLIN).date(), time(), BERLIN).astimezone(UTC)
    tomorrow = datetime.combine(day.astimezone(BERLIN).date() + timedelta(days=1), time(), BERLIN).astimezone(UTC)
    assert always.between(midnight, tomorrow) == timedelta(hours=hours_long)
    promises = Promises(resolution_minutes=hours_long * 60)
    assert started(case_of(midnight), promises, always).clocks.resolve_due == tomorrow
