"""Every end of a handoff, as the member hears of it; in both routings."""

import asyncio

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import RestFault

from tests.journeys.helpdesk_handoff.routings import in_both_routings
from tests.journeys.stories import heard, reach_a_person

AMIRA = "Amira Haddad"
QUESTION = "How do I reset my password?"
TRANSFER = "You are being transferred"


async def ask_for_a_person(member: Member) -> None:
    """Go as far as into the queue."""
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees(TRANSFER, "dm")


async def the_bot_answers(member: Member) -> None:
    """The virtual agent answers, once."""
    asked = await member.say(QUESTION)
    await member.sees("Reset your password", "dm", after=asked)


def count(member: Member, words: str) -> int:
    """How often the member was told so."""
    return sum(words in text for text in heard(member))


@in_both_routings()
async def test_a_member_takes_the_request_back_asks_the_bot_and_then_for_a_person_again(
    desk: TestDesk, member: Member, routing: str
) -> None:
    await ask_for_a_person(member)
    await member.click("Never mind", where="dm")
    await member.sees("The transfer was cancelled", "dm")
    router = desk.sandbox.twilio.world.router
    assert [task.status.value for task in router.tasks.values()] == ["canceled"]
    await the_bot_answers(member)
    agent = desk.sandbox.twilio.agent("amira")
    await agent.available()
    again = await member.say("I want to talk to a human, please")
    await member.sees(TRANSFER, "dm", after=again)
    await agent.accept()
    joined = await member.sees(f"**{AMIRA}** has joined", "dm")
    await member.say("Here I am")
    await agent.sees("Here I am")
    await agent.says("Welcome back")
    await member.sees("Welcome back", "dm", after=joined)
    assert count(member, "was cancelled") == 1
    assert count(member, "has joined") == 1
    assert len([task for task in router.tasks.values() if task.live]) == 1


@in_both_routings(reconcile_seconds=1)
async def test_an_agent_accepts_at_the_moment_in_which_the_request_is_taken_back(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    await ask_for_a_person(member)
    slow = world.faults.rest(RestFault.DELAY, r"Channels/UO\w+$", method="POST", seconds=2.0)
    await member.click("Never mind", where="dm")
    async with asyncio.timeout(10):
        while not slow.happened:  # noqa: ASYNC110 - a request that is held back is no change that would be told
            await asyncio.sleep(0.02)
    await agent.accept()
    cancelled = await member.sees("The transfer was cancelled", "dm")
    await the_bot_answers(member)
    await world.settled()
    assert count(member, "has joined") == 0
    await agent.offline()
    await agent.available()
    await member.click("Talk to a person", where="dm", on=cancelled)
    await member.say("Now I do want a person")
    await agent.accept()
    await member.sees(f"**{AMIRA}** has joined", "dm")
    assert count(member, "has joined") == 1
    assert count(member, "has left") == 0


@in_both_routings()
async def test_nobody_takes_the_task_in_time_and_the_bot_speaks_again(
    desk: TestDesk, member: Member, routing: str
) -> None:
    await ask_for_a_person(member)
    await desk.sandbox.twilio.world.advance(3700)
    await member.sees("Nobody was free in time", "dm")
    await the_bot_answers(member)
    assert count(member, "Nobody was free in time") == 1
    assert count(member, "did not work") == 0


@in_both_routings()
async def test_a_cancelled_and_a_deleted_task_are_told_as_failures(
    desk: TestDesk, member: Member, routing: str
) -> None:
    router = desk.sandbox.twilio.world.router
    await ask_for_a_person(member)
    router.cancel(next(task for task in router.tasks.values() if task.live), "An administrator did it")
    failed = await member.sees("The transfer did not work", "dm")
    await member.click("Talk to a person", where="dm")
    await member.sees(TRANSFER, "dm", after=failed)
    router.delete(next(task for task in router.tasks.values() if task.live))
    await member.sees("The transfer did not work", "dm", after=failed)
    await the_bot_answers(member)


@in_both_routings()
async def test_an_agent_who_leaves_makes_room_for_the_bot(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    await agent.leaves()
    await member.sees(f"**{AMIRA}** has left the conversation. I am the virtual agent again", "dm")
    await the_bot_answers(member)
    await agent.offline()
    await agent.available()
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await desk.sandbox.changes.until(lambda: count(member, "has joined") == 2, what="the agent's second coming")
    assert count(member, "has left") == 1


@in_both_routings(queue={"after_agent_left": "queue"})
async def test_an_agent_who_leaves_makes_room_for_another(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    tomas = desk.sandbox.twilio.agent("tomas")
    await agent.offline()
    await tomas.available()
    await agent.leaves()
    await member.sees("I am asking for somebody else now", "dm")
    await tomas.accept()
    await member.sees("**Tomas Lind** has joined", "dm")
    await member.say("Hello Tomas")
    await tomas.sees("Hello Tomas")


@in_both_routings()
async def test_a_transfer_to_another_agent_and_one_to_the_queue(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    tomas = desk.sandbox.twilio.agent("tomas")
    await tomas.available()
    await agent.transfers(tomas)
    await tomas.accept()
    await member.sees("**Tomas Lind** has joined", "dm")
    left = await member.sees(f"**{AMIRA}** has left the conversation.", "dm")
    await tomas.says("I take over.")
    await member.sees("**Tomas Lind:** I take over.", "dm", after=left)
    assert count(member, "virtual agent again") == 0
    await tomas.transfers()
    await agent.accept()
    await desk.sandbox.changes.until(lambda: count(member, f"**{AMIRA}** has joined") == 2, what="Amira again")


@in_both_routings()
async def test_two_agents_at_once_speak_under_their_own_names_and_end_it_together(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    tomas = desk.sandbox.twilio.agent("tomas")
    await agent.offline()
    await tomas.available()
    flex = desk.sandbox.twilio.world.flex
    properties = dict((agent.interaction.routing or {})["properties"], attributes=agent.current_task.details)
    flex.invite(agent.interaction, properties)
    await tomas.accept()
    await member.sees("**Tomas Lind** has joined", "dm")
    await agent.says("I am still here.")
    await tomas.says("So am I.")
    await member.sees(f"**{AMIRA}:** I am still here.", "dm")
    await member.sees("**Tomas Lind:** So am I.", "dm")
    await agent.completes()
    await member.sees(f"**{AMIRA}** has left the conversation.", "dm")
    await tomas.completes()
    await member.sees("This conversation has ended", "dm")
    assert count(member, "has ended") == 1


@in_both_routings()
async def test_a_conversation_that_twilio_closes_after_a_quiet_week_says_why(
    desk: TestDesk, member: Member, routing: str
) -> None:
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await the_bot_answers(member)
    chat = desk.sandbox.twilio.world.chat
    # The lines stand there once the bot knows it; until then news of it would wait for the next comparison.
    await desk.sandbox.changes.until(
        lambda: any(len(c.messages) >= 2 for c in chat.conversations.values()), what="question and answer in Twilio"
    )
    await desk.sandbox.twilio.world.advance(8 * 86400)
    await member.sees("was closed because nobody had written for a while", "dm")
