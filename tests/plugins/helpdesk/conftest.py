"""A loopback Twilio, and Frontdesk's own client for it."""

from collections.abc import AsyncIterator

import pytest
from frontdesk.twilio import Twilio
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import LoopbackTwilio
from starlette.applications import Starlette


@pytest.fixture
async def account() -> AsyncIterator[LoopbackTwilio]:
    """The account, as Twilio gives it with Flex."""
    server = LoopbackServer()
    loopback = LoopbackTwilio(server.url)
    await server.start(Starlette(routes=loopback.routes))
    yield loopback
    await loopback.close()
    await server.stop()


@pytest.fixture
async def twilio(account: LoopbackTwilio) -> AsyncIterator[Twilio]:
    """A client that is signed in."""
    client = Twilio(account.account_sid, account.auth_token, base_url=account.base_url, deadline=5)
    await client.open()
    yield client
    await client.close()
