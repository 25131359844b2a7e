"""What members and agents change or take back stands on the case's timeline, beside what they had said."""

import asyncio
import json
from typing import Any

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import RestFault
from frontdesk_sandbox.visitor import Visitor

from tests.journeys.helpdesk_handoff.routings import in_both_routings
from tests.journeys.stories import heard, reach_a_person


@in_both_routings()
async def test_the_timeline_tells_each_change_once_and_keeps_the_old_words(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await member.sees("CASE-1001", "dm")
    typo, secret = await member.say("My lantren is dark"), await member.say("My word is 1234")
    await agent.sees("My word is 1234")
    await member.edit(typo, "My lantern is dark")
    await agent.sees("My lantern is dark")
    await member.edit(typo, "My lantern is very dark")
    await agent.sees("My lantern is very dark")
    await member.delete(secret)
    await agent.says("It costs 5")
    wrong = await member.sees("It costs 5", "dm")
    await agent.edits("It costs 5", "It costs 6")
    await member.sees("It costs 6", "dm")
    await agent.deletes("It costs 6")
    await member.sees_no_more(wrong)

    staff = await desk.sign_in(desk.house.moderator)
    expected = [
        ("Sam", "My lantern is dark", "My lantren is dark"),
        ("Sam", "My lantern is very dark", "My lantern is dark"),
        ("Sam", "", "My word is 1234"),
        ("Amira Haddad", "It costs 6", "It costs 5"),
        ("Amira Haddad", "", "It costs 6"),
    ]
    told: list[tuple[str, str, str]] = []
    timeline: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(told) < len(expected):
            timeline = json.loads((await staff.get("/cases/api/v1/cases/1")).text)["timeline"]
            changes = [entry for entry in timeline if entry["kind"] == "message_changed"]
            told = [(entry["author"], entry["text"], entry["data"]["before"]) for entry in changes]
    assert told == expected
    lines = [entry["text"] for entry in timeline if entry["kind"] == "message"]
    for words in ("My lantren is dark", "My word is 1234", "It costs 5"):
        assert lines.count(words) == 1
    now = (await (await desk.house.helper.command("/case show case:1001")).response()).content
    assert "My lantern is very dark" in now
    assert not [words for words in ("lantren", "1234", "costs") if words in now]
    assert not [text for text in heard(member) if "1234" in text or "costs" in text]


@in_both_routings()
async def test_a_line_that_is_taken_back_on_its_way_leaves_no_empty_one(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    await member.sees("CASE-1001", "dm")
    staff = await desk.sign_in(desk.house.moderator)
    faults = desk.sandbox.twilio.faults
    faults.rest(RestFault.ERROR_BEFORE, "/Messages$", method="POST", times=None)
    await member.delete(await member.say("Oh no"))
    await timeline_with(staff, "message_changed")
    faults.clear()
    await member.say("Good evening")
    await agent.sees("Good evening", deadline=30)
    entries = await timeline_with(staff, "message", "Good evening")
    said = [(entry["kind"], entry["text"]) for entry in entries if entry["kind"].startswith("message")]
    assert said[-2:] == [("message_changed", ""), ("message", "Good evening")]
    assert ("message", "") not in said


async def timeline_with(staff: Visitor, kind: str, text: str = "") -> list[dict[str, Any]]:
    """Read the timeline again and again until it has an entry."""
    async with asyncio.timeout(30):
        while True:
            entries: list[dict[str, Any]] = json.loads((await staff.get("/cases/api/v1/cases/1")).text)["timeline"]
            if any((entry["kind"], entry["text"]) == (kind, text) for entry in entries):
                return entries
