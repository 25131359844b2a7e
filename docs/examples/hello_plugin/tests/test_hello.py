"""/hello in front of a member: a real bot on a loopback Discord, with the fixtures of frontdesk-sandbox."""

import aiohttp
import pytest
from frontdesk_hello.greetings import Greetings
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.house import House
from frontdesk_sandbox.pytest_plugin import TestDesk


@pytest.mark.desk(plugins={"hello": {"emoji": "🏮"}, "announcements": True})
async def test_hello_greets_and_tells_the_news(desk: TestDesk, member: Member, moderator: Member) -> None:
    answer = await (await member.command("/hello")).response()
    assert answer.content == "🏮 Hello, Sam!"

    await (await moderator.command("/announce title:Season two text:It begins.")).response()
    answer = await (await member.command("/hello")).response()
    assert answer.content == "🏮 Hello, Sam!\nBy the way: Season two"

    async with aiohttp.ClientSession() as http, http.get(f"{desk.bot.url}/hello/") as page:
        assert page.status == 200
        assert "2 greetings so far." in await page.text()


@pytest.mark.desk(plugins={"hello": True})
@pytest.mark.usefixtures("desk")
async def test_hello_speaks_german(house: House) -> None:
    answer = await (await house.jonas.command("/hallo")).response()
    assert answer.content == "👋 Hallo, Jonas!"


def test_news_belongs_to_one_server() -> None:
    greetings = Greetings()
    greetings.hear(1, "Season two")
    assert greetings.news(1) == "Season two"
    assert greetings.news(2) is None
