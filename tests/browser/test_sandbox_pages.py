"""The sandbox's pages in a real browser: what a member and an agent do, and that each sees the other at once."""

import re
from collections.abc import AsyncIterator

import pytest
from frontdesk_sandbox.discord import File
from playwright.async_api import FilePayload, Frame, FrameLocator, Page, expect

from tests.sandbox.pages.stage import Stage, opened, owner_of, words

pytestmark = pytest.mark.browser
Screen = Page | FrameLocator | Frame
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
PICTURE = FilePayload(name="pic.png", mimeType="image/png", buffer=PIXEL)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with opened() as stage:
        yield stage


async def chat(page: Page, stage: Stage, who: str = "Mina Park") -> Page:
    await page.goto(f"{stage.url}/chat?as={who}")
    await expect(page.get_by_role("button", name=f"{who}: be someone else")).to_be_visible()
    return page


async def write(screen: Screen, text: str) -> None:
    box = screen.get_by_role("combobox", name=re.compile("^Message "))
    await box.fill(text)
    await box.press("Enter")


async def test_a_slash_command_with_options_is_answered_for_ones_own_eyes(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/hel")
    await expect(page.get_by_role("option")).to_contain_text("/helpmetopicnoteAsk for help in a direct message")
    await page.keyboard.press("Enter")
    await page.get_by_label("topic").select_option("Game")
    await page.get_by_role("button", name="note").click()
    await page.keyboard.type("The lantern is dark")
    await page.keyboard.press("Enter")
    answer = page.locator(".message.ephemeral")
    await expect(answer).to_contain_text("I have written to you about your game: The lantern is dark")
    await expect(answer.locator("strong", has_text="game")).to_be_visible()
    await expect(answer).to_contain_text("Only you can see this")
    await expect(page.get_by_role("button", name="Direct messages").locator(".badge")).to_have_text("1")
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_suggestions_appear_while_an_option_is_typed(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/article ")
    await page.get_by_label("title", exact=True).press_sequentially("lantern")
    await expect(page.get_by_role("option")).to_have_text(["lantern basics", "lantern settings"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("title", exact=True)).to_have_value("lantern settings")
    await page.keyboard.press("Enter")
    message = page.locator(".message", has_text="lantern settings")
    await expect(message.locator(".heading")).to_have_text("lantern settings")
    await expect(message.locator("li")).to_have_text(["one", "two"])
    await expect(message.locator("blockquote")).to_have_text("quoted")


async def test_buttons_and_menus_reach_the_bot(stage: Stage, page: Page) -> None:
    await stage.mina.command("/helpme topic:game")
    await chat(page, stage)
    await page.get_by_role("button", name="Direct messages").click()
    await expect(page.locator(".embed")).to_contain_text("Lighting a lantern")
    await page.get_by_label("How are you?").select_option("So so")
    await expect(page.get_by_text("You chose 2.")).to_be_visible()
    await page.get_by_role("button", name="That helped").click()
    await expect(page.get_by_text("Glad to hear it.")).to_be_visible()
    await expect(page.get_by_role("button", name="Talk to a person")).to_have_count(0)


async def test_a_modal_is_a_dialog_with_rules(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/bug ")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Report a bug")
    short = dialog.get_by_role("textbox", name="What is wrong")
    await expect(short).to_be_focused()
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_be_visible()
    await expect(short).to_have_attribute("maxlength", "80")
    await short.fill("It is dark")
    await expect(dialog).to_contain_text("10 / 80")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("Thank you. Your report: It is dark")).to_be_visible()


async def test_a_bot_that_does_not_answer_is_reported_and_refusals_are_told(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/silent ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("/silent This application did not respond")
    await page.get_by_role("button", name="Dismiss").click()
    await write(page, "/nothing")
    await expect(page.get_by_role("status")).to_contain_text("There is no command /nothing here.")
    box = page.get_by_role("combobox", name="Message #general")
    await box.fill("x" * 2001)
    await box.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("A message has at most 2000 characters.")
    await expect(box).to_have_value("x" * 2001)
    await page.get_by_role("button", name="announcements").click()
    await expect(page.get_by_text("You may read here, but not write.")).to_be_visible()


async def test_messages_are_edited_answered_reacted_to_and_deleted(stage: Stage, page: Page) -> None:
    arman = stage.discord.member("آرمان کیانی")
    theirs = await arman.say("سلام! **خوبی؟**", "#general")
    await chat(page, stage)
    other = page.locator(f'[data-message="{theirs.id}"]')
    await other.hover()
    await other.get_by_role("button", name="Reply").click()
    await write(page, "Yes, thank yuo")
    own = page.locator(".message", has_text="thank yuo")
    await expect(own.locator(".above")).to_contain_text("آرمان کیانی")
    await page.get_by_role("combobox", name="Message #general").press("ArrowUp")
    editor = page.get_by_label("Edit the message")
    await expect(editor).to_be_focused()
    await editor.fill("Yes, thank you")
    await editor.press("Enter")
    own = page.locator(".message", has_text="thank you")
    await expect(own).to_contain_text("(edited)")
    await other.hover()
    await other.get_by_role("button", name="React", exact=True).click()
    await other.get_by_role("button", name="🎉").click()
    await expect(other.get_by_role("button", name="🎉, 1")).to_have_attribute("aria-pressed", "true")
    await other.get_by_role("button", name="🎉, 1").click()
    await expect(other.locator(".reaction")).to_have_count(0)
    await own.hover()
    await own.get_by_role("button", name="Delete").click()
    await expect(own).to_have_count(0)
    assert [one.content for one in stage.channels["general"].messages.values()] == [theirs.content]


async def test_hostile_text_stays_text(stage: Stage, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>1</script> `<b>` ||<i>s</i>||"
    await stage.mina.say(hostile, "#general")
    await stage.bot.rest.create_message(
        stage.channels["general"].id, "![p](https://elsewhere.example/p.png) https://example.org/<b>"
    )
    await chat(page, stage)
    message = page.locator(".message", has_text="onerror")
    await expect(message.locator(".content")).to_contain_text("<img src=x onerror=alert(1)> [x](javascript:alert(1))")
    assert await message.locator("img, script, b:not(.reaction b), i:not(.dots i), a").count() == 0
    links = page.locator(".message a")
    assert {await links.nth(n).get_attribute("href") for n in range(await links.count())} == {
        "https://elsewhere.example/p.png", "https://example.org/",
    }  # fmt: skip


async def test_focus_half_typed_text_and_scroll_survive_news(stage: Stage, page: Page) -> None:
    for number in range(60):
        await stage.mina.say(f"line {number}", "#general")
    await chat(page, stage)
    await expect(page.get_by_text("line 59")).to_be_in_viewport()
    box = page.get_by_role("combobox", name="Message #general")
    await box.fill("half a sen")
    first = page.get_by_text("line 10", exact=True)
    await first.scroll_into_view_if_needed()
    await expect(page.get_by_role("button", name="Newest messages")).to_be_visible()
    await stage.discord.member("Juno Reyes").say("something new", "#general")
    await expect(page.get_by_text("something new")).to_have_count(1)
    await expect(first).to_be_in_viewport()
    await expect(box).to_have_value("half a sen")
    await expect(box).to_be_focused()
    await page.get_by_role("button", name="Newest messages").click()
    await expect(page.get_by_text("something new")).to_be_in_viewport()


async def test_one_can_be_someone_else_or_someone_new(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_role("button", name="be someone else").click()
    await page.locator(".who-menu").get_by_role("button", name="Juno Reyes").click()
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/ann")
    await expect(page.get_by_role("option")).to_contain_text("/announce")
    await page.get_by_role("button", name="be someone else").click()
    await page.get_by_role("button", name="New member…").click()
    await page.get_by_role("textbox", name="Name").fill("سارا")
    await page.get_by_label("Language of the client").select_option("فارسی")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("button", name="سارا: be someone else")).to_be_visible()
    assert stage.discord.world.find_user("سارا").locale == "fa"
    await page.get_by_role("combobox", name="Message #general").press_sequentially("/ann")
    await expect(page.get_by_text("There is no such command here.")).to_be_visible()


async def test_files_threads_and_unread_marks(stage: Stage, page: Page) -> None:
    await chat(page, stage)
    await page.get_by_label("Add files").set_input_files(
        [PICTURE, FilePayload(name="a.txt", mimeType="text/plain", buffer=b"a")]
    )
    await write(page, "Look")
    message = page.locator(".message", has_text="Look")
    await expect(message.get_by_role("img", name="pic.png")).to_have_js_property("naturalWidth", 1)
    await expect(message.get_by_text("a.txt")).to_be_visible()
    await stage.discord.member("Juno Reyes").say("psst", "#customer-service", attachments=[File("b.txt", b"b")])
    place = page.get_by_role("button", name="customer-service")
    await expect(place.get_by_role("img", name="unread")).to_be_visible()
    await place.click()
    await expect(page.get_by_text("psst")).to_be_visible()
    await page.locator(".message").hover()
    await page.get_by_role("button", name="Start a thread").click()
    await page.get_by_role("textbox", name="Title").fill("About psst")
    await page.get_by_role("textbox", name="Message").fill("What is it?")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("heading", name="About psst", level=1)).to_be_visible()
    await place.click()
    await expect(page.get_by_role("button", name="About psst 1 message")).to_be_visible()
    await page.get_by_role("button", name="ideas").click()
    await page.get_by_role("button", name="New post").click()
    await page.get_by_role("textbox", name="Title").fill("Brighter lanterns")
    await page.get_by_role("textbox", name="Message").fill("Please")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("heading", name="Brighter lanterns", level=1)).to_be_visible()
    await expect(page.locator(".message")).to_contain_text("Please")


async def test_an_agent_accepts_chats_and_completes_beside_the_member(stage: Stage, page: Page) -> None:
    await stage.mina.command("/helpme topic:game")
    await stage.mina.sees("Does it help?", "dm")
    await page.goto(f"{stage.url}/?as=Mina+Park&agent=amira")
    member, agent = page.frame_locator("#chat"), page.frame_locator("#desktop")
    await member.get_by_role("button", name="Direct messages").click()
    await agent.get_by_role("button", name="Become available").click()
    sid = await stage.ask_for_agent(stage.mina, "Mina Park")
    offer = agent.get_by_role("article", name="Incoming task from Mina Park")
    await expect(offer).to_contain_text("The lantern does not light")
    await offer.get_by_role("button", name="Accept").click()
    writing = agent.get_by_label("Write to Mina Park")
    await writing.fill("Hello Mina")
    await writing.press("Enter")
    await expect(member.locator(".message", has_text="amira: Hello Mina")).to_be_visible()
    await write(member, "It is dark here")
    await expect(agent.locator(".bubble.customer", has_text="It is dark here")).to_be_visible()
    await agent.get_by_role("tab", name="Page").click()
    await expect(agent.frame_locator("iframe").get_by_role("heading", name="Case FD-7")).to_be_visible()
    await agent.get_by_role("tab", name="Details").click()
    await expect(agent.get_by_role("row", name="language en-US")).to_be_visible()
    await agent.get_by_role("tab", name="Chat").click()
    await agent.get_by_role("button", name="Complete").click()
    await expect(agent.get_by_text("All quiet")).to_be_visible()
    assert words(stage, sid)[-2:] == ["Hello Mina", "It is dark here"]
    assert stage.twilio.world.chat.conversations[sid].state.value == "closed"


async def test_the_page_beside_a_task_is_given_the_agents_token(stage: Stage, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/token") else None)
    await page.goto(f"{stage.url}/desktop?as=amira")
    await page.get_by_role("button", name="Become available").click()
    await stage.ask_for_agent(stage.mina, "Mina Park", case_url=f"{stage.bot_url}/sign-in")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.frame_locator("iframe").get_by_role("heading", name="Signed in")).to_be_visible()
    frame = next(each for each in page.frames if each.url == f"{stage.bot_url}/sign-in")
    (heard,) = await frame.evaluate("heard")
    assert heard["origin"] == stage.url
    assert heard["data"].keys() == {"type", "token"}
    assert heard["data"]["type"] == "frontdesk:token"
    assert await owner_of(stage, heard["data"]["token"]) == stage.twilio.agent("amira").worker.sid
    assert asked == [f"{stage.url}/pages/desktop/amira/token"]
    await frame.evaluate("ask()")
    await frame.wait_for_function("heard.length === 2")
    assert (await frame.evaluate("heard[1].data.token")) != heard["data"]["token"]


ASK = "window.top.postMessage({ type: 'frontdesk:ready' }, '*')"
ADD_FRAME = """src => new Promise(loaded => {
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.onload = () => loaded();
  frame.src = src;
})"""


async def test_the_token_is_given_to_nobody_else(stage: Stage, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/token") else None)
    await page.goto(f"{stage.url}/desktop?as=amira")
    await page.get_by_role("button", name="Become available").click()
    await stage.ask_for_agent(stage.mina, "Mina Park")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.frame_locator("iframe").get_by_role("heading", name="Case FD-7")).to_be_visible()
    case = next(each for each in page.frames if each.url == f"{stage.bot_url}/case")
    await case.evaluate(ADD_FRAME, f"{stage.bot_url}/case")
    within = next(each for each in page.frames if each.parent_frame == case)
    await page.evaluate(ADD_FRAME, f"{stage.url}/pages/static/icon.svg")
    neighbour = next(each for each in page.frames if each.url.endswith("/icon.svg"))
    for stranger in (page.main_frame, neighbour, within):  # itself, another origin, a frame in the desk's page
        await stranger.evaluate(ASK)
    await case.evaluate("window.top.postMessage({ type: 'something else' }, '*')")
    await case.evaluate("addEventListener('message', ({ data }) => (window.heard ??= []).push(data))")
    await case.evaluate(ASK)
    await case.wait_for_function("window.heard?.length === 1")
    assert len(asked) == 1


async def test_a_declined_task_goes_to_another_agent_who_sends_a_file(stage: Stage, page: Page) -> None:
    await stage.twilio.agent("tomas").offline()
    await stage.twilio.agent("amira").available()
    await page.goto(f"{stage.url}/desktop?as=amira")
    sid = await stage.ask_for_agent(stage.mina)
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_text("1 task in the queue")).to_be_visible()
    await page.get_by_role("button", name="be another agent").click()
    await page.get_by_role("button", name=re.compile("Tomas Lind")).click()
    await page.locator(".ready").click()
    await page.get_by_role("button", name="Accept").click()
    await page.get_by_label("Add a file").set_input_files(PICTURE)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("img", name="pic.png")).to_have_js_property("naturalWidth", 1)
    await page.get_by_role("button", name="More ways to end").click()
    await page.get_by_role("button", name="Wrap up").click()
    await expect(page.get_by_text("You have ended the chat.")).to_be_visible()
    await page.get_by_role("button", name="Complete").click()
    await expect(page.get_by_text("All quiet")).to_be_visible()
    assert stage.twilio.world.chat.conversations[sid].state.value == "closed"


async def test_narrow_windows_show_one_side_at_a_time(stage: Stage, page: Page) -> None:
    await page.set_viewport_size({"width": 400, "height": 800})
    await page.goto(f"{stage.url}/?as=Mina+Park")
    await expect(page.locator("#desktop")).to_be_hidden()
    member = page.frame_locator("#chat")
    await expect(member.get_by_role("button", name="ideas")).to_be_hidden()
    await member.get_by_role("button", name="Servers and channels").click()
    await member.get_by_role("button", name="customer-service").click()
    await expect(member.get_by_role("heading", name="customer-service", level=1)).to_be_visible()
    await expect(member.get_by_role("button", name="ideas")).to_be_hidden()
    await page.get_by_role("tab", name="Agent").click()
    await expect(page.locator("#chat")).to_be_hidden()
    await expect(page.frame_locator("#desktop").get_by_text("All quiet")).to_be_visible()
