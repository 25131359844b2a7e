"""A door for tests of pages: the servers and roles are what the test says, everything else is real."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from frontdesk.staff import Role, RoleNames
from frontdesk.staff_door import StaffDoor
from frontdesk.staff_members import RolesUnknown
from frontdesk.staff_rows import StaffRows
from frontdesk.staff_sessions import Arrival, StaffSessions
from frontdesk.staff_tokens import StaffTokens
from frontdesk.store import Store


@dataclass
class Town:
    """Servers, and who has which role in them."""

    names: dict[int, str] = field(default_factory=lambda: {1: "Lantern Vale", 2: "Harbour"})
    people: dict[int, dict[int, Role]] = field(default_factory=dict)
    silent: bool = False

    def servers(self) -> Mapping[int, str]:
        return self.names

    async def roles_of(self, user_id: int, *, fresh: float = 60.0) -> Mapping[int, Role]:
        del fresh
        if self.silent:
            raise RolesUnknown("Discord does not answer.")
        return self.people.get(user_id, {})


def make_door(
    store: Store,
    town: Town,
    clock: Callable[[], datetime],
    *,
    public_url: str = "https://desk.example",
    seconds: Callable[[], float] = lambda: 0.0,
    roles: RoleNames | None = None,
    own_roles: Mapping[int, RoleNames] | None = None,
) -> StaffDoor:
    """Make a door whose sessions last 12 hours, or one hour without a page."""
    rows = StaffRows(store, keep=timedelta(days=30))
    sessions = StaffSessions(rows, town, named=(), lifetime=timedelta(hours=12), idle=timedelta(hours=1), clock=clock)
    tokens = StaffTokens(rows, clock=clock)
    return StaffDoor(
        sessions,
        tokens,
        public_url=public_url,
        frame_ancestors=("https://flex.twilio.com",),
        role_names=lambda guild_id: (own_roles or {}).get(guild_id, roles or RoleNames()),
        names_roles=bool(roles) or any((own_roles or {}).values()),
        clock=seconds,
    )


async def signed_in(door: StaffDoor, arrival: Arrival) -> str:
    """Let somebody in; returns the Cookie header of their browser."""
    begun = await door.sessions.begin(arrival, "198.51.100.0/24")
    assert begun is not None
    return f"{door.cookies.session_name}={begun[0]}"
