"""The database: short writing transactions, reading beside them, and the schema's versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from . import schema
from .database import Database, Dialect, Postgres, choose_database
from .errors import StoreUnavailable
from .refusals import in_plain_words
from .schema import NewerSchemaError, SchemaState, Tables
from .signals import Signals

__all__ = ["Database", "Dialect", "NewerSchemaError", "SchemaState", "Store", "StoreUnavailable", "Tables"]

_AFTER_COMMIT = "frontdesk.after_commit"


class Store:
    """The database of one bot.

    Args:
        url: ``sqlite:///data/frontdesk.db`` or ``postgresql://user@host/name``.
        durable: a commit that returned survives a power cut. Without, the last moments may be lost, never torn.
        deadline: seconds that a transaction may take, waiting for its turn included.

    Attributes:
        signals: short news for all processes on this database.
    """

    def __init__(self, url: str, *, durable: bool = True, deadline: float = 10.0) -> None:
        self.database: Database = choose_database(url, durable=durable, deadline=deadline)
        self._deadline = deadline
        self.signals = Signals(self.after_commit, self.postgres)
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else nullcontext()

    @property
    def dialect(self) -> Dialect:
        """Which kind of database this is."""
        return self.database.dialect

    async def connect(self) -> None:
        """Open the database; on SQLite also make its folder and keep other processes out.

        Raises:
            StartError: it cannot be reached, is no database, or is in use by another process.
        """
        await self.database.open()

    async def close(self) -> None:
        """Close all connections."""
        await self.signals.close()
        await self.database.close()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A writing transaction: committed at the end of the block, rolled back on an error.

        On SQLite one runs at a time. Keep it short and wait for nothing but the database inside.

        Raises:
            StoreUnavailable: the database does not answer, or the deadline has passed. When that happened
                at the commit itself, it may have taken effect nevertheless.
        """
        async with self._bounded(), self._turn, self.database.writers.transaction() as session:
            yield session
        waiting = session.info.pop(_AFTER_COMMIT, ())
        for then in waiting:
            then()
        if waiting:  # whoever was woken goes first: what was committed matters more than what its writer does next
            await asyncio.sleep(0)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction for reading only; sees one consistent moment on SQLite and never waits for writers.

        Raises:
            StoreUnavailable: as for ``begin``.
        """
        async with self._bounded(), self._reading() as session:
            yield session

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncSession]:
        """A transaction for reading a few rows by their keys, as `read` otherwise, and quicker.

        On SQLite its statements run at once while everything else waits: whatever may take longer than a
        millisecond belongs into `read`.

        Raises:
            StoreUnavailable: as for ``begin``.
        """
        async with self._bounded(), self.database.glancers.transaction() as session:
            yield session

    def after_commit(self, session: AsyncSession, then: Callable[[], None]) -> None:
        """Call ``then`` once the session's transaction of ``begin`` is committed; never if it is rolled back."""
        session.info.setdefault(_AFTER_COMMIT, []).append(then)

    async def upgrade(self, tables: Sequence[Tables]) -> None:
        """Bring these tables to this program's version, all or none. Quick when there is nothing to do.

        Raises:
            NewerSchemaError: the database was used by a newer program.
            StartError: the database refuses, or a migration left it inconsistent; nothing was changed.
            StoreUnavailable: the connection to the database was lost, or none can be had.
        """
        with in_plain_words():
            found = await self.current(tables)
            schema.refuse_newer(found)
            if all(state.is_current for state in found):
                return
            async with self._turn, self.database.schema_change() as connection:
                await connection.run_sync(schema.upgrade, tables)

    async def current(self, tables: Sequence[Tables]) -> list[SchemaState]:
        """How far each set of tables is.

        Raises:
            StartError: the database refuses.
            StoreUnavailable: the connection to the database was lost, or none can be had.
        """
        with in_plain_words():
            return await self._states(tables)

    async def _states(self, tables: Sequence[Tables]) -> list[SchemaState]:
        async with self.database.reader.connect() as connection:
            return await connection.run_sync(schema.states, tables)

    async def differences(self, tables: Tables) -> list[str]:
        """What the database has otherwise than the metadata says: for the test of a plugin's migrations."""
        async with self.database.reader.connect() as connection:
            return await connection.run_sync(schema.differences, tables)

    @property
    def postgres(self) -> Postgres | None:
        """The PostgreSQL behind this store, for who needs connections of its own; None on SQLite."""
        return self.database if isinstance(self.database, Postgres) else None

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncSession]:
        # By hand, not by the session's own context managers: they cost more than a small transaction itself.
        session = AsyncSession(self.database.reader, expire_on_commit=False)
        try:
            await session.connection()  # begins now: what fails here is the database's doing
            yield session
            await session.commit()
        except BaseException:
            await asyncio.shield(asyncio.create_task(session.close()))  # rolls back, even for who is cancelled
            raise
        session.sync_session.close()  # nothing is left to be sent

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """Give up at the deadline, and tell trouble with the database apart from wrong statements."""
        try:
            async with asyncio.timeout(self._deadline) as limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise StoreUnavailable(f"The database did not answer within {self._deadline:g} s.") from error
        except sa.exc.DBAPIError as error:
            if not (error.connection_invalidated or isinstance(error, sa.exc.OperationalError)):
                raise
            raise StoreUnavailable(f"The database does not answer: {error.orig}.") from error
