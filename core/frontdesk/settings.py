"""bot.toml and the environment become typed settings; everything wrong is told at once, with its line."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from frontdesk.errors import Problem, SettingsError
from frontdesk.failures import FAILURES
from frontdesk.plugins import PluginProblem, describe, import_plugin, installed_plugins, locale_folders
from frontdesk.settings_errors import validated
from frontdesk.settings_names import join_sentence_ids, name_problems, sentence_problems
from frontdesk.settings_plugins import (
    PluginSettings,
    PluginTable,
    check_plugin,
    plugin_table,
    server_overrides,
    settings_model,
)
from frontdesk.settings_secrets import (
    Environment,
    Secrets,
    link_secret,
    take_misplaced,
)
from frontdesk.settings_tables import (
    DiscordTable,
    FetchTable,
    File,
    LogTable,
    ServerTable,
    SettingsTable,
    StaffTable,
    StoreTable,
    TwilioTable,
    WebTable,
    WordsTable,
)
from frontdesk.settings_values import sqlite_path
from frontdesk.settings_variables import from_environment
from frontdesk.staff import RoleNames
from frontdesk.toml_lines import Source, dotted, read_toml
from frontdesk.words import wrong_sentences

__all__ = [
    "DiscordTable",
    "LogTable",
    "PluginSettings",
    "PluginTable",
    "Problem",
    "Secrets",
    "ServerTable",
    "Settings",
    "SettingsTable",
    "StaffTable",
    "StoreTable",
    "TwilioTable",
    "WebTable",
    "WordsTable",
    "load_settings",
    "own_address",
    "plugin_settings",
    "settings_model",
]

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True)
class Settings:
    """Everything that bot.toml and the environment say, except what plugins must check themselves.

    Args:
        path: bot.toml itself.
        folder: where data is kept: beside a SQLite file, else `data` beside bot.toml.
        plugins: every plugin that is named, on or off.
        servers: what differs in single Discord servers, by their ids.
        source: where each value stands, for error messages.
    """

    path: Path
    folder: Path
    discord: DiscordTable
    web: WebTable
    store: StoreTable
    twilio: TwilioTable
    words: WordsTable
    log: LogTable
    fetch: FetchTable
    staff: StaffTable
    plugins: Mapping[str, PluginTable]
    servers: Mapping[int, ServerTable]
    secrets: Secrets
    source: Source = field(repr=False, compare=False)

    def enabled_plugins(self) -> list[str]:
        """The names of the plugins that are switched on, in alphabetical order."""
        return sorted(name for name, table in self.plugins.items() if table.enabled)

    def staff_roles(self, guild_id: int) -> RoleNames:
        """Which Discord roles make somebody staff in one server."""
        own = self.servers[guild_id].staff if guild_id in self.servers else None

        def marks(role: str) -> frozenset[str]:
            listed = getattr(own, role, None)
            return frozenset(map(str, getattr(self.staff, role) if listed is None else listed))

        return RoleNames(marks("viewer"), marks("agent"), marks("supervisor"))

    def names_staff_roles(self) -> bool:
        """Whether Discord roles of staff are named, for all servers or for a single one."""
        return any(self.staff_roles(guild_id) for guild_id in (0, *self.servers))

    def link_secret(self) -> bytes:
        """The secret that signs links; created in the data folder where none was given.

        Raises:
            StartError: it cannot be kept there.
        """
        return link_secret(self.secrets.link_secret, self.folder)


def load_settings(path: Path, environ: Mapping[str, str], *, known_plugins: Collection[str] | None = None) -> Settings:
    """Read bot.toml and the environment.

    Args:
        path: bot.toml.
        environ: the environment's variables.
        known_plugins: the names of the plugins that are installed; looked up by default.

    Raises:
        SettingsError: with all problems at once, those in the tables of plugins that are on included. Where only these
            are wrong, nothing is raised: `plugin_settings` tells of them, plugin by plugin.
    """
    if known_plugins is None:
        known_plugins = installed_plugins()
    values, source = read_toml(path)
    source = join_sentence_ids(values, source)
    environment = Environment(environ)
    secrets = environment.secrets()
    problems = take_misplaced(values, source)
    problems += name_problems(values, source, known_plugins)
    problems += sentence_problems(values, source, known_plugins)
    file, wrong = validated(File, values, source)
    problems += wrong.values()
    overrides = from_environment(environment)
    problems += environment.problems
    if file is None or problems:
        classes = _plugin_classes(values, known_plugins)
        problems += _in_plugin_tables(values, source, secrets, classes)
        problems += wrong_sentences(_sentences(values), source, locale_folders(classes))
        raise SettingsError(sorted(problems, key=lambda problem: problem.line or 0))
    plugins = {name: plugin_table(table) for name, table in values.get("plugins", {}).items()}
    return _settings(path, _in_force(file, overrides, path), plugins, secrets, source)


def _plugin_classes(values: Mapping[str, Any], known_plugins: Collection[str]) -> dict[str, type[Any]]:
    """The plugins that are on, as far as their tables can be read and they can be imported."""
    tables, entries = values.get("plugins"), installed_plugins()
    classes: dict[str, type[Any]] = {}
    for name, table in tables.items() if isinstance(tables, dict) else ():
        named = name in known_plugins and name in entries and isinstance(table, bool | dict)
        if named and plugin_table(table).enabled:
            with suppress(PluginProblem):  # told when the bot starts
                classes[name] = import_plugin(entries[name])
    return classes


def _in_plugin_tables(
    values: Mapping[str, Any], source: Source, secrets: Secrets, classes: Mapping[str, type[Any]]
) -> list[Problem]:
    """What is wrong inside the plugins' own tables."""
    servers = values.get("servers")
    problems: list[Problem] = []
    for name, plugin_class in classes.items():
        own = plugin_table(values["plugins"][name])
        overrides = server_overrides(servers if isinstance(servers, dict) else {}, name)
        try:
            model = settings_model(plugin_class)
            problems += check_plugin(source, secrets, name, own, overrides, model=model)[1]
        except FAILURES as error:  # a plugin's validators may raise anything
            path = ("plugins", name)
            problems.append(source.problem(path, f"{dotted(path)} cannot be checked: {describe(error)}."))
    return problems


def _sentences(values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Language -> sentence id -> sentence, as far as they can be read."""
    words = values.get("words")
    return {
        language: {name: text for name, text in sentences.items() if isinstance(text, str)}
        for language, sentences in (words.items() if isinstance(words, dict) else ())
        if language in WordsTable.model_fields and isinstance(sentences, dict)
    }


def _in_force(file: File, overrides: Mapping[str, Mapping[str, str]], path: Path) -> File:
    """The tables with the environment's values, absolute paths and defaults that depend on others."""
    url = overrides.get("store", {}).get("url") or file.store.url.get_secret_value()
    if (database := sqlite_path(url)) is not None:
        url = f"sqlite:///{path.absolute().parent / database}"
    tables = {
        "discord": file.discord.model_copy(update=dict(overrides.get("discord", {}))),
        "twilio": file.twilio.model_copy(update=dict(overrides.get("twilio", {}))),
        "store": file.store.model_copy(update={"url": SecretStr(url)}),
        "web": file.web.model_copy(update={"public_url": file.web.public_url or own_address(file.web)}),
    }
    return file.model_copy(update=tables)


def _settings(path: Path, file: File, plugins: Mapping[str, PluginTable], secrets: Secrets, source: Source) -> Settings:
    database = sqlite_path(file.store.url.get_secret_value())
    return Settings(
        path=path,
        folder=database.parent if database else path.absolute().parent / "data",
        discord=file.discord,
        web=file.web,
        store=file.store,
        twilio=file.twilio,
        words=file.words,
        log=file.log,
        fetch=file.fetch,
        staff=file.staff,
        plugins=plugins,
        servers={int(server): table for server, table in file.servers.items()},
        secrets=secrets,
        source=source,
    )


def own_address(web: WebTable) -> str:
    """Where a browser on this machine finds the bot, for trying things out."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{web.port}" if ":" in host else f"http://{host}:{web.port}"


def plugin_settings(settings: Settings, name: str, model: type[S]) -> PluginSettings[S]:
    """Check one plugin's table, and its overrides for single servers, with the plugin's model.

    A field of type SecretStr is read from FRONTDESK_<PLUGIN>_<FIELD>, never from bot.toml.

    Args:
        settings: the loaded settings.
        name: the plugin's name.
        model: what its table must look like; best derived from `SettingsTable`.

    Raises:
        SettingsError: with all problems of this plugin.
    """
    table = settings.plugins.get(name, PluginTable(enabled=False))
    overrides = {guild_id: server.plugins.get(name, {}) for guild_id, server in settings.servers.items()}
    checked, problems = check_plugin(settings.source, settings.secrets, name, table, overrides, model=model)
    if checked is None or problems:
        raise SettingsError(problems)
    return checked
