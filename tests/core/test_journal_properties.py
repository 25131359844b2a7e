"""Whatever fails, and whenever: nothing is lost, nothing is doubled, and the order of a lane is kept."""

import asyncio
from collections import defaultdict

import pytest
import sqlalchemy as sa
from frontdesk.journal import Journal
from frontdesk.store import StoreUnavailable
from frontdesk.tables import journal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .other_side import FAULTS, FlakyStore, OtherSide, VirtualTime, open_store

LANES = ("a", "b", "c")

writes = st.tuples(
    st.sampled_from(LANES),
    st.integers(0, 12).map(str),
    st.lists(st.sampled_from(FAULTS), max_size=4),
)
transactions = st.tuples(st.lists(writes, min_size=1, max_size=3), st.booleans())  # False: given up
scenarios = st.lists(transactions, min_size=1, max_size=12)
Scenario = list[tuple[list[tuple[str, str, list[str]]], bool]]


class GivenUp(Exception):
    """The writer changed its mind."""


class Play:
    """One scenario: writers on one side, crashes and restarts on the other."""

    def __init__(self, store: FlakyStore) -> None:
        self.store = store
        self.time = VirtualTime()
        self.other = OtherSide(store)
        self.expected: dict[str, list[str]] = defaultdict(list)
        self.known: set[str] = set()
        self.journal = self._new_journal()

    def _new_journal(self) -> Journal:
        new = Journal(self.store, clock=self.time, pause=self.time.pause)
        new.handle("message", self.other)
        return new

    async def write(self, batch: list[tuple[str, str, list[str]]], keep: bool) -> None:
        batch = sorted(batch, key=lambda write: write[0])  # lanes in a fixed order
        while True:
            new = []
            try:
                async with self.store.begin() as session:
                    for lane, key, script in batch:
                        if key not in self.known and keep:
                            self.other.scripts.setdefault(key, list(script))
                        if await self.journal.write(session, lane=lane, key=key, kind="message", payload={}):
                            new.append((lane, key))
                    if not keep:
                        raise GivenUp  # noqa: TRY301 - so that the transaction sees it
            except StoreUnavailable:
                async with self.store.read() as session:
                    statement = sa.select(journal.c.lane, journal.c.key).order_by(journal.c.id)
                    committed = {tuple(row) for row in await session.execute(statement)}
                if new and set(new) <= committed:
                    break
                continue
            except GivenUp:
                return
            break
        for lane, key in new:
            assert key not in self.known
            self.known.add(key)
            self.expected[lane].append(key)

    async def run(self, scenario: Scenario) -> None:
        half = len(scenario) // 2
        for batch, keep in scenario[:half]:
            await self.write(batch, keep)
        await self.journal.start()
        writer = asyncio.create_task(self.write_all(scenario[half:]))
        async with asyncio.timeout(20):
            await self.restart_until_idle(writer)
        await writer
        await self.journal.stop(0)

    async def write_all(self, scenario: Scenario) -> None:
        for batch, keep in scenario:
            await self.write(batch, keep)

    async def restart_until_idle(self, writer: asyncio.Task[None]) -> None:
        while True:
            crash = asyncio.create_task(self.other.crash.wait())
            idle = asyncio.create_task(self.journal.idle())
            quiet = asyncio.gather(writer, idle) if not writer.done() else idle
            await asyncio.wait({crash, quiet}, return_when=asyncio.FIRST_COMPLETED)
            if self.other.crash.is_set():
                idle.cancel()
                await self.journal.stop(0)
                self.other.crash.clear()
                self.journal = self._new_journal()
                await self.journal.start()
            elif quiet is idle:
                return
            crash.cancel()

    async def check(self) -> None:
        for lane in LANES:
            settled = await self.other.settled_in(lane)
            refused = {key for key, outcome in settled if outcome == "closed"}
            taken = [key for key in self.expected[lane] if key not in refused]
            assert self.other.effects[lane] == taken, "delivered once each, in order"
            assert [key for key, _ in settled] == self.expected[lane], "every outcome told once, in order"
            assert all(outcome in {"closed", f"other-{key}"} for key, outcome in settled)


async def play(url: str, scenario: Scenario) -> None:
    store = await open_store(url)
    try:
        it = Play(store)
        await it.run(scenario)
        await it.check()
    finally:
        await store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios)
async def test_none_lost_none_doubled_in_order_on_sqlite(sqlite_url: str, scenario: Scenario) -> None:
    await play(sqlite_url, scenario)


@pytest.mark.postgres
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios)
async def test_none_lost_none_doubled_in_order_on_postgresql(postgres_url: str, scenario: Scenario) -> None:
    await play(postgres_url, scenario)
