"""What goes wrong in a fault run: kills, the gateway, both services' HTTP, webhooks, the database; all counted."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from frontdesk_sandbox.bot import Bot, BotError
from frontdesk_sandbox.discord.faults import Fault
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio import HookFault, RestFault
from frontdesk_sandbox.twilio.faults import Rule

from benchmarks.databases import interrupt, interruption

T = TypeVar("T")
_START_TRIES = 5
_HANGS = 11.0  # seconds: longer than the bot waits for Twilio
_HANGS_DISCORD = 21.0
_CONNECTED_WITHIN = 120.0
_COMPLETE_WITHIN = 60.0
_SHORT = 0.5  # seconds without an answer, before the connection is cut
_MESSAGES, _ANYWHERE = r"/channels/\d+/messages$", r"^/channels/\d+"


@dataclass(frozen=True)
class Mix:
    """How often things go wrong.

    Args:
        seed: of the dice.
        kill_every: seconds between two SIGKILLs, on average; likewise the others.
        gateway_every: ... troubles of the gateway.
        database_every: ... interruptions of the database.
        discord_every: ... faults of Discord's REST.
        twilio_every: ... faults of Twilio's REST and of webhooks, one of each, besides those by chance.
        hang_every: ... requests that are left without an answer until the bot gives up on them; None for never.
        twilio_share: share of Twilio's REST calls that go wrong by chance, from 0 to 1.
        webhook_share: share of webhooks that go wrong by chance.
    """

    seed: int
    kill_every: float = 8.0
    gateway_every: float = 3.0
    database_every: float = 7.0
    discord_every: float = 0.4
    twilio_every: float = 2.0
    hang_every: float | None = 7.0
    twilio_share: float = 0.06
    webhook_share: float = 0.15


class Deck(Generic[T]):
    """Cards that are dealt in random order: none a second time before all others.

    Args:
        chance: the dice.
        cards: at least one.
    """

    def __init__(self, chance: random.Random, cards: Sequence[T]) -> None:
        self._chance = chance
        self._cards = list(cards)
        self._left: list[T] = []

    def deal(self) -> T:
        """Take the next card."""
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()


class Troubles:
    """Makes trouble for one bot.

    Args:
        sandbox: both services.
        bot: the process.
        database: its URL.
        mix: how often what goes wrong.

    Attributes:
        logged: errors that the bot logged, by event.
        consequences: what followed from the faults, and was none itself.
    """

    def __init__(self, sandbox: Sandbox, bot: Bot, database: str, mix: Mix) -> None:
        self._sandbox = sandbox
        self._bot = bot
        self._database = database
        self._mix = mix
        self._chance = random.Random(mix.seed)
        self._done: Counter[str] = Counter()
        self._rules: list[tuple[str, Rule]] = []
        self._strikes: list[tuple[str, Fault]] = []
        self._gateway_deck = Deck(self._chance, list(self._gateway_troubles()))
        self._discord_deck = Deck(self._chance, list(self._discord_troubles()))
        self._rest_deck = Deck(self._chance, [kind for kind in RestFault if kind is not RestFault.DELAY])
        self._hook_deck = Deck(self._chance, list(HookFault))
        self._hang_deck = Deck(self._chance, list(self._hangs()))
        self.logged: Counter[str] = Counter()
        self.consequences: Counter[str] = Counter()

    @property
    def counts(self) -> Counter[str]:
        """How many faults of each kind were made; those that never were are there with 0."""
        counts = Counter({kind: self._done[kind] for kind in self._kinds()})
        for name, rule in self._rules:
            counts[name] += rule.happened
        for name, fault in self._strikes:
            counts[name] += fault.struck
        return counts

    def _kinds(self) -> list[str]:
        return [
            "SIGKILL",
            f"database: {interruption(self._database)}",
            *(f"gateway: {name}" for name in self._gateway_troubles()),
            *(f"Discord: {name}" for name in self._discord_troubles()),
            *(f"Twilio: {kind}" for kind in RestFault if kind is not RestFault.DELAY),
            *(f"webhook: {kind}" for kind in HookFault),
            *(self._hangs() if self._mix.hang_every is not None else ()),
        ]

    async def run(self, seconds: float) -> None:
        """Make trouble for so long, and then on until each kind has happened, within reason.

        At the end the bot runs, and nothing goes wrong any more.
        """
        mix, twilio = self._mix, self._sandbox.twilio.faults
        by_chance = twilio.random_mix(mix.seed, rest=mix.twilio_share, hooks=mix.webhook_share)
        by_chance.append(twilio.hooks(HookFault.DELAY, times=None, chance=0.03, seconds=2.0))
        self._rules += [(_name(rule.kind), rule) for rule in by_chance]
        unheard = self._unheard()
        work = [
            self._every(mix.kill_every, self._kill),
            self._every(mix.gateway_every, self._gateway),
            self._every(mix.database_every, self._interrupt),
            self._every(mix.discord_every, self._discord),
            self._every(mix.twilio_every, self._twilio),
        ]
        if mix.hang_every is not None:
            work.append(self._every(mix.hang_every, self._hang))
        tasks = [asyncio.create_task(each) for each in work]
        await asyncio.sleep(seconds)
        await self._until_complete()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        self._note_log()
        twilio.clear()
        self._sandbox.discord.faults.clear()
        await self._be_up()
        self.consequences["webhooks that no bot was there to hear, or that it answered with an error"] = (
            self._unheard() - unheard
        )
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _until_complete(self) -> None:
        ends = asyncio.get_running_loop().time() + _COMPLETE_WITHIN
        while 0 in self.counts.values() and asyncio.get_running_loop().time() < ends:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.1)

    def _unheard(self) -> int:
        return sum(
            one.problem is not None or (one.status or 0) >= 500
            for one in self._sandbox.twilio.world.webhooks.deliveries
        )

    async def _every(self, seconds: float, make: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.4, 1.6) * seconds)
            await make()

    async def _kill(self) -> None:
        self._note_log()
        await self._bot.kill()
        self._done["SIGKILL"] += 1
        await asyncio.sleep(self._chance.uniform(0.0, 1.0))
        await self._be_up()

    async def _be_up(self) -> None:
        """Start the bot as a supervisor would: again if it gives up because a service is away."""
        for _ in range(_START_TRIES):
            try:
                if self._bot.is_running:  # a start that was cut short with the troubles goes on, and may fail yet
                    await self._bot.logged("ready", deadline=60)
                else:
                    await self._bot.start(deadline=60)
            except BotError as error:
                self.consequences["starts given up for a fault"] += 1
                last = error
            else:
                return
        raise last

    async def _gateway(self) -> None:
        gateway = self._sandbox.discord.gateway
        await self._sandbox.changes.until(lambda: gateway.connected, deadline=_CONNECTED_WITHIN, what="a connection")
        name = self._gateway_deck.deal()
        self._gateway_troubles()[name]()
        self._done[f"gateway: {name}"] += 1

    def _gateway_troubles(self) -> dict[str, Callable[[], object]]:
        gateway = self._sandbox.discord.gateway

        def forget() -> None:
            gateway.drop_sockets()
            gateway.forget_sessions()

        return {
            "reconnect": gateway.ask_to_reconnect,
            "invalid session": gateway.invalidate,
            "invalid but resumable": lambda: gateway.invalidate(resumable=True),
            "close": gateway.close_sockets,
            "cut": gateway.drop_sockets,
            "forget": forget,
        }

    async def _interrupt(self) -> None:
        await interrupt(self._database, self._chance.uniform(0.1, 1.0))
        self._done[f"database: {interruption(self._database)}"] += 1

    async def _discord(self) -> None:
        name = self._discord_deck.deal()
        on_lines = self._chance.random() < 0.7
        where = ("POST", _MESSAGES) if on_lines else ("*", _ANYWHERE)  # reading, typing, and changes as well
        self._strikes.append((f"Discord: {name}", self._discord_troubles()[name](*where)))

    def _discord_troubles(self) -> dict[str, Callable[[str, str], Fault]]:
        faults = self._sandbox.discord.faults
        return {
            "500": lambda method, path: faults.answer(500, method, path),
            "502": lambda method, path: faults.answer(502, method, path),
            "503": lambda method, path: faults.answer(503, method, path),
            "429": lambda method, path: faults.answer(429, method, path, retry_after=0.3),
            "delay": lambda method, path: faults.delay(_SHORT, method, path),
            "connection dropped before the effect": lambda method, path: faults.drop("before", method, path),
            "connection dropped after the effect": lambda method, path: faults.drop("after", method, path),
        }

    async def _twilio(self) -> None:
        faults = self._sandbox.twilio.faults
        kind, hook = self._rest_deck.deal(), self._hook_deck.deal()
        self._rules.append((_name(kind), faults.rest(kind, seconds=_SHORT)))
        self._rules.append((_name(hook), faults.hooks(hook, seconds=_SHORT)))

    async def _hang(self) -> None:
        name = self._hang_deck.deal()
        made = self._hangs()[name]()
        if isinstance(made, Fault):
            self._strikes.append((name, made))
        else:
            self._rules.append((name, made))

    def _hangs(self) -> dict[str, Callable[[], Rule | Fault]]:
        twilio, discord = self._sandbox.twilio.faults, self._sandbox.discord.faults

        def hang(kind: RestFault) -> Rule:
            return twilio.rest(kind, "Messages", method="POST", seconds=_HANGS)

        return {
            "Twilio: past the bot's patience, no effect": lambda: hang(RestFault.TIMEOUT_BEFORE),
            "Twilio: past the bot's patience, after the effect": lambda: hang(RestFault.TIMEOUT_AFTER),
            "Discord: past the bot's patience": lambda: discord.delay(_HANGS_DISCORD, "POST", _MESSAGES),
        }

    def _note_log(self) -> None:
        self.logged.update(str(event.get("event")) for event in self._bot.errors())


def _name(kind: RestFault | HookFault) -> str:
    return f"webhook: {kind}" if isinstance(kind, HookFault) else f"Twilio: {kind}"
