"""The ASGI endpoint of the REST API: token, faults, rate limits, then the endpoint's function."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from frontdesk_sandbox.discord.errors import ApiError
from frontdesk_sandbox.discord.faults import Fault, Faults
from frontdesk_sandbox.discord.model import File, User
from frontdesk_sandbox.discord.ratelimits import Verdict
from frontdesk_sandbox.discord.rest import (
    applications,
    channels,
    guilds,
    interactions,
    messages,
    reactions,
    threads,
    users,
)
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint, Table
from frontdesk_sandbox.discord.transport import cut

_log = logging.getLogger(__name__)

_SUBJECTS = (applications, users, channels, messages, reactions, threads, guilds, interactions)
_PREFIX = re.compile(r"^.*?/api/v\d+(?=/)")
_FILE_FIELD = re.compile(r"files\[(\d+)\]")
_BODY_LIMIT = 30 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to REST and its answer, for those who check them.

    Attributes:
        path: below ``/api/v10``.
        request: the JSON body, of a multipart request its ``payload_json``; None without.
        response: the JSON answer; None without.
    """

    method: str
    path: str
    query: dict[str, str]
    request: Any
    status: int
    response: Any


class Rest:
    """The REST API as one ASGI application.

    Args:
        api: what endpoints work on.
        faults: looked at for every request.
        authorization: the only value of the Authorization header that is let in as the bot.
        bearer: tells whose a token of OAuth2 is; it opens the person's own account only.

    Attributes:
        on_exchange: is told of every request and answer; None by default.
    """

    def __init__(
        self, api: Api, faults: Faults, authorization: str, bearer: Callable[[str], User | None] = lambda _token: None
    ) -> None:
        self.on_exchange: Callable[[Exchange], None] | None = None
        self._api = api
        self._faults = faults
        self._authorization = authorization
        self._bearer = bearer
        self._table = Table(endpoint for subject in _SUBJECTS for endpoint in subject.ENDPOINTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        path = _PREFIX.sub("", raw_path.split(b"?")[0].decode("latin-1"), count=1)
        fault = self._faults.strike(request.method, path)
        call = Call(request.method, path, {}, dict(parse_qsl(scope["query_string"].decode())))
        try:
            if fault is not None and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault is not None and fault.drop == "before":
                await cut(receive)
                return
            await _read_body(request, call)
        except ClientDisconnect:
            return
        except ApiError as error:
            await _send(send, error.status, error.body, {})
            return
        status, answer, headers = self._answer(request, call, fault)
        if fault is not None and fault.drop == "after":
            await cut(receive)
            return
        await _send(send, status, answer, headers)
        if self.on_exchange is not None:
            self.on_exchange(Exchange(call.method, path, call.query, call.body, status, answer))

    def _answer(self, request: Request, call: Call, fault: Fault | None) -> tuple[int, Any, dict[str, str]]:
        if fault is not None and fault.status is not None:
            return _faulty(fault)
        headers: dict[str, str] = {}
        try:
            endpoint, call.ids = self._table.find(call.method, call.path)
            call.user = self._check_token(request, endpoint)
            verdict = self._api.limits.take(call.method, endpoint.template, _major(call))
            headers = verdict.headers
            if verdict.retry_after is not None:
                return _limited(verdict)
            answer = endpoint.answer(self._api, call)
        except ApiError as error:
            if error.status == 429:
                wait = str(int(error.body["retry_after"]) + 1)
                headers = {**headers, "Retry-After": wait, "X-RateLimit-Scope": "shared"}
            return error.status, error.body, headers
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # a body of a shape that Discord would refuse field by field; or a mistake of ours, so it is told
            _log.warning("%s %s could not be read", call.method, call.path, exc_info=error)
            return 400, {"message": f"Invalid Form Body ({type(error).__name__}: {error})", "code": 50035}, headers
        return (204, None, headers) if answer is None else (endpoint.status, answer, headers)

    def _check_token(self, request: Request, endpoint: Endpoint) -> User | None:
        """Who asks: None for the bot, and where nobody is asked for a token."""
        if endpoint.template.startswith(("/interactions/", "/webhooks/")):
            return None
        given = request.headers.get("authorization", "")
        if given == self._authorization:
            return None
        user = self._bearer(given.removeprefix("Bearer ")) if given.startswith("Bearer ") else None
        if user is None or (endpoint.method, endpoint.template) != ("GET", "/users/@me"):
            raise ApiError(401, 0, "401: Unauthorized")
        return user


def _major(call: Call) -> str:
    for name in ("channel", "guild", "token"):
        if name in call.ids:
            return call.ids[name]
    return ""


def _faulty(fault: Fault) -> tuple[int, Any, dict[str, str]]:
    status = fault.status or 500
    if status != 429:
        return status, {"message": f"{status}: this fault was asked for", "code": 0}, {}
    return _limited(Verdict({"X-RateLimit-Scope": "user"}, fault.retry_after or 1.0, fault.everywhere))


def _limited(verdict: Verdict) -> tuple[int, Any, dict[str, str]]:
    wait = verdict.retry_after or 0.0
    body = {
        "message": "You are being rate limited.", "retry_after": round(wait, 3), "global": verdict.everywhere,
        "code": 0,
    }  # fmt: skip
    headers = {"Retry-After": f"{wait:.3f}", **verdict.headers}
    if verdict.everywhere:
        headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    return 429, body, headers


async def _read_body(request: Request, call: Call) -> None:
    """Read JSON, or a multipart form with ``payload_json`` and files."""
    if int(request.headers.get("content-length") or 0) > _BODY_LIMIT:
        raise ApiError(413, 40005, "Request entity too large")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        await _read_form(request, call)
        return
    raw = await request.body()
    if not raw:
        return
    try:
        call.body = json.loads(raw)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def _read_form(request: Request, call: Call) -> None:
    try:
        async with request.form(max_part_size=_BODY_LIMIT) as form:
            for name, value in form.multi_items():
                if isinstance(value, str):
                    if name == "payload_json":
                        call.body = json.loads(value)
                    continue
                if match := _FILE_FIELD.fullmatch(name):
                    media_type = value.content_type or "application/octet-stream"
                    file = File(value.filename or "file", await value.read(), media_type)
                    call.files[int(match[1])] = file
    except (MultiPartException, ValueError):
        raise ApiError(400, 50109, "The request body contains an invalid form.") from None


async def _send(send: Send, status: int, answer: Any, headers: dict[str, str]) -> None:
    body = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if body:
        raw.append((b"content-type", b"application/json"))
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
