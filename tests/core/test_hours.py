"""Opening hours: how much open time lies between two moments, and when so much will have passed."""

from datetime import UTC, datetime, timedelta

from frontdesk import OpeningHours
from hypothesis import given
from hypothesis import strategies as st

OFFICE = OpeningHours.model_validate(
    {"time_zone": "Europe/Berlin", "friday": ["09:00-12:00", "13:00-17:00"], "monday": ["09:00-17:00"]}
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001  # the zone is put on


def test_open_time_goes_on_after_lunch_and_the_weekend() -> None:
    friday = datetime(2026, 5, 8, 9, 0, tzinfo=UTC)  # 11:00 in Berlin
    assert OFFICE.after(friday, timedelta(hours=2)) == datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
    assert OFFICE.after(friday, timedelta(hours=6)) == datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
    assert OFFICE.between(friday, datetime(2026, 5, 11, 8, 0, tzinfo=UTC)) == timedelta(hours=6)


def test_a_desk_that_never_opens_keeps_nobody_waiting_for_ever() -> None:
    closed = OpeningHours.model_validate({"monday": []})
    assert closed.after(datetime(2026, 5, 8, tzinfo=UTC), timedelta(minutes=1)) is None
    assert closed.next_opening(datetime(2026, 5, 8, tzinfo=UTC)) is None


def test_without_hours_time_is_time() -> None:
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert OpeningHours().after(start, timedelta(hours=50)) == start + timedelta(hours=50)
    assert OpeningHours(time_zone="Europe/Berlin").between(start, start + timedelta(hours=50)) == timedelta(hours=50)


def test_hours_that_overlap_count_once() -> None:
    twice = OpeningHours.model_validate({"friday": ["09:00-12:00", "11:00-13:00"]})
    friday = datetime(2026, 5, 8, tzinfo=UTC)
    assert twice.between(friday, friday + timedelta(days=1)) == timedelta(hours=4)


def test_long_promises_of_a_desk_with_short_hours_end_after_years() -> None:
    weekly = OpeningHours.model_validate({"friday": ["09:00-10:00"]})
    friday = datetime(2026, 5, 8, tzinfo=UTC)
    assert weekly.after(friday, timedelta(hours=100)) == friday + timedelta(weeks=99, hours=10)


@given(moments, st.integers(0, 10_000))
def test_after_and_between_agree(start: datetime, minutes: int) -> None:
    end = OFFICE.after(start, timedelta(minutes=minutes))
    assert end is not None
    assert OFFICE.between(start, end) == timedelta(minutes=minutes)
