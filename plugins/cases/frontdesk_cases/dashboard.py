"""/cases/dashboard with the figures of a server, and /cases/export.csv with its list; for staff who may look."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from frontdesk import OpeningHours, Say
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from frontdesk_cases import exports
from frontdesk_cases.cases import Priority
from frontdesk_cases.clocks import Targets
from frontdesk_cases.figure_queries import FigureBook
from frontdesk_cases.figures import AGES, SPANS, USUAL_SPAN, Figures, Kept, Stretch, by_week
from frontdesk_cases.listing_queries import Listing
from frontdesk_cases.plots import Columns, columns, times
from frontdesk_cases.questions import Question
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import PRIVATE, Site

_UNITS = (86_400, 3600, 60)  # seconds of a day, an hour, a minute


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot, ready to be drawn.

    Args:
        plot: where everything lies.
        scale: what the lines stand for, from the top down.
        tips: of each place, what it shows.
    """

    plot: Columns
    scale: Sequence[str]
    tips: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something takes, ready to be shown.

    Args:
        name: what it is.
        stretch: of the whole span.
        kept: of the promises.
        promise: what was promised; None for nothing, or if opening hours make it another measure than the plot's.
        chart: half within so long, by period.
        rows: of each period, when it began and how long it took.
    """

    name: str
    stretch: Stretch
    kept: Kept
    promise: timedelta | None
    chart: Chart
    rows: Sequence[tuple[date, Stretch]]


class Dashboard:
    """The two pages.

    Args:
        site: what all pages share.
        figures: makes the figures.
        listing: the list.
    """

    def __init__(self, site: Site, figures: FigureBook, listing: Listing) -> None:
        self._site = site
        self._figures = figures
        self._listing = listing

    def routes(self) -> Sequence[BaseRoute]:
        """Give the routes."""
        return [Route("/dashboard", self._show), Route("/export.csv", self._export)]

    async def _show(self, request: Request) -> Response:
        visit = await self._site.visit(request)
        named = request.query_params.get("days", "")
        days = next((span for span in SPANS if str(span) == named), USUAL_SPAN)
        figures = await self._figures.figures([visit.guild_id], days)
        draw = _Drawing(visit.say)
        return self._site.render(
            visit,
            "dashboard.html",
            figures=figures,
            days=days,
            spans=SPANS,
            by="week" if by_week(days) else "day",
            chart=draw.work(figures),
            paces=draw.paces(figures, self._site.desk.settings_for(visit.guild_id)),
            number=draw.number,
            percent=lambda share: format_percent(share, locale=visit.say.locale),
            day=draw.day,
            took=draw.took,
            exactly=draw.exactly,
            backlog=list(zip(_ages(visit.say), figures.backlog, strict=True)),
            assignees=[(name or visit.say("figures-nobody"), count) for name, count in figures.assignees],
            kinds=[(visit.present.kind(kind), count) for kind, count in figures.kinds],
            ratings=[("★" * stars, count) for stars, count in sorted(figures.ratings.items(), reverse=True)],
        )

    async def _export(self, request: Request) -> Response:
        visit = await self._site.visit(request)
        question = Question.read(request.query_params.multi_items())
        wanted = question.filter(visit.staff.id, visit.present.names())
        prefix = self._site.desk.settings_for(visit.guild_id).prefix

        async def pieces() -> AsyncIterator[str]:
            yield exports.head()
            async for cases in self._listing.all([visit.guild_id], wanted):
                yield exports.lines(cases, prefix)

        name = f"cases-{self._site.desk.now():%Y-%m-%d}.csv"
        headers = {
            **PRIVATE,
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


class _Drawing:
    """Puts figures into words and plots, in one person's language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def work(self, figures: Figures) -> Chart:
        """Draw what was opened and resolved."""
        rows = [[period.opened for period in figures.periods], [period.resolved for period in figures.periods]]
        opened, resolved = self._say("figures-opened"), self._say("figures-resolved")
        tips = [
            f"{self.day(period.start)} – {opened}: {self.number(period.opened)}, "
            f"{resolved}: {self.number(period.resolved)}"
            for period in figures.periods
        ]
        return _chart(columns(rows, right_to_left=self._say.rtl), self.number, tips)

    def paces(self, figures: Figures, settings: CasesSettings) -> Sequence[Pace]:
        """Draw how long first answers and resolutions take."""
        promised = _promised(settings)
        answered = [(period.start, period.answered) for period in figures.periods]
        taken = [(period.start, period.taken) for period in figures.periods]
        first, last = self._say("figures-first-answer"), self._say("figures-resolution")
        return [
            self._pace(first, figures.answered, figures.answers_kept, promised.answer, answered),
            self._pace(last, figures.resolved, figures.resolutions_kept, promised.resolve, taken),
        ]

    def _pace(
        self, name: str, stretch: Stretch, kept: Kept, promise: timedelta | None, rows: Sequence[tuple[date, Stretch]]
    ) -> Pace:
        medians = [None if each.median is None else each.median.total_seconds() for _, each in rows]
        line = None if promise is None else promise.total_seconds()
        tips = [f"{self.day(start)} – {self.took(each.median)}" for start, each in rows]
        chart = _chart(times(medians, line, right_to_left=self._say.rtl), self._scale, tips)
        return Pace(name, stretch, kept, promise, chart, rows)

    def number(self, value: float) -> str:
        """Write a number."""
        return format_decimal(value, locale=self._say.locale)

    def day(self, value: date) -> str:
        """Write a day, in a direction of its own."""
        return f"\u2068{format_date(value, 'd MMM', locale=self._say.locale)}\u2069"

    def took(self, span: timedelta | None) -> str:
        """Write how long something took."""
        return "–" if span is None else format_timedelta(span, threshold=1.5, locale=self._say.locale)

    def exactly(self, span: timedelta, length: Literal["short", "long"] = "long") -> str:
        """Write a span of whole minutes as it is, such as "90 minutes"."""
        size = next(size for size in _UNITS if span.total_seconds() % size == 0)
        # From the amount in that unit on, no larger one is taken.
        amount = span.total_seconds() / size
        return format_timedelta(span, threshold=amount, format=length, locale=self._say.locale)

    def _scale(self, seconds: float) -> str:
        return self.exactly(timedelta(seconds=seconds), "short") if seconds else self.number(0)


def _chart(plot: Columns, written: Callable[[float], str], tips: Sequence[str]) -> Chart:
    return Chart(plot, [written(number) for _, number in reversed(plot.lines)], tips)


def _promised(settings: CasesSettings) -> Targets:
    """Give what is promised for most cases, where its minutes are the same as everybody's: without opening hours."""
    hours = settings.hours
    if hours != OpeningHours(time_zone=hours.time_zone):
        return Targets(None, None)
    return settings.promises.targets_for(Priority.NORMAL)


def _ages(say: Say) -> Sequence[str]:
    """Name the ages of the backlog."""
    names = [say("figures-age-first", n=AGES[0])]
    names += [say("figures-age", first=first, last=last) for first, last in pairwise(AGES)]
    return [*names, say("figures-age-last", days=AGES[-1])]
