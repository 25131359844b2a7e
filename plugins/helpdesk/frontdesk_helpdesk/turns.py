"""Events of one channel are taken in one after the other, in the order in which the gateway gave them."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each channel: hikari handles events side by side, and whoever waits first goes first."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, channel_id: int) -> asyncio.Lock:
        """Give the lock of a channel."""
        return self._locks.setdefault(channel_id, asyncio.Lock())
