"""What is asked of the list of cases: filters, orders and pages. No Discord, no HTTP, no SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from frontdesk import CaseStatus

from frontdesk_cases.cases import OPEN_STATUSES, CaseRecord, Clocks, Priority

NOT_DUE = datetime(9000, 1, 1, tzinfo=UTC)
"""When something is due for which nothing was promised, or whose promises are settled."""


class Order(Enum):
    """In which order cases are listed."""

    CHANGED = "changed"
    """The latest change first."""
    OPENED = "opened"
    """The newest first."""
    PRIORITY = "priority"
    """The most urgent first, among them the oldest."""
    DUE = "due"
    """What must be answered or resolved soonest first; without a promise last."""


Named = CaseStatus | Priority | str
"""What a reader's language has a name for: a status, a priority, a kind."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are listed; what is left out does not restrict.

    Args:
        text: words that must all occur somewhere in the case: number, title, description, kind, priority, fields,
            person, tags, assignee, team, timeline.
        statuses: one of these.
        kinds: one of these.
        priorities: one of these.
        tags: all of these.
        assignee: the id of who works on it; empty for nobody.
        team: the team.
        person_id: of this Discord user.
        late: only those with a promise that has been missed and is still open.
        names: what the reader's page calls statuses, priorities and kinds: in `text` they mean such cases too.
    """

    text: str = ""
    statuses: Sequence[CaseStatus] = OPEN_STATUSES
    kinds: Sequence[str] = ()
    priorities: Sequence[Priority] = ()
    tags: Sequence[str] = ()
    assignee: str | None = None
    team: str | None = None
    person_id: int | None = None
    late: bool = False
    names: Sequence[tuple[str, Named]] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Args:
        cases: in their order.
        after: where the next page begins, to be given back as it is; None at the end.
        total: how many fit the filter; counted up to a limit.
        more: whether there are more than `total` says.
    """

    cases: Sequence[CaseRecord]
    after: str | None
    total: int
    more: bool


def due_at(clocks: Clocks) -> datetime:
    """Give the end of the first promise that must still be kept, or was missed and is still open; else `NOT_DUE`."""
    dues: list[datetime] = []
    if clocks.answer_due is not None and clocks.answered_at is None and clocks.resolved_at is None:
        dues.append(clocks.answer_due)
    if clocks.resolve_due is not None and clocks.resolved_at is None:
        stands_still = clocks.paused_at is not None and clocks.paused_at <= clocks.resolve_due
        dues += () if stands_still else (clocks.resolve_due,)
    return min(dues, default=NOT_DUE)
