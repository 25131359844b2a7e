"""Calls of Discord's REST API by a delivery: a deadline, errors as its answers, and what was sent found again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import hikari

from frontdesk.deliveries import Refused, Retry

# Discord's developer documentation, "JSON Error Codes".
_REASONS: Mapping[int, str] = {
    10003: "no-channel",
    10008: "no-message",
    50001: "no-access",
    50007: "dm-closed",
    50008: "no-channel",
    50013: "no-permission",
    50278: "dm-closed",  # the same words as 50007; github.com/discord/discord-api-docs, pull request 8212
}
SHORTLY = 20.0
"""Seconds for a call that carries words."""

UPLOADING = 50.0
"""Seconds for a call that carries a file, which may be large; the journal waits for 60."""

_TOO_MANY_DMS = 40003
_PAUSE = 30.0  # seconds; Discord does not say how long it bars


def discord_answer(error: hikari.HikariError) -> Refused | Retry:
    """Tell what an error of Discord's REST API means for a delivery: it is to be raised.

    Returns:
        `Refused` with a reason such as ``"no-channel"``, ``"no-access"``, ``"no-permission"`` or ``"dm-closed"``
        where trying again is of no use; `Retry` for rate limits, Discord's own trouble and lost connections.
    """
    if isinstance(error, hikari.RateLimitTooLongError):
        return Retry(str(error), after=error.retry_after)
    if isinstance(error, hikari.UnauthorizedError):
        return Retry("Discord refuses the bot's token")
    if isinstance(error, hikari.ClientHTTPResponseError) and error.code == _TOO_MANY_DMS:
        return Retry("Discord opens no more direct message channels at the moment", after=_PAUSE)
    if isinstance(error, hikari.ClientHTTPResponseError) and error.status not in {408, 429}:
        detail = error.message or str(error)
        return Refused(_REASONS.get(int(error.code), "refused"), detail)
    rate_limited = isinstance(error, hikari.ClientHTTPResponseError) and error.status == 429
    return Retry(str(error) or type(error).__name__, ambiguous=not rate_limited)


@asynccontextmanager
async def asking_discord(deadline: float = SHORTLY) -> AsyncIterator[None]:
    """Call Discord's REST API in a delivery: what goes wrong is raised as the delivery's answer.

    Args:
        deadline: seconds for all that is called inside; `UPLOADING` where a file goes along.

    Raises:
        Refused: see `discord_answer`.
        Retry: likewise; or no answer came in time, so that nobody knows what Discord has done.
    """
    try:
        async with asyncio.timeout(deadline):
            yield
    except hikari.HikariError as error:
        raise discord_answer(error) from error
    except TimeoutError as error:
        raise Retry("Discord did not answer in time", ambiguous=True) from error


async def find_own_message(
    bot: hikari.GatewayBot,
    channel_id: int,
    is_it: Callable[[hikari.Message], bool],
    *,
    after: datetime | hikari.Snowflake,
    limit: int | None = None,
    deadline: float = SHORTLY,
) -> hikari.Message | None:
    """Search a channel for a message of the bot's own, the oldest first.

    Args:
        bot: who has sent it.
        channel_id: where to.
        is_it: tells whether a message of the bot's is the one.
        after: when it was sent at the earliest, or a message before it.
        limit: messages to look through; None for all.
        deadline: seconds for the whole search.

    Returns:
        The message; None if there is none, or the channel is gone or may not be read: sending is refused for the
        same reason, and says so.

    Raises:
        Refused: Discord does not take the question for another reason.
        Retry: Discord did not answer.
    """
    me = bot.get_me()
    if me is None:
        raise Retry("Discord has not told the bot yet who it is", ambiguous=True)
    messages = bot.rest.fetch_messages(channel_id, after=after)
    async with asking_discord(deadline):
        try:
            async for message in messages if limit is None else messages.limit(limit):
                if message.author.id == me.id and is_it(message):
                    return message
        except (hikari.ForbiddenError, hikari.NotFoundError):
            return None
    return None
