"""Checks REST requests and answers against Discord's own OpenAPI description.

The description misses some rules (text of 2,001 to 4,000 characters, empty messages, embeds together, rows,
repeated custom_ids, option names and order); those are in ``limits``, ``components`` and ``commands``.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from frontdesk_sandbox.discord.rest.app import Exchange

_MOST_ERRORS = 5
_JSON = "application/json"
_MAY_BE_EMPTY = frozenset({"integration_types", "contexts"})


class DiscordContract:
    """Discord's description, ready to check exchanges.

    Args:
        spec_path: the file ``openapi.json`` of discord-api-spec.

    Attributes:
        checked: the operations that have been checked, such as ``"GET /channels/{channel_id}"``.
    """

    def __init__(self, spec_path: Path) -> None:
        self._spec: dict[str, Any] = json.loads(spec_path.read_text(encoding="utf-8"))
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path, operations)
            for path, operations in sorted(self._spec["paths"].items(), key=lambda each: each[0].count("{"))
        ]
        self.checked: set[str] = set()

    def check(self, exchange: Exchange) -> list[str]:
        """What is wrong with one exchange; empty if nothing is.

        A request that was refused (4xx) is not checked, since it may be wrong on purpose; its answer is.
        Answers of 5xx are faults that were asked for, and are not described.
        """
        found = self._operation(exchange)
        if found is None:
            return [f"{exchange.method} {exchange.path}: not in the description"]
        name, operation = found
        self.checked.add(name)
        if exchange.status >= 500:
            return []
        return [f"{name} {problem}" for problem in self._problems(name, operation, exchange)]

    def _operation(self, exchange: Exchange) -> tuple[str, dict[str, Any]] | None:
        for pattern, path, operations in self._paths:
            method = exchange.method.lower()
            if method in operations and pattern.fullmatch(exchange.path):
                return f"{exchange.method} {path}", operations[method]
        return None

    def _problems(self, name: str, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        if exchange.status < 400 and exchange.request is not None:
            schema = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
            if schema is None:
                yield "request: no body is described"
            else:
                yield from self._errors(f"{name} request", schema, _as_discord_reads(exchange.request), "request")
        responses = operation["responses"]
        status = str(exchange.status)
        described = responses.get(status) or (responses.get("4XX") if exchange.status >= 400 else None)
        if described is None:
            yield f"answer: status {status} is not described, only {sorted(responses)}"
            return
        content = self._resolve(described).get("content")
        if content is None:
            if exchange.response is not None:
                yield f"answer {status}: a body is not described"
            return
        answer = exchange.response
        if exchange.status >= 400 and isinstance(answer, dict):
            # the description wants numbers for the codes of single fields, but Discord sends names
            answer = {key: value for key, value in answer.items() if key != "errors"}
        yield from self._errors(f"{name} {status}", content[_JSON]["schema"], answer, f"answer {status}")

    def _resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            target: Any = self._spec
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part

    def _errors(self, key: str, schema: dict[str, Any], instance: Any, what: str) -> Iterator[str]:
        validator = self._validators.get(key)
        if validator is None:
            whole = {**schema, "components": self._spec["components"]}
            validator = self._validators[key] = jsonschema_rs.validator_for(whole)
        for index, error in enumerate(validator.iter_errors(instance)):
            if index == _MOST_ERRORS:
                yield f"{what}: and more"
                return
            yield f"{what} at {'.'.join(map(str, error.instance_path)) or 'top'}: {error.message[:300]}"


def _as_discord_reads(request: Any) -> Any:
    """The request, without two things that Discord takes and its description does not.

    Clients number attachments with numbers, not text; and an empty list of integration types or contexts means
    none given.
    """
    if isinstance(request, list):
        return [_as_discord_reads(each) for each in request]
    if not isinstance(request, dict):
        return request
    read = {key: value for key, value in request.items() if value != [] or key not in _MAY_BE_EMPTY}
    if isinstance(request.get("attachments"), list):
        read["attachments"] = [{**each, "id": str(each["id"])} for each in request["attachments"]]
    for nested in ("data", "message"):
        if nested in request:
            read[nested] = _as_discord_reads(request[nested])
    return read
