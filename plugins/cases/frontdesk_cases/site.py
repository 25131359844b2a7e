"""What all pages of staff share: who visits and in which language, which case they may see, and how a page is made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from frontdesk import Desk, Person, Role, Say, Staff
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from frontdesk_cases.book import CaseBook
from frontdesk_cases.cabinet import Cabinet
from frontdesk_cases.cases import Actor, CaseRecord
from frontdesk_cases.changes import CaseError
from frontdesk_cases.listing_queries import Listing
from frontdesk_cases.presence import Presence
from frontdesk_cases.presenter import Presenter
from frontdesk_cases.recent import Recent
from frontdesk_cases.relations import Relations
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.views import Views
from frontdesk_cases.wire import Wire
from frontdesk_cases.work import CaseWork

HERE = Path(__file__).parent

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

FindPerson = Callable[[int, int], Awaitable[Person | None]]
"""Finds a member by server and id; None if there is none."""

_FIELDS = 200  # of a form
_DIGITS = 20  # of a server's id
_MOST_IDS = 2**63  # the databases' largest number
_WRITTEN = 100_000  # bytes of one field


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pages work with.

    Args:
        book: finds and opens cases.
        listing: the list.
        work: changes cases.
        relations: links, merges and splits them.
        cabinet: their files.
        views: saved views.
        recent: what can be chosen.
        wire: tells open pages what happens.
        presence: tells who writes an answer.
        find_person: finds members.
    """

    book: CaseBook
    listing: Listing
    work: CaseWork
    relations: Relations
    cabinet: Cabinet
    views: Views
    recent: Recent
    wire: Wire
    presence: Presence
    find_person: FindPerson


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody of the staff at a page.

    Args:
        request: what they ask for.
        staff: who it is.
        guild_id: the server that it is about.
        role: what they may do there.
        say: speaks to them.
        present: puts cases into words for them.
        narrow: whether the page stands beside something else, such as a task in Flex.
    """

    request: Request
    staff: Staff
    guild_id: int
    role: Role
    say: Say
    present: Presenter
    narrow: bool

    @property
    def actor(self) -> Actor:
        """Who they are to a case."""
        return Actor(self.staff.id, self.staff.name)

    def may(self, role: Role) -> bool:
        """Whether they may do here what a role may."""
        return self.role.includes(role)

    def path(self, path: str, **query: object) -> str:
        """Give the address of a page of ours; beside a task it stays there."""
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        given |= {"panel": "1"} if self.request.query_params.get("panel") == "1" else {}
        root = self.request.scope.get("frontdesk.root", "")
        return f"{root}/cases{path}{'?' if given else ''}{urlencode(given)}"


class Site:
    """Lets staff in and makes pages.

    Args:
        desk: what the plugin was given.
        parts: what the pages work with.
    """

    def __init__(self, desk: Desk[CasesSettings], parts: Parts) -> None:
        self.desk = desk
        self.parts = parts
        self._pages = desk.pages(HERE / "templates")

    async def visit(self, request: Request, guild_id: int | None = None, role: Role = Role.VIEWER) -> Visit:
        """Let somebody on.

        Args:
            request: what they ask for.
            guild_id: the server; None for the one that the address names, else their first.
            role: the least that they must be there.

        Raises:
            HTTPException: they are not signed in, or may not; 404 for a server in which they have no business.
        """
        staff = await self.desk.staff.require(request, Role.VIEWER)
        if guild_id is None:
            named = request.query_params.get("server", "")
            if named.isdecimal() and len(named) > _DIGITS:
                raise HTTPException(404)
            guild_id = int(named) if named.isdecimal() else staff.guilds_with(Role.VIEWER)[0]
        own = staff.role_in(guild_id)
        if own is None:
            raise HTTPException(404)
        if not own.includes(role):
            raise HTTPException(403)
        say = self._say(request, guild_id)
        present = Presenter(say, self.desk.now(), self.desk.settings_for(guild_id).prefix)
        narrow = request.query_params.get("panel") == "1" or request.headers.get("sec-fetch-dest") == "iframe"
        return Visit(request, staff, guild_id, own, say, present, narrow)

    async def case(self, request: Request, role: Role = Role.VIEWER) -> tuple[Visit, CaseRecord]:
        """Let somebody on to the case that the address names; one of another server is not found.

        Raises:
            HTTPException: as for `visit`, and 404 if there is no such case.
        """
        await self.desk.staff.require(request, Role.VIEWER)
        case_id = request.path_params["case_id"]
        case = await self.parts.book.find(case_id) if case_id < _MOST_IDS else None
        if case is None:
            raise HTTPException(404)
        return await self.visit(request, case.guild_id, role), case

    async def form(self, request: Request, *, files: int = 0) -> tuple[Mapping[str, str], list[UploadFile]]:
        """Read a form that a page of ours has sent.

        Args:
            request: from somebody who has been let on.
            files: so many may come with it.

        Raises:
            HTTPException: 403 if it was sent by another page.
        """
        form = await request.form(max_files=files, max_fields=_FIELDS, max_part_size=_WRITTEN)
        await self.desk.staff.require_csrf(request)
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return fields, [value for value in form.values() if isinstance(value, UploadFile)]

    async def text_of_somebody(self, request: Request) -> str:
        """Read what somebody without a session has written, with the same limits as for staff, and no files.

        Raises:
            HTTPException: 400 for a form that no page of ours makes.
        """
        text = (await request.form(max_files=0, max_fields=_FIELDS, max_part_size=_WRITTEN)).get("text")
        return text if isinstance(text, str) else ""

    def render(self, visit: Visit, template: str, *, status_code: int = 200, **context: object) -> Response:
        """Make a page for somebody."""
        ancestors = self.desk.staff.frame_ancestors, self.desk.settings_for(visit.guild_id).frame_ancestors
        return self._pages.render(
            visit.request,
            template,
            say=visit.say,
            status_code=status_code,
            headers=PRIVATE,
            frame_ancestors=tuple(dict.fromkeys([origin for origins in ancestors for origin in origins])),
            **context
            | {
                "place": template,
                "visit": visit,
                "staff": visit.staff,
                "csrf": self.desk.staff.csrf(visit.request),
                "present": visit.present,
                "path": visit.path,
                "may_work": visit.may(Role.AGENT),
                "may_lead": visit.may(Role.SUPERVISOR),
                "servers": {each: self.server_name(each) for each in visit.staff.guilds_with(Role.VIEWER)},
            },
        )

    def server_name(self, guild_id: int) -> str:
        """Name a server."""
        return self.desk.staff.server_name(guild_id)

    def problem(self, visit: Visit, error: CaseError) -> str:
        """Say what cannot be done."""
        details = dict(error.details)
        for name in ("before", "after"):  # of a status that cannot be reached
            if name in details:
                details[name] = visit.say(f"status-{details[name]}")
        return visit.say(f"problem-{error.problem}", **details)

    def go_to(self, visit: Visit, path: str, anchor: str = "", **query: object) -> Response:
        """Send somebody on after a form, so that reading the page again sends nothing again."""
        return RedirectResponse(visit.path(path, **query) + (f"#{anchor}" if anchor else ""), 303)

    def kept_text(self, request: Request, text: str) -> Response:
        """Give a text back to somebody whose session has ended while they wrote it."""
        return self._pages.render(
            request,
            "kept.html",
            say=self._say(request, None),
            status_code=401,
            headers=PRIVATE,
            frame_ancestors=(*self.desk.staff.frame_ancestors, *self.desk.settings.frame_ancestors),
            text=text,
        )

    def _say(self, request: Request, guild_id: int | None) -> Say:
        wanted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
        return self.desk.say(wanted or None, guild_id)
