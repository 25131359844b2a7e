"""The staff's channel: one message a case, which changes as the case does, not too often, and never twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CaseRequest, CaseStatus, Person
from frontdesk_cases import Cases, feed
from frontdesk_cases.cases import Actor, CaseRecord
from frontdesk_cases.changes import SetAssignee, SetStatus, SetTitle
from frontdesk_cases.tables import TABLES
from frontdesk_sandbox.discord import Message, Permission

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}
AMIRA = Actor("discord:5", "Amira")
SETTINGS = {"cases": {"feed_channel": "general", "notify": {"resolved": False}}}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def begin(bot: Bot, room: Room, key: str = "1") -> tuple[Cases, CaseRecord]:
    await bot.store.upgrade([TABLES])
    cases: Cases = bot.plugins["cases"]
    person = Person(room.member("Mina").user.id, room.guild.id, "Mina")
    return cases, (await cases.book.open(CaseRequest(key, "bug", "My *lantern* is gone", "gone", person))).case


def messages(room: Room) -> list[Message]:
    return list(room.discord.world.find_channel("general", room.guild).messages.values())


def fields(message: Message) -> dict[str, str]:
    return {field["name"]: field["value"] for field in message.embeds[0]["fields"]}


async def test_one_message_changes_with_its_case(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "EVERY", feed.EVERY / 100)
    omid = room.member("Omid", permissions=Permission.MANAGE_MESSAGES)
    async with run_bot(room, PLUGINS, settings=SETTINGS) as bot:
        cases, case = await begin(bot, room)
        await bot.journal.idle()
        (message,) = messages(room)
        assert message.embeds[0]["title"] == r"CASE-1001 · My \*lantern\* is gone"
        assert fields(message) == {
            "Status": "Open", "Person": f"<@{case.person.user_id}>", "Assigned to": "Nobody yet",
        }  # fmt: skip
        buttons = message.components[0]["components"]
        assert [button["label"] for button in buttons] == ["Take", "Resolve", "Note", "Open page"]
        assert buttons[-1]["url"] == f"http://desk/cases/{case.id}"
        await omid.click("Take", where="general")
        await room.discord.world.changes.until(
            lambda: fields(messages(room)[0])["Assigned to"] == "Omid", deadline=10, what="the assignee in the feed"
        )
        await cases.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], AMIRA)
        await bot.journal.idle()
        (message,) = messages(room)
        assert fields(message)["Status"] == "Resolved"
        assert [button["label"] for button in message.components[0]["components"]] == ["Note", "Open page"]


async def test_many_changes_at_once_are_few_edits(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "EVERY", feed.EVERY / 10)
    edits = 0
    edited = feed.FeedDelivery._edit

    async def counted(self: feed.FeedDelivery, *args: Any) -> Any:
        nonlocal edits
        edits += 1
        return await edited(self, *args)

    monkeypatch.setattr(feed.FeedDelivery, "_edit", counted)
    async with run_bot(room, PLUGINS, settings=SETTINGS) as bot:
        cases, case = await begin(bot, room)
        for number in range(20):
            await cases.work.change(case.id, [SetTitle(f"Lantern {number}"), SetAssignee(AMIRA)], AMIRA)
        await asyncio.wait_for(bot.journal.idle(), 20)
        (message,) = messages(room)
        assert message.embeds[0]["title"] == "CASE-1001 · Lantern 19"
        assert 1 <= edits <= 3
        await cases.work.note(case.id, "nothing that the feed shows", AMIRA)
        assert edits <= 3


async def test_a_post_without_an_answer_is_found(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "EVERY", feed.EVERY / 100)
    async with run_bot(room, PLUGINS, settings=SETTINGS) as bot:
        room.discord.faults.drop("after", "POST", "/messages", times=4)
        cases, case = await begin(bot, room)
        await asyncio.wait_for(bot.journal.idle(), 30)
        await cases.work.change(case.id, [SetTitle("Found")], AMIRA)
        await asyncio.wait_for(bot.journal.idle(), 30)
    assert [message.embeds[0]["title"] for message in messages(room)] == ["CASE-1001 · Found"]


async def test_a_message_that_somebody_has_deleted_is_posted_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "EVERY", feed.EVERY / 100)
    omid = room.member("Omid", permissions=Permission.MANAGE_MESSAGES)
    async with run_bot(room, PLUGINS, settings=SETTINGS) as bot:
        cases, case = await begin(bot, room)
        await bot.journal.idle()
        (first,) = messages(room)
        await omid.delete(first)
        for title in ("Once", "Twice"):
            await cases.work.change(case.id, [SetTitle(title)], AMIRA)
            await asyncio.wait_for(bot.journal.idle(), 20)
        (second,) = messages(room)
        assert (second.id != first.id, second.embeds[0]["title"]) == (True, "CASE-1001 · Twice")


async def test_a_promise_that_runs_out_is_told_below_the_message_of_its_case_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"cases": {**SETTINGS["cases"], "promises": {"first_answer_minutes": 60}}}
    async with run_bot(room, PLUGINS, settings=settings) as bot:
        cases, case = await begin(bot, room)
        await bot.journal.idle()
        due = int(case.opened_at.timestamp()) + 3600
        for minutes in (30, 50, 51, 61, 62):
            monkeypatch.setattr(cases.ledger, "now", lambda ahead=minutes: case.opened_at + timedelta(minutes=ahead))
            if minutes == 61:  # Discord takes the line and does not say so
                room.discord.faults.drop("after", "POST", "/messages", times=4)
            await cases.followup.look_at_promises()
            await asyncio.wait_for(bot.journal.idle(), 30)
        message, *lines = messages(room)
        title = r"⏰ **CASE-1001** · My \*lantern\* is gone"
        assert [line.content for line in lines] == [
            f"{title}\nThe first answer is due soon. <t:{due}:R>",
            f"{title}\nThe first answer is late. <t:{due}:R>",
        ]
        assert {line.reply_to and line.reply_to.id for line in lines} == {message.id}


async def test_an_alarm_that_is_not_true_any_more_is_not_posted(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "EVERY", feed.EVERY / 2)
    settings = {"cases": {**SETTINGS["cases"], "promises": {"first_answer_minutes": 60}}}
    async with run_bot(room, PLUGINS, settings=settings) as bot:
        cases, case = await begin(bot, room)
        await bot.journal.idle()
        await cases.work.change(case.id, [SetTitle("Waits")], AMIRA)  # so soon after the post the channel's turn waits
        monkeypatch.setattr(cases.ledger, "now", lambda: case.opened_at + timedelta(minutes=61))
        await cases.followup.look_at_promises()
        await cases.work.answer(case.id, "Here it is", AMIRA)
        await asyncio.wait_for(bot.journal.idle(), 30)
        assert len(messages(room)) == 1


async def test_without_a_channel_there_is_no_feed(room: Room) -> None:
    async with run_bot(room, PLUGINS, settings={"cases": {"feed_channel": "nowhere"}}) as bot:
        await begin(bot, room)
        await bot.journal.idle()
        assert [record.reason for record in await bot.journal.entries()] == ["no-channel"]
    async with run_bot(room, PLUGINS) as bot:
        await begin(bot, room, "2")
        assert len(await bot.journal.entries()) == 1
