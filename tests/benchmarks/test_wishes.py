"""What members were told is compared with what is true, and each kind of untruth is found."""

import pytest

from benchmarks.wishes import Facts, Told, untruths

Q, J, C, E = Told.QUEUED, Told.JOINED, Told.CANCELLED, Told.ENDED


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        ([Q, J], Facts(1, 0, is_helped=True, live_tasks=1)),
        ([J], Facts(1, 0, is_helped=True, live_tasks=1)),
        ([Q, C, C, Q, J, E], Facts(3, 2, is_closed=True)),
        ([C, Q, J, E], Facts(2, 1, is_helped=True, is_closed=True)),
    ],
)
def test_true_stories(told: list[Told], facts: Facts) -> None:
    assert untruths(told, facts) == []


@pytest.mark.parametrize(
    ("told", "facts", "what"),
    [
        ([Q], Facts(1, 0, live_tasks=1, waits_for="waits for an agent"), "waits for an agent for ever"),
        ([Q, Q, J], Facts(1, 0, is_helped=True, live_tasks=1), "of the queue more often"),
        ([Q, J, J], Facts(1, 0, is_helped=True, live_tasks=1), "once of the agent"),
        ([Q], Facts(1, 0, is_helped=True, live_tasks=1), "once of the agent"),
        ([Q, J], Facts(1, 0), "once of the agent"),
        ([Q, J], Facts(1, 0, is_helped=True), "joined, and has none"),
        ([Q, C, C], Facts(1, 1), "each request that was cancelled"),
        ([Q, C], Facts(1, 1, live_tasks=1), "over, and a task lives"),
        ([Q, J, E, E], Facts(1, 0, is_closed=True), "once of the end"),
        ([Q, J], Facts(1, 0, is_helped=True, is_closed=True), "once of the end"),
        ([Q, Told.FAILED], Facts(1, 0), "a failure that never was"),
        ([Q, J], Facts(1, 0, is_helped=True, live_tasks=2), "more than one task"),
    ],
)
def test_untruths(told: list[Told], facts: Facts, what: str) -> None:
    assert any(what in found for found in untruths(told, facts))
