"""What the forms on a case's page ask for, as changes of the case. No Discord, no HTTP, no SQL."""

from collections.abc import Mapping, Sequence

from frontdesk import CaseStatus

from frontdesk_cases.cases import Actor, Priority
from frontdesk_cases.changes import (
    CaseError,
    Change,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTags,
    SetTeam,
    SetTitle,
)
from frontdesk_cases.custom import CustomField, field_named

CUSTOM = "custom-"
"""In front of the name of one of the owner's fields."""

WAS = "was-"
"""In front of a field's name: the value that the person saw before they changed it."""

TEAM_LENGTH = 60


def changes_of(form: Mapping[str, str], colleagues: Sequence[Actor], fields: Sequence[CustomField]) -> Sequence[Change]:
    """Read the form with a case's fields: only what the person has changed becomes a change.

    Args:
        form: the form's values; ``was-<name>`` is what stood in a field.
        colleagues: who can be given the case.
        fields: the owner's own fields.

    Raises:
        CaseError: a value cannot be.
    """
    changes: list[Change] = []
    for name, text in form.items():
        if name.startswith(WAS) or plain(form.get(f"{WAS}{name}", "")) == plain(text):
            continue
        if name.startswith(CUSTOM):
            changes.append(field_named(fields, name.removeprefix(CUSTOM)).change(text))
        else:
            changes += _change(name, text.strip(), colleagues)
    return changes


def _change(name: str, text: str, colleagues: Sequence[Actor]) -> Sequence[Change]:
    match name:
        case "title":
            return (SetTitle(text),)
        case "status":
            return (SetStatus(_status(text)),)
        case "priority":
            return (SetPriority(_priority(text)),)
        case "tags":
            return (SetTags(tuple(text.split(","))),)
        case "team":
            if len(text) > TEAM_LENGTH:
                raise CaseError("team-long", length=str(TEAM_LENGTH))
            return (SetTeam(text or None),)
        case "assignee":
            return (SetAssignee(colleague(text, colleagues) if text else None),)
    return ()


def colleague(id_: str, colleagues: Sequence[Actor]) -> Actor:
    """Find somebody who can be given cases.

    Raises:
        CaseError: nobody knows them.
    """
    for each in colleagues:
        if each.id == id_:
            return each
    raise CaseError("no-colleague")


def status_after(then: str) -> Sequence[Change]:
    """Say what becomes of the status with an answer: nothing is said for waiting, that is the rule.

    Args:
        then: a status; empty for the rule.
    """
    return (SetStatus(_status(then)),) if then else ()


def number_of(text: str, prefix: str) -> int:
    """Read a case's number as people write it: with or without what stands before it.

    Raises:
        CaseError: it is none.
    """
    digits = text.strip().casefold().removeprefix(prefix.casefold()).lstrip("#").strip()
    if not digits.isdecimal() or len(digits) > 9:
        raise CaseError("no-number", prefix=prefix)
    return int(digits)


def _status(text: str) -> CaseStatus:
    try:
        return CaseStatus(text)
    except ValueError:
        raise CaseError("no-choice") from None


def _priority(text: str) -> Priority:
    try:
        return Priority[text.upper()]
    except KeyError:
        raise CaseError("no-choice") from None


def plain(text: str) -> str:
    """Give a text with our line ends: browsers send their own."""
    return text.replace("\r\n", "\n").strip()
