"""The ways in: panel, message command, plain direct messages, first questions; what was written is never lost."""

from typing import Any

import pytest
from frontdesk_sandbox.discord import Interaction, Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, stopped_cleanly

QUESTIONS = [
    {"label": "Which device?", "hint": "iPad, PC"},
    {"label": "What happened?", "long": True, "required": False},
]
CATEGORIES: list[dict[str, Any]] = [
    {"label": "Billing", "emoji": "💳", "description": "Payments", "priority": 5, "queue": "Billing", "questions": []},
    {"label": "Bugs & Fehler", "emoji": "🐞"},
    {"label": "حساب کاربری", "questions": [{"label": "نام کاربری شما؟"}]},
]


def asking(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.desk(settings={"plugins": {"helpdesk": settings}})


async def send_form(member: Member, answers: dict[str, Any]) -> Interaction:
    """Fill in the form that is open, by its labels."""
    return await member.submit(**answers)


async def reach(member: Member, agent: Agent) -> None:
    """Go to a live agent from an open conversation."""
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")


@ROUTINGS
async def test_a_panel_lets_members_in_also_after_a_restart(open_desk: OpenDesk, moderator: Member) -> None:
    desk = await open_desk()
    posted = await (await moderator.command("/helpdesk panel channel:#general")).response()
    assert "The panel is there" in posted.content
    await stopped_cleanly(desk.bot)
    await desk.bot.start()
    for person, hello in ((desk.house.sam, "Hello Sam!"), (desk.house.jonas, "Hallo Jonas")):
        pressed = await person.click("Get help", where="#general")
        await person.sees(hello, "dm")
        assert str(person.dm_channel.id) in (await pressed.response()).content
    refused = await (await moderator.command("/helpdesk panel channel:#announcements")).response()
    assert "The panel is there" in refused.content
    await stopped_cleanly(desk.bot)


async def test_a_panel_that_may_not_be_posted_is_told(desk: TestDesk, moderator: Member) -> None:
    world, guild = desk.sandbox.discord.world, desk.house.guild
    role = next(role for role in guild.roles.values() if role.bot_id == world.bot.id)
    role.permissions = 0
    guild.roles[guild.id].permissions &= ~(1 << 11)
    refused = await (await moderator.command("/helpdesk panel channel:#general")).response()
    assert "I may not post in <#" in refused.content


@ROUTINGS
async def test_support_is_asked_about_a_message_which_is_quoted_with_a_link(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    written = "چراغ **نمی‌سوزد**\n@everyone\n[free](https://tricks.example)"
    message = await desk.house.noor.say(written, to="#general")
    await member.use(message, "Ask support about this message")
    await member.sees("Hello Sam!", "dm")
    await reach(member, agent)
    await agent.sees("About this message by Noor")
    quote = next(text for text in agent.conversation.texts() if "About this message by Noor" in text)
    assert f"/{desk.house.general.id}/{message.id}" in quote
    assert "> چراغ **نمی‌سوزد**\n> @everyone\n> free (https://tricks.example)" in quote


@ROUTINGS
async def test_a_plain_direct_message_opens_a_conversation_and_is_its_first_line(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await member.say("How do I reset my password?")
    await member.say("It is urgent.")
    await member.sees("Hello Sam!", "dm")
    await member.sees("Reset your password", "dm")
    await reach(member, agent)
    lines = agent.conversation.texts()
    said = [line for line in lines if line in {"How do I reset my password?", "It is urgent."}]
    assert said == ["How do I reset my password?", "It is urgent."]
    assert sum("Hello Sam!" in text for text in heard(member)) == 1


@ROUTINGS
async def test_a_first_direct_message_is_not_lost_if_discord_fails_just_then(
    open_desk: OpenDesk, member: Member
) -> None:
    desk = await open_desk(settings={"plugins": {"helpdesk": {"reconcile_seconds": 1.0}}}, errors_expected=True)
    failed = desk.sandbox.discord.faults.answer(401, "GET", r"/guilds/\d+/members/\d+$", times=2)
    await member.say("How do I reset my password?")
    await desk.sandbox.changes.until(lambda: failed.struck > 0, what="a failure")
    await member.say("It is urgent.")
    await member.sees("Hello Sam!", "dm", deadline=20)
    await member.sees("Reset your password", "dm")
    conversation = next(iter(desk.sandbox.twilio.world.chat.conversations.values()))
    await desk.sandbox.changes.until(lambda: "It is urgent." in conversation.texts(), what="the second line")
    said = [line for line in conversation.texts() if line in {"How do I reset my password?", "It is urgent."}]
    assert said == ["How do I reset my password?", "It is urgent."]
    assert failed.struck == 2


@ROUTINGS
async def test_who_could_not_be_asked_what_it_is_about_is_asked_again(open_desk: OpenDesk, member: Member) -> None:
    own = {"reconcile_seconds": 1.0, "categories": CATEGORIES[1:2]}
    desk = await open_desk(settings={"plugins": {"helpdesk": own}}, errors_expected=True)
    failed = desk.sandbox.discord.faults.answer(401, "POST", r"/channels/\d+/messages$")
    await member.say("How do I reset my password?")
    await member.choose("Choose a topic", "Bugs & Fehler", where="dm", deadline=20)
    await member.sees("Hello Sam!", "dm")
    assert failed.struck == 1


@ROUTINGS
async def test_with_several_servers_a_menu_asks_which_and_nothing_written_is_lost(
    open_desk: OpenDesk, agent: Agent
) -> None:
    desk = await open_desk()
    world, noor = desk.sandbox.discord.world, desk.house.noor
    other = world.create_guild("باغ انار")
    world.create_channel(other, "general")
    world.join(other, noor.user)
    await noor.say("سلام، رمز خود را فراموش کرده‌ام")
    await noor.sees("In which server do you need help?", "dm")
    await noor.say("لطفا کمک کنید")
    await stopped_cleanly(desk.bot)
    await noor.say("هنوز منتظرم")
    await desk.bot.start()
    await noor.choose("Choose a server", "باغ انار", where="dm")
    await noor.sees("باغ انار", "dm")
    await noor.sees("سلام Noor", "dm")
    await noor.click("صحبت با یک نفر", where="dm")
    await agent.accept()
    await noor.sees("به گفتگو پیوست", "dm")
    written = ["سلام، رمز خود را فراموش کرده‌ام", "لطفا کمک کنید", "هنوز منتظرم"]
    await desk.sandbox.changes.until(lambda: written[-1] in agent.conversation.texts(), what="the last line")
    assert [text for text in agent.conversation.texts() if text in written] == written
    assert agent.task["discord_server_id"] == str(other.id)
    asked_twice = [text for text in heard(noor) if "In which server" in text]
    assert asked_twice == []  # the menu gave way to the answer, and was never doubled
    await stopped_cleanly(desk.bot)


async def test_who_shares_no_server_gets_a_plain_sentence(desk: TestDesk, member: Member) -> None:
    desk.sandbox.discord.faults.answer(404, "GET", r"/guilds/\d+/members/")
    await member.say("Hello?")
    await member.sees("We are in no server together", "dm")
    await member.leave()
    await member.say("Hello again?")  # Discord delivers nothing to somebody who shares no server with the bot
    await desk.bot.logged("a direct message could not be answered")


@ROUTINGS
@asking(open_by_message=False)
async def test_an_owner_may_want_no_conversations_by_plain_messages(desk: TestDesk, member: Member) -> None:
    await member.say("Hello?")
    await member.sees("Type /helpme in the server to begin", "dm")


@ROUTINGS
@asking(questions=QUESTIONS)
async def test_questions_come_first_and_their_answers_are_the_first_line(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await member.command("/helpme note:My game crashes")
    sent = await send_form(member, {"Which device?": "An iPad"})
    assert "I have sent you a direct message" in (await sent.response()).content
    await member.sees("Hello Sam!", "dm")
    await reach(member, agent)
    await agent.sees("My game crashes\n\n**Which device?** An iPad")
    assert agent.task["answers"] == {"Which device?": "An iPad"}


@pytest.mark.parametrize(
    "routing",
    [pytest.param(way, marks=asking(categories=CATEGORIES, routing=way)) for way in ("studio", "direct")],
)
async def test_the_priority_of_a_category_lets_its_members_go_first(desk: TestDesk, agent: Agent, routing: str) -> None:
    sam, jonas = desk.house.sam, desk.house.jonas
    await agent.offline()
    await jonas.command("/hilfe")
    await jonas.choose("Thema wählen", "حساب کاربری")
    await send_form(jonas, {"نام کاربری شما؟": "Jonas"})
    await jonas.click("Mit einem Menschen sprechen", where="dm")
    await jonas.sees("Du wirst", "dm")
    await sam.command("/helpme")
    await sam.choose("Choose a topic", "Billing")
    await sam.click("Talk to a person", where="dm")
    await sam.sees("You are being transferred", "dm")
    tasks = desk.sandbox.twilio.world.router.tasks.values()
    assert {task.details["from"]: task.priority for task in tasks} == {"Jonas": 0, "Sam": 5}
    await agent.available()
    await agent.accept()
    await sam.sees("has joined", "dm")


@ROUTINGS
@asking(questions=QUESTIONS, categories=CATEGORIES)
async def test_categories_have_their_own_questions_or_none(desk: TestDesk, agent: Agent) -> None:
    sam, jonas, noor = desk.house.sam, desk.house.jonas, desk.house.noor
    await sam.command("/helpme")
    await sam.choose("Choose a topic", "Billing")
    await sam.sees("Hello Sam!", "dm")
    await reach(sam, agent)
    await agent.sees("**Topic** Billing")
    assert (agent.task["category"], agent.task["queue"], agent.task["priority"]) == ("Billing", "Billing", 5)
    await agent.completes()
    await sam.sees("This conversation has ended", "dm")

    await jonas.command("/hilfe")
    await jonas.choose("Thema wählen", "Bugs & Fehler")
    sent = await send_form(jonas, {"Which device?": "Ein Müßig-PC", "What happened?": "Es stürzt ab"})
    await sent.response()
    await jonas.sees("Hallo Jonas", "dm")
    again = await jonas.choose("Thema wählen", "Billing")
    assert "schon benutzt" in (await again.response()).content

    await noor.say("نمی‌توانم وارد شوم")
    await noor.choose("Choose a topic", "حساب کاربری", where="dm")
    await send_form(noor, {"نام کاربری شما؟": "نور۸۸"})
    await noor.sees("سلام Noor", "dm")
    await noor.click("صحبت با یک نفر", where="dm")
    await agent.accept()
    first, second = "نمی‌توانم وارد شوم", "**موضوع** حساب کاربری\n**نام کاربری شما؟** نور۸۸"
    await desk.sandbox.changes.until(lambda: second in agent.conversation.texts(), deadline=10, what="the answers")
    texts = agent.conversation.texts()
    assert texts.index(first) < texts.index(second)


@ROUTINGS
async def test_servers_may_ask_differently(open_desk: OpenDesk, member: Member) -> None:
    guild_id = str(member.home.id)
    own = {"plugins": {"helpdesk": {"questions": [{"label": "Which lamp?"}], "categories": []}}}
    desk = await open_desk(settings={"plugins": {"helpdesk": {"categories": CATEGORIES}}, "servers": {guild_id: own}})
    await member.say("It is dark")
    await member.click("Answer the questions", where="dm")
    await send_form(member, {"Which lamp?": "All of them"})
    await member.sees("Hello Sam!", "dm")
    await stopped_cleanly(desk.bot)
