"""Opens SQLite or PostgreSQL so that the rest need not know which one it is."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from . import sqlite_driver
from .connections import Connections, StraightPostgres, StraightSqlite
from .errors import StartError, StoreUnavailable

Dialect = Literal["sqlite", "postgresql"]

_CLOSING = 2.0  # seconds


class Database(Protocol):
    """One opened database: engines for whatever is asked, connections for what is short, a way to change its schema."""

    dialect: Dialect
    writer: AsyncEngine
    reader: AsyncEngine
    writers: Connections
    glancers: Connections

    async def open(self) -> None:
        """Raises StartError when it cannot be used."""
        ...

    def schema_change(self) -> Any:
        """An async context with a connection in a transaction, fit for migrations."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


def choose_database(url: str, *, durable: bool, deadline: float) -> Database:
    """Pick by the URL's scheme.

    Raises:
        StartError: the URL is of neither kind.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StartError("The database URL cannot be read; expected sqlite:///file or postgresql://...") from error
    if parsed.get_backend_name() == "sqlite":
        return Sqlite(parsed, durable=durable, deadline=deadline)
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return Postgres(parsed, durable=durable, deadline=deadline)
    raise StartError(f"The database must be SQLite or PostgreSQL, not {parsed.get_backend_name()!r}.")


class Sqlite:
    """A file with a write-ahead log: one connection writes, several read and never wait for it."""

    dialect: Dialect = "sqlite"

    def __init__(self, url: URL, *, durable: bool, deadline: float) -> None:
        if not url.database or url.database == ":memory:":
            raise StartError("SQLite needs a file: sqlite:///data/frontdesk.db")
        self.path = Path(url.database)
        self._lock: IO[str] | None = None
        self._patience = int(deadline * 1000)
        common = ["PRAGMA foreign_keys = ON"]
        at_once = (
            "PRAGMA busy_timeout = 0"  # whoever has to wait for a turn to write does so in the connection's thread
        )
        safety = f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}"
        reading = [*common, f"PRAGMA busy_timeout = {self._patience}", "PRAGMA query_only = ON"]
        writing = ["PRAGMA journal_mode = WAL", safety, *common, at_once]
        self.writer = self._engine(writing, reads_only=False, is_brief=True)
        self.reader = self._engine(reading, reads_only=True, is_brief=False, pool_size=4, max_overflow=0)
        glancer = self._engine(reading, reads_only=True, is_brief=True)
        self.writers = Connections(self.writer, StraightSqlite, most=1)
        self.glancers = Connections(glancer, StraightSqlite, most=4)

    def _engine(self, pragmas: list[str], *, reads_only: bool, is_brief: bool, **pool: Any) -> AsyncEngine:
        connect = partial(
            sqlite_driver.connect, self.path, pragmas, reads_only=reads_only, is_brief=is_brief, patience=self._patience
        )
        engine = create_async_engine(
            "sqlite+aiosqlite:///file",  # the name only says that it is a file; the creator knows which
            async_creator=connect,
            **(pool or {"poolclass": sa.NullPool}),
        )

        def start(connection: sa.Connection) -> None:
            if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # aiosqlite's
                connection.exec_driver_sql(sqlite_driver.BEGIN if reads_only else sqlite_driver.BEGIN_TO_WRITE)

        sa.event.listen(engine.sync_engine, "begin", start)
        return engine

    async def open(self) -> None:
        """Make the folder, keep other processes out, and look whether the file is a database."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock_file(self.path.with_name(self.path.name + ".lock"))
        except BlockingIOError as error:
            raise StartError(
                f"The database {self.path} is in use by another Frontdesk: stop that one, "
                "or let several share a PostgreSQL."
            ) from error
        except OSError as error:
            raise StartError(f"The database {self.path} cannot be opened: {error.strerror}.") from error
        try:
            async with self.writer.connect() as connection:
                await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        except sa.exc.DBAPIError as error:
            await self.close()
            raise StartError(f"The database {self.path} cannot be used: {error.orig}.") from error

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """Foreign keys are off meanwhile: copying a table, as SQLite must, would cascade its deletion."""
        async with self.writer.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute("PRAGMA foreign_keys = OFF")
            raw.is_brief = False  # a migration may take its time
            try:
                async with connection.begin():
                    yield connection
            finally:
                raw.is_brief = True
                await raw.execute("PRAGMA foreign_keys = ON")

    async def close(self) -> None:
        """Close the connections first, then let others in."""
        await self.glancers.close()
        await self.writers.close()
        await self.reader.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _lock_file(path: Path) -> IO[str]:
    """Hold the file until it is closed or the process ends, however it ends; BlockingIOError if another does."""
    file = path.open("a")
    try:
        if sys.platform == "win32":
            import msvcrt

            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError as error:
                raise BlockingIOError from error
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    os.utime(path)
    return file


class Postgres:
    """A server that several processes may share. asyncpg reads the URL, so all that libpq's URLs know works."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: URL, *, durable: bool, deadline: float) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._where = url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.deadline = deadline
        self._settings = {
            "application_name": "frontdesk",
            "jit": "off",
            "synchronous_commit": "on" if durable else "off",
            # A host that vanishes without a word is noticed within some 10 s, so that its lanes are taken over.
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
        }
        # Reading statements see what was committed before each of them, in a transaction or not: without one, two trips
        # to the server less.
        at_once = {"isolation_level": "AUTOCOMMIT"}
        self.writer = self._engine(poolclass=sa.NullPool)
        self.reader = self._engine(pool_size=3, max_overflow=4, pool_timeout=deadline, **at_once)
        glancer = self.writer.execution_options(**at_once)
        self.writers = Connections(self.writer, partial(StraightPostgres, reads_only=False), most=6)
        self.glancers = Connections(glancer, partial(StraightPostgres, reads_only=True), most=2)
        sa.event.listen(self.reader.sync_engine, "checkout", _refuse_closed)

    def _engine(self, **options: Any) -> AsyncEngine:
        return create_async_engine("postgresql+asyncpg://", async_creator=self.connect, **options)

    async def connect(self) -> Any:
        """Open one more connection of its own, as the engine does for its pool.

        Raises:
            StoreUnavailable: the server does not answer or does not let us in.
        """
        import asyncpg  # type: ignore[import-untyped]  # ships no types

        try:
            return await asyncpg.connect(self._dsn, timeout=self.deadline, server_settings=self._settings)
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            reason = str(error) or type(error).__name__
            raise StoreUnavailable(f"The database {self._where} cannot be reached: {reason}.") from error

    async def open(self) -> None:
        """See whether the server lets us in."""
        try:
            async with self.writer.connect():
                pass
        except StoreUnavailable as error:
            raise StartError(str(error)) from error

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """PostgreSQL changes its schema in an ordinary transaction."""
        async with self.writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.glancers.close()
        await self.writers.close()
        with suppress(TimeoutError):  # a server that says nothing any more need not be waited for
            async with asyncio.timeout(_CLOSING):
                await self.reader.dispose()


def _refuse_closed(connection: Any, *_: object) -> None:
    """Have the pool open another connection: after a restart of the server nobody should meet a dead one.

    The driver has seen the end of the connection by itself; asking the server each time would be three trips to it.
    """
    if connection.driver_connection.is_closed():
        raise sa.exc.DisconnectionError
