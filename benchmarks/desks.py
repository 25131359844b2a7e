"""Sandboxes with a bot to measure: Frontdesk's, or the bare one that it is compared with."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.house import PLUGINS, House, furnish
from frontdesk_sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
MEGABYTE = 2**20
UNBRAKED: Mapping[str, Any] = {
    "new_dms_a_minute": 600,
    "new_dms_at_once": 100,
    "relay": {"lines_a_minute": 6000, "lines_at_once": 1000},
}
"""Settings of the helpdesk by which neither newcomers nor quick writers are held: else these limits were measured."""


@dataclass(frozen=True)
class Desk:
    """A sandbox with a furnished server, and Frontdesk with all plugins, not yet started."""

    sandbox: Sandbox
    house: House
    bot: Bot
    database: str


@asynccontextmanager
async def desk(*, database: str | None = None, helpdesk: Mapping[str, Any] | None = None) -> AsyncIterator[Desk]:
    """Serve a sandbox without pages; the bot is stopped at the end if it runs.

    Args:
        database: its URL; a SQLite file of its own without.
        helpdesk: settings of the helpdesk besides `UNBRAKED`.
    """
    sandbox = Sandbox()
    await sandbox.start(pages=False)
    with TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        environ = {"FRONTDESK_DATABASE_URL": database or f"sqlite:///{Path(folder) / 'frontdesk.db'}"}
        plugins = PLUGINS | {"helpdesk": {**UNBRAKED, **(helpdesk or {})}}
        bot = Bot(sandbox, Path(folder), plugins=plugins, environ=environ)
        try:
            yield Desk(sandbox, furnish(sandbox), bot, environ["FRONTDESK_DATABASE_URL"])
        finally:
            if bot.is_running:
                await bot.stop()
            await sandbox.stop()


@dataclass(frozen=True)
class Started:
    """How a start went.

    Args:
        seconds: from the start of the process until it was ready.
        megabytes: resident memory then.
    """

    seconds: float
    megabytes: float


async def start_and_stop(bot: Bot) -> Started:
    """Start Frontdesk, look at it, and stop it."""
    await bot.start()
    started = Started(bot.seconds_to_ready, resident(bot.pid))
    await bot.stop()
    return started


async def start_and_stop_bare(sandbox: Sandbox) -> Started:
    """Do the same with the bare bot."""
    began = time.perf_counter()
    async with child(
        "-m", "benchmarks.peers.bare_bot",
        environ={"BARE_BOT_TOKEN": sandbox.discord.token, "BARE_BOT_DISCORD_URL": sandbox.discord.rest_url},
    ) as process:  # fmt: skip
        await said(process, "ready")
        return Started(time.perf_counter() - began, resident(process.pid))


@asynccontextmanager
async def child(
    *arguments: str, environ: dict[str, str] | None = None, stdin: bytes | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Python with these arguments from the project's root; it is ended at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=os.environ | (environ or {}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        if stdin is not None:
            process.stdin.write(stdin)
        process.stdin.close()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def said(process: asyncio.subprocess.Process, word: str, *, deadline: float = 30.0) -> str:
    """Wait until a child process writes a line that begins with a word.

    Returns:
        The rest of the line.

    Raises:
        RuntimeError: if it ends instead.
        TimeoutError: if it does not.
    """
    assert process.stdout is not None
    async with asyncio.timeout(deadline):
        async for line in process.stdout:
            text = line.decode().strip()
            if text.startswith(word):
                return text.removeprefix(word).strip()
    raise RuntimeError(f"the process ended before it said {word!r}")


def resident(pid: int) -> float:
    """Give a process's resident memory in MB."""
    return float(psutil.Process(pid).memory_info().rss) / MEGABYTE


def processor_seconds(pid: int) -> float:
    """Give the processor time that a process has used, user and system, all threads."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
