"""The loopback Discord as one object: state, gateway, REST, files, faults."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord.commands import Commands
from frontdesk_sandbox.discord.faults import Faults
from frontdesk_sandbox.discord.gateway import Gateway
from frontdesk_sandbox.discord.interactions import Interactions
from frontdesk_sandbox.discord.member import Member
from frontdesk_sandbox.discord.model import Guild, User
from frontdesk_sandbox.discord.oauth import OAuth
from frontdesk_sandbox.discord.ratelimits import RateLimits
from frontdesk_sandbox.discord.rest.app import Exchange, Rest
from frontdesk_sandbox.discord.rest.endpoint import Api
from frontdesk_sandbox.discord.world import World


class LoopbackDiscord:
    """A Discord for one bot, to be served by the caller.

    Mount ``routes`` at the path of ``base_url``: at the root for ``http://127.0.0.1:4000``, under
    ``/discord`` for ``http://127.0.0.1:4000/discord``.

    Args:
        base_url: the address at which ``routes`` can be reached; no slash at the end.
        changes: is told of every change; one of its own by default.
        clock: the present moment, UTC, for ids and time stamps.

    Attributes:
        world: servers, channels, people, messages; and ways to prepare them.
        commands: the application commands that the bot has registered.
        interactions: every interaction so far.
        gateway: the gateway, with its faults.
        limits: rate limits; generous unless changed.
        faults: faults on demand.
        rest_url: give this to hikari.
        token: the bot's token; any other is refused.
        oauth: lets people sign in elsewhere; has the client secret.
    """

    def __init__(
        self,
        base_url: str,
        changes: Changes | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.changes = changes or Changes()
        self.world = World(self.changes, f"{base_url}/cdn", clock)
        self.rest_url = f"{base_url}/api/v10"
        bot_id = base64.b64encode(str(self.world.bot.id).encode()).decode().rstrip("=")
        self.token = f"{bot_id}.sandbox.not-a-secret"
        self.commands = Commands(self.world.bot.id, self.world.snowflakes)
        self.interactions = Interactions(self.world)
        self.gateway = Gateway(self.world, f"ws{base_url.removeprefix('http')}/gateway", self.token)
        self.limits = RateLimits()
        self.faults = Faults(self.gateway)
        api = Api(self.world, self.commands, self.interactions, self.limits, self.gateway)
        self.oauth = OAuth(self.world, clock)
        self._rest = Rest(api, self.faults, f"Bot {self.token}", self.oauth.user_of)
        self._members: dict[int, Member] = {}
        self.routes: list[BaseRoute] = [
            *self.oauth.routes,
            Route("/api/{path:path}", self._rest),
            WebSocketRoute("/gateway", self.gateway.serve),
            Route("/cdn/attachments/{channel:int}/{id:int}/{name}", self._file),
        ]

    @property
    def on_exchange(self) -> Callable[[Exchange], None] | None:
        """Is told of every REST request and its answer; None by default."""
        return self._rest.on_exchange

    @on_exchange.setter
    def on_exchange(self, observer: Callable[[Exchange], None] | None) -> None:
        self._rest.on_exchange = observer

    def member(self, who: User | str, guild: Guild | None = None) -> Member:
        """The acting person for an account; always the same object for the same person.

        Args:
            who: the account, or a name as World.find_user takes it.
            guild: the server in which the person acts unless told otherwise; the first one joined by default.
        """
        user = self.world.find_user(who) if isinstance(who, str) else who
        member = self._members.get(user.id)
        if member is not None and guild is not None:
            member.guild = guild
        if member is None:
            member = Member(self.world, self.commands, self.interactions, user, guild)
            self._members[user.id] = member
        return member

    async def close(self) -> None:
        """End the gateway's sockets and whatever waits."""
        self.interactions.close()
        self.gateway.close()

    async def _file(self, request: Request) -> Response:
        attachment = self.world.files.get(request.path_params["id"])
        if attachment is None:
            return Response("This content is no longer available.", 404)
        disposition = f"attachment; filename*=UTF-8''{quote(attachment.file.name)}"
        return Response(
            attachment.file.data,
            media_type=attachment.file.media_type,
            headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
        )
