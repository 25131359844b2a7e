"""Telling everyone who watches that the sandbox's world has changed: pages, and tests that wait for a condition."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

T = TypeVar("T")


class NotSeenError(AssertionError):
    """A condition did not come true before its deadline."""


class Changes:
    """A broadcast of small JSON-able events, and waiting for conditions without polling."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, event: dict[str, Any]) -> None:
        """Tell every watcher; never blocks."""
        for watcher in list(self._watchers):
            watcher.put_nowait(event)

    async def watch(self) -> AsyncIterator[dict[str, Any]]:
        """Yield every event from now on."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    async def until(
        self, condition: Callable[[], T | None], *, deadline: float = 10.0, what: str = "the condition"
    ) -> T:
        """Wait until the condition gives something true; it is looked at after each change.

        Args:
            condition: a quick look at the world; what it returns is returned when true.
            deadline: seconds until giving up.
            what: said in the error, such as ``"a message with 'hello'"``.

        Returns:
            The first true value of the condition.

        Raises:
            NotSeenError: if the deadline passes first.
        """
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            async with asyncio.timeout(deadline):
                while not (seen := condition()):
                    await queue.get()
                    while not queue.empty():
                        queue.get_nowait()
                return seen
        except TimeoutError:
            raise NotSeenError(f"{what} was not seen within {deadline:g} s") from None
        finally:
            self._watchers.discard(queue)
