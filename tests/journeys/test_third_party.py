"""The plugin of docs/examples, installed beside Frontdesk's own, works with all the others."""

from pathlib import Path

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk
from frontdesk_sandbox.tour import Step, Tour

from tests.journeys.packages import Packages
from tests.journeys.stories import get, health, stopped_cleanly

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "hello_plugin"


async def test_the_example_plugin_greets_tells_the_news_and_harms_nobody(
    open_desk: OpenDesk, packages: Packages, member: Member, moderator: Member
) -> None:
    packages.link(EXAMPLE)
    desk = await open_desk(plugins=packages.with_the_house, environ=packages.environ, arguments=("--strict",))
    assert (await health(desk.bot))["plugins"]["hello"] == {"state": "up"}
    answer = await (await member.command("/hello")).response()
    assert answer.content == "👋 Hello, Sam!"
    answer = await (await desk.house.jonas.command("/hallo")).response()
    assert answer.content == "👋 Hallo, Jonas!"
    await (await moderator.command("/announce title:Season two text:It begins.")).response()
    answer = await (await member.command("/hello")).response()
    assert "Season two" in answer.content
    page = await get(f"{desk.bot.url}/hello/")
    assert page.status == 200
    assert "3 greetings so far" in page.text
    steps: list[Step] = []
    assert await Tour(desk.sandbox, desk.house, steps.append).play(), steps[-1]
    await stopped_cleanly(desk.bot)
