"""Each plugin is switched off in turn: what was its own is gone, and the others do without it."""

from typing import Any

import pytest
from frontdesk_sandbox.discord import Member, RefusedError
from frontdesk_sandbox.house import PLUGINS
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import get, health

COMMANDS = {
    "announcements": {"announce"},
    "bug_report": {"bug"},
    "feature_request": {"new_feature"},
    "helpdesk": {"helpme", "helpdesk", "transcript"},
    "knowledge": {"articles"},
    "cases": {"case", "cases"},
}


def without(name: str) -> pytest.MarkDecorator:
    """Start the bot with all plugins but one."""
    return pytest.mark.desk(plugins={**PLUGINS, name: False})


async def is_off(desk: TestDesk, name: str) -> None:
    """The plugin is off on purpose, its commands and pages are gone, and the others are all up."""
    told = await health(desk.bot)
    assert told["state"] == "up"
    assert told["plugins"].pop(name) == {"state": "off"}
    assert {plugin["state"] for plugin in told["plugins"].values()} == {"up"}
    offered = {command["name"] for command in desk.house.moderator.commands(desk.house.general)}
    assert offered == set().union(*(names for plugin, names in COMMANDS.items() if plugin != name))
    assert (await get(f"{desk.bot.url}/{name}/")).status == 404
    for command in COMMANDS[name]:
        with pytest.raises(RefusedError, match="is not offered"):
            await desk.house.sam.command(f"/{command}")


async def announce(desk: TestDesk) -> None:
    """A moderator's news are read by a member."""
    await desk.house.moderator.command("/announce title:Season 4 text:It begins on Thursday.")
    await desk.house.sam.sees("It begins on Thursday.", desk.house.announcements)


async def report_a_bug(member: Member) -> Any:
    """Report a bug; give the answer."""
    await member.command("/bug")
    return await (await member.submit(summary="The map is black", happened="I opened it")).response()


async def have_an_idea(member: Member) -> Any:
    """Propose a feature; give the answer."""
    await member.command("/new_feature")
    return await (await member.submit(title="Night mode", idea="A dark map")).response()


async def be_helped(member: Member, agent: Agent) -> None:
    """Be answered by a person."""
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.say("Hello?")
    await agent.sees("Hello?")
    await agent.says("Here I am.")
    await member.sees("Here I am.", "dm")
    await agent.completes()
    await member.sees("This conversation has ended", "dm")


@without("announcements")
async def test_without_announcements(desk: TestDesk, member: Member, agent: Agent) -> None:
    await is_off(desk, "announcements")
    assert "CASE-" in (await report_a_bug(member)).content
    assert "CASE-" in (await have_an_idea(member)).content
    await be_helped(member, agent)


@without("bug_report")
async def test_without_bug_report(desk: TestDesk, member: Member, agent: Agent) -> None:
    await is_off(desk, "bug_report")
    await announce(desk)
    assert "CASE-" in (await have_an_idea(member)).content
    await be_helped(member, agent)


@without("feature_request")
async def test_without_feature_request(desk: TestDesk, member: Member, agent: Agent) -> None:
    await is_off(desk, "feature_request")
    await announce(desk)
    assert "CASE-" in (await report_a_bug(member)).content
    await be_helped(member, agent)


@without("helpdesk")
async def test_without_helpdesk(desk: TestDesk, member: Member) -> None:
    await is_off(desk, "helpdesk")
    await announce(desk)
    assert "CASE-" in (await report_a_bug(member)).content
    assert "CASE-" in (await have_an_idea(member)).content
    answer = await (await member.command("/articles query:password")).response()
    assert any("Reset your password" in str(embed) for embed in answer.embeds) or "Reset" in answer.content
    assert desk.sandbox.twilio.world.chat.conversations == {}


@ROUTINGS
@without("knowledge")
async def test_without_knowledge_a_question_is_politely_left_open(desk: TestDesk, member: Member, agent: Agent) -> None:
    await is_off(desk, "knowledge")
    await member.command("/helpme")
    hello = await member.sees("Hello Sam!", "dm")
    await member.say("How do I reset my password?")
    answer = await member.sees("I did not find an answer", "dm", after=hello)
    await member.click("Talk to a person", on=answer)
    await member.sees("CASE-", "dm")
    await agent.accept()
    await member.sees("Amira Haddad", "dm")
    assert "CASE-" in (await report_a_bug(member)).content
    await announce(desk)


@ROUTINGS
@without("cases")
async def test_without_cases_plain_sentences_stand_in_for_numbers(desk: TestDesk, member: Member, agent: Agent) -> None:
    await is_off(desk, "cases")
    assert (await report_a_bug(member)).content == "Thank you! The team has your report."
    assert "CASE-" not in (await have_an_idea(member)).content
    await desk.house.moderator.sees("The map is black", desk.house.bug_report)
    await desk.house.moderator.sees("Night mode", desk.house.feature_request)
    await member.command("/helpme")
    await member.say("How do I reset my password?")
    await member.click("Talk to a person", where="dm")
    await member.sees("Your request has been noted", "dm")
    await agent.accept()
    assert agent.task["case_number"] == ""
    await member.sees("Amira Haddad", "dm")
    await announce(desk)


@without("cases")
async def test_without_cases_nobody_is_promised_one(desk: TestDesk, member: Member) -> None:
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("You are being transferred", "dm")
    await desk.sandbox.twilio.world.advance(3700)
    told = await member.sees("Nobody was free in time", "dm")
    assert "case" not in told.content
