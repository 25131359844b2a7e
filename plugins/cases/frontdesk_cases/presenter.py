"""How a case reads: dates, ages, names of states and safe links, in one person's language. Free of HTTP and SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_datetime_format,
)
from babel.units import format_unit
from frontdesk import CaseStatus, Say

from frontdesk_cases.cases import Clocks, Priority
from frontdesk_cases.clocks import promise_states
from frontdesk_cases.listing import Named

KNOWN_KINDS = frozenset({"agent_request", "bug", "feature", "request"})

_COLOURS = {
    CaseStatus.OPEN: "accent",
    CaseStatus.PENDING_CUSTOMER: "wait",
    CaseStatus.PENDING_US: "wait",
    CaseStatus.RESOLVED: "good",
    CaseStatus.CLOSED: "",
}
_COLOUR_OF_PROMISE = {"kept": "good", "missed": "bad", "running": "accent", "paused": "wait"}


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, ready to be shown.

    Args:
        clock: ``"answer"`` or ``"resolve"``.
        state: ``"running"``, ``"paused"``, ``"kept"`` or ``"missed"``.
        due: until when (UTC).
        colour: how it looks.
    """

    clock: str
    state: str
    due: datetime
    colour: str


class Presenter:
    """Puts a case into words.

    Args:
        say: the reader's language.
        now: the moment from which ages count.
        prefix: what stands before a case's number.
    """

    def __init__(self, say: Say, now: datetime, prefix: str) -> None:
        self._say = say
        self._now = now
        self._prefix = prefix

    def number(self, number: int) -> str:
        """Name a case as people do."""
        return f"{self._prefix}{number}"

    def kind(self, kind: str) -> str:
        """Name a kind of case; a third party's kind is shown as it is."""
        return self._say(f"kind-{kind}") if kind in KNOWN_KINDS else kind

    def status(self, status: CaseStatus) -> str:
        """Name a status."""
        return self._say(f"status-{status.value}")

    def colour(self, status: CaseStatus) -> str:
        """Choose the look of a status."""
        return _COLOURS[status]

    def moment(self, at: datetime) -> str:
        """Write date and time (UTC)."""
        return f"{format_datetime(at, 'medium', locale=self._say.locale)} UTC"

    def due(self, at: datetime) -> str:
        """Write until when something is due, to the minute (UTC); the year only if it is another one than now."""
        locale = self._say.locale
        this_year = at.year == self._now.year
        day = format_skeleton("MMMd", at, locale=locale) if this_year else format_date(at, "medium", locale=locale)
        both = str(get_datetime_format("medium", locale=locale))
        return f"{both.format(format_time(at, 'short', locale=locale), day)} UTC"

    def day(self, at: datetime) -> str:
        """Write a date."""
        return format_date(at.date(), "medium", locale=self._say.locale)

    def age(self, since: datetime) -> str:
        """Write how long ago something was, such as "3 years"."""
        return format_timedelta(max(self._now - since, timedelta()), locale=self._say.locale)

    def ago(self, at: datetime) -> str:
        """Write how long ago something happened, such as "2 hours ago"."""
        return format_timedelta(at - self._now, add_direction=True, locale=self._say.locale)

    def language(self, locale: str) -> str:
        """Name the language of a Discord locale; one that nobody knows is shown as it is."""
        try:
            return Locale.parse(locale, sep="-").get_display_name(self._say.locale) or locale
        except (ValueError, UnknownLocaleError):
            return locale

    def priority(self, priority: Priority) -> str:
        """Name a priority."""
        return self._say(f"priority-{priority.name.lower()}")

    def priority_colour(self, priority: Priority) -> str:
        """Choose the look of a priority."""
        return {Priority.URGENT: "bad", Priority.HIGH: "wait"}.get(priority, "")

    def names(self) -> Sequence[tuple[str, Named]]:
        """List what statuses, priorities and kinds are called."""
        return [
            *((self.status(status), status) for status in CaseStatus),
            *((self.priority(priority), priority) for priority in Priority),
            *((self.kind(kind), kind) for kind in sorted(KNOWN_KINDS)),
        ]

    def size(self, size: int) -> str:
        """Write a file's size, such as "1.2 MB"."""
        for unit, number in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
            if size >= number:
                return format_unit(round(size / number, 1), f"digital-{unit}", "short", locale=self._say.locale)
        return format_unit(size, "digital-byte", "short", locale=self._say.locale)

    def promises(self, clocks: Clocks) -> Sequence[Promise]:
        """Tell how the promises stand."""
        promises: list[Promise] = []
        for name, state in promise_states(clocks, self._now).items():
            kept = {True: "kept", False: "missed", None: "missed" if state.late else "running"}[state.kept]
            if kept == "running" and state.paused:
                kept = "paused"
            promises.append(Promise(name, kept, state.due, _COLOUR_OF_PROMISE[kept]))
        return promises


def isolated(text: str) -> str:
    """Keep a name in another script from turning the sentence around it."""
    return f"\u2068{text}\u2069"


def safe_link(url: str | None) -> str | None:
    """Give an address that a page may link to; None for any that could run something."""
    try:
        fits = url is not None and urlsplit(url).scheme.lower() in {"http", "https"}
    except ValueError:
        return None
    return url if fits else None
