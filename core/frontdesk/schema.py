"""Brings the tables of core and of each plugin to the version that this program knows.

How a plugin makes a migration:

1. Its ``migrations`` folder holds version files and nothing else: no env.py, no alembic.ini.
2. A file is named ``NNNN_what_it_does.py``, counts up by one, and carries the same number inside::

       revision = "0002"
       down_revision = "0001"

       def upgrade() -> None:
           op.add_column("cases_case", sa.Column("priority", sa.Integer))

   SQLite changes a column only by copying the table: use ``with op.batch_alter_table(...) as table``.
3. Every table's name starts with the plugin's prefix. There is no downgrade: a backup is the way back.
4. A test holds ``await store.differences(tables) == []`` after an upgrade, so the files and the metadata agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from .errors import StartError

_VERSION_FILE = re.compile(r"(\d{4})_\w+\.py")


class NewerSchemaError(StartError):
    """The database was already used by a newer program."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of core or of one plugin.

    Args:
        prefix: all table names start with ``f"{prefix}_"``.
        metadata: the tables as they are now.
        migrations: the folder of version files that leads there.
        apart: tables that the version files make in the database's own way and the metadata cannot describe, such as
            a full text index; with the tables that stand behind one on SQLite, named ``<table>_...``.
    """

    prefix: str
    metadata: sa.MetaData
    migrations: Path
    apart: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse names that could clash with another plugin's."""
        names = [*self.metadata.tables, *self.apart]
        strangers = [name for name in names if not name.startswith(f"{self.prefix}_")]
        if strangers:
            raise StartError(f"Tables of {self.prefix!r} must start with '{self.prefix}_': {', '.join(strangers)}.")

    @property
    def version_table(self) -> str:
        """Where the reached version is kept."""
        return f"{self.prefix}_alembic_version"

    @property
    def head(self) -> str | None:
        """The newest version in the folder."""
        found = [_VERSION_FILE.fullmatch(path.name) for path in self.migrations.glob("*.py")]
        return max((match[1] for match in found if match), default=None)


@dataclass(frozen=True, slots=True)
class SchemaState:
    """How far a set of tables is: ``current`` in the database, ``head`` in this program."""

    prefix: str
    current: str | None
    head: str | None

    @property
    def is_current(self) -> bool:
        """Nothing to do."""
        return self.current == self.head

    @property
    def is_newer(self) -> bool:
        """The database is ahead of this program."""
        return (self.current or "") > (self.head or "")


def states(connection: sa.Connection, tables: Sequence[Tables]) -> list[SchemaState]:
    """Read the versions in the database. Quick: does not load Alembic."""
    present = set(sa.inspect(connection).get_table_names())
    return [SchemaState(each.prefix, _version(connection, each, present), each.head) for each in tables]


def _version(connection: sa.Connection, tables: Tables, present: set[str]) -> str | None:
    if tables.version_table not in present:
        return None
    version = sa.table(tables.version_table, sa.column("version_num", sa.Text))
    return connection.execute(sa.select(sa.func.max(version.c.version_num))).scalar()


def refuse_newer(found: Sequence[SchemaState]) -> None:
    """Stop before a database that this program does not understand is touched.

    Raises:
        NewerSchemaError: some tables are newer than their version files here.
    """
    for state in found:
        if state.is_newer:
            raise NewerSchemaError(
                f"The database's '{state.prefix}' tables are at version {state.current}, but this program knows "
                f"only up to {state.head or 'none'}: start the newer program, or restore a backup from before it."
            )


def upgrade(connection: sa.Connection, tables: Sequence[Tables]) -> None:
    """Run what is missing, inside the caller's transaction: all of it or nothing.

    Raises:
        NewerSchemaError: before anything is changed.
    """
    if connection.dialect.name == "postgresql":  # processes that start together take turns
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('frontdesk upgrade'))")
    found = states(connection, tables)
    refuse_newer(found)
    for each, state in zip(tables, found, strict=True):
        if not state.is_current:
            _migrate(connection, each)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StartError(f"A migration left rows of table '{broken[0]}' that point nowhere; nothing was changed.")


def _migrate(connection: sa.Connection, tables: Tables) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    folder = str(tables.migrations)
    script = ScriptDirectory(folder, version_locations=[folder])

    def missing(revision: object, _context: object) -> object:
        return script._upgrade_revs("heads", revision)  # type: ignore[arg-type]  # noqa: SLF001 - as Alembic's manual shows

    with EnvironmentContext(Config(), script, fn=missing) as environment:
        environment.configure(
            connection=connection,
            target_metadata=tables.metadata,
            version_table=tables.version_table,
            transactional_ddl=False,  # the transaction is the caller's
        )
        environment.run_migrations()


def differences(connection: sa.Connection, tables: Tables) -> list[str]:
    """What the database has otherwise than the metadata says: for tests of migrations."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        is_ours = (name or "").startswith(f"{tables.prefix}_") and name != tables.version_table
        apart = any(name == each or (name or "").startswith(f"{each}_") for each in tables.apart)
        return kind != "table" or (is_ours and not apart)

    context = MigrationContext.configure(connection, opts={"include_name": ours})
    return [str(difference) for difference in compare_metadata(context, tables.metadata)]
