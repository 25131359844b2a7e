"""500 conversations at once: latency that the bridge adds, memory, and Twilio's limits, on both databases."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.crowd import Crowd, Tally
from benchmarks.databases import NoServerError, postgres_url
from benchmarks.desks import Desk, desk, processor_seconds, resident
from benchmarks.figures import Baseline, Figure, Report, Sample, Target
from benchmarks.meter import Meter
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"conversations": 500, "rate": 50, "seconds": 60, "warm_up": 10, "burst": 150}
_TARGET = Target(250)
_PATIENCE = 60.0
_FLAT = 0.02  # of the memory before: what may come and go in a minute


@dataclass(frozen=True)
class Loaded:
    """What was measured on one database.

    Args:
        meter: latencies, and answers 429.
        memory: MB before and after, and each second in between.
        growth: MB by which the last quarter of the load lies above the first, by their medians.
        processor: milliseconds of processor time a line.
        tally: what became of the lines, those of the burst included.
        burst: lines per second that the burst in one conversation was let through with.
        errors: events that the bot logged as errors.
    """

    meter: Meter
    memory: tuple[float, float, Sample]
    growth: float
    processor: float
    tally: Tally
    burst: float
    errors: list[str]


async def measure(given: Parameters) -> Report:
    """Load Frontdesk on each database."""
    report = Report()
    for name in ("SQLite", "PostgreSQL"):
        try:
            async with _url(name) as url, desk(database=url) as one:
                _add(report, name, await _load(one, given))
        except NoServerError as error:
            report.missing.append(f"the load on {name}: {error}")
    report.notes += [
        f"{given['conversations']:g} conversations with a live agent, {given['rate']:g} lines/s each way",
        f"for {given['seconds']:g} s, after {given['warm_up']:g} s of the same as warm-up",
        "latency: from the door of one loopback world to that of the other; worlds and writers share a process,",
        "whose garbage collector leaves out what was there before the load",
        f"then one member writes {given['burst']:g} lines at once, more than Twilio takes in a second",
    ]
    return report


@asynccontextmanager
async def _url(name: str) -> AsyncIterator[str | None]:
    if name == "SQLite":
        yield None
    else:
        async with postgres_url() as url:
            yield url


async def _load(one: Desk, given: Parameters) -> Loaded:
    await one.bot.start(deadline=60)
    crowd = Crowd(one.sandbox, one.house)
    meter = Meter(one.sandbox, crowd)  # counts what Twilio refuses from the very beginning
    await crowd.assemble(int(given["conversations"]))
    with _settled_worlds():
        return await _under_load(one, crowd, meter, given)


@contextmanager
def _settled_worlds() -> Iterator[None]:
    """Spare this process the garbage collector's looks at all members and conversations of the worlds.

    Each look held the worlds and the writers for some 200 ms, about once a second, and was measured as the bridge's.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _under_load(one: Desk, crowd: Crowd, meter: Meter, given: Parameters) -> Loaded:
    await meter.run(given["rate"], given["warm_up"])
    await crowd.until_arrived(_PATIENCE)
    before, used = resident(one.bot.pid), processor_seconds(one.bot.pid)
    watch = asyncio.create_task(_each_second(one.bot.pid))
    await meter.run(given["rate"], given["seconds"])
    await crowd.until_arrived(_PATIENCE)
    watch.cancel()
    used = (processor_seconds(one.bot.pid) - used) * 1000
    seen = await watch
    memory = (before, resident(one.bot.pid), Sample.of(seen))
    quarter = max(1, len(seen) // 4)
    growth = median(seen[-quarter:]) - median(seen[:quarter])
    lines = sum(reading.sent for reading in meter.readings.values())
    readings = meter.readings
    burst = await _burst(crowd, int(given["burst"]))
    meter.readings = readings
    errors = [str(event.get("event")) for event in one.bot.errors()]
    tally = crowd.to_agents() + crowd.to_members()
    return Loaded(meter, memory, growth, used / lines, tally, burst, errors)


async def _each_second(pid: int) -> list[float]:
    """Look at the memory until cancelled."""
    seen: list[float] = []
    try:
        while True:
            seen.append(resident(pid))
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        return seen


async def _burst(crowd: Crowd, lines: int) -> float:
    """Have one member write many lines at once; how many a second were let through."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for _ in range(lines):
        await crowd.talks[0].member_writes()
    await crowd.until_arrived(_PATIENCE)
    return lines / (clock() - began)


def _add(report: Report, name: str, found: Loaded) -> None:
    for to, reading in found.meter.readings.items():
        sample = Sample.of(reading.latencies)
        report.figures += [
            Figure(
                f"{name}: added latency to {to}, {quantile}", getattr(sample, quantile), "ms",
                target=_TARGET if quantile == "p99" else None, spread=sample.spread(),
                alone="the bridge's own time; beside a bare forwarder in the benchmark bridge",
            )
            for quantile in ("median", "p99")
        ]  # fmt: skip
        known = Figure(
            f"{name}: lines to {to} of which the latency is known", reading.covered * 100, "%",
            target=Target(100, is_limit=False), alone="all should be; the quantiles are of these",
        )  # fmt: skip
        report.figures.append(known)
    before, after, between = found.memory
    at_begin = Baseline("before the load", before)
    none = "none may be"
    report.figures += [
        Figure(f"{name}: memory after the load", after, "MB", at_begin, Target(before * 1.1)),
        Figure(f"{name}: most memory during the load", between.values[-1], "MB", at_begin, Target(before * 1.2)),
        Figure(
            f"{name}: growth of memory from the first to the last quarter", found.growth, "MB",
            target=Target(before * _FLAT), alone="flat is none; what the noise is, the spread tells",
            spread=between.spread(),
        ),
    ]  # fmt: skip
    report.figures += [
        Figure(f"{name}: CPU per line", found.processor, "ms", alone="beside a bare forwarder in the benchmark bridge"),
        *(
            Figure(f"{name}: lines {what}", getattr(found.tally, what), "", None, Target(0), none, essential=True)
            for what in ("lost", "doubled", "disordered", "misdirected")
        ),
        Figure(f"{name}: answers 429 of Twilio", found.meter.limited, "", target=Target(0), alone=none),
    ]
    late = Sample.of(found.meter.late)
    report.notes += [
        f"{name}: {found.tally.written} lines",
        f"{name}: memory {before:.0f} MB before, {after:.0f} after, {between.values[-1]:.0f} at most",
        f"{name}: the writers were late by {late.median:.1f} ms (median), {late.p99:.1f} ms (99th percentile)",
        f"{name}: the burst went through with {found.burst:.1f} lines/s; Twilio takes 30",
    ]
    if found.errors:
        report.notes.append(f"{name}: logged as errors: {', '.join(sorted(set(found.errors)))}")
