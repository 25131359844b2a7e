"""Which cases go to whom by themselves: the rules of bot.toml. No Discord, no HTTP, no SQL."""

from collections.abc import Sequence

from frontdesk import SettingsTable
from pydantic import Field, field_validator

from frontdesk_cases.cases import CaseRecord
from frontdesk_cases.changes import checked_tags
from frontdesk_cases.clocks import Urgency


class Colleague(SettingsTable):
    """[[plugins.cases.assignment.assignees]]: somebody who can be given cases.

    Args:
        id: as staff are known here: ``"discord:<user id>"`` or ``"flex:<identity>"``; the page /staff/ shows it.
        name: the name to show.
    """

    id: str = Field(pattern=r"^(discord|flex):\S+$")
    name: str = Field(min_length=1, max_length=80)


class AssignmentRule(SettingsTable):
    """[[plugins.cases.assignment]]: what happens to new cases; the first rule that fits holds.

    A case without an assignee that is given a tag of a rule later gets that rule's team and assignee too.

    Args:
        kinds: only cases of these kinds, such as ``["bug"]``; all by default.
        tags: only cases with one of these tags; all by default.
        priorities: only cases of these priorities; all by default.
        team: the team that gets them.
        assignees: the people who get them, in turn.
        priority: the priority that they get.
        add_tags: tags that they get.
    """

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: tuple[Urgency, ...] = ()
    team: str | None = Field(None, max_length=60)
    assignees: tuple[Colleague, ...] = ()
    priority: Urgency | None = None
    add_tags: tuple[str, ...] = ()

    @field_validator("tags", "add_tags")
    @classmethod
    def _are_tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return checked_tags(tags)

    def fits(self, case: CaseRecord) -> bool:
        """Tell whether the rule is about this case."""
        by_kind = not self.kinds or case.kind in self.kinds
        by_tag = not self.tags or bool(set(self.tags) & set(case.tags))
        return by_kind and by_tag and (not self.priorities or case.priority.name.lower() in self.priorities)


def next_in_turn(assignees: Sequence[Colleague], last: str | None) -> Colleague:
    """Choose who is next.

    Args:
        assignees: at least one.
        last: the id of who was last; one who is not in the list any more begins it anew.
    """
    ids = [colleague.id for colleague in assignees]
    return assignees[(ids.index(last) + 1) % len(ids) if last in ids else 0]
