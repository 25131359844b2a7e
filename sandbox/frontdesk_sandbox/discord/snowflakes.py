"""Discord's ids: 64-bit numbers that carry the moment at which they were given out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def moment_of(snowflake: int) -> datetime:
    """The moment (UTC, to the millisecond) at which an id was given out."""
    return EPOCH + timedelta(milliseconds=snowflake >> 22)


class Snowflakes:
    """Gives out ids that never repeat and that grow with time.

    Args:
        clock: tells the present moment, UTC.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = 0
        self._counter = 0

    def next(self) -> int:
        """An id of the present moment, greater than every earlier one of this method."""
        self._last = max(self.at(self._clock()), self._last + 1)
        return self._last

    def at(self, moment: datetime) -> int:
        """An id of a moment in the past, for accounts that are older than the sandbox."""
        self._counter = (self._counter + 1) % 4096
        return (int((moment - EPOCH) / timedelta(milliseconds=1)) << 22) + self._counter
