"""Writes lines at a steady rate in both directions, and measures when each arrives at the other side's door."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from frontdesk_sandbox.discord import Exchange
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio.app import Exchange as TwilioExchange

from benchmarks.crowd import Crowd, Talk

_LINE = re.compile(r"line \d+\.\d+\b")
_WORDS = "Could you have a look at this, please? "
Write = Callable[[Talk, Callable[[str], None]], Awaitable[None]]


@dataclass
class Reading:
    """What was measured in one direction.

    Args:
        sent: lines.
        latencies: milliseconds from door to door, of those that arrived; a line that is lost has none.
        first: when the first one was written, by ``time.perf_counter``.
        last: when the last one arrived.
    """

    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0

    @property
    def covered(self) -> float:
        """The share of the lines of which the latency is known, from 0 to 1."""
        return len(self.latencies) / max(self.sent, 1)

    @property
    def per_second(self) -> float:
        """Lines that arrived, by the time from the first written to the last arrived."""
        return len(self.latencies) / max(self.last - self.first, 0.001)


class Meter:
    """Watches both doors of one sandbox.

    Args:
        sandbox: both services.
        crowd: who writes.
    """

    def __init__(self, sandbox: Sandbox, crowd: Crowd) -> None:
        self._crowd = crowd
        self._waiting: dict[tuple[str, str], float] = {}
        self.readings = {"agents": Reading(), "members": Reading()}
        self.late: list[float] = []
        self.limited = 0
        sandbox.twilio.on_exchange.append(self._twilio)
        sandbox.discord.on_exchange = self._discord

    async def run(self, rate: float, seconds: float) -> None:
        """Write for some seconds in both directions, members and agents in turns, over all talks.

        Args:
            rate: lines a second, each way.
            seconds: how long.
        """
        self.readings = {"agents": Reading(), "members": Reading()}
        self._waiting.clear()
        self.late.clear()
        await asyncio.gather(
            self._write("agents", lambda talk, before: talk.member_writes(_WORDS, before), rate, seconds, 0.0),
            self._write("members", lambda talk, before: talk.agent_writes(_WORDS, before), rate, seconds, 0.5 / rate),
        )

    async def _write(self, to: str, write: Write, rate: float, seconds: float, after: float) -> None:
        clock = asyncio.get_running_loop().time
        began = clock() + after
        reading, talks = self.readings[to], self._crowd.talks
        reading.first = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - clock()))
            self.late.append((clock() - due) * 1000)
            reading.sent += 1
            await write(talks[number % len(talks)], lambda line: self._is_written(to, line))

    def _is_written(self, to: str, line: str) -> None:
        """Note a line before it is written: it may arrive before the writer is told that it was."""
        self._waiting[to, line] = time.perf_counter()

    def _twilio(self, exchange: TwilioExchange) -> None:
        if exchange.status == 429:
            self.limited += 1
        elif exchange.method == "POST" and exchange.status < 300:
            self._arrived("agents", dict(exchange.form).get("Body"))

    def _discord(self, exchange: Exchange) -> None:
        if exchange.status < 300 and isinstance(exchange.request, dict):
            self._arrived("members", exchange.request.get("content"))

    def _arrived(self, to: str, text: str | None) -> None:
        found = _LINE.search(text or "")
        written = self._waiting.pop((to, found[0]), None) if found else None
        if written is not None:
            reading = self.readings[to]
            reading.last = time.perf_counter()
            reading.latencies.append((reading.last - written) * 1000)
