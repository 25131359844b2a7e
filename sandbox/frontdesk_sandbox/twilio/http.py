"""Reading requests and giving answers, for the REST tables of every host."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from . import limits
from .errors import ApiError, invalid

T = TypeVar("T")


class Fields:
    """Form or query parameters, in the order in which they came."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self.pairs = list(pairs)
        self._last = dict(self.pairs)

    @classmethod
    def parse(cls, text: str) -> "Fields":
        """Read an urlencoded text."""
        return cls(parse_qsl(text, keep_blank_values=True))

    def __contains__(self, name: str) -> bool:
        return name in self._last

    def get(self, name: str) -> str | None:
        """The (last) value of a parameter."""
        return self._last.get(name)

    def need(self, name: str) -> str:
        """The value of a required parameter; 20001 when it is missing."""
        value = self._last.get(name)
        if value is None or value == "":
            raise invalid(f"Missing required parameter {name} in the post body")
        return value

    def every(self, name: str) -> list[str]:
        """All values of a repeated parameter."""
        return [value for key, value in self.pairs if key == name]

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes-or-no parameter."""
        value = self._last.get(name)
        return default if value is None else value.lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A whole number; 20001 when it is none."""
        value = self._last.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except ValueError:
            raise invalid(f"{name} must be a whole number") from None

    def document(self, name: str) -> Any:
        """A parameter that is JSON text; None when it is missing, 20001 when it is no JSON."""
        value = self._last.get(name)
        if value is None or value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise invalid(f"{name} must be valid JSON") from None


@dataclass(slots=True)
class Call:
    """One request to one host."""

    method: str
    host: str
    path: str
    query: Fields
    form: Fields
    headers: dict[str, str]
    body: bytes
    args: dict[str, str] = field(default_factory=dict)

    def document(self) -> Any:
        """The JSON body."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            raise ApiError(400, 20001, "The body must be valid JSON") from None

    @property
    def webhooks_enabled(self) -> bool:
        """Whether this change by REST shall fire webhooks."""
        return self.headers.get("x-twilio-webhook-enabled", "").lower() == "true"


@dataclass(slots=True)
class Answer:
    """A status with a JSON document, or with raw content."""

    status: int = 200
    document: dict[str, Any] | None = None
    content: bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The bytes to send."""
        if self.content is not None:
            return self.content
        return b"" if self.document is None else json.dumps(self.document).encode()


GONE = Answer(204)
Handler = Callable[[Call], Answer]


class Table:
    """What one host serves: methods and paths, each with its handler."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._by_length: dict[tuple[str, int], list[tuple[list[str], Handler]]] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Serve a path such as ``/v1/Users/{Sid}``; fixed words win over placeholders."""
        parts = path.strip("/").split("/")
        handlers = self._by_length.setdefault((method, len(parts)), [])
        handlers.append((parts, handler))
        handlers.sort(key=lambda entry: [part.startswith("{") for part in entry[0]])

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler of a path, with the values of its placeholders."""
        given = path.strip("/").split("/")
        for parts, handler in self._by_length.get((method, len(given)), ()):
            args = _match(parts, given)
            if args is not None:
                return handler, args
        return None


def _match(parts: list[str], given: list[str]) -> dict[str, str] | None:
    args: dict[str, str] = {}
    for part, value in zip(parts, given, strict=True):
        if part[0] == "{":
            args[part[1:-1]] = value
        elif part != value:
            return None
    return args


def page(
    call: Call,
    key: str,
    items: Sequence[T],
    render: Callable[[T], dict[str, Any]],
    largest: int = limits.PAGE_SIZE_MAX,
) -> Answer:
    """One page of a list, with Twilio's ``meta``."""
    size = call.query.number("PageSize", limits.PAGE_SIZE)
    if size < 1:
        raise invalid("PageSize must be at least 1")
    size = min(size, largest)
    number = max(call.query.number("Page", 0), 0)
    start = _start(call, number * size)
    chosen = items[start : start + size]

    def url(number: int, token: int | None) -> str:
        kept = [(k, v) for k, v in call.query.pairs if k not in {"Page", "PageSize", "PageToken"}]
        kept += [("PageSize", str(size)), ("Page", str(number))]
        if token is not None:
            kept.append(("PageToken", f"PT{token}"))
        return f"https://{call.host}{call.path}?{urlencode(kept)}"

    more = start + size < len(items)
    meta = {
        "page": number,
        "page_size": size,
        "first_page_url": url(0, None),
        "previous_page_url": url(number - 1, max(start - size, 0)) if number > 0 else None,
        "url": url(number, start if number else None),
        "next_page_url": url(number + 1, start + size) if more else None,
        "key": key,
    }
    return Answer(200, {"meta": meta, key: [render(item) for item in chosen]})


def _start(call: Call, default: int) -> int:
    token = call.query.get("PageToken")
    if token is None:
        return default
    if not token.startswith("PT") or not token[2:].isdigit():
        raise invalid("Invalid PageToken")
    return int(token[2:])
