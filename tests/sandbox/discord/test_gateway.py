"""Losing the gateway and coming back; intents; a refused token."""

import asyncio
import json
import zlib
from typing import Any

import aiohttp
import hikari
import pytest
from frontdesk_sandbox.discord import Overwrite, Permission

from tests.sandbox.discord.bot_desk import INTENTS, Desk


def _collect(bot: hikari.GatewayBot) -> "asyncio.Queue[str | None]":
    heard: asyncio.Queue[str | None] = asyncio.Queue()

    async def hear(event: hikari.MessageCreateEvent) -> None:
        await heard.put(event.content)

    bot.subscribe(hikari.DMMessageCreateEvent, hear)
    bot.subscribe(hikari.GuildMessageCreateEvent, hear)
    return heard


@pytest.mark.parametrize("how", ["drop_sockets", "close_sockets", "ask_to_reconnect"])
async def test_what_was_said_meanwhile_is_replayed_after_a_resume(desk: Desk, how: str) -> None:
    bot = desk.bot()
    heard = _collect(bot)
    await desk.start(bot)
    mina, gateway = desk.member(), desk.discord.gateway
    getattr(desk.discord.faults.gateway, how)()
    await desk.discord.changes.until(lambda: not gateway.connected, what="the loss of the socket")
    for text in ("one", "two", "three"):
        await mina.say(text)
    assert [await asyncio.wait_for(heard.get(), 8) for _ in range(3)] == ["one", "two", "three"]
    assert (gateway.identified, gateway.resumed) == (1, 1)


async def test_a_new_session_has_lost_what_was_said_meanwhile_but_not_the_history(desk: Desk) -> None:
    bot = desk.bot()
    heard = _collect(bot)
    await desk.start(bot)
    mina, gateway = desk.member(), desk.discord.gateway
    gateway.invalidate()
    await desk.discord.changes.until(lambda: not gateway.connected, what="the loss of the session")
    lost = await mina.say("lost")
    await desk.discord.changes.until(lambda: gateway.identified == 2, what="a new session")
    await mina.say("heard")
    assert await asyncio.wait_for(heard.get(), 8) == "heard"
    history = await bot.rest.fetch_messages(lost.channel_id)
    assert [one.content for one in history] == ["heard", "lost"]


@pytest.mark.filterwarnings("ignore::hikari.MissingIntentWarning")
async def test_without_message_content_only_dms_and_mentions_are_readable(desk: Desk) -> None:
    bot = desk.bot(INTENTS & ~hikari.Intents.MESSAGE_CONTENT & ~hikari.Intents.GUILD_MEMBERS)
    heard = _collect(bot)
    joined: list[hikari.Event] = []

    async def note(event: hikari.MemberCreateEvent) -> None:
        joined.append(event)

    bot.subscribe(hikari.MemberCreateEvent, note)
    await desk.start(bot)
    mina, me = desk.member(), desk.discord.world.bot
    await mina.say("secret", "#general")
    await mina.say(f"<@{me.id}> open", "#general")
    await mina.say("private", "dm")
    assert [await asyncio.wait_for(heard.get(), 5) for _ in range(3)] == [None, f"<@{me.id}> open", "private"]
    assert joined == []


async def test_a_wrong_token_is_refused_everywhere(desk: Desk) -> None:
    bot = hikari.GatewayBot(desk.discord.token + "x", rest_url=desk.discord.rest_url, banner=None, logs=None)
    with pytest.raises(hikari.UnauthorizedError):
        await bot.start(check_for_updates=False)
    await bot.close()


async def test_a_disallowed_intent_is_refused(desk: Desk) -> None:
    desk.discord.gateway.disallowed_intents = int(hikari.Intents.MESSAGE_CONTENT)
    bot = desk.bot()
    with pytest.raises(hikari.GatewayServerClosedConnectionError) as refusal:
        await bot.start(check_for_updates=False)
    assert refusal.value.code == 4014


async def test_channels_that_the_bot_cannot_see_are_silent(desk: Desk) -> None:
    world, bot = desk.discord.world, desk.bot()
    heard = _collect(bot)
    hidden = world.create_channel(desk.guild, "staff")
    hidden.overwrites.append(Overwrite(world.bot.id, 1, deny=int(Permission.VIEW_CHANNEL)))
    await desk.start(bot)
    assert hidden.id not in bot.cache.get_guild_channels_view()
    mina = desk.member()
    await mina.say("psst", "#staff")
    await mina.say("hello", "#general")
    assert await asyncio.wait_for(heard.get(), 5) == "hello"
    with pytest.raises(hikari.ForbiddenError) as refusal:
        await bot.rest.create_message(hidden.id, "x")
    assert refusal.value.code == 50001


async def test_zlib_stream_is_one_stream_that_is_flushed_after_every_payload(desk: Desk) -> None:
    """The bot itself asks for zstd where that is installed, and for zlib elsewhere."""
    inflating, authorization = zlib.decompressobj(), {"Authorization": f"Bot {desk.discord.token}"}

    async def payload(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        packed = await socket.receive_bytes(timeout=5)
        assert packed.endswith(b"\x00\x00\xff\xff")
        read: dict[str, Any] = json.loads(inflating.decompress(packed))
        return read

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{desk.discord.rest_url}/gateway/bot", headers=authorization) as answer,
        session.ws_connect(f"{(await answer.json())['url']}?v=10&encoding=json&compress=zlib-stream") as socket,
    ):
        hello = await payload(socket)
        assert (hello["op"], hello["d"]["heartbeat_interval"] > 0) == (10, True)
        properties = {"os": "linux", "browser": "test", "device": "test"}
        identify = {"token": desk.discord.token, "intents": int(INTENTS), "properties": properties}
        await socket.send_json({"op": 2, "d": identify})
        ready = await payload(socket)
        assert (ready["op"], ready["t"], ready["d"]["user"]["id"]) == (0, "READY", str(desk.discord.world.bot.id))
