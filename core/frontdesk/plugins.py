"""Find, order and load plugins. One that fails is reported with its reason, is withdrawn, and harms no other."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import structlog

from frontdesk.failures import FAILURES
from frontdesk.plugin_order import order

if TYPE_CHECKING:
    import pluggy

    from frontdesk.hooks import HookObserver

GROUP = "frontdesk.plugins"
CORE_PREFIX = "core"
API_VERSION = (1, 0)
"""The version of the plugin API: the first number changes when plugins must, the second when something is added."""


class PluginState(Enum):
    """What became of a plugin."""

    OFF = "off"
    ON = "on"
    FAILED = "failed"


class Stage(Enum):
    """Where a plugin failed."""

    IMPORT = "import"
    API = "API version"
    REQUIRES = "requirements"
    SETTINGS = "settings"
    INTENTS = "intents"
    CREATE = "creation"
    HOOKS = "hooks"
    TABLES = "tables"
    COMMANDS = "commands"
    ROUTES = "routes"
    START = "start"


@dataclass(slots=True)
class PluginRecord:
    """What is known of one installed plugin.

    Args:
        name: its name in bot.toml.
        version: of its distribution.
        state: what became of it.
        reason: why it failed, in a sentence; empty otherwise.
        stage: where it failed.
        plugin_class: once imported.
        instance: once created.
    """

    name: str
    version: str
    state: PluginState
    reason: str = ""
    stage: Stage | None = None
    plugin_class: type[Any] | None = None
    instance: Any = None


class PluginProblem(Exception):
    """A plugin cannot be used; the message is for the owner."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage


def installed_plugins() -> dict[str, EntryPoint]:
    """List the installed plugins by name, from metadata alone: nothing is imported."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name)}


def unusable_names(names: Iterable[str]) -> dict[str, str]:
    """Say by which names no plugin can be meant, and why: Frontdesk itself has it, or several packages do."""
    brought: dict[str, set[str]] = {name: set() for name in names}
    for entry in entry_points(group=GROUP):
        if entry.name in brought:
            brought[entry.name].add(entry.dist.name if entry.dist else entry.value)
    unusable = {
        name: f"several packages bring a plugin named '{name}': {', '.join(sorted(packages))}; uninstall all but one"
        for name, packages in brought.items()
        if len(packages) > 1
    }
    if CORE_PREFIX in brought:
        unusable[CORE_PREFIX] = f"the name '{CORE_PREFIX}' belongs to Frontdesk itself; the plugin needs another"
    return unusable


def import_plugin(entry: EntryPoint) -> type[Any]:
    """Import a plugin's class and check which API it was made for.

    Raises:
        PluginProblem: if it cannot be imported, or was made for another API.
    """
    try:
        plugin_class = entry.load()
    except FAILURES as error:  # a script without a guard ends itself when it is imported
        raise PluginProblem(Stage.IMPORT, f"{entry.value} cannot be imported: {describe(error)}") from error
    if not isinstance(plugin_class, type):
        raise PluginProblem(Stage.IMPORT, f"{entry.value} is not a class")
    _check_api(entry, plugin_class)
    for attribute in ("requires", "after"):
        names = getattr(plugin_class, attribute, ())
        if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
            raise PluginProblem(Stage.REQUIRES, f"{attribute} of {entry.value} must be a tuple of plugin names")
    return plugin_class


def _check_api(entry: EntryPoint, plugin_class: type[Any]) -> None:
    wanted = getattr(plugin_class, "api", None)
    try:
        major, minor = (int(part) for part in str(wanted).split("."))
    except ValueError:
        raise PluginProblem(
            Stage.API,
            f'{entry.value} does not say which API it was made for; it needs a line: api = "{_dotted(API_VERSION)}"',
        ) from None
    if major != API_VERSION[0] or minor > API_VERSION[1]:
        older = (major, minor) < API_VERSION
        mend = "a newer version of the plugin" if older else "a newer Frontdesk"
        raise PluginProblem(
            Stage.API,
            f"it was made for API {major}.{minor}, this Frontdesk has {_dotted(API_VERSION)}; install {mend}",
        )


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def package_folder(plugin_class: type[Any]) -> Path:
    """Give the folder of the package that a plugin's class comes from."""
    return Path(inspect.getfile(plugin_class)).parent


def locale_folders(plugin_classes: Mapping[str, type[Any]]) -> dict[str, Path]:
    """Give the folders with the sentences of plugins, by name, as far as they have one."""
    folders: dict[str, Path] = {}
    for name, plugin_class in plugin_classes.items():
        with suppress(TypeError, OSError):  # a class that comes from no file
            folders[name] = package_folder(plugin_class) / "locales"
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


def describe(error: BaseException) -> str:
    """Name an exception in one line: its type and its message."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Plugins:
    """The installed plugins and what became of each; calls go through `hooks`.

    Args:
        enabled: the names that are on in bot.toml.
        observer: hears how each hook call went.
    """

    def __init__(self, enabled: Iterable[str], observer: "HookObserver") -> None:
        from frontdesk.hooks import Hooks

        self.installed = installed_plugins()
        self._enabled = set(enabled)
        self.records = {
            name: PluginRecord(name, entry.dist.version if entry.dist else "?", PluginState.OFF)
            for name, entry in self.installed.items()
        }
        self.order: list[str] = []
        self._manager = _new_manager()
        self.hooks: Hooks = Hooks(self._manager, observer)
        self._when_withdrawn: list[Callable[[str], None]] = []
        self._log = structlog.get_logger("frontdesk.plugins")

    def when_withdrawn(self, then: Callable[[str], None]) -> None:
        """Have somebody clean up (commands, routes, tasks) when a plugin is withdrawn."""
        self._when_withdrawn.append(then)

    def healthy(self) -> list[PluginRecord]:
        """List the plugins that run, in order."""
        return [self.records[name] for name in self.order if self.records[name].state is PluginState.ON]

    def import_enabled(self) -> None:
        """Import the classes of the plugins that are on, and put them in order; failures are recorded."""
        classes: dict[str, type[Any]] = {}
        enabled = sorted(self._enabled & self.installed.keys())
        unusable = unusable_names(enabled)
        for name in enabled:
            record = self.records[name]
            record.state = PluginState.ON
            if name in unusable:
                self.withdraw(name, Stage.IMPORT, unusable[name])
                continue
            try:
                record.plugin_class = classes[name] = import_plugin(self.installed[name])
            except PluginProblem as problem:
                self.withdraw(name, problem.stage, str(problem), problem.__cause__)
        off, broken = self.installed.keys() - self._enabled, self._enabled - classes.keys()
        self.order, refused = order(classes, off=off, failed=broken & self.installed.keys())
        for name, reason in refused.items():
            self.withdraw(name, Stage.REQUIRES, reason)
        self._refuse_foreign_tables()
        for record in self.healthy():
            try:
                for hooks in getattr(record.plugin_class, "hooks", ()):
                    add_hooks(self._manager, hooks)
            except FAILURES as error:  # such as a name that another plugin's hook has
                self.withdraw(record.name, Stage.HOOKS, f"its own hooks cannot be used: {describe(error)}", error)

    def _refuse_foreign_tables(self) -> None:
        """Withdraw plugins whose tables are not plainly their own: two may not share a name or a history."""
        taken: dict[str, str] = {}
        for record in self.healthy():
            tables = getattr(record.plugin_class, "tables", None)
            if tables is None:
                continue
            if not _are_tables(tables):
                reason = f"tables of {self.installed[record.name].value} must be a frontdesk.Tables"
                self.withdraw(record.name, Stage.TABLES, reason)
            elif tables.prefix != record.name or record.name == CORE_PREFIX:
                wanted = f"they must begin with its own name, '{record.name}_'"
                reason = f"its tables begin with '{tables.prefix}_'; {wanted}"
                self.withdraw(record.name, Stage.TABLES, reason)
            elif clash := sorted(taken.keys() & tables.metadata.tables.keys()):
                reason = f"its table '{clash[0]}' is already there, from the plugin '{taken[clash[0]]}'"
                self.withdraw(record.name, Stage.TABLES, reason)
            else:
                taken |= dict.fromkeys(tables.metadata.tables, record.name)

    def create(self, name: str, make: Callable[[type[Any]], Any]) -> None:
        """Create a plugin's object; if its constructor raises, the plugin is withdrawn."""
        record = self.records[name]
        if record.state is not PluginState.ON:
            return  # it went with one that it requires
        assert record.plugin_class is not None
        try:
            record.instance = make(record.plugin_class)
        except FAILURES as error:  # a plugin may raise anything; it is recorded
            self.withdraw(name, Stage.CREATE, describe(error), error)

    def register(self) -> None:
        """Register all created plugins' hooks; a misspelt hook or argument withdraws its plugin."""
        for record in reversed(self.healthy()):  # pluggy calls the plugin registered last first
            try:
                if mistakes := _mistakes(self._manager, record.instance):
                    self.withdraw(record.name, Stage.HOOKS, "; ".join(mistakes))
                else:
                    self._manager.register(record.instance, record.name)
            except FAILURES as error:  # a plugin's attributes may raise anything when looked at
                self.withdraw(record.name, Stage.HOOKS, describe(error), error)
        self._manager.check_pending()
        self.hooks.forget()

    def withdraw(self, name: str, stage: Stage, reason: str, error: BaseException | None = None) -> None:
        """Take a plugin out: its hooks are gone at once, then whoever registered for it cleans up.

        Plugins that require it go with it.
        """
        record = self.records[name]
        if record.state is PluginState.FAILED:
            return
        record.state, record.stage, record.reason = PluginState.FAILED, stage, reason
        self._log.error("plugin withdrawn", plugin=name, stage=stage.value, reason=reason, exc_info=error)
        if record.instance is not None and self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        self.hooks.forget()
        for then in self._when_withdrawn:
            then(name)
        for other in self.healthy():
            if name in getattr(other.plugin_class, "requires", ()):
                self.withdraw(other.name, Stage.REQUIRES, f"it requires '{name}', which failed")


def _are_tables(offered: object) -> bool:
    from frontdesk.schema import Tables

    return isinstance(offered, Tables)


def _new_manager() -> "pluggy.PluginManager":
    import pluggy

    from frontdesk import hookspecs
    from frontdesk.hooks import PROJECT

    manager = pluggy.PluginManager(PROJECT)
    add_hooks(manager, hookspecs)
    return manager


def add_hooks(manager: "pluggy.PluginManager", module: ModuleType) -> None:
    """Make the hooks that a module declares known to pluggy."""
    from frontdesk.hooks import Hook

    declared = {
        value.name: value.for_pluggy()
        for value in vars(module).values()
        if isinstance(value, Hook) and value.module == module.__name__  # not what it imports
    }
    namespace = ModuleType(module.__name__)
    vars(namespace).update(declared)
    manager.add_hookspecs(namespace)


def _mistakes(manager: "pluggy.PluginManager", plugin: object) -> list[str]:
    """Say which hooks a plugin implements that do not exist, and which arguments it wants that they do not give."""
    mistakes = []
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is None:
            continue
        name = options.get("specname") or attribute
        caller = getattr(manager.hook, name, None)
        if caller is None or caller.spec is None:
            hint = _did_you_mean(name, vars(manager.hook))
            mistakes.append(f"it implements a hook that does not exist: {name}{hint}")
            continue
        given = caller.spec.argnames
        mistakes += [
            f"its {name} wants the argument {wanted}, which the hook does not give{_did_you_mean(wanted, given)}"
            for wanted in _needed(getattr(plugin, attribute))
            if wanted not in given
        ]
    return mistakes


def _needed(function: Callable[..., Any]) -> list[str]:
    """Name the arguments without which a function cannot be called."""
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind not in several]


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    from frontdesk.nearest import nearest

    close = nearest(name, sorted(known))
    return f" (did you mean {close}?)" if close else ""
