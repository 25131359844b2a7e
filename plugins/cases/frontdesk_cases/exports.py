"""The list of cases as CSV, in which no stranger's text becomes a formula. No Discord, no HTTP, no SQL."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from frontdesk_cases.cases import CaseRecord

COLUMNS = (
    "number", "kind", "status", "priority", "title", "tags", "assignee", "team", "person", "person_id",
    "opened_at", "changed_at", "answered_at", "resolved_at", "answer_due", "resolve_due",
)  # fmt: skip
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BEHIND_SEPARATOR = re.compile("([;\t|]\\s*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text, or a part of it, for a formula.

    Where lists are written with semicolons, a spreadsheet may cut a cell in two there.
    """
    inside = _BEHIND_SEPARATOR.sub(r"\1'\2", text)
    return f"'{inside}" if inside.startswith(_FORMULAS) else inside


def head() -> str:
    """Give the first line; with a mark by which spreadsheets know that it is UTF-8."""
    return "\ufeff" + _written([COLUMNS])


def lines(cases: Iterable[CaseRecord], prefix: str) -> str:
    """Give the lines of some cases.

    Args:
        cases: in their order.
        prefix: what stands before their numbers.
    """
    return _written(_line(case, prefix) for case in cases)


def _line(case: CaseRecord, prefix: str) -> Sequence[str]:
    clocks = case.clocks
    moments = (
        case.opened_at, case.changed_at, clocks.answered_at, clocks.resolved_at, clocks.answer_due, clocks.resolve_due,
    )  # fmt: skip
    return [
        f"{prefix}{case.number}",
        case.kind,
        case.status.value,
        case.priority.name.lower(),
        case.title,
        ", ".join(case.tags),
        case.assignee.name if case.assignee else "",
        case.team or "",
        case.person.name,
        str(case.person.user_id),
        *(moment.strftime("%Y-%m-%d %H:%M:%S") if moment else "" for moment in moments),
    ]


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
