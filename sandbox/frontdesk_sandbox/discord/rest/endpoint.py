"""What every REST endpoint is given, and how endpoints are found by method and path."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from frontdesk_sandbox.discord.commands import Commands
from frontdesk_sandbox.discord.errors import ApiError, invalid, missing_access, missing_permissions
from frontdesk_sandbox.discord.gateway import Gateway
from frontdesk_sandbox.discord.interactions import Interactions
from frontdesk_sandbox.discord.model import Channel, File, Guild, Json, User
from frontdesk_sandbox.discord.permissions import Permission, in_guild
from frontdesk_sandbox.discord.ratelimits import RateLimits
from frontdesk_sandbox.discord.world import World


@dataclass(frozen=True, slots=True)
class Api:
    """What endpoints work on, and the questions that they all ask."""

    world: World
    commands: Commands
    interactions: Interactions
    limits: RateLimits
    gateway: Gateway

    def channel(self, call: "Call", needed: int = 0) -> Channel:
        """The channel of a call, if the bot sees it and has the permissions.

        Raises:
            ApiError: 10003, 50001 or 50013.
        """
        channel = self.world.channel(call.id("channel"))
        self.require(channel, needed)
        return channel

    def require(self, channel: Channel, needed: int) -> None:
        """Refuse with 50001 or 50013 unless the bot sees a channel and has the permissions there."""
        bits = self.world.permissions(self.world.bot, channel)
        if not bits & Permission.VIEW_CHANNEL:
            raise missing_access()
        if needed & ~bits:
            raise missing_permissions()

    def guild(self, call: "Call", needed: int = 0) -> Guild:
        """The server of a call, if the bot is in it and has the permissions.

        Raises:
            ApiError: 10004, 50001 or 50013.
        """
        guild = self.world.guild(call.id("guild"))
        bits = in_guild(guild, self.world.bot.id)
        if self.world.bot.id not in guild.members:
            raise missing_access()
        if needed & ~bits:
            raise missing_permissions()
        return guild

    def guild_of(self, channel: Channel) -> Guild:
        """The server of a channel; ApiError 50024 for a DM."""
        guild = self.world.guild_of(channel)
        if guild is None:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        return guild


@dataclass(slots=True)
class Call:
    """One request: ids of the path, the query, the JSON body, the files; and who asks, None for the bot."""

    method: str
    path: str
    ids: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: dict[int, File] = field(default_factory=dict)
    user: User | None = None

    def id(self, name: str) -> int:
        """A snowflake of the path; ApiError 50035 if it is none."""
        value = self.ids[name]
        if not value.isdigit():
            raise invalid(name, f'Value "{value}" is not snowflake.', "NUMBER_TYPE_COERCE")
        return int(value)

    def json(self) -> Json:
        """The body as an object; ApiError 50035 or 50109 if it is none."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise ApiError(400, 50109, "The request body contains invalid JSON.")
        return self.body

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query between 1 and ``most``; ApiError 50035 if out of range."""
        value = self.query.get(name)
        if value is None:
            return default
        if not value.isdigit() or not 1 <= int(value) <= most:
            raise invalid(name, f"int value should be between 1 and {most}.", "NUMBER_TYPE_RANGE")
        return int(value)


Handler = Callable[[Api, Call], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path, and the function that answers.

    Attributes:
        template: such as ``"/channels/{channel}/messages"``.
        answer: returns what becomes JSON; None becomes 204.
        status: of an answer with a body.
    """

    method: str
    template: str
    answer: Handler
    status: int = 200


class Table:
    """Finds the endpoint of a request."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[re.Pattern[str], Endpoint]]] = {}
        for endpoint in endpoints:
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", endpoint.template))
            shape = (endpoint.method, endpoint.template.count("/"))
            self._by_shape.setdefault(shape, []).append((pattern, endpoint))
        for candidates in self._by_shape.values():
            # fixed parts win over ids, such as /messages/pins over /messages/{message}
            candidates.sort(key=lambda each: each[1].template.count("{"))

    def find(self, method: str, raw_path: str) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint and the decoded ids of a path.

        Raises:
            ApiError: 404 if there is none.
        """
        for pattern, endpoint in self._by_shape.get((method, raw_path.count("/")), ()):
            if match := pattern.fullmatch(raw_path):
                return endpoint, {name: unquote(value) for name, value in match.groupdict().items()}
        raise ApiError(404, 0, "404: Not Found")
