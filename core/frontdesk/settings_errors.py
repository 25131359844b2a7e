"""Turns pydantic's findings into problems an owner understands: place, plain sentence, nearest valid key."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from frontdesk import docstrings
from frontdesk.errors import Problem
from frontdesk.failures import FAILURES
from frontdesk.nearest import nearest
from frontdesk.settings_models import fields_at, is_model, is_secret, members, valid_keys
from frontdesk.toml_lines import KeyPath, Source, dotted

S = TypeVar("S", bound=BaseModel)

_LIST_LENGTH = 12
_END_OF_SENTENCE = re.compile(r"\.(?:\s|$)")


def one_of(names: Iterable[str]) -> str:
    """`one of a, b, c` for an error message; long lists are cut."""
    listed = list(names)
    if len(listed) > _LIST_LENGTH:
        listed = [*listed[:_LIST_LENGTH], "…"]
    if len(listed) == 1:
        return listed[0]
    return f"one of {', '.join(listed)}" if listed else "nothing here"


def validated(
    model: type[S], values: Mapping[str, Any], source: Source, prefix: KeyPath = ()
) -> tuple[S | None, Mapping[KeyPath, Problem]]:
    """The model of these values, or None and what is wrong with them.

    Strict JSON is what TOML means: "8080" is no number, yet text may become a path, a date or an enum.
    """
    try:
        return model.model_validate_json(json.dumps(values, default=str), strict=True), {}
    except ValidationError as error:
        return None, problems_from(error, model, values, source, prefix)


def problems_from(
    error: ValidationError,
    model: type[BaseModel],
    values: Mapping[str, Any],
    source: Source,
    prefix: KeyPath = (),
) -> dict[KeyPath, Problem]:
    """Every problem of one validation: one for each key, by its path inside the values.

    Args:
        error: what pydantic found.
        model: the model that the values were checked with.
        values: the values as written.
        source: where they were written.
        prefix: the path of `values` in that file.
    """
    found: dict[KeyPath, Problem] = {}
    for details in error.errors(include_url=False):
        path = _path(details, values)
        problem = _problem(details, path, model, source, prefix)
        earlier = found.get(path)
        found[path] = problem if earlier is None else _either(earlier, problem)
    return {path: problem for path, problem in found.items() if not _explained(path, found)}


def _explained(path: KeyPath, found: Iterable[KeyPath]) -> bool:
    """Is there a finding deeper inside? A union of a value and a table has one for each then."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in found)


def _either(one: Problem, other: Problem) -> Problem:
    """A union gives a finding for each of its members: together they say what would have fitted."""
    expected = [text for text in dict.fromkeys((one.expected, other.expected)) if text]
    return Problem(one.file, one.line, one.key, one.message, " or ".join(expected), one.suggestion)


def _path(details: ErrorDetails, values: Mapping[str, Any]) -> KeyPath:
    """The key that a finding is about; pydantic mixes names of union members and validators in."""
    here: Any = values
    path: list[str | int] = []
    for index, part in enumerate(details["loc"]):
        if _holds(here, part):
            here = here[part]
        elif details["type"] != "missing" or index < len(details["loc"]) - 1:
            continue
        path.append(part)
    return tuple(path)


def _holds(values: Any, part: str | int) -> bool:
    if isinstance(values, Mapping):
        return part in values
    return isinstance(values, list) and isinstance(part, int) and part < len(values)


def _problem(details: ErrorDetails, path: KeyPath, model: type[BaseModel], source: Source, prefix: KeyPath) -> Problem:
    whole = (*prefix, *path)
    name = str(path[-1]) if path else ""
    kind = details["type"]
    if kind == "extra_forbidden":
        valid = list(valid_keys(model, path[:-1]))
        message = f"{dotted(whole)} is not a setting."
        return source.problem(whole, message, expected=one_of(valid), suggestion=nearest(name, valid))
    if kind == "missing":
        return source.problem(whole, f"{dotted(whole)} is missing.", expected=missing(model, path))
    if kind == "invalid_key":
        return source.problem(whole, f"{dotted(whole)} is not a valid key.")
    if kind in {"value_error", "assertion_error"}:
        return source.problem(whole, _sentence(whole, details))
    expected = _expected(details)
    if any(is_secret(info.annotation) for _, info in fields_at(model, path)):
        return source.problem(whole, f"{dotted(whole)} cannot be used.", expected=expected)
    message = f"{dotted(whole)} = {_shown(details['input'])} cannot be used."
    suggestion = ""
    if kind in {"literal_error", "enum"} and isinstance(details["input"], str):
        options = [option.strip("'") for option in _options(details)]
        suggestion = nearest(details["input"], options)
    return source.problem(whole, message, expected=expected, suggestion=suggestion)


def _sentence(path: KeyPath, details: ErrorDetails) -> str:
    cause = details.get("ctx", {}).get("error")
    text = str(cause) if cause is not None else details["msg"]
    text = text.rstrip(".")
    return f"{dotted(path)}: {text}." if path else f"{text}."


def _options(details: ErrorDetails) -> list[str]:
    listed = str(details.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
    return [option.strip() for option in listed.split(",") if option.strip()]


_TYPES: Mapping[str, str] = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "string": "text in quotes",
    "list": "a list in square brackets",
    "tuple": "a list in square brackets",
    "set": "a list in square brackets",
    "frozen_set": "a list in square brackets",
    "dict": "a table",
    "model": "a table",
    "mapping": "a table",
    "date": "a date such as 2030-01-31",
    "datetime": "a date and time such as 2030-01-31T12:00:00Z",
    "time_delta": 'a duration such as "PT10M", ten minutes',
    "time": "a time such as 12:00:00",
    "timezone": "a date and time with its offset, such as 2030-01-31T12:00:00Z",
    "path": "a path in quotes",
    "url": "an address such as https://example.com",
    "uuid": "a UUID in quotes",
    "none_required": "nothing",
}
_LIMITS: Mapping[str, str] = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "finite_number": "a finite number",
}


def _expected(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind in {"too_short", "too_long"} and isinstance(details["input"], str):  # a secret
        kind = f"string_{kind}"
    if kind in {"literal_error", "enum"}:
        return one_of(option.replace("'", '"') for option in _options(details))
    if kind in _LIMITS:
        return _LIMITS[kind].format_map(context)
    for start, text in _TYPES.items():
        if kind == start or kind.startswith(f"{start}_"):
            return text
    message = details["msg"].removeprefix("Input should be ").rstrip(".")
    return f"{message[:1].lower()}{message[1:]}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:59]}…"'
    if isinstance(value, Mapping):
        return "{…}"
    return "[…]" if isinstance(value, list) else str(value)


def whole_bot_problems(
    source: Source, model: type[BaseModel], own: Mapping[str, Any], path: KeyPath, default: KeyPath
) -> Iterator[Problem]:
    """Tell which keys of a server's own table cannot differ in one server.

    Args:
        source: the file.
        model: of the table.
        own: what is written for the server.
        path: where that is.
        default: where it would hold for the whole bot.
    """
    whole_bot: frozenset[str] = getattr(model, "whole_bot", frozenset())
    for key, value in own.items():
        at, right = (*path, key), (*default, key)
        if key in whole_bot:
            expected = f"{dotted(right)}, which holds for the whole bot"
            yield source.problem(at, f"{dotted(at)} cannot differ in one server.", expected=expected)
        elif isinstance(value, Mapping) and key in model.model_fields:
            inner = model.model_fields[key].annotation
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from whole_bot_problems(source, inner, value, at, right)


def missing(model: type[BaseModel], path: KeyPath, *, where: str = "") -> str:
    """What was expected of a key that is not there: what it holds, what it means, and that it must be set.

    Args:
        model: the model that the values were checked with.
        path: the key.
        where: what holds it, if it is not the settings file.
    """
    fields = list(fields_at(model, path))
    kinds = dict.fromkeys(kind for _, info in fields for kind in _kinds(info.annotation))
    expected = where or " or ".join(kinds)
    meaning = next((text for owner, info in fields if (text := _meaning(owner, str(path[-1]), info))), "")
    return "; ".join(filter(None, (": ".join(filter(None, (expected, meaning))), "it must be set")))


def _kinds(annotation: Any) -> Iterator[str]:
    """What a value may be, in the words that pydantic's finding would lead to if something unfitting stood there."""
    for member in members(annotation):
        if is_model(member):
            yield _TYPES["model"]
            continue
        try:
            TypeAdapter(member).validate_python(object())
        except ValidationError as error:
            yield from (_expected(details) for details in error.errors() if details["type"] != "none_required")
        except FAILURES:  # a type of a plugin's own may raise anything
            continue


def _meaning(owner: type[BaseModel], name: str, info: FieldInfo) -> str:
    """The first sentence of a field's description, or of what its model's docstring says of it."""
    described = info.description or docstrings.read(owner.__doc__).arguments.get(name, "")
    text = _END_OF_SENTENCE.split(described.strip())[0]
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"
