"""The changes that can be made to a case, and which of them are allowed. No Discord, no HTTP, no SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Protocol

from frontdesk import CaseStatus

from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, NewEntry, Priority, one_line, storable

TAG_LENGTH = 40
MOST_TAGS = 20

_ALL = frozenset(CaseStatus)
ALLOWED: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.OPEN: _ALL - {CaseStatus.OPEN},
    CaseStatus.PENDING_CUSTOMER: _ALL - {CaseStatus.PENDING_CUSTOMER},
    CaseStatus.PENDING_US: _ALL - {CaseStatus.PENDING_US},
    CaseStatus.RESOLVED: frozenset({CaseStatus.OPEN, CaseStatus.PENDING_US, CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset({CaseStatus.OPEN, CaseStatus.PENDING_US}),
}
"""Where a case can go from each status. A finished one is reopened first, never just set to wait for the member."""


class CaseError(Exception):
    """Something that cannot be done to a case; `problem` is the id of the sentence that says so.

    Args:
        problem: such as ``"not-allowed"``; the catalogs have ``problem-<problem>``.
        details: the sentence's values.
    """

    def __init__(self, problem: str, **details: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.details = details


class ConflictError(CaseError):
    """Somebody else has changed the case meanwhile; nothing was stored.

    Args:
        current: as it is now.
        wanted: what was to be done to it.
    """

    def __init__(self, current: CaseRecord, wanted: Sequence["Change"]) -> None:
        super().__init__("conflict")
        self.current = current
        self.wanted = wanted


class Change(Protocol):
    """One change of one field."""

    what: ClassVar[str]
    """The field, as `CaseChange` and the timeline name it."""

    def made(self, case: CaseRecord) -> CaseRecord:
        """Give the case as it is afterwards.

        Raises:
            CaseError: it is not allowed.
        """
        ...

    def value(self, case: CaseRecord) -> str:
        """Give the field's value as the timeline keeps it; empty for none."""
        ...


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Move the case on, or reopen it."""

    status: CaseStatus
    what: ClassVar[str] = "status"

    def made(self, case: CaseRecord) -> CaseRecord:
        if self.status is case.status:
            return case
        if self.status not in ALLOWED[case.status]:
            raise CaseError("not-allowed", before=case.status.value, after=self.status.value)
        return replace(case, status=self.status)

    def value(self, case: CaseRecord) -> str:
        return case.status.value


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Say how urgent it is."""

    priority: Priority
    what: ClassVar[str] = "priority"

    def made(self, case: CaseRecord) -> CaseRecord:
        return replace(case, priority=self.priority)

    def value(self, case: CaseRecord) -> str:
        return case.priority.name.lower()


@dataclass(frozen=True, slots=True)
class SetTags:
    """Replace the tags, or put some on and take others off."""

    tags: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    what: ClassVar[str] = "tags"

    def made(self, case: CaseRecord) -> CaseRecord:
        kept = case.tags if self.tags is None else self.tags
        tags = clean_tags([*kept, *self.add])
        gone = clean_tags(self.remove)
        return replace(case, tags=tuple(tag for tag in tags if tag not in gone))

    def value(self, case: CaseRecord) -> str:
        return ", ".join(case.tags)


@dataclass(frozen=True, slots=True)
class SetAssignee:
    """Give the case to somebody, or to nobody."""

    assignee: Actor | None
    what: ClassVar[str] = "assignee"

    def made(self, case: CaseRecord) -> CaseRecord:
        if self.assignee is None:
            return replace(case, assignee=None)
        return replace(case, assignee=Actor(storable(self.assignee.id), storable(self.assignee.name)))

    def value(self, case: CaseRecord) -> str:
        return case.assignee.name if case.assignee else ""


@dataclass(frozen=True, slots=True)
class Take(SetAssignee):
    """Give the case to oneself, unless somebody else has it by now."""

    assignee: Actor

    def made(self, case: CaseRecord) -> CaseRecord:
        if case.assignee is not None and case.assignee.id != self.assignee.id:
            raise CaseError("taken", name=case.assignee.name)
        return SetAssignee.made(self, case)


@dataclass(frozen=True, slots=True)
class SetTeam:
    """Give the case to a team, or to none."""

    team: str | None
    what: ClassVar[str] = "team"

    def made(self, case: CaseRecord) -> CaseRecord:
        return replace(case, team=storable(self.team or "") or None)

    def value(self, case: CaseRecord) -> str:
        return case.team or ""


@dataclass(frozen=True, slots=True)
class SetTitle:
    """Say better what it is about."""

    title: str
    what: ClassVar[str] = "title"

    def made(self, case: CaseRecord) -> CaseRecord:
        if not storable(self.title).strip():
            raise CaseError("no-title")
        return replace(case, title=one_line(self.title))

    def value(self, case: CaseRecord) -> str:
        return case.title


@dataclass(frozen=True, slots=True)
class SetField:
    """Fill in, change or empty one of the owner's fields; the value has been checked (see `custom`)."""

    name: str
    text: str
    what: ClassVar[str] = "field"

    def made(self, case: CaseRecord) -> CaseRecord:
        custom = {name: value for name, value in case.custom.items() if name != self.name}
        text = storable(self.text)
        return replace(case, custom=custom | ({self.name: text} if text else {}))

    def value(self, case: CaseRecord) -> str:
        return case.custom.get(self.name, "")


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Make tags of what was typed: small letters, no spaces around, each once, in alphabetical order.

    Raises:
        CaseError: one is too long, or they are too many.
    """
    cleaned = sorted({" ".join(storable(tag).casefold().replace(",", " ").split()) for tag in tags} - {""})
    if any(len(tag) > TAG_LENGTH for tag in cleaned) or len(cleaned) > MOST_TAGS:
        raise CaseError("tags", most=str(MOST_TAGS), length=str(TAG_LENGTH))
    return tuple(cleaned)


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Make tags of what stands in bot.toml.

    Raises:
        ValueError: as for `clean_tags`.
    """
    try:
        return clean_tags(tags)
    except CaseError:
        raise ValueError(f"at most {MOST_TAGS} tags of at most {TAG_LENGTH} characters each") from None


def make(case: CaseRecord, changes: Sequence[Change], by: Actor, at: datetime) -> tuple[CaseRecord, Sequence[NewEntry]]:
    """Make changes one after the other; those that change nothing leave no trace.

    Args:
        case: as it is.
        changes: what to do.
        by: who does it.
        at: when (UTC).

    Returns:
        The case afterwards, and what is to be put on its timeline.

    Raises:
        CaseError: one of them is not allowed.
    """
    entries: list[NewEntry] = []
    for change in changes:
        after = change.made(case)
        if after == case:
            continue
        data = {"what": change.what, "before": change.value(case), "after": change.value(after), "by": by.id}
        if isinstance(change, SetField):
            data["field"] = change.name
        if isinstance(change, SetAssignee):
            data["before_id"] = case.assignee.id if case.assignee else ""
            data["after_id"] = after.assignee.id if after.assignee else ""
        entries.append(NewEntry(EntryKind.CHANGE, by.name, "", at, data))
        case = after
    return case, entries


def status_entry(before: CaseRecord, after: CaseRecord, by: Actor, at: datetime) -> Sequence[NewEntry]:
    """Tell of a status that a merger has changed; nothing if it is the same."""
    if before.status is after.status:
        return ()
    data = {"what": "status", "before": before.status.value, "after": after.status.value, "by": by.id}
    return (NewEntry(EntryKind.CHANGE, by.name, "", at, data),)


def said(text: str) -> str:
    """Give what somebody wrote, without the spaces around it.

    Raises:
        CaseError: there is nothing.
    """
    if not text.strip():
        raise CaseError("empty")
    return text.strip()
