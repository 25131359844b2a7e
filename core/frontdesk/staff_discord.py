"""Sign-in by Discord: the authorization code flow with PKCE; Discord only vouches for who it is."""

import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from frontdesk.errors import FrontdeskError
from frontdesk.staff_rows import Attempt, Reason, StaffRows, hashed
from frontdesk.staff_sessions import Arrival

_DISCORD = "https://discord.com"
_API = f"{_DISCORD}/api/v10"
_DEADLINE = aiohttp.ClientTimeout(total=10)
_LARGEST_ANSWER = 64 * 1024
ATTEMPT_LASTS = timedelta(minutes=10)


class SignInRefused(FrontdeskError):
    """Who comes back from Discord cannot be let in: the sign-in was cancelled, forged, repeated or too slow."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The sign-in was refused ({reason.value}).")
        self.reason = reason


class SignInUnavailable(FrontdeskError):
    """Discord does not answer, or not as described."""


class DiscordSignIn:
    """Sends browsers to Discord and takes them back.

    Args:
        rows: where sign-ins under way are kept.
        application_id: the bot's application.
        client_secret: the application's.
        rest_url: where Discord's API is asked; None for Discord itself.
        redirect_uri: where Discord sends browsers back to; it must be listed in the developer portal.
        clock: the time (UTC).
    """

    def __init__(
        self,
        rows: StaffRows,
        *,
        application_id: Callable[[], Awaitable[int]],
        client_secret: str,
        rest_url: str | None,
        redirect_uri: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._application_id = application_id
        self._client_secret = client_secret
        self._api = rest_url or _API
        parts = urlsplit(self._api)
        self._authorize = f"{parts.scheme}://{parts.netloc}/oauth2/authorize"
        self._redirect_uri = redirect_uri
        self._clock = clock

    async def begin(self, going_on: str) -> tuple[str, str]:
        """Begin a sign-in.

        Args:
            going_on: the path to open afterwards.

        Returns:
            Discord's address to go to, and the secret that binds the sign-in to the browser.

        Raises:
            SignInUnavailable: if Discord does not answer.
        """
        state, browser, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._clock()
        application = await self._application_id()
        attempt = Attempt(hashed(state), hashed(browser), verifier, going_on, now + ATTEMPT_LASTS)
        await self._rows.add_attempt(attempt, now)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": str(application), "scope": "identify", "state": state,
            "redirect_uri": self._redirect_uri, "prompt": "none", "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{self._authorize}?{urlencode(query)}", browser

    async def end(self, state: str, browser: str, code: str) -> tuple[Arrival, str]:
        """Take back a browser that Discord has sent.

        Args:
            state: from the address.
            browser: the secret from the cookie.
            code: from the address; "" if the person or Discord said no.

        Returns:
            Who it is, and the path to open.

        Raises:
            SignInRefused: if this sign-in did not begin in this browser, ended already, or Discord does not vouch.
            SignInUnavailable: if Discord does not answer.
        """
        attempt = await self._rows.take_attempt(state, self._clock())
        if attempt is None:
            raise SignInRefused(Reason.STATE)
        if not browser or not secrets.compare_digest(hashed(browser), attempt.browser_hash):
            raise SignInRefused(Reason.BROWSER)
        if not code:
            raise SignInRefused(Reason.CANCELLED)
        return await self._who(code, attempt.verifier), attempt.next

    async def _who(self, code: str, verifier: str) -> Arrival:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self._redirect_uri,
            "client_id": str(await self._application_id()),
            "client_secret": self._client_secret,
        }
        async with aiohttp.ClientSession(timeout=_DEADLINE) as session:
            given = await _ask(session, "POST", f"{self._api}/oauth2/token", data=form)
            bearer = {"Authorization": f"Bearer {given.get('access_token', '')}"}
            me = await _ask(session, "GET", f"{self._api}/users/@me", headers=bearer)
        user_id = str(me.get("id", ""))
        if not user_id.isdecimal():
            raise SignInUnavailable("Discord did not tell who it is.")
        name = str(me.get("global_name") or me.get("username") or user_id)
        return Arrival(f"discord:{user_id}", name, "discord")


async def _ask(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        async with session.request(method, url, allow_redirects=False, **more) as response:
            if response.status in {400, 401, 403}:
                raise SignInRefused(Reason.DISCORD)
            if response.status != 200 or (response.content_length or 0) > _LARGEST_ANSWER:
                raise SignInUnavailable(f"Discord answered the sign-in with {response.status}.")
            told = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise SignInUnavailable(f"Discord cannot be reached ({type(error).__name__}).") from error
    if not isinstance(told, dict):
        raise SignInUnavailable("Discord's answer is not what it describes.")
    return told
