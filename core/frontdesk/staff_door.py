"""The door of the pages: who is there, whether they may be, and whether a form was really sent by them."""

import hmac
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from frontdesk.pages import ROOT_SCOPE_KEY
from frontdesk.security import path_and_query
from frontdesk.staff import Role, RoleNames, Staff
from frontdesk.staff_cookies import Cookies
from frontdesk.staff_limits import SlidingWindow, network_of, shortened_address
from frontdesk.staff_members import RolesUnknown
from frontdesk.staff_sessions import StaffSessions
from frontdesk.staff_tokens import StaffTokens

_FOUND = "frontdesk.staff"  # in the scope, so that one request asks once
_WINDOW = 600.0  # seconds in which tries are counted
_TRIES = 60  # sign-ins; an office has one address
_FAILURES = 20


class StaffDoor:
    """Tells any plugin's pages who is there.

    Args:
        sessions: of people.
        tokens: of programs.
        public_url: the bot's address.
        frame_ancestors: the origins that may show pages of staff in a frame.
        role_names: gives the Discord roles that make somebody staff in one server.
        names_roles: whether any are named, in any server.
        clock: seconds that do not go back.

    Attributes:
        frame_ancestors: for `Pages.render`, so that a page may stand in Flex's panel.
        role_names: the Discord roles that make somebody staff in one server.
        names_roles: whether any are named, in any server.
    """

    def __init__(
        self,
        sessions: StaffSessions,
        tokens: StaffTokens,
        *,
        public_url: str,
        frame_ancestors: tuple[str, ...] = (),
        role_names: Callable[[int], RoleNames] = lambda _guild_id: RoleNames(),
        names_roles: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frame_ancestors = frame_ancestors
        self.role_names = role_names
        self.names_roles = names_roles
        self.cookies = Cookies(public_url)
        self.sessions = sessions
        self.tokens = tokens
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".lower()
        self._clock = clock
        self._tries = SlidingWindow(_TRIES, _WINDOW)
        self._failures = SlidingWindow(_FAILURES, _WINDOW)

    async def find(self, request: Request) -> Staff | None:
        """Who sends a request; None for somebody who is not signed in.

        What a page asks for by itself does not keep a session from ending when its person is gone: streams of events,
        and what has the header ``X-Frontdesk-Background: 1``.

        Args:
            request: with a session's cookie, or with ``Authorization: Bearer fd_…``.

        Raises:
            HTTPException: 429 for an address with too many wrong tokens, 503 while Discord does not tell their roles.
        """
        if _FOUND not in request.scope:
            request.scope[_FOUND] = await self._find(request, in_use=not _comes_by_itself(request))
        found: Staff | None = request.scope[_FOUND]
        return found

    async def _find(self, request: Request, *, in_use: bool) -> Staff | None:
        bearer = _bearer(request)
        if bearer is not None:
            program = await self.tokens.find(bearer, shortened_address(_address(request)))
            if program is None:
                self.count_failure(request)
            return program
        secret = self.cookies.session_of(request)
        if not secret:
            return None
        try:
            return await self.sessions.find(secret, in_use=in_use)
        except RolesUnknown as error:
            raise HTTPException(503, headers={"Retry-After": "10"}) from error

    async def require(self, request: Request, role: Role, guild_id: int | None = None) -> Staff:
        """Let only staff on.

        Args:
            request: the request.
            role: the least that they must be.
            guild_id: in which server; None where any will do. Where nobody shall learn that something of another
                server exists, ask `Staff.role_in` first and answer 404.

        Raises:
            HTTPException: for the web part to answer: a browser without a session is sent to the sign-in (303),
                others get 401, whoever lacks the role 403.
        """
        staff = await self.find(request)
        if staff is None:
            raise self._unknown(request)
        if not staff.may(role, guild_id):
            raise HTTPException(403)
        return staff

    async def still(self, request: Request, role: Role, guild_id: int | None = None) -> bool:
        """Whether somebody who was let on may still be here: for answers that go on for long, such as event streams.

        Args:
            request: as it was let on.
            role: the least that they must be.
            guild_id: as for `require`.
        """
        try:
            staff = await self._find(request, in_use=False)  # what `find` has kept was true when the request came
        except HTTPException:
            return False
        return staff is not None and staff.may(role, guild_id)

    async def colleagues(self, guild_id: int, role: Role = Role.AGENT) -> list[Staff]:
        """Who has signed in before and may do in a server what a role may: whom one can give work to there, by name.

        Whoever's roles Discord does not tell at once is left out until it has.

        Args:
            guild_id: the Discord server.
            role: the least that they must be.
        """
        return await self.sessions.colleagues(guild_id, role)

    def server_name(self, guild_id: int) -> str:
        """The name of a server of the bot; its id while the bot does not know it.

        Args:
            guild_id: the Discord server.
        """
        return self.sessions.server_names().get(guild_id, str(guild_id))

    def _unknown(self, request: Request) -> HTTPException:
        shown = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")
        if not shown or _bearer(request) is not None:
            return HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        root = request.scope.get(ROOT_SCOPE_KEY, "")
        # Discord's page refuses to stand in a frame; in one, Flex vouches.
        way = "/staff/sign-in/flex" if request.headers.get("sec-fetch-dest") == "iframe" else "/staff/sign-in"
        target = quote(root + path_and_query(request), safe="")
        return HTTPException(303, headers={"Location": f"{root}{way}?next={target}"})

    def csrf(self, request: Request) -> str:
        """The token that a form of ours carries in its field ``csrf``; "" without a session.

        Args:
            request: for the page with the form.
        """
        secret = self.cookies.session_of(request)
        return hmac.digest(secret.encode(), b"frontdesk csrf", "sha256").hex() if secret else ""

    async def require_csrf(self, request: Request) -> None:
        """Let only requests on that were sent by a page of ours. Programs with a token need no such proof.

        Args:
            request: with the token in the form's field ``csrf`` or in the header ``X-CSRF-Token``. A form with files is
                read here unless it was read before, with limits of your own, by ``await request.form(…)``.

        Raises:
            HTTPException: 403.
        """
        if _bearer(request) is not None:
            return
        expected = self.csrf(request)
        given = request.headers.get("x-csrf-token")
        if given is None and _is_form(request):
            field = (await request.form()).get("csrf")
            given = field if isinstance(field, str) else None
        matches = bool(expected) and hmac.compare_digest((given or "").encode(), expected.encode())
        if not matches or not self.comes_from_us(request):
            raise HTTPException(403)

    def comes_from_us(self, request: Request) -> bool:
        """Whether the browser says that a page of ours sent a request; a program, which says nothing, passes.

        Args:
            request: the request.
        """
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site is not None and site != "same-origin":
            return False
        # Our pages send no referrer, so browsers call the origin of their forms "null".
        return origin is None or origin.lower() == self._origin or (origin == "null" and site == "same-origin")

    def count_try(self, request: Request) -> None:
        """Count a sign-in that begins.

        Raises:
            HTTPException: 429 if the address has tried too often.
        """
        self._count(self._tries, request)

    def count_failure(self, request: Request) -> None:
        """Count a sign-in or a token that was refused.

        Raises:
            HTTPException: 429 if there were too many from that address.
        """
        self._count(self._failures, request)

    def _count(self, window: SlidingWindow, request: Request) -> None:
        network, now = network_of(_address(request)), self._clock()
        for each in (window, self._failures):
            if (wait := each.wait(network, now)) > 0:
                raise HTTPException(429, headers={"Retry-After": str(int(wait) + 1)})
        window.count(network, now)

    def address_of(self, request: Request) -> str:
        """What is kept of the address that a request comes from."""
        return shortened_address(_address(request))


def own_path(text: str | None, otherwise: str) -> str:
    """Where to go on after the sign-in: a path of this server, never another one's.

    Args:
        text: what the address says.
        otherwise: where to go if that is no path of ours.
    """
    if not text or len(text) > 2000 or not text.startswith("/") or not text.isprintable():
        return otherwise
    if text.startswith("//") or "\\" in text or not text.isascii():
        return otherwise
    with suppress(ValueError):
        parts = urlsplit(text)
        if not parts.scheme and not parts.netloc:
            return text
    return otherwise


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _comes_by_itself(request: Request) -> bool:
    headers = request.headers
    return headers.get("accept") == "text/event-stream" or headers.get("x-frontdesk-background") == "1"


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in {"application/x-www-form-urlencoded", "multipart/form-data"}
