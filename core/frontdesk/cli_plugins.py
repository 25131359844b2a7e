"""The view `frontdesk plugins list`: what is installed, what is on, and what would fail."""

from rich.text import Text

from frontdesk.cli_output import console, table
from frontdesk.errors import SettingsError
from frontdesk.failures import FAILURES
from frontdesk.intents import intents_of, optional_intents_of
from frontdesk.log import configure_logging
from frontdesk.plugins import PluginRecord, Plugins, PluginState, Stage, describe
from frontdesk.settings import Settings, plugin_settings, settings_model

_STYLES = {PluginState.ON: "green", PluginState.OFF: "dim", PluginState.FAILED: "bold red"}


class _Nobody:
    """Hears hook calls and does nothing: none is made here."""

    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        """Not interested."""


def inspect_plugins(settings: Settings) -> list[PluginRecord]:
    """Import the plugins that are on, check their settings and ask for their intents; nothing is started.

    Returns:
        A record of every installed plugin, in alphabetical order.
    """
    configure_logging("critical")  # the reasons are shown, not logged
    plugins = Plugins(settings.enabled_plugins(), _Nobody())
    plugins.import_enabled()
    for record in plugins.healthy():
        try:
            own_settings = plugin_settings(settings, record.name, settings_model(record.plugin_class))
            intents_of(record.plugin_class, own_settings)
            optional_intents_of(record.plugin_class, own_settings)
        except SettingsError as error:
            plugins.withdraw(record.name, Stage.SETTINGS, str(error))
        except FAILURES as error:  # a plugin's validators and intents may raise anything
            plugins.withdraw(record.name, Stage.SETTINGS, describe(error))
    return [plugins.records[name] for name in sorted(plugins.records)]


def show_plugins(settings: Settings) -> None:
    """Print the table of plugins."""
    rows = [
        (record.name, Text(record.state.value, _STYLES[record.state]), record.version, _reason(record))
        for record in inspect_plugins(settings)
    ]
    console().print(table(("Plugin", "State", "Version", "Reason"), rows))


def _reason(record: PluginRecord) -> str:
    return f"{record.stage.value}: {record.reason}" if record.stage else record.reason
