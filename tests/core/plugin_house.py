"""Plugins that exist in a test only, loaded as installed ones are."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest
from frontdesk import plugins
from frontdesk.plugins import GROUP, PluginRecord, Plugins, PluginState, Stage


class Plugin:
    """Base of the plugins in tests: made for the API of today."""

    api = "1.0"


class Observed:
    """Notes how each call of an implementation went."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, type[BaseException] | None]] = []

    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        assert seconds >= 0
        self.calls.append((hook, plugin, type(error) if error else None))


def install(monkeypatch: pytest.MonkeyPatch, installed: dict[str, Any]) -> None:
    """Let these be the installed plugins: a class, or the module that an entry point names."""
    home = ModuleType("plugins_of_a_test")
    entries = {}
    for name, plugin in installed.items():
        if not isinstance(plugin, str):
            setattr(home, name, plugin)
        value = plugin if isinstance(plugin, str) else f"{home.__name__}:{name}"
        entries[name] = EntryPoint(name, value, GROUP)
    monkeypatch.setitem(sys.modules, home.__name__, home)
    monkeypatch.setattr(plugins, "installed_plugins", lambda: entries)


def load(
    monkeypatch: pytest.MonkeyPatch, installed: dict[str, Any], *, observed: Observed | None = None, off: str = ""
) -> Plugins:
    """Import, create and register plugins, as the bot does when it starts."""
    install(monkeypatch, installed)
    loaded = Plugins((name for name in installed if name != off), observed or Observed())
    loaded.import_enabled()
    for record in loaded.healthy():
        loaded.create(record.name, lambda plugin_class: plugin_class())
    loaded.register()
    return loaded


def failed(loaded: Plugins) -> dict[str, tuple[Stage | None, str]]:
    """Where and why plugins failed, by name."""
    return {
        record.name: (record.stage, record.reason)
        for record in loaded.records.values()
        if record.state is PluginState.FAILED
    }


def running(loaded: Plugins) -> list[str]:
    """The names of the plugins that run, in order."""
    healthy: list[PluginRecord] = loaded.healthy()
    return [record.name for record in healthy]
