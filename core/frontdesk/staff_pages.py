"""The page /staff/: who is signed in, the tokens of programs, and the record, for those who may see each."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk.pages import ROOT_SCOPE_KEY, TEMPLATES, Pages
from frontdesk.staff import Role, Staff
from frontdesk.staff_door import StaffDoor
from frontdesk.staff_members import Servers
from frontdesk.staff_tokens import TokenWish
from frontdesk.words import Say

_LONGEST_NAME = 80
_MOST_DAYS = 3650
_JUST_NOW = timedelta(minutes=2)  # a session's last use is noted once a minute


class StaffPages:
    """What staff see of each other.

    Args:
        door: lets staff in, and holds sessions and tokens.
        servers: the servers' names.
        say: who speaks to the person behind a request.
        clock: the time (UTC).
    """

    def __init__(
        self, door: StaffDoor, *, servers: Servers, say: Callable[[Request], Say], clock: Callable[[], datetime]
    ) -> None:
        self._door = door
        self._servers = servers
        self._say = say
        self._clock = clock
        self._pages = Pages(TEMPLATES)
        self.routes: list[BaseRoute] = [
            Route("/", self._home),
            Route("/sessions/{id:int}/end", self._end_session, methods=["POST"]),
            Route("/tokens", self._make_token, methods=["POST"]),
            Route("/tokens/{id:int}/revoke", self._revoke_token, methods=["POST"]),
        ]

    async def _home(self, request: Request) -> Response:
        return await self._show(request, await self._door.require(request, Role.VIEWER))

    async def _show(self, request: Request, staff: Staff, *, made: str = "", problem: str = "") -> Response:
        say, names = self._say(request), self._servers.servers()
        supervised = staff.guilds_with(Role.SUPERVISOR)
        return self._pages.render(
            request,
            "staff.html",
            say=say,
            status_code=400 if problem else 200,
            frame_ancestors=self._door.frame_ancestors,
            staff=staff,
            csrf=self._door.csrf(request),
            servers={guild_id: names.get(guild_id, str(guild_id)) for guild_id in supervised},
            own_roles=[(names.get(guild_id, str(guild_id)), role) for guild_id, role in sorted(staff.roles.items())],
            sessions=await self._door.sessions.visible_to(staff),
            tokens=await self._door.tokens.visible_to(staff),
            record=await self._door.sessions.record_for(staff),
            made=made,
            problem=problem,
            at=lambda moment: format_datetime(moment, "medium", locale=say.locale),
            ago=lambda moment: self._ago(say, moment),
        )

    def _ago(self, say: Say, moment: datetime) -> str:
        past = self._clock() - moment
        if past < _JUST_NOW:
            return say("staff-just-now")
        return format_timedelta(-past, granularity="minute", add_direction=True, locale=say.locale)

    async def _end_session(self, request: Request) -> Response:
        staff = await self._acting(request, Role.VIEWER)
        if not await self._door.sessions.revoke(staff, request.path_params["id"], self._door.address_of(request)):
            raise HTTPException(404)
        return self._back(request)

    async def _make_token(self, request: Request) -> Response:
        staff = await self._acting(request, Role.SUPERVISOR)
        form = await request.form()
        fields = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
        try:
            wish = _wish(fields)
        except ValueError:
            return await self._show(request, staff, problem="staff-token-wrong")
        try:
            made = await self._door.tokens.make(staff, wish, self._door.address_of(request))
        except PermissionError:
            raise HTTPException(404) from None
        return await self._show(request, staff, made=made)

    async def _revoke_token(self, request: Request) -> Response:
        staff = await self._acting(request, Role.SUPERVISOR)
        if not await self._door.tokens.revoke(staff, request.path_params["id"], self._door.address_of(request)):
            raise HTTPException(404)
        return self._back(request)

    async def _acting(self, request: Request, role: Role) -> Staff:
        """Who sends a form. A program cannot make or end what lets others in."""
        staff = await self._door.require(request, role)
        if staff.session_id is None:
            raise HTTPException(403)
        await self._door.require_csrf(request)
        return staff

    def _back(self, request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get(ROOT_SCOPE_KEY, '')}/staff/", 303)


def _wish(form: Mapping[str, str]) -> TokenWish:
    """The token that a form asks for; ValueError for what is none."""
    name, days = form.get("name", ""), form.get("days", "")
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ValueError("no name")
    if days and not 0 < int(days) <= _MOST_DAYS:
        raise ValueError("no number of days")
    role, server = Role(form.get("role", "")), int(form.get("server", ""))
    return TokenWish(name, role, server, int(days) if days else None)
