"""The HTTP under the Twilio library: a deadline for each request, repetitions that cannot double anything,
Twilio's pace, and typed errors. The library's own client has none of these."""

import asyncio
import base64
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import structlog
from twilio.http.async_http_client import (  # type: ignore[import-untyped]  # twilio ships no types
    AsyncTwilioHttpClient,
)
from twilio.http.response import Response  # type: ignore[import-untyped]  # twilio ships no types
from yarl import URL

from frontdesk.errors import FrontdeskError
from frontdesk.metrics import Metrics
from frontdesk.twilio_errors import CONFLICT, TOO_MANY, Answer, TwilioError, refusal
from frontdesk.twilio_limits import Limiter, scope_of

log = structlog.stdlib.get_logger(__name__)

_SAFE_METHODS = frozenset({"GET", "HEAD", "DELETE"})
_idempotent: ContextVar[bool] = ContextVar("frontdesk_twilio_idempotent", default=False)


@dataclass(frozen=True)
class Patience:
    """How long and how often a request is tried.

    Args:
        deadline: seconds for one try.
        budget: seconds for all tries together, waiting included.
        tries: at most so many.
        first_pause: seconds before the first repetition; doubles each time, with jitter.
    """

    deadline: float = 10.0
    budget: float = 30.0
    tries: int = 4
    first_pause: float = 0.25

    def pause(self, tried: int, told: float | None) -> float:
        """Seconds to wait after so many tries; never less than the other side has told us."""
        ours = random.uniform(0.5, 1.0) * self.first_pause * 2.0 ** (tried - 1)  # noqa: S311 - no secret
        return max(ours, told or 0.0)


@dataclass(frozen=True)
class Ask:
    """One request, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    deadline: float | None = None
    idempotent: bool = False

    @property
    def changing(self) -> bool:
        """Whether it could do something twice."""
        return self.method not in ("GET", "HEAD")

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is the same as doing it once."""
        return self.idempotent or self.method in _SAFE_METHODS

    def __str__(self) -> str:
        return f"{self.method} {urlsplit(self.url).path}"


@contextmanager
def idempotent() -> Iterator[None]:
    """Inside it, changing requests are repeated even when they may have been carried out."""
    token = _idempotent.set(True)
    try:
        yield
    finally:
        _idempotent.reset(token)


class TwilioHttp(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """What the Twilio library sends its requests through; also used directly for what it lacks.

    Args:
        auth_token: masked in every message.
        base_url: where the loopback Twilio listens; the vendor's host becomes the first part of the path.
        patience: deadlines and repetitions.
        limiter: Twilio's pace.
        default_service: the account's default Conversations service, where it is known.
        metrics: where requests are counted.
        now: a monotonic clock, seconds.
        sleep: waits so many seconds between tries.
    """

    def __init__(
        self,
        auth_token: str,
        *,
        base_url: str | None = None,
        patience: Patience | None = None,
        limiter: Limiter | None = None,
        default_service: str | None = None,
        metrics: Metrics | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(pool_connections=False)  # the session belongs to a loop: see open()
        self.session: aiohttp.ClientSession | None = None
        self.base_url = base_url.rstrip("/") if base_url else None
        self.patience = patience or Patience()
        self.limiter = limiter or Limiter()
        self.default_service = default_service
        self.trouble = ""  # why the last request got no good answer; empty after one that did
        self._auth_token = auth_token
        self._metrics = metrics
        self._now = now
        self._sleep = sleep
        self._under_way: dict[object, float] = {}  # when each began

    @property
    def unanswered(self) -> float:
        """For how many seconds the oldest request under way has been without an answer; 0 if there is none."""
        return self._now() - min(self._under_way.values()) if self._under_way else 0.0

    async def open(self) -> None:
        """Make the connection pool, in the loop that will use it."""
        if self.session is None:
            self.session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=True
            )

    async def close(self) -> None:
        """Close every connection; safe to call twice."""
        if self.session is not None:
            session, self.session = self.session, None
            await session.close()

    async def request(  # noqa: PLR0917 - the library's signature
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """What the library calls. Redirects are never followed: they would carry our credentials along.

        Raises:
            TwilioError: instead of every error that the library would make of the answer.
        """
        del allow_redirects
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = basic(*auth)
        body = None
        if data:
            as_json = sent.get("Content-Type", "").endswith("json")
            body = json.dumps(data).encode() if as_json else form(data)
        if params:
            url += ("&" if "?" in url else "?") + form(params).decode()
        ask = Ask(method.upper(), url, sent, body, deadline=timeout)
        answer = await self.send(ask)
        _check_body(ask, answer)
        return Response(answer.status, answer.text, answer.headers)

    async def send(self, ask: Ask) -> Answer:
        """Send a request, repeating it where that is safe, within the budget.

        Raises:
            TwilioError: for every answer that is not a success, and for none.
        """
        target = self.rewritten(ask.url)
        if _idempotent.get() and not ask.idempotent:
            ask = Ask(ask.method, ask.url, ask.headers, ask.body, ask.deadline, idempotent=True)
        parts = urlsplit(ask.url)
        scope = scope_of(ask.method, parts.hostname or "", parts.path, self.default_service)
        ends = self._now() + self.patience.budget
        tried = 0
        perhaps_done = False
        while True:
            await self._turn(ask, scope, ends)
            tried += 1
            try:
                return await self._try(ask, target, ends)
            except TwilioError as error:
                if perhaps_done and ask.method == "DELETE" and error.status == 404:
                    return Answer(204, {}, b"")  # an earlier try, thought lost, has deleted it
                perhaps_done = perhaps_done or error.ambiguous
                limited = error.status == 429 or error.code in TOO_MANY
                if limited:
                    self.limiter.hold(scope, error.retry_after or self.patience.first_pause)
                pause = self.patience.pause(tried, error.retry_after)
                again = tried < self.patience.tries and self._now() + pause < ends
                if not (again and _may_repeat(ask, error)):
                    raise
                log.warning("twilio_repeated", request=str(ask), tried=tried, pause=round(pause, 3), why=str(error))
            await self._sleep(pause)

    def rewritten(self, url: str) -> str:
        """The address to call: the loopback's when one is set. Nothing but Twilio gets our credentials.

        Raises:
            FrontdeskError: if the address belongs to neither.
        """
        if self.base_url is not None and (url == self.base_url or url.startswith(self.base_url + "/")):
            return url
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or not host.endswith(".twilio.com"):
            raise FrontdeskError(f"Refusing to send Twilio credentials to {parts.scheme}://{host}.")
        if self.base_url is None:
            return url
        return f"{self.base_url}/{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    async def _turn(self, ask: Ask, scope: tuple[str, str] | None, ends: float) -> None:
        try:
            async with asyncio.timeout(ends - self._now()):
                await self.limiter.wait(scope)
        except TimeoutError:
            self._count("held")
            raise TwilioError(
                f"{ask} was not sent: too many others wait for Twilio's limit of actions per second",
                retry_after=1.0,
            ) from None

    async def _try(self, ask: Ask, target: str, ends: float) -> Answer:
        if self.session is None:
            raise FrontdeskError("The Twilio client is not open.")
        started = self._now()
        seconds = max(0.001, min(ask.deadline or self.patience.deadline, ends - started))
        limits = aiohttp.ClientTimeout(total=seconds, connect=seconds / 2, ceil_threshold=60)
        ticket = object()
        self._under_way[ticket] = started
        try:
            async with self.session.request(
                ask.method,
                URL(target, encoded=True),
                headers=ask.headers,
                data=ask.body,
                timeout=limits,
                allow_redirects=False,
            ) as response:
                content = await response.read()
                answer = Answer(response.status, response.headers, content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            silent = self._no_answer(ask, error, seconds)
            self.trouble = "Twilio gave no answer"
            raise silent from error
        finally:
            del self._under_way[ticket]
        if self._metrics is not None:
            self._metrics.twilio_seconds.observe(self._now() - started)
        if answer.status >= 400 or (answer.status >= 300 and ask.changing):
            refused = self._refused(ask, answer)
            unwell = answer.status >= 500 or answer.status == 401
            self.trouble = f"Twilio answered {answer.status}" if unwell else ""
            raise refused
        self.trouble = ""
        self._count("ok")
        return answer

    def _refused(self, ask: Ask, answer: Answer) -> TwilioError:
        error = refusal(answer, str(ask), changing=ask.changing, now=time.time())
        error.args = (str(error).replace(self._auth_token, "[hidden]"),)
        limited = answer.status == 429 or error.code in TOO_MANY
        self._count("limited" if limited else "failed" if answer.status >= 500 else "refused")
        return error

    def _no_answer(self, ask: Ask, error: Exception, seconds: float) -> TwilioError:
        unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
        timed_out = isinstance(error, TimeoutError)
        self._count("timeout" if timed_out else "unreachable" if unsent else "dropped")
        what = f"gave no answer within {seconds:.1f} s" if timed_out else "could not be reached"
        if not (unsent or timed_out):
            what = "closed the connection without an answer"
        return TwilioError(f"Twilio {what}: {ask} ({type(error).__name__})", ambiguous=ask.changing and not unsent)

    def _count(self, outcome: str) -> None:
        if self._metrics is not None:
            self._metrics.twilio_calls.labels(outcome).inc()


def basic(user: str, password: str) -> str:
    """The Authorization header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def form(values: Mapping[str, Any]) -> bytes:
    """A form's body; a list repeats its name, truth is written the way Twilio reads it."""
    pairs = [
        (name, str(item).lower() if isinstance(item, bool) else str(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list | tuple) else [value])
    ]
    return urlencode(pairs).encode()


def _may_repeat(ask: Ask, error: TwilioError) -> bool:
    if error.permanent or error.status == 401:
        return False
    refused_unchanged = error.status == 429 or error.code in TOO_MANY | CONFLICT
    return refused_unchanged or not error.ambiguous or ask.repeatable


def _check_body(ask: Ask, answer: Answer) -> None:
    """A success whose body is not JSON comes from something in between, not from Twilio."""
    if answer.status < 300 and answer.content and answer.content.lstrip()[:1] not in (b"{", b"["):
        raise TwilioError(
            f"{ask} was answered with something that is not JSON",
            status=answer.status,
            ambiguous=ask.changing,
        )
