"""Statements for what every message needs: worked out once, then run by the database's driver itself.

SQLAlchemy takes ten times longer over a small statement than SQLite takes to run it, though it comes to the same SQL
each time. In transactions of `Store.begin` and `Store.glance` a prepared statement goes past it, in others through it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from .connections import Rows, is_holding_back, straight_of

_Statement: TypeAlias = Select[Any] | Insert | Update | Delete | ReturningInsert[Any] | ReturningUpdate[Any]


class Prepared:
    """A statement with named parameters that gives rows; what only changes something gives those it returns.

    Args:
        statement: on tables, not on mapped classes; without lists that grow (``IN``), and without defaults that are
            computed in Python. A dictionary of them, by dialect, where they differ.
    """

    def __init__(self, statement: _Statement | Mapping[str, _Statement]) -> None:
        self._statements = statement
        self._worked_out: dict[tuple[str, frozenset[str]], _WorkedOut] = {}

    async def all(self, session: AsyncSession, /, **values: Any) -> Sequence[Any]:
        """Run it; its rows, as tuples with names.

        Args:
            session: a transaction.
            values: of its parameters.
        """
        straight = straight_of(session)
        if straight is None:
            result: Any = await session.execute(self._for(session.get_bind().dialect), values)
            return result.all() if result.returns_rows else ()
        if is_holding_back(session):
            await session.flush()
        dialect = session.get_bind().dialect
        key = (dialect.name, frozenset(values))
        worked_out = self._worked_out.get(key)
        if worked_out is None:
            worked_out = self._worked_out[key] = _WorkedOut.of(self._for(dialect), dialect, list(values))
        return worked_out.rows(await straight.run(worked_out.sql, worked_out.parameters(values)))

    async def first(self, session: AsyncSession, /, **values: Any) -> Any:
        """Run it; its first row, or None if there is none."""
        rows = await self.all(session, **values)
        return rows[0] if rows else None

    def _for(self, dialect: Dialect) -> _Statement:
        return self._statements[dialect.name] if isinstance(self._statements, Mapping) else self._statements


@dataclass(frozen=True, slots=True)
class _WorkedOut:
    """A statement in the words of one database.

    Args:
        sql: as the driver takes it.
        binds: for each parameter in order its name, what gives its value if that is not given (None if it must be),
            and what turns a value into the driver's.
        row: the type of its rows; None if it has none.
        columns: what turns a column's value into ours, with its place; those that stay as they are are not named.
    """

    sql: str
    binds: Sequence[tuple[str, Callable[[], Any] | None, Callable[[Any], Any] | None]]
    row: Any
    columns: Sequence[tuple[int, Callable[[Any], Any]]]

    @classmethod
    def of(cls, statement: _Statement, dialect: Dialect, names: list[str]) -> _WorkedOut:
        compiled: Any = statement.compile(dialect=dialect, column_keys=names)
        if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
            raise TypeError(f"this statement cannot be prepared: {compiled}")
        binds = []
        for name in compiled.positiontup:
            bind = compiled.binds[name]
            to_driver = bind.type.dialect_impl(dialect).bind_processor(dialect)
            fixed = bind.callable or (None if bind.required else partial(_same, bind.value))
            binds.append((bind.key, fixed, to_driver))
        if unknown := set(names).difference(name for name, _, _ in binds):
            raise TypeError(f"no parameters of this statement: {', '.join(sorted(unknown))}")
        returned = list(statement.exported_columns)
        columns = []
        for place, column in enumerate(returned):
            to_ours = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if to_ours is not None:
                columns.append((place, to_ours))
        row = namedtuple("Row", [str(column.key) for column in returned], rename=True) if returned else None  # noqa: PYI024 - its fields are known here only
        return cls(compiled.string, binds, row, columns)

    def parameters(self, values: dict[str, Any]) -> list[Any]:
        """Put the parameters' values in order."""
        found = []
        for name, fixed, to_driver in self.binds:
            if name in values:
                value = values[name]
            elif fixed is not None:
                value = fixed()
            else:
                raise TypeError(f"the parameter {name!r} is missing")
            found.append(value if to_driver is None else to_driver(value))
        return found

    def rows(self, rows: Rows) -> Sequence[Any]:
        """Give rows with names, and with values of our types."""
        if self.row is None:
            return ()
        found = []
        for row in rows:
            values = list(row)
            for place, to_ours in self.columns:
                values[place] = to_ours(values[place])
            found.append(self.row._make(values))
        return found


def _same(value: Any) -> Any:
    return value
