"""A bot starts or says in one sentence why not; it stops when it is asked to, whatever it is doing."""

import os
import signal
import socket
import sqlite3
from contextlib import closing

import pytest
from frontdesk_sandbox.bot import Bot, BotError
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.house import PLUGINS
from frontdesk_sandbox.pytest_plugin import OpenDesk
from frontdesk_sandbox.twilio import Agent, RestFault

from tests.journeys.stories import complaints, heard_from, reach_a_person, said_by

SMALL = {"announcements": True, "knowledge": PLUGINS["knowledge"]}
WITHIN = 10.0
SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)


async def ends(bot: Bot, number: signal.Signals) -> None:
    """The bot ends in time with exit code 0 and without an error."""
    os.kill(bot.pid, number)
    assert await bot.wait(deadline=WITHIN) == 0, bot.log_text()
    assert bot.errors() == []


async def refuses(bot: Bot) -> str:
    """The bot does not start, with exit code 1; give the one sentence on stderr."""
    with pytest.raises(BotError):
        await bot.start()
    assert bot.exit_code == 1
    assert [event for event in bot.events if event.get("level") in {"error", "critical"} and len(event) > 2] == []
    (sentence,) = complaints(bot)
    assert sentence.startswith("frontdesk: ")
    assert "Traceback" not in sentence
    return sentence


@SIGNALS
async def test_it_stops_in_the_middle_of_a_conversation_and_goes_on_later(
    open_desk: OpenDesk, member: Member, agent: Agent, number: signal.Signals
) -> None:
    desk = await open_desk()
    await reach_a_person(member, agent)
    desk.sandbox.twilio.faults.rest(RestFault.TIMEOUT_BEFORE, "/Messages$", method="POST", seconds=30)
    for line in range(5):
        await member.say(f"member line {line}")
        await agent.says(f"agent line {line}")
    await ends(desk.bot, number)
    await member.say("member line 5")
    await agent.says("agent line 5")
    await desk.bot.start()
    await agent.sees("member line 5", deadline=20)
    await member.sees("agent line 5", "dm", deadline=20)
    assert said_by(agent, "member line") == [f"member line {line}" for line in range(6)]
    assert heard_from(member, "Amira Haddad") == [f"agent line {line}" for line in range(6)]
    await ends(desk.bot, number)


@SIGNALS
@pytest.mark.parametrize(
    ("before", "waits_for"), [("web_started", "/gateway"), ("syncing global commands", "/commands")]
)
async def test_it_stops_while_it_starts(
    open_desk: OpenDesk, number: signal.Signals, before: str, waits_for: str
) -> None:
    desk = await open_desk(plugins=SMALL, start=False)
    desk.sandbox.discord.faults.delay(30.0, path=waits_for)
    await desk.bot.launch()
    await desk.bot.logged(before, deadline=30)
    await ends(desk.bot, number)


async def test_a_busy_port(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins=SMALL, start=False, errors_expected=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", desk.bot.port))
        other.listen()
        assert f"Port {desk.bot.port} on 127.0.0.1 is in use" in await refuses(desk.bot)


async def test_a_refused_token(open_desk: OpenDesk) -> None:
    token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.other.not-a-secret"
    desk = await open_desk(plugins=SMALL, environ={"FRONTDESK_DISCORD_TOKEN": token}, start=False, errors_expected=True)
    said = await refuses(desk.bot)
    assert "Discord refuses the token in FRONTDESK_DISCORD_TOKEN" in said
    assert token not in desk.bot.log_text()


async def test_a_missing_token(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins=SMALL, environ={"FRONTDESK_DISCORD_TOKEN": ""}, start=False, errors_expected=True)
    assert "FRONTDESK_DISCORD_TOKEN is not set" in await refuses(desk.bot)


async def test_a_misspelt_variable_is_told_before_what_it_leads_to(open_desk: OpenDesk) -> None:
    misspelt = {"FRONTDESK_DISCORD_TOKEN": "", "FRONTDESK_DISCORD_TOKNE": "hunter2-hunter2"}
    desk = await open_desk(plugins=SMALL, environ=misspelt, start=False, errors_expected=True)
    assert "FRONTDESK_DISCORD_TOKEN is not set" in await refuses(desk.bot)
    (warning,) = [event for event in desk.bot.events if event["event"] == "unknown variable"]
    assert warning["level"] == "warning"
    assert 'FRONTDESK_DISCORD_TOKNE. Did you mean "FRONTDESK_DISCORD_TOKEN"?' in warning["detail"]
    assert "hunter2" not in desk.bot.log_text()


async def test_an_unreachable_discord(open_desk: OpenDesk) -> None:
    nobody = {"FRONTDESK_DISCORD_URL": "http://127.0.0.1:1/api/v10"}
    desk = await open_desk(plugins=SMALL, environ=nobody, start=False, errors_expected=True)
    assert "cannot be reached" in await refuses(desk.bot)


async def test_an_unreachable_database(open_desk: OpenDesk) -> None:
    url = "postgresql://frontdesk:not-a-secret@127.0.0.1:1/frontdesk"
    desk = await open_desk(plugins=SMALL, environ={"FRONTDESK_DATABASE_URL": url}, start=False, errors_expected=True)
    said = await refuses(desk.bot)
    assert "127.0.0.1" in said
    assert "not-a-secret" not in said


async def test_a_database_that_another_bot_uses(open_desk: OpenDesk, sqlite_url: str) -> None:
    both = {"FRONTDESK_DATABASE_URL": sqlite_url}
    first = await open_desk(plugins=SMALL, environ=both)
    second = await open_desk(plugins=SMALL, environ=both, start=False, errors_expected=True)
    file = sqlite_url.removeprefix("sqlite:///")
    assert f"The database {file} is in use" in await refuses(second.bot)
    assert await first.bot.stop() == 0


@pytest.mark.parametrize("prefix", ["core", "cases"])
async def test_a_newer_schema(open_desk: OpenDesk, prefix: str) -> None:
    desk = await open_desk(plugins={"cases": True}, errors_expected=True)
    assert await desk.bot.stop() == 0
    (file,) = desk.bot.config.parent.rglob("*.db")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"UPDATE {prefix}_alembic_version SET version_num = '9999'")  # noqa: S608
    assert f"'{prefix}' tables are at version 9999" in await refuses(desk.bot)


async def test_all_that_is_wrong_in_bot_toml_is_said_at_once(open_desk: OpenDesk) -> None:
    wrong = {"web": {"prot": 1, "host": 7}, "log": {"format": "xml"}, "stroe": {"url": "sqlite:///x"}}
    desk = await open_desk(plugins={**SMALL, "caces": True}, settings=wrong, start=False, errors_expected=True)
    with pytest.raises(BotError):
        await desk.bot.start()
    assert desk.bot.exit_code == 2
    said = "\n".join(complaints(desk.bot))
    for hint in ('"port"', "web.host", "xml", '"store"', '"cases"', "5 problems"):
        assert hint in said, said
    assert said.count("bot.toml:") == 5
