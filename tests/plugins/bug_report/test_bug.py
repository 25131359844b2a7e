"""/bug in front of a member and the team, with a real bot on the loopback Discord."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from frontdesk import Case, CaseRequest, CaseStatus, hookimpl, open_case
from frontdesk_bug_report import BugReports
from frontdesk_sandbox.discord import File, Member, Permission

from tests.plugins.one_bot import Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"bug_report": BugReports}
ANSWERS: dict[str, Any] = {
    "summary": "The map is black",
    "happened": "I opened the map and see [nothing](http://evil.example).",
    "steps": "1. Open the map",
    "expected": "A map",
    "platform": "1.4.2, Linux",
}


class CaseKeeper:
    """Opens cases as the cases plugin would."""

    def __init__(self) -> None:
        self.requests: list[CaseRequest] = []

    @hookimpl(open_case)
    async def open_case(self, request: CaseRequest) -> Case | None:
        self.requests.append(request)
        return Case(
            1, request.person.guild_id, "CASE-7", request.kind, request.title, CaseStatus.OPEN, request.person,
            "http://desk/cases/7", datetime.now(UTC),
        )  # fmt: skip


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


def team(room: Room) -> Member:
    room.discord.world.create_channel(room.guild, "bug-report")
    return room.member("Tara", permissions=Permission.MANAGE_MESSAGES)


async def test_a_report_becomes_a_post_and_a_case(room: Room) -> None:
    tara, mina, cases = team(room), room.member("Mina"), CaseKeeper()
    async with run_bot(room, PLUGINS, others=(cases,)):
        await mina.command("/bug", screenshot=File("map.png", b"\x89PNG" + bytes(32), "image/png"))
        answer = await (await mina.submit(**ANSWERS)).response()
        post = await tara.sees("CASE-7", "#bug-report")
    assert answer.content == "Thank you! The team has your report. Its number is CASE-7."
    assert answer.seen_only_by == mina.user.id
    embed = post.embeds[0]
    assert embed["title"] == "The map is black"
    assert "[nothing]\\(http" in embed["description"]
    assert [field["value"] for field in embed["fields"]][:3] == ["1. Open the map", "A map", "1.4.2, Linux"]
    assert post.attachments[0].file.name == "map.png"
    assert not post.mentions
    (request,) = cases.requests
    assert request.kind == "bug"
    assert request.source_url == f"https://discord.com/channels/{room.guild.id}/{post.channel_id}/{post.id}"
    assert request.fields["Version and device"] == "1.4.2, Linux"
    assert request.person.name == "Mina"
    assert [(file.name, file.content_type, file.size) for file in request.files] == [("map.png", "image/png", 36)]


async def test_without_cases_the_member_gets_a_plain_sentence(room: Room) -> None:
    tara, mina = team(room), room.member("Mina", locale="de")
    async with run_bot(room, PLUGINS):
        await mina.command("/fehler")
        answer = await (await mina.submit(summary="Karte schwarz", happened="Nichts zu sehen")).response()
        await tara.sees("Nichts zu sehen", "#bug-report")
    assert answer.content == "Danke! Das Team hat deine Meldung."


async def test_without_the_channel_the_case_is_opened_and_the_member_told(room: Room) -> None:
    mina, cases = room.member("Mina"), CaseKeeper()
    async with run_bot(room, PLUGINS, others=(cases,)):
        await mina.command("/bug")
        answer = await (await mina.submit(**ANSWERS)).response()
    assert "kept under the number CASE-7" in answer.content
    assert "could not be posted" in answer.content
    assert cases.requests[0].source_url is None


async def test_a_report_that_nobody_gets_is_given_back(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        await mina.command("/bug")
        answer = await (await mina.submit(**ANSWERS)).response()
    assert "could not be delivered" in answer.content
    assert "I opened the map" in answer.content


async def test_blanks_are_no_report(room: Room) -> None:
    team(room)
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        await mina.command("/bug")
        answer = await (await mina.submit(summary="   ", happened="    ")).response()
    assert "are needed" in answer.content
    assert room.texts("bug-report") == []


async def test_a_restart_forgets_the_screenshot_and_says_so(room: Room) -> None:
    team(room)
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        await (await mina.command("/bug", screenshot=File("map.png", b"\x89PNG", "image/png"))).settled()
    async with run_bot(room, PLUGINS):
        answer = await (await mina.submit(**ANSWERS)).response()
    assert "your file is missing" in answer.content
    assert room.texts("bug-report") == ["The map is black"]


async def test_a_dropped_answer_of_discord_doubles_nothing(room: Room) -> None:
    team(room)
    mina, cases = room.member("Mina"), CaseKeeper()
    async with run_bot(room, PLUGINS, others=(cases,)) as bot:
        await mina.command("/bug")
        room.discord.faults.drop("after", "POST", r"/channels/\d+/messages$", times=1)
        await (await mina.submit(**ANSWERS)).response()
        await bot.journal.idle()
    assert room.texts("bug-report") == ["The map is black"]
    assert len(cases.requests) == 1
