"""What is to be closed when a bot stops: in reverse order, and in time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import structlog

STOP_WITHIN = 10.0
"""Seconds in which a bot that was asked to stop is gone."""

_LAST_CHANCE = 0.05  # seconds that a part has to stop when the time is over

log = structlog.stdlib.get_logger("frontdesk.app")


class Stopping:
    """Closes the parts of one bot; one that hangs takes nothing but its own chance from the others."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._stop_by = 0.0

    def then(self, close: Callable[..., Awaitable[None]], *args: Any) -> None:
        """Have a part closed, before those that were named earlier.

        Args:
            close: closes it.
            args: of ``close``.
        """

        async def in_time() -> None:
            left = self._stop_by - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(max(left, _LAST_CHANCE)):
                    await close(*args)
            except TimeoutError:
                log.error("a part did not stop in time", part=getattr(close, "__qualname__", str(close)))

        self._stack.push_async_callback(in_time)

    async def now(self) -> None:
        """Close all parts within `STOP_WITHIN` seconds."""
        self._stop_by = asyncio.get_running_loop().time() + STOP_WITHIN - 1
        await self._stack.aclose()
