"""The database does not answer for a while: whatever members did in the meantime is taken in once it does."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import reach_a_person, said_by

QUICK = {"helpdesk": {"reconcile_seconds": 1.0}}


@contextmanager
def locked(bot: Bot) -> Iterator[None]:
    """Keep the bot from writing into its database, as a backup may."""
    (file,) = bot.config.parent.rglob("*.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


async def three_errors(bot: Bot) -> None:
    """Wait until three listeners have failed."""
    async with asyncio.timeout(30):
        while len(bot.errors()) < 3:  # noqa: ASYNC110 (the log of another process tells nobody)
            await asyncio.sleep(0.1)


def texts(desk: TestDesk) -> list[str]:
    """What stands in all the Conversations at Twilio."""
    conversations = desk.sandbox.twilio.world.chat.conversations.values()
    return [text for conversation in conversations for text in conversation.texts()]


@ROUTINGS
async def test_lines_in_threads_deletions_and_reactions_of_a_time_without_database(
    open_desk: OpenDesk, agent: Agent
) -> None:
    desk = await open_desk(plugins=QUICK, errors_expected=True)
    changes, (sam, jonas, noor) = desk.sandbox.changes, (desk.house.sam, desk.house.jonas, desk.house.noor)
    await reach_a_person(sam, agent)
    await agent.says("A line of the agent")
    line = await sam.sees("A line of the agent", "dm")
    await jonas.command("/hilfe")
    await jonas.sees("Hallo Jonas", "dm")
    dropped = await jonas.say("drop me")
    await noor.close_dms()
    await noor.command("/helpme")
    greeting = await noor.sees("سلام Noor")
    thread = desk.sandbox.discord.world.channels[greeting.channel_id]
    await changes.until(lambda: "drop me" in texts(desk), what="the line")
    with locked(desk.bot):
        await sam.react(line, "🎉")
        await jonas.delete(dropped)
        await noor.say("member line 0", to=thread)
        await three_errors(desk.bot)
    await agent.sees("reacted with 🎉", deadline=20)
    await changes.until(lambda: "drop me" not in texts(desk), deadline=20, what="the deletion")
    await changes.until(lambda: "member line 0" in texts(desk), deadline=20, what="the line in the thread")
    await noor.say("member line 1", to=thread)
    await changes.until(lambda: "member line 1" in texts(desk), what="the next line in the thread")
    assert [text for text in texts(desk) if text.startswith("member line")] == ["member line 0", "member line 1"]


@ROUTINGS
async def test_an_edit_that_discord_does_not_show_at_first(open_desk: OpenDesk, member: Member, agent: Agent) -> None:
    desk = await open_desk(plugins=QUICK, errors_expected=True)
    await reach_a_person(member, agent)
    said = await member.say("member line 0")
    await agent.sees("member line 0")
    path = rf"/channels/{member.dm_channel.id}/messages/\d+$"
    refused = desk.sandbox.discord.faults.answer(401, "GET", path)  # the library does not repeat these
    await member.edit(said, "member line 0, edited")
    await agent.sees("member line 0, edited", deadline=20)
    assert refused.struck == 1
    assert said_by(agent, "member line") == ["member line 0, edited"]


@ROUTINGS
async def test_a_reaction_in_a_thread_is_found_and_those_of_others_are_not(open_desk: OpenDesk, agent: Agent) -> None:
    desk = await open_desk(plugins=QUICK, errors_expected=True)
    noor = desk.house.noor
    await noor.close_dms()
    await noor.command("/helpme")
    greeting = await noor.sees("سلام Noor")
    thread = desk.sandbox.discord.world.channels[greeting.channel_id]
    await noor.click("صحبت با یک نفر", on=greeting)
    await agent.accept()
    await agent.says("A line of the agent")
    line = await noor.sees("A line of the agent", thread)
    await desk.bot.stop()
    await noor.react(line, "🎉")
    await desk.house.moderator.react(line, "👀")
    await noor.say("member line 0", to=thread)
    await desk.bot.start()
    await agent.sees("reacted with 🎉", deadline=20)
    await agent.sees("member line 0", deadline=20)
    assert not any("👀" in text for text in texts(desk))
