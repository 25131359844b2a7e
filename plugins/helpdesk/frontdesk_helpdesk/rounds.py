"""Going round all open conversations: quickly at first, then without haste, so that what people write comes first."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from frontdesk_helpdesk.conversations import Conversation

Look = Callable[[Conversation], Awaitable[None]]

_AT_ONCE = 8  # looks at the same time in the first round, after a start
_SHARE = 240


class Rounds:
    """Looks at conversations again and again.

    Args:
        look: at one conversation.
        every: seconds between the rounds. A 240th of it passes between two looks: with a minute, four in a second.
    """

    def __init__(self, look: Look, *, every: float) -> None:
        self._look = look
        self._pause = every / _SHARE
        self._is_first = True

    async def go(self, conversations: Iterable[Conversation]) -> None:
        """Go one round: the first at once, since much may have happened while nobody listened.

        Raises:
            Exception: the first one that a look has raised; the other conversations were looked at all the same.
        """
        go = self._quickly if self._is_first else self._at_leisure
        self._is_first = False  # whatever comes of it: one conversation that always fails must not keep the haste on
        failed = await go(conversations)
        if failed:
            raise failed[0]

    async def _quickly(self, conversations: Iterable[Conversation]) -> list[Exception]:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def look(conversation: Conversation) -> Exception | None:
            async with turn:
                return await self._try(conversation)

        tried = await asyncio.gather(*map(look, conversations))
        return [error for error in tried if error is not None]

    async def _at_leisure(self, conversations: Iterable[Conversation]) -> list[Exception]:
        clock = asyncio.get_running_loop().time
        next_at, failed = clock(), []
        for conversation in conversations:
            await asyncio.sleep(max(0.0, next_at - clock()))
            next_at = clock() + self._pause
            error = await self._try(conversation)
            if error is not None:
                failed.append(error)
        return failed

    async def _try(self, conversation: Conversation) -> Exception | None:
        try:
            await self._look(conversation)
        except Exception as error:  # noqa: BLE001 - one conversation must not keep the others from being looked at
            return error
        return None
