"""Run one bot as a process: until it is asked to stop, or has ended by itself."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from frontdesk.app import App
from frontdesk.intents import granted_intents
from frontdesk.log import configure_logging
from frontdesk.settings import Settings


def run(settings: Settings, *, strict: bool = False) -> int:
    """Run a bot until SIGINT or SIGTERM.

    Args:
        settings: from `load_settings`.
        strict: refuse to start if a plugin fails.

    Returns:
        The exit code: 0 after a clean stop.

    Raises:
        StartError: if it cannot start (exit code 1).
        SettingsError: if settings are wrong (exit code 2).
    """
    secrets = [s.get_secret_value() for s in settings.secrets.variables.values()]
    configure_logging(settings.log.level, settings.log.format, secrets=secrets)
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_run(settings, strict=strict))
    return uvloop.run(_run(settings, strict=strict))


async def _run(settings: Settings, *, strict: bool) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    app = App(settings, strict=strict, granted=await granted_intents(settings))
    gc.freeze()  # modules, classes and mappings stay for good: a full collection need not look at them each time
    gc.enable()
    interrupted = asyncio.create_task(stopping.wait())
    try:
        if not await _unless(interrupted, app.start()):
            await _unless(interrupted, app.ended())
    finally:
        interrupted.cancel()
        await app.stop()
    return 0


async def _unless(interrupted: asyncio.Task[Any], work: Coroutine[Any, Any, None]) -> bool:
    """Wait for some work, or give it up when the bot is asked to stop; tell whether it was."""
    working = asyncio.create_task(work)
    await asyncio.wait({working, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        return True
    await working
    return interrupted.done()
