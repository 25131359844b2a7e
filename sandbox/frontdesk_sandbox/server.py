"""A web server on a loopback port, in the running event loop: how every part of the sandbox is reached."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process that hosts the sandbox keeps its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class LoopbackServer:
    """Serves one ASGI application on 127.0.0.1.

    The socket is bound at once, so that ``url`` is known before the application is made.

    Args:
        port: the port to bind; 0 takes a free one.

    Raises:
        OSError: if the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        # asyncio switches Nagle's delay (40 ms an answer) off only where the protocol is named
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, app: ASGIApp) -> None:
        """Start serving; returns when requests are accepted."""
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws_ping_interval=None,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
                raise RuntimeError("the loopback server ended before it started")
            await asyncio.sleep(0.005)  # uvicorn has no started event to wait for

    async def stop(self) -> None:
        """Stop serving and close every connection; safe to call twice."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            await self._serving
        self._server = self._serving = None
        self._socket.close()
