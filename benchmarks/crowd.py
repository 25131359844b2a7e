"""Many members in talks with live agents, who number their lines, and what arrived of these on the other side."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from frontdesk_sandbox.discord import Member, Message
from frontdesk_sandbox.house import House
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio.chat.state import Conversation, Origin

_LINE = re.compile(r"line (\d+)\.(\d+)\b")
_AT_ONCE = 8


@dataclass(frozen=True)
class Tally:
    """What became of lines.

    Args:
        written: lines that were written.
        lost: those that arrived nowhere.
        doubled: arrivals beyond the first.
        disordered: lines that arrived after one that was written later.
        misdirected: lines that arrived with somebody else.
    """

    written: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    misdirected: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.written + other.written,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.disordered + other.disordered,
            self.misdirected + other.misdirected,
        )

    @property
    def is_clean(self) -> bool:
        """Whether every line has arrived once, in order, where it should."""
        return not (self.lost or self.doubled or self.disordered or self.misdirected)


def tally(talk: int, written: range, arrived: Iterable[tuple[int, int]]) -> Tally:
    """Compare the lines of one talk in one direction with what arrived.

    Args:
        talk: its number.
        written: the numbers of the lines that count; of earlier ones nothing is said.
        arrived: talk and number of each line that arrived, in order.
    """
    counted = [(of, number) for of, number in arrived if number >= written.start]
    numbers = [number for of, number in counted if of == talk]
    firsts = list(dict.fromkeys(numbers))
    return Tally(
        written=len(written),
        lost=len(set(written).difference(numbers)),
        doubled=len(numbers) - len(firsts),
        disordered=sum(after < before for before, after in pairwise(firsts)),
        misdirected=len(counted) - len(numbers),
    )


@dataclass
class Talk:
    """One member and one agent in a conversation.

    Args:
        number: of the talk.
        member: who has a question.
        conversation: in the loopback Twilio.
        agent: the live agent's identity.
        sandbox: both services.
    """

    number: int
    member: Member
    conversation: Conversation
    agent: str
    sandbox: Sandbox
    by_member: range = field(default=range(0), init=False)
    by_agent: range = field(default=range(0), init=False)

    def begin_anew(self, number: int) -> None:
        """Let lines count from a number on, the same for all talks; what was written before is forgotten."""
        self.by_member = self.by_agent = range(number, number)

    async def member_writes(self, more: str = "", before: Callable[[str], None] = lambda _: None) -> None:
        """Write the member's next line.

        Args:
            more: words in front of it.
            before: is given the line, such as ``"line 3.14"``, just before it is written.
        """
        line = f"line {self.number}.{self.by_member.stop}"
        self.by_member = range(self.by_member.start, self.by_member.stop + 1)
        before(line)
        await self.member.say(more + line, to="dm")

    async def agent_writes(self, more: str = "", before: Callable[[str], None] = lambda _: None) -> None:
        """Write the agent's next line; see `member_writes`."""
        line = f"line {self.number}.{self.by_agent.stop}"
        self.by_agent = range(self.by_agent.start, self.by_agent.stop + 1)
        before(line)
        chat, origin = self.sandbox.twilio.world.chat, Origin("SDK", self.agent)
        chat.say(self.conversation, origin, author=self.agent, body=more + line, attributes="{}")

    def to_agent(self) -> Tally:
        """Compare what the member wrote with what stands in the Conversation."""
        # The desk's notes, which quote what was said before, are by nobody who takes part.
        by_others = (one for one in self.conversation.messages.values() if one.author != self.agent)
        bodies = (one.body for one in by_others if self.conversation.by_identity(one.author) is not None)
        return tally(self.number, self.by_member, _marks(bodies))

    def to_member(self) -> Tally:
        """Compare what the agent wrote with what stands in the member's DM."""
        return tally(self.number, self.by_agent, _marks(one.content for one in self._told()))

    def told_twice(self) -> int:
        """Count what the desk itself said more often than once."""
        notices = Counter(one.content for one in self._told() if not _LINE.search(one.content))
        return sum(count - 1 for count in notices.values())

    def _told(self) -> list[Message]:
        return [one for one in self.member.dm if one.author is not self.member.user]


def _marks(texts: Iterable[str]) -> list[tuple[int, int]]:
    return [(int(found[1]), int(found[2])) for text in texts for found in _LINE.finditer(text)]


class Crowd:
    """Members of one server, each in a talk with an agent.

    Args:
        sandbox: with a bot that is ready.
        house: its server.
    """

    def __init__(self, sandbox: Sandbox, house: House) -> None:
        self._sandbox = sandbox
        self._house = house
        self.talks: list[Talk] = []

    async def assemble(self, count: int, *, deadline: float = 60.0) -> None:
        """Have so many members ask for a person, a few at once, and an agent accept each.

        Args:
            count: how many.
            deadline: seconds for each to be joined by the agent.
        """
        agent = self._sandbox.twilio.agent()
        agent.worker.capacity = count
        await agent.available()
        turns = asyncio.Semaphore(_AT_ONCE)
        members = [self._member(number) for number in range(count)]

        async def come(member: Member) -> None:
            async with turns:
                await member.command("/helpme", self._house.customer_service)
                await member.click("Talk to a person", where="dm", deadline=deadline)
                await member.sees("has joined", "dm", deadline=deadline)

        async def accept() -> None:
            for _ in range(count):
                await agent.accept(deadline=deadline)

        await asyncio.gather(accept(), *(come(member) for member in members))
        found = {each.friendly_name: each for each in self._sandbox.twilio.world.chat.conversations.values()}
        for number, member in enumerate(members):
            conversation = found[f"Discord: {member.user.display_name}"]
            self.talks.append(Talk(number, member, conversation, agent.identity, self._sandbox))

    def _member(self, number: int) -> Member:
        user = self._sandbox.discord.world.create_member(self._house.guild, f"Member {number}")
        return self._sandbox.discord.member(user, self._house.guild)

    def begin_anew(self) -> None:
        """Count only what is written from now on."""
        first = max(max(talk.by_member.stop, talk.by_agent.stop) for talk in self.talks)
        for talk in self.talks:
            talk.begin_anew(first)

    def to_agents(self) -> Tally:
        """Compare all that members wrote with what arrived."""
        return sum((talk.to_agent() for talk in self.talks), Tally())

    def to_members(self) -> Tally:
        """Compare all that agents wrote with what arrived."""
        return sum((talk.to_member() for talk in self.talks), Tally())

    def told_twice(self) -> int:
        """Count notices of the desk that a member got more than once."""
        return sum(talk.told_twice() for talk in self.talks)

    async def until_arrived(self, deadline: float) -> bool:
        """Wait until no line is missing; False if some still are."""
        clock = asyncio.get_running_loop().time
        ends = clock() + deadline
        missing = list(self.talks)
        while missing := [talk for talk in missing if talk.to_agent().lost or talk.to_member().lost]:
            if clock() >= ends:
                return False
            await asyncio.sleep(0.25)  # looking after each change would be slow with hundreds of talks
        return True
