"""Twilio's limit of 30 changing actions a second, kept on our side: who counts together, whose turn it is."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# Twilio allows 30 a second. A few may go at once, so that a short burst is not slowed, and the rest follow
# evenly; both together stay below 30 in every second, with room for the network pressing them together.
PER_SECOND = 26.0
AT_ONCE = 3

Scope = tuple[str, str]

_CONVERSATIONS = re.compile(
    r"/v1(?:/Services/(?P<service>[^/]+))?"
    r"/(?:Conversations(?:/(?P<conversation>[^/]+).*)?|(?P<user>Users)(?:/.*)?)$"
)


def scope_of(method: str, host: str, path: str, default_service: str | None = None) -> Scope | None:
    """What a request counts towards, None if it is not limited by us.

    Everything about one conversation counts there; creating conversations and all that concerns users
    counts for the service. Reads are free.

    Args:
        method: the HTTP method.
        host: the vendor's.
        path: below it.
        default_service: the service that a path without one means, so that both of its names count together.
    """
    if method == "GET" or not host.startswith("conversations."):
        return None
    match = _CONVERSATIONS.match(path)
    if match is None:
        return None
    if match["conversation"]:
        return ("conversation", match["conversation"])
    return ("service", match["service"] or default_service or "default")


@dataclass
class _Lane:
    due: float = 0.0  # when the next one may start if all before it had kept even distances
    held_until: float = 0.0
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Limiter:
    """Lets changing actions through at Twilio's pace, first come first served in each scope.

    Args:
        per_second: the even pace.
        at_once: how many may start together after a pause.
        now: a monotonic clock, seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        per_second: float = PER_SECOND,
        at_once: int = AT_ONCE,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._step = 1.0 / per_second
        self._ahead = (at_once - 1) * self._step
        self._now = now
        self._sleep = sleep
        self._lanes: dict[Scope, _Lane] = {}
        self._sweep_at = 1024

    async def wait(self, scope: Scope | None) -> None:
        """Return when it is this caller's turn. A caller that is cancelled while waiting uses up no turn."""
        if scope is None:
            return
        lane = self._lanes.get(scope) or self._new_lane(scope)
        lane.waiting += 1
        try:
            async with lane.turn:
                while (delay := max(lane.due - self._ahead, lane.held_until) - self._now()) > 0:
                    await self._sleep(delay)
                lane.due = max(lane.due, self._now()) + self._step
        finally:
            lane.waiting -= 1

    def hold(self, scope: Scope | None, seconds: float) -> None:
        """Let nobody through for so long: Twilio has said that this scope is too fast."""
        if scope is not None:
            lane = self._lanes.get(scope) or self._new_lane(scope)
            lane.held_until = max(lane.held_until, self._now() + seconds)

    def _new_lane(self, scope: Scope) -> _Lane:
        if len(self._lanes) >= self._sweep_at:
            now = self._now()
            self._lanes = {
                key: lane
                for key, lane in self._lanes.items()
                if lane.waiting or lane.due > now or lane.held_until > now
            }
            self._sweep_at = max(1024, 2 * len(self._lanes))
        lane = self._lanes[scope] = _Lane()
        return lane
