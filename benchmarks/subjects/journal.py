"""Entries per second through the journal: written, delivered to nobody, settled; durable commits."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import sqlalchemy as sa
from frontdesk.journal import Entry, Journal, Receipt, Refused
from frontdesk.store import Store
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.databases import NoServerError, postgres, sqlite
from benchmarks.figures import Baseline, Figure, Report, Sample
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"entries": 400, "rounds": 3}
LANES = (1, 100)
_DATABASES: dict[str, Callable[[], AbstractAsyncContextManager[Store]]] = {"SQLite": sqlite, "PostgreSQL": postgres}
_CREATE = "CREATE TABLE plain_entry (id INTEGER PRIMARY KEY, lane TEXT, body TEXT, state TEXT)"
_INSERT = sa.text("INSERT INTO plain_entry VALUES (:id, :lane, :body, 'waiting')")
_UPDATE = sa.text("UPDATE plain_entry SET state = 'done' WHERE id = :id")


class Nowhere:
    """Takes every entry at once."""

    async def send(self, entry: Entry) -> Receipt:
        """Deliver."""
        return {"id": entry.id}

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing is ever in doubt."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Nothing follows."""


async def measure(given: Parameters) -> Report:
    """Measure the journal and plain commits in turns, on each database."""
    report = Report()
    for name, opened in _DATABASES.items():
        try:
            async with opened() as store:
                await _measure_on(store, name, given, report)
        except NoServerError as error:
            report.missing.append(f"the journal on {name}: {error}")
    report.notes += [
        f"medians of {given['rounds']:g} rounds of {given['entries']:g} entries, after one round of each as warm-up",
        "each entry is written in a transaction of its own; lanes are written to side by side",
        "baseline: one transaction with an INSERT and one with an UPDATE for each entry, by as many tasks as lanes",
    ]
    return report


async def _measure_on(store: Store, name: str, given: Parameters, report: Report) -> None:
    journal = Journal(store, clock=lambda: datetime.now(UTC))
    journal.handle("bench", Nowhere())
    await journal.start()
    async with store.begin() as session:
        await session.execute(sa.text(_CREATE))
    entries = int(given["entries"])
    numbers = iter(range(1 << 31))
    for lanes in LANES:
        ours, plain = [], []
        for turn in range(int(given["rounds"]) + 1):
            rates = await _journal(store, journal, lanes, entries, turn), await _plain(store, lanes, entries, numbers)
            if turn:
                ours.append(rates[0])
                plain.append(rates[1])
        sample = Sample.of(ours)
        baseline = Baseline("plain INSERT + UPDATE commits", Sample.of(plain).median)
        what = "1 lane" if lanes == 1 else f"{lanes} lanes"
        report.figures.append(Figure(f"{name}, {what}", sample.median, "entries/s", baseline, spread=sample.spread()))
    await journal.stop(1)


async def _journal(store: Store, journal: Journal, lanes: int, entries: int, turn: int) -> float:
    async def write(lane: int) -> None:
        for number in range(lane, entries, lanes):
            async with store.begin() as session:
                key = f"{lanes}:{turn}:{number}"
                await journal.write(session, lane=f"lane {lane}", key=key, kind="bench", payload={"text": "Hello."})

    began = time.perf_counter()
    await asyncio.gather(*(write(lane) for lane in range(lanes)))
    await journal.idle()
    return entries / (time.perf_counter() - began)


async def _plain(store: Store, lanes: int, entries: int, numbers: Iterator[int]) -> float:
    async def write(lane: int) -> None:
        for _ in range(lane, entries, lanes):
            number = next(numbers)
            async with store.begin() as session:
                await session.execute(_INSERT, {"id": number, "lane": f"lane {lane}", "body": "Hello."})
            async with store.begin() as session:
                await session.execute(_UPDATE, {"id": number})

    began = time.perf_counter()
    await asyncio.gather(*(write(lane) for lane in range(lanes)))
    return entries / (time.perf_counter() - began)
