"""Signals: short news that all processes on one database hear once a transaction is committed.

Nothing is kept for whoever is away: after a broken connection listeners are told that they may have missed something.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Postgres
from .errors import StoreUnavailable

log = structlog.stdlib.get_logger(__name__)

_CHANNEL = "frontdesk_signals"
_LONGEST = 7000  # bytes of a message; PostgreSQL takes 8000 for all of it
_LOOK = 30.0  # seconds after which the connection has to give a sign of life
_NOTIFY = sa.text("SELECT pg_notify(:channel, current_schema() || ' ' || :rest)")

AfterCommit = Callable[[AsyncSession, Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class _Listener:
    heard: Callable[[str], None]
    missed: Callable[[], None]


class Signals:
    """The signals of one database.

    Args:
        after_commit: has something called once a session's transaction is committed.
        postgres: the server that other processes share; None where there is one process.
    """

    def __init__(self, after_commit: AfterCommit, postgres: Postgres | None) -> None:
        self._after_commit = after_commit
        self._postgres = postgres
        self._me = secrets.token_hex(4)  # our own signals need no way through the server
        self._listeners: dict[str, list[_Listener]] = defaultdict(list)
        self._connection: Any = None  # asyncpg's, which has no types
        self._gone = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def send(self, session: AsyncSession, subject: str, message: str) -> None:
        """Tell all processes something once the transaction is committed, this one included.

        Args:
            session: of `Store.begin`.
            subject: what it is about, without spaces; that of the listeners.
            message: ids and the like, at most 7000 bytes: the database's log may show it.

        Raises:
            ValueError: the message is too long.
        """
        if len(message.encode()) > _LONGEST:
            raise ValueError(f"a signal has {_LONGEST} bytes at most")
        if self._postgres is not None:
            rest = f"{self._me} {subject} {message}"
            await session.execute(_NOTIFY, {"channel": _CHANNEL, "rest": rest})
        self._after_commit(session, lambda: self._pass_on(subject, message))

    async def listen(self, subject: str, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """Hear of signals from now on, until the store is closed.

        Args:
            subject: what they are about.
            heard: is called with each message.
            missed: is called when signals of other processes may have been lost.
        """
        self._listeners[subject].append(_Listener(heard, missed))
        if self._postgres is not None and self._keeper is None:
            with suppress(StoreUnavailable):  # the keeper goes on trying
                await self._join(self._postgres)
            self._keeper = asyncio.create_task(self._keep(self._postgres), name="signals")

    async def close(self) -> None:
        """Stop listening."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None
        self._leave()

    def _pass_on(self, subject: str, message: str) -> None:
        for listener in self._listeners.get(subject, ()):
            try:
                listener.heard(message)
            except Exception:  # one listener must not keep it from the others
                log.exception("a signal was not understood", subject=subject)

    async def _keep(self, postgres: Postgres) -> None:
        wait = 0.1
        while True:
            if self._connection is None:
                try:
                    await self._join(postgres)
                except StoreUnavailable as error:
                    log.warning("signals cannot reach the database", error=str(error))
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, 5.0)
                    continue
                for listener in [each for listeners in self._listeners.values() for each in listeners]:
                    listener.missed()
            wait = 0.1
            await self._until_gone(postgres.deadline)
            log.warning("signals lost their connection")
            self._leave()

    async def _until_gone(self, deadline: float) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._gone.wait()
                    return
            try:  # a server that vanished without a word is noticed only by who asks
                await self._connection.execute("SELECT 1", timeout=deadline)
            except Exception as error:  # noqa: BLE001 - whatever it is, this connection is of no more use
                log.warning("signals have no answer from the database", error=repr(error))
                return

    async def _join(self, postgres: Postgres) -> None:
        connection = await postgres.connect()
        gone = asyncio.Event()
        try:
            async with asyncio.timeout(postgres.deadline):
                schema = await connection.fetchval("SELECT current_schema()")

                def heard(_connection: object, _sender: int, _channel: str, payload: str) -> None:
                    where, sender, subject, message = (*payload.split(" ", 3), "", "", "")[:4]
                    if where == schema and sender != self._me:
                        self._pass_on(subject, message)

                await connection.add_listener(_CHANNEL, heard)
        except Exception as error:
            connection.terminate()
            raise StoreUnavailable(f"The database does not answer: {error!r}.") from error
        except BaseException:
            connection.terminate()
            raise
        connection.add_termination_listener(lambda _ended: gone.set())
        if connection.is_closed():
            gone.set()
        self._gone, self._connection = gone, connection

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
