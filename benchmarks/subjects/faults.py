"""What is lost, doubled or out of order when everything goes wrong at once, and how many faults that were."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.databases import NoServerError, postgres_url
from benchmarks.desks import desk
from benchmarks.fault_run import FaultRun, Outcome
from benchmarks.figures import Figure, Report, Target
from benchmarks.runner import Parameters
from benchmarks.troubles import Mix

DEFAULTS: Parameters = {"conversations": 200, "wishes": 40, "seconds": 90, "rate": 15, "seed": 20260101}
_ALONE = "none may be: the baseline is what was written"


async def measure(given: Parameters) -> Report:
    """Make a fault run on each database."""
    report = Report()
    for name in ("SQLite", "PostgreSQL"):
        try:
            async with _url(name) as url:
                _add(report, name, await _run(url, given))
        except NoServerError as error:
            report.missing.append(f"the fault run on {name}: {error}")
    report.notes.append(
        f"{given['conversations']:g} conversations, and {given['wishes']:g} members who ask for a person, change their "
        f"minds and are helped to the end meanwhile; {given['rate']:g} lines/s each way for {given['seconds']:g} s; "
        "a line has 180 s to arrive after the last fault"
    )
    return report


@asynccontextmanager
async def _url(name: str) -> AsyncIterator[str | None]:
    if name == "SQLite":
        yield None
    else:
        async with postgres_url() as url:
            yield url


async def _run(url: str | None, given: Parameters) -> Outcome:
    async with desk(database=url, helpdesk={"reconcile_seconds": 5.0}) as one:
        await one.bot.start(deadline=60)
        run = FaultRun(
            one.sandbox,
            one.house,
            one.bot,
            one.database,
            Mix(seed=int(given["seed"])),
            conversations=int(given["conversations"]),
            rate=given["rate"],
            seconds=given["seconds"],
            wishes=int(given["wishes"]),
        )
        return await run.carry_out()


def _add(report: Report, name: str, outcome: Outcome) -> None:
    for way, result in (("to agents", outcome.to_agents), ("to members", outcome.to_members)):
        for what in ("lost", "doubled", "disordered", "misdirected"):
            figure = Figure(
                f"{name}: lines {way} {what}", getattr(result, what), "", None, Target(0), _ALONE, essential=True
            )
            report.figures.append(figure)
    for what, count in (
        ("notices told twice", outcome.told_twice),
        ("things told or left to wait for that are not so", len(outcome.untruths)),
        ("kinds of faults that were never made", len(outcome.never_made)),
    ):
        report.figures.append(Figure(f"{name}: {what}", count, "", None, Target(0), _ALONE, essential=True))
    written = f"{outcome.to_agents.written} lines to agents and {outcome.to_members.written} to members"
    report.notes.append(
        f"{name}: {written}; {outcome.faults.total()} faults; all had arrived {outcome.settled:.1f} s after the last"
    )
    report.notes.append(f"{name}: faults: {_listed(outcome.faults)}")
    report.notes.append(f"{name}: what followed: {_listed(outcome.consequences)}")
    report.notes += [f"{name}: {untruth}" for untruth in outcome.untruths]
    if outcome.logged:
        report.notes.append(f"{name}: logged as errors: {_listed(outcome.logged)}")


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items()))
