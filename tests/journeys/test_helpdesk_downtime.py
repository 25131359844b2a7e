"""The bot comes back after more than a day: all that was said on both sides is passed on, with the time it was said."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.discord.snowflakes import moment_of
from frontdesk_sandbox.pytest_plugin import OpenDesk
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio import Agent, HookFault

from tests.journeys.helpdesk_handoff.routings import ROUTINGS, helpdesk
from tests.journeys.stories import heard, reach_a_person, stopped_cleanly

AGO = timedelta(hours=26)  # whatever the time is now, a midnight lies between
LINES = 120  # on each side, more than a page of either service has
TEHRAN = ZoneInfo("Asia/Tehran")
AMIRA = "Amira Haddad"


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a sandbox whose clocks are behind."""
    served = Sandbox(ago=AGO)
    await served.start(pages=False)
    yield served
    await served.stop()


def in_tehran(moment: datetime) -> str:
    """Write a moment as the agent should read it."""
    return moment.astimezone(TEHRAN).strftime("%Y-%m-%d %H:%M +0330")


@ROUTINGS
@pytest.mark.slow
async def test_a_day_of_downtime_and_more_than_a_page_on_both_sides(
    open_desk: OpenDesk, sandbox: Sandbox, member: Member, agent: Agent
) -> None:
    desk = await open_desk(plugins=helpdesk(relay={"time_zone": "Asia/Tehran"}))
    await reach_a_person(member, agent)
    await desk.bot.kill()
    sandbox.twilio.faults.hooks(HookFault.DROP, times=None)  # nobody is there to hear them
    asked = [await member.say(f"member line {number}", to="dm") for number in range(LINES)]
    said = [await agent.says(f"agent line {number}") for number in range(LINES)]
    sandbox.twilio.faults.clear()
    await sandbox.come_to_the_present()
    await desk.bot.start()

    def at_agent() -> list[str]:
        return [text for text in agent.conversation.texts() if text.startswith("member line")]

    def at_member() -> list[str]:
        return [text for text in heard(member) if "agent line" in text]

    changes = desk.sandbox.changes
    await changes.until(lambda: len(at_agent()) >= LINES, deadline=60, what="all lines of the member")
    await changes.until(lambda: len(at_member()) >= LINES, deadline=60, what="all lines of the agent")
    assert at_agent() == [f"{one.content}\n(sent at {in_tehran(moment_of(one.id))})" for one in asked]
    assert at_member() == [f"**{AMIRA}:** {one.body}\n-# sent <t:{int(one.created.timestamp())}:f>" for one in said]
    assert moment_of(asked[-1].id).astimezone(TEHRAN).date() < datetime.now(TEHRAN).date()
    assert not [text for text in heard(member) if "faster than" in text], "who wrote long ago is not slowed down now"
    await member.say("member line of today", to="dm")
    today = await agent.sees("member line of today")
    assert today.body == "member line of today"
    await stopped_cleanly(desk.bot)
