"""Saved views of the list: a name and a query, of one member of staff or of everybody in the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from frontdesk_cases.cases import storable
from frontdesk_cases.changes import CaseError
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.tables import ViewRow

NAME_LENGTH = 60
QUERY_LENGTH = 2000
EVERYBODY = ""
"""The owner of a view that all staff of the server have."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view.

    Args:
        id: unique in the installation.
        guild_id: the server.
        owner_id: of who saved it for themselves; `EVERYBODY` where it is for all.
        name: what it is called.
        query: what stands behind the list's address, such as ``status=open&tag=refund``.
    """

    id: int
    guild_id: int
    owner_id: str
    name: str
    query: str


class Views:
    """All saved views.

    Args:
        ledger: where they are.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def of(self, guild_ids: Sequence[int], staff_id: str) -> Sequence[View]:
        """List somebody's views in some servers, those for everybody first, by name."""
        query = sa.select(*ViewRow.__table__.c).where(
            ViewRow.guild_id.in_(guild_ids), ViewRow.owner_id.in_([EVERYBODY, staff_id])
        )
        async with self._ledger.read() as session:
            rows = await session.execute(query.order_by(ViewRow.owner_id, ViewRow.name, ViewRow.id))
            return [_view(row) for row in rows]

    async def find(self, view_id: int) -> View | None:
        """Find a view."""
        async with self._ledger.read() as session:
            row = (await session.execute(sa.select(*ViewRow.__table__.c).where(ViewRow.id == view_id))).one_or_none()
            return None if row is None else _view(row)

    async def save(self, guild_id: int, owner_id: str, name: str, query: str) -> View:
        """Save a view.

        Raises:
            CaseError: it has no name, there is one of that name, or it is too long.
        """
        name, query = storable(name.strip()), storable(query)
        if not name:
            raise CaseError("no-name")
        if len(name) > NAME_LENGTH or len(query) > QUERY_LENGTH:
            raise CaseError("view-long", length=str(NAME_LENGTH))
        try:
            async with self._ledger.begin() as session:
                values = {"guild_id": guild_id, "owner_id": owner_id, "name": name, "query": query}
                view_id = (await session.execute(sa.insert(ViewRow).values(values).returning(ViewRow.id))).scalar_one()
        except IntegrityError as error:
            raise CaseError("view-exists", name=name) from error
        return View(view_id, guild_id, owner_id, name, query)

    async def delete(self, view_id: int) -> None:
        """Delete a view; fine if it is gone."""
        async with self._ledger.begin() as session:
            await session.execute(sa.delete(ViewRow).where(ViewRow.id == view_id))


def _view(row: Any) -> View:
    return View(row.id, row.guild_id, row.owner_id, row.name, row.query)
