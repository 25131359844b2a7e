"""The barest bridge: a gateway socket, aiohttp and a dictionary. No database, no order, no retries, no signatures.

Reads its settings as JSON from standard input; writes ``ready`` to standard output when it is.
"""

import asyncio
import itertools
import json
import sys
from typing import Any

import aiohttp
from aiohttp import web

_DISPATCH, _HEARTBEAT, _IDENTIFY, _HELLO = 0, 1, 2, 10
_DIRECT_MESSAGES_WITH_CONTENT = 1 << 12 | 1 << 15


class Forwarder:
    """Forwards direct messages to Conversations, and webhooks to direct messages.

    Args:
        session: of both sides.
        settings: addresses, credentials and ``pairs`` of channel, conversation and identity.
    """

    def __init__(self, session: aiohttp.ClientSession, settings: dict[str, Any]) -> None:
        self._session = session
        self._settings = settings
        self._pairs = {channel: (sid, identity) for channel, sid, identity in settings["pairs"]}
        self._channels = {sid: (channel, identity) for channel, sid, identity in settings["pairs"]}
        self._authorization = {"Authorization": f"Bot {settings['token']}"}
        self._twilio = aiohttp.encode_basic_auth(settings["account_sid"], settings["auth_token"])
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Read the gateway until it ends."""
        async with self._session.ws_connect(self._settings["gateway"]) as socket:
            async for message in socket:
                event = json.loads(message.data)
                if event["op"] == _HELLO:
                    identity = {"token": self._settings["token"], "intents": _DIRECT_MESSAGES_WITH_CONTENT}
                    await socket.send_json({"op": _IDENTIFY, "d": {**identity, "properties": {}}})
                    self._begin(self._beat(socket, event["d"]["heartbeat_interval"] / 1000))
                elif event.get("t") == "READY":
                    print("ready", flush=True)
                elif event.get("t") == "MESSAGE_CREATE" and not event["d"]["author"].get("bot"):
                    self._begin(self._to_twilio(event["d"]["channel_id"], event["d"]["content"]))

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, pause: float) -> None:
        for sequence in itertools.count():
            await asyncio.sleep(pause)
            await socket.send_json({"op": _HEARTBEAT, "d": sequence})

    async def _to_twilio(self, channel: str, text: str) -> None:
        if channel not in self._pairs:
            return
        sid, identity = self._pairs[channel]
        url = f"{self._settings['conversations']}/v1/Conversations/{sid}/Messages"
        headers = {"Authorization": self._twilio, "X-Twilio-Webhook-Enabled": "true"}
        async with self._session.post(url, data={"Author": identity, "Body": text}, headers=headers) as answer:
            await answer.json()

    async def webhook(self, request: web.Request) -> web.Response:
        """Take a webhook in, and send the message before answering."""
        params = await request.post()
        channel, identity = self._channels.get(str(params.get("ConversationSid")), ("", ""))
        if channel and params.get("EventType") == "onMessageAdded" and params.get("Author") != identity:
            url = f"{self._settings['discord']}/channels/{channel}/messages"
            async with self._session.post(url, json={"content": params["Body"]}, headers=self._authorization) as answer:
                await answer.json()
        return web.Response(status=204)


async def main() -> None:
    """Serve and listen."""
    settings = json.load(sys.stdin)
    async with aiohttp.ClientSession() as session:
        forwarder = Forwarder(session, settings)
        app = web.Application()
        app.router.add_post("/helpdesk/forward-to-discord", forwarder.webhook)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings["port"]).start()
        await forwarder.listen()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
