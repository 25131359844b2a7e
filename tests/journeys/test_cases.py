"""Cases from open to closed: what staff write reaches members, what members do reaches staff, nothing is lost."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable

import pytest
from frontdesk_sandbox.discord import File, Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.stories import NO_THREADS, heard, reach_a_person, stopped_cleanly


async def said(who: Member, command: str) -> str:
    """Use a command; gives the answer, which nobody else sees."""
    answer = await (await who.command(command)).response()
    assert answer.seen_only_by == who.user.id
    return answer.content


async def shown(staff: Member, number: str, until: Callable[[str], bool]) -> str:
    """Look at a case again and again until it is as expected."""
    text = ""
    try:
        async with asyncio.timeout(15):
            while True:
                text = await said(staff, f"/case show case:{number}")
                if until(text):
                    return text
    except TimeoutError:
        raise AssertionError(f"the case stayed so:\n{text}") from None


async def report(member: Member) -> None:
    """Report a bug; it becomes CASE-1001."""
    await member.command("/bug", screenshot=File("map.png", b"\x89PNG" + bytes(32), "image/png"))
    answer = await (await member.submit(summary="The map is black", happened="I see nothing")).response()
    assert "CASE-1001" in answer.content


async def test_a_case_from_the_report_to_its_end(desk: TestDesk, member: Member) -> None:
    agent, supervisor = desk.house.helper, desk.house.moderator
    await report(member)
    assert "Sam" in await said(agent, "/case show case:1001")
    assert "CASE-1001" in await said(agent, f"/case assign case:1001 to:discord:{agent.user.id}")
    await said(agent, "/case note case:1001 text:looks like the old driver")
    assert "on its way" in await said(agent, "/case answer case:1001 text:Which driver do you have?")
    asked = await member.sees("**Tariq:** Which driver do you have?", "dm")
    assert "CASE-1001" in asked.content
    assert "Waiting for the member" in await said(agent, "/case show case:1001")

    await member.click("Reply", on=asked)
    assert "Thank you" in (await (await member.submit(text="Version 12")).response()).content
    assert "Waiting for us" in await shown(agent, "1001", lambda text: "Version 12" in text)

    await said(supervisor, "/case status case:1001 to:resolved")
    resolved = await member.sees("Your case **CASE-1001** (The map is black) has been resolved", "dm")
    await (await member.click("Open again", on=resolved)).response()
    assert "· Open" in await said(supervisor, "/case show case:1001")
    await said(supervisor, "/case answer case:1001 text:Version 13 helps. resolve:True")
    await member.sees("Version 13 helps.", "dm")
    await member.sees("has been resolved", "dm", after=resolved)

    mine = await said(member, "/cases")
    assert "**CASE-1001** The map is black · Resolved" in mine
    assert "driver" not in mine
    texts = [one.content for one in member.dm if one.author is not member.user and one.seen_only_by is None]
    assert len(texts) == 4, texts


async def test_an_answer_on_a_case_goes_into_the_open_conversation_once(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    staff = desk.house.helper
    await said(staff, "/case answer case:1001 text:I have found it on the **second** floor")
    await member.sees("**Tariq:** I have found it on the **second** floor", "dm")
    line = await agent.sees("Tariq (on the case): I have found it on the **second** floor")
    assert line is not None
    await agent.says("There you are.")
    await member.sees("There you are.", "dm")
    await member.say("Thank you both")
    text = await shown(staff, "1001", lambda text: "Thank you both" in text and "There you are." in text)
    assert text.count("second") == 1, "the helpdesk must not tell of the line again"
    assert [text.count("second") for text in heard(member) if "second" in text] == [1]
    assert sum("second" in text for text in agent.conversation.texts()) == 1


async def test_a_resolved_case_is_open_again_when_the_member_writes_on(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    staff = desk.house.helper
    assert "Resolved" in await said(staff, "/case status case:1001 to:resolved")
    await member.sees("has been resolved", "dm")
    await member.say("It is broken again")
    assert "· Open" in await shown(staff, "1001", lambda text: "broken again" in text and "Resolved" not in text)


async def test_staff_see_that_direct_messages_are_closed(desk: TestDesk, member: Member, agent: Agent) -> None:
    staff = desk.house.helper
    await report(member)
    await member.close_dms()
    await said(staff, "/case answer case:1001 text:Which driver do you have?")
    told = "The answer did not reach the member. They take no direct messages."
    await shown(staff, "1001", lambda text: told in text)
    await member.open_dms()
    await said(staff, "/case answer case:1001 text:And now?")
    await member.sees("And now?", "dm")
    assert not any("driver" in text for text in heard(member))


@pytest.mark.desk(settings=NO_THREADS)
async def test_closed_direct_messages_are_told_also_in_a_conversation(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    staff = desk.house.helper
    await member.close_dms()
    await said(staff, "/case answer case:1001 text:Are you there?")
    await agent.sees("Are you there?")
    await shown(staff, "1001", lambda text: "did not reach the member" in text)


async def test_a_message_becomes_a_case_in_persian(desk: TestDesk) -> None:
    noor, staff = desk.house.noor, desk.house.helper
    await noor.command("/helpme")
    await noor.say("میخوام با یک نفر صحبت کنم")
    await noor.sees("CASE-1001", "dm")
    message = await noor.say("چراغ روشن نمی‌شود", to="general")
    opened = await (await staff.use(message, "Open a case")).response()
    assert "CASE-1002" in opened.content
    await noor.sees("پروندهٔ **CASE-1002** را برای شما باز کردیم", "dm", deadline=30)
    await said(staff, "/case answer case:1002 text:کدام چراغ؟")
    asked = await noor.sees("کدام چراغ؟", "dm")
    await noor.click("پاسخ", on=asked)
    await (await noor.submit(text="چراغ دریایی")).response()
    await shown(staff, "1002", lambda text: "چراغ دریایی" in text)
    await said(staff, "/case status case:1002 to:closed")
    await noor.sees("بسته شد", "dm")


async def test_a_case_can_be_given_to_a_colleague_who_never_had_one(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await report(member)
    await desk.sign_in(agent)
    await desk.sign_in(desk.house.helper)
    page = (await (await desk.sign_in(desk.house.moderator)).get("/cases/1")).text
    select = re.search(r'<select id="assignee".*?</select>', page, re.DOTALL)
    assert select is not None
    offered = re.findall(r'<option value="(\w+):[^"]+">([^<]+)<', select[0])
    assert offered == [("flex", "amira"), ("discord", "Mina (me)"), ("discord", "Tariq")]


@pytest.mark.desk(settings={"plugins": {"cases": {"feed_channel": "general"}}})
async def test_buttons_in_the_staff_channel_work_after_a_restart(desk: TestDesk, member: Member) -> None:
    staff, supervisor = desk.house.helper, desk.house.moderator
    await report(member)
    posted = await staff.sees("CASE-1001", "general")
    assert await desk.bot.stop() == 0
    await desk.bot.start()
    taken = await (await staff.click("Take", on=posted)).response()
    assert taken.content == "**CASE-1001** is yours now."
    late = await (await supervisor.click("Take", on=posted)).response()
    assert late.content.startswith("Tariq has this case already.")
    refused = await (await member.click("Take", on=posted)).response()
    assert refused.content == "This is for the staff of this server."

    def fields() -> list[str]:
        return [field["value"] for field in posted.embeds[0]["fields"]]

    await desk.sandbox.changes.until(lambda: "Tariq" in fields(), deadline=15, what="the assignee in the feed")
    await (await supervisor.click("Resolve", on=posted)).response()
    await desk.sandbox.changes.until(lambda: "Resolved" in fields(), deadline=15, what="the status in the feed")


async def test_no_answer_is_lost_or_doubled_by_kills(open_desk: OpenDesk, member: Member) -> None:
    desk = await open_desk()
    staff = desk.house.helper
    await report(member)
    chance, written = random.Random(20260504), []
    for number in range(8):
        text = f"answer {number} " + ("in many words " * 200 if number % 3 == 0 else "")
        assert "on its way" in await said(staff, f"/case answer case:1001 text:{text}")
        written.append(f"answer {number}")
        await asyncio.sleep(chance.uniform(0, 0.05))  # the moment of the kill is the point, nothing is waited for
        await desk.bot.kill()
        await desk.bot.start()
    await member.sees(written[-1], "dm", deadline=60)
    got = [text.partition("**Tariq:** ")[2] for text in heard(member) if "**Tariq:**" in text]
    assert [text[: len(written[0])] for text in got] == written
    twice = {text: times for text, times in Counter(heard(member)).items() if times > 1}
    assert not [text for text in twice if "CASE-1001" in text], f"said twice: {twice}"
    whole = " ".join(heard(member))
    assert whole.count("in many words") == 3 * 200
    await stopped_cleanly(desk.bot)


async def test_what_the_virtual_agent_says_is_on_the_timeline_once(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await agent.leaves()
    await member.sees("left", "dm")
    await member.say("How do I reset my password?")
    await member.sees("Reset your password", "dm")
    await member.say("Thanks, that helps")
    text = await shown(desk.house.helper, "1001", lambda text: "that helps" in text and "Reset your" in text)
    assert text.count("**[Reset your password](") == 1, text


async def test_files_of_the_conversation_stay_on_the_case(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    photo, guide = b"\x89PNG" + bytes(range(256)), b"<script>1</script>"
    await member.say("Look:", attachments=[File("lantern.png", photo, "image/png")])
    await agent.sends_file("guide.html", "text/html", guide, text="Here is how")
    await member.sees("guide.html", "dm")
    desk.sandbox.discord.world.files.clear()  # Discord's addresses lead nowhere any more

    staff = await desk.sign_in(desk.house.helper)
    found = dict[str, str]()
    async with asyncio.timeout(20):
        while len(found) < 2:
            page = (await staff.get("/cases/1")).text
            found = {name: path for path, name in re.findall(r'href="(/cases/1/files/\w+)"[^>]*><bdi>([\w.]+)', page)}
    for name, content, kind in (("lantern.png", photo, "image/png"), ("guide.html", guide, "application/octet-stream")):
        async with staff.session.get(f"{desk.bot.url}{found[name]}") as got:
            assert (got.status, await got.read(), got.content_type) == (200, content, kind)
            assert got.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
        outside = await desk.visitor().get(found[name], headers={"Accept": "application/json"})
        assert outside.status == 401


async def test_what_discord_refuses_is_on_the_case_as_not_delivered(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    desk.sandbox.discord.faults.answer(400, "POST", f"/channels/{member.dm[0].channel_id}/messages")
    await agent.says("Restart the lantern.")
    await agent.sees("your message could not be delivered to the customer")
    text = await shown(desk.house.helper, "1001", lambda text: "Restart the lantern." in text)
    assert "This line of Amira Haddad did not reach Sam, or not all of it: Restart the lantern." in text


@pytest.mark.desk(plugins={"helpdesk": {"relay": {"largest_file": 1000}}, "cases": True})
async def test_a_file_that_cannot_be_had_does_not_hide_what_was_said(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await agent.sends_file("manual.pdf", "application/pdf", b"p" * 2000, text="It is all in the manual")
    await agent.sees("your file could not be delivered to the customer")
    await agent.says("Did you get it?")
    await member.sees("Did you get it?", "dm")
    text = await shown(desk.house.helper, "1001", lambda text: "Did you get it?" in text)
    assert "It is all in the manual" in text
    assert "did not reach Sam, or not all of it: It is all in the manual" in text
    staff = await desk.sign_in(desk.house.helper)
    async with asyncio.timeout(20):
        while "could not be kept" not in (page := (await staff.get("/cases/1")).text):
            pass
    assert "manual.pdf" in page
