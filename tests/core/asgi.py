"""Calls an ASGI application as uvicorn would, without a socket; for tests of single routes."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp, Message

Headers = Mapping[str, str | bytes] | Sequence[tuple[str | bytes, str | bytes]]


@dataclass
class Answered:
    """What the application answered."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class AsgiClient:
    """One client at 203.0.113.7 (or where it is said to be) calling one application."""

    def __init__(self, app: ASGIApp, *, host: str = "10.0.0.5:8080", address: str = "203.0.113.7") -> None:
        self.app = app
        self.host = host
        self.address = address

    def get(self, url: str, *, headers: Headers = ()) -> Answered:
        return self.request("GET", url, headers=headers)

    def post(
        self, url: str, *, content: bytes | str = b"", data: Mapping[str, str] | None = None, headers: Headers = ()
    ) -> Answered:
        if data is not None:
            content = urlencode(data)
            headers = [*_pairs(headers), (b"content-type", b"application/x-www-form-urlencoded")]
        return self.request("POST", url, content=content, headers=headers)

    def request(self, method: str, url: str, *, content: bytes | str = b"", headers: Headers = ()) -> Answered:
        return asyncio.run(self.call(method, url, content=content, headers=headers))

    async def call(self, method: str, url: str, *, content: bytes | str = b"", headers: Headers = ()) -> Answered:
        body = content.encode() if isinstance(content, str) else content
        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", self.host.encode()), *_pairs(headers)],
            "client": (self.address, 50000),
            "server": ("127.0.0.1", 8080),
        }
        return await self._call(scope, body)

    async def _call(self, scope: dict[str, Any], body: bytes) -> Answered:
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Message] = []

        async def receive() -> Message:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        async with asyncio.timeout(10):
            await self.app(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def _pairs(headers: Headers) -> list[tuple[bytes, bytes]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(_bytes(name).lower(), _bytes(value)) for name, value in pairs]


def _bytes(value: str | bytes) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value
