"""The addresses at which staff come in and go out: /staff/sign-in and what belongs to it."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk.pages import ROOT_SCOPE_KEY, TEMPLATES, Pages
from frontdesk.staff_discord import ATTEMPT_LASTS, DiscordSignIn, SignInRefused, SignInUnavailable
from frontdesk.staff_door import StaffDoor, own_path
from frontdesk.staff_flex import FlexSignIn
from frontdesk.staff_members import RolesUnknown
from frontdesk.staff_rows import Reason
from frontdesk.staff_sessions import Arrival
from frontdesk.twilio_errors import TwilioError
from frontdesk.words import Say


class SignInRoutes:
    """Sign-in and sign-out.

    Args:
        door: keeps sessions, and counts tries.
        discord: vouches for members; None where no client secret is set.
        flex: vouches for agents; None without a Twilio account.
        say: who speaks to the person behind a request.
    """

    def __init__(
        self,
        door: StaffDoor,
        *,
        discord: DiscordSignIn | None,
        flex: FlexSignIn | None,
        say: Callable[[Request], Say],
    ) -> None:
        self._door = door
        self._discord = discord
        self._flex = flex
        self._say = say
        self._pages = Pages(TEMPLATES)
        self.routes: list[BaseRoute] = [
            Route("/sign-in", self._choose),
            Route("/sign-in/discord", self._to_discord),
            Route("/sign-in/discord/callback", self._from_discord),
            Route("/sign-in/flex", self._flex_page),
            Route("/sign-in/flex", self._from_flex, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
        ]

    async def _choose(self, request: Request) -> Response:
        going_on = self._going_on(request)
        staff = await self._door.find(request)
        if staff is not None and staff.roles:  # who has lost all roles may come in as somebody else
            return RedirectResponse(going_on, 303)
        return self._show(request, going_on=going_on)

    def _show(self, request: Request, *, going_on: str, problem: str = "", status: int = 200) -> Response:
        return self._pages.render(
            request,
            "staff-sign-in.html",
            say=self._say(request),
            status_code=status,
            going_on=going_on,
            problem=problem,
            by_discord=self._discord is not None,
            by_flex=self._flex is not None,
        )

    def _going_on(self, request: Request) -> str:
        return own_path(request.query_params.get("next"), f"{_root(request)}/staff/")

    async def _to_discord(self, request: Request) -> Response:
        if self._discord is None:
            raise HTTPException(404)
        self._door.count_try(request)
        going_on = self._going_on(request)
        try:
            address, browser = await self._discord.begin(going_on)
        except SignInUnavailable:
            return self._show(request, going_on=going_on, problem="staff-discord-away", status=503)
        response = RedirectResponse(address, 303)
        self._door.cookies.keep_attempt(response, browser, int(ATTEMPT_LASTS.total_seconds()))
        return response

    async def _from_discord(self, request: Request) -> Response:
        if self._discord is None:
            raise HTTPException(404)
        query, browser = request.query_params, self._door.cookies.attempt_of(request) or ""
        home = f"{_root(request)}/staff/"
        try:
            arrival, going_on = await self._discord.end(query.get("state", ""), browser, query.get("code", ""))
            response = await self._let_in(request, arrival, RedirectResponse(going_on, 303))
        except SignInRefused as refusal:
            self._door.count_failure(request)
            await self._door.sessions.refuse("discord", self._door.address_of(request), refusal.reason)
            response = self._show(request, going_on=home, problem="staff-not-from-here", status=400)
        except (SignInUnavailable, RolesUnknown):
            response = self._show(request, going_on=home, problem="staff-discord-away", status=503)
        self._door.cookies.drop_attempt(response)
        return response

    async def _let_in(self, request: Request, arrival: Arrival, response: Response) -> Response:
        begun = await self._door.sessions.begin(arrival, self._door.address_of(request))
        if begun is None:
            self._door.count_failure(request)
            home = f"{_root(request)}/staff/"
            return self._show(request, going_on=home, problem="staff-no-role", status=403)
        self._door.cookies.keep_session(response, *begun)
        return response

    async def _flex_page(self, request: Request) -> Response:
        if self._flex is None:
            raise HTTPException(404)
        return self._pages.render(
            request,
            "staff-flex.html",
            say=self._say(request),
            frame_ancestors=self._door.frame_ancestors,
            going_on=self._going_on(request),
            origins=" ".join(self._door.frame_ancestors),
        )

    async def _from_flex(self, request: Request) -> Response:
        if self._flex is None:
            raise HTTPException(404)
        if not self._door.comes_from_us(request):
            raise HTTPException(403)
        self._door.count_try(request)
        address = self._door.address_of(request)
        try:
            arrival = await self._flex.who(await _token(request))
            begun = await self._door.sessions.begin(arrival, address) if arrival else None
        except TwilioError as error:
            if not error.permanent:
                raise HTTPException(503, headers={"Retry-After": "5"}) from error
            arrival = begun = None
        if begun is None:
            if arrival is None:  # else it is noted who was refused
                await self._door.sessions.refuse("flex", address, Reason.FLEX)
            self._door.count_failure(request)
            raise HTTPException(403)
        response = JSONResponse({"signed_in": True})
        self._door.cookies.keep_session(response, *begun)
        return response

    async def _sign_out(self, request: Request) -> Response:
        staff = await self._door.find(request)
        if staff is not None:
            await self._door.require_csrf(request)
            await self._door.sessions.sign_out(staff, self._door.address_of(request))
        response = RedirectResponse(f"{_root(request)}/staff/sign-in", 303)
        self._door.cookies.drop_session(response)
        return response


def _root(request: Request) -> str:
    root: str = request.scope.get(ROOT_SCOPE_KEY, "")
    return root


async def _token(request: Request) -> str:
    """The token of a JSON body. No form can send one, so no other page can have a browser do it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415)
    try:
        content: Any = await request.json()
    except ValueError:
        raise HTTPException(400) from None
    token = content.get("token") if isinstance(content, dict) else None
    if not isinstance(token, str):
        raise HTTPException(400)
    return token
