"""When somebody is there: opening hours by weekday, holidays and special days, in the owner's time zone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from frontdesk.settings_tables import SettingsTable

_LONGEST_CLOSED = 366  # days that are looked ahead for the next opening

Span = tuple[time, time]
"""From and until; until 00:00 is the end of the day."""


def _span(value: object) -> Span:
    if isinstance(value, tuple):
        return value
    start, dash, end = str(value).partition("-")
    try:
        first = time.fromisoformat(start.strip())
        last = time() if end.strip() == "24:00" else time.fromisoformat(end.strip())
    except ValueError:
        dash = ""
    if not dash or (last != time() and last <= first):
        raise ValueError('write a span as "09:00-17:30", from earlier to later; "24:00" is the end of the day')
    return first, last


def _day(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
    except ValueError:
        raise ValueError('write a day as "2026-12-25", or "12-25" for every year') from None
    return text


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError('name a time zone such as "Europe/Berlin" or "UTC"')
    return value


Spans = tuple[Annotated[Span, BeforeValidator(_span), WithJsonSchema({"type": "string"})], ...]
Day = Annotated[str, BeforeValidator(_day)]


class OpeningHours(SettingsTable):
    """A table of opening hours. Without any hours: always open.

    Args:
        time_zone: in which the hours are meant, such as ``"Europe/Berlin"``.
        monday: spans such as ``["09:00-12:00", "13:00-17:00"]``; an empty list is a closed day.
        tuesday: likewise.
        wednesday: likewise.
        thursday: likewise.
        friday: likewise.
        saturday: likewise.
        sunday: likewise.
        holidays: closed days: ``"2026-12-25"``, or ``"12-25"`` for every year.
        special: days with hours of their own, such as ``{"2026-12-24" = ["09:00-12:00"]}``.
    """

    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    monday: Spans | None = None
    tuesday: Spans | None = None
    wednesday: Spans | None = None
    thursday: Spans | None = None
    friday: Spans | None = None
    saturday: Spans | None = None
    sunday: Spans | None = None
    holidays: tuple[Day, ...] = ()
    special: Mapping[Day, Spans] = Field(default_factory=dict)

    def is_open(self, now: datetime) -> bool:
        """Tell whether somebody is there.

        Args:
            now: the time (UTC).
        """
        return any(start <= now < end for start, end in self._openings(self._local_day(now)))

    def next_opening(self, now: datetime) -> datetime | None:
        """Tell when somebody is there again.

        Args:
            now: the time (UTC).

        Returns:
            The beginning (UTC); `now` if it is open; None if it stays closed for a year.
        """
        for start, _ in self._ahead(now):
            return start
        return None

    def after(self, start: datetime, open_time: timedelta) -> datetime | None:
        """Tell when so much open time will have passed.

        Args:
            start: from when on (UTC).
            open_time: how much, closed hours not counted.

        Returns:
            The moment (UTC); None if it stays closed for a year before.
        """
        left = open_time
        for first, last in self._ahead(start):
            if last - first >= left:
                return first + left
            left -= last - first
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Tell how much open time lies between two moments.

        Args:
            start: the earlier one (UTC).
            end: the later one (UTC).
        """
        total, day, last_day = timedelta(), self._local_day(start), self._local_day(end)
        while day <= last_day:
            for first, last in self._openings(day):
                total += max(min(last, end) - max(first, start), timedelta())
            day += timedelta(days=1)
        return total

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def _ahead(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The openings from a moment on, the first one perhaps begun already, until it stays closed for a year."""
        day, closed_days = self._local_day(start), 0
        while closed_days < _LONGEST_CLOSED:
            closed_days += 1
            for first, last in self._openings(day):
                if start < last:
                    closed_days = 0
                    yield max(first, start), last
            day += timedelta(days=1)

    def _openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The openings of a day in their order; spans that overlap are one."""
        before: tuple[datetime, datetime] | None = None
        for start, end in self._single_openings(day):
            if before is not None and start <= before[1]:
                before = before[0], max(before[1], end)
                continue
            if before is not None:
                yield before
            before = start, end
        if before is not None:
            yield before

    def _single_openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.time_zone)
        for first, last in sorted(self._spans(day)):
            end_day = day + timedelta(days=1) if last == time() else day
            start = datetime.combine(day, first, zone).astimezone(UTC)
            end = datetime.combine(end_day, last, zone).astimezone(UTC)
            if start < end:  # a span can vanish in the hour that clocks skip
                yield start, end

    def _spans(self, day: date) -> Spans:
        names = (day.isoformat(), day.strftime("%m-%d"))
        for name in names:
            if name in self.special:
                return self.special[name]
        if any(name in self.holidays for name in names):
            return ()
        week = (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday,
        )  # fmt: skip
        if all(spans is None for spans in week):
            return ((time(), time()),)
        return week[day.weekday()] or ()
