"""Hello: an example of a plugin. This module is wiring only."""

from collections.abc import Iterable
from pathlib import Path

from frontdesk import (
    Announcement,
    Command,
    Desk,
    announcement_published,
    hookimpl,
    register_commands,
    register_routes,
)
from starlette.routing import BaseRoute

from frontdesk_hello import hooks
from frontdesk_hello.commands import hello_commands
from frontdesk_hello.greetings import Greetings
from frontdesk_hello.routes import hello_routes
from frontdesk_hello.settings import HelloSettings


class Hello:
    """/hello, its page, and the hook with which others choose the words."""

    api = "1.0"
    Settings = HelloSettings
    hooks = (hooks,)

    def __init__(self, desk: Desk[HelloSettings]) -> None:
        self._desk = desk
        self._greetings = Greetings()

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        """Add /hello."""
        return hello_commands(self._desk, self._greetings)

    @hookimpl(register_routes)
    def register_routes(self) -> Iterable[BaseRoute]:
        """Add the page."""
        return hello_routes(self._desk.pages(Path(__file__).parent / "templates"), self._desk, self._greetings)

    @hookimpl(announcement_published)
    async def announcement_published(self, announcement: Announcement) -> None:
        """Remember the latest news."""
        self._greetings.hear(announcement.guild_id, announcement.title)
