"""The owner's Studio flow hands a conversation over by itself: the agent knows as much as when we had asked."""

import copy

import pytest
import tomlkit
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import helpdesk
from tests.journeys.helpdesk_handoff.test_ends import TRANSFER, count, the_bot_answers
from tests.journeys.stories import heard, stopped_cleanly

WORDS = "Mein Laternenlicht flackert"


def hand_over_at(desk: TestDesk, words: str, attributes: str) -> None:
    """Let the flow send the conversation to Flex at certain words, with attributes of its own."""
    studio = desk.sandbox.twilio.world.studio
    (flow,) = studio.flows.values()
    assert flow.published is not None
    definition = copy.deepcopy(flow.published.definition)
    for state in definition["states"]:
        if state["type"] == "split-based-on":
            body = "{{trigger.conversation.Body}}"
            state["properties"]["input"] = body
            state["transitions"][1]["conditions"][0] |= {"arguments": [body], "value": words}
        elif state["type"] == "send-to-flex":
            state["properties"]["attributes"] = attributes
    studio.revise(flow, flow.published.friendly_name, "published", definition, "ours")


@pytest.mark.parametrize(
    "attributes",
    ["{{trigger.conversation.ChannelAttributes.task | to_json}}", '{"topic": "lamps", "customers": {"group": "gold"}}'],
    ids=["with-ours", "with-its-own"],
)
async def test_a_flow_hands_over_by_itself_twice(desk: TestDesk, member: Member, agent: Agent, attributes: str) -> None:
    router = desk.sandbox.twilio.world.router
    await agent.offline()
    hand_over_at(desk, WORDS, attributes)
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await member.say(WORDS)
    first = await member.sees(TRANSFER, "dm")
    await member.sees("CASE-", "dm")
    await member.click("Never mind", where="dm", on=first)
    cancelled = await member.sees("The transfer was cancelled", "dm")
    await member.say(WORDS)
    await member.sees(TRANSFER, "dm", after=cancelled)
    await desk.sandbox.changes.until(
        lambda: any(task.details.get("case_number") for task in router.tasks.values() if task.live), what="attributes"
    )
    await agent.available()
    await agent.accept()
    await member.sees("has joined", "dm")
    task = agent.task
    note = await agent.sees(f"Case: {task['case_number']}")
    assert note.body.startswith("About Sam, from the Discord server Lantern Vale:")
    assert WORDS in note.body
    assert task["frontdesk_request"] == 2
    assert task["case_number"] in next(text for text in reversed(heard(member)) if "CASE-" in text)
    assert task["conversationSid"] == agent.conversation.sid
    assert task["flexInteractionSid"]
    if "topic" in attributes:
        assert task["topic"] == "lamps"
        assert task["customers"] == {"group": "gold", "name": "Sam", "external_id": task["customers"]["external_id"]}
    await agent.says("Hello")
    await member.sees("Hello", "dm")
    assert count(member, "was cancelled") == 1


async def test_without_a_flow_the_virtual_agent_answers_itself_and_says_that_nobody_comes(
    open_desk: OpenDesk, member: Member
) -> None:
    desk = await open_desk(start=False)
    await desk.bot.deploy()
    settings = tomlkit.parse(desk.bot.config.read_text(encoding="utf-8"))
    del settings["twilio"]["studio_flow_sid"]
    desk.bot.config.write_text(tomlkit.dumps(settings), encoding="utf-8")
    await desk.bot.start()
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await the_bot_answers(member)
    await member.click("Talk to a person", where="dm")
    await member.sees("The transfer did not work", "dm")
    await stopped_cleanly(desk.bot)


@pytest.mark.desk(plugins=helpdesk(reconcile_seconds=1, queue={"handover_seconds": 3}))
async def test_a_flow_that_never_hands_over_leaves_nobody_waiting(desk: TestDesk, member: Member, agent: Agent) -> None:
    hand_over_at(desk, WORDS, "{{trigger.conversation.ChannelAttributes.task | to_json}}")
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    failed = await member.sees("The transfer did not work", "dm")
    await the_bot_answers(member)
    assert not desk.sandbox.twilio.world.router.tasks
    await member.click("Talk to a person", where="dm", on=failed)
    await member.say(WORDS)
    await agent.accept()
    await member.sees("has joined", "dm")
    assert count(member, "did not work") == 1
