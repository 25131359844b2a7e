"""Macros: several changes and an answer in one step, written by the owner in bot.toml. No Discord, no HTTP, no SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk import CaseStatus, SettingsTable
from pydantic import Field, field_validator

from frontdesk_cases.cases import Actor, CaseRecord, Priority
from frontdesk_cases.changes import (
    CaseError,
    Change,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTags,
    SetTeam,
    checked_tags,
)
from frontdesk_cases.clocks import Urgency

ME = "me"
"""As a macro's assignee: whoever uses it."""


class Macro(SettingsTable):
    """[[plugins.cases.macros]]: several changes and an answer in one step.

    Args:
        name: how agents choose it.
        answer: what the member is told; ``{name}`` is the member's name, ``{number}`` the case's number.
        note: what is noted for staff.
        status: the status afterwards.
        priority: the priority afterwards.
        team: the team afterwards.
        assignee: ``"me"`` gives the case to whoever uses the macro, ``"nobody"`` takes it away.
        add_tags: tags to put on.
        remove_tags: tags to take off.
    """

    name: str = Field(min_length=1, max_length=80)
    answer: str = Field("", max_length=4000)
    note: str = Field("", max_length=4000)
    status: CaseStatus | None = None
    priority: Urgency | None = None
    team: str | None = Field(None, max_length=60)
    assignee: str | None = Field(None, pattern="^(me|nobody)$")
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    @field_validator("add_tags", "remove_tags")
    @classmethod
    def _are_tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return checked_tags(tags)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a macro does to one case.

    Args:
        answer: for the member; empty for none.
        note: for staff; empty for none.
        changes: of the case.
    """

    answer: str
    note: str
    changes: Sequence[Change]


def macro_named(macros: Sequence[Macro], name: str) -> Macro:
    """Find a macro by its name.

    Raises:
        CaseError: there is none.
    """
    for macro in macros:
        if macro.name == name:
            return macro
    raise CaseError("no-macro", macro=name)


def steps(macro: Macro, case: CaseRecord, number: str, by: Actor) -> Steps:
    """Say what a macro does to a case.

    Args:
        macro: which.
        case: the case.
        number: what people call it.
        by: who uses it.
    """
    changes: list[Change] = []
    if macro.assignee is not None:
        changes.append(SetAssignee(by if macro.assignee == ME else None))
    if macro.team is not None:
        changes.append(SetTeam(macro.team))
    if macro.priority is not None:
        changes.append(SetPriority(Priority[macro.priority.upper()]))
    if macro.add_tags or macro.remove_tags:
        changes.append(SetTags(add=macro.add_tags, remove=macro.remove_tags))
    if macro.status is not None:
        changes.append(SetStatus(macro.status))
    values = {"{name}": case.person.name, "{number}": number}
    return Steps(_filled(macro.answer, values), _filled(macro.note, values), changes)


def _filled(text: str, values: dict[str, str]) -> str:
    for place, value in values.items():
        text = text.replace(place, value)
    return text
