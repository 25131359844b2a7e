"""What members do with their own cases: look, turn pages, add, open again, close; also after a restart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CaseRequest, CaseStatus, Person
from frontdesk_cases import Cases
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind
from frontdesk_cases.changes import SetAssignee, SetStatus, SetTags
from frontdesk_cases.tables import TABLES
from frontdesk_sandbox.discord import Member, Message

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}
AMIRA = Actor("discord:5", "Amira")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def case_of(bot: Bot, room: Room, member: Member, title: str, key: str = "1") -> tuple[Cases, CaseRecord]:
    await bot.store.upgrade([TABLES])
    cases: Cases = bot.plugins["cases"]
    person = Person(member.user.id, room.guild.id, member.user.display_name)
    return cases, (await cases.book.open(CaseRequest(key, "bug", title, f"{title}!", person))).case


async def status_of(cases: Cases, case: CaseRecord) -> CaseStatus:
    found = await cases.book.find(case.id)
    assert found is not None
    return found.status


def labels(message: Message) -> list[str]:
    return [one.get("label") or one["placeholder"] for row in message.components for one in row["components"]]


async def test_pages_of_ten_can_be_turned(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        for n in range(23):
            await case_of(bot, room, mina, f"Lantern {n}", str(n))
        first = await (await mina.command("/cases")).response()
        assert labels(first) == ["Choose a case", "Older"]
        numbers = [line.split("**")[1] for line in first.content.splitlines()[1:]]
        for older, seen in (("Older", 20), ("Older", 23)):
            await (await mina.click(older)).settled()
            numbers += [line.split("**")[1] for line in first.content.splitlines()[1:]]
            assert len(numbers) == seen
        assert labels(first) == ["Choose a case", "Newer"]
        await (await mina.click("Newer")).settled()
        assert "Lantern 12" in first.content
    assert numbers == [f"CASE-{1023 - n}" for n in range(23)]


async def test_details_tell_what_was_said_and_nothing_internal(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS, settings={"cases": {"direct": {"agent_name": "team"}}}) as bot:
        cases, case = await case_of(bot, room, mina, "My [lantern](http://evil.example) is gone")
        await cases.work.note(case.id, "a secret note", AMIRA)
        await cases.work.change(case.id, [SetAssignee(AMIRA), SetTags(("secret-tag",))], AMIRA)
        await cases.work.answer(case.id, "Look in the chest", AMIRA)
        await bot.journal.idle()
        shown = await (await mina.command("/cases")).response()
        chosen = await mina.choose("Choose a case", "CASE-1001 My [lantern](http://evil.example) is gone")
        await chosen.settled()
        assert "Look in the chest" in shown.content
        assert "Waiting for the member" in shown.content
        assert "Support" in shown.content
        assert "secret" not in shown.content
        assert "Amira" not in shown.content
        assert "](http" not in shown.content
        assert labels(shown) == ["Reply", "Close case", "All my cases"]
        await (await mina.click("All my cases")).settled()
        assert shown.content.startswith("Your cases:")


async def test_what_a_member_adds_and_decides_is_kept_also_after_a_restart(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await case_of(bot, room, mina, "My lantern is gone")
        await cases.work.answer(case.id, "Which lantern?", AMIRA, [SetStatus(CaseStatus.RESOLVED)])
        await bot.journal.idle()
    async with run_bot(room, PLUGINS) as bot:
        cases = bot.plugins["cases"]
        opened = await (await mina.click("Open again", where="dm")).response()
        assert opened.content == "Your case **CASE-1001** is open again."
        assert await status_of(cases, case) is CaseStatus.OPEN
        again = await (await mina.click("Open again", where="dm")).response()
        assert again.content == "This case is open already."
        await mina.click("Reply", where="dm")
        added = await (await mina.submit(text="The brass one")).response()
        assert added.content == "Thank you. It was added to your case **CASE-1001**."
        await mina.click("Details", where="dm")
        closed = await (await mina.click("Close case")).response()
        assert closed.content == "Your case **CASE-1001** is closed now."
        assert await status_of(cases, case) is CaseStatus.CLOSED
        await bot.journal.idle()
        timeline = await cases.book.timeline(case.id)
    said = [entry.text for entry in timeline if entry.kind is EntryKind.MESSAGE]
    assert said == ["Which lantern?", "The brass one"]
    told = [entry.data["what"] for entry in timeline if entry.kind is EntryKind.NOTIFIED]
    assert told == ["answer", "resolved"], "nobody is told of what they did themselves"


async def test_other_peoples_cases_are_not_there(room: Room) -> None:
    mina, jonas = room.member("Mina"), room.member("Jonas")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await case_of(bot, room, mina, "My lantern is gone")
        _, other = await case_of(bot, room, jonas, "A hole", "2")
        await cases.work.answer(other.id, "Which one?", AMIRA)
        await bot.journal.idle()
        for row in jonas.dm[-1].components:
            for button in row["components"]:
                button["custom_id"] = button["custom_id"].replace(str(other.id), str(case.id))
        for button in ("Details", "Reply"):
            refused = await (await jonas.click(button, where="dm")).response()
            assert refused.content == "There is no such case."


async def test_a_merged_case_leads_to_the_one_that_goes_on(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await case_of(bot, room, mina, "My lantern is gone")
        _, into = await case_of(bot, room, mina, "The lantern again", "2")
        await cases.work.answer(case.id, "Which lantern?", AMIRA)
        await cases.relations.merge(case.id, into.id, AMIRA)
        await bot.journal.idle()
        shown = await (await mina.click("Details", where="dm")).response()
        assert shown.content.startswith("**CASE-1002**")
        await mina.click("Reply", where="dm")
        added = await (await mina.submit(text="The brass one")).response()
        assert "CASE-1002" in added.content
