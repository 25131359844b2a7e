"""Background work that fails is known, with its first failure and its last error, until it succeeds again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from frontdesk.background import Background
from frontdesk.desk import Desk, Services
from frontdesk.settings import PluginSettings, SettingsTable

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_failure_is_told_with_its_first_time_and_its_last_error_until_it_is_over() -> None:
    background = Background()
    assert background.trouble("cases") == ""
    background.failed("cases", "tick", ValueError("hunter2"), at=NOON)
    background.failed("cases", "tick", KeyError("hunter2"), at=NOON + timedelta(hours=1))
    assert background.trouble("cases") == "tick fails since 2030-01-31 12:00:00 UTC (KeyError)"
    assert background.trouble("helpdesk") == ""
    background.succeeded("helpdesk", "tick")
    background.failed("cases", "tock", TimeoutError(), at=NOON)
    background.succeeded("cases", "tick")
    assert background.trouble("cases") == "tock fails since 2030-01-31 12:00:00 UTC (TimeoutError)"
    background.succeeded("cases", "tock")
    assert background.trouble("cases") == ""


def test_all_that_fails_is_told_and_a_withdrawn_plugins_work_is_forgotten() -> None:
    background = Background()
    background.failed("cases", "tock", ValueError(), at=NOON)
    background.failed("cases", "tick", ValueError(), at=NOON + timedelta(days=1))
    told = (
        "tock fails since 2030-01-31 12:00:00 UTC (ValueError); tick fails since 2030-02-01 12:00:00 UTC (ValueError)"
    )
    assert background.trouble("cases") == told
    background.forget("cases")
    assert background.trouble("cases") == ""


def test_work_of_ever_new_names_does_not_pile_up() -> None:
    background = Background()
    for number in range(1000):
        background.failed("cases", f"task {number}", ValueError(), at=NOON)
    assert background.trouble("cases").count("fails since") == 10
    assert "task 999 " in background.trouble("cases")


@pytest.fixture
def background() -> Background:
    return Background()


@pytest.fixture
def run(background: Background) -> Callable[..., Awaitable[None]]:
    """Have a plugin's desk do some background work, and wait for its end."""
    services = cast("Services", SimpleNamespace(background=background, now=lambda: NOON))
    desk: Desk[Any] = Desk("board", PluginSettings(SettingsTable()), services)

    async def run_one(work: Callable[[], Awaitable[None]]) -> None:
        async def working() -> None:
            await work()

        await desk.create_task(working(), name="sync")

    return run_one


async def works() -> None: ...


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, asyncio.CancelledError])
async def test_a_plugins_own_background_work_is_noted(
    background: Background, run: Callable[..., Awaitable[None]], error: type[BaseException]
) -> None:
    async def fails() -> None:
        raise error

    await run(fails)
    assert background.trouble("board") == f"sync fails since 2030-01-31 12:00:00 UTC ({error.__name__})"
    await run(works)
    assert background.trouble("board") == ""


async def test_work_that_is_cancelled_has_neither_failed_nor_succeeded(
    background: Background, run: Callable[..., Awaitable[None]]
) -> None:
    began = asyncio.Event()

    async def waits() -> None:
        began.set()
        await asyncio.Event().wait()

    background.failed("board", "sync", ValueError(), at=NOON)
    before = background.trouble("board")
    running = asyncio.ensure_future(run(waits))
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert background.trouble("board") == before
