"""Variables of the environment: those that win over bot.toml, and those that nothing reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from frontdesk.errors import Problem
from frontdesk.failures import FAILURES
from frontdesk.nearest import nearest
from frontdesk.plugins import PluginRecord
from frontdesk.settings_models import secret_fields
from frontdesk.settings_plugins import settings_model
from frontdesk.settings_secrets import (
    DATABASE_URL,
    DISCORD_CLIENT_SECRET,
    DISCORD_TOKEN,
    LINK_SECRET,
    METRICS_TOKEN,
    PREFIX,
    SHARED_KEY,
    SHARED_KEY_SID,
    TWILIO_AUTH_TOKEN,
    Environment,
    plugin_variable,
)
from frontdesk.settings_values import database_url, sid, web_address

# Variables that win over bot.toml: name -> table, key, check.
_VARIABLES: Mapping[str, tuple[str, str, Callable[[str], str]]] = {
    DATABASE_URL: ("store", "url", database_url),
    "FRONTDESK_DISCORD_URL": ("discord", "rest_url", web_address),
    "FRONTDESK_TWILIO_URL": ("twilio", "base_url", web_address),
    "FRONTDESK_TWILIO_ACCOUNT_SID": ("twilio", "account_sid", sid("AC")),
}
_CONFIG = "FRONTDESK_CONFIG"
_READ = (
    *_VARIABLES,
    DISCORD_TOKEN,
    DISCORD_CLIENT_SECRET,
    TWILIO_AUTH_TOKEN,
    LINK_SECRET,
    SHARED_KEY_SID,
    SHARED_KEY,
    METRICS_TOKEN,
)
# What Frontdesk's own tests are told may stand in a developer's shell.
_OF_TESTS = ("FRONTDESK_TEST_", "FRONTDESK_REQUIRE_ALL", "FRONTDESK_SCREENSHOTS")


def from_environment(environment: Environment) -> dict[str, dict[str, str]]:
    """Table -> key -> value for the variables that win over bot.toml."""
    tables: dict[str, dict[str, str]] = {}
    for name, (table, key, check) in _VARIABLES.items():
        value = environment.get(name)
        if value is None:
            continue
        try:
            tables.setdefault(table, {})[key] = check(value)
        except ValueError as error:
            environment.problems.append(Problem("environment", None, name, f"{name}: {error}."))
    return tables


def unknown_variables(given: Iterable[str], plugins: Iterable[PluginRecord]) -> Iterator[Problem]:
    """Tell which variables nothing reads, each with the nearest name that is read.

    What begins with the name of a plugin that is off, or could not be imported, is left to that plugin.

    Args:
        given: the names that are set.
        plugins: all that are installed; those that are on were imported.
    """
    plain, left_alone = set(_READ), set(_OF_TESTS)
    for record in plugins:
        own = _read_by(record)
        if own is None:
            left_alone.add(plugin_variable(record.name, ""))
        else:
            plain |= own
    known = {_CONFIG, *plain, *(f"{name}_FILE" for name in plain)}
    for name in sorted(given):
        if name not in known and not name.startswith(tuple(left_alone)):
            close = nearest(_short(name), map(_short, sorted(known)))
            suggestion = f"{PREFIX}{close}" if close else ""
            yield Problem("environment", None, name, f"Nothing reads {name}.", suggestion=suggestion)


def _read_by(record: PluginRecord) -> set[str] | None:
    """The variables of a plugin's secrets, None if it cannot be asked."""
    if record.plugin_class is None:
        return None
    try:
        return {plugin_variable(record.name, field) for field in secret_fields(settings_model(record.plugin_class))}
    except FAILURES:  # a plugin's settings may be anything; that is told elsewhere
        return None


def _short(name: str) -> str:
    """What a name says: without the beginning that they all have, which would make all of them look near."""
    return name.upper().removeprefix(PREFIX)
