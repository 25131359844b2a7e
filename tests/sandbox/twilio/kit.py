"""The real twilio library pointed at the loopback, and a small bot that receives webhooks."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.twilio import LoopbackTwilio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]  # twilio ships no types
from twilio.http.response import (  # type: ignore[import-untyped]  # twilio ships no types
    Response as TwilioResponse,
)
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types


class RewritingHttpClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """The library's client, with the real host moved into the path of the loopback address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> TwilioResponse:
        parts = urlsplit(url)
        if parts.scheme == "https":
            url = f"{self._base_url}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        kwargs["timeout"] = 5.0
        account, token = kwargs.pop("auth")  # given as a header: aiohttp is giving up its own way
        kwargs["headers"] = {**kwargs["headers"], "Authorization": _basic(account, token)}
        return await super().request(method, url, *args, **kwargs)


@dataclass
class Hook:
    """A webhook as it arrived."""

    path: str
    params: dict[str, str]
    json: Any
    signed: bool

    @property
    def event(self) -> str:
        return self.params.get("EventType", "")


@dataclass
class Bot:
    """Receives webhooks, checks their signatures, answers what the test says."""

    url: str
    auth_token: str
    changes: Changes = field(default_factory=Changes)
    hooks: list[Hook] = field(default_factory=list)
    answer: Callable[[Hook], Any] = lambda _hook: {}
    status: int = 200
    delay: float = 0.0

    async def receive(self, request: Request) -> Response:
        body = (await request.body()).decode()
        validator = RequestValidator(self.auth_token)
        signature = request.headers["x-twilio-signature"]
        url = f"{self.url}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
        if "json" in request.headers.get("content-type", ""):
            params, document = {}, await request.json()
            signed = validator.validate(url, body, signature)
        elif request.method == "GET":
            params, document = dict(request.query_params), None
            signed = validator.validate(url, {}, signature)
        else:
            params, document = dict(parse_qsl(body, keep_blank_values=True)), None
            signed = validator.validate(url, params, signature)
        hook = Hook(request.url.path, {k: str(v) for k, v in params.items()}, document, signed)
        self.hooks.append(hook)
        self.changes.publish({"type": "hook"})
        if self.delay:
            await asyncio.sleep(self.delay)
        return JSONResponse(self.answer(hook), self.status)

    def events(self, path: str = "") -> list[str]:
        return [hook.event for hook in self.hooks if hook.path.startswith(path)]

    async def heard(self, event: str, count: int = 1) -> Hook:
        """Wait for the n-th webhook of an event."""

        def look() -> list[Hook]:
            found = [hook for hook in self.hooks if hook.event == event]
            return found if len(found) >= count else []

        found = await self.changes.until(look, deadline=5, what=f"webhook {event} x{count}: {self.events()}")
        return found[count - 1]


def basic(twilio: LoopbackTwilio) -> dict[str, str]:
    """The sign-in header."""
    return {"Authorization": _basic(twilio.account_sid, twilio.auth_token)}


def _basic(account: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
