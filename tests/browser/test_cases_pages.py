"""The pages of cases in Chromium: by keyboard alone, with news of others, a conflict, beside a task, right to left."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.house import ARTICLES
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from playwright.async_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.routing import Route

from tests.browser.test_staff import Flex
from tests.journeys.stories import reach_a_person

pytestmark = pytest.mark.browser

CASES: dict[str, Any] = {
    "promises": {"first_answer_minutes": 60, "resolution_minutes": 600},
    "fields": [{"name": "platform", "label": "Platform", "kind": "choice", "choices": ["PC", "Console"]}],
    "macros": [{"name": "Thanks for the report", "answer": "Thank you, {name}!", "status": "pending_us"}],
}
PLUGINS = {"cases": CASES, "bug_report": True, "knowledge": {"articles": str(ARTICLES)}}


@pytest.fixture
async def staffed(open_desk: OpenDesk) -> TestDesk:
    """A bot with cases, whose staff is known by a role."""
    return await open_desk(plugins=PLUGINS)


@pytest.fixture
async def flex() -> AsyncIterator[Flex]:
    """A page of another origin with ours in a frame, which hands its token over."""
    served = Flex()
    await served.server.start(Starlette(routes=[Route("/", served.panel)]))
    yield served
    await served.server.stop()


@pytest.fixture
async def other_browser(browser: Browser) -> AsyncIterator[Page]:
    """A colleague's browser."""
    context: BrowserContext = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(10_000)
    yield page
    await context.close()


async def enter(page: Page, desk: TestDesk, who: str, path: str = "/cases/") -> None:
    """Sign in with Discord and go on."""
    await page.goto(f"{desk.bot.url}/staff/sign-in/discord?next={path}")
    await page.get_by_role("link", name=who).click()
    await page.wait_for_url(f"{desk.bot.url}{path}*")


async def open_case(page: Page, desk: TestDesk, member: Member, title: str, **more: str) -> str:
    """Open a case on the page for it; returns its address."""
    await page.goto(f"{desk.bot.url}/cases/new")
    for name, value in {"person": str(member.user.id), "title": title, "description": title, **more}.items():
        field = page.locator(f"#{name}")
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await page.locator(".new-form button").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page.url


async def ready(page: Page) -> None:
    """Wait for the scripts of a page."""
    await expect(page.locator("#live")).to_have_attribute("data-open", "yes")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_an_agent_works_by_keyboard_alone(page: Page, staffed: TestDesk, member: Member) -> None:
    await enter(page, staffed, "Tariq")
    for title in ("The door is stuck", "The lamp is out", "The bell is silent"):
        await open_case(page, staffed, member, title, kind="bug")
    await page.goto(f"{staffed.bot.url}/cases/")
    await ready(page)
    await press(page, "?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await press(page, "j", "Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()

    await press(page, "j", "j", "j", "k")
    await expect(page.get_by_role("link", name="The lamp is out")).to_be_focused()
    await press(page, "/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("door")
    await press(page, "Enter")
    await expect(page.locator(".case-row")).to_have_count(1)
    await ready(page)
    await press(page, "j", "Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("The door is stuck")
    await ready(page)

    await press(page, "n")
    await expect(page.locator("#note")).to_be_focused()
    await page.keyboard.type("Sam has the old key")
    await press(page, "Tab", "Enter")
    await expect(page.locator(".thread .note .bubble")).to_have_text("Sam has the old key")
    await ready(page)

    await press(page, "a")
    await expect(page.locator("#answer")).to_be_focused()
    await page.keyboard.type("Please turn the key twice.")
    await press(page, "Tab", "Tab", "Enter")  # past "send and wait" to "send and resolve"
    await expect(page.locator("#head .badge").first).to_have_text("Resolved")
    await expect(page.locator(".thread .ours:not(.note) .bubble")).to_have_text("Please turn the key twice.")
    await member.sees("Please turn the key twice.", "dm")
    await ready(page)
    await press(page, "u")
    await expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    await expect(page.locator(".case-row")).to_have_count(2)


async def test_keys_can_be_switched_off(page: Page, staffed: TestDesk, member: Member) -> None:
    await enter(page, staffed, "Tariq")
    await open_case(page, staffed, member, "The lamp is out")
    await ready(page)
    await page.get_by_role("button", name="Keyboard").click()
    switch = page.get_by_role("checkbox", name="Keys work on these pages")
    await expect(switch).to_be_checked()
    await switch.uncheck()
    await press(page, "Escape")
    await page.goto(f"{staffed.bot.url}/cases/")
    await ready(page)
    await press(page, "?", "j", "/", "c")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_role("searchbox")).not_to_be_focused()
    await expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    await expect(page.locator(".case-row .open")).not_to_be_focused()
    await page.get_by_role("button", name="Keyboard").click()
    await switch.check()
    await press(page, "Escape", "j")
    await expect(page.locator(".case-row .open")).to_be_focused()


async def test_keys_work_with_letters_of_any_script(page: Page, staffed: TestDesk, member: Member) -> None:
    await enter(page, staffed, "Tariq")
    await open_case(page, staffed, member, "The lamp is out")
    await page.goto(f"{staffed.bot.url}/cases/")
    await ready(page)
    typed = "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"
    await page.evaluate(typed, ["ت", "KeyJ"])
    await expect(page.locator(".case-row .open")).to_be_focused()
    await page.evaluate(typed, ["؟", "Slash"])
    await expect(page.get_by_role("searchbox")).to_be_focused()


@pytest.mark.parametrize("width", [380, 1440])
@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_dashboard_fits_and_stays_in_the_panel(
    browser: Browser, staffed: TestDesk, member: Member, width: int, language: str
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale=language)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{staffed.bot.url}/staff/sign-in/discord?next=/cases/new%3Fpanel%3D1")
    await page.get_by_role("link", name="Tariq").click()
    for name in ("title", "description"):
        await page.locator(f"#{name}").fill("The lamp is out")
    await page.locator("#person").fill(str(member.user.id))
    await page.locator(".new-form button").click()
    await page.locator("#answer").fill("Hello")
    await page.locator("button[name=then][value=resolved]").click()
    await expect(page.locator(".thread .ours .bubble")).to_have_text("Hello")
    await page.locator(".strip a").nth(1).click()
    await expect(page.locator("svg.bar").first).to_be_visible()
    await expect(page.locator(".plot svg")).to_have_count(3)
    await expect(page.locator(".plot .promise")).to_have_count(0)  # far above what it took
    await _nothing_sticks_out(page)
    await page.locator(".spans a").last.click()
    assert "panel=1" in page.url
    await expect(page.locator(".strip")).to_be_visible()
    await _nothing_sticks_out(page)
    if folder := os.environ.get("FRONTDESK_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"dashboard-{language}-{width}.png", full_page=True)
    await context.close()


async def test_colleagues_see_each_others_work_at_once(
    page: Page, other_browser: Page, staffed: TestDesk, member: Member
) -> None:
    await enter(page, staffed, "Tariq")
    address = await open_case(page, staffed, member, "The lamp is out")
    await enter(other_browser, staffed, "Mina")
    await ready(other_browser)
    await open_case(page, staffed, member, "The bell is silent")
    await expect(other_browser.locator("#live-news")).to_contain_text("1 change")
    await expect(other_browser.locator(".case-row")).to_have_count(1)
    await other_browser.get_by_role("button", name="Show", exact=True).click()
    await expect(other_browser.locator(".case-row")).to_have_count(2)

    await page.goto(address)
    await other_browser.goto(address)
    await ready(other_browser)
    take = other_browser.get_by_role("button", name="Take")
    await expect(take).to_be_visible()
    await page.get_by_role("button", name="Take").click()
    await expect(other_browser.locator("#head")).to_contain_text("Assignee: Tariq")
    await expect(take).to_have_count(0)
    await expect(page.locator("#live-people")).to_contain_text("Mina")
    await expect(page.locator("#live-people")).to_contain_text("also has this case open")
    await other_browser.locator("#answer").press_sequentially("I am on it")
    await expect(page.locator("#live-people")).to_contain_text("is typing an answer")
    await other_browser.get_by_role("button", name="Send and wait").click()
    await expect(page.locator(".thread .ours .bubble")).to_have_text("I am on it")
    await expect(page.locator("#head .badge").first).to_have_text("Waiting for the member")
    # The page read itself anew, so this is no conflict.
    await page.locator("#answer").fill("So am I")
    await page.get_by_role("button", name="Send and resolve").click()
    await expect(page.locator(".thread .ours .bubble")).to_have_count(2)


async def test_changed_lines_stand_beside_what_they_said_before(
    page: Page, open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk(plugins={**PLUGINS, "helpdesk": True})
    await reach_a_person(member, agent)
    await member.sees("CASE-1001", "dm")
    typo, secret = await member.say("My lantren is dark"), await member.say("My word is 1234")
    await agent.sees("My word is 1234")
    await enter(page, desk, "Mina", "/cases/1")
    await ready(page)
    await member.edit(typo, "My lantern is dark")
    await member.delete(secret)
    await expect(page.locator(".changed .bubble")).to_have_text("My lantern is dark")
    await expect(page.locator(".changed")).to_contain_text("Before: My lantren is dark")
    await expect(page.locator(".thread")).to_contain_text("The message was taken back:")
    await expect(page.locator(".outdated .bubble")).to_have_text(["My lantren is dark", "My word is 1234"])
    later = page.get_by_role("link", name="changed later")
    await later.click()
    assert await page.locator(".changed").evaluate("line => `#${line.id}`") == f"#{page.url.partition('#')[2]}"
    await page.locator(".outdated").first.scroll_into_view_if_needed()


async def test_the_second_save_shows_both_versions(
    page: Page, other_browser: Page, staffed: TestDesk, member: Member
) -> None:
    await enter(page, staffed, "Tariq")
    address = await open_case(page, staffed, member, "The lamp is out")
    await page.locator("#priority").select_option("urgent")
    await enter(other_browser, staffed, "Mina")
    await other_browser.goto(address)
    await other_browser.locator("#priority").select_option("low")
    await other_browser.locator("#team").fill("Lamplighters")
    await other_browser.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#live-news")).to_be_visible()  # and nothing is taken from who is changing something

    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("heading", name="Somebody was quicker")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("PriorityLowUrgent")
    await page.get_by_role("button", name="Apply mine on top").click()
    await expect(page.locator("#priority")).to_have_value("urgent")
    await expect(page.locator("#team")).to_have_value("Lamplighters")


async def test_what_was_typed_outlives_the_page(page: Page, staffed: TestDesk, member: Member) -> None:
    await enter(page, staffed, "Tariq")
    address = await open_case(page, staffed, member, "The lamp is out")
    await page.locator("#answer").fill("A long answer")
    await page.goto(f"{staffed.bot.url}/cases/")
    await page.goto(address)
    await expect(page.locator("#answer")).to_have_value("A long answer")
    await page.get_by_role("button", name="Send and wait").click()
    await expect(page.locator(".thread .ours .bubble")).to_have_text("A long answer")
    await expect(page.locator("#answer")).to_have_value("")
    await page.reload()
    await expect(page.locator("#answer")).to_have_value("")


async def test_everything_works_without_scripts(browser: Browser, staffed: TestDesk, member: Member) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{staffed.bot.url}/staff/sign-in/discord?next=/cases/new")
    await page.get_by_role("link", name="Tariq").click()
    for name in ("title", "description"):
        await page.locator(f"#{name}").fill("The lamp is out")
    await page.locator("#person").fill(str(member.user.id))
    await page.get_by_role("button", name="Open the case").click()
    await page.locator("#answer").fill("Hello")
    await page.get_by_role("button", name="Send and wait").click()
    await expect(page.locator(".thread .ours .bubble")).to_have_text("Hello")
    await page.locator(".note-box summary").click()
    await page.locator("#note").fill("Call back")
    await page.get_by_role("button", name="Save note").click()
    await expect(page.locator(".thread .note .bubble")).to_have_text("Call back")
    await page.locator(".split-box summary").click()
    await page.locator(".pick input").last.check()
    await page.locator("#split-title").fill("A case of its own")
    await page.get_by_role("button", name="Split off", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("A case of its own")
    await context.close()


async def test_the_panel_in_flex_works_on_a_case_without_a_further_sign_in(
    page: Page, other_browser: Page, flex: Flex, open_desk: OpenDesk, agent: Agent
) -> None:
    staff = {"agent": ["Moderator"], "flex_origins": [flex.server.url]}
    desk = await open_desk(plugins=PLUGINS, settings={"staff": staff})
    await enter(other_browser, desk, "Tariq")
    address = await open_case(other_browser, desk, desk.house.sam, "The lamp is out")
    flex.frame, flex.token = address, agent.flex_token()
    await page.goto(flex.server.url)
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_role("heading", level=1)).to_have_text("The lamp is out")
    await expect(frame.locator(".strip")).to_be_visible()
    await expect(frame.get_by_role("button", name="Sign out")).to_have_count(0)
    await frame.locator("#answer").fill("Hello from Flex")
    await frame.get_by_role("button", name="Send and wait").click()
    await expect(frame.locator(".thread .ours .bubble")).to_have_text("Hello from Flex")
    await expect(other_browser.locator(".thread .ours .bubble")).to_have_text("Hello from Flex")


async def test_whoever_has_no_name_here_is_somebody(page: Page, staffed: TestDesk, member: Member) -> None:
    await enter(page, staffed, "Tariq")
    address = await open_case(page, staffed, member, "The lamp is out")
    news = 'event: presence\ndata: {"names": [""]}\n\n'
    await page.route("**/cases/events*", lambda route: route.fulfill(body=news, content_type="text/event-stream"))
    await page.goto(address)
    await expect(page.locator("#live-people")).to_have_text("Somebody also has this case open.")


async def _promises_take_a_line_each(page: Page) -> None:
    promises = page.locator(".clocks .badge")
    await expect(promises).to_have_count(2)
    for promise in await promises.all():
        lines = "badge => badge.offsetHeight / parseFloat(getComputedStyle(badge).lineHeight)"
        assert await promise.evaluate(lines) < 2, await promise.text_content()


async def _nothing_sticks_out(page: Page) -> None:
    """The page cannot be moved sideways; it is looked at once its styles are there."""
    await page.wait_for_load_state("load")
    await page.wait_for_function("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [380, 1440])
@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_pages_fit_beside_a_task_and_read_from_right_to_left(
    browser: Browser, staffed: TestDesk, member: Member, width: int, language: str
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale=language)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{staffed.bot.url}/staff/sign-in/discord?next=/cases/new%3Fpanel%3D1")
    await page.get_by_role("link", name="Tariq").click()
    await _nothing_sticks_out(page)
    long = "A_title_without_any_space_that_is_longer_than_the_panel_is_wide_" * 2
    for name, text in {
        "title": long,
        "description": long,
        "person": str(member.user.id),
        "tags": "vip, " + long[:40],
    }.items():
        await page.locator(f"#{name}").fill(text)
    await page.locator(".new-form button").click()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "fa" else "ltr")
    assert "panel=1" in page.url
    await _nothing_sticks_out(page)
    await _promises_take_a_line_each(page)
    await page.locator(".strip a").first.click()
    await expect(page.locator(".case-row")).to_have_count(1)
    assert "panel=1" in page.url
    await page.locator(".filters summary").click()
    await _nothing_sticks_out(page)
    await page.locator(".case-row .open").click()
    await page.locator(".person .names a").click()
    await page.wait_for_url("**/cases/person/**")
    await _nothing_sticks_out(page)
    await context.close()


async def test_beside_a_task_a_row_keeps_its_number_together_and_the_view_in_use_is_in_sight(
    browser: Browser, staffed: TestDesk, member: Member
) -> None:
    context = await browser.new_context(viewport={"width": 380, "height": 800}, locale="de")
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{staffed.bot.url}/staff/sign-in/discord?next=/cases/new%3Fpanel%3D1")
    await page.get_by_role("link", name="Tariq").click()
    for name, text in {"title": "The lamp", "description": "It is out", "person": str(member.user.id)}.items():
        await page.locator(f"#{name}").fill(text)
    await page.locator("#priority").select_option("urgent")
    await page.locator("#team").fill("Die Freunde der Leuchttürme und Laternen")
    await page.locator(".new-form button").click()
    await _promises_take_a_line_each(page)
    await page.locator("#answer").fill("Bitte warten")
    await page.get_by_role("button", name="Senden und warten").click()
    await page.goto(f"{staffed.bot.url}/cases/?panel=1&status=all")
    number = page.locator(".case-row .number")
    await expect(number).to_have_text("CASE-1001")
    assert await number.evaluate("text => text.getClientRects().length === 1 && text.offsetHeight < 30")
    await expect(page.get_by_role("link", name="Alle", exact=True)).to_be_in_viewport(ratio=1)
    await _nothing_sticks_out(page)
    await page.keyboard.press("j")
    await expect(page.locator(".case-row .open")).to_be_focused()
    ring = "open => getComputedStyle(open, '::after').outlineStyle"
    assert await page.locator(".case-row .open").evaluate(ring) == "solid"
    await context.close()
