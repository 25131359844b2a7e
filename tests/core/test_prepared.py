"""Prepared statements: the same answers as through SQLAlchemy, in the same transaction, on both databases."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from frontdesk.prepared import Prepared
from frontdesk.store import Store, StoreUnavailable
from frontdesk.tables import BigId, Utc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOON = datetime(2026, 1, 2, 12, 0, 0, 123456, UTC)


class _Base(DeclarativeBase):
    """Of this test alone."""


class _Row(_Base):
    __tablename__ = "prepared"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text, unique=True)
    at: Mapped[datetime | None] = mapped_column(Utc)
    data: Mapped[dict[str, object] | None] = mapped_column(sa.JSON(none_as_null=True))
    is_on: Mapped[bool] = mapped_column(sa.Boolean, default=False)


T = _Base.metadata.tables["prepared"]
INSERT = Prepared(
    {
        name: dialect.insert(T).on_conflict_do_nothing(index_elements=["name"]).returning(T.c.id)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }
)
BY_NAME = Prepared(
    sa.select(T.c.id, T.c.name, T.c.at, T.c.data.label("more"), T.c.is_on).where(T.c.name == sa.bindparam("of"))
)
SWITCH = Prepared(sa.update(T).where(T.c.name == sa.bindparam("of")).values(is_on=True).returning(T.c.name))

_LONG = sa.text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A database with the table."""
    store = Store(store_url, durable=False)
    await store.connect()
    async with store.begin() as session:
        await (await session.connection()).run_sync(_Base.metadata.create_all)
    yield store
    await store.close()


async def rows(session: AsyncSession) -> list[str]:
    """Names, through SQLAlchemy."""
    return list(await session.scalars(sa.select(T.c.name).order_by(T.c.id)))


async def test_values_come_back_as_they_went_in(store: Store) -> None:
    values = {"name": "a", "at": NOON, "data": {"x": [1, "ü"]}, "is_on": False}
    async with store.begin() as session:
        assert await INSERT.first(session, **values) is not None
        assert await INSERT.first(session, **values) is None, "a second one is not kept"
    async with store.read() as session:
        by_sqlalchemy = await BY_NAME.first(session, of="a")
    async with store.glance() as session:
        found = await BY_NAME.first(session, of="a")
        assert await BY_NAME.all(session, of="nobody") == []
    assert found == tuple(by_sqlalchemy)
    assert (found.name, found.at, found.more, found.is_on) == ("a", NOON, {"x": [1, "ü"]}, False)


async def test_nothing_is_null(store: Store) -> None:
    async with store.begin() as session:
        await INSERT.first(session, name="b", at=None, data=None, is_on=True)
        found = await BY_NAME.first(session, of="b")
        assert (await session.scalar(sa.select(sa.func.count()).where(T.c.data.is_(None)))) == 1
    assert (found.at, found.more) == (None, None)


@pytest.mark.parametrize("prepared_first", [True, False])
async def test_both_ways_are_one_transaction(store: Store, prepared_first: bool) -> None:
    async def straight(session: AsyncSession) -> None:
        await INSERT.first(session, name="straight", at=None, data=None, is_on=False)

    async def through(session: AsyncSession) -> None:
        await session.execute(sa.insert(T).values(name="through", is_on=False))

    steps = [straight, through] if prepared_first else [through, straight]

    async def both_and_fail() -> None:
        async with store.begin() as session:
            for step in steps:
                await step(session)
            assert len(await rows(session)) == 2
            raise LookupError

    with pytest.raises(LookupError):
        await both_and_fail()
    async with store.begin() as session:
        assert await rows(session) == [], "all of it was undone"
        for step in steps:
            await step(session)
    async with store.read() as session:
        assert len(await rows(session)) == 2, "all of it was kept"


async def test_what_the_session_holds_back_goes_first(store: Store) -> None:
    async with store.begin() as session:
        session.add(_Row(name="held", is_on=False))
        assert (await SWITCH.first(session, of="held")).name == "held"
    async with store.begin() as session:
        session.add(_Row(name="alone", is_on=False))
    async with store.read() as session:
        assert await rows(session) == ["held", "alone"]


async def test_nothing_is_seen_before_the_commit(store: Store) -> None:
    async with store.begin() as session:
        await INSERT.first(session, name="a", at=None, data=None, is_on=False)
        async with store.glance() as other:
            assert await BY_NAME.first(other, of="a") is None
    async with store.glance() as other:
        assert await BY_NAME.first(other, of="a") is not None


async def test_who_is_cancelled_leaves_nothing_behind(store: Store) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with store.begin() as session:
            await INSERT.first(session, name="half", at=None, data=None, is_on=False)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    await asyncio.wait({task})
    async with store.begin() as session:
        assert await BY_NAME.first(session, of="half") is None
        await INSERT.first(session, name="next", at=None, data=None, is_on=False)
    async with store.read() as session:
        assert await rows(session) == ["next"]


async def test_many_at_once_keep_apart(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.begin() as session:
            await INSERT.first(session, name=f"n{number}", at=NOON, data={"n": number}, is_on=False)
        async with store.glance() as session:
            found = await BY_NAME.first(session, of=f"n{number}")
            assert found.more == {"n": number}

    await asyncio.gather(*map(write, range(50)))
    async with store.read() as session:
        assert len(await rows(session)) == 50


async def test_a_statement_that_needs_python_is_refused(store: Store) -> None:
    async with store.begin() as session:
        with pytest.raises(TypeError, match="cannot be prepared"):
            await Prepared(sa.insert(T).returning(T.c.id)).first(session, name="x")  # is_on has a default of its own
        in_list = Prepared(sa.select(T.c.id).where(T.c.name.in_(sa.bindparam("names", expanding=True))))
        with pytest.raises(TypeError, match="cannot be prepared"):
            await in_list.all(session, names=["a"])


async def test_a_locked_file_is_an_unavailable_store(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    store = Store(f"sqlite:///{path}", deadline=0.2)
    await store.connect()
    async with store.begin() as session:
        await (await session.connection()).run_sync(_Base.metadata.create_all)
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")

    async def write() -> bool:
        async with store.begin() as session:
            return await INSERT.first(session, name="a", at=None, data=None, is_on=False) is not None

    with pytest.raises(StoreUnavailable):
        await write()
    stranger.execute("ROLLBACK")
    stranger.close()
    assert await write()
    await store.close()


async def test_a_parameter_that_is_missing_or_unknown_is_an_error(store: Store) -> None:
    async with store.begin() as session:
        with pytest.raises(TypeError, match="'of' is missing"):
            await BY_NAME.first(session)
        with pytest.raises(TypeError, match="no parameters of this statement: off"):
            await BY_NAME.first(session, of="a", off=1)


async def test_a_transaction_can_follow_one_whose_statement_was_cancelled(store: Store) -> None:
    started = asyncio.Event()

    async def slow() -> None:
        async with store.begin() as session:
            started.set()
            await session.execute(_LONG)

    for _ in range(3):
        started.clear()
        task = asyncio.create_task(slow())
        await started.wait()
        task.cancel()
        task.cancel()
        await asyncio.wait({task})
    async with store.begin() as session:
        assert await INSERT.first(session, name="next", at=None, data=None, is_on=False) is not None
