"""A loopback Twilio, a client for it, and a bot that receives its webhooks."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import LoopbackTwilio
from starlette.applications import Starlette
from starlette.routing import Route
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.kit import Bot, RewritingHttpClient


@pytest.fixture
async def twilio() -> AsyncIterator[LoopbackTwilio]:
    server = LoopbackServer()
    loopback = LoopbackTwilio(server.url)
    await server.start(Starlette(routes=loopback.routes))
    yield loopback
    await loopback.close()
    await server.stop()


@pytest.fixture
async def client(twilio: LoopbackTwilio) -> AsyncIterator[Client]:
    async with RewritingHttpClient(twilio.base_url) as http:
        yield Client(twilio.account_sid, twilio.auth_token, http_client=http)


@pytest.fixture
async def bot(twilio: LoopbackTwilio) -> AsyncIterator[Bot]:
    server = LoopbackServer()
    receiver = Bot(server.url, twilio.auth_token)
    routes = [Route("/{path:path}", receiver.receive, methods=["GET", "POST"])]
    await server.start(Starlette(routes=routes))
    yield receiver
    await server.stop()


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
