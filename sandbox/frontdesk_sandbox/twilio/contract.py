"""Checks exchanges against Twilio's official OpenAPI descriptions: what was asked and what was answered."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

from .app import Exchange

UNDESCRIBED = (
    ("mcs.us1.twilio.com", r"."),
    ("media.us1.twilio.com", r"."),
    ("api.twilio.com", r"."),
    ("iam.twilio.com", r"^/v1/Accounts/AC\w+/Tokens/validate$"),
    ("flex-api.twilio.com", r"^/v1/Instances/"),
)
Schema = dict[str, Any]


@dataclass(frozen=True)
class _Path:
    pattern: re.Pattern[str]
    methods: dict[str, Any]
    source: "_Source"


class _Source:
    """One description file."""

    def __init__(self, document: Schema) -> None:
        self.schemas: Schema = _json_schema(document["components"]["schemas"])
        self._validators: dict[str, Any] = {}

    def problems(self, schema: Schema, value: Any, where: str) -> list[str]:
        """What is wrong with a value."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = schema | {"components": {"schemas": self.schemas}}
            self._validators[key] = jsonschema_rs.Draft7Validator(whole)
        found = self._validators[key].iter_errors(value)
        return [f"{where}{'/'.join(['', *map(str, e.instance_path)])}: {e.message}" for e in found]

    def resolve(self, schema: Schema) -> Schema:
        """Follow a reference."""
        reference = schema.get("$ref")
        return self.schemas[reference.rsplit("/", 1)[1]] if reference else schema


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


class TwilioContract:
    """The descriptions of a folder, ready to check exchanges.

    Args:
        spec_folder: holds ``twilio_conversations_v1.json`` and its like.
    """

    def __init__(self, spec_folder: Path) -> None:
        self._hosts: dict[str, list[_Path]] = {}
        for file in sorted(spec_folder.glob("twilio_*.json")):
            self._read(json.loads(file.read_text()))
        if not self._hosts:
            raise FileNotFoundError(f"no descriptions in {spec_folder}")

    def _read(self, document: Schema) -> None:
        source = _Source(document)
        for path, item in document["paths"].items():
            servers = item.get("servers") or document["servers"]
            host = servers[0]["url"].removeprefix("https://")
            pattern = re.compile("^" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$")
            methods = {m.upper(): _json_schema(o) for m, o in item.items() if m in {"get", "post", "delete"}}
            self._hosts.setdefault(host, []).append(_Path(pattern, methods, source))
        for paths in self._hosts.values():
            paths.sort(key=lambda p: p.pattern.pattern.count("[^/]+"))

    def check(self, exchange: Exchange) -> list[str]:
        """Everything in an exchange that the descriptions do not allow; refusals are checked for their form."""
        if any(host == exchange.host and re.search(path, exchange.path) for host, path in UNDESCRIBED):
            return []
        name = f"{exchange.method} {exchange.host}{exchange.path}"
        found = next((p for p in self._hosts.get(exchange.host, ()) if p.pattern.match(exchange.path)), None)
        if found is None or exchange.method not in found.methods:
            return [f"{name}: is not described"]
        operation = found.methods[exchange.method]
        problems = self._query(found.source, operation, exchange) + self._form(found.source, operation, exchange)
        if exchange.status >= 400:
            problems = _refusal(exchange)
        else:
            problems += self._answer(found.source, operation, exchange)
        return [f"{name}: {problem}" for problem in problems]

    def _query(self, source: _Source, operation: Schema, exchange: Exchange) -> list[str]:
        described = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
        required = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")]
        schema = {"type": "object", "properties": described, "required": required}
        return self._fields(source, schema, exchange.query, "query")

    def _form(self, source: _Source, operation: Schema, exchange: Exchange) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/x-www-form-urlencoded" in content:
            schema = source.resolve(content["application/x-www-form-urlencoded"]["schema"])
            return self._fields(source, schema, exchange.form, "form")
        if exchange.form:
            return ["form: none is described"]
        return []

    def _fields(self, source: _Source, schema: Schema, pairs: list[tuple[str, str]], where: str) -> list[str]:
        described = schema.get("properties", {})
        given: dict[str, Any] = {}
        problems = []
        for name, text in pairs:
            if name not in described:
                problems.append(f"{where}: {name} is not described")
                continue
            kind = source.resolve(described[name])
            if "array" in _types(kind):
                given.setdefault(name, []).append(_typed(source.resolve(kind.get("items", {})), text))
            else:
                given[name] = _typed(kind, text)
        return problems + source.problems(schema, given, where)

    def _answer(self, source: _Source, operation: Schema, exchange: Exchange) -> list[str]:
        described = operation["responses"].get(str(exchange.status))
        if described is None:
            return [f"answer: status {exchange.status} is not one of {', '.join(operation['responses'])}"]
        content = next(iter(described.get("content", {}).values()), None)
        if content is None:
            return [] if exchange.answer is None else ["answer: a body is not described"]
        schema = source.resolve(content["schema"])
        return source.problems(content["schema"], exchange.answer, "answer") + _unknown(
            source, schema, exchange.answer, "answer"
        )


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _typed(schema: Schema, text: str) -> Any:
    """A form's text as the described type; what cannot be read stays text and fails the check."""
    types = _types(schema)
    if "boolean" in types and text in {"true", "false", "True", "False"}:
        return text.lower() == "true"
    if "string" in types or "enum" in schema:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unknown(source: _Source, schema: Schema, value: Any, where: str) -> list[str]:
    """Fields that the description does not know; the schemas themselves allow anything."""
    properties = schema.get("properties")
    if not isinstance(value, dict) or not properties:
        return []
    problems = [f"{where}: {name} is not described" for name in value if name not in properties]
    for name, item in value.items():
        listed = source.resolve(properties.get(name, {}))
        if isinstance(item, list) and isinstance(listed.get("items"), dict):
            for entry in item:
                problems += _unknown(source, source.resolve(listed["items"]), entry, f"{where}/{name}")
    return problems


def _refusal(exchange: Exchange) -> list[str]:
    answer = exchange.answer if isinstance(exchange.answer, dict) else {}
    fits = isinstance(answer.get("code"), int) and isinstance(answer.get("message"), str)
    return [] if fits and answer.get("status") == exchange.status else ["a refusal needs code, message, status"]
