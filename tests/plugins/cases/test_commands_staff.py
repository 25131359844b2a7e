"""/case and the buttons of staff: who may, what is suggested, what becomes of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CaseRequest, CaseStatus, Person
from frontdesk.staff import RoleNames
from frontdesk_cases import Cases
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind
from frontdesk_cases.tables import TABLES
from frontdesk_sandbox.discord import File, Member, Permission

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


def moderator(room: Room, name: str = "Omid", locale: str = "en-US") -> Member:
    return room.member(name, permissions=Permission.MANAGE_MESSAGES, locale=locale)


async def begin(bot: Bot, room: Room, member: Member, title: str = "My lantern is gone") -> tuple[Cases, CaseRecord]:
    await bot.store.upgrade([TABLES])
    cases: Cases = bot.plugins["cases"]
    person = Person(member.user.id, room.guild.id, member.user.display_name)
    return cases, (await cases.book.open(CaseRequest(title, "bug", title, f"{title}!", person))).case


async def now(cases: Cases, case: CaseRecord) -> CaseRecord:
    found = await cases.book.find(case.id)
    assert found is not None
    return found


async def said(who: Member, command: str, **options: Any) -> str:
    answer = await (await who.command(command, **options)).response()
    assert answer.seen_only_by == who.user.id
    return answer.content


async def test_staff_work_on_a_case_by_commands(room: Room) -> None:
    omid, mina = moderator(room), room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        assert "My lantern is gone!" in await said(omid, "/case show case:CASE-1001")
        assert await said(omid, f"/case assign case:1001 to:discord:{omid.user.id}") == (
            "**CASE-1001** My lantern is gone · Open"
        )
        assert (await now(cases, case)).assignee == Actor(f"discord:{omid.user.id}", "Omid")
        assert "Your note is on **CASE-1001**" in await said(omid, "/case note case:1001 text:ask Tomas")
        assert "Waiting for us" in await said(omid, "/case status case:case-1001 to:waiting for us")
        assert "on its way" in await said(omid, "/case answer case:1001 text:Found it! resolve:True")
        await bot.journal.idle()
        assert (await now(cases, case)).status is CaseStatus.RESOLVED
        assert "Found it!" in mina.dm[0].content
        assert "not possible" in await said(omid, "/case status case:1001 to:pending_customer")
        assert await said(omid, "/case assign case:1001 to:-")
        assert (await now(cases, case)).assignee is None
        notes = [entry for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.NOTE]
        assert [(note.author, note.text) for note in notes] == [("Omid", "ask Tomas")]
        for wrong in ("show case:9999", "show case:lantern", "status case:1001 to:lost", "assign case:1001 to:Mina"):
            assert "There is no such" in (answer := await said(omid, f"/case {wrong}")) or "Nobody" in answer


async def test_suggestions_show_titles_people_and_statuses(room: Room) -> None:
    omid, mina, _ = moderator(room), room.member("Mina"), moderator(room, "Nora")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await begin(bot, room, mina, "A hole in the map")
        assert await omid.autocomplete("/case show case:") == [
            {"name": "CASE-1002 A hole in the map", "value": "1002"},
            {"name": "CASE-1001 My lantern is gone", "value": "1001"},
        ]
        for typed in ("1001", "case-1001", "LANTERN"):
            assert [one["value"] for one in await omid.autocomplete(f"/case show case:{typed}")] == ["1001"]
        assert len(await omid.autocomplete("/case show case:10")) == 2
        people = await omid.autocomplete("/case assign case:1001 to:")
        assert [one["name"] for one in people] == ["Omid", "Nobody"]
        assert [one["name"] for one in await omid.autocomplete("/case assign case:1001 to:No")] == ["Nora"]
        assert await omid.autocomplete("/case assign case:1001 to:Min") == [], "members are nobody to be assigned"
        statuses = await omid.autocomplete("/case status case:1001 to:waiting")
        assert [one["value"] for one in statuses] == ["pending_customer", "pending_us"]
        assert case.status is CaseStatus.OPEN
        assert await cases.book.assignees(room.guild.id, 5) == []


async def test_staff_roles_of_the_settings_count(room: Room) -> None:
    omid, mina = moderator(room), room.member("Mina")
    lamp, glim = room.member("Lamp", role="Keepers"), room.member("Glim", role="Lookers")
    roles = RoleNames(viewer=frozenset({"Lookers"}), agent=frozenset({"Keepers"}))
    async with run_bot(room, PLUGINS, roles=roles) as bot:
        cases, case = await begin(bot, room, mina)
        assert "CASE-1001" in await said(glim, "/case show case:1001")
        assert await said(glim, "/case note case:1001 text:hello") == "This is for the staff of this server."
        assert await said(omid, "/case show case:1001") == "This is for the staff of this server."
        assert await omid.autocomplete("/case show case:") == []
        assert await said(mina, "/case show case:1001") == "This is for the staff of this server."
        assert "Your note" in await said(lamp, "/case note case:1001 text:hello")
        await glim.command("/case show case:1001")
        refused = await (await glim.click("Take")).response()
        assert refused.content == "This is for the staff of this server."
        assert (await now(cases, case)).assignee is None
        answer = await said(lamp, "/case assign case:1001 to:Glim")
        assert answer.startswith("Nobody"), "who may only look cannot be given a case"


async def test_who_is_staff_in_one_server_by_its_own_roles_is_offered_the_commands(room: Room) -> None:
    lamp, mina = room.member("Lamp", role="Keepers"), room.member("Mina")
    own = {room.guild.id: RoleNames(agent=frozenset({"Keepers"}))}
    async with run_bot(room, PLUGINS, own_roles=own) as bot:
        await begin(bot, room, mina)
        assert "CASE-1001" in await said(lamp, "/case show case:1001")
        assert await said(mina, "/case show case:1001") == "This is for the staff of this server."


async def test_buttons_take_resolve_and_note(room: Room) -> None:
    omid, mina = moderator(room), room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await omid.command("/case show case:1001")
        taken = await (await omid.click("Take")).response()
        assert taken.content == "**CASE-1001** is yours now."
        await omid.click("Note")
        noted = await (await omid.submit(text="ask Tomas")).response()
        assert noted.content == "Your note is on **CASE-1001**."
        resolved = await (await omid.click("Resolve")).response()
        assert resolved.content == "**CASE-1001** is resolved."
        after = await now(cases, case)
        assert (after.status, after.assignee) == (CaseStatus.RESOLVED, Actor(f"discord:{omid.user.id}", "Omid"))


async def test_who_presses_take_too_late_is_told_who_has_the_case(room: Room) -> None:
    omid, nora, mina = moderator(room, "O*mid"), moderator(room, "Nora"), room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        for each in (omid, nora):
            await each.command("/case show case:1001")
        await (await omid.click("Take")).response()
        refused = await (await nora.click("Take")).response()
        assert refused.content == "O\\*mid has this case already. With `/case assign` you can give it to somebody else."
        assert (await now(cases, case)).assignee == Actor(f"discord:{omid.user.id}", "O*mid")
        await said(nora, "/case assign case:1001 to:Nora")
        assert (await now(cases, case)).assignee == Actor(f"discord:{nora.user.id}", "Nora")


async def test_a_case_is_opened_on_a_message_once_with_its_files(room: Room) -> None:
    omid, mina = moderator(room, locale="de"), room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, _ = await begin(bot, room, mina)
        message = await mina.say(
            "The bridge\nis *broken*", to="general", attachments=[File("bridge.png", b"picture", "image/png")]
        )
        answer = await (await omid.use(message, "Open a case")).response()
        assert answer.content.startswith("Der Fall ist eröffnet:\n**CASE-1002** The bridge")
        again = await (await omid.use(message, "Open a case")).response()
        assert "gibt es schon" in again.content
        await bot.journal.idle()
        case = await cases.book.by_number(room.guild.id, 1002)
        assert case is not None
        assert await cases.book.by_number(room.guild.id, 1003) is None
        assert (case.title, case.description, case.person.user_id) == (
            "The bridge", "The bridge\nis *broken*", mina.user.id,
        )  # fmt: skip
        assert case.source_url == f"https://discord.com/channels/{room.guild.id}/{message.channel_id}/{message.id}"
        (file,) = await cases.cabinet.of_cases([case.id])
        assert (file.name, await cases.cabinet.read(file.id)) == ("bridge.png", b"picture")
        assert [entry.author for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.OPENED] == [
            "Omid"
        ]
        assert "We have opened case **CASE-1002**" in mina.dm[-1].content


async def test_a_case_is_opened_for_a_member(room: Room) -> None:
    omid, mina = moderator(room), room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        await bot.store.upgrade([TABLES])
        cases: Cases = bot.plugins["cases"]
        answer = await said(omid, "/case open title:A lost key details:She lost it", member=mina.user)
        assert answer.startswith("The case is open:\n**CASE-1001** A lost key")
        case = await cases.book.by_number(room.guild.id, 1001)
    assert case is not None
    assert (case.person.user_id, case.description, case.kind) == (mina.user.id, "She lost it", "request")
