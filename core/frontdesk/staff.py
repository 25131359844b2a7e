"""Who works here: staff, what they may do, and in which Discord servers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Role(Enum):
    """What somebody may do, from less to more; each includes those before it."""

    VIEWER = "viewer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for the least."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what the other one may.

        Args:
            other: the role that is asked for.
        """
        return self.rank >= other.rank


@dataclass(frozen=True)
class Staff:
    """Somebody who is signed in, or a program with a token, with what they may do at this moment.

    Args:
        id: such as ``"discord:123"``, ``"flex:<identity>"`` or ``"token:<number>"``.
        name: how others see them.
        roles: by Discord server (guild id). Who works in Flex has their role in every server of the bot.
        via: how they came in: ``"discord"``, ``"flex"`` or ``"token"``.
        session_id: the number of their session; None for a token.
    """

    id: str
    name: str
    roles: Mapping[int, Role]
    via: str
    session_id: int | None = field(default=None, compare=False)

    @property
    def highest(self) -> Role | None:
        """The greatest role in any server; None without one."""
        return max(self.roles.values(), key=lambda role: role.rank, default=None)

    def role_in(self, guild_id: int) -> Role | None:
        """The role in one server; None for no business there.

        Args:
            guild_id: the Discord server.
        """
        return self.roles.get(guild_id)

    def guilds_with(self, role: Role) -> list[int]:
        """The servers where they may do what a role may, in ascending order.

        Args:
            role: the least that they must be.
        """
        return sorted(guild_id for guild_id, own in self.roles.items() if own.includes(role))

    def may(self, role: Role, guild_id: int | None = None) -> bool:
        """Whether they may do what a role may, in one server or (None) in any.

        Args:
            role: the least that they must be.
            guild_id: the Discord server.
        """
        if guild_id is None:
            return any(own.includes(role) for own in self.roles.values())
        own = self.roles.get(guild_id)
        return own is not None and own.includes(role)


@dataclass(frozen=True)
class RoleNames:
    """Which Discord roles make somebody staff in one server; by name or id.

    Args:
        viewer: roles of who may look.
        agent: roles of who may work.
        supervisor: roles of who may do everything.
    """

    viewer: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    supervisor: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether any role is named."""
        return bool(self.viewer or self.agent or self.supervisor)

    def role_for(self, held: Mapping[int, str]) -> Role | None:
        """The greatest role that somebody's Discord roles give.

        Args:
            held: the names of their roles by id.
        """
        # A role that somebody has called like the id of another one must not pass for it.
        marks = {name for name in held.values() if not name.isdecimal()} | {str(role_id) for role_id in held}
        wanted = {Role.SUPERVISOR: self.supervisor, Role.AGENT: self.agent, Role.VIEWER: self.viewer}
        return next((role for role, names in wanted.items() if not names.isdisjoint(marks)), None)


def highest_of(names: Mapping[str, Role], held: "tuple[str, ...]") -> Role | None:
    """The greatest role that somebody's roles in Flex give.

    Args:
        names: which Flex role gives what.
        held: their roles in Flex.
    """
    found = [names[name] for name in held if name in names]
    return max(found, key=lambda role: role.rank, default=None)
