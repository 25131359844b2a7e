"""What the address of the list asks for: which cases, in which order. No Discord, no HTTP, no SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar
from urllib.parse import urlencode

from frontdesk import CaseStatus

from frontdesk_cases.cases import OPEN_STATUSES, Priority, storable
from frontdesk_cases.listing import Filter, Named, Order

ME = "me"
NOBODY = "nobody"
ALL = "all"
"""As a status: also those that are finished."""

_TEXT_LENGTH = 400
_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to see.

    Args:
        text: words to search for.
        statuses: one of these; empty for all.
        kinds: one of these.
        priorities: one of these.
        tags: all of these.
        assignee: `ME`, `NOBODY`, or somebody's id; empty for anybody.
        team: the team; empty for any.
        late: only those with a missed promise.
        order: how they are sorted.
    """

    text: str = ""
    statuses: tuple[CaseStatus, ...] = OPEN_STATUSES
    kinds: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    tags: tuple[str, ...] = ()
    assignee: str = ""
    team: str = ""
    late: bool = False
    order: Order = Order.CHANGED

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> "Question":
        """Read an address's query; what nobody can make sense of is left out.

        Args:
            pairs: names and values, as they stand there.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if kept := storable(value).strip():
                given.setdefault(name, []).append(kept[:_TEXT_LENGTH])
        named = _known(CaseStatus, given.get("status", ()))
        statuses = tuple(status for status in CaseStatus if status in named)
        everything = ALL in given.get("status", ()) or len(statuses) == len(CaseStatus)
        tags = [tag.strip().casefold() for text in given.get("tag", ()) for tag in text.split(",")]
        orders = _known(Order, given.get("order", ()))
        return cls(
            text=" ".join(given.get("q", ())),
            statuses=() if everything else statuses or OPEN_STATUSES,
            kinds=tuple(dict.fromkeys(given.get("kind", ()))),
            priorities=tuple(_priorities(given.get("priority", ()))),
            tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
            assignee=given.get("assignee", [""])[-1],
            team=given.get("team", [""])[-1],
            late=given.get("late", [""])[-1] == "1",
            order=orders[-1] if orders else Order.CHANGED,
        )

    def filter(self, me: str, names: Sequence[tuple[str, Named]]) -> Filter:
        """Give the filter that the list understands.

        Args:
            me: the id of whoever asks.
            names: what statuses, priorities and kinds are called in their language.
        """
        own = {ME: me, NOBODY: "", "": None}
        return Filter(
            text=self.text,
            statuses=self.statuses,
            kinds=self.kinds,
            priorities=self.priorities,
            tags=self.tags,
            assignee=own.get(self.assignee, self.assignee),
            team=self.team or None,
            late=self.late,
            names=names,
        )

    def written(self) -> str:
        """Write it as an address's query: the same question is always written in the same way."""
        statuses = [(ALL,)] if not self.statuses else [(status.value,) for status in self.statuses]
        pairs = [
            ("q", self.text),
            *(("status", value) for (value,) in statuses if self.statuses != OPEN_STATUSES),
            *(("kind", kind) for kind in self.kinds),
            *(("priority", priority.name.lower()) for priority in self.priorities),
            ("tag", ", ".join(self.tags)),
            ("assignee", self.assignee),
            ("team", self.team),
            ("late", "1" if self.late else ""),
            ("order", "" if self.order is Order.CHANGED else self.order.value),
        ]
        return urlencode([(name, value) for name, value in pairs if value])

    @property
    def narrowed(self) -> int:
        """How many filters are set besides the words and the status."""
        return sum(map(bool, (self.kinds, self.priorities, self.tags, self.assignee, self.team, self.late)))


BUILT_IN = {
    "open": Question(),
    "mine": Question(assignee=ME),
    "unassigned": Question(assignee=NOBODY),
    "late": Question(late=True, order=Order.DUE),
    "all": replace(Question(), statuses=()),
}
"""The views that everybody has."""


def _known(kind: type[_E], values: Sequence[str]) -> list[_E]:
    known = {member.value: member for member in kind}
    return [known[value] for value in dict.fromkeys(values) if value in known]


def _priorities(values: Sequence[str]) -> list[Priority]:
    known = {priority.name.lower(): priority for priority in Priority}
    return [known[value] for value in dict.fromkeys(values) if value in known]
