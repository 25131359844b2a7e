"""Fixtures: a loopback Discord for a real bot, and the check that the bot has understood everything."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.sandbox.discord.bot_desk import Desk, check_understood, opened


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened() as desk:
        yield desk


@pytest.fixture(autouse=True)
def everything_understood(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    check_understood(caplog)
