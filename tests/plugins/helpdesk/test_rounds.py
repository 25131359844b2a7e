"""All open conversations are looked at: together after a start, one by one later, and whatever one of them does."""

import asyncio
from typing import Any, cast

import pytest
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.rounds import Rounds

MANY = cast("list[Conversation]", list(range(30)))


class Looks:
    """Notes what is looked at, and how much at the same time."""

    def __init__(self, failing: set[Any] | None = None) -> None:
        self.seen: list[Any] = []
        self.failing = failing or set()
        self.at_once = self.most_at_once = 0

    async def __call__(self, conversation: Conversation) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.seen.append(conversation)
        if conversation in self.failing:
            raise ValueError(str(conversation))


async def test_the_first_round_is_quick_and_the_others_go_one_by_one() -> None:
    looks = Looks()
    rounds = Rounds(looks, every=0.24)
    await rounds.go(MANY)
    assert (sorted(looks.seen), looks.most_at_once) == (MANY, 8)
    looks.most_at_once, looks.seen = 0, []
    clock = asyncio.get_running_loop().time
    began = clock()
    await rounds.go(MANY)
    assert (looks.seen, looks.most_at_once) == (MANY, 1)
    assert clock() - began >= 29 * 0.001


async def test_a_look_that_fails_keeps_no_other_from_being_taken() -> None:
    looks = Looks(failing={3, 5})
    rounds = Rounds(looks, every=0.24)
    with pytest.raises(ValueError, match="3"):
        await rounds.go(MANY)
    assert (sorted(looks.seen), looks.most_at_once) == (MANY, 8)
    looks.failing = {4}
    looks.most_at_once, looks.seen = 0, []
    with pytest.raises(ValueError, match="4"):
        await rounds.go(MANY)
    assert (looks.seen, looks.most_at_once) == (MANY, 1)  # the haste is over, whatever fails
