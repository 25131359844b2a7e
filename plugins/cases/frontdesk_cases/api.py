"""The JSON API under /cases/api/v1: what staff do on the pages, for other programs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from frontdesk import Desk, Role, UploadRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from frontdesk_cases import api_models as shapes
from frontdesk_cases import api_server_models as server_shapes
from frontdesk_cases.api_calls import Counter, Operation
from frontdesk_cases.api_cases import CaseCalls
from frontdesk_cases.api_document import document
from frontdesk_cases.api_files import FileCalls
from frontdesk_cases.api_servers import ServerCalls
from frontdesk_cases.figure_queries import FigureBook
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import Parts

_ROOT = "/api/v1"


class CaseApi:
    """All operations, and their routes.

    Args:
        desk: what the plugin was given.
        parts: what does the work.
        figures: makes the figures of the dashboard.
    """

    def __init__(self, desk: Desk[CasesSettings], parts: Parts, figures: FigureBook) -> None:
        self._desk = desk
        self._largest_file = parts.cabinet.largest_file
        self._counter = Counter(desk, parts.book)
        self._cases = CaseCalls(desk, self._counter, parts)
        self._files = FileCalls(parts)
        self._servers = ServerCalls(desk, self._counter, parts, figures)

    def routes(self) -> Sequence[BaseRoute]:
        """Make the API's routes, below ``/api/v1``; whatever else is asked there is answered in JSON too."""
        operations = self.operations()
        # Core knows larger bodies by routes that stand in no Mount; the same address is in the Mount for other methods.
        uploads = [
            UploadRoute(f"{_ROOT}{_starlette(each.path)}", self._counter.endpoint(each), limit=self._largest_file)
            for each in operations
            if each.sends_file
        ]
        routes: list[BaseRoute] = [Route("/openapi.json", self._document, methods=["GET"])]
        paths = dict.fromkeys(operation.path for operation in operations)
        for path in paths:
            here = {each.method: self._counter.endpoint(each) for each in operations if each.path == path}
            routes.append(Route(_starlette(path), _Methods(here, self._counter)))
        return [*uploads, Mount(_ROOT, routes=[*routes, Route("/{rest:path}", _Methods({}, self._counter))])]

    async def _document(self, request: Request) -> Response:
        del request
        described = document(self.operations(), session_cookie=self._desk.staff.cookies.session_name)
        return JSONResponse(described, headers={"Cache-Control": "no-cache"})

    def operations(self) -> Sequence[Operation]:
        """List all operations."""
        return [*self._on_cases(), *self._on_files(), *self._on_servers(), *self._on_views()]

    def _on_cases(self) -> Sequence[Operation]:
        one, whole, page = shapes.CaseOut, shapes.WholeCase, shapes.PageOut
        view, agent, supervisor = Role.VIEWER, Role.AGENT, Role.SUPERVISOR
        case, calls = "/cases/{case_id}", self._cases
        return [
            Operation("listCases", "GET", "/cases", "List cases.", view, calls.list_cases, {200: page},
                      query=shapes.ListQuery, problems=(404, 409)),
            Operation("openCase", "POST", "/cases", "Open a case.", agent, calls.open, {200: one, 201: one},
                      body=shapes.NewCase, problems=(404,)),
            Operation("getCase", "GET", case, "Give a case with its timeline.", view, calls.get, {200: whole},
                      query=shapes.TimelineQuery, problems=(404, 409)),
            Operation("changeCase", "PATCH", case, "Change a case.", agent, calls.change, {200: one},
                      body=shapes.CaseChanges, problems=(404, 409, 412), conditional=True),
            Operation("takeCase", "POST", f"{case}/take", "Give yourself a case that nobody else has.", agent,
                      calls.take, {200: one}, problems=(404, 409)),
            Operation("answerCase", "POST", f"{case}/answers", "Answer the member.", agent, calls.answer, {200: one},
                      body=shapes.Answer, problems=(404, 409, 412), conditional=True),
            Operation("noteOnCase", "POST", f"{case}/notes", "Put a note for staff on a case.", agent, calls.note,
                      {200: one}, body=shapes.Note, problems=(404, 409)),
            Operation("linkCases", "PUT", f"{case}/links/{{other_id}}", "Link two cases.", agent, calls.link,
                      {204: None}, problems=(404, 409)),
            Operation("unlinkCases", "DELETE", f"{case}/links/{{other_id}}", "Take a link away.", agent, calls.unlink,
                      {204: None}, problems=(404, 409)),
            Operation("mergeCase", "POST", f"{case}/merge", "Let a case go on in another one; gives that one.",
                      supervisor, calls.merge, {200: one}, body=shapes.MergeInto, problems=(404, 409)),
            Operation("unmergeCase", "POST", f"{case}/unmerge", "Undo a merger.", supervisor, calls.unmerge,
                      {200: one}, problems=(404, 409)),
            Operation("splitCase", "POST", f"{case}/split", "Make a case of its own of some messages.", agent,
                      calls.split, {200: one}, body=shapes.Split, problems=(404, 409)),
            Operation("useMacro", "POST", f"{case}/macro", "Do all that a macro says to a case.", agent,
                      calls.use_macro, {200: one}, body=shapes.UseMacro, problems=(404, 409, 412), conditional=True),
            Operation("listDuplicates", "GET", f"{case}/duplicates", "Suggest cases that may be about the same thing.",
                      view, calls.duplicates, {200: shapes.DuplicatesOut}, problems=(404,)),
        ]  # fmt: skip

    def _on_files(self) -> Sequence[Operation]:
        view, agent, case, calls = Role.VIEWER, Role.AGENT, "/cases/{case_id}", self._files
        return [
            Operation("listFiles", "GET", f"{case}/files", "List a case's files.", view, calls.files,
                      {200: shapes.FilesOut}, problems=(404,), tags=("files",)),
            Operation("uploadFile", "POST", f"{case}/files", "Put a file on a case.", agent, calls.upload,
                      {201: shapes.FileOut}, query=shapes.FileQuery, sends_file=True, problems=(404, 409),
                      tags=("files",)),
            Operation("getFile", "GET", f"{case}/files/{{file_id}}", "Give a file's content.", view, calls.file, {},
                      gives_file=True, problems=(404,), tags=("files",)),
        ]  # fmt: skip

    def _on_servers(self) -> Sequence[Operation]:
        view, here, calls = Role.VIEWER, "/servers/{server}", self._servers
        return [
            Operation("listChoices", "GET", f"{here}/choices", "List what can be chosen for cases.", view,
                      calls.choices, {200: server_shapes.ChoicesOut}, problems=(404,), tags=("servers",)),
            Operation("listMacros", "GET", f"{here}/macros", "List the macros.", view, calls.macros,
                      {200: server_shapes.MacrosOut}, problems=(404,), tags=("servers",)),
            Operation("getFigures", "GET", f"{here}/figures", "Give the figures of the dashboard.", view, calls.figures,
                      {200: server_shapes.FiguresOut}, query=server_shapes.FiguresQuery, problems=(404,),
                      tags=("servers",)),
            Operation("getPerson", "GET", f"{here}/persons/{{person_id}}",
                      "Give a person's names and cases.", view, calls.person, {200: server_shapes.MemberOut},
                      problems=(404,), tags=("persons",)),
        ]  # fmt: skip

    def _on_views(self) -> Sequence[Operation]:
        view, calls = Role.VIEWER, self._servers
        return [
            Operation("listViews", "GET", "/views", "List your saved views.", view, calls.list_views,
                      {200: shapes.ViewsOut}, query=shapes.ServerQuery, problems=(404,), tags=("views",)),
            Operation("saveView", "POST", "/views", "Save a view.", view, calls.save_view, {201: shapes.ViewOut},
                      body=shapes.NewView, problems=(404, 409), tags=("views",)),
            Operation("deleteView", "DELETE", "/views/{view_id}", "Delete a view.", view, calls.delete_view,
                      {204: None}, problems=(404,), tags=("views",)),
        ]  # fmt: skip


class _Methods:
    """One address, and what can be done there, or one where nothing is; anything else is answered in JSON too."""

    def __init__(self, endpoints: Mapping[str, Callable[[Request], Awaitable[Response]]], counter: Counter) -> None:
        self._endpoints = endpoints
        self._counter = counter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        endpoint = self._endpoints.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is not None:
            response = await endpoint(request)
        elif not self._endpoints:
            response = self._counter.problem(request, HTTPException(404))
        else:
            allowed = ", ".join(sorted(self._endpoints))
            response = self._counter.problem(request, HTTPException(405, headers={"Allow": allowed}))
        await response(scope, receive, send)


def _starlette(path: str) -> str:
    for name in ("case_id", "other_id", "view_id", "person_id", "server"):
        path = path.replace(f"{{{name}}}", f"{{{name}:int}}")
    return path
