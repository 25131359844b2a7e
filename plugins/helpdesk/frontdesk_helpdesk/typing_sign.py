"""The typing sign in the member's channel while something is on its way to them.

Twilio has no event for an agent who types: only what the bot itself works at, and that an agent has come, can be shown.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import hikari

_LASTS = 8.0  # seconds; Discord shows the sign for 10, developer documentation, "Trigger Typing Indicator"
_DEADLINE = 5.0


@asynccontextmanager
async def typing(rest: hikari.api.RESTClient, channel_id: int) -> AsyncIterator[None]:
    """Show the sign for as long as the block takes; it is never waited for, and its failure harms nothing."""
    showing = asyncio.create_task(_keep_showing(rest, channel_id), name="show typing")
    try:
        yield
    finally:
        showing.cancel()


async def show_once(rest: hikari.api.RESTClient, channel_id: int) -> None:
    """Show the sign for some seconds."""
    with suppress(hikari.HikariError, TimeoutError):
        async with asyncio.timeout(_DEADLINE):
            await rest.trigger_typing(channel_id)


async def _keep_showing(rest: hikari.api.RESTClient, channel_id: int) -> None:
    while True:
        await show_once(rest, channel_id)
        await asyncio.sleep(_LASTS)
