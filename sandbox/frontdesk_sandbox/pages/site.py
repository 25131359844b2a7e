"""The pages' web side: three documents, their static files, and the security headers of all of them."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import LoopbackDiscord
from frontdesk_sandbox.pages.chat import Chat
from frontdesk_sandbox.pages.desktop import Desktop
from frontdesk_sandbox.twilio import LoopbackTwilio

_HERE = Path(__file__).parent


class Pages:
    """The browser pages of one sandbox.

    Mount ``routes`` at the root of the web server that also serves the loopback services: attachments are
    fetched from there.

    Args:
        discord: the loopback Discord that the chat client looks into.
        twilio: the loopback Twilio that the agent desktop looks into.
        changes: the news of both; every screen is drawn anew after each.
        bot_url: where the bot's own pages are, or a function that tells (None while there is no bot).
    """

    def __init__(
        self,
        discord: LoopbackDiscord,
        twilio: LoopbackTwilio,
        changes: Changes,
        *,
        bot_url: str | Callable[[], str | None],
    ) -> None:
        self._bot_url = bot_url
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True
        )
        documents = [
            Route("/", self._document("side-by-side.html")),
            Route("/chat", self._document("chat.html")),
            Route("/desktop", self._document("desktop.html")),
        ]
        self.routes: list[BaseRoute] = [
            *documents,
            *Chat(discord, changes).routes,
            *Desktop(twilio, changes).routes,
            Mount("/pages/static", _Fresh(StaticFiles(directory=_HERE / "static"))),
        ]

    @property
    def bot_url(self) -> str | None:
        """Where the bot's own pages are now, without a slash at the end."""
        url = self._bot_url() if callable(self._bot_url) else self._bot_url
        return url.rstrip("/") if url else None

    def _document(self, name: str) -> Callable[[Request], Response]:
        template = self._templates.get_template(name)

        def show(request: Request) -> Response:
            bot = self.bot_url
            query = request.query_params
            html = template.render(bot_url=bot, chat_query=_as(query.get("as")), desktop_query=_as(query.get("agent")))
            return HTMLResponse(html, headers=_headers(bot))

        return show


def _as(name: str | None) -> str:
    """The query with which a page shows a certain person."""
    return f"?{urlencode({'as': name})}" if name else ""


def _headers(bot_url: str | None) -> dict[str, str]:
    bot = urlsplit(bot_url) if bot_url else None
    frames = f"'self' {bot.scheme}://{bot.netloc}" if bot else "'self'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        f"media-src 'self'; frame-src {frames}; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
    return {
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    }  # fmt: skip


class _Fresh:
    """Lets the browser keep static files, but ask each time: a sandbox is often updated."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"], (b"cache-control", b"no-cache"), (b"x-content-type-options", b"nosniff")
                ]  # fmt: skip
            await send(message)

        await self._app(scope, receive, marked)
