"""What the JSON API does to cases: each operation reads a call, has the domain do it, and shows the case."""

import re
import secrets
from collections.abc import Sequence

from frontdesk import CaseRequest, CaseStatus, Desk, Role

from frontdesk_cases import api_models as shapes
from frontdesk_cases.api_calls import Answered, Call, Counter
from frontdesk_cases.cases import Actor, CaseRecord, storable
from frontdesk_cases.changes import (
    CaseError,
    Change,
    ConflictError,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTags,
    SetTeam,
    SetTitle,
    Take,
)
from frontdesk_cases.custom import field_named
from frontdesk_cases.forms import colleague
from frontdesk_cases.listing import Filter
from frontdesk_cases.macros import macro_named
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import Parts

_ETAG = re.compile(r'"([1-9][0-9]{0,9})"')
_ALL = tuple(CaseStatus)


class CaseCalls:
    """The operations on cases.

    Args:
        desk: what the plugin was given.
        counter: finds cases for a caller, and shows them.
        parts: what does the work.
    """

    def __init__(self, desk: Desk[CasesSettings], counter: Counter, parts: Parts) -> None:
        self._desk = desk
        self._counter = counter
        self._parts = parts

    async def list_cases(self, call: Call) -> Answered:
        query: shapes.ListQuery = call.query
        statuses = [status for status in query.status if isinstance(status, CaseStatus)]
        wanted = Filter(
            text=query.text,
            statuses=_ALL if "any" in query.status else statuses or Filter().statuses,
            kinds=[storable(kind) for kind in query.kind],
            priorities=[shapes.priority_named(name) for name in query.priority],
            tags=[storable(tag) for tag in query.tag],
            assignee=None if query.assignee is None else storable(query.assignee),
            team=None if query.team is None else storable(query.team),
            person_id=None if query.person is None else int(query.person),
            late=query.late == "yes",
        )
        servers = self._counter.servers(call.staff, query.server)
        page = await self._parts.listing.page(servers, wanted, query.order, query.after, query.limit)
        cases = [self._counter.shown(case) for case in page.cases]
        return 200, shapes.PageOut(cases=cases, after=page.after, total=page.total, more=page.more)

    async def open(self, call: Call) -> Answered:
        body: shapes.NewCase = call.body
        guild_id = self._counter.server(call.staff, body.server, Role.AGENT)
        person = await self._parts.find_person(guild_id, int(body.person))
        if person is None:
            raise CaseError("no-person")
        request = CaseRequest(
            # Programs with different tokens do not stumble over each other's keys.
            key=f"api:{call.staff.id}:{body.key or secrets.token_hex(16)}",
            kind=body.kind,
            title=body.title,
            description=body.description,
            person=person,
            fields=body.fields,
        )
        opened = await self._parts.book.open(request, call.by)
        return 201 if opened.new else 200, self._counter.shown(opened.case)

    async def get(self, call: Call) -> Answered:
        case = call.the_case
        query: shapes.TimelineQuery = call.query
        timeline = await self._parts.book.timeline_page(case.id, query.before)
        linked = [other.id for other in await self._parts.book.linked(case.id)]
        merged = [other.id for other in await self._parts.book.merged(case.id)]
        prefix = self._counter.prefix(case.guild_id)
        return 200, shapes.WholeCase.whole(case, prefix, timeline, linked, merged)

    async def change(self, call: Call) -> Answered:
        case, body = call.the_case, call.body
        changes = await self._changes(call, body)
        version = _version(call, body.version, changes)
        return await self._done(await self._parts.work.change(case.id, changes, call.by, version=version))

    async def _changes(self, call: Call, body: shapes.CaseChanges) -> list[Change]:
        case = call.the_case
        given = body.model_fields_set
        changes: list[Change] = []
        if body.title is not None:
            changes.append(SetTitle(body.title))
        if body.priority is not None:
            changes.append(SetPriority(shapes.priority_named(body.priority)))
        if body.tags is not None:
            changes.append(SetTags(tuple(body.tags)))
        if "assignee" in given:
            changes.append(SetAssignee(await self._colleague(call, body.assignee)))
        if "team" in given:
            changes.append(SetTeam(body.team))
        own = self._desk.settings_for(case.guild_id).fields
        changes += [field_named(own, name).change(value) for name, value in body.fields.items()]
        if body.status is not None:
            changes.append(SetStatus(body.status))
        return changes

    async def _colleague(self, call: Call, named: str | None) -> Actor | None:
        if named is None:
            return None
        choices = await self._parts.recent.choices(call.the_case.guild_id)
        return colleague(named, choices.with_me(call.by, call.the_case.assignee))

    async def take(self, call: Call) -> Answered:
        return await self._done(await self._parts.work.change(call.the_case.id, [Take(call.by)], call.by))

    async def answer(self, call: Call) -> Answered:
        body: shapes.Answer = call.body
        changes = [] if body.status is None else [SetStatus(body.status)]
        version = _version(call, body.version, changes)
        key = _key(call, body.key)
        case = await self._parts.work.answer(call.the_case.id, body.text, call.by, changes, version=version, key=key)
        return await self._done(case)

    async def note(self, call: Call) -> Answered:
        key = _key(call, call.body.key)
        return await self._done(await self._parts.work.note(call.the_case.id, call.body.text, call.by, key=key))

    async def use_macro(self, call: Call) -> Answered:
        case, body = call.the_case, call.body
        macro = macro_named(self._desk.settings_for(case.guild_id).macros, body.macro)
        version, number = _version(call, body.version, ()), f"{self._counter.prefix(case.guild_id)}{case.number}"
        return await self._done(await self._parts.work.use_macro(case.id, macro, number, call.by, version=version))

    async def duplicates(self, call: Call) -> Answered:
        case = call.the_case
        found = await self._parts.book.duplicates(case)
        return 200, shapes.DuplicatesOut.of(found, self._counter.prefix(case.guild_id))

    async def link(self, call: Call) -> Answered:
        other = await self._other(call)
        await self._parts.relations.link(call.the_case.id, other.id, call.by)
        return 204, None

    async def unlink(self, call: Call) -> Answered:
        other = await self._other(call)
        await self._parts.relations.unlink(call.the_case.id, other.id, call.by)
        return 204, None

    async def _other(self, call: Call) -> CaseRecord:
        return await self._counter.find(call.staff, call.request.path_params["other_id"], Role.AGENT)

    async def merge(self, call: Call) -> Answered:
        into = await self._counter.find(call.staff, call.body.into, Role.SUPERVISOR)
        return await self._done(await self._parts.relations.merge(call.the_case.id, into.id, call.by))

    async def unmerge(self, call: Call) -> Answered:
        return await self._done(await self._parts.relations.unmerge(call.the_case.id, call.by))

    async def split(self, call: Call) -> Answered:
        body: shapes.Split = call.body
        return await self._done(await self._parts.relations.split(call.the_case.id, body.entries, body.title, call.by))

    async def _done(self, case: CaseRecord) -> Answered:
        return 200, self._counter.shown(case)


def _version(call: Call, given: int | None, changes: Sequence[Change]) -> int | None:
    """The version that the caller knows, by If-Match or by the body.

    Raises:
        ConflictError: If-Match names none of ours.
    """
    header = call.request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return given
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise ConflictError(call.the_case, changes)
    return int(match[1])


def _key(call: Call, given: str | None) -> str | None:
    """Name what is written: programs with different tokens do not stumble over each other's keys."""
    return None if given is None else f"{call.staff.id}:{given}"
