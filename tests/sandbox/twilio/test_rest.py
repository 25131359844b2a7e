"""REST rules of Conversations: refusals, limits, paging, timers, media, sign-in."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.limits import Rate
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest.conversations.v1.conversation import ConversationContext  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.kit import RewritingHttpClient, basic


async def make(client: Client, **given: str) -> tuple[str, ConversationContext]:
    made = await client.conversations.v1.conversations.create_async(**given)
    return made.sid, client.conversations.v1.conversations(made.sid)


async def refused(awaitable: Awaitable[Any]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as refusal:
        await awaitable
    return refusal.value.status, refusal.value.code


async def test_wrong_token_is_refused(twilio: LoopbackTwilio) -> None:
    async with RewritingHttpClient(twilio.base_url) as http:
        stranger = Client(twilio.account_sid, "wrong", http_client=http)
        assert await refused(stranger.conversations.v1.configuration().fetch_async()) == (401, 20003)


async def test_account_can_be_fetched(twilio: LoopbackTwilio, client: Client) -> None:
    account = await client.api.v2010.accounts(twilio.account_sid).fetch_async()
    assert account.status == "active"


async def test_unique_names_are_unique_and_find_the_conversation(client: Client) -> None:
    sid, _ = await make(client, unique_name="one")
    assert await refused(make(client, unique_name="one")) == (409, 50353)
    assert (await client.conversations.v1.conversations("one").fetch_async()).sid == sid


async def test_refusals_have_twilios_codes(twilio: LoopbackTwilio, client: Client) -> None:
    sid, one = await make(client)
    await one.participants.create_async(identity="ana")
    cases = {
        50433: one.participants.create_async(identity="ana"),
        50350: client.conversations.v1.conversations("CH" + "0" * 32).fetch_async(),
        50430: one.participants("bo").fetch_async(),
        50500: one.messages("IM" + "0" * 32).fetch_async(),
        50504: one.messages.create_async(body="é" * 16_385),
        50303: one.messages.create_async(body="x", attributes="no json"),
        50304: one.messages.create_async(body="x", attributes=json.dumps("y" * 4_096)),
        50382: make(client, timers_closed="PT10M"),
        50510: one.messages.create_async(media_sid="ME" + "0" * 32),
        20404: client.studio.v2.flows("FW" + "0" * 32).fetch_async(),
    }
    for code, awaitable in cases.items():
        assert (await refused(awaitable))[1] == code
    for index in range(5):
        await one.webhooks.create_async(target="webhook", configuration_url=f"http://127.0.0.1:9/{index}")
    sixth = one.webhooks.create_async(target="webhook", configuration_url="http://127.0.0.1:9/6")
    assert (await refused(sixth))[1] == 50361
    await one.update_async(state="closed")
    assert (await refused(one.update_async(state="active")))[1] == 50377
    assert (await refused(one.participants.create_async(identity="bo")))[1] == 50377
    assert (await client.conversations.v1.conversations(sid).fetch_async()).state == "closed"


async def test_lists_come_in_pages(client: Client) -> None:
    _, one = await make(client)
    for index in range(7):
        await one.messages.create_async(body=str(index))
    assert [m.body for m in await one.messages.list_async(page_size=3)] == list("0123456")
    assert [m.body for m in await one.messages.list_async(order="desc", limit=2)] == ["6", "5"]
    assert [m.index for m in await one.messages.list_async(page_size=2)] == list(range(7))


async def test_thirty_changing_actions_a_second_for_each_conversation(twilio: LoopbackTwilio, client: Client) -> None:
    twilio.world.rate._seconds = lambda: 1000.0
    _, one = await make(client)
    _, other = await make(client)
    for index in range(30):
        await one.messages.create_async(body=str(index))
    assert await refused(one.messages.create_async(body="31")) == (429, 20429)
    await other.messages.create_async(body="another conversation has its own count")
    await one.messages.list_async()
    twilio.world.rate._seconds = lambda: 1001.0
    await one.messages.create_async(body="a second later")


def test_the_second_slides() -> None:
    now = [0.0]
    rate = Rate(2, lambda: now[0])
    rate.take("a")
    now[0] = 0.6
    rate.take("a")
    now[0] = 1.1
    rate.take("a")
    with pytest.raises(Exception, match="Too Many"):
        rate.take("a")


async def test_too_many_requests_says_when_to_come_back(twilio: LoopbackTwilio, web: aiohttp.ClientSession) -> None:
    twilio.world.rate.per_second = 0
    url = f"{twilio.base_url}/conversations.twilio.com/v1/Conversations"
    async with web.post(url, headers=basic(twilio)) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "1"


async def test_timers_run_with_the_clock_that_tests_advance(twilio: LoopbackTwilio, client: Client) -> None:
    _, one = await make(client, state="active", timers_inactive="PT10M", timers_closed="PT20M")
    await twilio.world.advance(599)
    assert (await one.fetch_async()).state == "active"
    await twilio.world.advance(2)
    assert (await one.fetch_async()).state == "inactive"
    await one.messages.create_async(body="wake up")
    assert (await one.fetch_async()).state == "active"
    await twilio.world.advance(3600)
    await twilio.world.advance(0)
    assert (await one.fetch_async()).state == "closed"


async def test_media_goes_up_once_and_comes_down(
    twilio: LoopbackTwilio, client: Client, web: aiohttp.ClientSession
) -> None:
    _, one = await make(client)
    service = twilio.world.chat.service.sid
    url = f"{twilio.base_url}/mcs.us1.twilio.com/v1/Services/{service}/Media"
    headers = basic(twilio) | {"Content-Type": "image/png"}
    async with web.post(f"{url}?Filename=map.png", data=b"\x89PNG", headers=headers) as up:
        assert up.status == 201
        sid = (await up.json())["sid"]
    message = await one.messages.create_async(author="ana", media_sid=sid)
    assert message.media[0]["filename"] == "map.png"
    assert (await refused(one.messages.create_async(media_sid=sid)))[1] == 50508
    async with web.get(f"{url}/{sid}", headers=basic(twilio)) as found:
        link = (await found.json())["links"]["content_direct_temporary"]
    async with web.get(link) as content:
        assert content.content_type == "image/png"
        assert await content.read() == b"\x89PNG"
    await twilio.world.advance(301)
    async with web.get(link) as late:
        assert late.status == 403


async def test_tokens_are_validated(twilio: LoopbackTwilio, web: aiohttp.ClientSession) -> None:
    agent = twilio.agent()
    token = agent.flex_token()
    url = f"{twilio.base_url}/iam.twilio.com/v1/Accounts/{twilio.account_sid}/Tokens/validate"

    async def validate(token: str) -> Any:
        async with web.post(url, json={"token": token}, headers=basic(twilio)) as answer:
            return await answer.json()

    good = await validate(token)
    assert good["valid"] is True
    assert good["worker_sid"] == agent.worker.sid
    assert good["identity"] == "amira"
    assert good["roles"] == ["agent"]
    assert (await validate("made up"))["valid"] is False
    guest = await validate(twilio.world.iam.issue_guest("web_1"))
    assert guest["roles"] == ["guest"]
    assert guest["worker_sid"] is None
    await twilio.world.advance(3601)
    assert (await validate(token))["valid"] is False


async def test_many_messages_at_once_are_all_there_with_indexes_in_order(twilio: LoopbackTwilio) -> None:
    twilio.world.rate.per_second = None
    conversation = twilio.world.chat.create()
    url = f"{twilio.base_url}/conversations.twilio.com/v1/Conversations/{conversation.sid}/Messages"
    async with aiohttp.ClientSession(headers=basic(twilio)) as session:

        async def post(index: int) -> None:
            async with session.post(url, data={"Body": str(index)}) as answer:
                assert answer.status == 201

        for start in range(0, 400, 8):
            await asyncio.gather(*(post(index) for index in range(start, start + 8)))
    assert len(conversation.messages) == 400
    assert [m.index for m in conversation.messages.values()] == list(range(400))
