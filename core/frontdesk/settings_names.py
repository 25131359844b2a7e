"""Names in bot.toml that no model can know: plugins, Discord servers, sentences."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from frontdesk.errors import Problem
from frontdesk.nearest import nearest
from frontdesk.settings_errors import one_of
from frontdesk.toml_lines import KeyPath, Source

_SERVER_ID = re.compile("[1-9][0-9]{0,18}")


def join_sentence_ids(values: dict[str, Any], source: Source) -> Source:
    """A sentence's id written without quotes (helpdesk.case-opened = "…") made tables: join it again."""
    words = values.get("words")
    if not isinstance(words, dict):
        return source
    lines = dict(source.lines)
    for language, sentences in words.items():
        if isinstance(sentences, dict):
            words[language] = {".".join(path): text for path, text in _leaves(sentences)}
            for path, _ in _leaves(sentences):
                lines["words", language, ".".join(path)] = lines["words", language, *path]
    return Source(source.file, lines)


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from (((key, *path), text) for path, text in _leaves(value))
        else:
            yield (key,), value


def name_problems(values: Mapping[str, Any], source: Source, known: Collection[str]) -> list[Problem]:
    """Names that are keys: plugins must be installed, servers are numbers."""
    problems = []
    for path in _plugin_paths(values):
        name = str(path[-1])
        if name not in known:
            message = f'There is no plugin "{name}".'
            expected = one_of(sorted(known)) if known else "an installed plugin (none is)"
            problems.append(source.problem(path, message, expected=expected, suggestion=nearest(name, known)))
    servers = values.get("servers")
    for server in servers if isinstance(servers, dict) else ():
        if not _SERVER_ID.fullmatch(server):
            message = f'"{server}" is not the id of a Discord server.'
            expected = "its number (in Discord: developer mode, right-click the server, Copy Server ID)"
            problems.append(source.problem(("servers", server), message, expected=expected))
    return problems


def sentence_problems(values: Mapping[str, Any], source: Source, known: Collection[str]) -> list[Problem]:
    """Ids of sentences begin with a plugin's name or "core"; the rest is checked once plugins are loaded."""
    words = values.get("words")
    domains = {"core", *known}
    problems = []
    for language, sentences in words.items() if isinstance(words, dict) else ():
        for name in sentences if isinstance(sentences, dict) else ():
            domain, _, sentence = name.partition(".")
            if domain not in domains or not sentence:
                message = f'"{name}" is not the id of a sentence.'
                close = nearest(domain, sorted(domains))
                problems.append(
                    source.problem(
                        ("words", language, name),
                        message,
                        expected=f"{one_of(sorted(domains))}, then a dot and the sentence",
                        suggestion=f"{close}.{sentence}" if close and sentence else "",
                    )
                )
    return problems


def _plugin_paths(values: Mapping[str, Any]) -> list[KeyPath]:
    """The paths of all keys that should be plugins' names."""
    paths: list[KeyPath] = []
    plugins = values.get("plugins")
    if isinstance(plugins, dict):
        paths += [("plugins", name) for name in plugins]
    servers = values.get("servers")
    for server, table in servers.items() if isinstance(servers, dict) else ():
        inside = table.get("plugins") if isinstance(table, dict) else None
        paths += [("servers", server, "plugins", name) for name in inside or () if isinstance(inside, dict)]
    return paths
