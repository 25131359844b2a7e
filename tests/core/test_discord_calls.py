"""Discord's errors as a delivery's answers, and the deadline."""

import asyncio
from typing import Any

import hikari
import pytest
from frontdesk import Refused, Retry, asking_discord, discord_answer


def _refusal(kind: type[hikari.ClientHTTPResponseError], code: int, **more: Any) -> hikari.ClientHTTPResponseError:
    return kind(url="http://x", headers={}, raw_body=b"", message="No.", code=code, **more)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_refusal(hikari.ForbiddenError, 50001), "no-access"),
        (_refusal(hikari.ForbiddenError, 50013), "no-permission"),
        (_refusal(hikari.ForbiddenError, 50007), "dm-closed"),
        (_refusal(hikari.ForbiddenError, 50278), "dm-closed"),
        (_refusal(hikari.NotFoundError, 10003), "no-channel"),
        (_refusal(hikari.BadRequestError, 50035), "refused"),
    ],
)
def test_final_refusals_have_a_reason(error: hikari.HikariError, reason: str) -> None:
    answer = discord_answer(error)
    assert isinstance(answer, Refused)
    assert answer.reason == reason
    assert answer.detail == "No."


def test_passing_trouble_is_tried_again_and_looked_up_where_it_may_have_arrived() -> None:
    broken = discord_answer(hikari.HTTPError("connection lost"))
    assert isinstance(broken, Retry)
    assert broken.ambiguous
    limited = discord_answer(_refusal(hikari.ClientHTTPResponseError, 0, status=429))
    assert isinstance(limited, Retry)
    assert not limited.ambiguous
    assert isinstance(discord_answer(_refusal(hikari.UnauthorizedError, 0)), Retry)
    barred = discord_answer(_refusal(hikari.ForbiddenError, 40003))
    assert isinstance(barred, Retry)
    assert barred.after == 30
    assert not barred.ambiguous


async def _ask(error: Exception) -> None:
    async with asking_discord():
        raise error


async def test_what_goes_wrong_inside_is_raised_as_the_answer() -> None:
    with pytest.raises(Refused) as refused:
        await _ask(_refusal(hikari.ForbiddenError, 50007))
    assert refused.value.reason == "dm-closed"
    with pytest.raises(Retry):
        await _ask(hikari.HTTPError("connection lost"))
    with pytest.raises(Refused, match="own"):
        await _ask(Refused("own", "said by who asks"))


async def test_no_answer_in_time_may_have_had_its_effect() -> None:
    async def hang() -> None:
        async with asking_discord(0.01):
            await asyncio.Event().wait()

    with pytest.raises(Retry) as retry:
        await hang()
    assert retry.value.ambiguous
