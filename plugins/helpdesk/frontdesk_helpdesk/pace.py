"""A limited pace: so many at once, then one after the other. No clock of its own; time is passed in."""


class Pace:
    """Tells when the next one may go.

    Args:
        a_minute: how many may go in a minute, in the long run.
        at_once: how many may go without a pause after a quiet time.
    """

    def __init__(self, a_minute: float, at_once: int) -> None:
        self._pause = 60.0 / a_minute
        self._most = self._pause * (at_once - 1)
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Tell how many seconds are left until the next one may go.

        Args:
            now: seconds of any clock that does not jump.
        """
        return max(0.0, self._free_at - self._most - now)

    def is_rested(self, now: float) -> bool:
        """Tell whether as many may go without a pause as at the very beginning."""
        return now >= self._free_at

    def went(self, now: float) -> None:
        """Note that one goes now."""
        self._free_at = max(self._free_at, now) + self._pause

    def hold(self, now: float, seconds: float) -> None:
        """Let none go for so long: the other side has had enough."""
        self._free_at = max(self._free_at, now + seconds + self._most)


class Turnstile:
    """Gives those who come one after the other their turns: all who come at the pace go at once, others later.

    Args:
        pace: at which they go; of this turnstile alone.

    Attributes:
        told: whether they know that they have to wait; forgotten once the pace is rested again.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._last: tuple[int, float] | None = None
        self.told = False

    def turn_of(self, number: int, came: float) -> float:
        """Give the turn of one: when it may go.

        Args:
            number: names it; the one that asked last may ask again, and gets the same turn.
            came: when it came, in seconds of the same clock.
        """
        if self._last is None or self._last[0] != number:
            self.told = self.told and not self.is_quiet(came)
            self._last = (number, came + self._pace.wait(came))
            self._pace.went(came)
        return self._last[1]

    def is_quiet(self, now: float) -> bool:
        """Tell whether nothing is left to remember."""
        return self._pace.is_rested(now)
