"""Twilio's pace: never above 30 in a second, first come first served, nobody waits for nothing."""

import asyncio
from itertools import pairwise

import pytest
from frontdesk.twilio_limits import Limiter, Scope, scope_of
from hypothesis import given
from hypothesis import strategies as st

CONVERSATION: Scope = ("conversation", "CH1")
HOST = "conversations.twilio.com"


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.now += seconds
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/Conversations/CH1/Messages", ("conversation", "CH1")),
        ("POST", "/v1/Services/IS1/Conversations/CH1/Participants", ("conversation", "CH1")),
        ("DELETE", "/v1/Conversations/CH1/Messages/IM1", ("conversation", "CH1")),
        ("POST", "/v1/Conversations/CH1", ("conversation", "CH1")),
        ("POST", "/v1/Conversations", ("service", "default")),
        ("POST", "/v1/Services/IS1/Conversations", ("service", "IS1")),
        ("POST", "/v1/Services/IS1/Users/US1", ("service", "IS1")),
        ("POST", "/v1/Users", ("service", "default")),
        ("GET", "/v1/Conversations/CH1/Messages", None),
        ("POST", "/v1/Services", None),
        ("POST", "/v1/Configuration", None),
    ],
)
def test_who_counts_together(method: str, path: str, scope: Scope | None) -> None:
    assert scope_of(method, HOST, path) == scope


@pytest.mark.parametrize("path", ["/v1/Conversations", "/v1/Users", "/v1/Services/IS1/Conversations"])
def test_the_default_service_counts_once_under_both_of_its_names(path: str) -> None:
    assert scope_of("POST", HOST, path, default_service="IS1") == ("service", "IS1")
    assert scope_of("POST", HOST, "/v1/Services/IS2/Users", default_service="IS1") == ("service", "IS2")


def test_other_products_are_not_limited_here() -> None:
    assert scope_of("POST", "flex-api.twilio.com", "/v1/Interactions") is None


async def started(limiter: Limiter, clock: Clock, count: int) -> list[float]:
    times: list[float] = []

    async def one() -> None:
        await limiter.wait(CONVERSATION)
        times.append(clock.now)

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(one())
    return times


async def test_never_more_than_thirty_in_any_second() -> None:
    clock = Clock()
    times = await started(Limiter(now=clock, sleep=clock.sleep), clock, 120)
    assert all(sum(start <= time < start + 1 for time in times) <= 30 for start in times)
    assert times[-1] - times[0] < 120 / 25  # and hardly slower than it must be
    assert clock.sleeps <= 120  # one exact wait for each, no polling


async def test_a_short_burst_does_not_wait_and_the_rest_is_even() -> None:
    clock = Clock()
    times = await started(Limiter(10, 3, now=clock, sleep=clock.sleep), clock, 8)
    assert times[:3] == [1000.0] * 3
    assert [later - earlier for earlier, later in pairwise(times[2:])] == pytest.approx([0.1] * 5)


async def test_first_come_first_served_and_scopes_do_not_wait_for_each_other() -> None:
    clock = Clock()
    limiter = Limiter(10, 1, now=clock, sleep=clock.sleep)
    order: list[int] = []

    async def one(number: int) -> None:
        await limiter.wait(CONVERSATION)
        order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(one(number))
    assert order == list(range(20))
    before = clock.sleeps
    await limiter.wait(("conversation", "CH2"))
    await limiter.wait(None)
    assert clock.sleeps == before


async def test_who_gives_up_uses_no_turn() -> None:
    forever = asyncio.Event()
    limiter = Limiter(10, 1, now=lambda: 1000.0, sleep=lambda _: forever.wait())
    await limiter.wait(CONVERSATION)
    tasks = [asyncio.create_task(limiter.wait(CONVERSATION)) for _ in range(5)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    lane = limiter._lanes[CONVERSATION]
    assert lane.waiting == 0
    assert lane.due == pytest.approx(1000.1)


async def test_a_scope_that_is_too_fast_is_held() -> None:
    clock = Clock()
    limiter = Limiter(now=clock, sleep=clock.sleep)
    limiter.hold(CONVERSATION, 5)
    await limiter.wait(("conversation", "CH2"))
    assert clock.now == 1000
    await limiter.wait(CONVERSATION)
    assert clock.now >= 1005


async def test_forgotten_scopes_take_no_memory() -> None:
    clock = Clock()
    limiter = Limiter(now=clock, sleep=clock.sleep)
    for number in range(5000):
        clock.now += 1
        await limiter.wait(("conversation", str(number)))
    assert len(limiter._lanes) <= 1024


@given(gaps=st.lists(st.floats(0, 0.5), min_size=1, max_size=80))
def test_the_limit_holds_for_every_pattern(gaps: list[float]) -> None:
    async def run() -> list[float]:
        clock = Clock()
        limiter = Limiter(now=clock, sleep=clock.sleep)
        times = []
        for gap in gaps:
            clock.now += gap
            await limiter.wait(CONVERSATION)
            times.append(clock.now)
        return times

    times = asyncio.run(run())
    assert all(sum(start <= time < start + 1 for time in times) <= 30 for start in times)
