"""Signals: heard in every process once it is certain, never otherwise; a lost connection is mended and told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from frontdesk.store import Store

from .other_side import until


class Ear:
    """Listens."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.missed = 0

    def miss(self) -> None:
        self.missed += 1


async def ear_at(store: Store, subject: str = "news") -> Ear:
    ear = Ear()
    await store.signals.listen(subject, ear.heard.append, ear.miss)
    return ear


async def say(store: Store, message: str, subject: str = "news") -> None:
    async with store.begin() as session:
        await store.signals.send(session, subject, message)


async def say_and_fail(store: Store) -> None:
    async with store.begin() as session:
        await store.signals.send(session, "news", "never")
        raise RuntimeError


class Silent:
    """A connection whose server does not answer any more."""

    def __init__(self, real: Any) -> None:
        self.terminate = real.terminate

    async def execute(self, *_args: object, **_more: object) -> None:
        raise TimeoutError


@pytest.fixture
async def two(postgres_url: str) -> AsyncIterator[tuple[Store, Store]]:
    stores = Store(postgres_url, durable=False), Store(postgres_url, durable=False)
    for store in stores:
        await store.connect()
    yield stores
    for store in stores:
        await store.close()


async def test_heard_after_the_commit_and_never_after_a_rollback(store: Store) -> None:
    ear, deaf = await ear_at(store), await ear_at(store, "other")
    async with store.begin() as session:
        await store.signals.send(session, "news", "one two")
        assert ear.heard == []
    assert ear.heard == ["one two"]
    with pytest.raises(RuntimeError):
        await say_and_fail(store)
    await say(store, "last")
    assert ear.heard == ["one two", "last"]
    assert deaf.heard == []
    with pytest.raises(ValueError, match="7000 bytes"):
        await say(store, "x" * 7001)


async def test_a_listener_that_fails_keeps_it_from_nobody(store: Store) -> None:
    def fail(message: str) -> None:
        raise RuntimeError(message)

    await store.signals.listen("news", fail, lambda: None)
    ear = await ear_at(store)
    await say(store, "one")
    assert ear.heard == ["one"]


@pytest.mark.postgres
async def test_other_processes_hear_it_too_each_once(two: tuple[Store, Store]) -> None:
    here, there = two
    ears = [await ear_at(store) for store in two]
    await say(here, "from here")
    await say(there, "")
    await say(here, "again")
    await until(lambda: ears[1].heard[-1:] == ["again"] and len(ears[0].heard) == 3)
    assert sorted(ears[0].heard) == sorted(ears[1].heard) == ["", "again", "from here"]


@pytest.mark.postgres
async def test_another_schema_of_the_database_does_not_hear_it(two: tuple[Store, Store], postgres_url: str) -> None:
    here, there = two
    async with here.begin() as session:
        await session.execute(sa.text("CREATE SCHEMA other"))
    elsewhere = Store(f"{postgres_url}?options=-csearch_path%3Dother", durable=False)
    await elsewhere.connect()
    ear, far = await ear_at(there), await ear_at(elsewhere)
    await say(here, "one")
    await until(lambda: ear.heard == ["one"])
    await say(there, "two")
    await say(elsewhere, "three")
    await until(lambda: far.heard == ["three"])
    assert ear.heard == ["one", "two"]
    await elsewhere.close()


@pytest.mark.postgres
async def test_a_lost_connection_is_made_anew_and_told(two: tuple[Store, Store]) -> None:
    here, there = two
    ear = await ear_at(there)
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"

    async def break_and_mend(times: int) -> None:
        async with here.begin() as session:
            await session.execute(sa.text(kill))
        await until(lambda: ear.missed == times)
        await say(here, f"after {times}")
        await until(lambda: ear.heard[-1:] == [f"after {times}"])

    await break_and_mend(1)
    await break_and_mend(2)


@pytest.mark.postgres
async def test_a_connection_that_says_nothing_any_more_is_given_up(
    two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.signals._LOOK", 0.05)
    ear = await ear_at(two[1])
    monkeypatch.setattr(two[1].signals, "_connection", Silent(two[1].signals._connection))
    await until(lambda: ear.missed == 1)
    await say(two[0], "here again")
    await until(lambda: ear.heard == ["here again"])
