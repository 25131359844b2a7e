"""`frontdesk check` as its owner runs it: a line for everything the bot stands on, and how to mend what is wrong."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import hikari
import pytest
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.house import PLUGINS
from frontdesk_sandbox.pytest_plugin import OpenDesk

from tests.journeys.packages import Packages

Lines = dict[str, tuple[str, str]]
SMALL = {"announcements": True}
RAISING = """
class It:
    api = "1.0"
    def __init__(self, desk): raise RuntimeError("no object today")
"""
RAISING_INTENTS = """
class It:
    api = "1.0"
    def __init__(self, desk): pass
    @staticmethod
    def intents(settings): raise RuntimeError("no intents today")
"""


async def checked(bot: Bot) -> tuple[int, Lines]:
    """Run the command; give its exit code, and state and text of each line by what it is about."""
    code, printed = await bot.command("check")
    assert "Traceback" not in printed, printed
    heading, *rows = printed.splitlines()
    what, found = heading.index("What"), heading.index("Found")
    lines: Lines = {}
    name = ""
    for row in rows:
        if row[:what].strip():
            name = row[what:found].strip()
            lines[name] = (row[:what].strip(), row[found:].strip())
        else:
            state, text = lines[name]
            lines[name] = (state, f"{text} {row[found:].strip()}")
    return code, lines


def files_of(bot: Bot) -> set[Path]:
    """What lies in the bot's folder."""
    folder = bot.config.parent
    return {path.relative_to(folder) for path in folder.rglob("*")}


async def test_all_is_in_order(open_desk: OpenDesk) -> None:
    desk = await open_desk(start=False)
    await desk.bot.deploy()
    before = files_of(desk.bot)
    code, lines = await checked(desk.bot)
    assert {name: line for name, line in lines.items() if line[0] == "problem"} == {}
    assert code == 0
    for name in ("Settings", "Discord token", "Discord intents", "Twilio account", "Database", "Staff sign-in"):
        assert lines[name][0] == "ok", name
    assert lines[f"Discord permissions: {desk.house.guild.name}"][0] == "ok"
    assert {name.removeprefix("Plugin ") for name in lines if name.startswith("Plugin ")} >= set(PLUGINS)
    assert "not running" in lines["Public address"][1]
    assert files_of(desk.bot) == before, "only looking leaves nothing behind"
    await desk.bot.start()
    code, lines = await checked(desk.bot)
    assert (code, lines["Public address"]) == (0, ("ok", f"{desk.bot.url} leads to the bot."))
    assert "in use by the running bot" in lines["Database"][1]


NOWHERE = "postgresql://frontdesk:not-a-secret@127.0.0.1:1/frontdesk"


@pytest.mark.parametrize(
    ("environ", "settings", "name", "said"),
    [
        (
            {"FRONTDESK_DISCORD_TOKEN": "MTIzNDU2Nzg5MDEyMzQ1Njc4.other.not-a-secret"},
            {},
            "Discord token",
            "Discord refuses the token. To mend it: Set FRONTDESK_DISCORD_TOKEN",
        ),
        (
            {"FRONTDESK_DISCORD_CLIENT_SECRET": ""},  # Discord does not know the way back to that address
            {"web": {"public_url": "http://desk.example.com"}},
            "Public address",
            "is not encrypted. To mend it: Put",
        ),
        ({"FRONTDESK_DATABASE_URL": NOWHERE}, {}, "Database", "cannot be reached"),
        (
            {"FRONTDESK_TWILIO_AUTH_TOKEN": "not-a-secret-of-anybody"},
            {},
            "Twilio account",
            "To mend it: Compare [twilio] account_sid and FRONTDESK_TWILIO_AUTH_TOKEN with",
        ),
        (
            {"FRONTDESK_DISCORD_CLIENT_SECRET": "not-a-secret-of-anybody"},
            {},
            "Staff sign-in",
            "Discord refuses the client secret. To mend it: Set FRONTDESK_DISCORD_CLIENT_SECRET",
        ),
    ],
    ids=["token", "public-url", "database", "twilio", "client-secret"],
)
async def test_what_is_wrong_has_its_line(
    open_desk: OpenDesk, environ: Mapping[str, str], settings: Mapping[str, Any], name: str, said: str
) -> None:
    desk = await open_desk(plugins=SMALL, environ=environ, settings=settings, start=False)
    code, lines = await checked(desk.bot)
    assert code == 1
    assert [each for each, (state, _) in lines.items() if state == "problem"] == [name]
    assert said in lines[name][1]
    assert "not-a-secret" not in str(lines)


async def test_an_intent_that_is_off_is_named(open_desk: OpenDesk) -> None:
    desk = await open_desk(start=False)
    await desk.bot.deploy()
    desk.sandbox.discord.gateway.disallowed_intents = int(hikari.Intents.GUILD_MEMBERS | hikari.Intents.MESSAGE_CONTENT)
    _, lines = await checked(desk.bot)
    assert "Intent is off" in lines["Discord intents"][1]


async def test_tables_of_a_newer_program_are_a_problem(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins=SMALL)
    assert await desk.bot.stop() == 0
    (file,) = desk.bot.config.parent.rglob("*.db")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE core_alembic_version SET version_num = '9999'")
    code, lines = await checked(desk.bot)
    assert code == 1
    assert lines["Database"][0] == "problem"
    assert "Newer than this Frontdesk: core. To mend it: Install the Frontdesk that wrote it" in lines["Database"][1]


async def test_a_database_that_refuses_is_a_problem(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins=SMALL)
    assert await desk.bot.stop() == 0
    (file,) = desk.bot.config.parent.rglob("*.db")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("ALTER TABLE core_alembic_version RENAME COLUMN version_num TO of_another_program")
    code, lines = await checked(desk.bot)
    assert (code, lines["Database"][0]) == (1, "problem")
    assert "The database refuses" in lines["Database"][1]


async def test_a_plugin_whose_intents_raise_has_one_line(open_desk: OpenDesk, packages: Packages) -> None:
    packages.write("raising", RAISING_INTENTS)
    desk = await open_desk(plugins={**SMALL, "raising": True}, environ=packages.environ, start=False)
    code, lines = await checked(desk.bot)
    assert code == 1
    assert {name for name, (state, _) in lines.items() if state == "problem"} == {"Plugin raising"}
    assert "RuntimeError: no intents today" in lines["Plugin raising"][1]
    assert lines["Discord intents"][0] == "ok"


async def test_a_plugin_that_cannot_be_made_has_its_line(open_desk: OpenDesk, packages: Packages) -> None:
    packages.write("raising", RAISING)
    desk = await open_desk(plugins={**SMALL, "raising": True}, environ=packages.environ, start=False)
    code, lines = await checked(desk.bot)
    assert (code, lines["Plugin raising"][0]) == (1, "problem")
    assert "RuntimeError: no object today To mend it: Install it anew" in lines["Plugin raising"][1]


async def test_a_misspelt_variable_is_a_warning(open_desk: OpenDesk) -> None:
    misspelt = {"FRONTDESK_METRIC_TOKEN": "hunter2-hunter2"}
    desk = await open_desk(plugins=SMALL, environ=misspelt, start=False)
    code, lines = await checked(desk.bot)
    said = "Nothing reads FRONTDESK_METRIC_TOKEN. To mend it: Call it FRONTDESK_METRICS_TOKEN"
    assert (code, lines["Environment"][0]) == (0, "warning")
    assert said in lines["Environment"][1]
    assert "hunter2" not in str(lines)
