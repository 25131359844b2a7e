"""Somebody of the staff with a browser, for tests of the pages: keeps the session, and sends forms as a page does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from frontdesk import Role
from frontdesk.staff_sessions import Arrival

from tests.plugins.served import PUBLIC, Seen, Served
from tests.staff_door import signed_in

LONGEST = 10.0  # seconds that an answer may take


@dataclass
class Visitor:
    """A browser with a session.

    Args:
        desk: whose pages are visited.
        cookie: of the session; empty for nobody.
        language: that the browser asks for.
    """

    desk: Served
    cookie: str
    language: str = "en"
    csrf: str = field(default="", init=False)

    async def get(self, path: str, **headers: str) -> Seen:
        """Open a page; the token of its forms is kept."""
        seen = await self._ask("GET", path, None, headers)
        if found := re.search(r'name="csrf" value="([0-9a-f]+)"', seen.text):
            self.csrf = found[1]
        return seen

    async def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Seen:
        """Send a form with what a page of ours would send besides."""
        return await self._ask("POST", path, {"csrf": self.csrf, **(form or {})}, headers)

    async def send(self, path: str, content: aiohttp.FormData) -> Seen:
        """Send a form with files."""
        content.add_field("csrf", self.csrf)
        return await self._ask("POST", path, content, {})

    async def _ask(self, method: str, path: str, data: Any, headers: Mapping[str, str]) -> Seen:
        url = f"http://127.0.0.1:{self.desk.port}{path.removeprefix(PUBLIC)}"
        own = {"Accept": "text/html", "Accept-Language": self.language, "Sec-Fetch-Site": "same-origin"}
        own |= {"Cookie": self.cookie} if self.cookie else {}
        timeout = aiohttp.ClientTimeout(total=LONGEST)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, data=data, headers=own | dict(headers), allow_redirects=False) as response,
        ):
            return Seen(response.status, response.headers, await response.text(errors="replace"))


async def visitor(desk: Served, name: str, roles: Mapping[int, Role], *, language: str = "en") -> Visitor:
    """Sign somebody in with these roles, by server."""
    number = sum(map(ord, name)) + 1000
    desk.town.people[number] = dict(roles)
    return Visitor(desk, await signed_in(desk.desk.staff, Arrival(f"discord:{number}", name, "discord")), language)
