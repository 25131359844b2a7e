"""Where the bars and lines of a plot lie, in its own units; templates draw them. No Discord, no HTTP, no SQL."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 720, 200
_STEPS = (1, 2, 5)
_FAR_ABOVE = 4
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_ROUND_TIMES = (
    *(number * _MINUTE for number in (2, 4, 10, 20, 30)),
    *(number * _HOUR for number in (1, 2, 4, 6, 12, 24)),
    *(number * _DAY for number in (2, 4, 6, 10, 14, 20, 30, 60, 90, 180, 360)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot.

    Args:
        x: of its corner at the top left.
        y: likewise.
        width: of the bar.
        height: of the bar.
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """A plot of columns side by side.

    Args:
        series: of each row of numbers, its bars; what is nothing has one without height.
        places: of each place, all of its room.
        lines: heights of the lines behind the bars, from the bottom up at equal distances, with what each stands for.
        mark: the height of a line in front of them; None for none.
    """

    series: Sequence[Sequence[Bar]]
    places: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    mark: float | None = None


def columns(rows: Sequence[Sequence[int]], *, right_to_left: bool = False) -> Columns:
    """Place columns of numbers.

    Args:
        rows: of equal length; the numbers of one place stand beside each other.
        right_to_left: whether the first place is on the right.
    """
    top = rounded_up(max((number for row in rows for number in row), default=0))
    return _placed(rows, top, 2 if top % 2 == 0 else 1, right_to_left)


def times(row: Sequence[float | None], promise: float | None = None, *, right_to_left: bool = False) -> Columns:
    """Place columns of times.

    Args:
        row: seconds; None where nothing was measured.
        promise: what was promised, in seconds: a line, unless all columns would be tiny below it.
        right_to_left: whether the first place is on the right.
    """
    longest = max((seconds for seconds in row if seconds is not None), default=0.0)
    marked = promise if promise is not None and promise <= _FAR_ABOVE * longest else None
    top = rounded_up_time(max(longest, marked or 0))
    plot = _placed([[seconds or 0 for seconds in row]], top, 2, right_to_left)
    return plot if marked is None else replace(plot, mark=_height(marked, top))


def _placed(rows: Sequence[Sequence[float]], top: int, parts: int, right_to_left: bool) -> Columns:
    count = len(rows[0]) if rows else 0
    step = WIDTH / max(count, 1)
    thick = step * 0.76 / max(len(rows), 1)
    lefts = [WIDTH - (place + 1) * step if right_to_left else place * step for place in range(count)]
    series: list[list[Bar]] = []
    for index, row in enumerate(rows):
        beside = len(rows) - 1 - index if right_to_left else index
        inset = step * 0.12 + beside * thick
        bars = []
        for left, number in zip(lefts, row, strict=True):
            y = _height(number, top)
            bars.append(Bar(round(left + inset, 2), y, round(thick, 2), round(HEIGHT - y, 2)))
        series.append(bars)
    places = [Bar(round(left, 2), 0, round(step, 2), HEIGHT) for left in lefts]
    lines = [(_height(top * part / parts, top), top * part // parts) for part in range(parts + 1)]
    return Columns(series, places, lines)


def _height(number: float, top: int) -> float:
    return round(HEIGHT - HEIGHT * number / top, 2)


def rounded_up(number: int) -> int:
    """Give the next round number, at least 2, for the top of a plot."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= max(number, 2):
                return step * power
        power *= 10


def rounded_up_time(seconds: float) -> int:
    """Give the next round time in seconds, of which the half is round too, for the top of a plot."""
    for top in _ROUND_TIMES:
        if top >= seconds:
            return top
    longest = _ROUND_TIMES[-1]
    return math.ceil(seconds / longest) * longest
