"""The pages' server side: headers, actions and their refusals, live streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import LoopbackDiscord
from frontdesk_sandbox.pages import Pages
from frontdesk_sandbox.twilio import LoopbackTwilio
from starlette.applications import Starlette

from tests.core.asgi import AsgiClient
from tests.sandbox.pages.stage import Stage, opened, owner_of


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with opened() as stage:
        yield stage


@pytest.fixture
async def web(stage: Stage) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stage.url) as session:
        yield session


async def act(web: aiohttp.ClientSession, path: str, headers: Any = None, **values: Any) -> Any:
    form = aiohttp.FormData({"values": json.dumps(values)})
    async with web.post(f"/pages/{path}", data=form, headers=headers) as answer:
        return answer.status, await answer.json()


def chat(stage: Stage, deed: str) -> str:
    return f"chat/{stage.mina.user.id}/{deed}"


@pytest.mark.parametrize("path", ["/", "/chat", "/desktop"])
def test_every_page_allows_only_itself_and_frames_of_the_bot(path: str) -> None:
    changes = Changes()
    where: list[str | None] = ["http://127.0.0.1:8080/base/"]
    discord, twilio = LoopbackDiscord("http://x", changes), LoopbackTwilio("http://x", changes)
    pages = Pages(discord, twilio, changes, bot_url=lambda: where[0])
    client = AsgiClient(Starlette(routes=pages.routes))
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-src 'self' http://127.0.0.1:8080;" in policy
    assert ("http://127.0.0.1:8080/base/health" in answer.text) == (path == "/")
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    where[0] = None
    answer = client.get(path)
    assert "frame-src 'self';" in answer.headers["content-security-policy"]
    assert "health" not in answer.text


def test_who_is_asked_for_is_escaped() -> None:
    changes = Changes()
    discord, twilio = LoopbackDiscord("http://x", changes), LoopbackTwilio("http://x", changes)
    client = AsgiClient(Starlette(routes=Pages(discord, twilio, changes, bot_url="").routes))
    text = client.get("/?as=%22%3E%3Cscript%3E&agent=tomas").text
    assert "<script>" not in text
    assert 'src="/chat?as=%22%3E%3Cscript%3E"' in text
    assert 'src="/desktop?as=tomas"' in text


async def test_a_message_is_said_edited_and_deleted(stage: Stage, web: aiohttp.ClientSession) -> None:
    place = str(stage.channels["general"].id)
    assert await act(web, chat(stage, "say"), place=place, text="hello") == (200, {})
    (message,) = stage.channels["general"].messages.values()
    target = {"place": place, "message": str(message.id)}
    assert (await act(web, chat(stage, "edit"), **target, text="hello!"))[0] == 200
    assert message.content == "hello!"
    assert (await act(web, chat(stage, "delete"), **target))[0] == 200
    assert await act(web, chat(stage, "delete"), **target) == (404, {"error": "This message is not there any more."})


async def test_refusals_are_sentences(stage: Stage, web: aiohttp.ClientSession) -> None:
    news, general = str(stage.channels["news"].id), str(stage.channels["general"].id)
    status, answer = await act(web, chat(stage, "say"), place=news, text="hello")
    assert (status, answer) == (409, {"error": "Mina Park may not do that in announcements."})
    theirs = await stage.discord.member("Juno Reyes").say("mine", "#general")
    status, answer = await act(web, chat(stage, "edit"), place=general, message=str(theirs.id), text="x")
    assert (status, answer) == (409, {"error": "Only one's own messages can be edited."})
    assert (await act(web, chat(stage, "say"), place="nowhere", text="x"))[0] == 404
    assert (await act(web, chat(stage, "fly")))[0] == 404
    assert (await act(web, f"chat/{stage.discord.world.bot.id}/say", place=general, text="x"))[0] == 404
    assert (await act(web, "desktop/nobody/ready", available=True))[0] == 404
    assert (await act(web, "desktop/amira/complete", task="WT0"))[0] == 404
    async with web.post(f"/pages/{chat(stage, 'say')}", data={"values": "{"}) as broken:
        assert broken.status == 400
    async with web.post(f"/pages/{chat(stage, 'say')}", data={"values": "[]"}) as broken:
        assert broken.status == 400
    assert stage.channels["news"].messages == {}


async def test_a_page_from_elsewhere_may_do_nothing(stage: Stage, web: aiohttp.ClientSession) -> None:
    place = str(stage.channels["general"].id)
    elsewhere = {"Origin": "https://elsewhere.example"}
    status, _ = await act(web, chat(stage, "say"), elsewhere, place=place, text="hello")
    assert status == 403
    assert stage.channels["general"].messages == {}
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await web.ws_connect(f"/pages/{chat(stage, 'live')}", headers=elsewhere)
    assert (await act(web, chat(stage, "say"), {"Origin": stage.url}, place=place, text="hello"))[0] == 200


async def test_the_token_of_an_agent_is_for_the_sandboxs_own_page(stage: Stage, web: aiohttp.ClientSession) -> None:
    assert await act(web, "desktop/amira/token", {"Origin": stage.bot_url}) == (
        403, {"error": "Only the sandbox's own pages may do this."}
    )  # fmt: skip
    assert (await act(web, "desktop/nobody/token"))[0] == 404
    async with web.get("/pages/desktop/amira/token") as got:
        assert got.status == 405
    async with web.post("/pages/desktop/amira/token", headers={"Origin": stage.url}) as given:
        assert given.headers["cache-control"] == "no-store"
        token = (await given.json())["token"]
    assert await owner_of(stage, token) == stage.twilio.agent("amira").worker.sid


async def test_options_may_be_called_anything_and_hold_anything(stage: Stage, web: aiohttp.ClientSession) -> None:
    juno = stage.discord.world.find_user("Juno Reyes")
    place = stage.channels["general"]
    (announce,) = (each for each in stage.discord.member(juno).commands(place) if each["name"] == "announce")
    values = {"place": str(place.id), "command": announce["id"], "options": {"text": "text: a text:b"}}
    assert (await act(web, f"chat/{juno.id}/command", **values))[0] == 200
    await stage.mina.sees("text: a text:b")
    status, answer = await act(web, chat(stage, "command"), **values)
    assert (status, answer) == (409, {"error": "This command is not offered here any more."})


async def screens(socket: aiohttp.ClientWebSocketResponse, seen: Any) -> Any:
    """Read snapshots until one fulfils a condition; tells it, and how many there were."""
    count = 0
    async with asyncio.timeout(10):
        async for message in socket:
            screen = json.loads(message.data).get("screen")
            count += screen is not None
            if screen and seen(screen):
                return screen, count
    raise AssertionError("the stream ended")


def place_of(screen: Any, id_: int) -> Any:
    return next(each for each in screen["servers"][0]["channels"] if each["id"] == str(id_))


async def test_the_stream_shows_the_open_place_and_sums_up_the_others(stage: Stage, web: aiohttp.ClientSession) -> None:
    general, service = stage.channels["general"].id, stage.channels["help"].id
    async with web.ws_connect(f"/pages/{chat(stage, 'live')}") as socket:
        await socket.send_json({"place": str(general)})
        juno = stage.discord.member("Juno Reyes")
        await screens(socket, lambda screen: place_of(screen, general)["commands"])
        for number in range(50):
            await juno.say(f"line {number}", "#general")
        last = await juno.say("elsewhere", "#customer-service")
        screen, count = await screens(socket, lambda screen: place_of(screen, service)["last"] == str(last.id))
        assert count < 10
        assert [each["content"] for each in place_of(screen, general)["messages"]][-1] == "line 49"
        other = place_of(screen, service)
        assert (other["messages"], other["others"]) == ([], [str(last.id)])
        assert [each["name"] for each in screen["people"]][-1] == "Lantern Keep owner"


async def test_typing_is_a_passing_glimpse(stage: Stage, web: aiohttp.ClientSession) -> None:
    async with web.ws_connect(f"/pages/{chat(stage, 'live')}") as socket:
        await socket.receive_json(timeout=10)
        await stage.mina.type("#general")
        await stage.discord.member("Juno Reyes").type("#general")
        place = str(stage.channels["general"].id)
        news = await socket.receive_json(timeout=10)
        assert news["glimpse"]["typing"] == "Juno Reyes"
        assert news["glimpse"]["place"] == place


async def test_nobodys_screen_is_not_shown(stage: Stage, web: aiohttp.ClientSession) -> None:
    for path in ("chat/1/live", f"chat/{stage.discord.world.bot.id}/live", "desktop/nobody/live"):
        async with web.ws_connect(f"/pages/{path}") as socket:
            assert (await socket.receive(timeout=10)).data == 4404
    assert [worker.friendly_name for worker in stage.twilio.world.router.workers.values()] == ["amira", "tomas"]


async def test_an_agents_day(stage: Stage, web: aiohttp.ClientSession) -> None:
    async with web.ws_connect("/pages/desktop/amira/live") as socket:
        assert (await act(web, "desktop/amira/ready", available=True))[0] == 200
        sid = await stage.ask_for_agent(stage.mina)
        screen, _ = await screens(socket, lambda screen: screen["incoming"])
        offer = {"reservation": screen["incoming"][0]["reservation_sid"]}
        assert (await act(web, "desktop/amira/accept", **offer))[0] == 200
        status, answer = await act(web, "desktop/amira/accept", **offer)
        assert (status, answer) == (404, {"error": "This task has been withdrawn."})
        screen, _ = await screens(socket, lambda screen: screen["tasks"])
        task = screen["tasks"][0]
        assert task["customers"] == [f"discord_{stage.mina.user.id}"]
        form = aiohttp.FormData({"values": json.dumps({"task": task["task_sid"], "text": "a page"})})
        form.add_field("files", b"<script>1</script>", filename="a.html", content_type="text/html")
        async with web.post("/pages/desktop/amira/say", data=form) as sent:
            assert sent.status == 200
        (message,) = stage.twilio.world.chat.conversations[sid].messages.values()
        async with web.get(f"/pages/desktop/media/{message.media[0].sid}") as media:
            assert media.headers["Content-Disposition"].startswith("attachment")
            assert "sandbox" in media.headers["Content-Security-Policy"]
        assert (await act(web, "desktop/amira/complete", task=task["task_sid"]))[0] == 200
        await screens(socket, lambda screen: not screen["tasks"])
