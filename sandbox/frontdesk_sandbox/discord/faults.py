"""Faults on demand: what a network and a busy Discord do to a bot."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from frontdesk_sandbox.discord.gateway import Gateway

Drop = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """One thing that shall go wrong with REST.

    Attributes:
        method: the HTTP method, or ``"*"``.
        path: found anywhere in the path below ``/api/v10``.
        times: how many more requests it still strikes.
        status: answered without any effect; None leaves the answer alone.
        retry_after: seconds, for 429.
        everywhere: whether a 429 is of the global limit.
        delay: seconds that the request waits before anything else.
        drop: cut the connection before the effect, or after it and without an answer.
        struck: how many requests it has struck.
    """

    method: str
    path: re.Pattern[str]
    times: int = 1
    status: int | None = None
    retry_after: float | None = None
    everywhere: bool = False
    delay: float = 0.0
    drop: Drop | None = None
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The list of faults to come, and the count of those that came.

    Attributes:
        gateway: the gateway's own faults: ``ask_to_reconnect``, ``invalidate``, ``close_sockets``,
            ``drop_sockets``, ``forget_sessions``.
        injected: how many of each: ``"status 500"``, ``"delay"``, ``"drop before"``, ``"drop after"``.
    """

    gateway: Gateway
    pending: list[Fault] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)

    def answer(
        self,
        status: int,
        method: str = "*",
        path: str = "",
        *,
        times: int = 1,
        retry_after: float | None = None,
        everywhere: bool = False,
    ) -> Fault:
        """Answer the next matching requests with a status and without any effect.

        Args:
            status: such as 500, 502 or 429.
            method: the HTTP method, or ``"*"``.
            path: a regular expression found in the path below ``/api/v10``.
            times: how many requests.
            retry_after: seconds, for 429.
            everywhere: whether a 429 is of the global limit.
        """
        fault = Fault(method, re.compile(path), times, status, retry_after, everywhere)
        return self._add(fault)

    def delay(self, seconds: float, method: str = "*", path: str = "", *, times: int = 1) -> Fault:
        """Let the next matching requests wait before they have any effect."""
        return self._add(Fault(method, re.compile(path), times, delay=seconds))

    def drop(self, when: Drop, method: str = "*", path: str = "", *, times: int = 1) -> Fault:
        """Cut the connection of the next matching requests, before or after their effect."""
        return self._add(Fault(method, re.compile(path), times, drop=when))

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.pending.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for a request that has just come, counted; None almost always."""
        if not self.pending:
            return None
        for fault in self.pending:
            if fault.method in {"*", method} and fault.path.search(path):
                fault.times -= 1
                fault.struck += 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                self._count(fault)
                return fault
        return None

    def _add(self, fault: Fault) -> Fault:
        self.pending.append(fault)
        return fault

    def _count(self, fault: Fault) -> None:
        if fault.delay:
            self.injected["delay"] += 1
        if fault.drop:
            self.injected[f"drop {fault.drop}"] += 1
        if fault.status:
            self.injected[f"status {fault.status}"] += 1
