"""Visiting the bot's pages as somebody who is signed in, or nobody yet: a browser without a screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_BROWSER = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en"}


@dataclass(frozen=True)
class Seen:
    """An answer.

    Args:
        url: where it came from, after all redirects.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    text: str


class Visitor:
    """A browser at the bot's pages, with a cookie jar of its own.

    Args:
        url: the bot's address.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Browsers keep cookies of 127.0.0.1; aiohttp must be asked to.
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=20), headers=_BROWSER
        )

    async def close(self) -> None:
        """Forget everything."""
        await self.session.close()

    async def get(self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Seen:
        """Open a page.

        Args:
            path: of the bot, or a whole address.
            follow: whether redirects are followed.
            headers: further ones.
        """
        return await self._ask("GET", path, follow, headers or {})

    async def post(self, path: str, *, follow: bool = True, on: str | None = None, **fields: str) -> Seen:
        """Send a form of a page.

        Args:
            path: where the form goes.
            follow: whether redirects are followed.
            on: the page that has the form: its token against forged requests is sent along.
            fields: the form's fields.
        """
        token = {"csrf": await self.csrf(on)} if on is not None else {}
        origin = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return await self._ask("POST", path, follow, origin, data={**fields, **token})

    async def csrf(self, path: str) -> str:
        """Read the token against forged requests on a page.

        Raises:
            LookupError: if the page has none.
        """
        page = await self.get(path)
        found = _CSRF.search(page.text)
        if found is None:
            raise LookupError(f"{page.url} has no token in a form: {page.status}")
        return found[1]

    async def by_discord(self, member: str, going_on: str = "/staff/") -> Seen:
        """Sign in with Discord, as the person would who chooses themself there.

        Args:
            member: a name or number, as Discord's page takes it.
            going_on: the path to open afterwards.
        """
        began = await self.get(f"/staff/sign-in/discord?next={going_on}", follow=False)
        if "Location" not in began.headers:
            return began
        return await self.get(f"{began.headers['Location']}&member={member}")

    async def by_flex(self, token: str) -> Seen:
        """Sign in with a Flex token, as the script of the page in Flex does."""
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
        return await self._ask("POST", "/staff/sign-in/flex", True, headers, json={"token": token})

    async def _ask(self, method: str, path: str, follow: bool, headers: Mapping[str, str], **more: Any) -> Seen:
        url = path if path.startswith("http") else f"{self.url}{path}"
        async with self.session.request(method, url, headers=headers, allow_redirects=follow, **more) as answer:
            return Seen(answer.status, str(answer.url), answer.headers, await answer.text())
