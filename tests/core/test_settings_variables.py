"""Variables of the environment that are misspelt are told with the nearest valid name, and never with their value."""

from typing import Any

import pytest
from frontdesk.plugins import PluginRecord, PluginState
from frontdesk.settings import SettingsTable
from frontdesk.settings_secrets import Environment
from frontdesk.settings_variables import unknown_variables
from pydantic import SecretStr


class Board(SettingsTable):
    api_key: SecretStr | None = None


class ThePlugin:
    Settings = Board


class Raising:
    Settings = 7


RECORDS = [
    PluginRecord("board", "1", PluginState.ON, plugin_class=ThePlugin),
    PluginRecord("resting", "1", PluginState.OFF),
    PluginRecord("at_import", "1", PluginState.FAILED),
    PluginRecord("odd", "1", PluginState.FAILED, plugin_class=Raising),
]


def told(*names: str, records: Any = RECORDS) -> dict[str, str]:
    given = Environment(dict.fromkeys(names, "hunter2-hunter2")).secrets().given
    problems = list(unknown_variables(given, records))
    assert "hunter2" not in str(problems)
    assert {problem.file for problem in problems} <= {"environment"}
    return {problem.key: problem.suggestion for problem in problems}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FRONTDESK_DISCORD_TOKNE", "FRONTDESK_DISCORD_TOKEN"),
        ("FRONTDESK_DISCORD_TOKNE_FILE", "FRONTDESK_DISCORD_TOKEN_FILE"),
        ("FRONTDESK_DISCORD_TOKEN_FLIE", "FRONTDESK_DISCORD_TOKEN_FILE"),
        ("FRONTDESK_BOT_TOKEN", "FRONTDESK_DISCORD_TOKEN"),
        ("FRONTDESK_TWILIO_SID", "FRONTDESK_TWILIO_ACCOUNT_SID"),
        ("FRONTDESK_DB_URL", "FRONTDESK_DATABASE_URL"),
        ("FRONTDESK_CONFIG_FILE", "FRONTDESK_CONFIG"),
        ("frontdesk_discord_token", "FRONTDESK_DISCORD_TOKEN"),
        ("FRONTDESK_BOARD_API_KYE", "FRONTDESK_BOARD_API_KEY"),
        ("FRONTDESK_BAORD_API_KEY", "FRONTDESK_BOARD_API_KEY"),
        ("FRONTDESK_XYZZY", ""),
    ],
)
def test_a_misspelt_variable_is_told_with_what_was_meant(written: str, meant: str) -> None:
    assert told(written) == {written: meant}


def test_what_is_told_is_a_plain_sentence() -> None:
    given = Environment({"FRONTDESK_DISCORD_TOKNE": "x"}).secrets().given
    (problem,) = unknown_variables(given, RECORDS)
    said = 'environment: Nothing reads FRONTDESK_DISCORD_TOKNE. Did you mean "FRONTDESK_DISCORD_TOKEN"?'
    assert str(problem) == said


def test_known_variables_are_not_told() -> None:
    known = (
        "CONFIG", "SECRET", "METRICS_TOKEN", "DISCORD_TOKEN", "DISCORD_CLIENT_SECRET", "DISCORD_URL", "DATABASE_URL",
        "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "TWILIO_URL", "TWILIO_SHARED_KEY", "TWILIO_SHARED_KEY_SID",
        "BOARD_API_KEY", "BOARD_API_KEY_FILE", "SECRET_FILE",
    )  # fmt: skip
    assert told(*(f"FRONTDESK_{name}" for name in known)) == {}


def test_variables_of_plugins_that_cannot_be_asked_are_left_to_them() -> None:
    names = ("FRONTDESK_RESTING_KEY", "FRONTDESK_AT_IMPORT_KEY_FILE", "FRONTDESK_ODD_KEY")
    assert told(*names) == {}
    assert set(told(*names, records=())) == set(names)


def test_variables_of_the_tests_and_empty_ones_are_not_told() -> None:
    assert told("FRONTDESK_TEST_POSTGRES", "FRONTDESK_TEST_CHROMIUM", "FRONTDESK_REQUIRE_ALL") == {}
    assert told("FRONTDESK_SCREENSHOTS", "FRONTDESKTOP_X") == {}
    assert list(unknown_variables(Environment({"FRONTDESK_XYZZY": " "}).secrets().given, ())) == []
