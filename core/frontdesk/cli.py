"""The command line. Every command imports what it needs itself, so that `frontdesk --help` answers at once."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.errors import FrontdeskError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from frontdesk.settings import Settings

Config = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="FRONTDESK_CONFIG", metavar="PATH", help="Path of bot.toml."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Do not start when a plugin fails.")]
PluginName = Annotated[str, typer.Argument(metavar="NAME", help="The plugin's name, see: frontdesk plugins list.")]

BOT_TOML = Path("bot.toml")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _group(text: str) -> typer.Typer:
    return typer.Typer(
        help=text, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )


app = _group("The front desk of a brand's Discord server.")
plugins_app = _group("List plugins and switch them on and off.")
db_app = _group("Look after the database.")
app.add_typer(plugins_app, name="plugins")
app.add_typer(db_app, name="db")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"frontdesk {version('frontdesk')}")
        raise typer.Exit


@app.callback()
def frontdesk(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The front desk of a brand's Discord server."""


@app.command()
def run(config: Config = BOT_TOML, strict: Strict = False) -> None:
    """Run the bot until it is stopped."""
    settings = _load(config)
    gc.disable()  # looking for garbage would take a seventh of the time of the imports; the app switches it on again
    from frontdesk.running import run as run_app

    sys.exit(run_app(settings, strict=strict))


@app.command()
def check(config: Config = BOT_TOML) -> None:
    """Look whether everything the bot needs is in order."""
    from frontdesk.cli_check import check_everything

    sys.exit(check_everything(config, os.environ))


@app.command(context_settings=_PASS_ON, add_help_option=False)
def demo(context: typer.Context) -> None:
    """Try everything on this machine, without any account."""
    sys.exit(_other_command("demo", "frontdesk-sandbox")(list(context.args)))


@app.command(context_settings=_PASS_ON, add_help_option=False)
def flex(context: typer.Context) -> None:
    """Look after the Twilio Flex account."""
    sys.exit(_other_command("flex", "frontdesk-helpdesk")(list(context.args)))


def _other_command(name: str, package: str) -> "Callable[[list[str]], int]":
    """Find a command that another package brings, by its entry point: the core imports neither plugins nor sandbox."""
    from importlib.metadata import entry_points

    found = list(entry_points(group="frontdesk.cli", name=name))
    if not found:
        raise FrontdeskError(f"this command comes with the package {package}, which is not installed")
    main: Callable[[list[str]], int] = found[0].load()
    return main


@plugins_app.command("list")
def list_plugins(config: Config = BOT_TOML) -> None:
    """Show every installed plugin with its state."""
    settings = _load(config)
    from frontdesk.cli_plugins import show_plugins

    show_plugins(settings)


@plugins_app.command()
def enable(name: PluginName, config: Config = BOT_TOML) -> None:
    """Switch a plugin on in bot.toml."""
    _switch(config, name, on=True)


@plugins_app.command()
def disable(name: PluginName, config: Config = BOT_TOML) -> None:
    """Switch a plugin off in bot.toml; its settings stay there."""
    _switch(config, name, on=False)


@db_app.command()
def upgrade(config: Config = BOT_TOML) -> None:
    """Bring the database's tables up to date."""
    settings = _load(config)
    from frontdesk.cli_db import upgrade_database

    upgrade_database(settings)


@db_app.command()
def current(config: Config = BOT_TOML) -> None:
    """Show which version the database's tables have."""
    settings = _load(config)
    from frontdesk.cli_db import show_current

    show_current(settings)


def _load(config: Path) -> "Settings":
    from frontdesk.plugins import installed_plugins
    from frontdesk.settings import load_settings

    return load_settings(config, os.environ, known_plugins=installed_plugins())


def _switch(config: Path, name: str, *, on: bool) -> None:
    from frontdesk.bot_file import switch_plugin
    from frontdesk.cli_output import refuse_unknown
    from frontdesk.plugins import installed_plugins

    refuse_unknown(name, installed_plugins())
    changed = switch_plugin(config, name, on=on)
    state = "on" if on else "off"
    typer.echo(f"{name} is {state}. Restart the bot to apply it." if changed else f"{name} is {state} already.")


def main() -> None:
    """Entry point of the command `frontdesk`."""
    try:
        app(prog_name="frontdesk")
    except SettingsError as error:
        from frontdesk.cli_output import show_problems

        show_problems(error.problems)
        sys.exit(error.exit_code)
    except FrontdeskError as error:
        typer.echo(f"frontdesk: {error}", err=True)
        sys.exit(error.exit_code)
