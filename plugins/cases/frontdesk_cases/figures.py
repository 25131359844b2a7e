"""The figures of the dashboard: what they are and how they are made of what is stored. No Discord, no HTTP, no SQL."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

SPANS = (7, 30, 90, 365)
"""Days that can be looked at."""

USUAL_SPAN = 30

LONGEST_BY_DAY = 31
"""Days of a span that are shown one by one."""

AGES = (1, 3, 7, 30)
"""The backlog is shown by age: up to so many days, and what is older."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """How long something took, of many.

    Args:
        count: of how many.
        median: half of them took no longer; None of none.
        p90: nine of ten took no longer.
    """

    count: int
    median: timedelta | None
    p90: timedelta | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Stretch":
        """Take how long each took."""
        taken = sorted(max(each, 0.0) for each in seconds)
        return cls(len(taken), _quantile(taken, 0.5), _quantile(taken, 0.9))


def _quantile(taken: Sequence[float], share: float) -> timedelta | None:
    return timedelta(seconds=taken[max(0, math.ceil(share * len(taken)) - 1)]) if taken else None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many promises were kept.

    Args:
        made: of how many whose end is known.
        kept: in time.
    """

    made: int
    kept: int

    @property
    def share(self) -> float | None:
        """The part that was kept, 0 to 1; None if nothing was promised."""
        return self.kept / self.made if self.made else None


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week from Monday on (UTC); the first one of a span may have begun before it.

    Args:
        start: its first day in the span.
        opened: cases that were opened.
        resolved: cases that were resolved or closed, and are so still.
        answered: the time until the first answer, of the cases opened in it that have one.
        taken: the time until the resolution, of those resolved in it.
    """

    start: date
    opened: int
    resolved: int
    answered: Stretch
    taken: Stretch


@dataclass(frozen=True, slots=True)
class Figures:
    """What the dashboard shows, of some servers and the days of a span. Cases that go on in another one do not count.

    Args:
        periods: all of the span, the oldest first: days of a short span, weeks of a long one.
        answered: the time until the first answer, of the cases opened in the span that have one.
        resolved: the time until the resolution, of those resolved in the span.
        answers_kept: the promises of a first answer, of the cases opened in the span.
        resolutions_kept: the promises of a resolution, of those resolved in the span.
        tags: cases opened in the span, by tag, the most first.
        kinds: likewise by kind.
        ratings: given in the span, by stars from 1 to 5.
        backlog: open cases by age, as `AGES`, and those older than all of them.
        assignees: open cases by who works on them, the most first; "" for nobody.
    """

    periods: Sequence[Period]
    answered: Stretch
    resolved: Stretch
    answers_kept: Kept
    resolutions_kept: Kept
    tags: Sequence[tuple[str, int]]
    kinds: Sequence[tuple[str, int]]
    ratings: Mapping[int, int]
    backlog: Sequence[int]
    assignees: Sequence[tuple[str, int]]

    @property
    def opened_count(self) -> int:
        """Cases opened in the span."""
        return sum(period.opened for period in self.periods)

    @property
    def resolved_count(self) -> int:
        """Cases resolved in the span."""
        return sum(period.resolved for period in self.periods)

    @property
    def open_count(self) -> int:
        """Cases that are open now."""
        return sum(self.backlog)

    @property
    def mean_rating(self) -> float | None:
        """Stars on average; None without a rating."""
        count = sum(self.ratings.values())
        return sum(stars * number for stars, number in self.ratings.items()) / count if count else None


def span_start(now: datetime, days: int) -> datetime:
    """Give the beginning of a span that ends with today (UTC)."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


Lasted = tuple[date, float]
"""The day to which something belongs, and the seconds that it took."""


def by_week(days: int) -> bool:
    """Whether a span of so many days is shown by weeks; so many days would be too thin to see."""
    return days > LONGEST_BY_DAY


def periods(
    start: datetime,
    days: int,
    *,
    opened: Mapping[date, int],
    resolved: Mapping[date, int],
    answered: Iterable[Lasted],
    taken: Iterable[Lasted],
) -> Sequence[Period]:
    """Give each period of a span, also those in which nothing happened.

    Args:
        start: of the span (UTC).
        days: of the span.
        opened: cases, by day.
        resolved: likewise.
        answered: what first answers took, by the day of opening.
        taken: what resolutions took, by the day of resolving.
    """
    first = start.date()

    def start_of(day: date) -> date:
        return max(first, day - timedelta(days=day.weekday())) if by_week(days) else day

    starts = dict.fromkeys(start_of(first + timedelta(days=number)) for number in range(days))
    counts = [Counter[date](), Counter[date]()]
    for count, by_day in zip(counts, (opened, resolved), strict=True):
        for day, number in by_day.items():
            count[start_of(day)] += number
    spans: list[dict[date, list[float]]] = [{each: [] for each in starts}, {each: [] for each in starts}]
    for span, lasted in zip(spans, (answered, taken), strict=True):
        for day, seconds in lasted:
            span.setdefault(start_of(day), []).append(seconds)
    return [
        Period(each, counts[0][each], counts[1][each], Stretch.of(spans[0][each]), Stretch.of(spans[1][each]))
        for each in starts
    ]


def age_groups(now: datetime) -> Sequence[tuple[datetime | None, datetime | None]]:
    """Give the moments between which the cases of each age were opened: not before the first, before the second."""
    ends = [now - timedelta(days=days) for days in AGES]
    return list(zip([*ends, None], [None, *ends], strict=True))
