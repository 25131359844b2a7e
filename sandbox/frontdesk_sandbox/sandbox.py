"""The sandbox: a loopback Discord, a loopback Twilio and their pages, in one process on one loopback port."""

from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import LoopbackDiscord
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import LoopbackTwilio


class Sandbox:
    """Everything that a bot talks to, simulated.

    Args:
        port: the port to serve; 0 takes a free one.
        ago: how far both worlds' clocks are behind, until they `come_to_the_present`; for what happened long ago.

    Attributes:
        url: where the pages are, and what the bot is given as base address of Twilio.
        changes: tells of every change in either world.
        discord: the loopback Discord.
        twilio: the loopback Twilio.
        bot_url: the bot's own address, once one runs; for links on the pages.
    """

    def __init__(self, port: int = 0, *, ago: timedelta = timedelta()) -> None:
        self._server = LoopbackServer(port)
        self.url = self._server.url
        self.changes = Changes()
        self._ago = ago
        self.discord = LoopbackDiscord(self.url, self.changes, clock=lambda: datetime.now(UTC) - self._ago)
        self.twilio = LoopbackTwilio(self.url, self.changes)
        self.twilio.world.clock.advance(-ago.total_seconds())
        self.bot_url: str | None = None

    async def come_to_the_present(self) -> None:
        """Let the time that both worlds were behind pass in a moment."""
        ago, self._ago = self._ago, timedelta()
        await self.twilio.world.advance(ago.total_seconds())

    async def start(self, *, pages: bool = True) -> None:
        """Serve.

        Args:
            pages: whether to serve the browser pages as well; tests without a browser need none.
        """
        routes = [*self.discord.routes, *self.twilio.routes]
        if pages:
            from frontdesk_sandbox.pages import Pages

            routes += Pages(self.discord, self.twilio, self.changes, bot_url=lambda: self.bot_url).routes
        # A page of the world that has its name lead to this machine must not get at the pages here.
        local = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
        await self._server.start(Starlette(routes=routes, middleware=[local]))

    async def stop(self) -> None:
        """End every connection and stop serving."""
        await self.discord.close()
        await self.twilio.close()
        await self._server.stop()
