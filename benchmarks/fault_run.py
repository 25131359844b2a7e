"""One fault run: members talk and ask for people while everything goes wrong; then it is counted what became of it."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass

from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.house import House
from frontdesk_sandbox.sandbox import Sandbox

from benchmarks.crowd import Crowd, Tally
from benchmarks.troubles import Mix, Troubles
from benchmarks.wishes import Wishes


@dataclass(frozen=True)
class Outcome:
    """What a fault run found.

    Args:
        to_agents: what became of the members' lines.
        to_members: what became of the agents' lines.
        told_twice: notices of the desk that a member got more than once.
        untruths: what members who asked for a person were told, and is not so.
        faults: how many of each kind were injected; 0 for those that never were.
        consequences: what followed from them, and was no fault itself.
        logged: errors that the bot logged meanwhile, by event.
        settled: seconds from the end of all faults until the last line had arrived.
    """

    to_agents: Tally
    to_members: Tally
    told_twice: int
    untruths: list[str]
    faults: Counter[str]
    consequences: Counter[str]
    logged: Counter[str]
    settled: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled, disordered, misdirected or told twice, and all that was told is true."""
        return self.to_agents.is_clean and self.to_members.is_clean and not self.told_twice and not self.untruths

    @property
    def never_made(self) -> list[str]:
        """The kinds of faults that the run cannot speak of."""
        return [kind for kind, count in self.faults.items() if not count]


@dataclass(frozen=True)
class FaultRun:
    """A run against one bot, which must be ready.

    Args:
        sandbox: both services.
        house: its server.
        bot: the process.
        database: its URL.
        mix: what goes wrong.
        conversations: how many talks.
        wishes: how many members more, who ask for a person, change their minds and come to the end meanwhile.
        rate: lines per second in each direction, over all talks.
        seconds: how long things go wrong.
        patience: seconds until lines that have not arrived count as lost.
    """

    sandbox: Sandbox
    house: House
    bot: Bot
    database: str
    mix: Mix
    conversations: int
    rate: float
    seconds: float
    wishes: int = 0
    patience: float = 180.0

    async def carry_out(self) -> Outcome:
        """Let all talk while things go wrong, wait until the dust has settled, and count."""
        crowd = Crowd(self.sandbox, self.house)
        await crowd.assemble(self.conversations)
        wishes = Wishes(self.sandbox, self.house, self.mix.seed)
        await wishes.assemble(self.wishes, first=self.conversations)
        troubles = Troubles(self.sandbox, self.bot, self.database, self.mix)
        talking = asyncio.create_task(self._talk(crowd))
        wishing = asyncio.create_task(wishes.come_true())
        try:
            await troubles.run(self.seconds)
            await _end(talking)
            began = time.perf_counter()
            await crowd.until_arrived(self.patience)
            await asyncio.wait({wishing}, timeout=max(0.0, began + self.patience - time.perf_counter()))
            settled = time.perf_counter() - began
            await asyncio.sleep(1)  # for what may still come twice
            if wishing.done():
                await wishing
        finally:
            await _end(talking)
            await _end(wishing)
        return Outcome(
            to_agents=crowd.to_agents() + wishes.to_agents(),
            to_members=crowd.to_members() + wishes.to_members(),
            told_twice=crowd.told_twice(),
            untruths=wishes.untruths(),
            faults=troubles.counts,
            consequences=troubles.consequences,
            logged=troubles.logged,
            settled=settled,
        )

    async def _talk(self, crowd: Crowd) -> None:
        chance = random.Random(self.mix.seed)
        while True:
            await chance.choice(crowd.talks).member_writes()
            await chance.choice(crowd.talks).agent_writes()
            await asyncio.sleep(chance.expovariate(self.rate))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
