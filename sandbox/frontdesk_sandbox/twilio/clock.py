"""The sandbox's time: the real one, plus what tests advanced. Nothing ever waits for a timer."""

import re
from datetime import UTC, datetime, timedelta

from .errors import invalid

_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


class Clock:
    """Tells the time; ``advance`` moves it forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward; timers are looked at by whoever calls this."""
        self._ahead += timedelta(seconds=seconds)


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration such as ``PT10M``.

    Raises:
        ApiError: if it is none.
    """
    found = _DURATION.match(text)
    if not found or not any(found.groups()):
        raise invalid(f"Invalid timer value {text!r}, an ISO 8601 duration is expected")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def rest_time(moment: datetime) -> str:
    """A time as REST answers write it: whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def hook_time(moment: datetime) -> str:
    """A time as webhooks write it: with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
