"""What the JSON API tells about a server: persons, choices, macros, figures; and saved views."""

from frontdesk import Desk, Role
from starlette.exceptions import HTTPException

from frontdesk_cases import api_models as shapes
from frontdesk_cases import api_server_models as server_shapes
from frontdesk_cases.api_calls import Answered, Call, Counter
from frontdesk_cases.changes import CaseError
from frontdesk_cases.figure_queries import FigureBook
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import Parts
from frontdesk_cases.views import EVERYBODY, View

_OF_PERSON = 200


class ServerCalls:
    """The operations on what belongs to a server.

    Args:
        desk: what the plugin was given.
        counter: finds out which servers a caller may ask about, and shows cases.
        parts: what does the work.
        figures: makes the figures.
    """

    def __init__(self, desk: Desk[CasesSettings], counter: Counter, parts: Parts, figures: FigureBook) -> None:
        self._desk = desk
        self._counter = counter
        self._parts = parts
        self._figures = figures

    async def choices(self, call: Call) -> Answered:
        choices = await self._parts.recent.choices(self._server(call))
        return 200, server_shapes.ChoicesOut.of(choices, call.by)

    async def macros(self, call: Call) -> Answered:
        macros = self._desk.settings_for(self._server(call)).macros
        return 200, server_shapes.MacrosOut(macros=[server_shapes.MacroOut.of(macro) for macro in macros])

    async def figures(self, call: Call) -> Answered:
        figures = await self._figures.figures([self._server(call)], int(call.query.days))
        return 200, server_shapes.FiguresOut.of(figures)

    async def person(self, call: Call) -> Answered:
        guild_id = self._server(call)
        person_id = call.request.path_params["person_id"]
        names = await self._parts.book.names_of(guild_id, person_id) if person_id < 2**63 else []
        if not names:
            raise HTTPException(404)
        cases = [
            self._counter.shown(case) for case in await self._parts.book.of_person(guild_id, person_id, _OF_PERSON)
        ]
        return 200, server_shapes.MemberOut(id=str(person_id), server=str(guild_id), names=list(names), cases=cases)

    async def list_views(self, call: Call) -> Answered:
        servers = self._counter.servers(call.staff, call.query.server)
        views = await self._parts.views.of(servers, call.staff.id)
        return 200, shapes.ViewsOut(views=[shapes.ViewOut.of(view) for view in views])

    async def save_view(self, call: Call) -> Answered:
        body: shapes.NewView = call.body
        guild_id = self._counter.server(call.staff, body.server, Role.SUPERVISOR if body.everybody else Role.VIEWER)
        owner = EVERYBODY if body.everybody else call.staff.id
        return 201, shapes.ViewOut.of(await self._parts.views.save(guild_id, owner, body.name, body.query))

    async def delete_view(self, call: Call) -> Answered:
        view_id = call.request.path_params["view_id"]
        view = await self._parts.views.find(view_id) if view_id < 2**63 else None
        if view is None or not _sees(call, view):
            raise CaseError("no-view")
        if view.owner_id == EVERYBODY and not call.staff.may(Role.SUPERVISOR, view.guild_id):
            raise HTTPException(403)
        await self._parts.views.delete(view.id)
        return 204, None

    def _server(self, call: Call) -> int:
        return self._counter.server(call.staff, str(call.request.path_params["server"]), Role.VIEWER)


def _sees(call: Call, view: View) -> bool:
    return call.staff.role_in(view.guild_id) is not None and view.owner_id in {EVERYBODY, call.staff.id}
