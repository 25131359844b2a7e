"""Members who ask for a person, think better of it, ask again and are helped to the end, whatever goes wrong.

Each deed is repeated until the bot has confirmed it, as people do. At the end all that a member was told is compared
with what is true in Flex.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from frontdesk_sandbox.changes import NotSeenError
from frontdesk_sandbox.discord import Member, RefusedError
from frontdesk_sandbox.house import House
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.chat.state import Conversation, ConversationState
from frontdesk_sandbox.twilio.errors import ApiError
from frontdesk_sandbox.twilio.taskrouter.state import Reservation, Task, TaskStatus

from benchmarks.crowd import Talk, Tally

_AT_ONCE = 8
_ANSWERED_WITHIN = 4.0  # seconds; then a press is repeated
_LINES = 4
_TALK, _NEVER_MIND = "Talk to a person", "Never mind"
_ASKED = ("I am passing this on", "A person has been asked for already")
_TAKEN_BACK = ("I am taking the request back", "There is no request waiting")


class Told(Enum):
    """A change that a member was told; the value is in the sentence."""

    QUEUED = "You are being transferred"
    JOINED = "has joined the conversation"
    CANCELLED = "The transfer was cancelled"
    FAILED = "The transfer did not work"
    TIMED_OUT = "Nobody was free in time"
    LEFT = "has left the conversation"
    ENDED = "This conversation has ended"


_STATES = frozenset({Told.QUEUED, Told.JOINED, Told.CANCELLED, Told.ENDED})
_NEVER = frozenset({Told.FAILED, Told.TIMED_OUT, Told.LEFT})  # in these stories nothing of that kind happens


@dataclass(frozen=True)
class Facts:
    """What is true of a member at the end.

    Args:
        asked: how often they have asked for a person.
        cancelled: how many of these requests were taken back.
        is_helped: whether an agent is in the Conversation.
        is_closed: whether the Conversation is closed for good.
        live_tasks: tasks in Flex that are not over.
        waits_for: what the member still does or waits for; empty if nothing.
    """

    asked: int
    cancelled: int
    is_helped: bool = False
    is_closed: bool = False
    live_tasks: int = 0
    waits_for: str = ""


def untruths(told: Sequence[Told], facts: Facts) -> list[str]:
    """Compare what a member was told, in order, with what is true.

    Returns:
        What is wrong, as ends of sentences about the member.
    """
    last = next((change for change in reversed(told) if change in _STATES), None)
    wrong = {
        f"{facts.waits_for} for ever": bool(facts.waits_for),
        "was told of a failure that never was": not _NEVER.isdisjoint(told),
        "was told of the queue more often than they asked": told.count(Told.QUEUED) > facts.asked,
        "was not told once of each request that was cancelled": told.count(Told.CANCELLED) != facts.cancelled,
        "was not told once of the agent": told.count(Told.JOINED) != (facts.is_helped or facts.is_closed),
        "was not told once of the end": told.count(Told.ENDED) != facts.is_closed,
        "was told that an agent has joined, and has none": last is Told.JOINED
        and not (facts.is_helped and facts.live_tasks),
        "was told that it is over, and a task lives": last in {Told.CANCELLED, Told.ENDED} and bool(facts.live_tasks),
        "has more than one task that lives": facts.live_tasks > 1,
    }
    return [what for what, is_so in wrong.items() if is_so]


class Wish:
    """One member with their wish for a person.

    Args:
        talk: the lines that are counted.
        sandbox: both services.
        agent: who helps.
        chance: the dice.
    """

    def __init__(self, talk: Talk, sandbox: Sandbox, agent: Agent, chance: random.Random) -> None:
        self.talk = talk
        self._sandbox = sandbox
        self._agent = agent
        self._chance = chance
        self._asked = 0
        self._cancelled = 0
        self._step = "has not begun"

    async def live(self) -> None:
        """Ask, perhaps take it back and ask again, be helped, and perhaps come to the end."""
        await self._ask()
        for _ in range(self._chance.choice((0, 1, 1, 2))):
            await asyncio.sleep(self._chance.uniform(0, 3))
            if not await self._take_back():
                break
            await self.talk.member_writes()
            await self._ask()
        await self._until(lambda: self._count(Told.JOINED), "waits for an agent")
        for _ in range(_LINES):
            await self.talk.member_writes()
            await self.talk.agent_writes()
            await asyncio.sleep(self._chance.uniform(0, 1))
        if self._chance.random() < 0.7:
            await self._until(lambda: not self.talk.to_agent().lost, "waits for the last line at the agent")
            self._complete()
            await self._until(lambda: self._count(Told.ENDED), "waits for the end")
        await self._until(lambda: not (self.talk.to_agent().lost or self.talk.to_member().lost), "waits for lines")
        self._step = ""

    async def _ask(self) -> None:
        await self._press(_TALK, _ASKED)
        self._asked += 1

    async def _take_back(self) -> bool:
        """Take the request back; False if an agent was quicker."""
        await self._press(_NEVER_MIND, _TAKEN_BACK)
        await self._until(
            lambda: self._count(Told.CANCELLED) > self._cancelled or self._count(Told.JOINED),
            "waits for the request to be cancelled",
        )
        if self._count(Told.CANCELLED) == self._cancelled:
            return False
        self._cancelled += 1
        return True

    async def _press(self, button: str, answers: tuple[str, str]) -> None:
        self._step = f"presses {button!r}"
        while True:
            with suppress(NotSeenError, RefusedError):  # the bot may be away, or the button on its way
                pressed = await self.talk.member.click(button, where="dm", deadline=_ANSWERED_WITHIN)
                answer = await pressed.response(_ANSWERED_WITHIN)
                if any(words in answer.content for words in answers):
                    return

    async def _until(self, condition: Callable[[], object], step: str) -> None:
        self._step = step
        await self._sandbox.changes.until(condition, deadline=3600, what=step)

    def _complete(self) -> None:
        router = self._sandbox.twilio.world.router
        for task in self._tasks():
            if task.status is TaskStatus.ASSIGNED:
                router.wrap_up(task)
                router.complete(task)

    def _tasks(self) -> list[Task]:
        world, sid = self._sandbox.twilio.world, self.talk.conversation.sid
        interactions = ((task, world.flex.of_task(task)) for task in world.router.tasks.values())
        return [task for task, one in interactions if one is not None and one.media_channel_sid == sid]

    def _told(self) -> list[Told]:
        member = self.talk.member
        said = [message.content for message in member.dm if message.author is not member.user]
        return [change for text in said for change in Told if change.value in text]

    def _count(self, change: Told) -> int:
        return self._told().count(change)

    def untruths(self) -> list[str]:
        """List what the member was told and is not so, was told too often, or still waits for."""
        conversation = self.talk.conversation
        told, name = self._told(), self.talk.member.user.display_name
        facts = Facts(
            asked=self._asked,
            cancelled=self._cancelled,
            is_helped=conversation.by_identity(self._agent.identity) is not None,
            is_closed=conversation.state is ConversationState.CLOSED,
            live_tasks=sum(task.live for task in self._tasks()),
            waits_for=self._step,
        )
        return [f"{name} {what} (told: {[each.name for each in told]})" for what in untruths(told, facts)]


class Wishes:
    """Members of one server who want a person, and the agent who helps all of them.

    Args:
        sandbox: with a bot that is ready.
        house: its server.
        seed: of the dice.
    """

    def __init__(self, sandbox: Sandbox, house: House, seed: int) -> None:
        self._sandbox = sandbox
        self._house = house
        self._chance = random.Random(seed)
        self._wishes: list[Wish] = []

    async def assemble(self, count: int, *, first: int) -> None:
        """Have so many members greeted by the bot.

        Args:
            count: how many.
            first: the number of the first of them, as a talk.
        """
        self._agent = self._sandbox.twilio.agent("tomas")
        self._agent.worker.capacity = max(1, count)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def come(number: int) -> Wish:
            name = f"Wisher {number}"
            user = self._sandbox.discord.world.create_member(self._house.guild, name)
            member = self._sandbox.discord.member(user, self._house.guild)
            async with turns:
                await member.command("/helpme", self._house.customer_service)
                await member.sees("Hello", "dm", deadline=60)
                conversation = await self._sandbox.changes.until(
                    lambda: self._conversation_of(member), deadline=60, what=f"the Conversation of {name}"
                )
            talk = Talk(number, member, conversation, self._agent.identity, self._sandbox)
            return Wish(talk, self._sandbox, self._agent, random.Random(self._chance.random()))

        self._wishes = await asyncio.gather(*(come(number) for number in range(first, first + count)))
        await self._agent.available()

    def _conversation_of(self, member: Member) -> Conversation | None:
        name = f"Discord: {member.user.display_name}"
        found = self._sandbox.twilio.world.chat.conversations.values()
        return next((each for each in found if each.friendly_name == name), None)

    async def come_true(self) -> None:
        """Let all live through it, the agent accepting after a while; cancel it to end it early."""
        accepting = asyncio.create_task(self._accept())
        try:
            await asyncio.gather(*(wish.live() for wish in self._wishes))
        finally:
            accepting.cancel()
            await asyncio.gather(accepting, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            offers: list[Reservation] = await self._sandbox.changes.until(
                self._agent.offers, deadline=3600, what="an offer"
            )
            await asyncio.sleep(self._chance.uniform(0.2, 2.0))
            for offer in offers:
                with suppress(ApiError):  # taken back in the meantime
                    await self._agent.accept(reservation=offer)

    def to_agents(self) -> Tally:
        """Compare all that these members wrote with what arrived."""
        return sum((wish.talk.to_agent() for wish in self._wishes), Tally())

    def to_members(self) -> Tally:
        """Compare all that their agent wrote with what arrived."""
        return sum((wish.talk.to_member() for wish in self._wishes), Tally())

    def untruths(self) -> list[str]:
        """List what the members were told and is not so."""
        return [untruth for wish in self._wishes for untruth in wish.untruths()]
