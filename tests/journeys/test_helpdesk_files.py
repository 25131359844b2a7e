"""Files go both ways: through Twilio's media and back, by a link of our own where they are too large, each once."""

import re
from typing import Any

import aiohttp
import pytest
from frontdesk_sandbox.discord import File, Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import heard, reach_a_person, stopped_cleanly

AMIRA = "Amira Haddad"
PICTURE = b"\x89PNG" + bytes(range(256)) * 40
MEGABYTE = 1024 * 1024


def files_at(agent: Agent) -> list[tuple[str | None, str, bytes]]:
    """What the agent can open in the conversation: name, type and content, in order."""
    messages = agent.conversation.messages.values()
    return [(each.filename, each.content_type, each.content) for message in messages for each in message.media]


async def download(text: str) -> tuple[int, Any, bytes]:
    """Open the link in a text."""
    found = re.search(r"http://\S+/helpdesk/files/\S+", text)
    assert found, text
    async with aiohttp.ClientSession() as session, session.get(found[0].rstrip(")")) as response:
        return response.status, response.headers, await response.read()


@ROUTINGS
async def test_files_go_both_ways(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    changes = desk.sandbox.changes
    page = File("../evil page.html", b"<script>1</script>", "text/html")
    await member.say("Look:", attachments=[File("lantern.png", PICTURE, "image/png"), page])
    await changes.until(lambda: len(files_at(agent)) == 2, what="both files at the agent")
    assert files_at(agent) == [
        ("lantern.png", "image/png", PICTURE),
        ("evil page.html", "application/octet-stream", b"<script>1</script>"),
    ]
    assert agent.conversation.texts()[-3:] == ["Look:", "", ""]

    await member.say(attachments=[File("voice-message.ogg", b"OggS", "audio/ogg", seconds=4.2)])
    await changes.until(lambda: len(files_at(agent)) == 3, what="the voice message")
    assert files_at(agent)[-1] == ("voice-message.ogg", "audio/ogg", b"OggS")
    assert "Voice message (4 s)" in agent.conversation.texts()

    await agent.sends_file("guide.png", "image/png", PICTURE, text="See the guide")
    got = await member.sees("guide.png", "dm")
    assert [each.file.data for each in got.attachments] == [PICTURE]
    assert heard(member)[-2:] == [f"**{AMIRA}:** See the guide", ""]
    await agent.sends_file("only.png", "image/png", PICTURE)
    await member.sees("only.png", "dm")
    assert heard(member)[-2:] == [f"**{AMIRA}:**", ""]


@ROUTINGS
async def test_large_files_are_kept_by_us_and_downloaded_from_a_signed_link(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    movie = File("tour.mp4", b"m" * (17 * MEGABYTE), "video/mp4")
    await member.say(attachments=[movie])
    told = await agent.sees("tour.mp4 (17.0 MB) is too large", deadline=40)
    desk.sandbox.discord.world.files.clear()  # Discord's copy has expired
    status, headers, content = await download(told.body)
    assert (status, len(content)) == (200, 17 * MEGABYTE)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''tour.mp4"
    assert headers["Content-Type"] == "video/mp4"
    status, _, _ = await download(told.body.replace("?sig=", "?sig=x"))
    assert status == 403

    await agent.sends_file("page.html", "text/html", b"h" * (11 * MEGABYTE))
    said = await member.sees("page.html (11.0 MB) is too large", "dm", deadline=40)
    status, headers, content = await download(said.content)
    assert (status, len(content)) == (200, 11 * MEGABYTE)
    assert headers["Content-Type"] == "application/octet-stream"


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"relay": {"largest_file": 1000}}})
async def test_what_is_not_copied_is_told(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await member.say("Here", attachments=[File("huge.bin", b"h" * 2000)])
    await agent.sees("the customer sent the file huge.bin (2 kB), which could not be copied")
    await agent.sends_file("manual.pdf", "application/pdf", b"p" * 2000)
    await agent.sees("your file could not be delivered to the customer")


@ROUTINGS
async def test_files_survive_kills_and_expired_addresses(open_desk: OpenDesk, member: Member, agent: Agent) -> None:
    desk = await open_desk()
    await reach_a_person(member, agent)
    world = desk.sandbox.discord.world
    desk.sandbox.discord.faults.drop("after", "POST", "/messages")
    await agent.sends_file("a.png", "image/png", PICTURE)
    await agent.sends_file("b.png", "image/png", PICTURE)
    await desk.sandbox.changes.until(lambda: member.seen("a.png", "dm"), what="the first file")
    await desk.bot.kill()
    await member.say("While you were away", attachments=[File("c.png", PICTURE, "image/png")])
    world.expire_addresses()
    await desk.bot.start()
    changes = desk.sandbox.changes
    await changes.until(lambda: files_at(agent)[2:], deadline=30, what="the member's file")
    await agent.says("That was all")
    await member.sees("That was all", "dm", deadline=30)
    await stopped_cleanly(desk.bot)
    assert [name for name, _, _ in files_at(agent)] == ["a.png", "b.png", "c.png"]
    sent = [message for message in member.dm if message.author is not member.user]
    assert [each.file.name for message in sent for each in message.attachments] == ["a.png", "b.png"]


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": True, "cases": True})
async def test_the_transcript_links_the_kept_copies(desk: TestDesk, member: Member, agent: Agent) -> None:
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await member.say("See this", attachments=[File("lantern.png", PICTURE, "image/png")])
    await desk.sandbox.changes.until(lambda: desk.sandbox.twilio.world.chat.media, what="the file in Twilio")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    said = next(line for line in agent.task["transcript"] if "See this" in line)
    status, _, content = await download(said)
    assert (status, content) == (200, PICTURE)
