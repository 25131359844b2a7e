"""Commands of several plugins: clashes, names in the person's language, and the one error handler."""

from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, create_autospec

import hikari
import lightbulb
import pytest
from frontdesk import Declined
from frontdesk.commands import CommandClashError, Commands
from frontdesk.contributions import Command
from frontdesk.words import Words
from lightbulb import prefab
from lightbulb.exceptions import ExecutionPipelineFailedException
from structlog.testing import capture_logs

CATALOG = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nLanguage: {language}\\n"
msgid "command.hello.name"
msgstr "{name}"
msgid "command.hello.description"
msgstr "{description}"
"""
TEXTS = {"en": ("hello", "Say hello"), "de": ("hallo", "Grüßen"), "fa": ("سلام", "سلام کردن")}


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    for language, (name, description) in TEXTS.items():
        text = CATALOG.format(language=language, name=name, description=description)
        (tmp_path / f"{language}.po").write_text(text, encoding="utf-8")
    return tmp_path


async def commands(locales: Path, language: str = "auto") -> Commands:
    words = Words(language, {}, {})
    words.add("hello", locales)
    bot = hikari.GatewayBot("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y", banner=None, logs=None, suppress_optimization_warning=True)
    return Commands(bot, words)


def plain(called: str) -> Command:
    class Plain(lightbulb.SlashCommand, name=called, description="A command"):
        @lightbulb.invoke
        async def invoke(self, context: lightbulb.Context) -> None: ...

    return Plain


def localized() -> Command:
    class Hello(
        lightbulb.SlashCommand, name="hello:command.hello.name", description="hello:command.hello.description",
        localize=True,
    ):  # fmt: skip
        @lightbulb.invoke
        async def invoke(self, context: lightbulb.Context) -> None: ...

    return Hello


async def test_a_taken_name_refuses_all_of_the_later_plugins_commands(locales: Path) -> None:
    made = await commands(locales)
    made.add("first", [plain("ping")])
    with pytest.raises(CommandClashError, match="'ping' is already there, from the plugin 'first'"):
        made.add("second", [plain("pong"), plain("ping")])
    assert made.names() == {"ping": "first"}
    made.withdraw("first")
    made.add("second", [plain("pong"), plain("ping")])
    assert made.names() == {"ping": "second", "pong": "second"}


async def test_one_name_twice_in_a_plugin(locales: Path) -> None:
    made = await commands(locales)
    with pytest.raises(CommandClashError, match="two commands named 'ping'"):
        made.add("first", [plain("ping"), plain("ping")])
    assert made.names() == {}


async def test_a_localized_name_clashes_with_a_plain_one(locales: Path) -> None:
    made = await commands(locales)
    made.add("first", [localized()])
    with pytest.raises(CommandClashError, match="'hello' is already there"):
        made.add("second", [plain("hello")])


@pytest.mark.parametrize(("language", "name"), [("auto", "hello"), ("fa", "سلام"), ("de", "hallo")])
async def test_names_are_in_the_language_of_the_desk(locales: Path, language: str, name: str) -> None:
    made = await commands(locales, language)
    made.add("hello", [localized()])
    assert made.names() == {name: "hello"}


def failure(error: Exception, *, locale: str = "en-US") -> Any:
    """A command has failed with an error."""
    context = create_autospec(lightbulb.Context, instance=True)
    context.respond = AsyncMock()
    context.interaction.locale, context.interaction.guild_id = hikari.Locale(locale), None
    context.interaction.command_name = "ping"
    failed = create_autospec(ExecutionPipelineFailedException, instance=True)
    failed.context, failed.causes = context, [error]
    return failed


async def answer(locales: Path, failed: Any) -> tuple[str, list[Any]]:
    made = await commands(locales)
    with capture_logs() as logs:
        assert await made._handle_error(failed)
    (call,) = failed.context.respond.await_args_list
    assert call.kwargs == {"ephemeral": True}
    return call.args[0], [line for line in logs if line["log_level"] in {"error", "warning"}]


async def test_an_error_is_an_apology_with_the_number_in_the_log(locales: Path) -> None:
    said, logs = await answer(locales, failure(RuntimeError("secret things")))
    (line,) = logs
    assert line["command"] == "ping"
    assert line["error_id"] in said
    assert "secret" not in said


async def test_a_refusal_is_told_and_not_logged(locales: Path) -> None:
    assert await answer(locales, failure(Declined("Only in a server."))) == ("Only in a server.", [])


async def test_missing_permission_is_told_in_the_persons_language(locales: Path) -> None:
    missing = prefab.MissingRequiredPermission(hikari.Permissions.MANAGE_MESSAGES, hikari.Permissions.NONE)
    said, logs = await answer(locales, failure(missing))
    assert said == "You are not allowed to do that."
    german, _ = await answer(locales, failure(missing, locale="de"))
    assert german != said
    assert logs == []


async def test_an_apology_that_comes_too_late_is_a_warning(locales: Path) -> None:
    failed = failure(RuntimeError())
    failed.context.respond.side_effect = hikari.NotFoundError("u", {}, "", "Unknown interaction", 10062)
    _, logs = await answer(locales, failed)
    assert [line["event"] for line in logs] == ["command failed", "a command could not be answered"]
