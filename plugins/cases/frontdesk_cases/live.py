"""Follows all cases for the pages that are open, in every process: each event goes onto the wire once it is certain."""

import json

from frontdesk import Store
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import Event
from frontdesk_cases.wire import Wire

_SUBJECT = "cases"


class Live:
    """Follows all cases.

    Args:
        store: tells all processes when a transaction is certain.
        wire: where it is told to this one's pages.
    """

    def __init__(self, store: Store, wire: Wire) -> None:
        self._store = store
        self._wire = wire

    async def start(self) -> None:
        """Hear of what happens, also in the other processes."""
        await self._store.signals.listen(_SUBJECT, self._heard, self._wire.missed)

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Tell of it after the transaction: ids and numbers alone."""
        case = event.case
        news = [case.guild_id, case.id, event.before is None, event.by.id, case.version]
        await self._store.signals.send(session, _SUBJECT, json.dumps(news))

    def _heard(self, message: str) -> None:
        guild_id, case_id, new, by, version = json.loads(message)
        self._wire.send(guild_id, case_id, {"case": case_id, "new": new, "by": by, "version": version})
