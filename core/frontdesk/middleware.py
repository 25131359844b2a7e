"""What every web request passes through: an id, limits, headers, figures, and a net under every plugin.

All of it is plain ASGI and passes answers on piece by piece, so event streams are not held back.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk.failures import FAILURES, is_cancelled
from frontdesk.metrics import Metrics
from frontdesk.pages import ROOT_SCOPE_KEY, content_security_policy

log = structlog.stdlib.get_logger(__name__)

REQUEST_ID = "X-Request-ID"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LONGEST_PATH = 1000  # characters; a number in it of more than 4,300 digits would be more than Python reads
_QUIET = frozenset({"/health", "/metrics"})
_HEADERS = {
    "Content-Security-Policy": content_security_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

ErrorAnswer = Callable[[Request, HTTPException, str | None], Response]


class Entrance:
    """Names each request, counts it, logs it, and puts the security headers on its answer.

    Args:
        app: what comes next.
        metrics: where requests are counted.
        root: the path in front of ours in the public address.
        plugin_of: which plugin a path belongs to; "core" for none.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, root: str, plugin_of: Callable[[str], str]) -> None:
        self._app = app
        self._metrics = metrics
        self._root = root
        self._plugin_of = plugin_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[ROOT_SCOPE_KEY] = self._root
        started = time.perf_counter()
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else secrets.token_hex(8)
        plugin = self._plugin_of(scope["path"])
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, plugin=plugin):
            try:
                await self._app(scope, receive, send_named)
            finally:
                seconds = time.perf_counter() - started
                self._metrics.http_requests.labels(plugin, status or "none").inc()
                self._metrics.http_seconds.labels(plugin).observe(seconds)
                # The query stays out: it may hold a signature.
                write = log.debug if scope["path"] in _QUIET or plugin == "static" else log.info
                write("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1e3, 1))


class Net:
    """Turns what an endpoint raises into an answer; the error's id is in the answer and in the log.

    Args:
        app: what comes next.
        answer: makes the answer.
    """

    def __init__(self, app: ASGIApp, *, answer: ErrorAnswer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except ClientDisconnect:
            log.debug("client_left", path=scope["path"])
        except HTTPException as error:
            if not started:
                await self._answer(Request(scope), error, None)(scope, receive, send)
        except FAILURES as error:  # the net: plugins may raise anything, it is logged in full
            if is_cancelled(error):
                raise
            error_id = secrets.token_hex(4)
            log.error("request_failed", path=scope["path"], error_id=error_id, exc_info=error)
            if not started:
                failed = HTTPException(500)
                await self._answer(Request(scope), failed, error_id)(scope, receive, send)
            # Else the server cuts the connection, and the client sees that the answer is incomplete.


class Limits:
    """Refuses addresses that are too long, and bodies that are too large: at once if that is known, else on arrival.

    Args:
        app: what comes next.
        limit_of: bytes that the body of a request may have.
    """

    def __init__(self, app: ASGIApp, *, limit_of: Callable[[Scope], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["path"]) > _LONGEST_PATH:
            raise HTTPException(404)  # nothing is there
        limit = self._limit_of(scope)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise self._too_large()
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise self._too_large()
            return message

        await self._app(scope, receive_counted, send)

    def _too_large(self) -> HTTPException:
        # The rest of the body is not read, so the connection cannot be used again.
        return HTTPException(413, headers={"Connection": "close"})


class Streams:
    """Ends event streams when the server stops; nobody else would, and it would wait for them.

    Args:
        app: what comes next.
        running: filled with the tasks that serve a stream, for the server to cancel.
    """

    def __init__(self, app: ASGIApp, *, running: "set[asyncio.Task[object]]") -> None:
        self._app = app
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return

        async def send_watched(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_stream(message):
                self._running.add(task)
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except asyncio.CancelledError:
            if task not in self._running or task.cancelling() > 1:
                raise
            task.uncancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._running.discard(task)


def _is_stream(message: Message) -> bool:
    headers: Mapping[str, str] = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/event-stream")
