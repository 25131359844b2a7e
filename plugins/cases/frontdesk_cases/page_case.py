"""The page of one case, and the answer to each of its forms."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from frontdesk import CaseStatus, Role
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk_cases import forms
from frontdesk_cases.book import TimelinePage
from frontdesk_cases.cases import CaseRecord, Priority
from frontdesk_cases.changes import ALLOWED, CaseError, Change, ConflictError, SetField, SetStatus, Take
from frontdesk_cases.macros import macro_named
from frontdesk_cases.presenter import safe_link
from frontdesk_cases.site import Site, Visit
from frontdesk_cases.story import Story

_DIGITS = 19  # of an entry's id, which are fewer

OTHERS = 12
"""Other cases of the same person that are shown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody has typed, for the page that gives it back.

    Args:
        problem: why it was not stored.
        where: the form: ``"answer"``, ``"note"``, ``"fields"`` or another.
        form: its values.
    """

    problem: str = ""
    where: str = ""
    form: Mapping[str, str] = field(default_factory=dict)

    def value(self, where: str, name: str, otherwise: str = "") -> str:
        """Give what was typed into a field; what stood there before if it is another form's."""
        return self.form.get(name, otherwise) if self.where == where else otherwise


@dataclass(frozen=True, slots=True)
class Difference:
    """A field as two people see it.

    Args:
        label: its name.
        stored: as it is now.
        wanted: as the one who came later wants it.
        problem: why that cannot be any more; empty if it can.
    """

    label: str
    stored: str
    wanted: str
    problem: str


_NOTHING = Kept()
Act = Callable[[Visit, CaseRecord, Mapping[str, str]], Awaitable[Response]]


class CasePages:
    """The page and its forms.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._parts = site.parts
        self.routes: list[BaseRoute] = [
            Route("/{case_id:int}", self._show),
            self._form("/{case_id:int}/answer", self._answer),
            self._form("/{case_id:int}/note", self._note),
            self._form("/{case_id:int}/macro", self._macro),
            self._form("/{case_id:int}/fields", self._fields),
            self._form("/{case_id:int}/take", self._take),
            self._form("/{case_id:int}/status", self._status),
            self._form("/{case_id:int}/link", self._link),
            self._form("/{case_id:int}/unlink", self._unlink),
            self._form("/{case_id:int}/merge", self._merge, Role.SUPERVISOR),
            self._form("/{case_id:int}/unmerge", self._unmerge, Role.SUPERVISOR),
            self._form("/{case_id:int}/split", self._split),
            self._form("/{case_id:int}/typing", self._typing),
        ]

    def _form(self, path: str, act: Act, role: Role = Role.AGENT) -> Route:
        """Make a route for a form: who sends it, whether we made it, and what becomes of what cannot be."""
        where = path.rpartition("/")[2]

        async def endpoint(request: Request) -> Response:
            if await self._site.desk.staff.find(request) is None and self._site.desk.staff.comes_from_us(request):
                text = await self._site.text_of_somebody(request)
                if text.strip():
                    return self._site.kept_text(request, text)
            visit, case = await self._site.case(request, role)
            form, files = await self._site.form(request)
            # Checkboxes of one name come as one text: what is chosen stands together.
            chosen = (await request.form()).getlist("entry")
            form = {**form, "entries": " ".join(value for value in chosen if isinstance(value, str))}
            del files
            try:
                return await act(visit, case, form)
            except ConflictError as conflict:
                return await self._conflict(visit, conflict, where, form)
            except CaseError as error:
                return await self.page(visit, case, Kept(self._site.problem(visit, error), where, form))

        return Route(path, endpoint, methods=["POST"])

    async def _show(self, request: Request) -> Response:
        visit, case = await self._site.case(request)
        if case.merged_into is not None and request.query_params.get("stay") != "1":
            return self._site.go_to(visit, f"/{case.merged_into}")
        return await self.page(visit, case, _NOTHING)

    async def page(self, visit: Visit, case: CaseRecord, kept: Kept) -> Response:
        parts, settings = self._parts, self._site.desk.settings_for(case.guild_id)
        timeline, before = await self._timeline(visit, case)
        entries = timeline.entries
        merged = await parts.book.merged(case.id)
        choices = await parts.recent.choices(case.guild_id)
        person = case.person
        others = await parts.book.of_person(case.guild_id, person.user_id, OTHERS + 1)
        into = await parts.book.find(case.merged_into) if case.merged_into is not None else None
        return self._site.render(
            visit,
            "case.html",
            status_code=422 if kept.problem else 200,
            case=case,
            into=into,
            person=person,
            names=[name for name in await parts.book.names_of(case.guild_id, person.user_id) if name != person.name],
            others=[other for other in others if other.id != case.id],
            safe_link=safe_link,
            story=self._story(visit),
            timeline=self._story(visit).told(entries),
            older=timeline.older,
            before=before,
            last_entry=max((entry.id for entry in entries), default=0),
            promises=visit.present.promises(case.clocks),
            files=await parts.cabinet.of_cases([case.id, *(each.id for each in merged)]),
            linked=await parts.book.linked(case.id),
            merged=merged,
            alike=await parts.book.duplicates(case) if case.is_open else (),
            choices=choices,
            colleagues=choices.with_me(visit.actor, case.assignee),
            statuses=[case.status, *(each for each in CaseStatus if each in ALLOWED[case.status])],
            priorities=list(Priority)[::-1],
            custom=settings.fields,
            macros=settings.macros,
            kept=kept,
            typed=kept.value,
            once=secrets.token_hex(16),
        )

    async def _timeline(self, visit: Visit, case: CaseRecord) -> tuple[TimelinePage, int | None]:
        """The part of the timeline that the address asks for, and where it ends; the latest part by default."""
        named = visit.request.query_params.get("before", "")
        if named.isdecimal() and len(named) < _DIGITS:
            with suppress(CaseError):  # what stands nowhere: from the end then
                return await self._parts.book.timeline_page(case.id, int(named)), int(named)
        return await self._parts.book.timeline_page(case.id), None

    def _story(self, visit: Visit) -> Story:
        fields = self._site.desk.settings_for(visit.guild_id).fields
        return Story(visit.say, visit.present, {each.name: each.label for each in fields})

    async def _conflict(self, visit: Visit, error: ConflictError, where: str, form: Mapping[str, str]) -> Response:
        """Show both: what is stored now, and what was wanted; nothing that was typed is lost."""
        case, seen = error.current, form.get("seen", "")
        entries = await self._parts.book.timeline(case.id)
        newer = [entry for entry in entries if entry.id > int(seen)] if seen.isdecimal() and len(seen) < 19 else []
        again = {name: text for name, text in form.items() if name not in {"version", "csrf", "entries", "seen"}}
        return self._site.render(
            visit,
            "conflict.html",
            status_code=409,
            case=case,
            where=where,
            again=again,
            text=form.get("text", ""),
            last_entry=max((entry.id for entry in entries), default=0),
            differences=[self._difference(visit, case, change) for change in error.wanted],
            news=self._story(visit).told(newer),
        )

    def _difference(self, visit: Visit, case: CaseRecord, change: Change) -> Difference:
        story, problem = self._story(visit), ""
        wanted = change.value(case)
        try:
            wanted = change.value(change.made(case))
        except CaseError as error:
            problem = self._site.problem(visit, error)
            wanted = change.status.value if isinstance(change, SetStatus) else ""
        label = story.label(change.what, change.name if isinstance(change, SetField) else "")
        return Difference(
            label, story.value(change.what, change.value(case)), story.value(change.what, wanted), problem
        )

    async def _answer(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        after = forms.status_after(form.get("then", ""))
        text = forms.plain(form.get("text", ""))
        key = _key(visit, form, text)
        await self._parts.work.answer(case.id, text, visit.actor, after, version=_version(form), key=key)
        return self._site.go_to(visit, f"/{case.id}", "sent")

    async def _note(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        text = forms.plain(form.get("text", ""))
        await self._parts.work.note(case.id, text, visit.actor, key=_key(visit, form, text))
        return self._site.go_to(visit, f"/{case.id}", "sent")

    async def _macro(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        macro = macro_named(self._site.desk.settings_for(case.guild_id).macros, form.get("macro", ""))
        number = visit.present.number(case.number)
        key = _key(visit, form, macro.name)
        await self._parts.work.use_macro(case.id, macro, number, visit.actor, version=_version(form), key=key)
        return self._site.go_to(visit, f"/{case.id}", "timeline")

    async def _fields(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        choices = await self._parts.recent.choices(case.guild_id)
        colleagues = choices.with_me(visit.actor, case.assignee)
        fields = self._site.desk.settings_for(case.guild_id).fields
        changes = forms.changes_of(form, colleagues, fields)
        await self._parts.work.change(case.id, changes, visit.actor, version=_version(form))
        return self._site.go_to(visit, f"/{case.id}")

    async def _take(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        del form
        await self._parts.work.change(case.id, [Take(visit.actor)], visit.actor)
        return self._site.go_to(visit, f"/{case.id}")

    async def _status(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        changes = forms.status_after(form.get("then", "") or "open")
        await self._parts.work.change(case.id, changes, visit.actor, version=_version(form))
        return self._site.go_to(visit, f"/{case.id}")

    async def _link(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        other = await self._other(visit, case, form)
        await self._parts.relations.link(case.id, other.id, visit.actor)
        return self._site.go_to(visit, f"/{case.id}", "related")

    async def _unlink(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        other = await self._other(visit, case, form)
        await self._parts.relations.unlink(case.id, other.id, visit.actor)
        return self._site.go_to(visit, f"/{case.id}", "related")

    async def _merge(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        other = await self._other(visit, case, form)
        into = await self._parts.relations.merge(case.id, other.id, visit.actor)
        return self._site.go_to(visit, f"/{into.id}", "related")

    async def _unmerge(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        del form
        await self._parts.relations.unmerge(case.id, visit.actor)
        return self._site.go_to(visit, f"/{case.id}")

    async def _split(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        chosen = [int(number) for number in form["entries"].split() if number.isdecimal() and len(number) < 19]
        new = await self._parts.relations.split(case.id, chosen, form.get("title", ""), visit.actor)
        return self._site.go_to(visit, f"/{new.id}")

    async def _typing(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> Response:
        del form
        self._parts.presence.typing(case.guild_id, case.id, visit.actor)
        return Response(status_code=204)

    async def _other(self, visit: Visit, case: CaseRecord, form: Mapping[str, str]) -> CaseRecord:
        prefix = self._site.desk.settings_for(visit.guild_id).prefix
        other = await self._parts.book.by_number(case.guild_id, forms.number_of(form.get("number", ""), prefix))
        if other is None:
            raise CaseError("no-such-number", number=form.get("number", "").strip())
        return other


def _version(form: Mapping[str, str]) -> int:
    """The version of the case that somebody saw; a form without one is none of ours."""
    text = form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise HTTPException(400)
    return int(text)


def _key(visit: Visit, form: Mapping[str, str], text: str) -> str | None:
    """Name what a form writes, so that sending it twice writes once; None for a form without a key.

    The text is a part of the name: who goes back in the browser and writes something else means that.
    """
    once = form.get("once", "")
    if not once:
        return None
    return f"page:{visit.staff.id}:{hashlib.sha256(f'{once} {text}'.encode('utf-8', 'replace')).hexdigest()}"
