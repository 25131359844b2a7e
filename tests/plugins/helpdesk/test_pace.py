"""A limited pace holds for any comings, and makes nobody wait longer than it must."""

from frontdesk_helpdesk.pace import Pace, Turnstile
from hypothesis import given
from hypothesis import strategies as st

gaps = st.lists(st.floats(0, 100), min_size=1, max_size=60)


@given(gaps, st.integers(1, 600), st.integers(1, 20))
def test_in_any_stretch_of_time_no_more_go_than_the_pace_allows(gaps: list[float], a_minute: int, at_once: int) -> None:
    pace, now, went = Pace(a_minute, at_once), 1000.0, []
    for gap in gaps:
        now += gap
        now += pace.wait(now)
        pace.went(now)
        went.append(now)
    for first, begin in enumerate(went):
        for count, end in enumerate(went[first:], start=1):
            assert count <= at_once + (end - begin) * a_minute / 60 + 1e-6


@given(st.integers(1, 600), st.integers(1, 20))
def test_after_a_quiet_time_as_many_as_allowed_go_without_a_pause(a_minute: int, at_once: int) -> None:
    pace = Pace(a_minute, at_once)
    for _ in range(at_once):
        assert pace.wait(5000.0) < 1e-6
        pace.went(5000.0)
    assert pace.wait(5000.0) > 0


@given(gaps, st.integers(1, 600), st.integers(1, 20))
def test_a_turnstile_keeps_the_order_and_the_pace(gaps: list[float], a_minute: int, at_once: int) -> None:
    turnstile, came, turns = Turnstile(Pace(a_minute, at_once)), 1000.0, list[float]()
    for number, gap in enumerate(gaps, start=1):
        came += gap
        turn = turnstile.turn_of(number, came)
        assert turnstile.turn_of(number, came + 5) == turn, "who asks again keeps the turn"
        assert turn >= came
        turns.append(turn)
    assert turns == sorted(turns)
    for first, begin in enumerate(turns):
        for count, end in enumerate(turns[first:], start=1):
            assert count <= at_once + (end - begin) * a_minute / 60 + 1e-6


@given(gaps, st.integers(1, 600), st.integers(1, 20))
def test_at_a_turnstile_nobody_waits_who_keeps_the_pace(gaps: list[float], a_minute: int, at_once: int) -> None:
    turnstile, came = Turnstile(Pace(a_minute, at_once)), 1000.0
    for number, gap in enumerate(gaps, start=1):
        came += 60 / a_minute + gap + 1e-6
        assert turnstile.turn_of(number, came) == came


def test_that_they_know_is_forgotten_after_a_quiet_time_and_not_before() -> None:
    turnstile = Turnstile(Pace(60, 3))
    assert [turnstile.turn_of(number, 1000.0) for number in range(1, 11)] == [1000.0] * 3 + list(range(1001, 1008))
    turnstile.told = True
    assert turnstile.turn_of(11, 1009.5) == 1009.5, "in time again"
    assert turnstile.told
    assert not turnstile.is_quiet(1010.5)
    assert turnstile.is_quiet(1011.0)
    turnstile.turn_of(12, 1011.0)
    assert not turnstile.told
