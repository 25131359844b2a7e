"""What a case is: its record, its timeline, and what becomes an entry of it. No Discord, no HTTP, no SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from frontdesk import Article, CaseRequest, CaseStatus, ChangedMessage, Handoff, Line, Person, Rating, Speaker

FIRST_NUMBER = 1001
"""The number of a server's first case."""

TITLE_LENGTH = 200
"""Characters of a title; what is longer is cut, the description has it all."""

OPEN_STATUSES = (CaseStatus.OPEN, CaseStatus.PENDING_CUSTOMER, CaseStatus.PENDING_US)
"""A case in one of these still needs somebody."""


class Priority(IntEnum):
    """How urgent a case is; the greater the sooner."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to a case.

    Args:
        id: of a member of staff, such as ``"discord:123"`` or, for an agent in Flex, ``"flex:<identity>"``; empty for
            the desk itself and for members.
        name: the name to show; empty for the desk itself.
    """

    id: str
    name: str


DESK = Actor("", "")
"""What happens by rule, without a person."""


class EntryKind(Enum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    MESSAGE = "message"
    MESSAGE_CHANGED = "message_changed"
    HANDOFF = "handoff"
    RATING = "rating"
    NOTE = "note"
    CHANGE = "change"
    NOTIFIED = "notified"
    FILE = "file"
    LINK = "link"
    MERGED = "merged"
    SPLIT = "split"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to be put on a timeline.

    Args:
        kind: what it tells.
        author: the name of who did it; empty if nobody in particular.
        text: what was said; empty where `data` says it.
        at: when it happened (UTC); the order of the timeline.
        data: what the kind needs besides, such as a change's ``what``, ``before`` and ``after``.
        key: names what others have told us, which is put on a timeline once; empty for what has no name.
    """

    kind: EntryKind
    author: str
    text: str
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry(NewEntry):
    """A line of the timeline as it was stored; never changed afterwards.

    Args:
        id: grows in the order of storing.
        case_id: the case on which it was written; another one than the shown case's after a merger.
    """

    id: int = 0
    case_id: int = 0


TOLD_WARNING = 1
TOLD_MISSED = 2


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was promised, and what became of it; all moments UTC, None where there is none.

    Args:
        answer_due: until when the first answer must be given.
        resolve_due: until when the case must be resolved; moves on while we wait for the member.
        answered_at: the first answer by a person of ours.
        resolved_at: when it was resolved or closed; None again once it is reopened.
        paused_at: since when the resolution's clock stands still.
        waited: open time that does not count for the resolution: while the case waited for the member, or was finished.
        finished: open time in which it was finished, up to its last reopening; it counts for no promise.
        closed_at: when it was closed; None again once it is reopened.
        answer_told: what staff were told of the first answer's clock: 0 nothing, `TOLD_WARNING`, or `TOLD_MISSED`.
        resolve_told: likewise of the resolution's.
    """

    answer_due: datetime | None = None
    resolve_due: datetime | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    paused_at: datetime | None = None
    waited: timedelta = timedelta()
    finished: timedelta = timedelta()
    closed_at: datetime | None = None
    answer_told: int = 0
    resolve_told: int = 0


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it is stored.

    Args:
        id: unique in the installation.
        number: counts up per server, from `FIRST_NUMBER`.
        key: names the event behind it; unique per server.
        kind: see `CaseRequest`.
        title: one line.
        description: the person's own words.
        status: where it stands.
        person: whom it concerns, as known when it was opened.
        source_url: where it came from.
        fields: what else is worth knowing, label to value.
        articles: what the knowledge base suggested.
        opened_at: when (UTC).
        changed_at: when it, or its timeline, last changed (UTC).
        version: grows with each change by which two people could hinder each other.
        priority: how urgent.
        tags: words to find it by, in alphabetical order.
        assignee: who works on it.
        team: which team does.
        custom: the owner's fields of bot.toml, name to value; those without a value are left out.
        clocks: what was promised.
        member_wrote_at: when the member last wrote (UTC).
        staff_wrote_at: when we last did.
        warned_at: when the member was told that it will be closed for silence; None once somebody writes, or the status
            changes.
        merged_into: the case that goes on with it.
        conversation_id: the helpdesk's conversation, once one belongs to it.
        conversation_sid: Twilio's Conversation.
        task_sid: TaskRouter's task.
    """

    id: int
    number: int
    key: str
    kind: str
    title: str
    description: str
    status: CaseStatus
    person: Person
    source_url: str | None
    fields: Mapping[str, str]
    articles: Sequence[Article]
    opened_at: datetime
    changed_at: datetime
    version: int = 1
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    assignee: Actor | None = None
    team: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    clocks: Clocks = field(default_factory=Clocks)
    member_wrote_at: datetime | None = None
    staff_wrote_at: datetime | None = None
    warned_at: datetime | None = None
    merged_into: int | None = None
    conversation_id: int | None = None
    conversation_sid: str | None = None
    task_sid: str | None = None

    @property
    def guild_id(self) -> int:
        """The server it belongs to."""
        return self.person.guild_id

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case, told to its followers inside the transaction that stores it.

    Args:
        case: as it is now.
        before: as it was; None if it was just opened.
        entries: what was put on its timeline, with ids.
        by: who did it.
    """

    case: CaseRecord
    before: CaseRecord | None
    entries: Sequence[TimelineEntry]
    by: Actor


def one_line(title: str) -> str:
    """Make a title of any text: one line, not too long, never empty."""
    joined = " ".join(storable(title).split())
    if len(joined) > TITLE_LENGTH:
        joined = joined[: TITLE_LENGTH - 1].rstrip() + "…"
    return joined or "—"


def opening_entries(request: CaseRequest, by: Actor, at: datetime) -> list[NewEntry]:
    """Begin a timeline: what was said before, then the opening."""
    before = [message_entry(line) for line in sorted(request.transcript, key=lambda line: line.said_at)]
    return [*before, NewEntry(EntryKind.OPENED, by.name or request.person.name, "", at)]


def message_entry(line: Line) -> NewEntry:
    """Keep a line of a conversation."""
    speaker = {"speaker": line.speaker.value}
    return NewEntry(EntryKind.MESSAGE, line.name, line.text, line.said_at, speaker, line.key)


def changed_message_entry(message: ChangedMessage) -> NewEntry:
    """Keep new words of a line, or, without any, that it was taken back; the line itself stays as it was."""
    line = message.line
    data = {
        "speaker": line.speaker.value,
        "line": line.key,
        "said_at": line.said_at.isoformat(),
        "before": message.before,
    }
    return NewEntry(EntryKind.MESSAGE_CHANGED, line.name, line.text, message.changed_at, data, message.key)


def as_said_now(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Put the newest words in the place of older ones, and leave out what was taken back.

    Args:
        entries: of a timeline, in its order.
    """
    entries = list(entries)
    newest = {entry.data["line"]: entry.text for entry in entries if entry.kind is EntryKind.MESSAGE_CHANGED}
    now = [
        replace(entry, text=newest.get(entry.key, entry.text)) if entry.kind is EntryKind.MESSAGE else entry
        for entry in entries
        if entry.kind is not EntryKind.MESSAGE_CHANGED
    ]
    return [entry for entry in now if entry.text or newest.get(entry.key) != ""]


def answer_entry(text: str, by: Actor, at: datetime) -> NewEntry:
    """Keep an answer that staff wrote on the case itself; it has to be brought to the member."""
    return NewEntry(EntryKind.MESSAGE, by.name, text, at, {"speaker": Speaker.AGENT.value, "from": "case", "by": by.id})


def added_entry(text: str, by: Person, at: datetime) -> NewEntry:
    """Keep what the member added to the case outside of a conversation."""
    return NewEntry(EntryKind.MESSAGE, by.name, text, at, {"speaker": Speaker.MEMBER.value, "from": "case"})


def note_entry(text: str, by: Actor, at: datetime) -> NewEntry:
    """Keep a note among staff; members never see it."""
    return NewEntry(EntryKind.NOTE, by.name, text, at, {"by": by.id})


def handoff_entry(handoff: Handoff) -> NewEntry:
    """Keep a step on the way to a live agent, or back."""
    data = {"state": handoff.state.value, "before": handoff.before.value}
    return NewEntry(EntryKind.HANDOFF, handoff.agent or "", handoff.reason or "", handoff.changed_at, data, handoff.key)


def rating_entry(rating: Rating) -> NewEntry:
    """Keep what the member thought of the conversation."""
    stars = {"stars": str(rating.stars)}
    return NewEntry(EntryKind.RATING, rating.person.name, rating.comment or "", rating.given_at, stars, rating.key)


def file_entry(file_id: str, name: str, size: int, by: str, at: datetime) -> NewEntry:
    """Keep that a file was added; the cabinet has what became of its content."""
    return NewEntry(EntryKind.FILE, by, "", at, {"file": file_id, "name": name, "size": str(size)})


def lost_file_entry(file_id: str, name: str, reason: str, at: datetime) -> NewEntry:
    """Keep that the content of a file could not be had."""
    return NewEntry(EntryKind.FILE, "", "", at, {"file": file_id, "name": name, "lost": reason})


def notified_entry(what: str, outcome: str, at: datetime, **data: str) -> NewEntry:
    """Keep that the member was told something, or could not be told.

    Args:
        what: of which they were told, such as ``"answer"`` or ``"resolved"``.
        outcome: ``"delivered"``, ``"relayed"`` (in the helpdesk's conversation) or ``"refused"``.
        at: when (UTC).
        data: the ``reason`` of a refusal; the ``entry`` of which they were told.
    """
    return NewEntry(EntryKind.NOTIFIED, "", "", at, {"what": what, "outcome": outcome, **data})


def staff_wrote(case: CaseRecord, at: datetime) -> CaseRecord:
    """Note that a person of ours has written; the earliest time is the first answer."""
    answered_at = min(case.clocks.answered_at or at, at)
    clocks = case.clocks if answered_at == case.clocks.answered_at else replace(case.clocks, answered_at=answered_at)
    return replace(case, staff_wrote_at=_later(case.staff_wrote_at, at), warned_at=None, clocks=clocks)


def member_wrote(case: CaseRecord, at: datetime) -> CaseRecord:
    """Note that the member has written; a line that comes late changes no later moment."""
    return replace(case, member_wrote_at=_later(case.member_wrote_at, at), warned_at=None)


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)


def storable(text: str) -> str:
    """Take out what a database cannot keep: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
