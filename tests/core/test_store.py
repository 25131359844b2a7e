"""Transactions, deadlines, versions of the schema, and the sentences an owner reads when something is wrong."""

import asyncio
import secrets
import sqlite3
import subprocess
import sys
from contextlib import AbstractAsyncContextManager, closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import sqlalchemy as sa
from frontdesk.errors import StartError
from frontdesk.schema import NewerSchemaError, SchemaState
from frontdesk.store import Store, StoreUnavailable, Tables
from frontdesk.tables import CORE, Utc
from sqlalchemy.ext.asyncio import AsyncSession

PLUGIN = sa.MetaData()
notes = sa.Table(
    "notes_note",
    PLUGIN,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Utc),
)
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.create_table("notes_note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
    op.create_table(
        "notes_page", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("note", sa.Integer, sa.ForeignKey("notes_note.id", ondelete="CASCADE")),
    )
    op.execute("INSERT INTO notes_note (id, text) VALUES (1, 'kept')")
    op.execute("INSERT INTO notes_page (id, note) VALUES (1, 1)")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    with op.batch_alter_table("notes_note") as table:
        table.add_column(sa.Column("at", sa.DateTime(timezone=True)))
        table.alter_column("text", existing_type=sa.Text(), nullable=False)
"""
BROKEN = """
from alembic import op

revision = "0003"
down_revision = "0002"

def upgrade():
    op.execute("INSERT INTO notes_note (id, text) VALUES (2, 'half')")
    op.execute("SELECT nonsense FROM nowhere")
"""


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """A plugin's tables, at their first version."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.py").write_text(FIRST)
    return Tables("notes", PLUGIN, folder)


async def run(transaction: AbstractAsyncContextManager[AsyncSession], statement: sa.Executable) -> None:
    async with transaction as session:
        await session.execute(statement)


async def test_core_migrations_lead_to_core_metadata(store: Store) -> None:
    assert await store.differences(CORE) == []
    assert all(state.is_current for state in await store.current([CORE]))


async def test_a_transaction_is_committed_or_rolled_back(store: Store, tables: Tables) -> None:
    (tables.migrations / "0002_at.py").write_text(SECOND)
    await store.upgrade([tables])
    called: list[str] = []
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=3, minutes=30)))
    async with store.begin() as session:
        await session.execute(sa.insert(notes).values(id=7, text="a", at=moment))
        store.after_commit(session, lambda: called.append("committed"))
        assert called == []

    async def fail() -> None:
        async with store.begin() as session:
            await session.execute(sa.insert(notes).values(id=8, text="b"))
            store.after_commit(session, lambda: called.append("never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.read() as session:
        rows = (await session.execute(sa.select(notes).where(notes.c.id > 1))).all()
    assert called == ["committed"]
    assert [tuple(row) for row in rows] == [(7, "a", moment.astimezone(UTC))]
    assert rows[0].at.tzinfo is UTC


async def test_a_moment_without_zone_is_refused(store: Store, tables: Tables) -> None:
    (tables.migrations / "0002_at.py").write_text(SECOND)
    await store.upgrade([tables])
    statement = sa.insert(notes).values(text="a", at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        await run(store.begin(), statement)


async def test_readers_do_not_wait_for_a_writer(store: Store, tables: Tables) -> None:
    await store.upgrade([tables])
    count = sa.select(sa.func.count()).select_from(notes)
    async with store.begin() as session:
        await session.execute(sa.text("INSERT INTO notes_note (id, text) VALUES (9, 'x')"))
        async with asyncio.timeout(1), store.read() as reader:
            assert (await reader.execute(count)).scalar() == 1
    async with store.read() as reader:
        assert (await reader.execute(count)).scalar() == 2


async def test_writers_side_by_side_lose_nothing(store: Store, tables: Tables) -> None:
    await store.upgrade([tables])

    async def add(number: int) -> None:
        async with store.begin() as session:
            await session.execute(sa.text("INSERT INTO notes_note (id, text) VALUES (:id, 'x')"), {"id": number})

    await asyncio.gather(*(add(number) for number in range(100, 140)))
    async with store.read() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM notes_note"))).scalar() == 41


async def test_a_cancelled_transaction_leaves_the_store_usable(store: Store, tables: Tables) -> None:
    await store.upgrade([tables])
    for _ in range(5):
        inside = asyncio.Event()

        async def write(inside: asyncio.Event = inside) -> None:
            async with store.begin() as session:
                await session.execute(sa.text("INSERT INTO notes_note (id, text) VALUES (5, 'x')"))
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(write())
        await inside.wait()
        task.cancel()
        await asyncio.wait({task})
    async with store.begin() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM notes_note"))).scalar() == 1


async def test_a_glance_sees_what_was_committed(store: Store, tables: Tables) -> None:
    await store.upgrade([tables])
    text = sa.select(notes.c.text).where(notes.c.id == 9)
    async with store.begin() as session:
        await session.execute(sa.text("INSERT INTO notes_note (id, text) VALUES (9, 'x')"))
        async with asyncio.timeout(1), store.glance() as glance:
            assert await glance.scalar(text) is None
    async with store.glance() as glance:
        assert await glance.scalar(text) == "x"


async def test_others_have_a_turn_between_brief_statements(store: Store) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    waiting = asyncio.create_task(others())
    async with store.glance() as session:
        before = turns
        for _ in range(80):
            await session.execute(sa.text("SELECT 1"))
        assert turns - before >= 10
    waiting.cancel()


async def test_who_is_woken_by_a_commit_goes_before_who_committed(store: Store) -> None:
    order: list[str] = []

    async def woken() -> None:
        order.append("woken")

    tasks: list[asyncio.Task[None]] = []
    async with store.begin() as session:
        store.after_commit(session, lambda: tasks.append(asyncio.create_task(woken())))
    order.append("went on")
    assert order == ["woken", "went on"]


async def test_reading_cannot_write_on_sqlite(sqlite_url: str, tables: Tables) -> None:
    store = Store(sqlite_url)
    await store.connect()
    await store.upgrade([tables])
    for transaction in (store.read(), store.glance()):
        with pytest.raises((sa.exc.DBAPIError, StoreUnavailable), match="readonly"):
            await run(transaction, sa.text("DELETE FROM notes_note"))
    await store.close()


async def test_upgrade_keeps_rows_that_point_to_a_copied_table(store: Store, tables: Tables) -> None:
    await store.upgrade([CORE, tables])
    assert await store.current([tables]) == [SchemaState("notes", "0001", "0001")]
    (tables.migrations / "0002_at.py").write_text(SECOND)
    assert await store.current([tables]) == [SchemaState("notes", "0001", "0002")]
    await store.upgrade([CORE, tables])
    async with store.read() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM notes_page"))).scalar() == 1


async def test_a_migration_that_fails_changes_nothing(store: Store, tables: Tables) -> None:
    (tables.migrations / "0002_at.py").write_text(SECOND)
    (tables.migrations / "0003_broken.py").write_text(BROKEN)
    with pytest.raises(StartError, match="The database refuses"):
        await store.upgrade([tables])
    assert await store.current([tables]) == [SchemaState("notes", None, "0003")]
    (tables.migrations / "0003_broken.py").unlink()
    await store.upgrade([tables])
    assert await store.current([tables]) == [SchemaState("notes", "0002", "0002")]


async def test_a_newer_database_is_refused_untouched(store: Store, tables: Tables) -> None:
    (tables.migrations / "0002_at.py").write_text(SECOND)
    await store.upgrade([tables])
    (tables.migrations / "0002_at.py").unlink()
    with pytest.raises(NewerSchemaError, match=r"'notes' tables are at version 0002.* only up to 0001"):
        await store.upgrade([CORE, tables])
    assert await store.current([tables]) == [SchemaState("notes", "0002", "0001")]


@pytest.mark.postgres
async def test_processes_that_upgrade_together_take_turns(postgres_url: str, tables: Tables) -> None:
    stores = [Store(postgres_url) for _ in range(3)]
    await asyncio.gather(*(store.upgrade([CORE, tables]) for store in stores))
    assert all(state.is_current for state in await stores[0].current([CORE, tables]))
    for store in stores:
        await store.close()


def test_tables_outside_their_prefix_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="notes_note"):
        Tables("other", PLUGIN, tmp_path)


def test_nothing_to_do_does_not_load_alembic(sqlite_url: str) -> None:
    code = f"""
import asyncio, sys
from frontdesk.store import Store
from frontdesk.tables import CORE
async def main():
    store = Store({sqlite_url!r})
    await store.connect()
    await store.upgrade([CORE])
    await store.close()
    print("alembic" in sys.modules)
asyncio.run(main())
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in "12"]
    assert [run.stdout.strip() for run in runs] == ["True", "False"]


async def test_a_second_process_is_kept_out_of_sqlite(sqlite_url: str) -> None:
    first, second = Store(sqlite_url), Store(sqlite_url)
    await first.connect()
    with pytest.raises(StartError, match="in use by another Frontdesk"):
        await second.connect()
    await first.close()
    await second.connect()
    await second.close()


async def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StartError, match="not a database"):
        await Store(f"sqlite:///{path}").connect()
    with pytest.raises(StartError, match="cannot be opened"):
        await Store(f"sqlite:///{path}/frontdesk.db").connect()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StartError):
        Store(url)


async def test_the_password_is_not_shown(postgres_server: str) -> None:
    with pytest.raises(StartError) as caught:
        await Store("postgresql://somebody:hunter2@127.0.0.1:1/x").connect()
    assert "hunter2" not in str(caught.value)
    assert "somebody" in str(caught.value)


async def test_waiting_for_a_turn_has_a_deadline(sqlite_url: str) -> None:
    store = Store(sqlite_url, deadline=0.1)
    await store.connect()

    async def hold(done: asyncio.Event) -> None:
        async with store.begin():
            await done.wait()

    done = asyncio.Event()
    holder = asyncio.create_task(hold(done))
    with pytest.raises(StoreUnavailable):
        await holder
    async with store.begin():
        pass
    await store.close()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
async def test_sqlite_is_opened_safely(sqlite_url: str, durable: bool, level: int) -> None:
    store = Store(sqlite_url, durable=durable)
    await store.connect()
    async with store.begin() as session:
        pragmas = {
            name: (await session.execute(sa.text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": level, "foreign_keys": 1}
    await store.close()


async def test_a_stranger_who_writes_into_the_file_is_waited_for_and_holds_up_nobody_else(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await store.connect()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(run(store.begin(), sa.text("CREATE TABLE notes (id INTEGER)")))
        for _ in range(20):  # the loop goes on meanwhile, or this could not be reached before the deadline
            await run(store.glance(), sa.text("SELECT 1"))
        assert not writing.done()
        stranger.rollback()
        await writing
    await run(store.begin(), sa.text("INSERT INTO notes VALUES (1)"))
    await store.close()


@pytest.mark.postgres
async def test_a_role_that_may_not_create_tables_is_one_sentence(postgres_url: str, tables: Tables) -> None:
    role = f"reader_{secrets.token_hex(6)}"
    owner = Store(postgres_url)
    await owner.connect()
    try:
        await run(owner.begin(), sa.text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        await run(owner.begin(), sa.text(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'"))
        theirs = urlsplit(postgres_url)
        store = Store(urlunsplit(theirs._replace(netloc=f"{role}:{role}@{theirs.hostname}:{theirs.port}")))
        await store.connect()
        with pytest.raises(
            StartError, match=r"The database refuses what Frontdesk needs .*: permission denied for schema"
        ):
            await store.upgrade([CORE, tables])
        await store.close()
    finally:
        await run(owner.begin(), sa.text(f"DROP ROLE IF EXISTS {role}"))
        await owner.close()


async def test_a_locked_file_at_an_upgrade_is_one_sentence(sqlite_url: str, tables: Tables) -> None:
    store = Store(sqlite_url, deadline=0.1)
    await store.connect()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StartError, match=r"The database refuses .*: database is locked"):
            await store.upgrade([tables])
    await store.close()
