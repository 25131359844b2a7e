"""What the journal's tests deliver to: an other side that does what a script says and remembers what it saw."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from frontdesk.journal import Entry, Receipt, Refused, Retry
from frontdesk.store import Store, StoreUnavailable
from frontdesk.tables import CORE, journal, lanes
from sqlalchemy.ext.asyncio import AsyncSession

metadata = sa.MetaData()
settlements = sa.Table(
    "test_settlements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("lane", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("outcome", sa.Text),
)

FAULTS = (
    "fine",
    "refuse",
    "later",  # not now, and nothing happened
    "later-after",
    "no-answer",  # it happened, but nobody hears of it
    "no-request",  # it did not happen, but nobody knows
    "raise-before",
    "raise-after",
    "crash-before",
    "crash-after",
    "crash-in-settled",
    "settled-fails",
    "database-gone",  # when the outcome is to be kept
    "database-gone-after-commit",
    "find-fails",
)


class VirtualTime:
    """A clock that jumps instead of letting anybody wait."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.paused: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class FlakyStore(Store):
    """A store whose next commits fail as told: before they happen, or after."""

    def __init__(self, url: str) -> None:
        super().__init__(url, durable=False)
        self.troubles: list[str] = []

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        trouble = self.troubles.pop() if self.troubles else ""
        async with super().begin() as session:
            yield session
            if trouble == "database-gone":
                raise StoreUnavailable("gone before the commit")
        if trouble == "database-gone-after-commit":
            raise StoreUnavailable("gone after the commit")


class OtherSide:
    """Takes entries, each with its script of faults, keeps the effects in order, and outcomes in a table."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.scripts: dict[str, list[str]] = {}
        self.effects: dict[str, list[str]] = defaultdict(list)
        self.crash = asyncio.Event()
        self.sends = 0
        self.finds = 0
        self._for_settled: dict[str, str] = {}
        self._for_find: set[str] = set()

    async def send(self, entry: Entry) -> Receipt:
        self.sends += 1
        script = self.scripts.get(entry.key)
        fault = script.pop(0) if script else "fine"
        match fault:
            case "refuse":
                raise Refused("closed", "it is closed")
            case "later":
                raise Retry("busy")
            case "later-after":
                raise Retry("slow down", after=7)
            case "no-request":
                raise Retry("no answer", ambiguous=True)
            case "raise-before":
                raise RuntimeError("before")
            case "crash-before":
                await self._crash()
        self.effects[entry.lane].append(entry.key)
        match fault:
            case "no-answer":
                raise Retry("no answer", ambiguous=True)
            case "raise-after":
                raise RuntimeError("after")
            case "crash-after":
                await self._crash()
            case "find-fails":
                self._for_find.add(entry.key)
                raise Retry("no answer", ambiguous=True)
            case "crash-in-settled" | "settled-fails":
                self._for_settled[entry.key] = fault
            case "database-gone" | "database-gone-after-commit" if isinstance(self.store, FlakyStore):
                self.store.troubles.append(fault)
        return {"id": f"other-{entry.key}"}

    async def find(self, entry: Entry) -> Receipt | None:
        self.finds += 1
        if entry.key in self._for_find:
            self._for_find.discard(entry.key)
            raise Retry("cannot look it up now")
        return {"id": f"other-{entry.key}"} if entry.key in self.effects[entry.lane] else None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        fault = self._for_settled.pop(entry.key, None)
        if fault == "settled-fails":
            raise RuntimeError("a plugin's mistake")
        if fault == "crash-in-settled":
            await self._crash()

        told = outcome.reason if isinstance(outcome, Refused) else str(outcome["id"])
        await session.execute(sa.insert(settlements).values(lane=entry.lane, key=entry.key, outcome=told))

    async def settled_in(self, lane: str) -> list[tuple[str, str]]:
        """Key and outcome of what was settled, in that order."""
        columns = settlements.c.key, settlements.c.outcome
        statement = sa.select(*columns).where(settlements.c.lane == lane).order_by(settlements.c.id)
        async with self.store.read() as session:
            return [(key, outcome) for key, outcome in await session.execute(statement)]

    async def _crash(self) -> None:
        self.crash.set()
        await asyncio.Event().wait()


async def open_store(url: str) -> FlakyStore:
    """A connected store with all tables there and empty."""
    store = FlakyStore(url)
    await store.connect()
    await store.upgrade([CORE])
    async with store.begin() as session:
        connection = await session.connection()
        await connection.run_sync(metadata.create_all)
        for table in (journal, lanes, settlements):
            await session.execute(sa.delete(table))
    return store


async def until(condition: Callable[[], bool], deadline: float = 10) -> None:
    """Wait for something that announces itself to nobody."""
    async with asyncio.timeout(deadline):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.001)
