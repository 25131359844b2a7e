"""Who works on which lane when several processes share a PostgreSQL database.

A process is a number; it lives as long as the one connection that holds an advisory lock on it. Lanes carry
their owner's number, so the lanes of a process that is gone can be told apart and taken over at once.
All claims go through that same connection: who has lost it cannot claim. (Not through a transaction pooler.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Postgres
from .errors import StoreUnavailable
from .journal_owners import Claim
from .prepared import Prepared
from .store import Store
from .tables import lanes

log = structlog.stdlib.get_logger(__name__)

_CHANNEL = "frontdesk_journal"

# Numbers are counted per schema, so the lock's first half is the schema: two bots may share one database.
_NUMBER = "SELECT nextval('core_owner')"
_LOCK = "SELECT pg_try_advisory_lock(hashtext(current_schema()), $1)"
_GONE = """(owner IS NULL OR owner NOT IN (
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2
        AND classid::bigint = hashtext(current_schema())::bigint & 4294967295
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))"""
_ORPHANS = f"SELECT lane FROM core_lanes WHERE {_GONE} LIMIT 1000"  # noqa: S608 - constants
_CLAIM = f"""
    UPDATE core_lanes SET owner = $2
    FROM (SELECT lane AS name, owner AS former FROM core_lanes
          WHERE lane = $1 AND (owner = $2 OR {_GONE}) FOR UPDATE SKIP LOCKED) AS free
    WHERE lane = name RETURNING former"""  # noqa: S608 - constants
# First the lock, then the look: a writer that came before is seen, one that comes after waits and starts the lane anew.
_HOLD = "SELECT lane FROM core_lanes WHERE owner = $1 AND lane = ANY($2) FOR UPDATE SKIP LOCKED"
_RELEASE = """
    DELETE FROM core_lanes WHERE lane = ANY($1) AND NOT EXISTS (
        SELECT FROM core_journal WHERE core_journal.lane = core_lanes.lane AND state = 'waiting')"""
_ENROL = Prepared(
    postgresql.insert(lanes)
    .on_conflict_do_update(index_elements=[lanes.c.lane], set_={"owner": lanes.c.owner})
    .returning(lanes.c.lane)
)
_ANNOUNCE = Prepared(
    sa.select(sa.func.pg_notify(_CHANNEL, sa.func.current_schema() + " " + sa.bindparam("of_lane", type_=sa.Text)))
)


class PostgresOwners:
    """Lanes shared with other processes, one owner at a time."""

    period: ClassVar[float] = 1.0

    def __init__(self, store: Store, database: Postgres) -> None:
        self._store = store
        self._database = database
        self._connection: Any = None  # asyncpg's, which has no types
        self._number = 0
        self._turn = asyncio.Lock()  # a connection does one thing at a time
        self._ours: set[str] = set()
        self._gone = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self, wake: Callable[[str], None], lost: Callable[[], Awaitable[None]]) -> None:
        """Become a number, and stay one: a lost connection is made anew, as another number."""
        await self._join(wake)
        self._keeper = asyncio.create_task(self._keep(wake, lost), name="journal ownership")

    async def enrol(self, session: AsyncSession, lane: str) -> None:
        """Lock the lane's row until the commit: ids of a lane must become visible in their order."""
        await _ENROL.first(session, lane=lane)

    async def announce(self, session: AsyncSession, lane: str) -> None:
        """Notify all processes, this one included, as part of the commit."""
        await _ANNOUNCE.first(session, of_lane=lane)

    async def claim(self, lane: str) -> Claim:
        """Take the lane if nobody alive has it."""
        if lane in self._ours:
            return Claim.OURS
        found = await self._ask(_CLAIM, lane, self._number)
        if not found:
            return Claim.ELSEWHERE
        self._ours.add(lane)
        return Claim.OURS if found[0]["former"] in {None, self._number} else Claim.INHERITED

    def condition(self) -> sa.ColumnElement[bool] | None:
        """The lane's row still carries our number."""
        number = sa.bindparam("owner", callable_=lambda: self._number, type_=sa.Integer)
        owned = sa.select(lanes.c.lane).where(lanes.c.lane == sa.bindparam("of_lane"), lanes.c.owner == number)
        return sa.exists(owned)

    async def orphans(self) -> Sequence[str]:
        """Lanes whose owner is gone or that never had one."""
        return [row["lane"] for row in await self._ask(_ORPHANS)]

    async def release(self, in_use: Collection[str]) -> None:
        """Forget lanes with nothing waiting, so that the table stays small and any process may begin them anew."""
        names = list(self._ours.difference(in_use))
        if not names:
            return
        self._ours.difference_update(names)  # whoever is woken meanwhile has to claim
        async with self._turn:
            connection = self._alive()
            async with asyncio.timeout(self._database.deadline), connection.transaction():
                held = [row["lane"] for row in await connection.fetch(_HOLD, self._number, names)]
                await connection.execute(_RELEASE, held)

    async def stop(self) -> None:
        """Leave what is empty as new; the rest is found with our number, which is gone, and looked up."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        with suppress(Exception):  # the lock ends with the connection anyway, only a little later
            await self.release(())
            await self._ask("SELECT pg_advisory_unlock_all()")
        await self._leave()

    # The connection

    async def _keep(self, wake: Callable[[str], None], lost: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._gone.wait()
            log.warning("journal lost its connection; its lanes pause")
            await lost()  # before anything else: others may own our lanes already
            self._ours.clear()
            await self._leave()
            wait = 0.1
            while self._connection is None:
                try:
                    await self._join(wake)
                except Exception as error:  # noqa: BLE001 - whatever keeps the server away, it may come back
                    log.warning("journal cannot reach the database", error=repr(error))
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, 5.0)

    async def _join(self, wake: Callable[[str], None]) -> None:
        connection = await self._database.connect()
        try:
            async with asyncio.timeout(self._database.deadline):
                schema = await connection.fetchval("SELECT current_schema()")
                number = await connection.fetchval(_NUMBER)
                while not await connection.fetchval(_LOCK, number):  # counted once around: somebody old has it
                    number = await connection.fetchval(_NUMBER)

                def heard(_connection: object, _sender: int, _channel: str, message: str) -> None:
                    where, _, lane = message.partition(" ")
                    if where == schema:
                        wake(lane)

                await connection.add_listener(_CHANNEL, heard)
        except BaseException:
            connection.terminate()
            raise
        self._gone.clear()
        connection.add_termination_listener(lambda ended: self._gone.set() if ended is self._connection else None)
        self._connection, self._number = connection, number

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _alive(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._gone.set()  # asyncpg does not tell of every end, as of one just after the connection was made
            raise StoreUnavailable("The database connection of the journal is gone.")
        return self._connection

    async def _ask(self, statement: str, *values: object) -> list[Any]:
        """Ask on the one connection. An answer that does not come means that the connection is dead."""
        async with self._turn:
            connection = self._alive()
            try:
                async with asyncio.timeout(self._database.deadline):
                    return list(await connection.fetch(statement, *values))
            except (TimeoutError, OSError):
                connection.terminate()
                raise
