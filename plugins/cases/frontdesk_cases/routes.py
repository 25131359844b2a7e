"""The pages of cases, for staff who have signed in."""

from collections.abc import Sequence

import hikari
from frontdesk import Desk, Person, person_of
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from frontdesk_cases.page_case import CasePages
from frontdesk_cases.page_events import EventPages
from frontdesk_cases.page_files import FilePages
from frontdesk_cases.page_list import ListPages
from frontdesk_cases.page_new import NewPages
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import HERE, FindPerson, Site


def case_path(case_id: int) -> str:
    """Give the path of a case's page below the plugin's address."""
    return f"/{case_id}"


def list_path(guild_id: int) -> str:
    """Give the path of a server's list below the plugin's address."""
    return f"/?server={guild_id}"


def case_routes(site: Site) -> Sequence[BaseRoute]:
    """Make the plugin's pages for one bot."""
    cases = CasePages(site)
    return [
        *ListPages(site).routes,
        *NewPages(site).routes,
        *EventPages(site).routes,
        *cases.routes,
        *FilePages(site, cases).routes,
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def members_of(desk: Desk[CasesSettings]) -> FindPerson:
    """Make what finds members in Discord."""

    async def find(guild_id: int, user_id: int) -> Person | None:
        try:
            member = await desk.rest.fetch_member(guild_id, user_id)
        except (hikari.NotFoundError, hikari.BadRequestError, hikari.ForbiddenError):
            return None
        except (hikari.HikariError, TimeoutError) as error:  # nobody knows now: it may be asked again
            raise HTTPException(503) from error
        return None if member.is_bot else person_of(member, guild_id=guild_id, bot=desk.bot)

    return find
