"""The web side of one bot: every plugin's routes under its own name, health, figures, and clear errors."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from frontdesk.addresses import is_local
from frontdesk.health import Health, Part, PartState
from frontdesk.metrics import CONTENT_TYPE, Metrics
from frontdesk.middleware import Entrance, Limits, Net, Streams
from frontdesk.pages import STATIC, TEMPLATES, Pages
from frontdesk.uploads import UploadRoute
from frontdesk.web_server import WebServer
from frontdesk.words import Say, Words

__all__ = ["Health", "Part", "PartState", "Web"]

log = structlog.stdlib.get_logger(__name__)

BODY_LIMIT = 1_048_576
_PROBLEM = "application/problem+json"  # RFC 9457
_HEALTH_DEADLINE = 5.0
_OWN_NAMES = frozenset({"static", "health", "metrics"})
_EXPLAINED = frozenset({401, 403, 404, 405, 413, 429, 500, 503})


class Web:
    """The web server of one bot. Plugins can be mounted and unmounted while it runs.

    Args:
        host: where to listen.
        port: 0 takes a free one; ``port`` holds it after the start.
        public_url: how people and Twilio reach us.
        health: tells how every part is.
        metrics: shown at /metrics, and where requests are counted.
        words: the sentences of the pages.
        metrics_token: with it, /metrics wants it as a bearer token; without, it answers this machine and its
            private network only.
        body_limit: bytes that a request's body may have, but for the plugins' `UploadRoute`.
        frame_ancestors: the origins that may show error pages in a frame: an empty one would tell nobody why.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        public_url: str,
        health: Callable[[], Awaitable[Health]],
        metrics: Metrics,
        words: Words,
        metrics_token: str | None = None,
        body_limit: int = BODY_LIMIT,
        frame_ancestors: Sequence[str] = (),
    ) -> None:
        self.port = port
        self._health = health
        self._metrics = metrics
        self._metrics_token = metrics_token
        self._words = words
        self._frame_ancestors = tuple(frame_ancestors)
        self._root = urlsplit(public_url).path.rstrip("/")
        self._pages = Pages(TEMPLATES)
        self._mounted: dict[str, list[BaseRoute]] = {}
        self._homes: dict[str, str] = {}
        self._streams: set[asyncio.Task[object]] = set()
        self._uploads: dict[str, list[UploadRoute]] = {}
        self._body_limit = body_limit
        self.app = self._application()
        self._server = WebServer(self.app, host, port)

    def mount(self, plugin: str, routes: Sequence[BaseRoute], *, title: str | None = None, listed: bool = True) -> None:
        """Serve a plugin's routes below ``/<plugin>/``.

        Args:
            plugin: its name.
            routes: with paths relative to the plugin.
            title: how the first page names it, if it has a page at "/"; made from the name by default.
            listed: whether the first page names it at all.

        Raises:
            ValueError: if the name is taken.
        """
        if plugin in self._mounted or plugin in _OWN_NAMES:
            raise ValueError(f"/{plugin}/ is taken")

        async def to_the_slash(request: Request) -> Response:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{self._root}/{plugin}/{query}", 308)

        mounted: list[BaseRoute] = [
            Route(f"/{plugin}", to_the_slash),
            Mount(f"/{plugin}", Router(routes, redirect_slashes=False)),
        ]
        self._mounted[plugin] = mounted
        self._uploads[plugin] = [route for route in routes if isinstance(route, UploadRoute)]
        self.app.router.routes.extend(mounted)
        if listed and any(_is_home(route) for route in routes):
            self._homes[plugin] = title or plugin.replace("_", " ").capitalize()

    def unmount(self, plugin: str) -> None:
        """Stop serving a plugin; fine if it is not mounted."""
        gone = self._mounted.pop(plugin, [])
        routes = self.app.router.routes
        routes[:] = [route for route in routes if not any(route is other for other in gone)]
        self._homes.pop(plugin, None)
        self._uploads.pop(plugin, None)

    async def start(self) -> None:
        """Listen.

        Raises:
            StartError: if the port is busy or may not be used.
        """
        self.port = await self._server.start()
        log.info("web_started", port=self.port)

    async def wait(self) -> None:
        """Return when the server has ended, raising what ended it."""
        await self._server.wait()

    async def stop(self, grace: float = 5.0) -> None:
        """End event streams at once, let other requests finish within ``grace`` seconds, close."""
        for task in list(self._streams):
            task.cancel()
        await self._server.stop(grace)

    def say(self, request: Request) -> Say:
        """Who speaks to the person behind a request, by the languages that their browser asks for."""
        return self._words.say("core", _preferred(request.headers.get("accept-language", "")))

    def _application(self) -> Starlette:
        app = Starlette(
            routes=[
                Route("/", self._home),
                Route("/health", self._show_health),
                Route("/metrics", self._show_metrics),
                Mount("/static", _Static(directory=STATIC)),
            ],
            middleware=[
                Middleware(Entrance, metrics=self._metrics, root=self._root, plugin_of=self._plugin_of),
                Middleware(Streams, running=self._streams),
                Middleware(Net, answer=self._error),
                Middleware(Limits, limit_of=self._body_limit_of),
            ],
            exception_handlers={HTTPException: self._http_error},
        )
        app.router.redirect_slashes = False
        return app

    def _body_limit_of(self, scope: Scope) -> int:
        plugin, _, path = scope["path"].lstrip("/").partition("/")
        inside = dict(scope) | {"path": f"/{path}", "root_path": ""}
        fitting = (route for route in self._uploads.get(plugin, ()) if route.matches(inside)[0] is Match.FULL)
        return max(self._body_limit, next((route.limit for route in fitting), 0))

    def _plugin_of(self, path: str) -> str:
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        return first if first in self._mounted or first == "static" else "core"

    async def _home(self, request: Request) -> Response:
        if not _wants_html(request):
            return JSONResponse({"name": "Frontdesk", "plugins": sorted(self._homes)})
        homes = sorted(self._homes.items(), key=lambda item: item[1])
        return self._pages.render(request, "home.html", say=self.say(request), homes=homes)

    async def _show_health(self, _request: Request) -> Response:
        try:
            async with asyncio.timeout(_HEALTH_DEADLINE):
                health = await self._health()
        except Exception as error:  # asking may fail in any way, and that is an answer too
            log.error("health_failed", exc_info=error)
            part = Part("health", PartState.DOWN, "The state of the bot could not be found out.", vital=True)
            health = Health((part,))
        return JSONResponse(health.as_json(), 503 if health.state is PartState.DOWN else 200)

    async def _show_metrics(self, request: Request) -> Response:
        if not self._may_see_metrics(request):
            raise HTTPException(403)
        return Response(self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    def _may_see_metrics(self, request: Request) -> bool:
        if self._metrics_token is not None:
            given = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {self._metrics_token}".encode())
        # A proxy on this machine that names nobody would make everybody look local; those that we know of name.
        return request.client is not None and is_local(request.client.host)

    async def _http_error(self, request: Request, error: Exception) -> Response:
        return self._error(request, error if isinstance(error, HTTPException) else HTTPException(500), None)

    def _error(self, request: Request, error: HTTPException, error_id: str | None) -> Response:
        """A page for people, a problem in JSON for programs; what a plugin said in its HTTPException is kept."""
        status = error.status_code
        if status < 400:
            return Response(status_code=status, headers=error.headers)
        said = error.detail if error.detail != HTTPStatus(status).phrase else ""
        say = self.say(request)
        known = status if status in _EXPLAINED else 500 if status >= 500 else 400
        if not _wants_html(request):
            name = HTTPStatus(status).name.lower().replace("_", "-")
            body = {"type": name, "title": said or say(f"page-{known}-text"), "status": status}
            body |= {"error_id": error_id} if error_id else {}
            return JSONResponse(body, status, error.headers, media_type=_PROBLEM)
        return self._pages.render(
            request,
            "error.html",
            say=say,
            status_code=status,
            headers=error.headers,
            frame_ancestors=self._frame_ancestors,
            status=status,
            title=say(f"page-{known}-title"),
            text=said or say(f"page-{known}-text"),
            error_id=error_id,
        )


class _Static(StaticFiles):
    """Files of the house; their addresses change with their content, so browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = f"public, max-age={31_536_000 if versioned else 300}"
        return response


def _is_home(route: BaseRoute) -> bool:
    return isinstance(route, Route) and route.path == "/" and "GET" in (route.methods or ())


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _preferred(accept_language: str) -> str | None:
    """The language with the greatest weight in an Accept-Language header, the first of equals."""
    best, weight = None, 0.0
    for part in accept_language.split(",")[:20]:
        tag, _, given = part.strip().partition(";")
        quality = 1.0
        if given:
            with suppress(ValueError):
                quality = float(given.strip().removeprefix("q="))
        if tag and tag != "*" and quality > weight:
            best, weight = tag, quality
    return best
