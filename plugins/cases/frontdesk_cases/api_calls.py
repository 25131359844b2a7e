"""How a call of the JSON API is let in, read and answered; every refusal is a problem in JSON with a sentence."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from frontdesk import Desk, Role, Say, Staff
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from frontdesk_cases.api_models import CaseOut, NoQuery, Problem
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cases import Actor, CaseRecord
from frontdesk_cases.changes import CaseError, ConflictError
from frontdesk_cases.settings import CasesSettings

PROBLEM = "application/problem+json"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NOT_FOUND = frozenset({"no-case", "no-view", "no-file", "no-person", "no-macro"})


@dataclass(frozen=True)
class Call:
    """A call that was let in.

    Args:
        request: as it came.
        staff: who calls.
        query: what the address asks, checked.
        body: what was sent, checked; None where nothing is sent.
        case: of the address, checked to be of a server of theirs; None where the address names none.
    """

    request: Request
    staff: Staff
    query: Any
    body: Any
    case: CaseRecord | None

    @property
    def the_case(self) -> CaseRecord:
        """The case of the address."""
        assert self.case is not None
        return self.case

    @property
    def by(self) -> Actor:
        """Who calls, as timelines name them."""
        return Actor(self.staff.id, self.staff.name)


Answered = tuple[int, BaseModel | None]
Handler = Callable[[Call], Awaitable[Answered | Response]]


@dataclass(frozen=True)
class Operation:
    """One thing that the API can do.

    Args:
        id: its name in the OpenAPI document.
        method: of HTTP.
        path: below the API's address, with ``{case_id}`` and the like.
        summary: a sentence.
        role: the least that the caller must be, in the server that the call is about.
        handler: does it.
        answers: what comes back, by status.
        body: what is sent.
        query: what the address may ask.
        problems: the statuses of refusals besides those that every operation has.
        sends_file: whether the body is a file as it is.
        gives_file: whether the answer is one.
        conditional: whether If-Match holds.
    """

    id: str
    method: str
    path: str
    summary: str
    role: Role
    handler: Handler
    answers: Mapping[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    query: type[BaseModel] = NoQuery
    problems: Sequence[int] = ()
    sends_file: bool = False
    gives_file: bool = False
    conditional: bool = False
    tags: Sequence[str] = field(default=("cases",))


class Counter:
    """Lets callers in, reads what they send, and answers.

    Args:
        desk: what the plugin was given.
        book: finds cases.
    """

    def __init__(self, desk: Desk[CasesSettings], book: CaseBook) -> None:
        self._desk = desk
        self._book = book

    def endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        """Make the endpoint of an operation."""

        async def answer(request: Request) -> Response:
            try:
                return await self._answer(operation, request)
            except (HTTPException, CaseError, ValidationError) as error:
                return self.problem(request, error)

        return answer

    async def _answer(self, operation: Operation, request: Request) -> Response:
        # A call that changes something must carry a token, or come from a page of ours with its form's proof.
        staff = await self._desk.staff.find(request)
        if staff is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        if not staff.may(operation.role):
            raise HTTPException(403)
        if operation.method != "GET":
            await self._desk.staff.require_csrf(request)
        case = await self._case(request, staff, operation.role)
        query = operation.query.model_validate(_asked(request, operation.query))
        body = None
        if operation.body is not None:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                raise HTTPException(415)
            body = operation.body.model_validate(_parsed(await request.body()))
        result = await operation.handler(Call(request, staff, query, body, case))
        return result if isinstance(result, Response) else _given(*result)

    async def _case(self, request: Request, staff: Staff, role: Role) -> CaseRecord | None:
        case_id = request.path_params.get("case_id")
        if case_id is None:
            return None
        return await self.find(staff, case_id, role)

    async def find(self, staff: Staff, case_id: int, role: Role) -> CaseRecord:
        """Find a case for somebody; of another server's nobody learns that there is one.

        Raises:
            CaseError: there is none for them.
            HTTPException: they may see it and not do this.
        """
        case = await self._book.find(case_id) if case_id < 2**63 else None
        if case is None or staff.role_in(case.guild_id) is None:
            raise CaseError("no-case")
        if not staff.may(role, case.guild_id):
            raise HTTPException(403)
        return case

    def server(self, staff: Staff, named: str, role: Role) -> int:
        """Check a server that a call names.

        Raises:
            HTTPException: 404 for one that is none of theirs, 403 for one where they may not do this.
        """
        guild_id = int(named)
        if staff.role_in(guild_id) is None:
            raise HTTPException(404)
        if not staff.may(role, guild_id):
            raise HTTPException(403)
        return guild_id

    def servers(self, staff: Staff, named: str | None) -> Sequence[int]:
        """Give the servers that a list is of: the one that is named, or all of theirs."""
        return staff.guilds_with(Role.VIEWER) if named is None else [self.server(staff, named, Role.VIEWER)]

    def prefix(self, guild_id: int) -> str:
        """Give what stands before the numbers of a server's cases."""
        return self._desk.settings_for(guild_id).prefix

    def shown(self, case: CaseRecord) -> CaseOut:
        """Show a case."""
        return CaseOut.of(case, self.prefix(case.guild_id))

    def problem(self, request: Request, error: Exception) -> Response:
        """Answer with what was wrong."""
        say = self._say(request)
        headers: Mapping[str, str] = {}
        current: CaseOut | None = None
        errors: list[dict[str, str]] = []
        if isinstance(error, ValidationError):
            status, name = 422, "invalid"
            errors = [
                {"where": ".".join(str(part) for part in each["loc"]), "what": each["msg"]}
                for each in error.errors(include_url=False, include_context=False, include_input=False)[:20]
            ]
            title = say("api-invalid")
        elif isinstance(error, CaseError):
            name, title = error.problem, self._sentence(say, error)
            status = 404 if name in _NOT_FOUND else 413 if name == "file-too-large" else 409
            if isinstance(error, ConflictError):
                current = self.shown(error.current)
                status = 412 if request.headers.get("if-match") is not None else 409
        else:
            assert isinstance(error, HTTPException)
            status, headers = error.status_code, error.headers or {}
            name = HTTPStatus(status).name.lower().replace("_", "-")
            title = say(f"api-{status}") if status in SENTENCES else HTTPStatus(status).phrase
        body = Problem(type=name, title=title, status=status, errors=errors, current=current)
        return _json(status, body, headers, PROBLEM)

    def _say(self, request: Request) -> Say:
        wanted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
        return self._desk.say(wanted or None, None)

    def _sentence(self, say: Say, error: CaseError) -> str:
        return say(f"problem-{error.problem}", **error.details)


SENTENCES = frozenset({400, 401, 403, 404, 405, 413, 415, 429, 503})
"""Statuses for which the catalogs have a sentence ``api-<status>``."""


def _asked(request: Request, shape: type[BaseModel]) -> dict[str, Any]:
    """Read the query; what may occur once and occurs twice is left as a list, and refused with a reason."""
    found: dict[str, Any] = {}
    for name in request.query_params:
        values = request.query_params.getlist(name)
        field_ = shape.model_fields.get(name)
        many = field_ is not None and field_.default == ()
        found[name] = values if many or len(values) > 1 else values[0]
    return found


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error


def _given(status: int, body: BaseModel | None) -> Response:
    if body is None:
        return Response(status_code=status, headers=_HEADERS)
    version = getattr(body, "version", None)
    return _json(status, body, {} if version is None else {"ETag": f'"{version}"'}, "application/json")


def _json(status: int, body: BaseModel, headers: Mapping[str, str], media_type: str) -> Response:
    content = body.model_dump(mode="json")
    return JSONResponse(content, status, headers={**_HEADERS, **headers}, media_type=media_type)
