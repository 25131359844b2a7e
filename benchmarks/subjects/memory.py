"""Resident memory of the bot once it is ready."""

from benchmarks.desks import desk, start_and_stop, start_and_stop_bare
from benchmarks.figures import Report, Sample
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"starts": 3}


async def measure(given: Parameters) -> Report:
    """Start Frontdesk and the bare bot in turns."""
    ours, bare = [], []
    async with desk() as one:
        await start_and_stop(one.bot)  # makes the database
        for _ in range(int(given["starts"])):
            ours.append((await start_and_stop(one.bot)).megabytes)
            bare.append((await start_and_stop_bare(one.sandbox)).megabytes)
    report = Report(notes=["medians; the first start, which makes the database, is not counted"])
    report.compare("memory after start", "MB", Sample.of(ours), ("a bare hikari+lightbulb bot", Sample.of(bare)))
    return report
