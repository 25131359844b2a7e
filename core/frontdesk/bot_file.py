"""Edits bot.toml for the owner and leaves their comments, order and formatting as they are."""

import tomllib
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from frontdesk.errors import FrontdeskError
from frontdesk.toml_lines import parse_toml


class BotFileError(FrontdeskError):
    """bot.toml cannot be edited."""


def switch_plugin(path: Path, name: str, *, on: bool) -> bool:
    """Switch a plugin on or off in bot.toml.

    Args:
        path: bot.toml.
        name: the plugin's name.
        on: whether it shall run.

    Returns:
        Whether anything had to be changed.

    Raises:
        BotFileError: the file cannot be read, understood or written.
    """
    return _edit(path, lambda text: with_plugin(text, name, on=on))


def set_in_bot_file(path: Path, table: str, key: str, value: str) -> bool:
    """Set one value in bot.toml.

    Args:
        path: bot.toml.
        table: the table's name, such as ``"twilio"``; made if it is missing.
        key: the key in it.
        value: what to write.

    Returns:
        Whether anything had to be changed.

    Raises:
        BotFileError: the file cannot be read, understood or written.
    """

    def edit(text: str) -> str:
        document: Any = tomlkit.parse(text)
        if document.setdefault(table, tomlkit.table()).get(key) == value:
            return text
        document[table][key] = value
        return _dumped(document, text)

    return _edit(path, edit)


def _edit(path: Path, edit: Callable[[str], str]) -> bool:
    target = path.resolve()
    try:
        text = target.read_bytes().decode("utf-8")
        edited = edit(text)
        if edited == text:
            return False
        _replace(target, edited)
    except OSError as error:
        raise BotFileError(f"{path} cannot be edited ({error.strerror}).") from error
    except (ValueError, TOMLKitError) as error:
        raise BotFileError(f"{path} cannot be edited: {error}") from error
    return True


def with_plugin(text: str, name: str, *, on: bool) -> str:
    """The text of bot.toml with a plugin on or off; the same text where it is so already.

    Raises:
        BotFileError: its form is beyond a safe edit.
        ValueError: it is not TOML.
    """
    values = tomllib.loads(text)
    plugins = values.setdefault("plugins", {})
    if not isinstance(plugins, dict):
        raise BotFileError("plugins is not a table.")
    is_on = _is_on(plugins.get(name, False))
    if is_on == on:
        return text
    table = plugins.get(name)
    plugins[name] = {**table, "enabled": on} if isinstance(table, dict) else on
    for edited in (_with_new_line(text, name, on=on), _with_tomlkit(text, name, on=on)):
        if _means(edited, values):
            return edited
    raise BotFileError(f"its form cannot be edited safely; write {name} = {str(on).lower()} under [plugins]")


def _is_on(table: Any) -> bool:
    return bool(table.get("enabled", True)) if isinstance(table, dict) else bool(table)


def _means(text: str, values: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == values
    except tomllib.TOMLDecodeError:
        return False


def _with_new_line(text: str, name: str, *, on: bool) -> str:
    """A line after the last plugin that is switched by true or false.

    tomlkit would put it before the next table, behind comments that belong to that table.
    """
    values, source = parse_toml(text, "")
    plugins = values.get("plugins", {})
    lines = [source.line(("plugins", other)) or 0 for other in plugins if isinstance(plugins[other], bool)]
    if not lines:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    written = text.split(end)
    written.insert(max(lines), f"{name} = {str(on).lower()}")
    return end.join(written)


def _with_tomlkit(text: str, name: str, *, on: bool) -> str:
    document: Any = tomlkit.parse(text)
    if "plugins" not in document:
        document["plugins"] = tomlkit.table()
    plugins = document["plugins"]
    if isinstance(plugins.get(name), MutableMapping):
        plugins[name]["enabled"] = on
    else:
        plugins[name] = on
    return _dumped(document, text)


def _dumped(document: Any, text: str) -> str:
    edited = tomlkit.dumps(document)
    return edited.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else edited


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then swap: whoever reads it sees the old or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(text.encode())
    draft.chmod(path.stat().st_mode & 0o777)
    draft.replace(path)
