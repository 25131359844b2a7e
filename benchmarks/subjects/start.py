"""Time from the start of the process until the bot is ready, against the sandbox."""

import json
import time
from collections import defaultdict

from benchmarks.desks import Desk, child, desk, said, start_and_stop, start_and_stop_bare
from benchmarks.figures import Report, Sample, Target
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"starts": 7, "first_starts": 3}
TARGET = Target(2.5)
_BARE = "a bare hikari+lightbulb bot"


async def measure(given: Parameters) -> Report:
    """Start Frontdesk and the bare bot in turns; and, apart, Frontdesk with a new database."""
    report = Report()
    later, first, bare, bare_first = [], [], [], []
    async with desk() as one:
        await start_and_stop(one.bot)
        await start_and_stop_bare(one.sandbox)
        for _ in range(int(given["starts"])):
            later.append((await start_and_stop(one.bot)).seconds)
            bare.append((await start_and_stop_bare(one.sandbox)).seconds)
        parts = await _parts(one)
    for _ in range(int(given["first_starts"])):
        async with desk() as new:
            first.append((await start_and_stop(new.bot)).seconds)
        async with desk() as new:
            bare_first.append((await start_and_stop_bare(new.sandbox)).seconds)
    report.compare("time to ready", "s", Sample.of(later), (_BARE, Sample.of(bare)), target=TARGET)
    theirs = (f"{_BARE}, commands unknown", Sample.of(bare_first))
    report.compare("time to ready, first start (new database)", "s", Sample.of(first), theirs, target=TARGET)
    shown = ", ".join(f"{part} {milliseconds:.0f}" for part, milliseconds in parts.items())
    report.notes += [
        "medians; one start of each kind as warm-up (file cache, byte code) is not counted",
        f"where a later start spends its time (ms, median of 3 apart from the figures): {shown}",
    ]
    return report


async def _parts(one: Desk) -> dict[str, float]:
    """Measure the parts of a start, in starts of their own: the stopwatches shall not disturb the figures."""
    sandbox = one.sandbox
    environ = {
        "TIMED_CONFIG": str(one.bot.config),
        "FRONTDESK_DISCORD_TOKEN": sandbox.discord.token,
        "FRONTDESK_DISCORD_URL": sandbox.discord.rest_url,
        "FRONTDESK_TWILIO_AUTH_TOKEN": sandbox.twilio.auth_token,
        "FRONTDESK_TWILIO_ACCOUNT_SID": sandbox.twilio.account_sid,
        "FRONTDESK_TWILIO_URL": sandbox.url,
    }
    spent: dict[str, list[float]] = defaultdict(list)
    for _ in range(3):
        began = {"TIMED_BEGAN": str(time.time())}
        async with child("-m", "benchmarks.peers.timed_run", environ=environ | began) as process:
            for part, milliseconds in json.loads(await said(process, "parts")).items():
                spent[part].append(milliseconds)
    return {part: Sample.of(values).median for part, values in spent.items()}
