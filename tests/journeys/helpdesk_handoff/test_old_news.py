"""News of a request that is over comes late, or once more: the present request is not touched by it."""

import asyncio
from dataclasses import replace

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import HookFault, RestFault
from frontdesk_sandbox.twilio.webhooks import Delivery

from tests.journeys.helpdesk_handoff.routings import ROUTINGS, helpdesk, in_both_routings
from tests.journeys.helpdesk_handoff.test_ends import TRANSFER, ask_for_a_person, count

FAILED = "The transfer did not work"
QUEUED = ("task.created", "task-queue.entered")
_REQUESTS = r"(Interactions|Invites|Conversations/CH\w+)$"


async def tell_again(desk: TestDesk, told: list[Delivery]) -> None:
    """Send webhooks that were recorded, one after the other, and wait until all are answered."""
    again = [replace(delivery, lane="again", status=None, problem=None) for delivery in told]
    for delivery in again:
        desk.sandbox.twilio.world.webhooks.send(delivery)
    await desk.sandbox.changes.until(lambda: all(each.status for each in again), what="their answers")
    assert {each.status for each in again} <= {200, 204}


@in_both_routings()
async def test_that_an_earlier_task_is_cancelled_is_heard_of_after_a_person_was_asked_for_again(
    desk: TestDesk, member: Member, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    world.faults.hooks(HookFault.DROP, "task.canceled")
    await ask_for_a_person(member)
    await member.click("Never mind", where="dm")
    cancelled = await member.sees("The transfer was cancelled", "dm")
    for event in QUEUED:
        world.faults.hooks(HookFault.DROP, event, times=None)
    await member.click("Talk to a person", where="dm", on=cancelled)
    await desk.sandbox.changes.until(
        lambda: len(world.router.tasks) == 2, deadline=20, what="the task of the second request"
    )
    world.faults.clear()
    await tell_again(desk, [each for each in world.webhooks.deliveries if each.event == "task.canceled"])
    await tell_again(desk, [each for each in world.webhooks.deliveries if each.event in QUEUED])
    await desk.sandbox.changes.until(lambda: count(member, TRANSFER) == 2, what="the second transfer")
    assert count(member, "did not work") == 0


async def flow_says_that_it_failed(desk: TestDesk, **request: str) -> None:
    """Call the address that the Studio flow calls when Flex did not take a conversation."""
    world = desk.sandbox.twilio.world
    (conversation,) = world.chat.conversations.values()
    form = {"ConversationSid": conversation.sid, "MessageSid": "IM1", "Body": "a person please", **request}
    url = f"{desk.bot.url}/helpdesk/handoff-failed"
    assert (await world.webhooks.request_signed_form("POST", url, form, 10)).status < 300


@in_both_routings()
async def test_that_flex_refused_an_earlier_request_is_told_once_more(
    desk: TestDesk, member: Member, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    world.flex.refuse_next = (45350, "Something went wrong")
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    failed = await member.sees(FAILED, "dm")
    await world.settled()
    away = world.faults.rest(RestFault.ERROR_BEFORE, r"(Interactions|Conversations/CH\w+)$", method="POST", times=None)
    await member.click("Talk to a person", where="dm", on=failed)
    await desk.sandbox.changes.until(lambda: away.happened, what="the second request")
    await flow_says_that_it_failed(desk, Request="1")
    await tell_again(desk, [each for each in world.webhooks.deliveries if each.event == "onChannelCreateFailed"])
    world.faults.clear()
    await member.sees(TRANSFER, "dm", deadline=30)
    await flow_says_that_it_failed(desk, Request="2")
    await flow_says_that_it_failed(desk)
    await member.click("Never mind", where="dm")
    await member.sees("The transfer was cancelled", "dm")
    assert count(member, FAILED) == 1


@in_both_routings()
async def test_flex_drops_a_second_interaction_for_a_conversation_that_waits(
    desk: TestDesk, member: Member, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    for event in QUEUED:
        world.faults.hooks(HookFault.DROP, event, times=None)
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    (task,) = (await desk.sandbox.changes.until(lambda: world.router.tasks, what="a task")).values()
    first = world.flex.find(task.details["flexInteractionSid"])
    channel = {"type": "web", "properties": {"media_channel_sid": first.media_channel_sid}}
    second = world.flex.create(channel, first.routing)
    await desk.sandbox.changes.until(lambda: second.channel.error_code == 45353, what="the refusal")
    await world.settled()
    await flow_says_that_it_failed(desk)
    await member.sees(TRANSFER, "dm")
    await member.click("Never mind", where="dm")
    await member.sees("The transfer was cancelled", "dm")
    assert count(member, FAILED) == 0


@in_both_routings(reconcile_seconds=1)
async def test_a_request_that_is_refused_for_the_task_of_an_earlier_one_is_made_again_once_that_is_closed(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    await agent.offline()
    await member.command("/helpme")
    await member.sees("Hello", "dm")
    (conversation,) = (
        await desk.sandbox.changes.until(lambda: world.chat.conversations, what="the Conversation")
    ).values()
    away = world.faults.rest(RestFault.ERROR_BEFORE, r"(Interactions|Conversations/CH\w+)$", method="POST", times=None)
    await member.click("Talk to a person", where="dm")
    await desk.sandbox.changes.until(lambda: away.happened, what="the first request")
    await member.click("Never mind", where="dm")
    cancelled = await member.sees("The transfer was cancelled", "dm")
    for event in QUEUED:
        world.faults.hooks(HookFault.DROP, event, times=None)
    (workflow,) = [each for each in world.router.workflows.values() if "Frontdesk" in each.friendly_name]
    properties = {
        "workspace_sid": world.router.workspace.sid,
        "workflow_sid": workflow.sid,
        "attributes": {"frontdesk_request": 1},
    }
    channel = {"type": "web", "properties": {"media_channel_sid": conversation.sid}}
    world.flex.create(channel, {"properties": properties})  # the first request has got there after all
    await desk.sandbox.changes.until(lambda: world.router.tasks, what="its task")
    await member.click("Talk to a person", where="dm", on=cancelled)
    world.faults.clear()
    await member.sees(TRANSFER, "dm", deadline=30)
    await agent.available()
    await agent.accept()
    await member.sees("has joined", "dm")
    assert agent.task["frontdesk_request"] == 2
    assert count(member, FAILED) == 0
    assert count(member, TRANSFER) == 1
    assert len([task for task in world.router.tasks.values() if task.live]) == 1


@pytest.mark.desk(plugins=helpdesk(routing="direct"))
async def test_an_interaction_that_nobody_heard_of_is_found_though_a_person_was_asked_for_again(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    world = desk.sandbox.twilio.world
    await agent.offline()
    lost = world.faults.rest(RestFault.DROP_AFTER, r"Interactions$", method="POST")
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await desk.sandbox.changes.until(lambda: lost.happened and world.router.tasks, what="a task")
    await member.click("Never mind", where="dm")
    cancelled = await member.sees("The transfer was cancelled", "dm")
    await member.click("Talk to a person", where="dm", on=cancelled)
    await member.sees(TRANSFER, "dm")
    await agent.available()
    await agent.accept()
    await member.sees("has joined", "dm")
    assert agent.task["frontdesk_request"] == 2
    assert len(world.flex.interactions) == 1, "the agent of the second request comes into the first Interaction"
    assert count(member, FAILED) == 0


@in_both_routings(reconcile_seconds=1)
async def test_a_request_is_made_again_that_came_while_a_late_task_of_an_earlier_one_was_there(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    """The flow waits for the end of its task, and takes no notice of lines meanwhile."""
    world = desk.sandbox.twilio.world
    await ask_without_news(desk, member, agent)
    world.faults.clear()
    await member.sees(TRANSFER, "dm")
    await agent.available()
    await agent.accept()
    await member.sees("has joined", "dm")
    assert agent.task["frontdesk_request"] == 2
    assert count(member, FAILED) == 0


@ROUTINGS
async def test_late_news_of_a_task_that_was_closed_does_not_close_the_next_one_in_its_channel(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    world = desk.sandbox.twilio.world
    late = await ask_without_news(desk, member, agent)
    world.faults.clear()
    (first,) = (task for task in world.router.tasks.values() if task.details["frontdesk_request"] == 1)
    await tell_again(desk, [each for each in late if each.params["TaskSid"] == first.sid])
    await desk.sandbox.changes.until(lambda: len(world.router.tasks) == 2, what="the task of the second request")
    await world.settled()
    await agent.available()
    await agent.accept()
    await member.sees("has joined", "dm")
    assert not first.live
    assert agent.task["frontdesk_request"] == 2
    assert count(member, FAILED) == 0


async def ask_without_news(desk: TestDesk, member: Member, agent: Agent) -> list[Delivery]:
    """Have a person asked for, that taken back, and one asked for again, while nobody hears of tasks; give the news."""
    world = desk.sandbox.twilio.world
    await agent.offline()
    for event in (*QUEUED, "task.canceled"):
        world.faults.hooks(HookFault.DROP, event, times=None)
    world.faults.rest(RestFault.ERROR_BEFORE, r"/Tasks$", method="GET", times=None)
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await desk.sandbox.changes.until(lambda: world.router.tasks, what="the first task")
    await world.settled()
    await member.click("Never mind", where="dm")
    cancelled = await member.sees("The transfer was cancelled", "dm")
    await member.click("Talk to a person", where="dm", on=cancelled)
    await member.sees("Thank you. I am passing this on.", "dm", after=cancelled)
    return [each for each in world.webhooks.deliveries if each.event in QUEUED]


@in_both_routings(reconcile_seconds=1)
async def test_that_taskrouter_has_forgotten_the_task_of_an_earlier_request_is_no_failure(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    world = desk.sandbox.twilio.world
    await agent.offline()
    for event in ("task.canceled", "task.deleted"):
        world.faults.hooks(HookFault.DROP, event)
    await ask_for_a_person(member)
    await member.click("Never mind", where="dm")
    cancelled = await member.sees("The transfer was cancelled", "dm")
    (first,) = world.router.tasks.values()
    away = world.faults.rest(RestFault.ERROR_BEFORE, _REQUESTS, method="POST", times=None)
    world.router.delete(first)
    await member.click("Talk to a person", where="dm", on=cancelled)
    await desk.sandbox.changes.until(lambda: away.happened, what="the second request")
    read = world.faults.rest(RestFault.DELAY, r"/Tasks$", method="GET", times=2, seconds=0.0)
    async with asyncio.timeout(20):
        while read.happened < 2:  # noqa: ASYNC110 - what is only read is no change that would be told
            await asyncio.sleep(0.05)
    world.faults.clear()
    await desk.sandbox.changes.until(lambda: count(member, TRANSFER) == 2, deadline=30, what="the second transfer")
    assert count(member, FAILED) == 0
