"""What a member's message says reaches the agent in words, and an agent's in a form that harms nobody."""

import pytest
from frontdesk_sandbox.discord import Member, messages
from frontdesk_sandbox.discord.model import Draft
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, reach_a_person

AMIRA = "Amira Haddad"


@ROUTINGS
async def test_quotes_forwards_polls_stickers_and_mentions_are_readable(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await member.command("/helpme")
    greeting = await member.sees("talk to a person", "dm")
    await member.say("How do I reset my password?", reply_to=greeting)
    await member.sees("Reset your password", "dm")
    assert not agent.offers(), "the quote of the greeting was taken for a wish"
    await reach_a_person(member, agent)
    await agent.says("Which lantern is broken?")
    asked = await member.sees("Which lantern is broken?", "dm")
    await member.say("The blue one", reply_to=asked)
    told = await agent.sees("The blue one")
    assert told.body == f"> {AMIRA}: Which lantern is broken?\nThe blue one"

    world = desk.sandbox.discord.world
    card = {"title": "Patch 1.2", "description": "Lanterns burn longer", "type": "rich"}
    news = messages.post(world, desk.house.general, desk.house.moderator.user, Draft("Look at this", [card]))
    await member.say(forward=news)
    told = await agent.sees("Forwarded message:")
    assert told.body == "Forwarded message:\n> Look at this\n> Patch 1.2\n> Lanterns burn longer"

    await member.say(poll=("Which light?", ["Oil", "Gas"]))
    assert (await agent.sees("Which light?")).body == "Poll: Which light?\n- Oil\n- Gas"
    await member.say("hi", stickers=["Wave"])
    assert (await agent.sees("Wave")).body == "hi\n[Sticker: Wave]"
    await member.say(f"<@{desk.house.jonas.user.id}> says <:lamp:123> at <t:1767225600:R> [free](https://evil.example)")
    told = await agent.sees("says")
    assert told.body.endswith("says :lamp: at 2026-01-01 00:00 UTC free (https://evil.example)")


@ROUTINGS
async def test_an_agents_tricks_have_no_effect(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await agent.says(f"@everyone <@{member.user.id}>\n# HEADING\n[bank](https://evil.example)\n```py\nprint(1)")
    said = await member.sees("HEADING", "dm")
    assert not said.mention_everyone
    assert said.mentions == []
    assert "**HEADING**" in said.content
    assert "bank (https://evil.example)" in said.content
    assert said.content.endswith("```py\nprint(1)\n```")


@ROUTINGS
@pytest.mark.desk(
    plugins={"helpdesk": {"relay": {"agent_name": "team", "team_name": "Lantern *Team*"}}, "cases": True},
)
async def test_agents_appear_as_the_team(desk: TestDesk, member: Member, agent: Agent) -> None:
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees(r"**Lantern \*Team\*** has joined", "dm")
    await agent.says("Good evening")
    await member.sees(r"**Lantern \*Team\*:** Good evening", "dm")
    assert not any("Amira" in text for text in heard(member))


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"relay": {"agent_name": "anonymous"}}})
async def test_agents_appear_without_a_name(desk: TestDesk, member: Member, agent: Agent) -> None:
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("**A member of our team** has joined", "dm")
    await agent.says("Good evening")
    await member.sees("**A member of our team:** Good evening", "dm")
    assert not any("Amira" in text for text in heard(member))


@ROUTINGS
async def test_each_turn_of_a_reaction_reaches_the_agent_and_the_member_sees_typing(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    typed: list[dict[str, object]] = []
    changes = desk.sandbox.changes
    publish = changes.publish

    def listen(event: dict[str, object]) -> None:
        if event.get("kind") == "typing":
            typed.append(event)
        publish(event)

    changes.publish = listen  # type: ignore[method-assign]  # the test wants to hear everything from the beginning
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await member.say("How do I reset my password?")
    await member.sees("Reset your password", "dm")
    assert typed, "the member saw no typing while the answer was prepared"
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")
    typed.clear()
    await member.say("Are you reading this?")
    await agent.sees("Are you reading this?")
    await agent.reads()
    await changes.until(lambda: typed, what="typing, now that the agent has read the line")
    await agent.says("It is fixed now.")
    said = await member.sees("It is fixed now.", "dm")
    for _ in range(3):
        await member.react(said, "👍")
        await member.unreact(said, "👍")
    await member.react(said, "👍")
    given = "Note from the desk: the customer reacted with 👍 to “It is fixed now.”"
    await changes.until(lambda: agent.conversation.texts().count(given) == 4, what="that it was given for good")
    await member.react(said, "lamp:123456789012345678")
    await agent.sees(":lamp:")
    notes = [text for text in agent.conversation.texts() if "It is fixed now.”" in text]
    assert notes == [
        *(given, "Note from the desk: the customer took 👍 back from “It is fixed now.”") * 3,
        given,
        "Note from the desk: the customer reacted with :lamp: to “It is fixed now.”",
    ]


@ROUTINGS
async def test_a_reaction_that_the_agent_was_not_told_of_is_taken_back_in_silence(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    del desk
    await member.command("/helpme")
    greeting = await member.sees("Hello Sam!", "dm")
    await member.react(greeting, "👍")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")
    await member.unreact(greeting, "👍")
    await agent.says("It is fixed now.")
    said = await member.sees("It is fixed now.", "dm")
    await member.react(said, "🎉")
    await agent.sees("reacted with 🎉")
    assert not any("👍" in text for text in agent.conversation.texts())
