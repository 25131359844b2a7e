"""Tells the other plugins what happens to cases, through `case_opened` and `case_changed`."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from frontdesk import Case, CaseChange, Desk, case_changed, case_opened
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import CaseRecord, EntryKind, Event, TimelineEntry
from frontdesk_cases.settings import CasesSettings


class News:
    """Follows all cases.

    Args:
        desk: what the plugin was given.
        shown: gives a case as the other plugins see it.
    """

    def __init__(self, desk: Desk[CasesSettings], shown: Callable[[CaseRecord], Case]) -> None:
        self._desk = desk
        self._shown = shown
        self._last: asyncio.Task[None] | None = None

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Tell of it once it is certain, in the background: nobody waits for those who want to hear of it."""
        changed = [entry for entry in event.entries if entry.kind is EntryKind.CHANGE]
        if event.before is not None and not changed:
            return
        case = self._shown(event.case)
        if event.before is None:
            self._desk.store.after_commit(session, lambda: self._opened(case))
            return
        changes = [_change(entry) for entry in changed]
        self._desk.store.after_commit(session, lambda: self._changed(case, changes))

    def _opened(self, case: Case) -> None:
        self._desk.log.info("case opened", case=case.number, case_id=case.id, kind=case.kind, guild=case.guild_id)
        self._tell(self._desk.hooks.tell(case_opened, case=case), f"tell of {case.number}")

    def _changed(self, case: Case, changes: Sequence[CaseChange]) -> None:
        for change in changes:
            self._tell(self._desk.hooks.tell(case_changed, case=case, change=change), f"tell of {case.number}")

    def _tell(self, telling: Coroutine[Any, Any, None], name: str) -> None:
        """Tell one thing after the other, so that nobody hears of a change before the case."""
        before = self._last

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait([before])
            await telling

        self._last = self._desk.create_task(in_turn(), name=name)


def _change(entry: TimelineEntry) -> CaseChange:
    what = f"field:{entry.data['field']}" if "field" in entry.data else entry.data["what"]
    return CaseChange(entry.author, what, entry.data["before"], entry.data["after"], entry.at)
