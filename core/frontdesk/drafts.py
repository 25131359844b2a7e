"""Drafts: what a command was given before it opened a modal, kept in memory until the modal is submitted."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class Drafts(Generic[T]):
    """Holds values between a command and its modal, whose custom_id has no room for them. A restart forgets them.

    Args:
        now: the clock.
        keep: how long a person may take over the modal.
        most: beyond this many the oldest is dropped.
    """

    def __init__(self, now: Callable[[], datetime], *, keep: timedelta = timedelta(hours=1), most: int = 1000) -> None:
        self._now = now
        self._keep = keep
        self._most = most
        self._kept: OrderedDict[str, tuple[datetime, T]] = OrderedDict()

    def keep(self, key: str, value: T) -> None:
        """Hold a value under a key, such as the interaction's id."""
        self._kept[key] = (self._now(), value)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def take(self, key: str) -> T | None:
        """Give the value back, once; None if it is gone."""
        kept = self._kept.pop(key, None)
        if kept is None or self._now() - kept[0] > self._keep:
            return None
        return kept[1]
