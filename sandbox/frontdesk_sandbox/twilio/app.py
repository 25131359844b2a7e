"""The HTTP side of the loopback Twilio: hosts as first path segments, sign-in, faults, observers."""

import asyncio
import base64
import binascii
import contextlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from frontdesk_sandbox.changes import Changes

from .account import AccountApi
from .agent import Agent
from .chat.media_rest import CONTENT_HOST, UPLOAD_HOST, MediaApi
from .chat.people_rest import PeopleApi
from .chat.render import Renderer as ChatRenderer
from .chat.rest import ConversationsApi
from .errors import ApiError, no_such_path, not_found, too_many_requests, unauthorized
from .faults import RestFault, Rule
from .flex.hooks_rest import InteractionHooksApi
from .flex.rest import FlexApi
from .http import Answer, Call, Fields, Table
from .studio.rest import StudioApi
from .taskrouter.render import Renderer as RouterRenderer
from .taskrouter.rest import TaskRouterApi
from .taskrouter.statistics import StatisticsApi
from .world import World

_BEFORE = {RestFault.ERROR_BEFORE, RestFault.TIMEOUT_BEFORE, RestFault.DROP_BEFORE, RestFault.RATE_LIMIT}


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, for observers such as the contract check.

    Attributes:
        document: the request's JSON body, if it had one.
        answer: the answer's JSON, if it had one.
    """

    method: str
    host: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    document: Any
    status: int
    answer: Any


class LoopbackTwilio:
    """A Twilio on a loopback port.

    ``https://conversations.twilio.com/v1/X`` is served at ``{base_url}/conversations.twilio.com/v1/X``.

    Args:
        base_url: where the web server that serves ``routes`` is reached.
        changes: told of every change; a fresh one when missing.
    """

    def __init__(self, base_url: str, changes: Changes | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.world = World(changes or Changes())
        self.faults = self.world.faults
        self.account_sid = self.world.account_sid
        self.auth_token = self.world.auth_token
        self.on_exchange: list[Callable[[Exchange], None]] = []
        self.calls = 0
        self._agents: dict[str, Agent] = {}
        self._tables = {table.host: table for table in self._fill()}
        self._open_hosts = {CONTENT_HOST}
        self.routes: list[BaseRoute] = [
            Route(f"/{host}/{{path:path}}", _Endpoint(self, table)) for host, table in self._tables.items()
        ]

    def _fill(self) -> list[Table]:
        world, account = self.world, self.account_sid
        chat_render = ChatRenderer(account, world.chat)
        conversations = Table("conversations.twilio.com")
        ConversationsApi(world.chat, chat_render, world.rate, world.clock).fill(conversations)
        PeopleApi(account, world.chat, chat_render, world.rate, world.clock).fill(conversations)
        uploads, contents = Table(UPLOAD_HOST), Table(CONTENT_HOST)
        MediaApi(account, self.base_url, world.chat).fill(uploads, contents)
        flex = Table("flex-api.twilio.com")
        FlexApi(account, world.chat.service.sid, world.flex, world.router, world.clock).fill(flex)
        InteractionHooksApi(account, world.flex.hooks).fill(flex)
        router = Table("taskrouter.twilio.com")
        TaskRouterApi(world.router, RouterRenderer(account, world.router), world.clock).fill(router)
        StatisticsApi(account, world.router, world.clock).fill(router)
        studio = Table("studio.twilio.com")
        StudioApi(account, world.studio).fill(studio)
        iam, api = Table("iam.twilio.com"), Table("api.twilio.com")
        world.iam.fill(iam)
        AccountApi(account, self.auth_token, world.started).fill(api)
        return [conversations, uploads, contents, flex, router, studio, iam, api]

    def agent(self, name: str = "amira") -> Agent:
        """Act as a worker; ``amira`` and ``tomas`` are prepared, other names are hired."""
        if name not in self._agents:
            try:
                worker = self.world.worker(name)
            except KeyError:
                worker = self.world.router.hire(name, {"full_name": name.title()})
            self._agents[name] = Agent(self.world, worker)
        return self._agents[name]

    @property
    def agents(self) -> dict[str, Agent]:
        """Everyone that ``agent`` was asked for, by name."""
        return dict(self._agents)

    async def close(self) -> None:
        """Stop executions and webhooks; the web server is stopped by its owner."""
        await self.world.close()

    async def answer(self, request: Request, table: Table, path: str) -> tuple[Answer | None, Rule | None]:
        """Handle one request; no answer means that the connection shall be cut or left hanging."""
        self.calls += 1
        call = await _read(request, table.host, path)
        rule = self.faults.for_call(call.method, f"{call.host}{call.path}")
        if rule is not None and rule.kind is RestFault.DELAY:
            await asyncio.sleep(rule.seconds)
        if rule is not None and rule.kind in _BEFORE:
            return self._faulty(rule), rule
        answer = self._handle(call, table)
        if rule is not None and rule.kind is not RestFault.DELAY:
            return self._faulty(rule), rule
        if self.on_exchange:
            self._observe(call, answer)
        return answer, rule

    def _handle(self, call: Call, table: Table) -> Answer:
        try:
            if call.host not in self._open_hosts:
                self._sign_in(call)
            found = table.find(call.method, call.path)
            if found is None:
                raise no_such_path(call.path)
            handler, call.args = found
            service = call.args.get("ChatServiceSid")
            if service is not None and service != self.world.chat.service.sid:
                raise not_found(f"Service {service}")
            return handler(call)
        except ApiError as problem:
            return Answer(problem.status, problem.body(), headers=problem.headers)

    def _sign_in(self, call: Call) -> None:
        scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized() from None
        expected = f"{self.account_sid}:{self.auth_token}"
        if scheme.lower() != "basic" or not hmac.compare_digest(given.encode(), expected.encode()):
            raise unauthorized()

    def _faulty(self, rule: Rule) -> Answer | None:
        if rule.kind is RestFault.RATE_LIMIT:
            problem = too_many_requests()
            retry = {"Retry-After": str(max(1, round(rule.seconds)))}
            return Answer(problem.status, problem.body(), headers=retry)
        if rule.kind in {RestFault.ERROR_BEFORE, RestFault.ERROR_AFTER}:
            problem = ApiError(rule.status, 20500, "An internal error occurred, on purpose")
            return Answer(problem.status, problem.body())
        return None

    def _observe(self, call: Call, answer: Answer) -> None:
        is_json = "json" in call.headers.get("content-type", "")
        exchange = Exchange(
            call.method,
            call.host,
            call.path,
            call.query.pairs,
            call.form.pairs,
            json.loads(call.body) if is_json and call.body else None,
            answer.status,
            answer.document,
        )
        for observer in self.on_exchange:
            observer(exchange)


class _Endpoint:
    """Serves one host, as a bare ASGI application: faults need the connection itself."""

    def __init__(self, twilio: LoopbackTwilio, table: Table) -> None:
        self._twilio = twilio
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = "/" + scope["path_params"]["path"]
        request = Request(scope, receive)
        answer, rule = await self._twilio.answer(request, self._table, path)
        if answer is None and rule is not None:
            hangs = rule.kind in {RestFault.TIMEOUT_BEFORE, RestFault.TIMEOUT_AFTER}
            await _cut(receive, rule.seconds if hangs else 0.0)
        elif answer is not None:
            headers = {"Content-Type": answer.content_type} | answer.headers
            await Response(answer.encode(), answer.status, headers)(scope, receive, send)


async def _cut(receive: Receive, seconds: float) -> None:
    """Leave the caller without an answer for a while, then cut the connection."""
    if seconds:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("this web server does not let the sandbox cut connections")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(request: Request, host: str, path: str) -> Call:
    body = await request.body()
    headers = dict(request.headers)
    form = Fields()
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        form = Fields.parse(body.decode("utf-8", "replace"))
    query = Fields.parse(request.scope["query_string"].decode("latin-1"))
    return Call(request.method, host, unquote(path), query, form, headers, body)
