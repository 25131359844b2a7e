"""The page for a new case, and the page of a person."""

import secrets
from collections.abc import Mapping

from frontdesk import CaseRequest, Role
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk_cases import forms
from frontdesk_cases.cases import TITLE_LENGTH, CaseRecord, Priority
from frontdesk_cases.changes import CaseError, said
from frontdesk_cases.site import Site, Visit

PERSONS_CASES = 200
"""Cases that the page of a person shows, the newest."""

_KIND_LENGTH = 40


class NewPages:
    """New cases, and persons.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: list[BaseRoute] = [
            Route("/new", self._new),
            Route("/new", self._open, methods=["POST"]),
            Route("/person/{guild_id:int}/{user_id:int}", self._person),
        ]

    async def _new(self, request: Request) -> Response:
        visit = await self._site.visit(request, role=Role.AGENT)
        return await self._form(visit, {"person": request.query_params.get("person", "")})

    async def _form(self, visit: Visit, form: Mapping[str, str], problem: str = "") -> Response:
        choices = await self._site.parts.recent.choices(visit.guild_id)
        return self._site.render(
            visit,
            "new.html",
            status_code=422 if problem else 200,
            form=form,
            problem=problem,
            # Sent twice, a form opens one case.
            key=form.get("key") or secrets.token_hex(12),
            choices=choices,
            colleagues=choices.with_me(visit.actor),
            priorities=list(Priority)[::-1],
            title_length=TITLE_LENGTH,
        )

    async def _open(self, request: Request) -> Response:
        visit = await self._site.visit(request, role=Role.AGENT)
        form, _ = await self._site.form(request)
        try:
            case = await self._opened(visit, form)
        except CaseError as error:
            return await self._form(visit, form, self._site.problem(visit, error))
        return self._site.go_to(visit, f"/{case.id}")

    async def _opened(self, visit: Visit, form: Mapping[str, str]) -> CaseRecord:
        title, user_id = form.get("title", ""), form.get("person", "").strip()
        if not title.strip():
            raise CaseError("no-title")
        said(form.get("description", ""))
        kind = form.get("kind", "").strip()[:_KIND_LENGTH] or "request"
        choices = await self._site.parts.recent.choices(visit.guild_id)
        wanted = {name: form.get(name, "") for name in ("priority", "assignee", "team", "tags")}
        seen = {f"{forms.WAS}{name}": "normal" if name == "priority" else "" for name in wanted}
        changes = forms.changes_of(wanted | seen, choices.with_me(visit.actor), ())
        if not user_id.isdecimal() or len(user_id) > 19:
            raise CaseError("no-person")
        person = await self._site.parts.find_person(visit.guild_id, int(user_id))
        if person is None:
            raise CaseError("no-person")
        key = f"staff:{visit.staff.id}:{form.get('key', '')[:64] or secrets.token_hex(12)}"
        request = CaseRequest(key, kind, title, forms.plain(form["description"]), person)
        return (await self._site.parts.book.open(request, visit.actor, changes)).case

    async def _person(self, request: Request) -> Response:
        await self._site.desk.staff.require(request, Role.VIEWER)
        visit = await self._site.visit(request, request.path_params["guild_id"])
        user_id = request.path_params["user_id"]
        book = self._site.parts.book
        cases = await book.of_person(visit.guild_id, user_id, PERSONS_CASES) if user_id < 2**63 else ()
        if not cases:
            raise HTTPException(404)
        return self._site.render(
            visit,
            "person.html",
            cases=cases,
            person=cases[0].person,
            names=[name for name in await book.names_of(visit.guild_id, user_id) if name != cases[0].person.name],
            waiting=sum(case.is_open for case in cases),
        )
