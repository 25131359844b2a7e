"""What Conversations remembers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from frontdesk_sandbox.twilio.sids import new_sid


class ConversationState(StrEnum):
    """The life of a conversation; closed is final."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


@dataclass(frozen=True)
class Origin:
    """Who makes a change: decides whether webhooks fire and what they say of their source.

    Attributes:
        source: ``API`` for REST, ``SDK`` for the Flex UI.
        identity: of the SDK's client.
        fires: whether webhooks fire (REST: only when the header asks for it).
    """

    source: str
    identity: str | None = None
    fires: bool = True


@dataclass
class Media:
    """An uploaded file; used by at most one message."""

    sid: str
    content_type: str
    filename: str | None
    content: bytes
    author: str | None
    created: datetime
    message_sid: str | None = None


@dataclass
class Message:
    """One message of a conversation."""

    sid: str
    conversation_sid: str
    index: int
    author: str
    body: str
    attributes: str
    participant_sid: str | None
    created: datetime
    updated: datetime
    source: str
    media: list[Media] = field(default_factory=list)


@dataclass
class Participant:
    """Someone in a conversation."""

    sid: str
    conversation_sid: str
    identity: str | None
    attributes: str
    role_sid: str
    created: datetime
    updated: datetime
    messaging_binding: dict[str, str] | None = None
    last_read_message_index: int | None = None
    last_read_timestamp: str | None = None


@dataclass
class ConversationWebhook:
    """A target that hears of one conversation."""

    sid: str
    conversation_sid: str
    target: str
    created: datetime
    updated: datetime
    url: str | None = None
    method: str = "post"
    filters: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)
    flow_sid: str | None = None
    replay_after: int | None = None


@dataclass
class User:
    """A chat user: made by hand or by becoming a participant."""

    sid: str
    identity: str
    friendly_name: str | None
    attributes: str
    role_sid: str
    created: datetime
    updated: datetime


@dataclass
class Conversation:
    """One conversation with all that belongs to it."""

    sid: str
    created: datetime
    updated: datetime
    last_activity: datetime
    friendly_name: str | None = None
    unique_name: str | None = None
    attributes: str = "{}"
    state: ConversationState = ConversationState.ACTIVE
    inactive_after: timedelta | None = None
    closed_after: timedelta | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    participants: dict[str, Participant] = field(default_factory=dict)
    webhooks: dict[str, ConversationWebhook] = field(default_factory=dict)
    next_index: int = 0

    @property
    def date_inactive(self) -> datetime | None:
        """When the timer makes it inactive."""
        if self.inactive_after is None or self.state is not ConversationState.ACTIVE:
            return None
        return self.last_activity + self.inactive_after

    @property
    def date_closed(self) -> datetime | None:
        """When the timer closes it."""
        if self.closed_after is None or self.state is ConversationState.CLOSED:
            return None
        return self.last_activity + (self.inactive_after or timedelta()) + self.closed_after

    def by_identity(self, identity: str) -> Participant | None:
        """The participant with this identity."""
        return next((p for p in self.participants.values() if p.identity == identity), None)

    def texts(self) -> list[str]:
        """The bodies, oldest first."""
        return [message.body for message in self.messages.values()]


@dataclass
class ServiceRecord:
    """A Conversations service; the account has one default."""

    sid: str
    friendly_name: str
    created: datetime
    updated: datetime
    role_sid: str = field(default_factory=lambda: new_sid("RL"))
    guest_role_sid: str = field(default_factory=lambda: new_sid("RL"))
