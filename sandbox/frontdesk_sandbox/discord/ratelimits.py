"""Rate limits: buckets a route and a global one, counted as Discord counts, announced in headers."""

import math
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """``limit`` requests in ``seconds``."""

    limit: int
    seconds: float


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limits say to one request; ``retry_after`` (seconds) is set when it is refused."""

    headers: dict[str, str]
    retry_after: float | None = None
    everywhere: bool = False


REALISTIC = {
    ("POST", "/channels/{channel}/messages"): Rate(5, 5),
    ("PATCH", "/channels/{channel}/messages/{message}"): Rate(5, 5),
    ("DELETE", "/channels/{channel}/messages/{message}"): Rate(5, 1),
    ("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me"): Rate(1, 0.25),
    ("PATCH", "/channels/{channel}"): Rate(5, 15),
    ("POST", "/channels/{channel}/messages/{message}/threads"): Rate(50, 300),
    ("POST", "/webhooks/{application}/{token}"): Rate(5, 2),
}
"""Figures observed at the real Discord, which may change them at any time and does not publish them."""


class RateLimits:
    """Counts requests a bucket: route, method and the channel, server or webhook.

    The default is generous, so that tests and benchmarks measure the bot and not these numbers.

    Attributes:
        default: for routes without a rate of their own.
        rates: by method and route template.
        overall: over all routes (interaction callbacks excepted); None for no such limit.
        dm_opens: how many new direct channels may be opened; more is answered with code 40003. Discord does
            not publish the figure; this one is ours.
    """

    def __init__(self) -> None:
        self.default = Rate(10_000, 1.0)
        self.rates: dict[tuple[str, str], Rate] = {}
        self.overall: Rate | None = None
        self.dm_opens = Rate(200, 10.0)
        self._windows: dict[tuple[str, str, str], _Window] = {}

    def realistic(self) -> None:
        """Use figures observed at the real Discord: 50 requests a second over all, and a few routes' own."""
        self.rates = dict(REALISTIC)
        self.overall = Rate(50, 1.0)

    def take(self, method: str, template: str, major: str) -> Verdict:
        """Count one request.

        Args:
            method: the HTTP method.
            template: the route, such as ``"/channels/{channel}/messages"``.
            major: the id that has a bucket of its own.
        """
        if template.startswith("/interactions/"):
            return Verdict({})
        now = time.time()
        if self.overall is not None and (wait := self._use(("*", "*", ""), self.overall, now)[1]):
            return Verdict({"Retry-After": str(math.ceil(wait))}, wait, everywhere=True)
        rate = self.rates.get((method, template), self.default)
        window, wait = self._use((method, template, major), rate, now)
        headers = {
            "X-RateLimit-Limit": str(rate.limit), "X-RateLimit-Remaining": str(max(0, rate.limit - window.used)),
            "X-RateLimit-Reset": f"{window.ends:.3f}", "X-RateLimit-Reset-After": f"{window.ends - now:.3f}",
            "X-RateLimit-Bucket": f"{hash((method, template)) & 0xFFFFFFFFFFFF:012x}",
        }  # fmt: skip
        if wait:
            headers |= {"Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": "user"}
        return Verdict(headers, wait or None)

    def may_open_dm(self) -> bool:
        """Count one new direct channel; False if that is too fast."""
        return not self._use(("DM", "", ""), self.dm_opens, time.time())[1]

    def may_crosspost(self, channel: int) -> float:
        """Count one crosspost, of which Discord allows 10 an hour and channel.

        Returns:
            0, or the seconds until the next one is allowed.
        """
        return self._use(("CROSSPOST", "", str(channel)), Rate(10, 3600.0), time.time())[1]

    def _use(self, key: tuple[str, str, str], rate: Rate, now: float) -> tuple[_Window, float]:
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = _Window(now + rate.seconds)
        if window.used >= rate.limit:
            return window, window.ends - now
        window.used += 1
        return window, 0.0
