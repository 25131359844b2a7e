"""Reads docstrings: a text, then Args, Returns and Raises, each indented under its word."""

import inspect
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTIONS = ("Args", "Returns", "Raises")
_ENTRY = re.compile(r"(\w+): (.*)", re.DOTALL)


@dataclass(frozen=True)
class Docstring:
    """A docstring in its parts, as Markdown.

    Args:
        text: what it is for.
        arguments: name to meaning.
        returns: what is given back; empty if it does not say.
    """

    text: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""


def read(documented: str | None) -> Docstring:
    """Take a docstring apart."""
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in inspect.cleandoc(documented or "").splitlines():
        if line.rstrip(":") in _SECTIONS and line.endswith(":"):
            current = line.rstrip(":")
            sections[current] = []
        else:
            sections[current].append(line)
    return Docstring(
        _markdown("\n".join(sections[""]).strip()),
        dict(_entries(sections.get("Args", []))),
        _markdown(" ".join(line.strip() for line in sections.get("Returns", [])).strip()),
    )


def _entries(lines: list[str]) -> list[tuple[str, str]]:
    entries: list[str] = []
    for line in textwrap.dedent("\n".join(lines)).splitlines():
        if line.startswith(" ") and entries:
            entries[-1] += f" {line.strip()}"
        elif line.strip():
            entries.append(line)
    found = [match for entry in entries if (match := _ENTRY.fullmatch(entry))]
    return [(match[1], _markdown(match[2])) for match in found]


def _markdown(text: str) -> str:
    """``code`` as Markdown writes it."""
    return text.replace("``", "`")
