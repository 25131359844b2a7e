"""The list of cases: search, filters, saved views, page by page."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from frontdesk import CaseStatus, Role
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk_cases.cases import Priority
from frontdesk_cases.changes import CaseError
from frontdesk_cases.listing import Order, Page
from frontdesk_cases.questions import BUILT_IN, Question
from frontdesk_cases.site import Site, Visit
from frontdesk_cases.views import EVERYBODY, QUERY_LENGTH, View

LISTED = 50
"""Cases on a page."""


class ListPages:
    """The list and its views.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: list[BaseRoute] = [
            Route("/", self._show),
            Route("/views", self._save_view, methods=["POST"]),
            Route("/views/{view_id:int}/delete", self._delete_view, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        visit = await self._site.visit(request)
        return await self._listed(visit, Question.read(request.query_params.multi_items()))

    async def _listed(self, visit: Visit, question: Question, problem: str = "") -> Response:
        parts, after = self._site.parts, visit.request.query_params.get("after")
        wanted = question.filter(visit.staff.id, visit.present.names())
        try:
            page = await parts.listing.page([visit.guild_id], wanted, question.order, after, LISTED)
        except CaseError:  # a cursor that was changed, or that is of another order: from the beginning then
            page, after = await parts.listing.page([visit.guild_id], wanted, question.order, None, LISTED), None
        choices = await parts.recent.choices(visit.guild_id)
        views = await parts.views.of([visit.guild_id], visit.staff.id)
        return self._site.render(
            visit,
            "list.html",
            status_code=400 if problem else 200,
            question=question,
            query=question.written(),
            page=page,
            started=after is not None,
            next_page=self._address(visit, question, page),
            first_page=self._address(visit, question, None),
            counts=await parts.book.counts(visit.guild_id),
            tabs=self._tabs(visit, views),
            views=views,
            everybody=EVERYBODY,
            choices=choices,
            colleagues=choices.with_me(visit.actor),
            statuses=list(CaseStatus),
            priorities=list(Priority)[::-1],
            orders=list(Order),
            problem=problem,
        )

    def _address(self, visit: Visit, question: Question, page: Page | None) -> str:
        after = page.after if page else None
        if page is not None and after is None:
            return ""
        return _with_query(visit, question.written(), **({"after": after} if after else {}))

    def _tabs(self, visit: Visit, views: Sequence[View]) -> Sequence[tuple[str, str, str]]:
        """Name, address and query of each view: those that everybody has, then the saved ones."""
        tabs = [(visit.say(f"view-{name}"), question.written()) for name, question in BUILT_IN.items()]
        tabs += [(view.name, view.query) for view in views]
        return [(name, _with_query(visit, query), query) for name, query in tabs]

    async def _save_view(self, request: Request) -> Response:
        visit = await self._site.visit(request)
        form, _ = await self._site.form(request)
        question = Question.read(_pairs(form.get("query", "")))
        if form.get("for") == "all" and not visit.may(Role.SUPERVISOR):
            raise HTTPException(403)
        owner = EVERYBODY if form.get("for") == "all" else visit.staff.id
        try:
            await self._site.parts.views.save(visit.guild_id, owner, form.get("name", ""), question.written())
        except CaseError as error:
            return await self._listed(visit, question, self._site.problem(visit, error))
        return self._back(visit, question.written())

    async def _delete_view(self, request: Request) -> Response:
        await self._site.desk.staff.require(request, Role.VIEWER)
        view_id = request.path_params["view_id"]
        view = await self._site.parts.views.find(view_id) if view_id < 2**63 else None
        if view is None:
            raise HTTPException(404)
        visit = await self._site.visit(request, view.guild_id)
        if view.owner_id not in {EVERYBODY, visit.staff.id}:
            raise HTTPException(404)
        if view.owner_id == EVERYBODY and not visit.may(Role.SUPERVISOR):
            raise HTTPException(403)
        await self._site.form(request)
        await self._site.parts.views.delete(view.id)
        return self._back(visit, "")

    def _back(self, visit: Visit, query: str) -> Response:
        return RedirectResponse(_with_query(visit, query), 303)


def _with_query(visit: Visit, query: str, **more: str) -> str:
    several = len(visit.staff.guilds_with(Role.VIEWER)) > 1
    server = {"server": str(visit.guild_id)} if several else {}
    address = visit.path("/", **server, **more)
    return address + (("&" if "?" in address else "?") + query if query else "")


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query[:QUERY_LENGTH], max_num_fields=100)
    except ValueError:
        return []
