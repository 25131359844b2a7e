"""What can be chosen in a server: kinds, teams and tags that its recent cases use, and who is given cases."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from frontdesk import Staff, Store

from frontdesk_cases.cases import Actor
from frontdesk_cases.presenter import KNOWN_KINDS
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import CaseRow

LOOKED_AT = 1000
"""The newest cases of a server that are looked at."""

_FRESH = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen.

    Args:
        kinds: of cases.
        teams: in alphabetical order.
        tags: likewise.
        colleagues: who may work here and has signed in before, and who has been given cases, or is by the rules.
    """

    kinds: tuple[str, ...]
    teams: tuple[str, ...]
    tags: tuple[str, ...]
    colleagues: tuple[Actor, ...]

    def with_me(self, *more: Actor | None) -> tuple[Actor, ...]:
        """List the colleagues with some others, such as whoever asks, by name and each once."""
        known = {each.id: each for each in (*self.colleagues, *more) if each is not None and each.id}
        return tuple(sorted(known.values(), key=lambda each: (each.name.casefold(), each.id)))


class Recent:
    """Looks the choices up, and remembers them for some seconds.

    Args:
        store: the database.
        now: the clock (UTC).
        settings_for: gives a server's settings.
        colleagues: gives those who may work in a server, as far as they are known.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        settings_for: Callable[[int | None], CasesSettings],
        colleagues: Callable[[int], Awaitable[Sequence[Staff]]],
    ) -> None:
        self._store = store
        self._now = now
        self._settings_for = settings_for
        self._colleagues = colleagues
        self._known: dict[int, tuple[datetime, Choices]] = {}

    async def choices(self, guild_id: int) -> Choices:
        """Give what can be chosen in a server."""
        asked_at, known = self._known.get(guild_id, (None, None))
        if asked_at is not None and known is not None and self._now() - asked_at < _FRESH:
            return known
        found = await self._look(guild_id)
        self._known[guild_id] = (self._now(), found)
        return found

    async def _look(self, guild_id: int) -> Choices:
        c = CaseRow
        query = sa.select(c.kind, c.team, c.tags, c.assignee_id, c.assignee_name).where(c.guild_id == guild_id)
        async with self._store.read() as session:
            rows = list(await session.execute(query.order_by(c.number.desc()).limit(LOOKED_AT)))
        rules = self._settings_for(guild_id).assignment
        given = [Actor(each.id, each.name) for rule in rules for each in rule.assignees]
        people = {each.id: each for each in given}
        # The newest row is read first; it has the latest name.
        people |= {row.assignee_id: Actor(row.assignee_id, row.assignee_name or "") for row in rows[::-1]}
        people |= {each.id: Actor(each.id, each.name) for each in await self._colleagues(guild_id)}
        teams = {row.team for row in rows} | {rule.team for rule in rules}
        return Choices(
            kinds=tuple(sorted({*KNOWN_KINDS, *(row.kind for row in rows)})),
            teams=tuple(sorted(team for team in teams if team)),
            tags=tuple(sorted({tag for row in rows for tag in row.tags})),
            colleagues=tuple(each for id_, each in people.items() if id_),
        )
