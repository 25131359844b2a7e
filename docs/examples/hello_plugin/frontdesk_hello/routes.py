"""The page at /hello/, the plugin's surface on the web: thin."""

from collections.abc import Iterable

from frontdesk import Desk, Pages
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from frontdesk_hello.greetings import Greetings
from frontdesk_hello.settings import HelloSettings


def hello_routes(pages: Pages, desk: Desk[HelloSettings], greetings: Greetings) -> Iterable[BaseRoute]:
    """Make the plugin's routes; their paths are relative to /hello."""

    async def page(request: Request) -> Response:
        say = desk.say(None)
        return pages.render(request, "hello.html", say=say, total=greetings.total)

    return [Route("/", page)]
