"""The pages of staff in Chromium: the sign-in by Discord, the one by Flex in a frame, the page of who is here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.house import furnish
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import Agent
from playwright.async_api import Browser, ConsoleMessage, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

pytestmark = [pytest.mark.browser, pytest.mark.desk(plugins={"bug_report": True})]

PANEL = """<!doctype html><title>Flex</title><iframe src="{frame}" width="500" height="600"></iframe><script>
  window.heard = [];
  window.addEventListener("message", (event) => {
    window.heard.push([event.origin, event.data]);
    event.source.postMessage({type: "frontdesk:token", token: "{token}"}, event.origin);
  });
</script>"""


class Flex:
    """A page of another origin that has ours in a frame, and answers it as the panel in Flex does."""

    def __init__(self) -> None:
        self.server = LoopbackServer()
        self.frame = self.token = ""

    async def panel(self, _request: Request) -> Response:
        return HTMLResponse(PANEL.replace("{frame}", self.frame).replace("{token}", self.token))


@pytest.fixture
async def flex() -> AsyncIterator[Flex]:
    served = Flex()
    await served.server.start(Starlette(routes=[Route("/", served.panel)]))
    yield served
    await served.server.stop()


async def test_a_supervisor_signs_in_makes_a_token_and_signs_out(page: Page, desk: TestDesk) -> None:
    await page.goto(f"{desk.bot.url}/staff/")
    await page.get_by_role("link", name="Sign in with Discord").click()
    await expect(page.get_by_role("heading", name="Frontdesk wants to know who you are")).to_be_visible()
    await page.get_by_role("link", name="Mina").click()
    await expect(page.get_by_role("heading", name="Staff", exact=True)).to_be_visible()

    await page.get_by_label("Name", exact=True).fill("Reports")
    await page.get_by_label("Role").select_option("agent")
    await page.get_by_role("button", name="Make a token").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("fd_")
    await page.get_by_role("button", name="Revoke the token Reports").click()
    await expect(page.get_by_role("button", name="Revoke the token Reports")).to_have_count(0)
    await expect(page.get_by_text("Token revoked")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    await page.goto(f"{desk.bot.url}/staff/")
    await expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()


async def test_the_panel_in_flex_signs_in_by_itself(page: Page, flex: Flex, open_desk: OpenDesk, agent: Agent) -> None:
    staff = {"flex_origins": [flex.server.url, "https://flex.twilio.com"]}
    desk = await open_desk(plugins={"bug_report": True}, settings={"staff": staff})
    flex.frame, flex.token = f"{desk.bot.url}/staff/", "nonsense"
    await page.goto(flex.server.url)
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_text("may not see this")).to_be_visible()

    flex.token = agent.flex_token()
    await page.reload()
    await expect(frame.get_by_role("heading", name="Signed in")).to_be_visible()
    assert await page.evaluate("window.heard[0]") == [desk.bot.url, {"type": "frontdesk:ready"}]


async def test_other_origins_get_no_frame(browser: Browser, flex: Flex, desk: TestDesk, agent: Agent) -> None:
    flex.frame, flex.token = f"{desk.bot.url}/staff/", agent.flex_token()
    page = await browser.new_page()
    refused = asyncio.Event()

    def hear(told: ConsoleMessage) -> None:
        if "frame-ancestors" in told.text:
            refused.set()

    page.on("console", hear)
    await page.goto(flex.server.url)
    async with asyncio.timeout(10):
        await refused.wait()
    assert await page.evaluate("window.heard") == []


async def test_the_sandboxs_desktop_hands_the_token_over(page: Page, tmp_path: Path) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    furnish(sandbox)
    bot = Bot(sandbox, tmp_path, plugins={"bug_report": True})
    try:
        await bot.start()
        await page.goto(f"{sandbox.url}/desktop?as=amira")
        await expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
        make = "Object.assign(document.createElement('iframe'), {src: url})"
        await page.evaluate(f"url => document.querySelector('.pages').append({make})", f"{bot.url}/staff/")
        await expect(page.frame_locator(".pages iframe").get_by_text("Signed in")).to_be_attached()
        await page.goto("about:blank")
    finally:
        await bot.stop()
        await sandbox.stop()
