"""Members and agents who write at a steady rate, and when what they wrote arrived on the other side."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

from frontdesk_sandbox.discord import Exchange, Member
from frontdesk_sandbox.house import House
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio import Agent

_ARRIVE_WITHIN = 30.0
Write = Callable[["Conversation", str], Awaitable[object]]


class Direction(Enum):
    """Who writes."""

    TO_AGENT = "member to agent"
    TO_MEMBER = "agent to member"
    BOTH = "both at once"


@dataclass(frozen=True)
class Conversation:
    """A member and a live agent who talk through a bot."""

    member: Member
    task_sid: str
    sid: str
    identity: str


@dataclass
class Slice:
    """What became of some seconds of traffic.

    Args:
        sent: messages.
        latencies: milliseconds from the door of one world to that of the other, of those that arrived.
        late: milliseconds by which the writers themselves were behind their rate.
    """

    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    def add(self, other: "Slice") -> None:
        """Take another slice's messages in."""
        self.sent += other.sent
        self.latencies += other.latencies
        self.late += other.late


class Traffic:
    """Conversations in one sandbox.

    Args:
        sandbox: with a bot that is ready.
        house: its server.
    """

    def __init__(self, sandbox: Sandbox, house: House) -> None:
        self._sandbox = sandbox
        self._house = house
        self._agent: Agent = sandbox.twilio.agent()
        self._numbers = itertools.count(1)
        self._sent_at: dict[str, float] = {}
        self._arrived: list[float] = []
        self._all_arrived = asyncio.Event()
        self.conversations: list[Conversation] = []

    async def open(self, count: int) -> None:
        """Have so many members ask for a person, and the agent accept each."""
        self._agent.worker.capacity = count
        await self._agent.available()
        sandbox, guild = self._sandbox, self._house.guild
        for number in range(count):
            member = sandbox.discord.member(sandbox.discord.world.create_member(guild, f"Member {number}"), guild)
            await member.command("/helpme", self._house.customer_service)
            await member.click("Talk to a person", where="dm")
            task = await self._agent.accept(deadline=30)
            await member.sees("has joined", "dm")
            self._agent.choose(task.sid)
            there = self._agent.conversation
            identities = [one.identity for one in there.participants.values() if one.identity != self._agent.identity]
            self.conversations.append(Conversation(member, task.sid, there.sid, str(identities[0])))
        sandbox.twilio.on_exchange.append(lambda exchange: self._notice(dict(exchange.form).get("Body")))
        sandbox.discord.on_exchange = self._notice_discord

    def _notice_discord(self, exchange: Exchange) -> None:
        if isinstance(exchange.request, dict):
            self._notice(exchange.request.get("content"))

    def _notice(self, text: str | None) -> None:
        """Note a message at a door; only those that wait to arrive count, each once."""
        sent_at = self._sent_at.pop((text or "").rpartition(" ")[2], None)
        if sent_at is not None:
            self._arrived.append((time.perf_counter() - sent_at) * 1000)
            if not self._sent_at:
                self._all_arrived.set()

    async def run(self, direction: Direction, rate: float, seconds: float) -> Slice:
        """Write for some seconds, and wait until all has arrived.

        Args:
            direction: who writes.
            rate: messages a second, each way, over all conversations.
            seconds: how long.
        """
        ways = [Direction.TO_AGENT, Direction.TO_MEMBER] if direction is Direction.BOTH else [direction]
        result = Slice()
        self._arrived = result.latencies
        self._sent_at.clear()
        writers = {Direction.TO_AGENT: self._member_writes, Direction.TO_MEMBER: self._agent_writes}
        await asyncio.gather(*(self._write(writers[way], rate, seconds, result) for way in ways))
        self._all_arrived.clear()
        if self._sent_at:
            try:
                async with asyncio.timeout(_ARRIVE_WITHIN):
                    await self._all_arrived.wait()
            except TimeoutError:
                self._sent_at.clear()  # they are told as lost
        return result

    async def _write(self, write: Write, rate: float, seconds: float, to: Slice) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - clock()))
            to.late.append((clock() - due) * 1000)
            to.sent += 1
            mark = f"#{next(self._numbers)}"
            self._sent_at[mark] = time.perf_counter()
            conversation = self.conversations[number % len(self.conversations)]
            await write(conversation, f"Could you have a look at this, please? {mark}")

    async def _member_writes(self, conversation: Conversation, text: str) -> None:
        await conversation.member.say(text, to="dm")

    async def _agent_writes(self, conversation: Conversation, text: str) -> None:
        self._agent.choose(conversation.task_sid)
        await self._agent.says(text)
