"""What the Interactions API remembers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ChannelStatus(StrEnum):
    """The life of an interaction's channel."""

    SETUP = "setup"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"
    INACTIVE = "inactive"
    TRANSFER = "transfer"


CHANNEL_TYPES = frozenset({"sms", "whatsapp", "web", "chat", "email", "messenger", "gbm"})


@dataclass
class Invite:
    """A task made to bring an agent into a channel."""

    sid: str
    routing: dict[str, Any]
    task_sid: str


@dataclass
class FlexParticipant:
    """Someone in a channel, as the Interactions API counts them."""

    sid: str
    type: str
    participant_sid: str | None
    identity: str | None
    task_sid: str | None = None
    left: bool = False


@dataclass
class Transfer:
    """An agent hands the channel to another agent or back to the queue."""

    sid: str
    type: str
    status: str
    from_participant: str | None
    to: str | None
    task_sid: str
    from_task_sid: str
    created: datetime
    updated: datetime


@dataclass
class Channel:
    """The one channel of an interaction."""

    sid: str
    type: str
    status: ChannelStatus = ChannelStatus.SETUP
    error_code: int | None = None
    error_message: str | None = None
    invites: list[Invite] = field(default_factory=list)
    participants: dict[str, FlexParticipant] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether it still binds its conversation."""
        return self.status in {ChannelStatus.SETUP, ChannelStatus.ACTIVE, ChannelStatus.TRANSFER}


@dataclass
class Interaction:
    """A conversation on its way through Flex."""

    sid: str
    channel: Channel
    media_channel_sid: str
    routing: dict[str, Any] | None
    created: datetime
    webhook_ttid: str | None = None
    interaction_context_sid: str | None = None


@dataclass
class InteractionWebhook:
    """Who hears of interactions."""

    ttid: str
    type: str
    url: str
    method: str
    events: list[str]
    created: datetime
