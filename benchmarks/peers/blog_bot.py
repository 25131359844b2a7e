"""A bridge the way a blog series built one, on the interfaces of today: how not to do it, to measure against.

The synchronous Twilio library inside asynchronous handlers; no database: the conversation is looked up by the member's
identity for each line, and the newest message that carries a Discord channel tells where an agent's line goes. No
signatures, no repetitions, no order. Reads its settings as JSON from standard input; writes ``ready`` when it is.
"""

import asyncio
import json
import sys
from typing import Any

import hikari
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types


class LoopbackHttp(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """The library's own client, sent to the sandbox."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=30)
        self._base_url = base_url

    def request(self, method: str, url: str, *args: Any, **named: Any) -> Any:
        """Send to the sandbox what was meant for Twilio."""
        return super().request(method, url.replace("https://", f"{self._base_url}/", 1), *args, **named)


class BlogBot:
    """Both directions.

    Args:
        settings: addresses, credentials, and the ``identities`` of members by their Discord id.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        http = LoopbackHttp(settings["twilio"])
        self._twilio = Client(settings["account_sid"], settings["auth_token"], http_client=http).conversations.v1
        self._identities: dict[str, str] = settings["identities"]
        rest_url = settings["discord"]
        self.bot = hikari.GatewayBot(
            settings["token"], banner=None, logs=None, rest_url=rest_url,
            intents=hikari.Intents.DM_MESSAGES, suppress_optimization_warning=True,
        )  # fmt: skip
        self.bot.subscribe(hikari.DMMessageCreateEvent, self.member_wrote)

    async def member_wrote(self, event: hikari.DMMessageCreateEvent) -> None:
        """Find the member's conversation, and add the line with the channel that it came from."""
        identity = self._identities.get(str(event.author_id))
        if event.author.is_bot or identity is None:
            return
        open_ones = [
            one
            for one in self._twilio.participant_conversations.list(identity=identity)
            if one.conversation_state != "closed"
        ]
        self._twilio.conversations(open_ones[-1].conversation_sid).messages.create(
            author=identity,
            body=event.content,
            attributes=json.dumps({"discord_channel": str(event.channel_id)}),
            x_twilio_webhook_enabled="true",
        )

    async def agent_wrote(self, request: Request) -> Response:
        """Send on what comes from the Flex UI, to the channel of the newest message that names one."""
        form = await request.form()
        if form.get("EventType") == "onMessageAdded" and form.get("Source") == "SDK":
            newest = self._twilio.conversations(form["ConversationSid"]).messages.list(order="desc", limit=20)
            channels = [json.loads(one.attributes).get("discord_channel") for one in newest]
            channel = next(each for each in channels if each is not None)
            await self.bot.rest.create_message(int(channel), str(form["Body"]))
        return Response(status_code=200)


async def main() -> None:
    """Serve and listen."""
    settings = json.load(sys.stdin)
    blog = BlogBot(settings)
    await blog.bot.start()
    app = Starlette(routes=[Route("/helpdesk/forward-to-discord", blog.agent_wrote, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=settings["port"], log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    await serving


if __name__ == "__main__":
    asyncio.run(main())
