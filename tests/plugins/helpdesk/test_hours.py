"""Opening hours: weekdays, holidays, special days, and clocks that change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frontdesk_helpdesk.hours import Hours
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def office(**more: Any) -> Hours:
    """Weekdays from nine to five in Berlin."""
    return Hours.model_validate({"time_zone": "Europe/Berlin", **{day: ["09:00-17:00"] for day in WEEK}, **more})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_any_hours_somebody_is_always_there() -> None:
    assert Hours().is_open(utc("2026-12-25T03:00"))
    assert Hours().next_opening(utc("2026-12-25T03:00")) == utc("2026-12-25T03:00")


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-07-01T06:59", False),  # 08:59 in Berlin in summer
        ("2026-07-01T07:00", True),
        ("2026-07-01T14:59", True),
        ("2026-07-01T15:00", False),
        ("2026-01-14T07:30", False),  # 08:30 in winter
        ("2026-01-14T08:00", True),
        ("2026-07-04T10:00", False),  # a Saturday
    ],
)
def test_hours_are_meant_in_the_time_zone(moment: str, is_open: bool) -> None:
    assert office().is_open(utc(moment)) is is_open


def test_holidays_of_one_year_and_of_every_year_are_closed() -> None:
    hours = office(holidays=["12-25", "2026-07-01"])
    assert not hours.is_open(utc("2026-12-25T10:00"))
    assert not hours.is_open(utc("2029-12-25T10:00"))
    assert not hours.is_open(utc("2026-07-01T10:00"))
    assert hours.is_open(utc("2027-07-01T10:00"))


def test_a_special_day_wins_over_a_holiday_and_over_the_weekday() -> None:
    hours = office(holidays=["12-24"], special={"2026-12-24": ["09:00-12:00"]})
    assert hours.is_open(utc("2026-12-24T10:00"))
    assert not hours.is_open(utc("2026-12-24T13:00"))
    assert not hours.is_open(utc("2027-12-24T10:00"))


def test_the_next_opening_skips_nights_weekends_and_holidays() -> None:
    hours = office(holidays=["2026-07-06"])
    assert hours.next_opening(utc("2026-07-03T20:00")) == utc("2026-07-07T07:00")  # Friday evening, Monday off
    assert hours.next_opening(utc("2026-07-07T08:00")) == utc("2026-07-07T08:00")


def test_a_break_at_noon_and_the_end_of_the_day() -> None:
    hours = Hours.model_validate({"monday": ["00:00-12:00", "13:00-24:00"]})
    assert hours.is_open(utc("2026-07-06T11:59"))
    assert not hours.is_open(utc("2026-07-06T12:30"))
    assert hours.is_open(utc("2026-07-06T23:59"))
    assert not hours.is_open(utc("2026-07-07T00:00"))


def test_clocks_that_skip_an_hour_open_at_the_right_moment() -> None:
    hours = Hours.model_validate({"time_zone": "Europe/Berlin", "sunday": ["02:30-10:00"]})
    # On 29 March 2026 there is no 02:30 in Berlin.
    opens = hours.next_opening(utc("2026-03-28T20:00"))
    assert opens is not None
    assert utc("2026-03-29T00:00") <= opens <= utc("2026-03-29T02:00")
    assert hours.is_open(opens)


def test_a_desk_that_never_opens_says_so() -> None:
    assert Hours.model_validate({"monday": []}).next_opening(utc("2026-07-06T12:00")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"monday": ["9-5"]},
        {"monday": ["17:00-09:00"]},
        {"monday": ["09:00"]},
        {"time_zone": "Berlin"},
        {"holidays": ["25.12."]},
        {"holidays": ["13-01"]},
        {"special": {"sometime": []}},
        {"outside": "nothing"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate(wrong)


@given(
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: utc("2025-01-01T00:00") + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tehran", "America/New_York", "Pacific/Apia"]),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(now: datetime, zone: str) -> None:
    hours = office(time_zone=zone, holidays=["12-25", "01-01"], saturday=["20:00-24:00"])
    opens = hours.next_opening(now)
    assert opens is not None
    assert opens >= now
    assert hours.is_open(opens)
    if opens > now:
        assert not hours.is_open(now)
        assert not hours.is_open(opens - timedelta(seconds=1))
