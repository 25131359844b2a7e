"""What is looked at from time to time: promises that run out, cases that wait in silence, resolved ones."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
import structlog
from frontdesk import CaseStatus
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import clocks, rules_rows
from frontdesk_cases.cases import DESK, CaseRecord, EntryKind, NewEntry
from frontdesk_cases.changes import CaseError, SetStatus
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.silence import Due, due

log = structlog.stdlib.get_logger("frontdesk.cases")


class FollowUp:
    """Looks after all cases of all servers.

    Args:
        ledger: where they are.
        tables: the settings' tables: the default one, and those of single servers.
    """

    def __init__(self, ledger: Ledger, tables: Sequence[CasesSettings]) -> None:
        self._ledger = ledger
        self._tables = tables

    async def look_at_promises(self) -> None:
        """Put a line on the timeline of each case whose promise runs out or has been missed, once each."""
        now = self._ledger.now()
        until = max(clocks.latest_warning(table.promises, table.hours, now) for table in self._tables)

        async def batch(session: AsyncSession, after: int) -> Sequence[CaseRecord]:
            return await rules_rows.running_out(session, after, until)

        def due_now(case: CaseRecord) -> bool:
            settings = self._ledger.settings_for(case.guild_id)
            return bool(clocks.alarms(case, settings.promises, settings.hours, now))

        await self._each(batch, due_now, self._alarm)

    async def _each(
        self,
        batch: Callable[[AsyncSession, int], Awaitable[Sequence[CaseRecord]]],
        due_now: Callable[[CaseRecord], bool],
        act: Callable[[int], Awaitable[None]],
    ) -> None:
        """Look at all cases of a query, batch by batch; one that makes trouble keeps nobody from the others."""
        after, more = 0, True
        while more:
            async with self._ledger.read() as session:
                cases = await batch(session, after)
            for case in cases:
                after = case.id
                if not due_now(case):
                    continue
                try:
                    await act(case.id)
                except (CaseError, sa.exc.SQLAlchemyError) as error:
                    log.warning("a case could not be followed up", case_id=case.id, reason=str(error))
            more = len(cases) == rules_rows.BATCH

    async def _alarm(self, case_id: int) -> None:
        async with self._ledger.begin() as session:
            case = await self._ledger.to_change(session, case_id)
            settings = self._ledger.settings_for(case.guild_id)
            for alarm in clocks.alarms(case, settings.promises, settings.hours, self._ledger.now()):
                heard = replace(case, clocks=clocks.told(case.clocks, alarm))
                state = "missed" if alarm.missed else "warning"
                case = await self._ledger.store(
                    session, case, heard, [self._entry(clock=alarm.clock, state=state, due=alarm.due.isoformat())], DESK
                )
                log.info("promise", case_id=case.id, clock=alarm.clock, state=state)

    async def look_at_silence(self) -> None:
        """Warn of cases that wait for a member who says nothing, and close them; close resolved ones in time."""
        now = self._ledger.now()
        days = [table.silence for table in self._tables]
        waiting = min([min(own.warn_days, own.close_days) for own in days if own.warn_days is not None], default=36500)
        resolved = min([own.close_resolved_days for own in days if own.close_resolved_days], default=36500)
        waiting_since, resolved_since = now - timedelta(days=waiting), now - timedelta(days=resolved)

        async def batch(session: AsyncSession, after: int) -> Sequence[CaseRecord]:
            return await rules_rows.silent(session, after, waiting_since=waiting_since, resolved_since=resolved_since)

        def due_now(case: CaseRecord) -> bool:
            return due(case, self._ledger.settings_for(case.guild_id).silence, now) is not Due.NOTHING

        await self._each(batch, due_now, self._silent)

    async def _silent(self, case_id: int) -> None:
        async with self._ledger.begin() as session:
            case = await self._ledger.to_change(session, case_id)
            settings = self._ledger.settings_for(case.guild_id)
            now = self._ledger.now()
            what = due(case, settings.silence, now)
            if what is Due.WARN:
                closes = now + timedelta(days=settings.silence.close_days)
                entry = self._entry(clock="silence", state="warning", due=closes.isoformat())
                await self._ledger.store(session, case, replace(case, warned_at=now), [entry], DESK)
            elif what is Due.CLOSE:
                await self._ledger.change(session, case, [SetStatus(CaseStatus.CLOSED)], DESK)

    def _entry(self, **data: str) -> NewEntry:
        return NewEntry(EntryKind.CLOCK, "", "", self._ledger.now(), data)
