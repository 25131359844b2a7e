"""PostgreSQL goes away and comes back while entries are written and delivered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import sqlalchemy as sa
from frontdesk import journal_rows, tables
from frontdesk.errors import StartError
from frontdesk.journal import Journal
from frontdesk.store import Store, StoreUnavailable

from .other_side import OtherSide, open_store, until

pytestmark = pytest.mark.postgres


class Line:
    """A loopback line to the server that can be cut, or go silent without a word."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()
        self._carries.set()
        self.port = 0

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        assert self._server is not None
        self._server.close()
        for end in self._ends:
            end.transport.abort()

    def silence(self) -> None:
        """Carry nothing more on the connections that there are, and tell nobody; new ones are fine."""
        self._carries.clear()
        self._carries = asyncio.Event()
        self._carries.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carries = self._carries
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._ends |= {writer, there_writer}
        await asyncio.gather(_pipe(reader, there_writer, carries), _pipe(there_reader, writer, carries))
        self._ends -= {writer, there_writer}


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, carries: asyncio.Event) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            if not carries.is_set():
                return
            writer.write(data)
    writer.close()


@pytest.fixture
async def line(postgres_url: str) -> AsyncIterator[Line]:
    parts = urlsplit(postgres_url)
    line = Line(parts.hostname or "127.0.0.1", parts.port or 5432)
    await line.up()
    yield line
    await line.down()


def through(line: Line, url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{line.port}"))


async def test_survives_lost_connections(postgres_url: str, line: Line) -> None:
    store = await open_store(through(line, postgres_url))
    other = OtherSide(store)
    journal = Journal(store, clock=lambda: datetime.now(UTC), calm=timedelta(milliseconds=20))
    journal.handle("message", other)
    await journal.start()
    count = 60

    async def write() -> None:
        number = 0
        while number < count:
            try:
                async with store.begin() as session:
                    for lane in ("a", "b"):
                        key = f"{lane}{number}"
                        await journal.write(session, lane=lane, key=key, kind="message", payload={})
            except StoreUnavailable:
                await asyncio.sleep(0.02)
                continue
            number += 1

    writer = asyncio.create_task(write())
    for effects in (5, 20, 40):
        await until(lambda count=effects: len(other.effects["a"]) >= count)  # type: ignore[misc]  # a bound default
        await line.down()
        await _refused(store)
        await line.up()
    async with asyncio.timeout(20):
        await writer
        await _idle(journal)
    for lane in ("a", "b"):
        keys = [f"{lane}{number}" for number in range(count)]
        assert other.effects[lane] == keys
        assert [key for key, _ in await other.settled_in(lane)] == keys
    await journal.stop(1)
    await store.close()


async def _refused(store: Store) -> None:
    """Ask the server that is away, and be refused."""
    with pytest.raises(StoreUnavailable):
        async with store.read() as session:
            await session.execute(sa.text("SELECT 1"))


async def _idle(journal: Journal) -> None:
    while True:
        try:
            await journal.idle()
        except StoreUnavailable:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_restarted_server_is_not_noticed_by_the_next_transaction(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    async with store.begin() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
    assert driver is not None
    killer = Store(postgres_url)
    async with killer.read() as session:
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        await session.execute(sa.text(statement + "AND pid <> pg_backend_pid()"))
    await until(driver.is_closed)  # the news is on its way to us
    async with store.begin() as session:
        assert (await session.execute(sa.text("SELECT 2"))).scalar() == 2
    await killer.close()
    await store.close()


async def test_no_server_is_one_sentence(postgres_url: str, line: Line) -> None:
    url = through(line, postgres_url)
    await line.down()
    with pytest.raises(StartError, match="cannot be reached"):
        await Store(url).connect()


async def test_a_server_that_never_answers(postgres_url: str) -> None:
    silent = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(StartError):
        await Store(f"postgresql://postgres@127.0.0.1:{port}/x", deadline=0.2).connect()
    silent.close()


async def test_a_statement_that_takes_too_long(postgres_url: str) -> None:
    store = Store(postgres_url, deadline=0.3)

    async def sleep() -> None:
        async with store.begin() as session:
            await session.execute(sa.text("SELECT pg_sleep(30)"))

    with pytest.raises(StoreUnavailable, match=r"within 0\.3 s"):
        await sleep()
    async with store.begin() as session:
        assert (await session.execute(sa.text("SELECT 3"))).scalar() == 3
    await store.close()


async def test_an_end_of_the_connection_that_nobody_tells_of(
    postgres_url: str, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncpg.Connection, "add_termination_listener", lambda *_: None)
    store = await open_store(through(line, postgres_url))
    other = OtherSide(store)
    journal = Journal(store, clock=lambda: datetime.now(UTC), calm=timedelta(milliseconds=20))
    journal.handle("message", other)
    await journal.start()
    await line.down()
    await line.up()
    async with store.begin() as session:
        await journal.write(session, lane="a", key="a0", kind="message", payload={})
    async with asyncio.timeout(20):
        await _idle(journal)
    assert other.effects["a"] == ["a0"]
    await journal.stop(1)
    await store.close()


def _entry(key: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"lane": "a", "key": key, "kind": "message", "payload": {}, "created_at": now, "due_at": now}


async def _keys(url: str) -> set[str]:
    store = Store(url)
    async with store.read() as session:
        keys = set(await session.scalars(sa.select(tables.journal.c.key)))
    await store.close()
    return keys


@pytest.mark.parametrize("after", ["through SQLAlchemy", "straight"])
async def test_what_follows_a_commit_without_an_answer_is_one_transaction(
    postgres_url: str, line: Line, after: str
) -> None:
    store = Store(through(line, postgres_url), deadline=0.5)
    await store.connect()
    await store.upgrade([tables.CORE])

    async def commit_into_silence() -> None:
        async with store.begin() as session:
            await journal_rows.insert(session, _entry("first"))
            line.silence()

    async def fail() -> None:
        async with store.begin() as session:
            if after == "through SQLAlchemy":
                await session.execute(sa.text("SELECT 1"))
            await journal_rows.insert(session, _entry("half"))
            raise LookupError

    with pytest.raises(StoreUnavailable):
        await commit_into_silence()
    with pytest.raises(LookupError):
        await fail()
    assert "half" not in await _keys(postgres_url)
    await store.close()


@pytest.mark.parametrize("way", ["begin", "glance"])
async def test_a_server_that_falls_silent_holds_nobody_up(postgres_url: str, line: Line, way: str) -> None:
    store = Store(through(line, postgres_url), deadline=0.5)
    await store.connect()
    await store.upgrade([tables.CORE])
    transaction = store.begin if way == "begin" else store.glance
    head = journal_rows.head_of_lane(None)

    async def ask() -> None:
        async with transaction() as session:
            await journal_rows.head(session, head, "a")

    await asyncio.gather(*(ask() for _ in range(12)))
    line.silence()
    async with asyncio.timeout(20):
        found = await asyncio.gather(*(ask() for _ in range(12)), return_exceptions=True)
        assert any(isinstance(each, StoreUnavailable) for each in found), "it was silent"
        assert all(each is None or isinstance(each, StoreUnavailable) for each in found)
        await asyncio.gather(*(ask() for _ in range(12)))
    await store.close()
