"""Processes that die at any moment, and processes that share a database: each entry arrives once, in order."""

import asyncio
import multiprocessing
import random
import time
from collections import defaultdict
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from frontdesk.journal_owners import Claim
from frontdesk.journal_postgres import PostgresOwners

from tests.core import journal_child as child
from tests.core.other_side import until

ROUNDS = 50
ENDLESS = 10**9
LANES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes that have imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.journal_child", "aiosqlite", "asyncpg"])
    return context


def by_lane(path: Path) -> dict[str, list[str]]:
    """What arrived, lane by lane."""
    arrived = defaultdict(list)
    for line in child.lines(path):
        lane, key = line.split()
        arrived[lane].append(key)
    return arrived


def all_of(lane: str, count: int) -> list[str]:
    return [f"{lane}-{number}" for number in range(count)]


def test_killed_at_random_moments(store_url: str, tmp_path: Path, processes: ForkServerContext) -> None:
    path = tmp_path / "effects"
    asyncio.run(_prepare(store_url))
    for _ in range(ROUNDS):
        began = processes.Event()
        process = processes.Process(target=child.work, args=(store_url, path, LANES, ENDLESS, began))
        process.start()
        assert began.wait(30), "nothing was written"
        process.join(random.uniform(0, 0.2))
        assert process.exitcode is None, "cut off while it works"
        process.kill()
        process.join(10)
    last = processes.Process(target=child.work, args=(store_url, path, LANES, 0))  # only delivers what is left
    last.start()
    last.join(30)
    assert last.exitcode == 0
    arrived = by_lane(path)
    committed = asyncio.run(_written(store_url))
    assert sum(committed.values()) >= ROUNDS, "each round writes something before it is cut off"
    assert {lane: arrived[lane] for lane in LANES} == {lane: all_of(lane, n) for lane, n in committed.items()}


@pytest.mark.postgres
def test_two_processes_share_the_lanes(postgres_url: str, tmp_path: Path, processes: ForkServerContext) -> None:
    """Both write to the same lanes; now and then one is killed and comes back."""
    path, count = tmp_path / "effects", 120
    asyncio.run(_prepare(postgres_url))

    def start(lanes: list[str]) -> multiprocessing.process.BaseProcess:
        process = processes.Process(target=child.work, args=(postgres_url, path, lanes, count))
        process.start()
        return process

    stays, dies = start(["a", "b"]), start(["c"])
    for _ in range(8):
        dies.join(random.uniform(0.05, 0.4))
        dies.kill()
        dies.join(10)
        dies = start(["c"])
    for process in (stays, dies):
        process.join(30)
        assert process.exitcode == 0
    arrived = by_lane(path)
    assert {lane: arrived[lane] for lane in LANES} == {lane: all_of(lane, count) for lane in LANES}


@pytest.mark.postgres
async def test_takeover_of_a_killed_process(postgres_url: str, tmp_path: Path, processes: ForkServerContext) -> None:
    path = tmp_path / "effects"
    await _prepare(postgres_url)
    sending = processes.Event()
    process = processes.Process(target=child.hang, args=(postgres_url, path, sending))
    process.start()
    assert await asyncio.to_thread(sending.wait, 10)
    store = await child.new_store(postgres_url)
    journal = child.new_journal(store, child.FileSide(path, lambda: 0))
    with pytest.MonkeyPatch.context() as quick:
        rounds = counted_rounds(quick)
        await journal.start()
        await until(lambda: len(rounds) >= 5)
    assert rounds == [[]] * len(rounds), "the lane of a living owner is no orphan"
    assert await journal._owners.claim("a") is Claim.ELSEWHERE
    assert child.lines(path) == ["a a-0"]
    process.kill()
    killed = time.monotonic()
    async with asyncio.timeout(5):
        await journal.idle("a")
    assert time.monotonic() - killed < 3
    assert by_lane(path) == {"a": all_of("a", 5)}
    assert (await journal.stats()).found == 1
    await journal.stop(1)
    await store.close()
    process.join(5)


def counted_rounds(quick: pytest.MonkeyPatch) -> list[list[str]]:
    """Let a process look for lanes to take over in quick rounds; the list grows by what each of them finds."""
    rounds: list[list[str]] = []
    orphans = PostgresOwners.orphans

    async def counted(owners: PostgresOwners) -> list[str]:
        rounds.append(list(await orphans(owners)))
        return rounds[-1]

    quick.setattr(PostgresOwners, "orphans", counted)
    quick.setattr(PostgresOwners, "period", 0.01)
    return rounds


async def _prepare(url: str) -> None:
    await (await child.new_store(url)).close()


async def _written(url: str) -> dict[str, int]:
    store = await child.new_store(url)
    committed = {lane: await child.written(store, lane) for lane in LANES}
    await store.close()
    return committed
