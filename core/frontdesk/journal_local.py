"""Who works on a lane when there is only one process: this one. The file lock of the store keeps others out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from . import journal_rows as rows
from .journal_owners import Claim
from .store import Store


class LocalOwners:
    """All lanes are ours; those with work left over from an earlier life are inherited once."""

    period: ClassVar[float] = 5.0

    def __init__(self, store: Store) -> None:
        self._store = store
        self._inherited: set[str] = set()
        self._wake: Callable[[str], None] = _nobody

    async def start(self, wake: Callable[[str], None], lost: Callable[[], Awaitable[None]]) -> None:  # noqa: ARG002 - never lost
        """Remember what was left over."""
        self._inherited = set(await self.orphans())
        self._wake = wake

    async def enrol(self, session: AsyncSession, lane: str) -> None:
        """Nothing to do: SQLite's writers take turns anyway."""

    async def announce(self, session: AsyncSession, lane: str) -> None:
        """A call within the process is enough."""
        self._store.after_commit(session, lambda: self._wake(lane))

    async def claim(self, lane: str) -> Claim:
        """Ours, for certain."""
        if lane in self._inherited:
            self._inherited.discard(lane)
            return Claim.INHERITED
        return Claim.OURS

    def condition(self) -> sa.ColumnElement[bool] | None:
        """Ours, always."""
        return None

    async def orphans(self) -> Sequence[str]:
        """Lanes with something waiting: a worker that is there already takes no harm from being woken."""
        async with self._store.read() as session:
            return await rows.waiting_lanes(session)

    async def release(self, in_use: Collection[str]) -> None:
        """Nobody else could want them."""

    async def stop(self) -> None:
        """Stop waking."""
        self._wake = _nobody


def _nobody(_lane: str) -> None:
    """Before the start and after the end there is nobody to wake."""
