"""Gives out cases by the rules of bot.toml, in turn where several people can take one."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import rules_rows
from frontdesk_cases.assignment_rules import AssignmentRule, next_in_turn
from frontdesk_cases.cases import Actor, CaseRecord, Event, Priority
from frontdesk_cases.changes import Change, SetAssignee, SetPriority, SetTags, SetTeam
from frontdesk_cases.ledger import SettingsFor


class Assignment:
    """Gives out cases by the rules.

    Args:
        settings_for: gives a server's settings.
    """

    def __init__(self, settings_for: SettingsFor) -> None:
        self._settings_for = settings_for

    async def changes(self, session: AsyncSession, event: Event) -> Sequence[Change]:
        """Say what the rules do after an event."""
        case, before = event.case, event.before
        rules = self._settings_for(case.guild_id).assignment
        if before is None:
            fitting = [(number, rule) for number, rule in enumerate(rules) if rule.fits(case)]
        elif case.assignee is None and case.is_open:
            new = set(case.tags) - set(before.tags)
            fitting = [(number, rule) for number, rule in enumerate(rules) if new & set(rule.tags) and rule.fits(case)]
        else:
            return ()
        if not fitting:
            return ()
        number, rule = fitting[0]
        changes = await self._given(session, case, rule, str(number))
        return [*(self._marked(rule) if before is None else ()), *changes]

    def _marked(self, rule: AssignmentRule) -> Sequence[Change]:
        changes: list[Change] = []
        if rule.priority is not None:
            changes.append(SetPriority(Priority[rule.priority.upper()]))
        if rule.add_tags:
            changes.append(SetTags(add=rule.add_tags))
        return changes

    async def _given(
        self, session: AsyncSession, case: CaseRecord, rule: AssignmentRule, name: str
    ) -> Sequence[Change]:
        changes: list[Change] = []
        if rule.team is not None and case.team is None:
            changes.append(SetTeam(rule.team))
        if rule.assignees and case.assignee is None:
            last = await rules_rows.last_turn(session, case.guild_id, name)
            chosen = next_in_turn(rule.assignees, last)
            await rules_rows.note_turn(session, case.guild_id, name, chosen.id)
            changes.append(SetAssignee(Actor(chosen.id, chosen.name)))
        return changes
