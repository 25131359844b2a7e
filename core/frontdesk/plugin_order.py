"""The order of plugins, from the names that they declare; the same on every machine."""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any


def order(
    plugins: Mapping[str, type[Any]], *, off: Collection[str] = (), failed: Collection[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """Put plugins in the order of their declared ``requires`` and ``after`` names; the same on every machine.

    Args:
        plugins: the classes by name.
        off: the names of others that are installed, but not on.
        failed: the names of others that are on, but cannot be used.

    Returns:
        The names in order, and for those that cannot be ordered the reason.
    """
    refused: dict[str, str] = {}
    usable = dict(plugins)
    while True:
        _refuse_incomplete(usable, refused, off, failed)
        graph = {
            name: sorted(n for n in (*getattr(p, "requires", ()), *getattr(p, "after", ())) if n in usable)
            for name, p in sorted(usable.items())
        }
        try:
            sorter = TopologicalSorter(graph)
            sorter.prepare()
        except CycleError as error:
            circle = sorted(set(error.args[1]))
            for name in circle:
                several = f"{_and(circle)} each want to come after another"
                refused[name] = several if len(circle) > 1 else "it wants to come after itself"
                del usable[name]
            continue
        ordered: list[str] = []
        ready: list[str] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()])
            name = ready.pop(0)
            ordered.append(name)
            sorter.done(name)
        return ordered, refused


def _refuse_incomplete(
    usable: dict[str, type[Any]], refused: dict[str, str], off: Collection[str], failed: Collection[str]
) -> None:
    """Move plugins that require others that are not there, and those that require these in turn."""
    while missing := {
        name: needed
        for name, plugin in sorted(usable.items())
        if (needed := [r for r in getattr(plugin, "requires", ()) if r not in usable])
    }:
        for name, needed in missing.items():
            reasons: dict[str, list[str]] = {}
            for other in needed:
                broken = other in failed or other in refused
                reasons.setdefault("failed" if broken else "not on" if other in off else "not installed", []).append(
                    other
                )
            refused[name] = f"it requires {_join([_lack(names, reason) for reason, names in reasons.items()])}"
            del usable[name]


def _lack(names: list[str], why: str) -> str:
    verb = "" if why == "failed" else "is " if len(names) == 1 else "are "
    return f"{_and(names)}, which {verb}{why}"


def _and(names: Iterable[str]) -> str:
    *others, last = [f"'{name}'" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def _join(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)}, and {last}" if others else last
