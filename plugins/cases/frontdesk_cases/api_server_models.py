"""The shapes of what the JSON API tells about a server: persons, choices, macros, figures."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, Self

from frontdesk import CaseStatus
from pydantic import Field

from frontdesk_cases.api_models import ActorShape, CaseOut, Shape
from frontdesk_cases.cases import Actor
from frontdesk_cases.figures import AGES, Figures, Kept, Period, Stretch
from frontdesk_cases.macros import Macro
from frontdesk_cases.recent import Choices

Days = Literal["7", "30", "90", "365"]
"""As `SPANS`; the query's values are texts."""


class MemberOut(Shape):
    """A person, with all their cases in a server."""

    id: str
    server: str
    names: list[str] = Field(description="by which they were seen, the latest first")
    cases: list[CaseOut] = Field(description="the newest first, up to 200")


class ChoicesOut(Shape):
    """What can be chosen for a server's cases, as its pages offer it."""

    kinds: list[str]
    teams: list[str]
    tags: list[str]
    colleagues: list[ActorShape] = Field(description="who can be given a case")

    @classmethod
    def of(cls, choices: Choices, *more: Actor) -> Self:
        """Show what can be chosen."""
        colleagues = [ActorShape.of(each) for each in choices.with_me(*more)]
        return cls(kinds=list(choices.kinds), teams=list(choices.teams), tags=list(choices.tags), colleagues=colleagues)


class MacroOut(Shape):
    """Several changes and an answer in one step; what is empty or null is not changed."""

    name: str
    answer: str = Field(description="`{name}` stands for the member's name, `{number}` for the case's number")
    note: str
    status: CaseStatus | None
    priority: Literal["low", "normal", "high", "urgent"] | None
    team: str | None
    assignee: str | None = Field(description="`me` for whoever uses it, `nobody`")
    add_tags: list[str]
    remove_tags: list[str]

    @classmethod
    def of(cls, macro: Macro) -> Self:
        """Show a macro."""
        return cls.model_validate(
            {**macro.model_dump(), "add_tags": [*macro.add_tags], "remove_tags": [*macro.remove_tags]}
        )


class MacrosOut(Shape):
    """The macros of a server."""

    macros: list[MacroOut]


class FiguresQuery(Shape):
    """Which figures."""

    days: Days = Field("30", description="of the span, today (UTC) included")


class StretchOut(Shape):
    """How long something took, in seconds."""

    count: int = Field(description="of how many cases")
    median: float | None = Field(description="half of them took no longer; null of none")
    p90: float | None = Field(description="nine of ten took no longer")

    @classmethod
    def of(cls, stretch: Stretch) -> Self:
        """Show how long it took."""
        return cls(count=stretch.count, median=_seconds(stretch.median), p90=_seconds(stretch.p90))


class KeptOut(Shape):
    """How many promises were kept."""

    made: int
    kept: int

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Show how many."""
        return cls(made=kept.made, kept=kept.kept)


class PeriodOut(Shape):
    """A day of a short span, a week of a long one."""

    start: date
    opened: int
    resolved: int
    first_answer: StretchOut
    resolution: StretchOut

    @classmethod
    def of(cls, period: Period) -> Self:
        """Show a period."""
        return cls(
            start=period.start,
            opened=period.opened,
            resolved=period.resolved,
            first_answer=StretchOut.of(period.answered),
            resolution=StretchOut.of(period.taken),
        )


class CountOut(Shape):
    """So many cases."""

    name: str
    count: int


class AgeOut(Shape):
    """Open cases of an age."""

    up_to_days: int | None = Field(description="null for the oldest")
    count: int


class FiguresOut(Shape):
    """The figures of the dashboard; cases that go on in another one do not count."""

    periods: list[PeriodOut] = Field(description="the oldest first")
    opened: int
    resolved: int
    first_answer: StretchOut
    resolution: StretchOut
    first_answers_promised: KeptOut
    resolutions_promised: KeptOut
    tags: list[CountOut] = Field(description="of cases opened in the span")
    kinds: list[CountOut]
    ratings: dict[str, int] = Field(description="by stars")
    mean_rating: float | None
    open_by_age: list[AgeOut]
    open_by_assignee: list[CountOut] = Field(description="an empty name for nobody")

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """Show the figures."""
        return cls(
            periods=[PeriodOut.of(period) for period in figures.periods],
            opened=figures.opened_count,
            resolved=figures.resolved_count,
            first_answer=StretchOut.of(figures.answered),
            resolution=StretchOut.of(figures.resolved),
            first_answers_promised=KeptOut.of(figures.answers_kept),
            resolutions_promised=KeptOut.of(figures.resolutions_kept),
            tags=_counts(figures.tags),
            kinds=_counts(figures.kinds),
            ratings={str(stars): count for stars, count in figures.ratings.items()},
            mean_rating=figures.mean_rating,
            open_by_age=[
                AgeOut(up_to_days=days, count=count) for days, count in zip([*AGES, None], figures.backlog, strict=True)
            ],
            open_by_assignee=_counts(figures.assignees),
        )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _counts(counted: Sequence[tuple[str, int]]) -> list[CountOut]:
    return [CountOut(name=name, count=count) for name, count in counted]
