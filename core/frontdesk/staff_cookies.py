"""The cookies of staff: one that holds a session, one that binds a sign-in to the browser where it began."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True)
class Cookies:
    """Names and attributes, as the public address allows them.

    Args:
        public_url: the bot's address. With https the session goes into frames too, such as Flex's panel, in a jar of
            its own for each page around it ("Partitioned"); with http, on one's own machine, it stays with us.
    """

    public_url: str

    @property
    def _secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    @property
    def session_name(self) -> str:
        """The name of the session's cookie."""
        return "__Host-frontdesk-staff" if self._secure else "frontdesk-staff"

    @property
    def attempt_name(self) -> str:
        """The name of the cookie of a sign-in under way."""
        return "__Host-frontdesk-sign-in" if self._secure else "frontdesk-sign-in"

    def session_of(self, request: Request) -> str | None:
        """The secret of the session, as the browser tells it."""
        return request.cookies.get(self.session_name)

    def attempt_of(self, request: Request) -> str | None:
        """The secret of the sign-in under way, as the browser tells it."""
        return request.cookies.get(self.attempt_name)

    def keep_session(self, response: Response, secret: str, seconds: int) -> None:
        """Have the browser keep a session."""
        self._put(response, self.session_name, secret, seconds, self._in_frames)

    def drop_session(self, response: Response) -> None:
        """Have the browser forget the session."""
        self._put(response, self.session_name, "", 0, self._in_frames)

    def keep_attempt(self, response: Response, secret: str, seconds: int) -> None:
        """Have the browser keep what a sign-in is bound to; it comes along when Discord sends the browser back."""
        self._put(response, self.attempt_name, secret, seconds, self._ours)

    def drop_attempt(self, response: Response) -> None:
        """Have the browser forget the sign-in under way."""
        self._put(response, self.attempt_name, "", 0, self._ours)

    @property
    def _in_frames(self) -> str:
        return "Secure; SameSite=None; Partitioned" if self._secure else "SameSite=Lax"

    @property
    def _ours(self) -> str:
        return "Secure; SameSite=Lax" if self._secure else "SameSite=Lax"

    def _put(self, response: Response, name: str, value: str, seconds: int, reach: str) -> None:
        # Starlette's set_cookie knows "Partitioned" only on the newest Python.
        response.headers.append("Set-Cookie", f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; {reach}")
