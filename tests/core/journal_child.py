"""A process that writes and delivers until it is killed. Its other side is a file with a line for each effect."""

import asyncio
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import sqlalchemy as sa
from frontdesk.journal import Entry, Journal, Receipt, Refused
from frontdesk.store import Store
from frontdesk.tables import CORE, journal
from sqlalchemy.ext.asyncio import AsyncSession


class FileSide:
    """Takes entries by writing a line into a file; pauses on both sides of it make room for a kill."""

    def __init__(self, path: Path, delay: Callable[[], float]) -> None:
        self.path = path
        self._delay = delay

    async def send(self, entry: Entry) -> Receipt:
        await asyncio.sleep(self._delay())
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{entry.lane} {entry.key}\n".encode())
        await asyncio.sleep(self._delay())
        return {"process": os.getpid()}

    async def find(self, entry: Entry) -> Receipt | None:
        return {"found": True} if f"{entry.lane} {entry.key}" in lines(self.path) else None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        pass


class StuckSide(FileSide):
    """Its effect happens, its answer never comes."""

    async def send(self, entry: Entry) -> Receipt:
        await super().send(entry)
        await asyncio.Event().wait()
        raise AssertionError


def lines(path: Path) -> list[str]:
    """The effects so far."""
    return path.read_text().splitlines() if path.exists() else []


async def new_store(url: str) -> Store:
    """Connected, with core's tables."""
    store = Store(url)
    await store.connect()
    await store.upgrade([CORE])
    return store


def new_journal(store: Store, side: FileSide) -> Journal:
    """In real time, but without much patience for interrupted sends: a killed process sends nothing more."""
    new = Journal(store, clock=lambda: datetime.now(UTC), calm=timedelta(milliseconds=20))
    new.handle("line", side)
    return new


async def written(store: Store, lane: str) -> int:
    """How many lines of a lane were committed."""
    async with store.read() as session:
        statement = sa.select(sa.func.count()).select_from(journal).where(journal.c.lane == lane)
        return int((await session.execute(statement)).scalar_one())


async def write_lines(store: Store, journal_: Journal, lane: str, count: int, *, began: Event | None = None) -> None:
    """Write what is missing of lines 0 to count - 1 of a lane, each in a transaction of its own.

    ``began`` is set after the first of them.
    """
    start = await written(store, lane)
    for number in range(start, count):
        async with store.begin() as session:
            key = f"{lane}-{number}"
            await journal_.write(session, lane=lane, key=key, kind="line", payload={"number": number})
        if began is not None:
            began.set()


async def _work(url: str, path: Path, lanes: list[str], count: int, began: Event | None) -> None:
    store = await new_store(url)
    journal_ = new_journal(store, FileSide(path, lambda: random.uniform(0, 0.003)))
    await journal_.start()
    await asyncio.gather(*(write_lines(store, journal_, lane, count, began=began) for lane in lanes))
    await journal_.idle()
    await journal_.stop(5)
    await store.close()


async def _hang(url: str, path: Path, sending: Event) -> None:
    store = await new_store(url)
    journal_ = new_journal(store, StuckSide(path, lambda: 0))
    await journal_.start()
    await write_lines(store, journal_, "a", 5)
    while not lines(path):  # noqa: ASYNC110 - a file announces nothing
        await asyncio.sleep(0.005)
    sending.set()
    await asyncio.Event().wait()


def work(url: str, path: Path, lanes: list[str], count: int, began: Event | None = None) -> None:
    """Write and deliver lines in some lanes; ends when all is delivered. ``began`` is set after the first line."""
    asyncio.run(_work(url, path, lanes, count, began))


def hang(url: str, path: Path, sending: Event) -> None:
    """Write five lines, deliver the first, never hear that it arrived; ``sending`` is set then."""
    asyncio.run(_hang(url, path, sending))
