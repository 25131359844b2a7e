"""The live stream of a screen: a WebSocket that pushes a fresh snapshot after each change, at most every 50 ms.

A WebSocket and not Server-Sent Events: a browser opens only six plain connections to one host, all tabs counted.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from frontdesk_sandbox.changes import Changes

Snapshot = Callable[[dict[str, Any]], dict[str, Any]]
"""Draws the screen; is given what the page last said of itself, such as the open channel."""
Glimpse = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Turns an event into a passing piece of news (someone types), or into None."""

_PAUSE = 0.05


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a request comes from our own page, or from a program that is no browser."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


async def gone(socket: WebSocket) -> None:
    """Tell a page that the person whose screen it wants is not here (any more): close code 4404."""
    await socket.accept()
    await socket.close(4404)


class Live:
    """One open screen.

    Args:
        changes: the news after which the screen is drawn.
        snapshot: draws it.
        glimpse: picks passing news.
    """

    def __init__(self, changes: Changes, snapshot: Snapshot, glimpse: Glimpse = lambda _event: None) -> None:
        self._changes = changes
        self._snapshot = snapshot
        self._glimpse = glimpse
        self._about: dict[str, Any] = {}
        self._stale = asyncio.Event()
        self._glimpses: list[dict[str, Any]] = []
        self._sent = ""

    async def serve(self, socket: WebSocket) -> None:
        """Serve the page until it goes away; pages of other origins are refused."""
        if not same_origin(socket):
            await socket.close(1008)
            return
        await socket.accept()
        tasks = [asyncio.create_task(work) for work in (self._watch(), self._listen(socket), self._push(socket))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect):
                task.result()

    async def _watch(self) -> None:
        self._stale.set()
        async for event in self._changes.watch():
            if glimpse := self._glimpse(event):
                self._glimpses.append(glimpse)
            self._stale.set()

    async def _listen(self, socket: WebSocket) -> None:
        while True:
            try:
                about = json.loads(await socket.receive_text())
            except ValueError:
                await socket.close(1003)
                return
            if isinstance(about, dict):
                self._about = about
                self._stale.set()

    async def _push(self, socket: WebSocket) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            glimpses, self._glimpses = self._glimpses, []
            for glimpse in glimpses:
                await socket.send_text(json.dumps({"glimpse": glimpse}))
            text = json.dumps({"screen": self._snapshot(self._about)})
            if text != self._sent:
                self._sent = text
                await socket.send_text(text)
            await asyncio.sleep(_PAUSE)
