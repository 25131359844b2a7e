"""The journal's rules, one by one, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from frontdesk.journal import Entry, Journal, Receipt, Refused, State
from frontdesk.store import Store
from frontdesk.tables import lanes
from sqlalchemy.ext.asyncio import AsyncSession

from .other_side import FlakyStore, OtherSide, VirtualTime, open_store, until


class Gate(OtherSide):
    """An other side that answers when it is told to."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.open = asyncio.Event()
        self.reached = asyncio.Event()
        self.under_way = 0
        self.most_under_way = 0

    async def send(self, entry: Entry) -> Receipt:
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        self.reached.set()
        try:
            await self.open.wait()
        finally:
            self.under_way -= 1
        return await super().send(entry)


@pytest.fixture
async def flaky(store_url: str) -> AsyncIterator[FlakyStore]:
    store = await open_store(store_url)
    yield store
    await store.close()


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@asynccontextmanager
async def running(store: Store, time: VirtualTime, other: OtherSide, **options: object) -> AsyncIterator[Journal]:
    journal = Journal(store, clock=time, pause=time.pause, **options)  # type: ignore[arg-type]  # tests pass what fits
    journal.handle("message", other)
    await journal.start()
    yield journal
    await journal.stop(0)


async def write(store: Store, journal: Journal, lane: str, *keys: str) -> list[bool]:
    async with store.begin() as session:
        return [
            await journal.write(session, lane=lane, key=key, kind="message", payload={"text": "سلام"}) for key in keys
        ]


async def soon(condition: asyncio.Event) -> None:
    await asyncio.wait_for(condition.wait(), 5)


async def test_delivers_in_order_and_keeps_the_receipt(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:
        assert await write(flaky, journal, "a", "1", "2", "3") == [True, True, True]
        await journal.idle("a")
        records = await journal.entries(lane="a")
    assert other.effects["a"] == ["1", "2", "3"]
    assert [record.entry.key for record in records] == ["3", "2", "1"]
    assert records[0].state is State.DONE
    assert records[0].receipt == {"id": "other-3"}
    assert records[0].entry.payload == {"text": "سلام"}
    assert records[0].settled_at == time.now
    assert other.finds == 0, "nothing was in doubt"


async def test_a_key_counts_once_whatever_the_lane(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:
        assert await write(flaky, journal, "a", "1") == [True]
        await journal.idle()
        assert await write(flaky, journal, "a", "1") == [False]
        assert await write(flaky, journal, "b", "1") == [False]
        await journal.idle()
    assert other.sends == 1


async def test_a_transaction_given_up_leaves_nothing(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:

        async def give_up() -> None:
            async with flaky.begin() as session:
                await journal.write(session, lane="a", key="1", kind="message", payload={})
                raise RuntimeError("changed its mind")

        with pytest.raises(RuntimeError):
            await give_up()
        await journal.idle()
        assert await journal.entries() == []
    assert other.sends == 0


async def test_lanes_do_not_wait_for_each_other(flaky: FlakyStore, time: VirtualTime) -> None:
    gate = Gate(flaky)
    async with running(flaky, time, gate, parallel=2) as journal:
        for lane in "abc":
            await write(flaky, journal, lane, f"{lane}1", f"{lane}2")
        await until(lambda: gate.under_way == 2)
        assert (await journal.stats()).sending == 2
        gate.open.set()
        await journal.idle()
    assert gate.most_under_way == 2
    assert {lane: gate.effects[lane] for lane in "abc"} == {lane: [f"{lane}1", f"{lane}2"] for lane in "abc"}


async def test_back_off_grows_and_is_stored(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    other.scripts["1"] = ["later"] * 6
    async with running(flaky, time, other) as journal:
        await write(flaky, journal, "a", "1")
        await journal.idle()
        stats = await journal.stats()
        (record,) = await journal.entries()
    assert record.entry.attempts == 6
    assert (stats.sent, stats.retried, stats.found, stats.refused) == (1, 6, 0, 0)
    assert len(time.paused) == 6
    for attempt, paused in enumerate(time.paused, start=1):
        assert 2**attempt / 4 - 0.01 <= paused <= 2**attempt / 2


async def test_retry_after_is_honoured(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    other.scripts["1"] = ["later-after"]
    async with running(flaky, time, other) as journal:
        await write(flaky, journal, "a", "1")
        await journal.idle()
    (paused,) = time.paused
    assert 6.99 <= paused <= 7.7


async def test_a_refusal_is_an_outcome_and_the_lane_goes_on(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    other.scripts["1"] = ["refuse"]
    async with running(flaky, time, other) as journal:
        await write(flaky, journal, "a", "1", "2")
        await journal.idle()
        (refused,) = await journal.entries(state=State.REFUSED)
        stats = await journal.stats()
    assert (refused.entry.key, refused.reason, refused.detail) == ("1", "closed", "it is closed")
    assert await other.settled_in("a") == [("1", "closed"), ("2", "other-2")]
    assert (stats.refused, stats.sent) == (1, 1)


async def test_after_its_patience_an_entry_is_refused(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    other.scripts["1"] = ["later"] * 1000
    async with running(flaky, time, other, patience=timedelta(hours=1)) as journal:
        await write(flaky, journal, "a", "1")
        await write(flaky, journal, "b", "2")
        await journal.idle()
    assert await other.settled_in("a") == [("1", "expired")]
    assert await other.settled_in("b") == [("2", "other-2")]


async def test_what_may_have_arrived_is_looked_up_even_when_it_is_too_late(
    flaky: FlakyStore, time: VirtualTime
) -> None:
    gate = Gate(flaky)
    gate.effects["a"].append("1")  # it arrived, and the process died before it knew
    async with running(flaky, time, gate) as journal:
        await write(flaky, journal, "a", "1", "2")
        await soon(gate.reached)
    time.now += timedelta(days=4)
    async with running(flaky, time, gate) as journal:
        await journal.idle()
        assert (await journal.stats()).found == 1
    assert await gate.settled_in("a") == [("1", "other-1"), ("2", "expired")]


async def test_stop_lets_a_running_send_finish(flaky: FlakyStore, time: VirtualTime) -> None:
    gate = Gate(flaky)
    async with running(flaky, time, gate) as journal:
        await write(flaky, journal, "a", "1", "2")
        await soon(gate.reached)
        stopping = asyncio.create_task(journal.stop(5))
        await asyncio.sleep(0)
        gate.open.set()
        await stopping
        assert gate.effects["a"] == ["1"], "finished, and nothing new was begun"
        assert [record.entry.key for record in await journal.entries(state=State.DONE)] == ["1"]


async def test_a_send_that_hangs_is_given_up_and_looked_up(flaky: FlakyStore, time: VirtualTime) -> None:
    gate = Gate(flaky)
    async with running(flaky, time, gate, deadline=timedelta(milliseconds=20)) as journal:
        await write(flaky, journal, "a", "1")
        await until(lambda: gate.finds > 0)
        gate.open.set()
        await journal.idle()
    assert gate.effects["a"] == ["1"]


async def test_without_its_plugin_an_entry_waits(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:
        journal.withdraw("message")
        await write(flaky, journal, "a", "1")
        await asyncio.wait_for(journal.idle(), 5)  # a resting lane does not hold anybody up
        assert (await journal.stats()).waiting == 1
    async with running(flaky, time, other) as journal:
        await journal.idle()
    assert other.effects["a"] == ["1"]


class Echo(OtherSide):
    """Whatever is settled in lane a is written to lane b."""

    journal: Journal

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        if entry.lane == "a":
            await self.journal.write(session, lane="b", key=f"{entry.key}+", kind="message", payload={})


async def test_settled_may_write_on(flaky: FlakyStore, time: VirtualTime) -> None:
    echo = Echo(flaky)
    async with running(flaky, time, echo) as journal:
        echo.journal = journal
        await write(flaky, journal, "a", "1", "2")
        await journal.idle()
    assert echo.effects == {"a": ["1", "2"], "b": ["1+", "2+"]}


async def test_sweep_forgets_old_outcomes_and_nothing_else(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:
        await write(flaky, journal, "a", *(str(number) for number in range(7)))
        await journal.idle()
        time.now += timedelta(days=29)
        await write(flaky, journal, "a", "young")
        await journal.idle()
        assert await journal.sweep() == 0
        journal.withdraw("message")
        await write(flaky, journal, "a", "waiting")
        time.now += timedelta(days=2)
        assert await journal.sweep() == 7
        assert [record.entry.key for record in await journal.entries()] == ["waiting", "young"]
        assert (await journal.stats()).oldest == timedelta(days=2).total_seconds()
        assert await write(flaky, journal, "a", "1") == [True], "its key is free again"


async def test_two_deliveries_for_a_kind_are_refused(flaky: FlakyStore, time: VirtualTime) -> None:
    journal = Journal(flaky, clock=time)
    journal.handle("message", OtherSide(flaky))
    with pytest.raises(ValueError, match="message"):
        journal.handle("message", OtherSide(flaky))


@pytest.mark.postgres
async def test_empty_lanes_are_given_up(postgres_url: str, time: VirtualTime) -> None:
    store = await open_store(postgres_url)
    gate = Gate(store)
    gate.open.set()
    async with running(store, time, gate) as journal:
        await write(store, journal, "a", "1")
        await journal.idle()
        gate.open.clear()
        gate.reached.clear()
        await write(store, journal, "b", "2")
        await soon(gate.reached)
        await journal._owners.release(())
        async with store.read() as session:
            assert (await session.scalars(sa.select(lanes.c.lane))).all() == ["b"], "b has something waiting"
        gate.open.set()
        await journal.idle()
        await write(store, journal, "a", "3")
        await write(store, journal, "b", "4")
        await journal.idle()
    assert gate.effects == {"a": ["1", "3"], "b": ["2", "4"]}
    assert gate.finds == 0
    await store.close()


async def test_an_entry_that_nobody_announced_is_found(flaky: FlakyStore, time: VirtualTime) -> None:
    """As after a commit that was cancelled at its last moment."""
    other = OtherSide(flaky)
    silent = Journal(flaky, clock=time)
    silent._owners.announce = _say_nothing  # type: ignore[method-assign]  # the fault
    journal = Journal(flaky, clock=time, pause=time.pause)
    journal._owners.period = 0.01  # type: ignore[misc]  # not to wait long
    journal.handle("message", other)
    await journal.start()
    await write(flaky, silent, "a", "1")
    await asyncio.wait_for(journal.idle(), 5)
    assert other.effects["a"] == ["1"]
    await journal.stop(0)


async def _say_nothing(session: AsyncSession, lane: str) -> None:
    pass


async def test_a_journal_can_be_started_again(flaky: FlakyStore, time: VirtualTime) -> None:
    other = OtherSide(flaky)
    async with running(flaky, time, other) as journal:
        await journal.stop(1)
        await write(flaky, journal, "a", "1")
        await journal.start()
        await journal.idle()
    assert other.effects["a"] == ["1"]


@pytest.mark.postgres
async def test_writers_of_one_lane_take_turns(postgres_url: str, time: VirtualTime) -> None:
    """Or an entry could be sent before an earlier one of its lane is committed."""
    store = await open_store(postgres_url)
    journal = Journal(store, clock=time)
    await write(store, journal, "a", "0")
    async with store.begin() as session:
        await journal.write(session, lane="a", key="1", kind="message", payload={})
        second = asyncio.create_task(write(store, journal, "a", "2"))
        await asyncio.wait_for(write(store, journal, "b", "other"), 5)
        async with asyncio.timeout(5):
            while not await _somebody_waits(store):
                assert not second.done()
    await second
    assert [record.entry.key for record in await journal.entries(lane="a")] == ["2", "1", "0"]
    await store.close()


async def _somebody_waits(store: Store) -> bool:
    async with store.read() as session:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool((await session.execute(sa.text(statement))).scalar())
