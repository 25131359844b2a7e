"""Edits and deletions follow a line to the other side, also those of the time in which the bot was away."""

import functools

from frontdesk_sandbox.discord import File, Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import HookFault

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, heard_from, reach_a_person, stopped_cleanly

AMIRA = "Amira Haddad"


@ROUTINGS
async def test_edits_and_deletions_follow_in_both_directions(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    changes = desk.sandbox.changes
    typo = await member.say("My lantren is dark")
    other = await member.say("And cold")
    await agent.sees("And cold")
    await member.edit(typo, "My lantern is dark")
    await member.edit(typo, "My lantern is very dark")
    await member.say("Please help")
    await agent.sees("Please help")
    assert agent.conversation.texts()[-3:] == ["My lantern is very dark", "And cold", "Please help"]
    await member.delete(other)
    await changes.until(lambda: "And cold" not in agent.conversation.texts(), what="the deletion at the agent")

    await agent.says("Hav you tried oil?")
    await member.sees("Hav you tried oil?", "dm")
    await agent.edits("Hav you tried oil?", "Have you tried oil?")
    await member.sees("Have you tried oil?", "dm")
    await agent.says("It costs 5")
    wrong = await member.sees("It costs 5", "dm")
    await agent.deletes("It costs 5")
    await member.sees_no_more(wrong)
    assert heard_from(member, AMIRA) == ["Have you tried oil?"]


@ROUTINGS
async def test_long_lines_shrink_and_grow_and_files_are_taken_out(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    changes = desk.sandbox.changes
    long = " ".join(f"ember{number}" for number in range(600))
    said = await agent.says(long)
    await member.sees("ember599", "dm")
    for words in ("short", long, "short again"):
        await agent.edits(said, words)
        await member.sees(words.split()[-1], "dm")
        await changes.until(functools.partial(_agent_said, member, words), what=words[:20])
    pictures = [File("a.png", b"a", "image/png"), File("b.png", b"b", "image/png")]
    message = await member.say("Two", attachments=pictures)
    await changes.until(lambda: len(_files(agent)) == 2, what="both files")
    await member.take_out(message, "a.png")
    await changes.until(lambda: _files(agent) == ["b.png"], what="one file less")
    await member.delete(message)
    await changes.until(lambda: not _files(agent) and "Two" not in agent.conversation.texts(), what="the deletion")


def _agent_said(member: Member, words: str) -> bool:
    said = [text for text in heard(member) if "ember" in text or "short" in text]
    return " ".join(said) == f"**{AMIRA}:** {words}"


def _files(agent: Agent) -> list[str | None]:
    return [each.filename for message in agent.conversation.messages.values() for each in message.media]


@ROUTINGS
async def test_what_was_changed_while_the_bot_was_away_is_caught_up(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk()
    await reach_a_person(member, agent)
    kept, gone = await member.say("keep me"), await member.say("drop me")
    await agent.says("I keep this")
    await agent.says("I drop this")
    await agent.sees("drop me")
    dropped = await member.sees("I drop this", "dm")
    reacted_to = await member.sees("I keep this", "dm")
    await member.react(reacted_to, "👀")
    await agent.sees("reacted with 👀")
    await member.react(reacted_to, "🎉")
    await member.unreact(reacted_to, "🎉")
    await agent.sees("took 🎉 back")
    await desk.bot.kill()
    await member.edit(kept, "kept, and edited")
    await member.delete(gone)
    await member.react(reacted_to, "🎉")
    await member.unreact(reacted_to, "👀")
    await member.say("said meanwhile")
    await agent.edits("I keep this", "I kept this")
    await agent.deletes("I drop this")
    await agent.says("Are you there?")
    await desk.bot.start()
    await member.sees_no_more(dropped, deadline=30)
    await member.sees("Are you there?", "dm", deadline=30)
    await agent.sees("said meanwhile", deadline=30)
    await agent.sees("took 👀 back")
    await agent.sees("kept, and edited", deadline=30)
    changes = desk.sandbox.changes
    await changes.until(
        lambda: sum("reacted with 🎉" in text for text in agent.conversation.texts()) == 2,
        what="that it was given again",
    )
    await changes.until(lambda: "drop me" not in agent.conversation.texts(), deadline=30, what="the deletion")
    await member.sees("I kept this", "dm", deadline=30)
    texts = [text for text in agent.conversation.texts() if text in {"kept, and edited", "drop me", "said meanwhile"}]
    assert texts == ["kept, and edited", "said meanwhile"]
    assert heard_from(member, AMIRA) == ["I kept this", "Are you there?"]
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_lost_and_reordered_webhooks_of_changes_do_no_harm(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk(plugins={"helpdesk": {"reconcile_seconds": 1.0}})
    await reach_a_person(member, agent)
    faults = desk.sandbox.twilio.faults
    await agent.says("first")
    await member.sees("first", "dm")
    faults.hooks(HookFault.DROP, "onMessageUpdated")
    await agent.edits("first", "first, edited")
    await member.sees("first, edited", "dm", deadline=20)
    faults.hooks(HookFault.DELAY, "onMessageAdded", seconds=1.5)
    await agent.says("never mind")
    await agent.deletes("never mind")
    await agent.says("second")
    await member.sees("second", "dm", deadline=20)
    await agent.says("third")
    await member.sees("third", "dm", deadline=20)
    assert heard_from(member, AMIRA) == ["first, edited", "second", "third"]
    await stopped_cleanly(desk.bot)
