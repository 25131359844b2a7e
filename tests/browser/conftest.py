"""Chromium for the browser tests: Debian's package, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, async_playwright

DEADLINE_MS = 10_000
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
async def browser(missing: Callable[[str], None]) -> AsyncIterator[Browser]:
    """A headless Chromium; without one the test is skipped, or fails with FRONTDESK_REQUIRE_ALL=1."""
    path = os.environ.get("FRONTDESK_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("there is no Chromium here (Debian's package is called chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page of 1440 x 900; scripts that raise, refused content and requests to elsewhere fail the test.

    With FRONTDESK_SCREENSHOTS set to a folder, the last look is kept there.
    """
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(DEADLINE_MS)
    complaints: list[str] = []
    strangers: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            complaints.append(message.text)

    def raised(error: Error) -> None:
        complaints.append(str(error))

    def asked(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "about:")):
            strangers.append(request.url)

    page.on("console", hear)
    page.on("pageerror", raised)
    page.on("request", asked)
    yield page
    if folder := os.environ.get("FRONTDESK_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{request.node.name}.png")
    await page.close()
    assert complaints == []
    assert strangers == []
