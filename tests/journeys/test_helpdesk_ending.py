"""The end of a conversation: a summary, a rating, the transcript, and going on with it."""

import asyncio

import pytest
from frontdesk_sandbox.discord import Member, Message
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.chat.state import ConversationState, Origin

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, reach_a_person, stopped_cleanly

AMIRA = "Amira Haddad"
ENDED = "This conversation has ended"


async def reach_the_end(member: Member, agent: Agent) -> Message:
    """Go from nothing to the summary."""
    await reach_a_person(member, agent)
    await member.say("My lantern is gone", to="dm")
    await agent.sees("My lantern is gone")
    await agent.says("Look in the **chest**.")
    await member.sees("Look in the", "dm")
    await agent.completes()
    return await member.sees(ENDED, "dm")


def styles(message: Message) -> list[int]:
    """The looks of the buttons in a message's first row."""
    return [button["style"] for button in message.components[0]["components"]]


async def case_page(desk: TestDesk, text: str) -> str:
    """What staff read of the first case, once it has a text: the case hears of it a moment later."""
    staff = await desk.sign_in(desk.house.moderator)
    async with asyncio.timeout(10):
        while text not in (page := (await staff.get("/cases/1")).text):  # noqa: ASYNC110  # a page tells nobody that it has changed
            await asyncio.sleep(0.1)
    return page


@ROUTINGS
async def test_the_member_is_told_who_helped_for_how_long_and_what_is_next(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    summary = await reach_the_end(member, agent)
    assert f"You talked with **{AMIRA}**, for 1 minute." in summary.content
    assert "Your case is **CASE-1001**" in summary.content
    assert "just write here within 1 day" in summary.content
    assert "How was it?" in summary.content
    assert len([text for text in heard(member) if ENDED in text]) == 1


@ROUTINGS
async def test_a_rating_is_given_changed_and_commented_on_and_stands_in_the_case(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    summary = await reach_the_end(member, agent)
    await member.click("2 ★", on=summary)
    await desk.sandbox.changes.until(lambda: styles(summary) == [2, 3, 2, 2, 2], deadline=10, what="two stars")
    await member.click("5 ★", on=summary)
    await desk.sandbox.changes.until(lambda: styles(summary) == [2, 2, 2, 2, 3], deadline=10, what="five stars")
    await member.click("Add a comment", on=summary)
    await member.submit(comment="Amira was kind & quick <3")
    await member.sees("Your comment has been noted", "dm")
    page = await case_page(desk, "Amira was kind")
    assert "rated the conversation: 2 of 5" in page
    assert "rated the conversation: 5 of 5" in page
    assert "Amira was kind &amp; quick &lt;3" in page


@ROUTINGS
async def test_a_rating_survives_a_restart_and_is_one_a_conversation(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk()
    summary = await reach_the_end(member, agent)
    await member.click("3 ★", on=summary)
    await desk.sandbox.changes.until(lambda: styles(summary) == [2, 2, 3, 2, 2], deadline=10, what="three stars")
    await case_page(desk, "3 of 5")
    await stopped_cleanly(desk.bot)
    await desk.bot.start()
    await member.click("3 ★", on=summary)
    await member.click("4 ★", on=summary)
    await desk.sandbox.changes.until(lambda: styles(summary) == [2, 2, 2, 3, 2], deadline=10, what="four stars")
    page = await case_page(desk, "4 of 5")
    assert page.count("rated the conversation: 3 of 5") == 1
    assert page.count("rated the conversation: 4 of 5") == 1
    await stopped_cleanly(desk.bot)


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"ending": {"rating_within_hours": 1e-7, "reopen_within_hours": 0}}})
async def test_what_is_too_late_is_said(desk: TestDesk, member: Member, agent: Agent) -> None:
    summary = await reach_the_end(member, agent)
    assert "Type /helpme in the server whenever you need us again" in summary.content
    assert "case" not in summary.content, "there is none without the cases plugin"
    answer = await (await member.click("5 ★", on=summary)).response()
    assert "can no longer be rated" in answer.content
    await member.say("One more thing!", to="dm")
    await member.sees("Ask me anything in your own words", "dm", after=summary)
    assert not any("Shall we go on" in text for text in heard(member))


@ROUTINGS
async def test_a_member_gets_the_transcript_as_one_harmless_file(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await member.say("<script>alert(1)</script> <img src=x onerror=y>", to="dm")
    await agent.sees("<script>")
    await agent.says("Look in the **chest**.")
    await member.sees("Look in the", "dm")
    await agent.completes()
    summary = await member.sees(ENDED, "dm")

    answer = await (await member.command("/transcript")).response()
    assert answer.flags & 64, "in the server it is for the member's eyes only"
    text = content_of(answer)
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert "<img" not in text
    assert "<strong>chest</strong>" in text
    assert answer.attachments[0].file.name == "transcript-CASE-1001.html"

    pressed = await (await member.click("Transcript", on=summary)).response()
    assert not pressed.flags & 64, "in the DM it stays"
    assert content_of(pressed) == text
    in_dm = await (await member.command("/transcript", "dm")).response()
    assert content_of(in_dm) == text


@ROUTINGS
async def test_staff_reads_transcripts_of_the_server_and_others_do_not(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_the_end(member, agent)
    house = desk.house
    for question in ("/transcript case:CASE-1001", "/transcript case:1001", "/transcript member:@Sam"):
        answer = await (await house.moderator.command(question)).response()
        assert answer.flags & 64
        assert "My lantern is gone" in content_of(answer)
    for question in ("/transcript case:CASE-1001", "/transcript case:CASE-9", "/transcript member:@Sam"):
        answer = await (await house.noor.command(question)).response()
        assert "متن گفتگوهای خودتان" in answer.content
        assert not answer.attachments
    own = await (await member.command("/transcript case:case-1001")).response()
    assert "My lantern is gone" in content_of(own)
    nothing = await (await house.moderator.command("/transcript case:CASE-9")).response()
    assert "no such conversation" in nothing.content
    nothing = await (await house.noor.command("/transcript")).response()
    assert "چنین گفتگویی نیست" in nothing.content


def content_of(message: Message) -> str:
    """The text of a message's file."""
    return message.attachments[0].file.data.decode()


@ROUTINGS
async def test_who_writes_after_the_end_can_go_on_with_the_same_case_and_everything_said(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    summary = await reach_the_end(member, agent)
    closed = desk.sandbox.twilio.world.chat.conversations
    before = list(closed)
    await member.say("It is not in the chest!", to="dm")
    offer = await member.sees("Shall we go on where we stopped?", "dm", after=summary)
    await member.say("I looked twice.", to="dm")
    await member.click("Continue", on=offer)
    await member.sees("Welcome back!", "dm", after=summary)
    await member.sees("Your case **CASE-1001** goes on", "dm", after=summary)
    await agent.accept()
    await member.sees(f"**{AMIRA}** has joined", "dm", after=summary)
    assert agent.conversation.sid not in before, "the closed Conversation stays closed"
    assert agent.task["case_number"] == "CASE-1001"
    await desk.sandbox.changes.until(
        lambda: "I looked twice." in agent.conversation.texts(), deadline=10, what="the second line"
    )
    said = agent.conversation.texts()
    assert "goes on with an earlier conversation (case CASE-1001)" in said[0]
    assert f"{AMIRA}: Look in the **chest**." in said[0]
    assert [text for text in said if text in {"It is not in the chest!", "I looked twice."}] == [
        "It is not in the chest!",
        "I looked twice.",
    ]
    await agent.says("Then take mine.")
    await member.sees("Then take mine.", "dm")
    again = await (await member.click("Continue", on=offer)).response()
    assert "cannot be continued" in again.content
    page = await case_page(desk, "goes on with the conversation")
    assert "The customer goes on with the conversation." in page
    text = content_of(await (await member.command("/transcript")).response())
    assert text.index("My lantern is gone") < text.index("Continued on") < text.index("Then take mine.")


@ROUTINGS
@pytest.mark.desk(
    plugins={"helpdesk": {"ending": {"reopen": "automatic"}}, "cases": True},
)
async def test_by_setting_a_line_after_the_end_goes_on_at_once(desk: TestDesk, member: Member, agent: Agent) -> None:
    summary = await reach_the_end(member, agent)
    await member.say("It is not in the chest!", to="dm")
    await member.say("I looked twice.", to="dm")
    await member.sees("Welcome back!", "dm", after=summary)
    await agent.accept()
    await desk.sandbox.changes.until(
        lambda: "I looked twice." in agent.conversation.texts(), deadline=10, what="the second line"
    )
    said = agent.conversation.texts()
    assert said.index("It is not in the chest!") < said.index("I looked twice.")
    assert len([text for text in heard(member) if "Welcome back!" in text]) == 1


@ROUTINGS
async def test_a_line_written_after_the_end_while_the_bot_was_away_is_answered(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk()
    summary = await reach_the_end(member, agent)
    await stopped_cleanly(desk.bot)
    await member.say("Is anybody there?", to="dm")
    await desk.bot.start()
    await member.click("Continue", on=await member.sees("Shall we go on", "dm", after=summary))
    await agent.accept()
    await agent.sees("Is anybody there?")
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_without_a_person_before_the_virtual_agent_goes_on(desk: TestDesk, member: Member) -> None:
    await member.command("/helpme note:How do I reset my password?")
    await member.sees("Reset your password", "dm")
    await close(desk)
    summary = await member.sees(ENDED, "dm")
    assert "The virtual agent was there for you" in summary.content
    await member.say("How do I reset my password?", to="dm")
    await member.click("Continue", on=await member.sees("Shall we go on", "dm", after=summary))
    hello = await member.sees("Welcome back!", "dm", after=summary)
    await member.sees("Reset your password", "dm", after=hello)


async def close(desk: TestDesk) -> None:
    """Close the Conversation as an administrator of the Twilio account would."""
    chat = desk.sandbox.twilio.world.chat
    (conversation,) = chat.conversations.values()
    # A line stands there once the bot knows it; until then the webhook's news would wait for the next comparison.
    await desk.sandbox.changes.until(
        lambda: conversation.webhooks and conversation.messages,
        what="the webhook that will tell of the end, and a line",
    )
    chat.set_state(conversation, ConversationState.CLOSED, Origin("API", None), "API")
