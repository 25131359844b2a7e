"""The bot is killed between the commit and the telling: a case's timeline has everything once, and in order."""

import asyncio
from pathlib import Path

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.packages import Packages
from tests.journeys.stories import heard

# Its name makes it the first to hear: it ends the process before the cases have written anything down, once for each.
KILLER = """
import os, signal
from pathlib import Path
from frontdesk import hookimpl, handoff_changed, message_changed, message_relayed, rating_given

class It:
    api = "1.0"

    def __init__(self, desk):
        self.struck = Path(__file__).with_name("struck")

    def strike(self, key):
        if not self.struck.exists() or key not in self.struck.read_text().splitlines():
            with self.struck.open("a") as file:
                print(key, file=file)
            os.kill(os.getpid(), signal.SIGKILL)

    @hookimpl(message_relayed)
    async def message_relayed(self, message):
        if message.line.text in {"It is dark", "Look up"}:
            self.strike(message.key)

    @hookimpl(message_changed)
    async def message_changed(self, message):
        self.strike(message.key)

    @hookimpl(handoff_changed)
    async def handoff_changed(self, handoff):
        if handoff.case is not None and handoff.state.value in {"active", "ended"}:
            self.strike(handoff.key)

    @hookimpl(rating_given)
    async def rating_given(self, rating):
        self.strike(rating.key)
"""


class Lives:
    """The lives of a bot that is killed from within."""

    def __init__(self, desk: TestDesk, struck: Path) -> None:
        self._bot = desk.bot
        self._struck = struck
        self.ended = 0

    async def end(self) -> None:
        """Wait for the end of a life, and begin the next."""
        self.ended += 1
        async with asyncio.timeout(20):
            while not self._struck.exists() or self._struck.read_text().count("\n") < self.ended:  # noqa: ASYNC110  # a file tells nobody
                await asyncio.sleep(0.05)
        await self._bot.kill()
        await self._bot.start()


async def test_kills_before_anybody_was_told_leave_no_gap_on_the_timeline(
    open_desk: OpenDesk, packages: Packages, member: Member, agent: Agent, store_url: str
) -> None:
    packages.write("a_killer", KILLER)
    environ = {**packages.environ, "FRONTDESK_DATABASE_URL": store_url}
    desk = await open_desk(plugins=packages.with_the_house, environ=environ)
    lives = Lives(desk, Path(packages.environ["PYTHONPATH"]) / "struck")
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("CASE-1001", "dm")
    await agent.accept()
    await lives.end()
    await member.sees("has joined the conversation", "dm")
    await member.say("It is dark")
    await lives.end()
    await agent.says("Look up")
    await lives.end()
    seen = await member.say("I see it nwo")
    await agent.sees("I see it nwo")
    await member.edit(seen, "I see it now")
    await lives.end()
    await agent.sees("I see it now")
    await agent.deletes("Look up")
    await lives.end()
    await agent.completes()
    await lives.end()
    summary = await member.sees("How was it?", "dm")
    await member.click("4 ★", on=summary)
    await lives.end()
    staff = await desk.sign_in(desk.house.moderator)
    expected = [
        "is in the conversation", ">It is dark<", ">Look up<", ">I see it nwo<", ">I see it now<",
        "The message was taken back: \u2068Look up\u2069", "has ended", "4 of 5",
    ]  # fmt: skip
    page = ""
    async with asyncio.timeout(20):
        while not all(text in page for text in expected):
            page = (await staff.get("/cases/1")).text
    # What a line said before stands below its new words once more.
    assert [page.count(text) for text in expected] == [2 if "nwo" in text else 1 for text in expected], page
    assert sorted(expected, key=page.index) == expected
    assert lives.ended == 7
    assert not [text for text in heard(member) if "Look up" in text]
    assert await desk.bot.stop() == 0
