"""Outgoing webhooks: signed, in order for each lane, with a deadline, never repeated, all recorded."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from .faults import Faults, HookFault, Rule
from .sids import new_sid

DEADLINE = 5.0
KEPT = 20_000


def sign(auth_token: str, url: str, params: dict[str, str] | None = None) -> str:
    """Twilio's signature: HMAC-SHA1 over the URL and the sorted parameters, in base64."""
    text = url + "".join(name + value for name, value in sorted((params or {}).items()))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def with_body_hash(url: str, body: str) -> str:
    """The URL that is called and signed when the body is JSON."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={digest}"


@dataclass
class Delivery:
    """One webhook: what was sent, and what came of it."""

    lane: str
    event: str
    url: str
    params: dict[str, str]
    method: str = "POST"
    deadline: float | None = None
    token: str = field(default_factory=lambda: new_sid("IT"))
    status: int | None = None
    milliseconds: float | None = None
    problem: str | None = None
    attempts: int = 0


@dataclass(frozen=True)
class Reply:
    """What a URL answered."""

    status: int
    content_type: str
    text: str


class Webhooks:
    """Sends webhooks in the background: in order within a lane, lanes side by side.

    ``deadline`` is Twilio's 5 s; tests of slow bots may shorten it.

    Args:
        account_sid: for the headers.
        auth_token: signs.
        faults: what goes wrong on purpose.
        tell: told after each delivery.
    """

    def __init__(
        self, account_sid: str, auth_token: str, faults: Faults, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self.deadline = DEADLINE
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._faults = faults
        self._tell = tell
        self._lanes: dict[str, deque[Delivery]] = {}
        self._more: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def under_way(self) -> int:
        """How many lanes still have something to send."""
        return len(self._lanes)

    def send(self, delivery: Delivery) -> None:
        """Queue a webhook behind the others of its lane."""
        self.deliveries.append(delivery)
        lane = self._lanes.get(delivery.lane)
        if lane is not None:
            lane.append(delivery)
            self._more[delivery.lane].set()
            return
        self._lanes[delivery.lane] = deque([delivery])
        self._more[delivery.lane] = asyncio.Event()
        task = asyncio.create_task(self._serve(delivery.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            delivery = lane.popleft()
            await self._with_faults(delivery, lane)
        del self._lanes[name], self._more[name]
        self._tell({"type": "webhooks-sent", "lane": name})

    async def _with_faults(self, delivery: Delivery, lane: deque[Delivery]) -> None:
        rule = self._faults.for_hook(delivery.event, delivery.url)
        if rule is None:
            await self._deliver(delivery)
        elif rule.kind is HookFault.DROP:
            delivery.problem = "dropped by a fault"
            self._done(delivery)
        elif rule.kind is HookFault.REORDER:
            await self._after_next(delivery, lane, rule)
        elif rule.kind is HookFault.DUPLICATE:
            await self._deliver(delivery)
            await self._deliver(delivery)
        else:
            await asyncio.sleep(rule.seconds)
            await self._deliver(delivery)

    async def _after_next(self, delivery: Delivery, lane: deque[Delivery], rule: Rule) -> None:
        if not lane:
            more = self._more[delivery.lane]
            more.clear()
            try:
                async with asyncio.timeout(rule.seconds):
                    await more.wait()
            except TimeoutError:
                delivery.problem = "nothing came to be sent before it"
        if lane:
            await self._deliver(lane.popleft())
        await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        delivery.attempts += 1
        deadline = delivery.deadline or self.deadline
        url, content = delivery.url, None
        if delivery.method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(delivery.params)
            signature = sign(self._auth_token, url)
        else:
            content = urlencode(delivery.params)
            signature = sign(self._auth_token, url, delivery.params)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature,
            "I-Twilio-Idempotency-Token": delivery.token,
        }
        started = time.perf_counter()
        try:
            reply = await self.request(delivery.method, url, headers, content, deadline)
            delivery.status = reply.status
        except TimeoutError:
            delivery.problem = f"no answer within {deadline:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            delivery.problem = f"{type(problem).__name__}: {problem}"
        delivery.milliseconds = (time.perf_counter() - started) * 1000
        self._done(delivery)

    def _done(self, delivery: Delivery) -> None:
        self._tell(
            {
                "type": "webhook",
                "event": delivery.event,
                "lane": delivery.lane,
                "status": delivery.status,
                "problem": delivery.problem,
            }
        )

    async def request(
        self, method: str, url: str, headers: dict[str, str], content: str | None, deadline: float
    ) -> Reply:
        """Call a URL of the bot.

        Raises:
            TimeoutError: if there is no whole answer within the deadline (seconds).
            aiohttp.ClientError: if the connection fails.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=True)
        headers = {"User-Agent": "TwilioProxy/1.1", "X-Home-Region": "us1", "Accept": "*/*"} | headers
        async with self._session.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=None if content is None else content.encode(),
            timeout=aiohttp.ClientTimeout(total=deadline),
            allow_redirects=False,
        ) as response:
            return Reply(response.status, response.content_type, await response.text(errors="replace"))

    async def request_signed_json(self, method: str, url: str, body: str, deadline: float) -> Reply:
        """Send JSON with the signature over the URL that carries the body's hash."""
        url = with_body_hash(url, body)
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Twilio-Signature": sign(self._auth_token, url),
        }
        return await self.request(method, url, headers, body, deadline)

    async def request_signed_form(self, method: str, url: str, params: dict[str, str], deadline: float) -> Reply:
        """Send a form (or, with GET, nothing but the URL), signed."""
        if method == "GET":
            if params:
                url += ("&" if "?" in url else "?") + urlencode(params)
            return await self.request(method, url, {"X-Twilio-Signature": sign(self._auth_token, url)}, None, deadline)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": sign(self._auth_token, url, params),
        }
        return await self.request(method, url, headers, urlencode(params), deadline)

    async def close(self) -> None:
        """Stop sending; what is queued is given up."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        self._more.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None
