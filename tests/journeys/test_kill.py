"""The bot is killed at random moments of a conversation: every line arrives once and in order on both sides."""

import asyncio
import random
from collections import Counter
from enum import Enum

import pytest
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk
from frontdesk_sandbox.twilio import Agent

from tests.conftest import Tell
from tests.journeys.helpdesk_handoff.routings import helpdesk

LINES_MEANWHILE = 2
_PACE = 0.1  # seconds between two lines of the same person
_SETTLE = 60.0


class Moment(Enum):
    """When in its life a bot is killed."""

    EARLY = "before it has looked at what its last life has left"
    IN_FLIGHT = "when a line has just arrived, and the bot does not know yet"
    LATER = "while both talk"


@pytest.mark.parametrize(("routing", "kills"), [("studio", 50), ("direct", 10)], indirect=["routing"])
async def test_nothing_is_lost_or_doubled_by_many_kills(
    open_desk: OpenDesk, member: Member, agent: Agent, store_url: str, *, kills: int, tell: Tell
) -> None:
    unbraked = helpdesk(relay={"lines_a_minute": 6000, "lines_at_once": 1000})  # nobody writes like this for so long
    desk = await open_desk(plugins=unbraked, environ={"FRONTDESK_DATABASE_URL": store_url})
    conversation = Conversation(desk.sandbox.changes, member, agent)
    await conversation.begin()
    lives = Lives(desk.bot, conversation)
    chance = random.Random(20260101)  # the same moments on every machine, as far as it goes
    for _ in range(kills):
        await lives.kill_in_the_middle(chance)
    await conversation.speak()
    changes = desk.sandbox.changes
    await changes.until(conversation.agent_has_all, deadline=_SETTLE, what="all lines of the member at the agent")
    await changes.until(conversation.member_has_all, deadline=_SETTLE, what="all lines of the agent at the member")
    assert await desk.bot.stop() == 0
    lives.look_back()
    assert conversation.at_agent() == conversation.by_member
    assert conversation.at_member() == conversation.by_agent
    notices = Counter(message.content for message in member.dm if message.author is not member.user)
    assert max(notices.values()) == 1, f"said twice: {notices.most_common(3)}"
    # That the kills struck at work: lines went over between most of them, and some did so unknown to the bot.
    tell(f"{lives.at_work} of {kills} lives relayed lines, {lives.found} sends were found to have arrived")
    assert lives.at_work >= kills // 2
    assert lives.found >= kills // 10


class Lives:
    """The bot's lives, from start to kill, and what is known of them."""

    def __init__(self, bot: Bot, conversation: "Conversation") -> None:
        self._bot = bot
        self._conversation = conversation
        self.at_work = 0
        self.found = 0

    async def kill_in_the_middle(self, chance: random.Random) -> None:
        """Let both sides speak, kill the bot meanwhile, let them speak on while it is away, and start it again."""
        conversation, moment = self._conversation, chance.choices(list(Moment), [1, 2, 2])[0]
        before = conversation.arrived()
        enough = asyncio.Event()
        speaking = asyncio.create_task(conversation.speak_until(enough))
        if moment is not Moment.EARLY:
            await conversation.goes_on(chance.choice([True, False]))
        if moment is not Moment.IN_FLIGHT:  # the moment of the kill is the point, nothing is waited for
            await asyncio.sleep(chance.uniform(0, 0.06 if moment is Moment.EARLY else 0.4))
        await self._bot.kill()
        self.at_work += conversation.arrived() > before
        enough.set()
        await speaking
        await conversation.speak(LINES_MEANWHILE)
        self.look_back()
        await self._bot.start()

    def look_back(self) -> None:
        """Count what a life has looked up and found; the next one begins a new log."""
        self.found += sum(event.get("event") == "journal entry had arrived" for event in self._bot.events)


class Conversation:
    """Two people who number what they say."""

    def __init__(self, changes: Changes, member: Member, agent: Agent) -> None:
        self._changes = changes
        self.member = member
        self.agent = agent
        self.by_member: list[str] = []
        self.by_agent: list[str] = []

    async def begin(self) -> None:
        """Go as far as to a live agent."""
        await self.member.command("/helpme")
        await self.member.click("Talk to a person")
        await self.agent.accept()
        await self.member.sees("has joined", "dm")

    async def speak(self, lines: int = 1) -> None:
        """Say some lines on both sides, taking turns."""
        for _ in range(lines):
            self.by_member.append(f"member line {len(self.by_member)}")
            await self.member.say(self.by_member[-1], to="dm")
            self.by_agent.append(f"agent line {len(self.by_agent)}")
            await self.agent.says(self.by_agent[-1])

    async def speak_until(self, enough: asyncio.Event) -> None:
        """Go on speaking on both sides, as quick people do."""
        while not enough.is_set():
            await self.speak()
            await asyncio.sleep(_PACE)

    async def goes_on(self, to_agent: bool) -> None:
        """Wait until one more line has arrived on one side."""
        arrived = self.at_agent if to_agent else self.at_member
        known = len(arrived())
        await self._changes.until(lambda: len(arrived()) > known, deadline=20, what="a line that goes over")

    def arrived(self) -> int:
        """Count the lines that have arrived, on both sides together."""
        return len(self.at_agent()) + len(self.at_member())

    def at_agent(self) -> list[str]:
        """Give the member's lines as they stand in the Conversation."""
        bodies = self.agent.conversation.texts()
        return [first_line(body) for body in bodies if body.startswith("member line")]

    def at_member(self) -> list[str]:
        """Give the agent's lines as they stand in the DM."""
        contents = (message.content for message in self.member.dm)
        return [first_line(content).split(":** ", 1)[-1] for content in contents if "agent line" in content]

    def agent_has_all(self) -> bool:
        """Tell whether as many lines have arrived as the member has said."""
        return len(self.at_agent()) >= len(self.by_member)

    def member_has_all(self) -> bool:
        """Tell whether as many lines have arrived as the agent has said."""
        return len(self.at_member()) >= len(self.by_agent)


def first_line(text: str) -> str:
    """Leave out when it was said: lines that come late tell."""
    return text.split("\n", 1)[0]


pytestmark = pytest.mark.slow
