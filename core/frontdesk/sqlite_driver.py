"""aiosqlite with one trip to its thread for a statement instead of four: half of the time of a small transaction.

SQLAlchemy makes, executes, reads and closes a cursor for each statement, and aiosqlite visits its thread for each.
Where statements are known to be brief, even that one trip takes longer than they do: they run where they are asked for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite

BEGIN = "BEGIN"
"""Begins a transaction that only reads: SQLite does nothing yet."""

BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
"""Begins a transaction that writes; it may have to wait for somebody else's."""

_PRIMARY = 0xFF  # the bits of an extended result code that tell the primary one (https://www.sqlite.org/rescode.html)
_IN_A_ROW = 8  # brief statements before the others in this process have a turn


class _Cursor:
    """Reads all rows as it executes; closing has nothing left to do."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        if statement == BEGIN:
            self._connection.at_once(statement)
        elif statement == BEGIN_TO_WRITE:
            await self._connection.begin_to_write()
        elif self._connection.is_brief:
            self._run(self._connection.database, statement, parameters, many=False)
            await self._connection.give_way()
        else:
            await self._connection.in_thread(self._run, statement, parameters, many=False)

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        await self._connection.in_thread(self._run, statement, parameters, many=True)

    def _run(self, database: sqlite3.Connection, statement: str, parameters: Any, many: bool) -> None:
        cursor = database.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(statement, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        size = size or self.arraysize
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    async def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    async def close(self) -> None:
        """Closed since the statement ended."""


class OneTripConnection(aiosqlite.Connection):
    """One SQLite connection in a thread of its own.

    Attributes:
        reads_only: whether it changes nothing.
        is_brief: whether single statements run at once, in the thread of who asks; many in one go, waiting for a turn
            to write, and writing down for good never do.
        patience: milliseconds to wait for a turn to write.
    """

    reads_only = False
    is_brief = False
    patience = 0
    _in_a_row = 0

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._running and self._connection is not None

    @property
    def database(self) -> sqlite3.Connection:
        """The connection itself."""
        return self._conn

    def cursor(self) -> Any:
        """What SQLAlchemy expects of aiosqlite, without a trip to the thread."""
        return _Cursor(self)

    async def in_thread(self, work: Any, *args: Any, **named: Any) -> None:
        """Run ``work(sqlite3 connection, ...)`` where the connection lives; when cancelled, interrupt it and wait."""
        running = asyncio.ensure_future(self._execute(work, self._conn, *args, **named))  # type: ignore[no-untyped-call]  # aiosqlite's
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            if not running.done():
                self._conn.interrupt()
                await asyncio.gather(running, return_exceptions=True)
            raise

    async def give_way(self) -> None:
        """Let the others have a turn after some brief statements."""
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._in_a_row = 0
            await asyncio.sleep(0)

    def at_once(self, statement: str) -> None:
        """Run a statement that touches neither the disk nor a lock, and so is no reason for a trip."""
        self._conn.execute(statement).close()

    async def begin(self) -> None:
        """Begin a transaction if there is none: to read, or to write."""
        if self._conn.in_transaction:
            return
        if self.reads_only:
            self.at_once(BEGIN)
        else:
            await self.begin_to_write()

    async def begin_to_write(self) -> None:
        """Take the turn to write. Only a stranger can have it: other bots are kept out, and one task here writes."""
        try:
            self.at_once(BEGIN_TO_WRITE)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            await self.in_thread(self._wait_to_write)

    def _wait_to_write(self, database: sqlite3.Connection) -> None:
        database.execute(f"PRAGMA busy_timeout = {self.patience}").close()
        try:
            database.execute(BEGIN_TO_WRITE).close()
        finally:
            database.execute("PRAGMA busy_timeout = 0").close()

    async def commit(self) -> None:
        """Keep what was done; a connection that only reads has nothing to write down."""
        if self.reads_only:
            self._conn.commit()
        else:
            await super().commit()

    async def rollback(self) -> None:
        """Undo what was begun. SQLAlchemy asks after every commit too, which then is no reason for a trip."""
        if self._conn.in_transaction:
            await super().rollback()

    async def close(self) -> None:
        """Close once, however often and however rudely it is asked for."""
        closed = self.stop() if self._running else None
        if closed is not None:
            await asyncio.shield(closed)


async def connect(
    path: Path, pragmas: Sequence[str], *, reads_only: bool, is_brief: bool = False, patience: int = 0
) -> OneTripConnection:
    """Open the file; transactions begin only where the program says so, not at the driver's guess.

    Args:
        path: the file, which is made if it is not there.
        pragmas: statements that set the connection up.
        reads_only: see `OneTripConnection`; likewise the others.
    """

    def opened() -> sqlite3.Connection:
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in pragmas:
            database.execute(pragma)
        return database

    connection = OneTripConnection(opened, iter_chunk_size=64)
    connection.reads_only, connection.is_brief, connection.patience = reads_only, is_brief, patience
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a forgotten connection must not hold the exit
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)  # noqa: SLF001 - it still reports to this loop
        raise
    return connection
