"""What the journal asks of whoever decides which process works on which lane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from enum import Enum
from typing import ClassVar, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


class Claim(Enum):
    """What came of asking for a lane."""

    OURS = "ours"
    INHERITED = "inherited"  # from a process that is gone, or an earlier life: its head may have been in flight
    ELSEWHERE = "elsewhere"


class Owners(Protocol):
    """Sees to it that each lane has one owner at a time, and that its owner hears of new entries."""

    period: ClassVar[float]
    """Seconds between two looks for lanes that nobody works on."""

    async def start(self, wake: Callable[[str], None], lost: Callable[[], Awaitable[None]]) -> None:
        """Begin: ``wake`` is called for a lane with work; ``lost`` when all lanes may be someone else's by now."""
        ...

    async def enrol(self, session: AsyncSession, lane: str) -> None:
        """Make the lane known before an entry is written, and let its writers take turns until they commit."""
        ...

    async def announce(self, session: AsyncSession, lane: str) -> None:
        """Wake the lane's owner once the transaction is committed."""
        ...

    async def claim(self, lane: str) -> Claim:
        """Become the lane's owner if it has none that lives."""
        ...

    def condition(self) -> sa.ColumnElement[bool] | None:
        """For statements: the lane given as ``of_lane`` is still ours; None if it cannot be otherwise."""
        ...

    async def orphans(self) -> Sequence[str]:
        """Lanes that may have work and nobody to do it."""
        ...

    async def release(self, in_use: Collection[str]) -> None:
        """Give up lanes that have nothing waiting, except these."""
        ...

    async def stop(self) -> None:
        """Give up everything; what was in flight is looked up by who comes next."""
        ...
