"""Figures about what goes on inside: hook calls, and the journal."""

import asyncio

import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics


class HookMetrics:
    """Counts hook calls by plugin and outcome, and measures how long they take."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.counter("hook_calls", "Calls of hook implementations.", ["hook", "plugin", "outcome"])
        self._seconds = metrics.histogram("hook_seconds", "How long hook implementations took.", ["hook", "plugin"])

    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        """Note one call."""
        outcome = "ok" if error is None else "timeout" if isinstance(error, TimeoutError) else "error"
        self._calls.labels(hook, plugin, outcome).inc()
        self._seconds.labels(hook, plugin).observe(seconds)


class JournalMetrics:
    """Shows how much waits in the journal, for how long, and what became of the rest.

    Args:
        journal: which.
        metrics: where it is shown.
        every: seconds between two looks.
    """

    def __init__(self, journal: Journal, metrics: Metrics, *, every: float = 5.0) -> None:
        self._journal = journal
        self._every = every
        self._log = structlog.get_logger("frontdesk.journal")
        self._figures = {
            "waiting": metrics.gauge("journal_waiting", "Journal entries that are not settled yet."),
            "retrying": metrics.gauge("journal_retrying", "Of these, those sent before without success."),
            "oldest": metrics.gauge("journal_oldest_seconds", "Age of the oldest entry that waits."),
            "sending": metrics.gauge("journal_sending", "Sends under way in this process."),
            "sent": metrics.gauge("journal_sent", "Entries delivered since the start."),
            "found": metrics.gauge("journal_found", "Entries found to be delivered already, after an interruption."),
            "refused": metrics.gauge("journal_refused", "Entries that the other side refused."),
            "retried": metrics.gauge("journal_retried", "Sends put off."),
        }

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                stats = await self._journal.stats()
            except FrontdeskError as error:
                self._log.warning("journal not measured", reason=str(error))
            else:
                for name, gauge in self._figures.items():
                    gauge.set(getattr(stats, name))
            await asyncio.sleep(self._every)
