"""Databases to measure on: SQLite in a temporary folder, PostgreSQL where a server lets us create one."""

import asyncio
import os
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
from frontdesk.store import Store
from frontdesk.tables import CORE

_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


class NoServerError(Exception):
    """No PostgreSQL server lets us create a database."""


@asynccontextmanager
async def sqlite() -> AsyncIterator[Store]:
    """Open a new SQLite database with core's tables."""
    with TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        async with _opened(f"sqlite:///{Path(folder) / 'frontdesk.db'}") as store:
            yield store


@asynccontextmanager
async def postgres() -> AsyncIterator[Store]:
    """Open a new PostgreSQL database with core's tables.

    Raises:
        NoServerError: if no server answers.
    """
    async with postgres_url() as url, _opened(url) as store:
        yield store


@asynccontextmanager
async def postgres_url() -> AsyncIterator[str]:
    """Make an empty database on the server of FRONTDESK_TEST_POSTGRES, or on this machine's; dropped at the end.

    Raises:
        NoServerError: if none answers.
    """
    server = os.environ.get("FRONTDESK_TEST_POSTGRES", _SERVER)
    name = f"frontdesk_bench_{secrets.token_hex(6)}"
    try:
        await _execute(server, f"CREATE DATABASE {name} TEMPLATE template0")
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise NoServerError(f"no PostgreSQL server answers at {urlsplit(server).hostname}: {error}") from error
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def interruption(url: str) -> str:
    """Say in a few words what `interrupt` does to a database."""
    return "locked by another program" if urlsplit(url).scheme.startswith("sqlite") else "away, connections ended"


async def interrupt(url: str, seconds: float) -> None:
    """Do to one database what a restart of its server does; a server that others use goes on.

    Args:
        url: the database. PostgreSQL: every connection is ended and none is let in for a while. SQLite has no server:
            the file is locked as a backup would lock it.
        seconds: how long.
    """
    parts = urlsplit(url)
    if parts.scheme.startswith("sqlite"):
        await asyncio.to_thread(_lock_file, parts.path[1:], seconds)
        return
    name = parts.path[1:]
    connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")), timeout=5)
    try:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
        await connection.execute(ending, name)
        await asyncio.sleep(seconds)
    finally:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await connection.close()


def _lock_file(path: str, seconds: float) -> None:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    await store.connect()
    try:
        await store.upgrade([CORE])
        yield store
    finally:
        await store.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
