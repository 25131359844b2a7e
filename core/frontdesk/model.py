"""The words that plugins share: value objects that travel through hooks. No Discord, no HTTP, no SQL in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Person:
    """A Discord member, as far as the desk needs to know them.

    Args:
        user_id: the Discord user's id.
        guild_id: the server in which they asked.
        name: the name to show to people (nickname, global name or user name).
        locale: Discord's locale of their client, such as ``"de"``; None if unknown.
        account_created: when the Discord account was made (UTC).
        joined_at: when they joined the server (UTC); None if unknown.
        roles: the names of their roles in the server.
    """

    user_id: int
    guild_id: int
    name: str
    locale: str | None = None
    account_created: datetime | None = None
    joined_at: datetime | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person wants to know.

    Args:
        text: what they wrote.
        person: who asks.
        language: the language to answer in, such as ``"en"``.
    """

    text: str
    person: Person
    language: str


@dataclass(frozen=True, slots=True)
class Article:
    """A page of the brand's knowledge base.

    Args:
        id: stable within its knowledge base.
        title: as shown to people.
        url: where it can be read; None if it has no public address.
        excerpt: the few sentences that fit the question, as plain Markdown.
        score: how well it fits, 0 to 1.
    """

    id: str
    title: str
    url: str | None
    excerpt: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the virtual agent says to a question.

    Args:
        text: the answer, as Markdown.
        articles: where it comes from, best first.
        confident: False if the person should be offered a human as well.
    """

    text: str
    articles: tuple[Article, ...] = ()
    confident: bool = True


class CaseStatus(Enum):
    """Where a case stands."""

    OPEN = "open"
    PENDING_CUSTOMER = "pending_customer"
    PENDING_US = "pending_us"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Speaker(Enum):
    """Who said a line of a conversation."""

    MEMBER = "member"
    VIRTUAL_AGENT = "virtual_agent"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation's transcript.

    Args:
        speaker: which side spoke.
        name: the name shown.
        text: what was said, as Markdown.
        said_at: when (UTC).
        key: names the line among those of all conversations, such as ``"helpdesk:42:discord:7"``, wherever it is met
            again; empty if it has no name.
    """

    speaker: Speaker
    name: str
    text: str
    said_at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file that belongs to what needs following up.

    Args:
        name: as its sender named it; may be anything.
        url: where it can be fetched now; such addresses of Discord expire after a day.
        content_type: as the platform says; may be wrong.
        size: in bytes, as the platform says.
        key: names the file, such as ``"helpdesk:x2Vq"``: a case keeps a file that it is told of again once. Empty if it
            has no name; then it counts as another one each time.
    """

    name: str
    url: str
    content_type: str = "application/octet-stream"
    size: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """Something that needs following up; the cases plugin makes a case of it.

    Args:
        key: names the event behind it, such as ``"helpdesk:42:1"``; the same key never opens a second case.
        kind: ``"agent_request"``, ``"bug"``, ``"feature"``, or a third party's own word.
        title: one line.
        description: the person's own words.
        person: whom it concerns.
        source_url: a link to where it came from (message, channel, conversation).
        fields: whatever else is worth knowing, label to value, in reading order.
        transcript: what was said before the case was opened.
        articles: what the knowledge base suggested.
        files: what the person attached; the cases plugin keeps copies.
    """

    key: str
    kind: str
    title: str
    description: str
    person: Person
    source_url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    transcript: tuple[Line, ...] = ()
    articles: tuple[Article, ...] = ()
    files: tuple[CaseFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the other plugins see it.

    Args:
        id: unique in the installation.
        guild_id: the server it belongs to.
        number: what people call it, such as ``"CASE-1042"``; unique per server.
        kind: see `CaseRequest`.
        title: one line.
        status: where it stands.
        person: whom it concerns.
        url: a signed address for staff, where it can be read.
        opened_at: when (UTC).
    """

    id: int
    guild_id: int
    number: str
    kind: str
    title: str
    status: CaseStatus
    person: Person
    url: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One change of a case.

    Args:
        by: the name of who changed it.
        what: the field, such as ``"status"``; one of the owner's own as ``"field:<name>"``.
        before: its value until then.
        after: its value from then on.
        changed_at: when (UTC).
    """

    by: str
    what: str
    before: str
    after: str
    changed_at: datetime


class HandoffState(Enum):
    """Where a conversation stands between the virtual agent and a live one."""

    BOT = "bot"
    REQUESTED = "requested"
    QUEUED = "queued"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Handoff:
    """A change of a conversation's handoff, told after it was stored.

    Args:
        conversation_id: the helpdesk's own number of the conversation.
        person: the member.
        state: the state that was entered.
        before: the state that was left; `ENDED` where a member goes on with an ended conversation in a new one.
        case: the case opened for it; None without the cases plugin.
        agent: the name of the live agent as shown to the member, once there is one.
        reason: why, where the state needs one (failed, timed out, cancelled).
        changed_at: when (UTC).
        conversation_sid: Twilio's Conversation, ``CH...``; None until it exists.
        task_sid: TaskRouter's task, ``WT...``; None where none is known.
        agent_identity: the live agent's identity towards Twilio, once there is one.
        key: names the step: the same one when it is told again. Empty if it has no name.
    """

    conversation_id: int
    person: Person
    state: HandoffState
    before: HandoffState
    case: Case | None
    agent: str | None
    reason: str | None
    changed_at: datetime
    conversation_sid: str | None = None
    task_sid: str | None = None
    agent_identity: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class StaffAnswer:
    """What staff answered to a member somewhere else than in the conversation, such as on a case's page.

    Args:
        key: names the answer; the same key never reaches anyone twice.
        conversation_id: the helpdesk's own number of the conversation.
        person: the member.
        author: the name of who answers.
        text: the answer, as Markdown.
        said_at: when (UTC).
    """

    key: str
    conversation_id: int
    person: Person
    author: str
    text: str
    said_at: datetime


class RelayState(Enum):
    """Where an answer stands that goes into a conversation."""

    UNDER_WAY = "under_way"
    ARRIVED = "arrived"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Relayed:
    """What has become of an answer that was taken into a conversation.

    Args:
        state: where it stands; of one that is under way nobody knows yet whether it will arrive.
        reason: why it was refused: ``"dm-closed"`` if the member takes no messages, or another word; empty otherwise.
    """

    state: RelayState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RelayedMessage:
    """A line of a conversation that was accepted by the other side.

    Args:
        conversation_id: the helpdesk's own number of the conversation.
        person: the member of the conversation.
        case: the conversation's case, if one is open.
        line: what was said.
        files: what came with it; each has a key.
    """

    conversation_id: int
    person: Person
    case: Case | None
    line: Line
    files: tuple[CaseFile, ...] = ()

    @property
    def key(self) -> str:
        """Names the message: the same one when it is told again. That of its line; empty if it has no name."""
        return self.line.key


@dataclass(frozen=True, slots=True)
class ChangedMessage:
    """A line of a conversation that its speaker has changed or taken back.

    Args:
        conversation_id: the helpdesk's own number of the conversation.
        person: the member of the conversation.
        case: the conversation's case, if one is open.
        line: as it is from then on; without text if it was taken back.
        before: what it said until then.
        revision: counts the changes of the line, from 1.
        changed_at: when (UTC).
    """

    conversation_id: int
    person: Person
    case: Case | None
    line: Line
    before: str
    revision: int
    changed_at: datetime

    @property
    def key(self) -> str:
        """Names the change: the same one when it is told again. Empty if the line has no name."""
        return f"{self.line.key}@{self.revision}" if self.line.key else ""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a member thought of a conversation that has ended.

    Args:
        conversation_id: the helpdesk's own number of the conversation.
        person: the member.
        case: the conversation's case; None if it had none.
        agent: the name of the live agent as shown to the member; None if only the virtual agent helped.
        stars: 1 (bad) to 5 (very good).
        comment: the member's own words; None if there are none.
        before: the stars given until then; None for a first rating.
        given_at: when (UTC).
        key: names this rating or change of it: the same one when it is told again. Empty if it has no name.
    """

    conversation_id: int
    person: Person
    case: Case | None
    agent: str | None
    stars: int
    comment: str | None
    before: int | None
    given_at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Official news that was posted into an announcements channel.

    Args:
        guild_id: the server.
        channel_id: the announcements channel.
        message_id: the message in it.
        title: its headline.
        text: its body, as Markdown.
        source: where it came from, such as ``"moderator"``.
    """

    guild_id: int
    channel_id: int
    message_id: int
    title: str
    text: str
    source: str
