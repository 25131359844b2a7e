"""Reads a TOML file and remembers on which line each key, table and array item stands.

The standard parser tells no positions, so a second, light scan walks the text after it was found valid.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontdesk.errors import Problem, SettingsError

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'  # longest closing run: a string may end in quotes of its own
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_REASONS = {r"Illegal character '\n'": "the text in quotes is not closed before the line ends"}


@dataclass(frozen=True)
class Source:
    """Where settings were read: the file's name and the line of each key."""

    file: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)

    def line(self, path: KeyPath) -> int | None:
        """The line of a key; for an absent key that of the nearest table around it."""
        for end in range(len(path), 0, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return line
        return None

    def problem(self, path: KeyPath, message: str, *, expected: str = "", suggestion: str = "") -> Problem:
        """A problem at a key of this file."""
        return Problem(self.file, self.line(path), dotted(path), message, expected, suggestion)


def dotted(path: KeyPath) -> str:
    """A key as people write it: `servers.1.plugins`, `feeds[0].url`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
            text += f".{shown}" if text else shown
    return text


def read_toml(path: Path) -> tuple[dict[str, Any], Source]:
    """Read a TOML file.

    Args:
        path: the file; its name appears in problems as given.

    Returns:
        The values, and where each of them stands.

    Raises:
        SettingsError: absent, unreadable or not TOML (with line and column).
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            [Problem(str(path), None, "", "There is no such file (--config or FRONTDESK_CONFIG names it).")]
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError([Problem(str(path), line, "", "This line is not UTF-8 text.")]) from None
    except OSError as error:
        message = f"The file cannot be read ({error.strerror})."
        raise SettingsError([Problem(str(path), None, "", message)]) from None
    return parse_toml(text, str(path))


def parse_toml(text: str, file: str) -> tuple[dict[str, Any], Source]:
    """The same for text that is already here.

    Raises:
        SettingsError: it is not TOML (with line and column).
    """
    # tomllib does the same to line endings; a lone carriage return stays and is refused there.
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_problem(text, file, str(error))]) from None
    return values, Source(file, _Scan(text).lines())


def _syntax_problem(text: str, file: str, message: str) -> Problem:
    where = _WHERE.search(message)
    reason = _WHERE.sub("", message)
    reason = _REASONS.get(reason, f"{reason[:1].lower()}{reason[1:]}")
    if where is None or where[1] is None:
        line = text.rstrip().count("\n") + 1
        return Problem(file, line, "", f"This is not valid TOML at the end of the file: {reason}.")
    line, column = int(where[1]), int(where[2])
    written = text.split("\n")[line - 1].strip()
    shown = written if len(written) <= 60 else f"{written[:59]}…"
    what = f"in `{shown}`" if shown else "here"
    return Problem(file, line, "", f"This is not valid TOML at column {column} {what}: {reason}.")


class _Scan:
    """One walk over text that is known to be valid TOML."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._found: dict[KeyPath, int] = {}
        self._items: dict[KeyPath, int] = {}

    def lines(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._found

    def _header(self) -> KeyPath:
        array = self._text.startswith("[[", self._at)
        line = self._here()
        self._at += 2 if array else 1
        keys = self._key()
        self._at += 2 if array else 1
        path = self._descend(keys[:-1], line)
        path = (*path, keys[-1])
        self._found.setdefault(path, line)
        if array:
            index = self._items.get(path, -1) + 1
            self._items[path] = index
            path = (*path, index)
            self._found[path] = line
        elif path in self._items:
            path = (*path, self._items[path])
        return path

    def _descend(self, keys: list[str], line: int) -> KeyPath:
        """Walk into tables of a header; of an array of tables the last item is meant."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            self._found.setdefault(path, line)
            if path in self._items:
                path = (*path, self._items[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._here()
        path = table
        for key in self._key():
            path = (*path, key)
            self._found.setdefault(path, line)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            keys.append(self._simple_key())
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _simple_key(self) -> str:
        if self._text[self._at] in "\"'":
            written = self._take(_STRING)
            return str(tomllib.loads(f"key = {written}")["key"])
        return self._take(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        match self._text[self._at]:
            case '"' | "'":
                self._take(_STRING)
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                self._take(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        self._skip(_BLANK)
        while self._text[self._at] != "]":
            self._found[(*path, index)] = self._here()
            self._value((*path, index))
            index += 1
            self._skip_comma()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "}":
            self._pair(path)
            self._skip_comma()
        self._at += 1

    def _skip_comma(self) -> None:
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BLANK)

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise AssertionError(f"valid TOML, yet not understood at position {self._at}")
        self._at = found.end()
        return found[0]
