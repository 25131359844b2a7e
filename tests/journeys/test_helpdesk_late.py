"""Nobody is left wondering: late lines say when they were said, and what cannot arrive is told to the other side."""

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import RestFault

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import NO_THREADS, heard_from, reach_a_person, stopped_cleanly

AMIRA = "Amira Haddad"
RELAY = {"helpdesk": {"relay": {"late_seconds": 1, "time_zone": "Asia/Tehran"}}}


@ROUTINGS
async def test_lines_that_come_late_say_when_they_were_said(open_desk: OpenDesk, member: Member, agent: Agent) -> None:
    desk = await open_desk(plugins=RELAY)
    await reach_a_person(member, agent)
    await desk.bot.kill()
    await member.say("Hello? Is anybody there?")
    await agent.says("I am here")
    changes = desk.sandbox.changes
    began = desk.sandbox.discord.world.clock()
    await desk.bot.start()
    late = await agent.sees("Hello? Is anybody there?", deadline=30)
    told = await member.sees("I am here", "dm", deadline=30)
    assert (desk.sandbox.discord.world.clock() - began).total_seconds() > 1, "the bot was back too soon for this test"
    body, when = late.body.split("\n")
    assert body == "Hello? Is anybody there?"
    assert when.startswith("(sent at ")
    assert when.endswith(" +0330)")
    text, when = told.content.split("\n")
    assert text == f"**{AMIRA}:** I am here"
    assert when.startswith("-# sent <t:")
    await changes.until(lambda: heard_from(member, AMIRA), what="the line")
    await stopped_cleanly(desk.bot)


@ROUTINGS
@pytest.mark.desk(settings=NO_THREADS)
async def test_an_agents_line_waits_for_closed_direct_messages_and_keeps_its_place(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await member.close_dms()
    await agent.says("one")
    await agent.sees("the customer has closed direct messages; they will see this", deadline=5)
    await agent.sends_file("two.png", "image/png", b"2")
    await agent.says("three")
    await member.open_dms()
    await member.sees("three", "dm", deadline=30)
    sent = [message for message in member.dm if message.author is not member.user][-4:]
    words = [message.content.split("\n")[0] for message in sent]
    assert words == [f"**{AMIRA}:** one", f"**{AMIRA}:**", "", f"**{AMIRA}:** three"]
    assert [[each.file.name for each in message.attachments] for message in sent] == [[], [], ["two.png"], []]
    notes = [text for text in agent.conversation.texts() if "closed direct messages" in text]
    assert len(notes) == 1


@ROUTINGS
@pytest.mark.desk(settings=NO_THREADS)
async def test_a_line_that_waits_is_still_delivered_after_the_end(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await member.close_dms()
    await agent.says("one")
    await agent.sees("the customer has closed direct messages; they will see this", deadline=5)
    await agent.says("two")
    await agent.completes()
    await member.open_dms()
    await member.sees("This conversation has ended", "dm", deadline=30)
    assert heard_from(member, AMIRA) == ["one", "two"]


@ROUTINGS
async def test_a_members_line_that_twilio_refuses_is_told(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    faults = desk.sandbox.twilio.faults
    faults.rest(RestFault.ERROR_BEFORE, r"Messages$", method="POST", status=400)
    await member.say("This one is refused")
    await member.sees("did not reach our team", "dm", deadline=5)
    said = await member.say("This one arrives")
    await agent.sees("This one arrives")
    faults.rest(RestFault.ERROR_BEFORE, r"Messages/IM", method="POST", status=400)
    await member.edit(said, "This change is refused")
    await member.sees("Your change of a message did not reach our team", "dm", deadline=5)


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": True})
async def test_an_agents_change_that_discord_refuses_is_told(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await agent.says("old words")
    await member.sees("old words", "dm")
    desk.sandbox.discord.faults.answer(403, "PATCH", "/messages/")
    await agent.edits("old words", "new words")
    await agent.sees("your change of a message did not reach the customer", deadline=5)
