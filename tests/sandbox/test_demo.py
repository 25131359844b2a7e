"""``frontdesk demo`` as it is started: what it prints, and how it ends."""

import asyncio
import signal
import sys
from dataclasses import replace

import aiohttp
import pytest
from frontdesk_sandbox import demo
from frontdesk_sandbox.house import House, furnish
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.tour import Step, Tour

_DEADLINE = 90.0


async def started(*arguments: str) -> asyncio.subprocess.Process:
    """Start ``frontdesk demo`` as a process."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "frontdesk", "demo", *arguments, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
async def test_the_tour_ends_with_0_when_every_step_was_observed() -> None:
    process = await started("--tour")
    async with asyncio.timeout(_DEADLINE):
        printed, _ = await process.communicate()
    text = printed.decode()
    assert process.returncode == 0, text
    assert "Every step was observed." in text
    assert text.count("✓") == 10
    assert "✗" not in text


@pytest.mark.slow
def test_the_tour_ends_with_1_when_a_step_was_not_observed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def furnish_badly(sandbox: Sandbox) -> House:
        house = furnish(sandbox)
        return replace(house, moderator=house.jonas)  # who may not announce anything

    monkeypatch.setattr("frontdesk_sandbox.house.furnish", furnish_badly)  # imported where it is used
    assert demo.main(["--tour"]) == 1
    text = capsys.readouterr().out
    assert "✗ A moderator announces a season" in text
    assert "not observed" in text
    assert "Not everything went well" in text
    assert "Every step was observed." not in text


@pytest.mark.slow
async def test_the_demo_prints_its_address_and_ends_when_it_is_asked_to() -> None:
    process = await started("--port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(_DEADLINE):
        while b"is ready" not in (line := await process.stdout.readline()):
            assert line, "it ended before it was ready"
        address = line.decode().split()[-1]
        async with aiohttp.ClientSession() as session, session.get(address) as page:
            assert page.status == 200
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_step_that_gets_no_answer_in_time_has_failed(
    sandbox: Sandbox, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_tour: Tour) -> str:
        raise TimeoutError

    monkeypatch.setattr(Tour, "_announce", hang)
    steps: list[Step] = []
    assert await Tour(sandbox, house, steps.append).play() is False
    assert [(step.ok, step.seen) for step in steps] == [(False, "not observed: no answer in time")]
