"""When one side is away: the member leaves or blocks, or Twilio cannot be reached."""

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import RestFault

from tests.journeys.helpdesk_handoff.routings import in_both_routings
from tests.journeys.helpdesk_handoff.test_ends import QUESTION, TRANSFER, ask_for_a_person, count
from tests.journeys.stories import reach_a_person

AWAY = "Our chat system cannot be reached at the moment. Your request is kept"


@in_both_routings(presence_seconds=1)
async def test_a_member_who_leaves_the_server_is_not_waited_for(desk: TestDesk, member: Member, routing: str) -> None:
    await ask_for_a_person(member)
    await member.leave()
    tasks = desk.sandbox.twilio.world.router.tasks
    await desk.sandbox.changes.until(
        lambda: tasks and not any(task.live for task in tasks.values()), what="the end of the task"
    )


@in_both_routings(presence_seconds=1)
async def test_an_agent_is_told_that_the_member_has_left_the_server(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    await member.leave()
    await agent.sees("the customer has left the Discord server")


@in_both_routings(fallback="explain")
async def test_an_agent_is_told_that_the_member_has_blocked_the_bot(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await reach_a_person(member, agent)
    await member.block()
    await agent.says("Are you there?")
    await agent.sees("the customer has closed direct messages")


@in_both_routings()
async def test_without_twilio_the_bot_answers_opens_a_case_and_keeps_the_request(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    faults = desk.sandbox.twilio.world.faults
    away = faults.rest(RestFault.ERROR_BEFORE, times=None, status=503)
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    asked = await member.say(QUESTION)
    await member.sees("Reset your password", "dm", after=asked, deadline=30)
    await member.click("Talk to a person", where="dm")
    await member.sees("CASE-", "dm")
    waits = await member.sees(AWAY, "dm", deadline=30)
    await member.say(QUESTION)
    await member.sees("Reset your password", "dm", after=waits)
    assert count(member, TRANSFER) == 0
    assert away.happened > 0
    faults.clear()
    await member.sees(TRANSFER, "dm", deadline=60)
    await agent.accept()
    await member.sees("has joined", "dm")
    texts = agent.conversation.texts()
    assert texts.index(QUESTION) < texts.index("Talk to a person"), "the order was not kept"
    assert count(member, "cannot be reached") == 1
    assert count(member, "Reset your password") == 2, "each question is answered once"


@in_both_routings()
async def test_a_request_that_waits_for_twilio_can_be_taken_back(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    faults = desk.sandbox.twilio.world.faults
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    chat = desk.sandbox.twilio.world.chat
    await desk.sandbox.changes.until(lambda: any(c.webhooks for c in chat.conversations.values()), what="webhooks")
    faults.rest(RestFault.ERROR_BEFORE, times=None, status=503)
    await member.click("Talk to a person", where="dm")
    waits = await member.sees(AWAY, "dm", deadline=30)
    await member.click("Never mind", on=waits)
    await member.sees("The transfer was cancelled", "dm")
    faults.clear()
    await desk.sandbox.changes.until(
        lambda: any("Talk to a person" in c.texts() for c in chat.conversations.values()), deadline=60, what="the line"
    )
    await desk.sandbox.twilio.world.settled()
    tasks = desk.sandbox.twilio.world.router.tasks
    assert not any(task.live for task in tasks.values()), "somebody was rung for a request that was taken back"
