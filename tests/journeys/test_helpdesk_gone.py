"""A Conversation that is gone at Twilio, or never came to be, is over for the member too, who may begin anew."""

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent, HookFault, RestFault
from frontdesk_sandbox.twilio.chat.state import Origin

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, reach_a_person

ENDED = "This conversation has ended"


def delete_conversation(desk: TestDesk, agent: Agent) -> None:
    desk.sandbox.twilio.world.chat.delete(agent.conversation, Origin("API"))


async def begins_anew(member: Member) -> None:
    """The end is told once, and /helpme opens another conversation."""
    assert sum(ENDED in text for text in heard(member)) == 1
    last = member.dm[-1]
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm", after=last)


@ROUTINGS
@pytest.mark.parametrize("is_told", [True, False], ids=["by a webhook", "by a line"])
async def test_a_deleted_conversation_is_over(desk: TestDesk, member: Member, agent: Agent, is_told: bool) -> None:
    await reach_a_person(member, agent)
    if not is_told:
        desk.sandbox.twilio.faults.hooks(HookFault.DROP, "onConversationRemoved")
    delete_conversation(desk, agent)
    if not is_told:
        await member.say("Is anybody there?")
        await member.sees("Your last message did not reach our team", "dm")
    await member.sees(ENDED, "dm")
    await begins_anew(member)


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"reconcile_seconds": 1.0}})
async def test_a_deleted_conversation_is_found_in_time(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    dropped = desk.sandbox.twilio.faults.hooks(HookFault.DROP, "onConversationRemoved")
    delete_conversation(desk, agent)
    await member.sees(ENDED, "dm")
    assert dropped.happened
    await begins_anew(member)


@ROUTINGS
async def test_a_conversation_that_twilio_does_not_take_is_over(desk: TestDesk, member: Member, agent: Agent) -> None:
    refused = desk.sandbox.twilio.faults.rest(RestFault.ERROR_BEFORE, "Conversations$", method="POST", status=400)
    await member.command("/helpme note:The lamps are out")
    await member.sees("Our chat system did not take this conversation", "dm")
    assert refused.happened == 1
    assert not any("did not reach our team" in text for text in heard(member))
    last = member.dm[-1]
    await member.command("/helpme")
    await member.click("Talk to a person", on=await member.sees("Hello Sam!", "dm", after=last))
    await agent.accept()
    await member.sees("has joined the conversation", "dm", after=last)
