"""A member is helped: by articles, by a person, in words or by the button; and what they are told on the way."""

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.discord.ratelimits import Rate
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import NO_THREADS, heard, heard_from, reach_a_person, said_by, stopped_cleanly

AMIRA = "Amira Haddad"


@ROUTINGS
async def test_a_note_is_answered_a_second_helpme_is_not_needed_and_the_end_is_an_end(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await member.command("/helpme note:How do I reset my password?")
    await member.sees("Hello Sam!", "dm")
    await member.sees("Reset your password", "dm")
    again = await (await member.command("/helpme")).response()
    assert "is open already" in again.content

    await member.say("I want to talk to a human, please")
    await member.sees("CASE-", "dm")
    await agent.accept()
    joined = await member.sees(f"**{AMIRA}** has joined", "dm")
    assert agent.task["question"] == "How do I reset my password?"
    await member.say("How do I reset my password?")
    await agent.sees("How do I reset my password?")
    await agent.says("I see your question.")
    await member.sees("I see your question.", "dm", after=joined)
    assert member.seen("Reset your password", "dm", after=joined) is None, "the bot spoke while a person was there"

    await agent.completes()
    ended = await member.sees("This conversation has ended", "dm")
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm", after=ended)


@ROUTINGS
async def test_long_lines_of_an_agent_are_cut_into_several_messages(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    words = [f"ember{number}" for number in range(900)]
    await agent.says(" ".join(words))
    await agent.says("That was all.")
    await member.sees("That was all.", "dm")
    said = [text for text in heard(member) if "ember" in text]
    assert len(said) > 1
    assert all(len(text) <= 2000 for text in said)
    assert " ".join(said).removeprefix(f"**{AMIRA}:** ").split() == words


@ROUTINGS
@pytest.mark.desk(settings=NO_THREADS)
async def test_an_agent_is_told_when_the_member_has_closed_direct_messages(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await member.close_dms()
    await agent.says("Are you still there?")
    await agent.sees("the customer has closed direct messages")
    await member.open_dms()
    await agent.says("And now?")
    await member.sees("And now?", "dm")
    assert heard_from(member, AMIRA) == ["Are you still there?", "And now?"]


@ROUTINGS
async def test_two_members_with_two_agents_are_never_mixed_up(desk: TestDesk, agent: Agent) -> None:
    sam, noor = desk.house.sam, desk.house.noor
    await reach_a_person(sam, agent)
    tomas = desk.sandbox.twilio.agent("tomas")
    await agent.offline()
    await tomas.available()
    await noor.command("/helpme")
    await noor.sees("سلام Noor", "dm")
    await noor.say("لطفا من را به یک اپراتور وصل کنید")
    await tomas.accept()
    await noor.sees("Tomas Lind", "dm")
    for number in range(8):
        await sam.say(f"member line {number} of Sam")
        await noor.say(f"member line {number} of Noor")
        await agent.says(f"line {number} for Sam")
        await tomas.says(f"line {number} for Noor")
    await sam.sees("line 7 for Sam", "dm")
    await noor.sees("line 7 for Noor", "dm")
    await agent.sees("line 7 of Sam")
    await tomas.sees("line 7 of Noor")
    assert heard_from(sam, AMIRA) == [f"line {number} for Sam" for number in range(8)]
    assert heard_from(noor, "Tomas Lind") == [f"line {number} for Noor" for number in range(8)]
    assert said_by(agent, "member line") == [f"member line {number} of Sam" for number in range(8)]
    assert said_by(tomas, "member line") == [f"member line {number} of Noor" for number in range(8)]


@ROUTINGS
async def test_each_is_understood_and_answered_in_their_own_language(desk: TestDesk, agent: Agent) -> None:
    house = desk.house
    for person, command, hello, wish, told in (
        (house.sam, "/helpme", "Hello Sam!", "Can I speak with a real person?", "A case has been created for you"),
        (house.jonas, "/hilfe", "Hallo Jonas", "Ich möchte mit einem Mitarbeiter sprechen", "CASE-"),
        (house.noor, "/helpme", "سلام Noor", "میخوام با یک نفر صحبت کنم", "یک پرونده برای شما باز شد"),
    ):
        await person.command(command)
        await person.sees(hello, "dm")
        await person.say(wish)
        await person.sees(told, "dm")


@ROUTINGS
@pytest.mark.desk(settings={"words": {"language": "fa"}})
async def test_a_server_in_persian_is_persian_from_the_command_to_the_end(desk: TestDesk, agent: Agent) -> None:
    noor = desk.house.noor
    await noor.command("/کمک")
    await noor.sees("سلام Noor", "dm")
    await noor.click("صحبت با یک نفر", where="dm")
    await noor.sees("یک پرونده برای شما باز شد", "dm")
    await agent.accept()
    await noor.sees(f"**{AMIRA}** به گفتگو پیوست", "dm")
    await agent.completes()
    await noor.sees("این گفتگو به پایان رسید", "dm")
    assert [text for text in heard(noor) if text.isascii()] == []


@ROUTINGS
async def test_a_button_from_before_a_restart_still_works(open_desk: OpenDesk, member: Member, agent: Agent) -> None:
    desk = await open_desk()
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await stopped_cleanly(desk.bot)
    await desk.bot.start()
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_nobody_in_time_and_a_cancelled_task_are_told(desk: TestDesk, member: Member, agent: Agent) -> None:
    world = desk.sandbox.twilio.world
    await agent.offline()
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("You are being transferred", "dm")
    await world.advance(3601)
    await member.sees("Nobody was free in time", "dm")
    await member.say("How do I reset my password?")
    await member.sees("Reset your password", "dm")

    first = await member.sees("You are being transferred", "dm")
    await member.say("Let me talk to a person")
    await member.sees("You are being transferred", "dm", after=first)
    task = next(t for t in world.router.tasks.values() if t.status.value == "pending")
    world.router.cancel(task, "Cancelled by a supervisor")
    told = await member.sees("The transfer", "dm", after=first)
    assert "You can go on asking me" in told.content


@ROUTINGS
async def test_a_transfer_to_another_person_is_told_and_each_speaks_under_their_name(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await agent.says("A colleague knows more about this.")
    tomas = desk.sandbox.twilio.agent("tomas")
    await tomas.available()
    await agent.transfers(tomas)
    await tomas.accept()
    await member.sees("**Tomas Lind** has joined the conversation", "dm")
    await tomas.says("Hello, this is Tomas.")
    await member.sees("Hello, this is Tomas.", "dm")
    assert heard_from(member, AMIRA) == ["A colleague knows more about this."]
    assert heard_from(member, "Tomas Lind") == ["Hello, this is Tomas."]
    await member.say("member line 0")
    await tomas.sees("member line 0")
    await tomas.completes()
    await member.sees("This conversation has ended", "dm")
    assert heard(member).count(f"**{AMIRA}** has joined the conversation.") == 1


@ROUTINGS
async def test_with_too_many_conversations_at_once_members_wait_in_line(desk: TestDesk, member: Member) -> None:
    desk.sandbox.discord.limits.dm_opens = Rate(0, 10.0)
    answer = await (await member.command("/helpme")).response()
    assert "You are in line" in answer.content
    desk.sandbox.discord.limits.dm_opens = Rate(200, 10.0)
    await member.sees("Hello Sam!", "dm", deadline=20)
