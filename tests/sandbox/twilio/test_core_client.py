"""Frontdesk's own Twilio client against the loopback: the calls that the library lacks."""

from collections.abc import AsyncIterator

import pytest
from frontdesk.twilio import Twilio
from frontdesk.twilio_errors import TwilioError
from frontdesk_sandbox.twilio import LoopbackTwilio, RestFault


@pytest.fixture
async def ours(twilio: LoopbackTwilio) -> AsyncIterator[Twilio]:
    client = Twilio(twilio.account_sid, twilio.auth_token, base_url=twilio.base_url, deadline=2)
    await client.open()
    yield client
    await client.close()


async def test_media_there_and_back(twilio: LoopbackTwilio, ours: Twilio) -> None:
    service = twilio.world.chat.service.sid
    sid = await ours.upload_media(service, b"%PDF", "application/pdf", "a b.pdf")
    media = await ours.download_media(service, sid, limit=100)
    assert (media.content, media.content_type, media.filename) == (b"%PDF", "application/pdf", "a b.pdf")


async def test_tokens_and_credentials(twilio: LoopbackTwilio, ours: Twilio) -> None:
    await ours.check()
    agent = twilio.agent()
    assert (await ours.validate_token(agent.flex_token())).worker_sid == agent.worker.sid
    with pytest.raises(TwilioError):
        await ours.validate_token("nothing")


async def test_interaction_webhooks(twilio: LoopbackTwilio, ours: Twilio) -> None:
    instance = twilio.world.instance_sid
    made = await ours.create_interaction_webhook(instance, "http://127.0.0.1:9/x", ["onParticipantJoined"])
    assert await ours.interaction_webhooks(instance) == [made]
    await ours.delete_interaction_webhook(instance, made.sid)
    assert await ours.interaction_webhooks(instance) == []


async def test_a_lost_answer_is_repeated_where_that_is_safe(twilio: LoopbackTwilio, ours: Twilio) -> None:
    dropped = twilio.faults.rest(RestFault.DROP_AFTER, "Configuration")
    limited = twilio.faults.rest(RestFault.RATE_LIMIT, "Configuration", seconds=1)
    found = await ours.rest.conversations.v1.configuration().fetch_async()
    assert found.default_chat_service_sid == twilio.world.chat.service.sid
    assert (dropped.happened, limited.happened) == (1, 1)
