"""Cases that wait for a member who says nothing: warned of, then closed. And resolved ones: closed after a while."""

from datetime import datetime, timedelta
from enum import Enum

from frontdesk import CaseStatus, SettingsTable
from pydantic import Field

from frontdesk_cases.cases import CaseRecord


class Silence(SettingsTable):
    """[plugins.cases.silence]: what becomes of cases that wait for the member, and of resolved ones.

    Args:
        warn_days: days without a word from the member after which they are told that the case will be closed; it is
            never closed for silence by default.
        close_days: days after that warning until it is closed.
        close_resolved_days: days after which a resolved case is closed; 0 leaves it resolved.
    """

    warn_days: float | None = Field(None, gt=0, le=365)
    close_days: float = Field(3, gt=0, le=365)
    close_resolved_days: float = Field(14, ge=0, le=3650)


class Due(Enum):
    """What has to be done about a case now."""

    NOTHING = "nothing"
    WARN = "warn"
    CLOSE = "close"


def due(case: CaseRecord, silence: Silence, now: datetime) -> Due:
    """Say what silence has led to.

    Args:
        case: the case.
        silence: the rules of its server.
        now: the time (UTC).
    """
    if case.status is CaseStatus.RESOLVED and silence.close_resolved_days:
        since = case.clocks.resolved_at or case.changed_at
        return Due.CLOSE if now - since >= timedelta(days=silence.close_resolved_days) else Due.NOTHING
    if case.status is not CaseStatus.PENDING_CUSTOMER or silence.warn_days is None:
        return Due.NOTHING
    if case.warned_at is not None:
        return Due.CLOSE if now - case.warned_at >= timedelta(days=silence.close_days) else Due.NOTHING
    since = max(moment for moment in (case.clocks.paused_at, case.staff_wrote_at, case.opened_at) if moment)
    return Due.WARN if now - since >= timedelta(days=silence.warn_days) else Due.NOTHING
