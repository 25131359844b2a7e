"""Faults on demand: what goes wrong in REST calls and in webhooks, when, and how often."""

import random
import re
from dataclasses import dataclass, field
from enum import StrEnum


class RestFault(StrEnum):
    """What can happen to a REST call."""

    ERROR_BEFORE = "error before the effect"
    ERROR_AFTER = "error after the effect"
    TIMEOUT_BEFORE = "no answer, no effect"
    TIMEOUT_AFTER = "no answer after the effect"
    DROP_BEFORE = "connection dropped before the effect"
    DROP_AFTER = "connection dropped after the effect"
    RATE_LIMIT = "429"
    DELAY = "delay"


class HookFault(StrEnum):
    """What can happen to a webhook."""

    DROP = "never sent"
    DELAY = "sent late"
    DUPLICATE = "sent twice"
    REORDER = "sent after the next one"


@dataclass
class Rule:
    """A fault that waits for its chance.

    Attributes:
        kind: what happens.
        where: REST: a pattern searched in ``host/path``; webhooks: one searched in the URL.
        what: REST: the method; webhooks: the event; empty for any.
        times: how often it may still happen; None for always.
        chance: probability at each match.
        status: of errors.
        seconds: of delays, and the Retry-After of 429.
        happened: how often it did.
    """

    kind: RestFault | HookFault
    where: str = ""
    what: str = ""
    times: int | None = 1
    chance: float = 1.0
    status: int = 503
    seconds: float = 1.0
    happened: int = field(default=0, init=False)


class Faults:
    """The rules in force. Without rules nothing goes wrong.

    Args:
        seed: makes the random mix repeatable.
    """

    def __init__(self, seed: int = 0) -> None:
        self.rules: list[Rule] = []
        self._random = random.Random(seed)  # noqa: S311 (repeatable on purpose)

    def rest(
        self,
        kind: RestFault,
        where: str = "",
        *,
        method: str = "",
        times: int | None = 1,
        chance: float = 1.0,
        status: int = 503,
        seconds: float = 1.0,
    ) -> Rule:
        """Let REST calls go wrong; give the rule, whose ``happened`` counts.

        Args:
            kind: what happens.
            where: a pattern searched in ``host/path``, such as ``Messages$``.
            method: GET, POST, DELETE, or empty for all.
            times: how often; None for always.
            chance: probability at each match.
            status: of errors.
            seconds: of delays, of time-outs (at most), and of Retry-After.
        """
        rule = Rule(kind, where, method, times, chance, status, seconds)
        self.rules.append(rule)
        return rule

    def hooks(
        self,
        kind: HookFault,
        event: str = "",
        *,
        where: str = "",
        times: int | None = 1,
        chance: float = 1.0,
        seconds: float = 0.3,
    ) -> Rule:
        """Let webhooks go wrong; give the rule, whose ``happened`` counts.

        Args:
            kind: what happens.
            event: such as ``onMessageAdded``, or empty for all.
            where: a pattern searched in the URL.
            times: how often; None for always.
            chance: probability at each match.
            seconds: of a delay; and how long a reordered one waits for the next.
        """
        rule = Rule(kind, where, event, times, chance, seconds=seconds)
        self.rules.append(rule)
        return rule

    def random_mix(self, seed: int, *, rest: float = 0.05, hooks: float = 0.05) -> list[Rule]:
        """Everything now and then, repeatably: for fault runs.

        Args:
            seed: of the dice.
            rest: share of REST calls that go wrong.
            hooks: share of webhooks that go wrong.
        """
        self._random.seed(seed)
        kinds = [kind for kind in RestFault if kind is not RestFault.DELAY]
        made = [self.rest(k, times=None, chance=rest / len(kinds), seconds=0.5) for k in kinds]
        made += [self.hooks(k, times=None, chance=hooks / len(HookFault), seconds=0.05) for k in HookFault]
        return made

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self.rules.clear()

    def for_call(self, method: str, target: str) -> Rule | None:
        """The fault of this REST call, if any; counts it."""
        return self._pick(RestFault, method, target)

    def for_hook(self, event: str, url: str) -> Rule | None:
        """The fault of this webhook, if any; counts it."""
        return self._pick(HookFault, event, url)

    def _pick(self, family: type[StrEnum], what: str, where: str) -> Rule | None:
        for rule in self.rules:
            if not isinstance(rule.kind, family) or rule.times == 0:
                continue
            if (rule.what and rule.what != what) or not re.search(rule.where, where):
                continue
            if rule.chance < 1.0 and self._random.random() >= rule.chance:
                continue
            rule.happened += 1
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None
