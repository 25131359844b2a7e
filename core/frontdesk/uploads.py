"""Routes that take larger bodies than others do, such as those that files are sent to."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Awaitable[Response]]


class UploadRoute(Route):
    """A route for uploads: the limit for the bodies of requests is its own.

    The plugin gives it out by `register_routes` itself, not within a `Mount`: the core looks for it before anything of
    the plugin runs.

    Args:
        path: relative to the plugin.
        endpoint: answers; it should find out who asks before it reads the body.
        limit: bytes that a request's body may have.
    """

    def __init__(self, path: str, endpoint: Endpoint, *, limit: int) -> None:
        super().__init__(path, endpoint, methods=["POST"])
        self.limit = limit
