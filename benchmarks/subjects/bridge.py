"""Added latency and processor time of the bridge per message, beside a bare aiohttp forwarder.

Each of the two has a sandbox of its own in this process, prepared by Frontdesk in the same way; they are loaded in
turns of some seconds, so that other work on the machine meets both.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.desks import Desk, child, desk, processor_seconds, said
from benchmarks.figures import Baseline, Figure, Report, Sample, Target
from benchmarks.runner import Parameters
from benchmarks.traffic import Direction, Slice, Traffic

DEFAULTS: Parameters = {"rate": 20, "seconds": 30, "slices": 3, "conversations": 10, "warm_up": 3}
_FORWARDER = "bare aiohttp forwarder"
_TARGETS = {"median": Target(10), "p99": Target(50)}


@dataclass
class Side:
    """One of the two that are measured, with what was found."""

    traffic: Traffic
    pid: int
    results: dict[Direction, Slice] = field(default_factory=lambda: {way: Slice() for way in Direction})
    processor: dict[Direction, float] = field(default_factory=lambda: dict.fromkeys(Direction, 0.0))

    async def load(self, direction: Direction, rate: float, seconds: float) -> None:
        """Measure a slice."""
        before = processor_seconds(self.pid)
        self.results[direction].add(await self.traffic.run(direction, rate, seconds))
        self.processor[direction] += processor_seconds(self.pid) - before

    def per_message(self, direction: Direction) -> float:
        """Give the processor time per message in milliseconds."""
        return self.processor[direction] * 1000 / self.results[direction].sent

    def lost(self) -> int:
        """Tell how many messages have not arrived."""
        return sum(result.sent - len(result.latencies) for result in self.results.values())


async def measure(given: Parameters) -> Report:
    """Load the bridge and the forwarder in turns, in one direction, the other, and both."""
    slices = int(given["slices"])
    async with desk() as one, desk() as other:
        ours = Side(await _prepare(one, given), one.bot.pid)
        traffic = await _prepare(other, given)
        await other.bot.stop()
        async with _forwarder(other, traffic) as pid:
            theirs = Side(traffic, pid)
            for direction in Direction:
                for side in (ours, theirs):
                    await side.traffic.run(direction, given["rate"], given["warm_up"])
                for _ in range(slices):
                    for side in (ours, theirs):
                        await side.load(direction, given["rate"], given["seconds"] / slices)
        errors = one.bot.errors()
    return _report(ours, theirs, given, len(errors))


async def _prepare(one: Desk, given: Parameters) -> Traffic:
    await one.bot.start()
    traffic = Traffic(one.sandbox, one.house)
    await traffic.open(int(given["conversations"]))
    return traffic


@asynccontextmanager
async def _forwarder(one: Desk, traffic: Traffic) -> AsyncIterator[int]:
    """Run the forwarder in the place of the bot; its process id."""
    sandbox = one.sandbox
    settings = {
        "token": sandbox.discord.token,
        "gateway": sandbox.discord.gateway.url,
        "discord": sandbox.discord.rest_url,
        "conversations": f"{sandbox.url}/conversations.twilio.com",
        "account_sid": sandbox.twilio.account_sid,
        "auth_token": sandbox.twilio.auth_token,
        "port": one.bot.port,
        "pairs": [[str(each.member.place("dm").id), each.sid, each.identity] for each in traffic.conversations],
    }
    async with child("-m", "benchmarks.peers.forwarder", stdin=json.dumps(settings).encode()) as process:
        await said(process, "ready")
        yield process.pid


def _report(ours: Side, theirs: Side, given: Parameters, errors: int) -> Report:
    report = Report()
    for direction in Direction:
        sample, baseline = Sample.of(ours.results[direction].latencies), theirs.results[direction].latencies
        for quantile in ("median", "p99"):
            report.compare(
                f"{direction.value}: added latency, {quantile}", "ms", sample, (_FORWARDER, Sample.of(baseline)),
                quantile=quantile, target=None if direction is Direction.BOTH else _TARGETS[quantile],
            )  # fmt: skip
        used = Baseline(_FORWARDER, theirs.per_message(direction))
        report.figures.append(Figure(f"{direction.value}: CPU per message", ours.per_message(direction), "ms", used))
    lost = Baseline(_FORWARDER, theirs.lost())
    report.figures.append(Figure("messages that did not arrive", ours.lost(), "", lost, Target(0)))
    late = Sample.of(late for side in (ours, theirs) for result in side.results.values() for late in result.late)
    each = f"{given['seconds']:g} s for each line and side, in {given['slices']:g} slices in turns"
    doors = "from the door of one loopback world to that of the other"
    behind = f"{late.median:.1f} ms (median), {late.p99:.1f} ms (99th percentile)"
    report.notes += [
        f"{given['rate']:g} messages/s (each way where both) over {given['conversations']:g} conversations",
        f"{each}; before, {given['warm_up']:g} s of each as warm-up, not counted",
        f"latency: {doors}; the worlds and the writers run in this process, so its own work is in both columns",
        f"the writers were behind their rate by {behind}; more than a few ms means that the machine had other work",
        "CPU: user and system time of the whole process, idle work such as heartbeats included",
    ]
    if errors:
        report.notes.append(f"the bot logged {errors} errors")
    return report
