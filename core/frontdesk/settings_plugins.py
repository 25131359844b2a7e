"""The tables of plugins in bot.toml: each is checked by its plugin's own model, for all servers and for single ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr

from frontdesk.errors import Problem
from frontdesk.settings_errors import missing, validated, whole_bot_problems
from frontdesk.settings_models import secret_fields
from frontdesk.settings_secrets import Secrets, misplaced, plugin_variable, variable_or_file
from frontdesk.settings_tables import SettingsTable
from frontdesk.toml_lines import KeyPath, Source

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True)
class PluginTable:
    """What bot.toml says of one plugin: on or off, and its settings as written."""

    enabled: bool
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PluginSettings(Generic[S]):
    """One plugin's settings, checked by its own model."""

    default: S
    servers: Mapping[int, S] = field(default_factory=dict)

    def for_server(self, guild_id: int | None) -> S:
        """The settings that hold in one Discord server; None, a direct message, gives the default."""
        return self.default if guild_id is None else self.servers.get(guild_id, self.default)


def settings_model(plugin_class: type[Any] | None) -> type[BaseModel]:
    """Give the model of a plugin's table; without one of its own, nothing can be set."""
    return getattr(plugin_class, "Settings", None) or SettingsTable


def plugin_table(table: bool | dict[str, Any]) -> PluginTable:
    """Take apart what is written of a plugin: true, false or a table."""
    if isinstance(table, bool):
        return PluginTable(table)
    return PluginTable(table.get("enabled", True), {key: table[key] for key in table if key != "enabled"})


def server_overrides(servers: Mapping[str, Any], name: str) -> dict[int, Mapping[str, Any]]:
    """What is written of a plugin for single Discord servers, as far as it can be read."""
    found: dict[int, Mapping[str, Any]] = {}
    for guild_id, server in servers.items():
        tables = server.get("plugins") if isinstance(server, dict) else None
        own = tables.get(name) if isinstance(tables, dict) else None
        if isinstance(own, dict) and guild_id.isdecimal():
            found[int(guild_id)] = own
    return found


def check_plugin(
    source: Source,
    given: Secrets,
    name: str,
    table: PluginTable,
    overrides: Mapping[int, Mapping[str, Any]],
    *,
    model: type[S],
) -> tuple[PluginSettings[S] | None, list[Problem]]:
    """Check a plugin's table and its overrides with the plugin's model.

    Args:
        source: where they were written.
        given: what the environment says.
        name: the plugin's name.
        table: what holds for all servers.
        overrides: what differs in single ones, by their ids.
        model: the plugin's.

    Returns:
        The settings, None if the table cannot be used, and everything that is wrong.
    """
    path = ("plugins", name)
    secrets = _plugin_secrets(given, name, model)
    problems = [_misplaced(source, (*path, key), name) for key in table.values if key in secrets]
    written = {key: value for key, value in table.values.items() if key not in secrets}
    default, told = validated(model, written | _given(secrets), source, path)
    problems += _with_secrets(told, name, model, secrets, table.values)
    servers: dict[int, S] = {}
    for guild_id, own in overrides.items():
        server_path = ("servers", str(guild_id), "plugins", name)
        problems += [_misplaced(source, (*server_path, key), name) for key in own if key in secrets]
        plain = {key: value for key, value in own.items() if key not in secrets}
        problems += whole_bot_problems(source, model, plain, server_path, path)
        checked, wrong = validated(model, _merged(written, plain) | _given(secrets), source, server_path)
        # What a server inherits was told above already.
        problems += [problem for at, problem in wrong.items() if at not in told or _stands_in(plain, at)]
        if checked is not None:
            servers[guild_id] = checked
    return (None if default is None else PluginSettings(default, servers)), problems


def _misplaced(source: Source, path: KeyPath, plugin: str) -> Problem:
    return misplaced(source, path, plugin_variable(plugin, str(path[-1])))


def _with_secrets(
    told: Mapping[KeyPath, Problem],
    plugin: str,
    model: type[BaseModel],
    secrets: Mapping[str, SecretStr | None],
    written: Mapping[str, Any],
) -> Iterator[Problem]:
    """What is wrong in a table; a secret is looked for in the environment, and not in the file."""
    for at, problem in told.items():
        key = str(at[0]) if at else ""
        if key not in secrets:
            yield problem
        elif secrets[key] is not None:
            variable = plugin_variable(plugin, key)
            message = problem.message.replace(problem.key, variable)
            yield replace(problem, file="environment", line=None, key=variable, message=message)
        elif key not in written:  # else it was told already where it belongs
            where = variable_or_file(plugin_variable(plugin, key))
            yield replace(problem, expected=missing(model, (key,), where=where))


def _plugin_secrets(given: Secrets, plugin: str, model: type[BaseModel]) -> dict[str, SecretStr | None]:
    """The secret fields of a model with what the environment says of them."""
    variables = given.variables
    return {name: variables.get(plugin_variable(plugin, name)) for name in secret_fields(model)}


def _given(secrets: Mapping[str, SecretStr | None]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in secrets.items() if value is not None}


def _merged(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A server's own values over the default ones; tables are merged, lists replaced."""
    merged = dict(default)
    for key, value in own.items():
        inherited = merged.get(key)
        if isinstance(value, Mapping) and isinstance(inherited, Mapping):
            merged[key] = _merged(inherited, value)
        else:
            merged[key] = value
    return merged


def _stands_in(values: Any, path: KeyPath) -> bool:
    """Whether a key is written here itself; a list is never inherited in part."""
    for part in path:
        if not isinstance(values, Mapping):
            return True
        if part not in values:
            return False
        values = values[part]
    return True
