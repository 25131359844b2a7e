"""Frontdesk beside a bridge built the way the blog did it, on the same sandbox, with a Twilio that takes 100 ms.

Each load is given to both in turns: first steady rates, then a quiet rate with one SIGKILL and a new start in the
middle. A line has some seconds to arrive after the last was written.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from frontdesk_sandbox.twilio import RestFault

from benchmarks.crowd import Crowd, Tally
from benchmarks.desks import Desk, child, desk, said
from benchmarks.figures import Baseline, Figure, Report, Sample, Target
from benchmarks.meter import Meter, Reading
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"conversations": 40, "seconds": 20, "patience": 30, "twilio_ms": 100, "away": 3}
RATES = (1, 5, 20)
_QUIET = 2
_BLOG = "the blog's way"
Restart = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Load:
    """One load with its outcome."""

    name: str
    readings: dict[str, Reading]
    tally: Tally


async def measure(given: Parameters) -> Report:
    """Load Frontdesk, then the blog's way, in the same sandbox and the same conversations."""
    async with desk() as one:
        await one.bot.start(deadline=60)
        crowd = Crowd(one.sandbox, one.house)
        await crowd.assemble(int(given["conversations"]))
        meter = Meter(one.sandbox, crowd)
        seconds = given["twilio_ms"] / 1000
        one.sandbox.twilio.faults.rest(RestFault.DELAY, "conversations", times=None, seconds=seconds)

        async def restart() -> None:
            await one.bot.kill()
            await asyncio.sleep(given["away"])
            await one.bot.start(deadline=60)

        ours = await _loads(crowd, meter, given, restart)
        errors = len(one.bot.errors())
        await one.bot.stop()
        theirs = await _with_blog_bot(one, crowd, meter, given)
    return _report(ours, theirs, given, errors)


async def _with_blog_bot(one: Desk, crowd: Crowd, meter: Meter, given: Parameters) -> list[Load]:
    sandbox = one.sandbox
    identities = {
        str(talk.member.user.id): next(
            person.identity for person in talk.conversation.participants.values() if person.identity != talk.agent
        )
        for talk in crowd.talks
    }
    settings = json.dumps(
        {
            "token": sandbox.discord.token,
            "discord": sandbox.discord.rest_url,
            "twilio": sandbox.url,
            "account_sid": sandbox.twilio.account_sid,
            "auth_token": sandbox.twilio.auth_token,
            "port": one.bot.port,
            "identities": identities,
        }
    )
    running = AsyncExitStack()

    async def start() -> asyncio.subprocess.Process:
        process = await running.enter_async_context(child("-m", "benchmarks.peers.blog_bot", stdin=settings.encode()))
        await said(process, "ready")
        return process

    async with running:
        process = await start()

        async def restart() -> None:
            process.kill()
            await process.wait()
            await asyncio.sleep(given["away"])
            await start()

        return await _loads(crowd, meter, given, restart)


async def _loads(crowd: Crowd, meter: Meter, given: Parameters, restart: Restart) -> list[Load]:
    crowd.begin_anew()
    for talk in crowd.talks:  # the blog's way learns a member's channel from what they have written
        await talk.member_writes()
    await crowd.until_arrived(given["patience"])
    loads = [await _load(f"{rate}/s each way", crowd, meter, rate, given) for rate in RATES]
    killed = asyncio.create_task(_in_the_middle(given["seconds"], restart))
    loads.append(await _load(f"{_QUIET}/s each way, killed once", crowd, meter, _QUIET, given))
    await killed
    return loads


async def _in_the_middle(seconds: float, restart: Restart) -> None:
    await asyncio.sleep(seconds / 3)
    await restart()


async def _load(name: str, crowd: Crowd, meter: Meter, rate: float, given: Parameters) -> Load:
    crowd.begin_anew()
    await meter.run(rate, given["seconds"])
    written = time.perf_counter()
    await crowd.until_arrived(given["patience"])
    load = Load(name, meter.readings, crowd.to_agents() + crowd.to_members())
    if load.tally.lost:  # let what is still under way not fall into the next load's lines
        await asyncio.sleep(max(0.0, given["patience"] - (time.perf_counter() - written)))
    return load


def _covered(loads: list[Load]) -> str:
    readings = [reading for load in loads for reading in load.readings.values()]
    return f"{sum(len(one.latencies) for one in readings)} of {sum(one.sent for one in readings)}"


def _report(ours: list[Load], theirs: list[Load], given: Parameters, errors: int) -> Report:
    report = Report()
    for load, other in zip(ours, theirs, strict=True):
        for to in ("agents", "members"):
            mine, blog = load.readings[to], other.readings[to]
            rate = Baseline(_BLOG, blog.per_second)
            report.figures.append(Figure(f"{load.name}: lines/s that reached {to}", mine.per_second, "/s", rate))
            samples = (Sample.of(mine.latencies or [float("inf")]), Sample.of(blog.latencies or [float("inf")]))
            for quantile in ("median", "p99"):
                name = f"{load.name}: latency to {to}, {quantile}"
                report.compare(name, "ms", samples[0], (_BLOG, samples[1]), quantile=quantile)
        for what in ("lost", "misdirected", "doubled", "disordered"):
            blog_value = Baseline(_BLOG, getattr(other.tally, what))
            value = getattr(load.tally, what)
            report.figures.append(Figure(f"{load.name}: lines {what}", value, "", blog_value, Target(0)))
    report.notes += [
        f"{given['conversations']:g} conversations with a live agent, {given['seconds']:g} s of each load",
        f"every answer of Twilio's Conversations takes {given['twilio_ms']:g} ms more, for both",
        f"a line is lost if it has not arrived {given['patience']:g} s after the last was written",
        f"killed once: SIGKILL after a third of the time, a new start {given['away']:g} s later",
        "latencies are of the lines that arrived; those that are lost have none and are counted apart",
        f"lines of which the latency is known: {_covered(ours)} (Frontdesk), {_covered(theirs)} ({_BLOG})",
        "the blog's way may look at 20 messages for one that names a channel: the newest is the agent's own",
        "it misdirects nothing here, by construction: each member has a conversation of their own, so that every",
        "channel it finds there is the right one; the 0 is no merit of it, and its lines lost are the ones to look at",
    ]
    if errors:
        report.notes.append(f"Frontdesk logged {errors} errors")
    return report
