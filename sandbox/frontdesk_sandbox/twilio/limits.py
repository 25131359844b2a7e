"""Sizes and rates that Twilio allows (its pages "Conversations limits", 2026), and the checks of them."""

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable

from .errors import ApiError, invalid, too_many_requests

BODY_BYTES = 32 * 1024
MESSAGE_ATTRIBUTES_BYTES = 4 * 1024
PARTICIPANT_ATTRIBUTES_BYTES = 4 * 1024
CONVERSATION_ATTRIBUTES_BYTES = 16 * 1024
NAME_CHARACTERS = 256
MEDIA_BYTES = 150 * 1024 * 1024
WEBHOOKS_PER_CONVERSATION = 5
ACTIONS_PER_SECOND = 30
PAGE_SIZE = 50
PAGE_SIZE_MAX = 1000
CONVERSATIONS_PAGE_SIZE_MAX = 100


def check_body(text: str) -> None:
    """Refuse a message body over 32 KB (50504)."""
    if len(text.encode()) > BODY_BYTES:
        raise ApiError(400, 50504, "Message body must be 32768 bytes or less")


def check_attributes(text: str, most: int) -> None:
    """Refuse attributes that are no JSON (50303) or too long (50304)."""
    if len(text.encode()) > most:
        raise ApiError(400, 50304, f"Attributes must be {most} bytes or less")
    try:
        json.loads(text)
    except ValueError:
        raise ApiError(400, 50303, "Attributes must be valid JSON") from None


def check_name(name: str, what: str) -> None:
    """Refuse a name over 256 characters."""
    if len(name) > NAME_CHARACTERS:
        raise invalid(f"{what} must be {NAME_CHARACTERS} characters or less")


class Rate:
    """Counts changing actions of each scope in a sliding second.

    Args:
        per_second: actions allowed; ``None`` for no limit.
        seconds: the clock to read.
    """

    def __init__(
        self, per_second: int | None = ACTIONS_PER_SECOND, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        self._seconds = seconds
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, scope: str) -> None:
        """Count one action of a scope such as ``messages:CH...``.

        Raises:
            ApiError: 429 (20429) when the second is full.
        """
        if self.per_second is None:
            return
        now = self._seconds()
        taken = self._taken[scope]
        while taken and taken[0] <= now - 1.0:
            taken.popleft()
        if len(taken) >= self.per_second:
            raise too_many_requests()
        taken.append(now)
