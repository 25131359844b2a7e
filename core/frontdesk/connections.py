"""Open connections, each lent to one transaction at a time: to SQLAlchemy, and straight to the driver.

Taking a connection out of SQLAlchemy's pool, beginning, and giving it back costs more than a small transaction does.
So some stay taken out, and whoever has one begins when the first statement is run, in whichever of the two ways.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from .errors import StoreUnavailable
from .sqlite_driver import OneTripConnection

Rows = Sequence[Sequence[Any]]
_STRAIGHT = "frontdesk.straight"
_UNDOING = 2.0  # seconds to undo a transaction; a connection on which that takes longer is of no use


class Straight(Protocol):
    """The driver's own connection behind one of SQLAlchemy's; both are in the same transaction."""

    @property
    def is_closed(self) -> bool:
        """Whether it is of no use any more."""
        ...

    async def run(self, statement: str, parameters: Sequence[Any]) -> Rows:
        """Run a statement in the transaction, which begins with the first one.

        Raises:
            StoreUnavailable: the database does not answer.
            Exception: the driver's, if something is wrong with the statement.
        """
        ...

    async def commit(self) -> None:
        """Keep what was done, unless SQLAlchemy has."""
        ...

    async def rollback(self) -> None:
        """Undo what was done, unless SQLAlchemy has."""
        ...


def straight_of(session: AsyncSession) -> Straight | None:
    """Give the way past SQLAlchemy; None for a session that did not come from `Connections`."""
    found: Straight | None = session.info.get(_STRAIGHT)
    return found


def is_holding_back(session: AsyncSession) -> bool:
    """Tell whether objects of a session wait to be written."""
    return bool(session.new or session.dirty or session.deleted)


class StraightSqlite:
    """Runs statements at once, where they are asked for: they are brief.

    Args:
        driver: the connection.
    """

    def __init__(self, driver: OneTripConnection) -> None:
        self._driver = driver

    @property
    def is_closed(self) -> bool:
        """Whether SQLAlchemy has closed it, as it does when a statement of its own is cancelled."""
        return not self._driver.is_open

    async def run(self, statement: str, parameters: Sequence[Any]) -> Rows:
        """Run it."""
        with _answering(sqlite3.OperationalError):
            await self._driver.begin()
            cursor = self._driver.database.execute(statement, parameters)
            rows = cursor.fetchall()
            cursor.close()
        await self._driver.give_way()
        return rows

    async def commit(self) -> None:
        """Commit what is not committed yet."""
        if self._driver.database.in_transaction:
            with _answering(sqlite3.OperationalError):
                await self._driver.commit()

    async def rollback(self) -> None:
        """Roll back what has not been."""
        await self._driver.rollback()


class StraightPostgres:
    """asyncpg, which keeps prepared statements by itself.

    Args:
        driver: the connection.
        reads_only: whether single statements may stand for themselves.
    """

    def __init__(self, driver: Any, *, reads_only: bool) -> None:
        self._driver = driver
        self._reads_only = reads_only
        self._transaction: Any = None

    @property
    def is_closed(self) -> bool:
        """Whether the server has gone away."""
        return bool(self._driver.is_closed())

    async def run(self, statement: str, parameters: Sequence[Any]) -> Rows:
        """Run it."""
        with self._answering():
            if not (self._reads_only or self._driver.is_in_transaction()):
                self._transaction = self._driver.transaction()
                await self._transaction.start()
            rows: Rows = await self._driver.fetch(statement, *parameters)
            return rows

    async def commit(self) -> None:
        """Commit if it was begun here."""
        if self._transaction is not None:
            with self._answering():
                await self._transaction.commit()
            self._transaction = None

    async def rollback(self) -> None:
        """Roll back if it was begun here."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.rollback()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self._driver.is_closed():
                raise _unavailable(error) from error
            raise
        except BaseException:
            self._driver.terminate()  # who gave up may have done so because it is dead; nobody else is to wait for it
            raise


@contextmanager
def _answering(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"The database does not answer: {error}.")


class Connections:
    """Connections of one engine that stay open.

    Args:
        engine: opens one each time that it is asked, and keeps none by itself.
        straight: gives the way past SQLAlchemy.
        most: how many may be lent at the same time; who comes later waits.
    """

    def __init__(self, engine: AsyncEngine, straight: Callable[[Any], Straight], *, most: int) -> None:
        self._engine = engine
        self._straight = straight
        self._turns = asyncio.Semaphore(most)
        self._free: list[tuple[AsyncConnection, Straight]] = []
        self._is_closed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Lend a connection for a transaction: committed at the end, undone on an error.

        Raises:
            StoreUnavailable: none can be opened, or it does not answer.
        """
        await self._turns.acquire()
        try:
            connection, straight = await self._take()
        except BaseException:
            self._turns.release()
            raise
        session = AsyncSession(connection, expire_on_commit=False, info={_STRAIGHT: straight})
        try:
            yield session
            if session.in_transaction() or is_holding_back(session):
                await session.commit()
            await straight.commit()
            session.sync_session.close()  # nothing is left to be sent
        except BaseException:
            # In one go, even for who is cancelled twice: nobody has connection or turn before it is through.
            await asyncio.shield(asyncio.create_task(self._undo(session, connection, straight)))
            raise
        await self._take_back(connection, straight)

    async def close(self) -> None:
        """Close all, those that are lent as soon as they come back."""
        self._is_closed = True
        while self._free:
            connection, _ = self._free.pop()
            await self._give_up(connection)

    async def _undo(self, session: AsyncSession, connection: AsyncConnection, straight: Straight) -> None:
        is_undone = False
        try:
            async with asyncio.timeout(_UNDOING):
                await session.close()
                await straight.rollback()
            is_undone = True
        except Exception:  # noqa: BLE001, S110 - whatever is wrong with it, another one is taken
            pass
        await self._take_back(connection, straight, is_undone=is_undone)

    async def _take_back(self, connection: AsyncConnection, straight: Straight, *, is_undone: bool = True) -> None:
        try:
            if is_undone and not (self._is_closed or straight.is_closed):
                self._free.append((connection, straight))
            else:
                await self._give_up(connection)
        finally:
            self._turns.release()

    async def _take(self) -> tuple[AsyncConnection, Straight]:
        while self._free:
            connection, straight = self._free.pop()
            if not straight.is_closed:
                return connection, straight
            await self._give_up(connection)
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return connection, self._straight(raw.driver_connection)

    async def _give_up(self, connection: AsyncConnection) -> None:
        if not connection.closed:
            with suppress(Exception):  # it may be dead; what matters is that nobody has it any more
                await connection.invalidate()
                await connection.close()
