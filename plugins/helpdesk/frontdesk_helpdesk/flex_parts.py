"""What a part of a Flex account is that the helpdesk needs: it tells how it stands, is made, and taken away again.

What we make carries `MADE_BY_US` in its name or description, or our own address; nothing else is changed or deleted.
"""

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from frontdesk import Twilio, TwilioError, TwilioTable

from frontdesk_helpdesk.flow import MADE_BY_US
from frontdesk_helpdesk.settings import HelpdeskSettings

FLOW_NAME = "Frontdesk helpdesk"
MANY = 1000
"""How many of a kind are looked through."""


class State(Enum):
    """How a part of the account stands, and so what is to be done about it."""

    IN_ORDER = "in order"
    THEIRS = "yours"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CONFLICT = "conflict"


CHANGES = frozenset({State.CREATE, State.UPDATE, State.DELETE})
"""The states of a part that is not as it is needed."""

Look = tuple[State, str]


@dataclass(slots=True)
class Account:
    """The account while it is being looked at.

    Args:
        twilio: an open client.
        known: the SIDs that bot.toml names, and the address that was noted there.
        settings: the helpdesk's.
        callbacks: the public address of the plugin's routes.
        priorities: those of tasks, besides 0.
        sids: what has been found or made, by key.
    """

    twilio: Twilio
    known: TwilioTable
    settings: HelpdeskSettings
    callbacks: str
    priorities: frozenset[int] = frozenset()
    sids: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Any:
        """TaskRouter's workspace."""
        return self.twilio.rest.taskrouter.v1.workspaces(self.sids["workspace_sid"])

    @property
    def seconds(self) -> int:
        """How long a task waits."""
        return self.settings.queue.minutes * 60

    def addresses(self, route: str) -> set[str]:
        """Give the addresses of a route that are this bot's own: the present one, and that of its last deploy."""
        return {f"{each}{route}" for each in (self.callbacks, self.known.callback_url) if each}


class Part(Protocol):
    """One part of the account."""

    @property
    def name(self) -> str:
        """What it is called in a plan."""
        ...

    async def look(self, account: Account) -> Look:
        """Read how it stands."""
        ...

    async def put(self, account: Account) -> None:
        """Create or update it."""
        ...

    async def made_by_us(self, account: Account) -> str | None:
        """Say what is there that we made; None if nothing is."""
        ...

    async def remove(self, account: Account) -> None:
        """Delete what we made."""
        ...


async def ours(resources: Any) -> Any | None:
    """Find the one that carries our mark in its name."""
    for each in await resources.list_async(limit=MANY):
        if MADE_BY_US in (each.friendly_name or ""):
            return each
    return None


async def fetched(resource: Any) -> Any | None:
    """Read a resource; None if it is not there."""
    try:
        return await resource.fetch_async()
    except TwilioError as error:
        if error.status == 404:
            return None
        raise


def plain(definition: Any) -> str:
    """Write a definition so that two that mean the same look the same."""
    return json.dumps(json.loads(definition) if isinstance(definition, str) else definition, sort_keys=True)
