"""/cases and /case list in front of members and staff, with a real bot on the loopback Discord."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CaseRequest, Person, open_case
from frontdesk_cases import Cases
from frontdesk_cases.tables import TABLES
from frontdesk_sandbox.discord import Member, Permission, RefusedError

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def case_of(bot: Bot, room: Room, member: Member, title: str, key: str) -> None:
    person = Person(member.user.id, room.guild.id, member.user.display_name)
    request = CaseRequest(key=key, kind="bug", title=title, description=title, person=person)
    assert await bot.hooks.first(open_case, request=request)


async def test_members_see_their_own_cases_alone(room: Room) -> None:
    mina, jonas = room.member("Mina"), room.member("Jonas")
    async with run_bot(room, PLUGINS) as bot:
        await bot.store.upgrade([TABLES])
        await case_of(bot, room, mina, "My **lantern** is gone @everyone", "1")
        await case_of(bot, room, jonas, "A hole in the map", "2")
        hers = await (await mina.command("/cases")).response()
        nobodys = await (await room.member("Omid").command("/cases")).response()
    assert hers.seen_only_by == mina.user.id
    assert hers.content.splitlines() == ["Your cases:", r"**CASE-1001** My \*\*lantern\*\* is gone \@everyone · Open"]
    assert not hers.mentions
    assert nobodys.content == "You have no cases yet."


async def test_many_long_cases_fit_into_one_answer(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        await bot.store.upgrade([TABLES])
        for n in range(12):
            await case_of(bot, room, mina, "*" * 300, str(n))
        answer = await (await mina.command("/cases")).response()
    assert answer.content.count("CASE-") == 10
    assert len(answer.content) <= 2000


async def test_staff_get_a_link_to_the_list(room: Room) -> None:
    omid = room.member("Omid", permissions=Permission.MANAGE_MESSAGES)
    async with run_bot(room, PLUGINS) as bot:
        await bot.store.upgrade([TABLES])
        answer = await (await omid.command("/case list")).response()
    assert answer.seen_only_by == omid.user.id
    assert "sign in with Discord" in answer.content
    (button,) = answer.components[0]["components"]
    assert button["url"] == f"http://desk/cases/?server={room.guild.id}"


async def test_members_are_not_offered_the_list(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        with pytest.raises(RefusedError, match="not offered"):
            await mina.command("/case list")


async def test_a_member_whom_the_server_lets_call_it_is_refused_in_the_command(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS):
        for command in room.discord.commands.all(None):
            if command["name"] == "case":
                command["default_member_permissions"] = None
        answer = await (await mina.command("/case list")).response()
    assert answer.content == "This is for the staff of this server."
    assert answer.seen_only_by == mina.user.id


async def test_persian_servers_have_persian_commands(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS, language="fa") as bot:
        await bot.store.upgrade([TABLES])
        answer = await (await mina.command("/پیگیری")).response()
    assert answer.content == "هنوز پرونده‌ای ندارید."
