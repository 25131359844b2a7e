"""What the agent gets with the task: attributes that Flex understands, and a first message in plain words."""

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import in_both_routings
from tests.journeys.helpdesk_handoff.test_ends import QUESTION, the_bot_answers
from tests.journeys.stories import heard


@in_both_routings()
async def test_an_agent_knows_who_asks_what_and_what_was_said(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await the_bot_answers(member)
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")
    task = agent.task
    assert task["from"] == task["customerName"] == "Sam"
    assert task["question"] == QUESTION
    assert task["discord_server"] == "Lantern Vale"
    assert task["roles"] == "Lamplighter"
    assert task["account_created"]
    assert task["member_since"]
    assert task["case_number"].startswith("CASE-")
    assert task["case_url"].startswith("http")
    assert task["customers"]["name"] == "Sam"
    assert task["customers"]["external_id"].startswith("discord_")
    assert task["conversations"]["conversation_id"] == agent.conversation.sid
    assert task["conversations"]["case"] == task["case_number"]
    assert task["conversations"]["communication_channel"] == "Discord"
    assert any("password" in article["title"] for article in task["articles"])
    assert any(QUESTION in line for line in task["transcript"])
    note = await agent.sees("About Sam, from the Discord server Lantern Vale:")
    for part in (QUESTION, task["case_number"], task["case_url"], "Lamplighter", "1300 days", "400 days", "Reset your"):
        assert part in note.body, part
    assert not any("About Sam" in text for text in heard(member)), "the briefing is for the agent alone"
