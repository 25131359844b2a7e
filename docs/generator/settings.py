"""The settings reference, from the models that check bot.toml."""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, get_args, get_origin

from frontdesk import docstrings
from frontdesk.settings_models import secret_fields
from frontdesk.settings_tables import File
from pydantic import BaseModel, SecretStr

SHIPPED = ("announcements", "bug_report", "cases", "feature_request", "helpdesk", "knowledge")

_HEAD = """\
<!-- Written by make docs from the settings models of the core and the plugins; change it there. -->

# Settings

Every key of `bot.toml` with its default. Where it is looked for: `--config`, else the variable `FRONTDESK_CONFIG`, else
`bot.toml` in the current folder. A wrong key, type or value is told with its line, all at once, and with the nearest
valid name; see also `frontdesk check`. Secrets stand in the environment: [setup](../owners/setup.md#secrets).

A plugin is switched on by `name = true` under `[plugins]`, or by a table `[plugins.name]`; a table may say
`enabled = false`. Any key of a plugin can differ in one Discord server, below `[servers.<server id>.plugins.name]`,
unless it is said to hold for the whole bot; `[servers.<server id>]` may have a `language` of its own, and staff roles:
`[servers.<server id>.staff]`.
"""


def core_tables() -> dict[str, type[BaseModel]]:
    """The core's tables with settings of their own, by name."""
    found = {name: info.annotation for name, info in File.model_fields.items()}
    return {name: model for name, model in found.items() if isinstance(model, type) and issubclass(model, BaseModel)}


def plugin_tables() -> dict[str, type[BaseModel]]:
    """The shipped plugins' tables by the plugin's name."""
    entries = {entry.name: entry for entry in entry_points(group="frontdesk.plugins")}
    return {name: entries[name].load().Settings for name in SHIPPED}


def settings_page() -> str:
    """Write the page."""
    parts = [_HEAD]
    parts += [_table(f"[{name}]", model) for name, model in core_tables().items()]
    for name, model in plugin_tables().items():
        parts.append(_table(f"[plugins.{name}]", model))
        parts += [_table(title, inner) for title, inner in _inner_tables(f"plugins.{name}", model)]
    return "\n".join(parts)


def _inner_tables(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The tables inside a plugin's table, with their titles: a table of its own, or one for each item of a list."""
    for key, info in model.model_fields.items():
        annotation, in_list = info.annotation, False
        for option in get_args(annotation):
            if isinstance(option, type) and issubclass(option, BaseModel):
                annotation, in_list = option, get_origin(info.annotation) is tuple
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            where = f"{path}.{key}"
            yield (f"[[{where}]]" if in_list else f"[{where}]"), annotation
            if not in_list:
                yield from _inner_tables(where, annotation)


def _table(title: str, model: type[BaseModel]) -> str:
    doc = docstrings.read(model.__doc__)
    schema = model.model_json_schema()
    secret = set(secret_fields(model)) if title.startswith("[plugins.") else set()
    rows = [
        f"| `{key}` | {_cell(_kind(value))} | {_cell(_default(model, key))} | {_cell(meaning)} |"
        for key, value in schema["properties"].items()
        if key not in secret and (meaning := _meaning(title, key, doc, model))
    ]
    text = doc.text.removeprefix(f"{title}: ")
    heading = f"## {title}\n\n{text[:1].upper()}{text[1:]}\n"
    return "\n".join([heading, "| key | value | default | |", "| --- | --- | --- | --- |", *rows, ""])


def _meaning(title: str, key: str, doc: docstrings.Docstring, model: type[BaseModel]) -> str:
    if key not in doc.arguments:
        raise LookupError(f"{title} {key} is not described: name it under Args in its model's docstring")
    meaning = doc.arguments[key]
    return f"{meaning} *For the whole bot.*" if key in getattr(model, "whole_bot", ()) else meaning


_KINDS = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "object": "table",
    "null": "",
}


def _kind(value: Mapping[str, Any]) -> str:
    """What may be written, in words."""
    if "enum" in value:
        return _either(f"`{json.dumps(option)}`" for option in value["enum"])
    if "anyOf" in value:
        return _either(_kind(option) for option in value["anyOf"])
    if "$ref" in value:
        return "table"
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}{_limits(value)}"
    return _KINDS[value["type"]] + _limits(value)


def _limits(value: Mapping[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if "maxItems" in value:
        return f", at most {value['maxItems']}"
    if "maxLength" in value:
        return f", at most {value['maxLength']} characters"
    return ""


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(kind for kind in kinds if kind))


def _default(model: type[BaseModel], key: str) -> str:
    if model.model_fields[key].is_required():
        return "must be given"
    default = model.model_fields[key].get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or default in ("", {}) or isinstance(default, BaseModel):
        return ""
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
