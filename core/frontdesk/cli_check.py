"""The command `frontdesk check`: runs every check and shows one line for each."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
from rich.text import Text

from frontdesk import hookspecs
from frontdesk.app import App, collect_tables
from frontdesk.check import Check, CheckState
from frontdesk.check_discord import Needs, check_discord
from frontdesk.check_services import check_database, check_public_url, check_twilio, is_running
from frontdesk.cli_output import console, table
from frontdesk.cli_plugins import inspect_plugins
from frontdesk.errors import FrontdeskError, Problem, SettingsError
from frontdesk.failures import FAILURES
from frontdesk.plugins import PluginRecord, PluginState, Stage, describe, installed_plugins
from frontdesk.settings import Settings, load_settings, plugin_settings, settings_model
from frontdesk.settings_variables import unknown_variables

_WORDS = "Words"
_DEADLINE = 10  # seconds for each request
_MARKS = {
    CheckState.OK: ("ok", "green"),
    CheckState.WARNING: ("warning", "bold yellow"),
    CheckState.PROBLEM: ("problem", "bold red"),
    CheckState.SKIPPED: ("skipped", "yellow"),
}


def check_everything(config: Path, environ: Mapping[str, str]) -> int:
    """Run all checks and print them.

    Returns:
        The exit code: 0 when all is well, 2 for wrong settings, 1 for other problems.
    """
    try:
        settings = load_settings(config, environ, known_plugins=installed_plugins())
    except SettingsError as error:
        _show([Check("Settings", CheckState.PROBLEM, str(problem)) for problem in error.problems])
        return error.exit_code
    records = inspect_plugins(settings)
    checks = [
        Check("Settings", CheckState.OK, f"{config} is valid."),
        *map(variable_check, unknown_variables(settings.secrets.given, records)),
        *map(plugin_check, records),
    ]
    with console().status("Asking Discord, Twilio and the database …"):
        checks += asyncio.run(_ask_everyone(settings, records))
    _show(checks)
    problems = [check for check in checks if check.state is CheckState.PROBLEM]
    if any(check.name == _WORDS for check in problems) or any(record.stage is Stage.SETTINGS for record in records):
        return SettingsError.exit_code
    return 1 if problems else 0


def variable_check(problem: Problem) -> Check:
    """The line of a variable that nothing reads."""
    mend = (
        f"Call it {problem.suggestion}, if that is meant." if problem.suggestion else "Remove it, or correct its name."
    )
    return Check("Environment", CheckState.WARNING, problem.message, mend)


def plugin_check(record: PluginRecord) -> Check:
    """One plugin's line."""
    name = f"Plugin {record.name}"
    if record.state is PluginState.OFF:
        return Check(name, CheckState.SKIPPED, "Off.")
    if record.state is PluginState.ON:
        return Check(name, CheckState.OK, f"Version {record.version}.")
    mend = (
        f"Correct [plugins.{record.name}] in bot.toml."
        if record.stage is Stage.SETTINGS
        else f"Install it anew, or switch it off: frontdesk plugins disable {record.name}"
    )
    return Check(name, CheckState.PROBLEM, record.reason, mend)


async def _ask_everyone(settings: Settings, records: Sequence[PluginRecord]) -> list[Check]:
    classes = {
        record.name: record.plugin_class
        for record in records
        if record.state is PluginState.ON and record.plugin_class is not None
    }
    own_settings = {name: plugin_settings(settings, name, settings_model(plugin)) for name, plugin in classes.items()}
    timeout = aiohttp.ClientTimeout(total=_DEADLINE)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        running = await is_running(session, settings)
        discord, twilio, public, database = await asyncio.gather(
            check_discord(session, settings, Needs.of(classes, own_settings)),
            check_twilio(settings),
            check_public_url(session, settings, running=running),
            check_database(settings, collect_tables(settings), running=running),
        )
        own = plugins_own_checks(settings)
    return [*discord, twilio, public, database, *own]


def plugins_own_checks(settings: Settings) -> list[Check]:
    """What plugins check themselves (`register_checks`), and the owner's sentences; nothing is started."""
    if settings.secrets.discord_token is None:
        return [Check("Plugins' own checks", CheckState.SKIPPED, "They need the Discord token.")]
    try:
        app = App(settings)
    except FrontdeskError as error:
        return [Check("Start", CheckState.PROBLEM, str(error))]
    checks = [Check(_WORDS, CheckState.PROBLEM, str(problem)) for problem in app.wrong_sentences()]
    for record in app.plugins.healthy():
        try:
            checks += app.plugins.hooks.contribution(record.name, hookspecs.register_checks) or ()
        except FAILURES as error:  # a plugin may raise anything; it is told
            checks.append(Check(f"Plugin {record.name}", CheckState.PROBLEM, f"Its checks fail: {describe(error)}"))
    return checks


def _show(checks: Sequence[Check]) -> None:
    rows = [(Text(*_MARKS[check.state]), check.name, _detail(check)) for check in checks]
    console().print(table(("", "What", "Found"), rows))


def _detail(check: Check) -> Text:
    text = Text(check.detail)
    if check.mend and check.state in {CheckState.WARNING, CheckState.PROBLEM}:
        text.append(f"\nTo mend it: {check.mend}", "italic")
    return text
