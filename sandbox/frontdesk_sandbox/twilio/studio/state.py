"""What Studio remembers."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from frontdesk_sandbox.twilio.chat.state import Message


@dataclass
class Revision:
    """One state of a flow's definition."""

    number: int
    friendly_name: str
    status: str
    definition: dict[str, Any]
    commit_message: str | None
    errors: list[dict[str, str]]
    updated: datetime


@dataclass
class Flow:
    """A flow with its revisions; executions run the last published one."""

    sid: str
    created: datetime
    revisions: list[Revision] = field(default_factory=list)

    @property
    def latest(self) -> Revision:
        """The newest revision."""
        return self.revisions[-1]

    @property
    def published(self) -> Revision | None:
        """The revision that runs."""
        return next((r for r in reversed(self.revisions) if r.status == "published"), None)


@dataclass
class Step:
    """One widget that was run."""

    sid: str
    name: str
    event: str
    transitioned_to: str | None
    created: datetime


@dataclass
class Execution:
    """One run of a flow for one conversation."""

    sid: str
    flow_sid: str
    revision: int
    conversation_sid: str
    contact_sid: str
    created: datetime
    updated: datetime
    variables: dict[str, Any]
    status: str = "active"
    at: str = "Trigger"
    steps: list[Step] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
