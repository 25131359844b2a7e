"""uvicorn inside our own event loop: it leaves signals alone, and a busy port is a sentence instead of an exit."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from frontdesk.errors import StartError


class _Uvicorn(uvicorn.Server):
    """Without signal handlers, and waking once a second instead of ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.leave = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        while not self.leave.is_set():
            await self.on_tick(0)  # sets the Date header
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.leave.wait()


class WebServer:
    """Serves one ASGI application.

    Args:
        app: the application.
        host: name or address to listen on.
        port: 0 takes a free one.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._uvicorn: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; returns the port when requests are accepted.

        Raises:
            StartError: if the port is busy or may not be used.
        """
        sock = _bound(self._host, self._port)
        port: int = sock.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            host=self._host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            forwarded_allow_ips=["127.0.0.1", "::1"],
        )
        self._uvicorn = _Uvicorn(config)
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=[sock]), name="web server")
        ready = asyncio.create_task(self._uvicorn.ready.wait())
        try:
            await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._task.done():
            sock.close()
            self._task.result()
            raise StartError("The web server ended as soon as it was started.")
        return port

    async def wait(self) -> None:
        """Return when the server has ended, raising what ended it."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self, grace: float) -> None:
        """Take no more requests, let running ones finish within ``grace`` seconds, close. Safe to call twice."""
        if self._uvicorn is None or self._task is None:
            return
        # uvicorn waits in whole seconds by its annotation, but hands the number to asyncio.
        self._uvicorn.config.timeout_graceful_shutdown = max(1, round(grace))
        self._uvicorn.should_exit = True
        self._uvicorn.leave.set()
        _, unfinished = await asyncio.wait({self._task}, timeout=grace + 2)
        if unfinished:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._uvicorn = self._task = None


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StartError(f"[web] host {host!r} is not an address of this machine ({error.strerror}).") from error
    sock = socket.socket(family, kind, proto)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(socket.SOMAXCONN)
    except OSError as error:
        sock.close()
        raise StartError(_why_not(error, host, port)) from error
    return sock


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; stop it, or change [web] port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this user; choose one above 1023 in [web] port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; change [web] host."
    return f"Cannot listen on {host}, port {port}: {error.strerror}."
