"""What goes in and out of the JSON API: each shape once, for checking, for answering and for the OpenAPI document."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from frontdesk import CaseStatus
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from frontdesk_cases.book import TimelinePage
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, Priority, TimelineEntry
from frontdesk_cases.duplicates import Likeness
from frontdesk_cases.file_rows import KeptFile
from frontdesk_cases.forms import TEAM_LENGTH
from frontdesk_cases.listing import Order
from frontdesk_cases.views import EVERYBODY, NAME_LENGTH, QUERY_LENGTH, View

PriorityName = Literal["low", "normal", "high", "urgent"]
Snowflake = Annotated[
    str,
    StringConstraints(pattern=r"^([1-9][0-9]{0,17}|[1-8][0-9]{18}|9[01][0-9]{17}|92[01][0-9]{16}|922[0-2][0-9]{15})$"),
]
"""An id of Discord: a string, since JavaScript's numbers are too small for it."""
CaseId = Annotated[int, Field(ge=1, le=2**53)]
# Something must be said in it: white space alone is nothing.
Words = Annotated[str, StringConstraints(max_length=10_000, pattern=r"[^\s\x00]")]
Title = Annotated[str, StringConstraints(max_length=1_000, pattern=r"[^\s\x00]")]
StaffId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(max_length=200)]
Team = Annotated[str, StringConstraints(max_length=TEAM_LENGTH)]
Key = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s,]{1,40}$")]


class Shape(BaseModel):
    """Something that goes in or out; what nobody has described is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewCase(Shape):
    """A case to open."""

    server: Snowflake = Field(description="the Discord server")
    title: Title
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "request"
    person: Snowflake = Field(description="whom it concerns: a member of the server")
    fields: dict[Short, Short] = Field({}, max_length=25)
    key: Key | None = Field(
        None, description="names the event behind it: with the same key, the same case is given, and no second one"
    )


class ActorShape(Shape):
    """Somebody of the staff."""

    id: str
    name: str

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """Show somebody."""
        return cls(id=actor.id, name=actor.name)


class CaseChanges(Shape):
    """What to change; what is left out stays. All of it is done, or nothing."""

    version: Annotated[int, Field(ge=1, le=2**31)] | None = Field(
        None, description="of the case as you know it; 409 if it has changed since. Or send If-Match, and get 412"
    )
    status: CaseStatus | None = None
    priority: PriorityName | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None
    assignee: StaffId | None = Field(
        None, description="an id, of those that listChoices gives or of the case's assignee; null for nobody"
    )
    team: Team | None = Field(None, description="null for none")
    title: Title | None = None
    fields: dict[Short, Annotated[str, StringConstraints(max_length=1_000)]] = Field(
        {}, description="the owner's fields by name; empty to empty one", max_length=50
    )


class Answer(Shape):
    """An answer to the member."""

    text: Words
    status: CaseStatus | None = Field(None, description="without, the case waits for the member")
    version: Annotated[int, Field(ge=1, le=2**31)] | None = None
    key: Key | None = Field(None, description="names the answer: sent again with the same key, it is not written twice")


class Note(Shape):
    """A note for staff; members never see it."""

    text: Words
    key: Key | None = Field(None, description="names the note: sent again with the same key, it is not written twice")


class UseMacro(Shape):
    """A macro to use on a case."""

    macro: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(description="its name")
    version: Annotated[int, Field(ge=1, le=2**31)] | None = Field(
        None, description="of the case as you know it; 409 if it has changed since. Or send If-Match, and get 412"
    )


class MergeInto(Shape):
    """Where a case goes on."""

    into: CaseId


class Split(Shape):
    """A case to be made of messages of another."""

    entries: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(min_length=1, max_length=500)
    title: Title


class NewView(Shape):
    """A view to save."""

    server: Snowflake
    name: Annotated[str, StringConstraints(max_length=NAME_LENGTH, pattern=r"[^\s\x00]")]
    query: Annotated[str, StringConstraints(max_length=QUERY_LENGTH, pattern=r"^[\x21-\x7e]*$")] = Field(
        description="as in the list's address"
    )
    everybody: bool = Field(False, description="for all staff of the server; takes a supervisor")


class ListQuery(Shape):
    """Which cases are listed; what is left out does not restrict, and without a status all open ones are listed."""

    server: Snowflake | None = None
    text: Annotated[str, StringConstraints(max_length=500)] = ""
    status: Sequence[CaseStatus | Literal["any"]] = ()
    kind: Sequence[Short] = ()
    priority: Sequence[PriorityName] = ()
    tag: Annotated[Sequence[Short], Field(max_length=20)] = ()
    assignee: Short | None = Field(None, description="an id; empty for nobody")
    team: Short | None = Field(None, description="empty for none")
    person: Snowflake | None = None
    late: Literal["yes", "no"] = "no"
    order: Order = Order.CHANGED
    after: Annotated[str, StringConstraints(max_length=400)] | None = Field(
        None, description="`after` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ServerQuery(Shape):
    """Of which server."""

    server: Snowflake | None = None


class FileQuery(Shape):
    """How an uploaded file is called."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TimelineQuery(Shape):
    """Which part of the timeline is given."""

    before: CaseId | None = Field(
        None, description="the id of the entry before which it ends: `older` of a later part; without, the latest part"
    )


class NoQuery(Shape):
    """Nothing may be asked."""


class Promise(Shape):
    """What was promised."""

    answer_due: datetime | None
    resolve_due: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    paused_at: datetime | None


class PersonOut(Shape):
    """Whom a case concerns."""

    id: str
    name: str
    locale: str | None


class CaseOut(Shape):
    """A case."""

    id: int
    server: str
    number: str
    kind: str
    title: str
    description: str
    status: CaseStatus
    priority: PriorityName
    tags: list[str]
    assignee: ActorShape | None
    team: str | None
    person: PersonOut
    source_url: str | None
    fields: dict[str, str]
    custom: dict[str, str]
    clocks: Promise
    opened_at: datetime
    changed_at: datetime
    version: int
    merged_into: int | None
    conversation_sid: str | None = Field(description="Twilio's Conversation, once one belongs to it")
    task_sid: str | None = Field(description="TaskRouter's task, the latest one")

    @classmethod
    def of(cls, case: CaseRecord, prefix: str) -> Self:
        """Show a case."""
        return cls(**_case(case, prefix))


class EntryOut(Shape):
    """A line of a timeline."""

    id: int
    case: int
    kind: EntryKind
    key: str = Field(description="names a line of a conversation, or another thing that was told; else empty")
    author: str
    text: str = Field(description="what was said; of a message_changed the new words, none if it was taken back")
    at: datetime
    data: dict[str, str] = Field(
        description="what the kind needs besides; of a message_changed the `line` (its key), and what it said `before`"
    )

    @classmethod
    def of(cls, entry: TimelineEntry) -> Self:
        """Show a line."""
        return cls(
            id=entry.id,
            case=entry.case_id,
            kind=entry.kind,
            key=entry.key,
            author=entry.author,
            text=entry.text,
            at=entry.at,
            data=dict(entry.data),
        )


class WholeCase(CaseOut):
    """A case with its timeline."""

    timeline: list[EntryOut] = Field(description="at most 1000 entries, oldest first")
    older: int | None = Field(description="`before` of the part with older entries; null if there are none")
    linked: list[int]
    merged: list[int] = Field(description="the cases that go on in this one")

    @classmethod
    def whole(
        cls,
        case: CaseRecord,
        prefix: str,
        timeline: TimelinePage,
        linked: Sequence[int],
        merged: Sequence[int],
    ) -> Self:
        """Show a case with all that belongs to it."""
        entries = [EntryOut.of(entry) for entry in timeline.entries]
        return cls(
            **_case(case, prefix), timeline=entries, older=timeline.older, linked=list(linked), merged=list(merged)
        )


class PageOut(Shape):
    """A part of a list."""

    cases: list[CaseOut]
    after: str | None = Field(description="where the next page begins; null at the end")
    total: int = Field(description="how many cases fit, counted up to a limit")
    more: bool = Field(description="whether there are more than that")


class LikeOut(Shape):
    """A case that may be about the same thing."""

    case: CaseOut
    score: float = Field(description="0 to 1")


class DuplicatesOut(Shape):
    """Cases that may be about the same thing."""

    cases: list[LikeOut] = Field(description="the likeliest first")

    @classmethod
    def of(cls, found: Sequence[Likeness], prefix: str) -> Self:
        """Show what was found."""
        return cls(cases=[LikeOut(case=CaseOut.of(each.case, prefix), score=round(each.score, 3)) for each in found])


class FileOut(Shape):
    """A file of a case."""

    id: str
    name: str
    content_type: str
    size: int
    added_at: datetime
    kept: bool = Field(description="whether its content can be had")

    @classmethod
    def of(cls, file: KeptFile) -> Self:
        """Show a file."""
        return cls(
            id=file.id,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            added_at=file.added_at,
            kept=file.kept_at is not None,
        )


class FilesOut(Shape):
    """The files of a case."""

    files: list[FileOut]


class ViewOut(Shape):
    """A saved view."""

    id: int
    server: str
    name: str
    query: str
    everybody: bool

    @classmethod
    def of(cls, view: View) -> Self:
        """Show a view."""
        everybody = view.owner_id == EVERYBODY
        return cls(id=view.id, server=str(view.guild_id), name=view.name, query=view.query, everybody=everybody)


class ViewsOut(Shape):
    """Saved views."""

    views: list[ViewOut]


class Problem(Shape):
    """What was wrong (RFC 9457)."""

    type: str = Field(description="names the problem, for programs")
    title: str = Field(description="says it, for people")
    status: int
    errors: list[dict[str, str]] = Field([], description="where in the request")
    current: CaseOut | None = Field(None, description="of a conflict: the case as it is now")


def priority_named(name: PriorityName) -> Priority:
    """Give a priority by its name."""
    return Priority[name.upper()]


def _case(case: CaseRecord, prefix: str) -> dict[str, Any]:
    clocks = case.clocks
    names: Mapping[Priority, PriorityName] = {
        Priority.LOW: "low",
        Priority.NORMAL: "normal",
        Priority.HIGH: "high",
        Priority.URGENT: "urgent",
    }
    return {
        "id": case.id,
        "server": str(case.guild_id),
        "number": f"{prefix}{case.number}",
        "kind": case.kind,
        "title": case.title,
        "description": case.description,
        "status": case.status,
        "priority": names[case.priority],
        "tags": list(case.tags),
        "assignee": None if case.assignee is None else ActorShape.of(case.assignee),
        "team": case.team,
        "person": PersonOut(id=str(case.person.user_id), name=case.person.name, locale=case.person.locale),
        "source_url": case.source_url,
        "fields": dict(case.fields),
        "custom": dict(case.custom),
        "clocks": Promise(
            answer_due=clocks.answer_due,
            resolve_due=clocks.resolve_due,
            answered_at=clocks.answered_at,
            resolved_at=clocks.resolved_at,
            paused_at=clocks.paused_at,
        ),
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "version": case.version,
        "merged_into": case.merged_into,
        "conversation_sid": case.conversation_sid,
        "task_sid": case.task_sid,
    }
