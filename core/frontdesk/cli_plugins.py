"""The view `frontdesk plugins list`: what is installed, what is on, and what would fail."""

import asyncio
from dataclasses import replace

from pydantic import SecretStr
from rich.text import Text

from frontdesk.app import App
from frontdesk.cli_output import console, table
from frontdesk.log import configure_logging
from frontdesk.plugins import PluginRecord, PluginState
from frontdesk.settings import Settings

_STYLES = {PluginState.ON: "green", PluginState.OFF: "dim", PluginState.FAILED: "bold red"}
_NO_TOKEN = SecretStr("MA.of.nobody")  # a bot is made and never connected: whether there is a token does not matter


def inspect_plugins(settings: Settings) -> list[PluginRecord]:
    """Make a bot with all that plugins contribute, and throw it away: nothing is started.

    Returns:
        A record of every installed plugin, in alphabetical order.
    """
    configure_logging("critical")  # the reasons are shown, not logged
    return asyncio.run(_inspect(replace(settings, secrets=replace(settings.secrets, discord_token=_NO_TOKEN))))


async def _inspect(settings: Settings) -> list[PluginRecord]:
    app = App(settings)
    for record in app.plugins.healthy():
        app.contributed.take_in(record)
    return [app.plugins.records[name] for name in sorted(app.plugins.records)]


def show_plugins(settings: Settings) -> None:
    """Print the table of plugins."""
    rows = [
        (record.name, Text(record.state.value, _STYLES[record.state]), record.version, _reason(record, settings))
        for record in inspect_plugins(settings)
    ]
    console().print(table(("Plugin", "State", "Version", "Reason"), rows))


def _reason(record: PluginRecord, settings: Settings) -> str:
    if record.state is PluginState.OFF:
        return "switched off in bot.toml" if record.name in settings.plugins else "bot.toml does not name it"
    return f"{record.stage.value}: {record.reason}" if record.stage else record.reason
