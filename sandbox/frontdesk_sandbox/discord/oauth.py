"""Discord's OAuth2 provider: the page that asks who you are, codes for one use, and the tokens for them.

https://discord.com/developers/docs/topics/oauth2#authorization-code-grant
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk_sandbox.discord.model import User
from frontdesk_sandbox.discord.world import World

_HERE = Path(__file__).parent
_SCOPES = frozenset({"identify", "guilds", "guilds.members.read", "email", "openid"})
_CODE_LASTS = timedelta(minutes=1)
_TOKEN_LASTS = timedelta(days=7)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class _Grant:
    user: User
    redirect_uri: str
    scope: str
    challenge: str | None
    expires: datetime


class OAuth:
    """The provider of one application, the bot's.

    Args:
        world: the people who can sign in.
        clock: the time (UTC).

    Attributes:
        client_secret: the application's.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self.client_secret = secrets.token_urlsafe(24)
        self._world = world
        self._clock = clock
        self._codes: dict[str, _Grant] = {}
        self._tokens: dict[str, _Grant] = {}
        loader = FileSystemLoader(_HERE / "templates")
        self._page = Environment(loader=loader, autoescape=select_autoescape(), trim_blocks=True)
        self.routes: list[BaseRoute] = [
            Route("/oauth2/authorize", self._authorize),
            Route("/oauth2/authorize.css", self._style),
            Route("/api/v10/oauth2/token", self._exchange, methods=["POST"]),
        ]

    def user_of(self, token: str) -> User | None:
        """Whose a bearer token is; None for one that is not valid (any more)."""
        grant = self._tokens.get(token)
        return grant.user if grant is not None and grant.expires > self._clock() else None

    async def _style(self, _request: Request) -> Response:
        return FileResponse(_HERE / "static" / "authorize.css", media_type="text/css")

    async def _authorize(self, request: Request) -> Response:
        """The page to choose a person; with ``member=<name or id>`` that person agrees at once."""
        query = dict(request.query_params)
        problem = self._problem(query)
        if problem:
            return HTMLResponse(self._page.get_template("wrong.html").render(problem=problem), 400, _HEADERS)
        back = query["redirect_uri"]
        if query.get("cancel"):
            refused = {"error": "access_denied", "error_description": "The resource owner denied the request"}
            return RedirectResponse(_with(back, refused, query), 302)
        if "member" in query:
            person = self._person(query["member"])
            if person is None:
                return HTMLResponse("Nobody is called so.", 404, _HEADERS)
            code = secrets.token_urlsafe(20)
            challenge, expires = query.get("code_challenge"), self._clock() + _CODE_LASTS
            self._codes[code] = _Grant(person, back, query["scope"], challenge, expires)
            return RedirectResponse(_with(back, {"code": code}, query), 302)
        here = f"{request.url.path}?{request.url.query}"
        people = [user for user in self._world.users.values() if not user.bot]
        template = self._page.get_template("authorize.html")
        page = template.render(app=self._world.bot.display_name, people=people, here=here, roles=self._roles)
        return HTMLResponse(page, headers=_HEADERS)

    def _problem(self, query: dict[str, str]) -> str:
        if query.get("client_id") != str(self._world.bot.id):
            return "Unknown application"
        if query.get("response_type") != "code":
            return "Unsupported response_type"
        if query.get("redirect_uri") not in self._world.redirect_uris:
            return "Invalid OAuth2 redirect_uri"
        scopes = query.get("scope", "").split()
        if not scopes or not _SCOPES.issuperset(scopes):
            return "Invalid scope"
        if "code_challenge" in query and query.get("code_challenge_method") != "S256":
            return "Unsupported code_challenge_method"
        return ""

    def _person(self, name: str) -> User | None:
        people = [user for user in self._world.users.values() if not user.bot]
        return next((user for user in people if name in {str(user.id), user.name, user.display_name}), None)

    def _roles(self, user: User) -> str:
        """The names of somebody's roles, for the page."""
        return ", ".join(
            guild.roles[role].name
            for guild in self._world.guilds.values()
            if (member := guild.members.get(user.id)) is not None
            for role in member.roles
            if role in guild.roles
        )

    async def _exchange(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return _refusal("invalid_request", "The request must be a form")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "client_credentials":
            return self._token(_Grant(self._world.bot, "", form.get("scope", ""), None, self._clock()))
        if form.get("grant_type") != "authorization_code":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.expires <= self._clock() or grant.redirect_uri != form.get("redirect_uri"):
            return _refusal("invalid_grant", 'Invalid "code" in request.')
        if grant.challenge is not None and _challenge(form.get("code_verifier", "")) != grant.challenge:
            return _refusal("invalid_grant", 'Invalid "code_verifier" in request.')
        return self._token(grant)

    def _token(self, grant: _Grant) -> Response:
        token = secrets.token_urlsafe(24)
        expires = self._clock() + _TOKEN_LASTS
        self._tokens[token] = _Grant(grant.user, grant.redirect_uri, grant.scope, None, expires)
        return JSONResponse(
            {
                "token_type": "Bearer",
                "access_token": token,
                "expires_in": int(_TOKEN_LASTS.total_seconds()),
                "refresh_token": secrets.token_urlsafe(24),
                "scope": grant.scope,
            }
        )

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        """The secret comes by HTTP Basic or in the form; Discord takes both."""
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
            except ValueError:
                return False
        return client == str(self._world.bot.id) and hmac.compare_digest(secret.encode(), self.client_secret.encode())


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(back: str, answer: dict[str, str], query: dict[str, str]) -> str:
    state = {"state": query["state"]} if "state" in query else {}
    return f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(answer | state)}"


def _refusal(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400)
