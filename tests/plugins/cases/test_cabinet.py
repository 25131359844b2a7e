"""Files of cases: copied once, kept, swept; what cannot be had is told on the timeline."""

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from frontdesk import Case, CaseFile, CaseRequest, Line, Person, RelayedMessage, Speaker, hookimpl, read_file
from frontdesk_cases import Cases, file_rows
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind
from frontdesk_cases.changes import CaseError
from frontdesk_cases.tables import TABLES
from frontdesk_sandbox.server import LoopbackServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}
AMIRA = Actor("discord:5", "Amira")
PICTURE = b"\x89PNG picture"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


@pytest.fixture
async def place() -> AsyncIterator[str]:
    """An address where files are: /lamp.png is there, /gone.png is not."""

    async def lamp(request: Request) -> Response:
        del request
        return Response(PICTURE, media_type="image/png")

    server = LoopbackServer()
    await server.start(Starlette(routes=[Route("/lamp.png", lamp)]))
    yield server.url
    await server.stop()


async def open_case(bot: Bot, room: Room, files: Sequence[CaseFile]) -> tuple[Cases, CaseRecord]:
    await bot.store.upgrade([TABLES])
    cases: Cases = bot.plugins["cases"]
    person = Person(7, room.guild.id, "Mina")
    request = CaseRequest("1", "bug", "My lantern is gone", "gone", person, files=tuple(files))
    record = (await cases.book.open(request)).case
    await bot.journal.idle()
    return cases, record


async def file_entries(cases: Cases, case: CaseRecord) -> list[dict[str, str]]:
    return [dict(entry.data) for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.FILE]


async def test_files_that_come_with_a_case_are_copied(room: Room, place: str) -> None:
    async with run_bot(room, PLUGINS) as bot:
        given = CaseFile("../up\\lamp\u202e.png", f"{place}/lamp.png", "image/png", 12)
        cases, case = await open_case(bot, room, [given])
        (file,) = await cases.cabinet.of_cases([case.id])
        assert (file.name, file.content_type, file.size, file.url) == ("lamp.png", "image/png", len(PICTURE), None)
        assert file.kept_at is not None
        assert await cases.cabinet.read(file.id) == PICTURE
        assert cases.cabinet.path(file.id).parent == room.folder / "cases-files"
        assert await file_entries(cases, case) == [{"file": file.id, "name": "lamp.png", "size": "12"}]


async def test_files_that_cannot_be_had_are_told_of(room: Room, place: str) -> None:
    async with run_bot(room, PLUGINS, settings={"cases": {"largest_file": 10}}) as bot:
        gone = CaseFile("gone.png", f"{place}/gone.png")
        large, too_large = CaseFile("l.png", f"{place}/lamp.png"), CaseFile("t.png", f"{place}/lamp.png", size=11)
        private = CaseFile("p.png", "http://10.0.0.1/p.png")
        cases, case = await open_case(bot, room, [gone, large, too_large, private])
        told = {entry["name"]: entry["lost"] for entry in await file_entries(cases, case) if "lost" in entry}
        files = await cases.cabinet.of_cases([case.id])
    assert told == {"gone.png": "gone", "l.png": "too-large", "t.png": "too-large", "p.png": "refused-address"}
    assert [(file.kept_at, file.is_expected) for file in files] == [(None, False)] * 4


async def test_staff_can_add_files(room: Room) -> None:
    async with run_bot(room, PLUGINS, settings={"cases": {"largest_file": 20}}) as bot:
        cases, case = await open_case(bot, room, [])
        file = await cases.cabinet.add(case.id, "a\nlog.txt", "text/plain", b"lines", AMIRA)
        assert await cases.cabinet.find(file.id) == file
        assert await cases.cabinet.read(file.id) == b"lines"
        (entry,) = [entry for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.FILE]
        assert (entry.author, entry.data["name"]) == ("Amira", "alog.txt")
        for content, case_id, problem in ((b"", case.id, "empty-file"), (b"x" * 21, case.id, "file-too-large")):
            with pytest.raises(CaseError) as refused:
                await cases.cabinet.add(case_id, "x", "text/plain", content, AMIRA)
            assert refused.value.problem == problem
        with pytest.raises(CaseError, match="no-case"):
            await cases.cabinet.add(999, "x", "text/plain", b"x", AMIRA)
        assert len(list((room.folder / "cases-files").iterdir())) == 1


@pytest.mark.parametrize(("days", "kept"), [(None, True), (1, True), (30, False)])
async def test_files_are_kept_as_long_as_the_owner_wants(room: Room, days: int | None, *, kept: bool) -> None:
    async with run_bot(room, PLUGINS, settings={"cases": {"keep_files_days": 30 if days == 30 else days}}) as bot:
        cases, case = await open_case(bot, room, [])
        file = await cases.cabinet.add(case.id, "log.txt", "text/plain", b"lines", AMIRA)
        if days == 30:
            async with bot.store.begin() as session:
                await file_rows.note_kept(session, file.id, size=5, at=bot.desks["cases"].now() - timedelta(days=31))
        await cases.cabinet.sweep()
        after = await cases.cabinet.find(file.id)
        assert after is not None
        assert (after.kept_at is not None) is kept
        assert (await cases.cabinet.read(file.id) is not None) is kept


LANTERN = CaseFile("lantern.png", "https://desk.example/helpdesk/files/x?sig=1", "image/png", 12, key="helpdesk:x")


class Keeper:
    """A plugin that keeps copies of files; now and then it cannot reach them."""

    def __init__(self, *, failures: int = 0) -> None:
        self.failures = failures

    @hookimpl(read_file)
    async def read_file(self, url: str) -> bytes | None:
        if url != LANTERN.url:
            return None
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")
        return PICTURE


def relayed(
    case: Case | None, *files: CaseFile, speaker: Speaker = Speaker.MEMBER, name: str = "Mina"
) -> RelayedMessage:
    line = Line(speaker, name, "Look", datetime(2026, 5, 4, 9, 0, tzinfo=UTC))
    return RelayedMessage(5, Person(7, 1, "Mina"), case, line, files)


async def test_files_of_the_conversation_are_copied_once_each(room: Room) -> None:
    async with run_bot(room, PLUGINS, others=(Keeper(failures=1),)) as bot:
        cases, case = await open_case(bot, room, [])
        shown = cases.shown(case)
        other = replace(LANTERN, key="helpdesk:y")
        await cases.message_relayed(message=relayed(shown, LANTERN, LANTERN))
        await cases.message_relayed(message=relayed(shown, LANTERN, other, speaker=Speaker.AGENT, name="Omid"))
        await bot.journal.idle()
        files = await cases.cabinet.of_cases([case.id])
        assert [(file.name, file.kept_at is not None) for file in files] == [("lantern.png", True)] * 2
        assert [await cases.cabinet.read(file.id) for file in files] == [PICTURE] * 2
        brought = [each for each in await cases.book.timeline(case.id) if each.kind is EntryKind.FILE]
        assert [entry.author for entry in brought] == ["Mina", "Omid"]
        assert {entry.data["file"] for entry in brought} == {file.id for file in files}


async def test_a_file_is_kept_once_by_the_case_that_goes_on_and_by_another_case_too(room: Room) -> None:
    async with run_bot(room, PLUGINS, others=(Keeper(),)) as bot:
        cases, old = await open_case(bot, room, [LANTERN])
        person = old.person
        into = (await cases.book.open(CaseRequest("2", "bug", "Again", "", person, files=(LANTERN,)))).case
        third = (await cases.book.open(CaseRequest("3", "bug", "Third", "", person))).case
        assert len(await cases.cabinet.of_cases([old.id, into.id])) == 2, "each has its own"
        await cases.relations.merge(old.id, third.id, AMIRA)
        await cases.message_relayed(message=relayed(cases.shown(old), LANTERN))
        assert await cases.cabinet.of_cases([third.id]) == [], "it came with the case that was merged into it"
        await bot.journal.idle()


async def test_a_case_that_is_split_off_gets_copies_of_the_files_of_its_messages(room: Room) -> None:
    async with run_bot(room, PLUGINS, others=(Keeper(),)) as bot:
        cases, case = await open_case(bot, room, [])
        later = replace(LANTERN, name="answer.png", key="helpdesk:y")
        await cases.message_relayed(message=relayed(cases.shown(case), LANTERN))
        await cases.message_relayed(message=relayed(cases.shown(case), later, speaker=Speaker.AGENT, name="Omid"))
        await cases.cabinet.add(case.id, "log.txt", "text/plain", b"lines", AMIRA)
        await bot.journal.idle()
        own = next(file for file in await cases.cabinet.of_cases([case.id]) if file.name == "lantern.png")
        line = next(entry for entry in await cases.book.timeline(case.id) if entry.text == "Look")
        assert line.author == "Mina"
        new = await cases.relations.split(case.id, [line.id], "The lantern", AMIRA)
        await bot.journal.idle()
        assert (await cases.relations.split(case.id, [line.id], "The lantern", AMIRA)).id == new.id
        (file,) = await cases.cabinet.of_cases([new.id])
        assert (file.name, file.content_type, file.size, file.url) == ("lantern.png", "image/png", len(PICTURE), None)
        assert file.id != own.id
        cases.cabinet.path(own.id).unlink()
        assert await cases.cabinet.read(file.id) == PICTURE, "it is a copy of its own"
        assert [entry["name"] for entry in await file_entries(cases, new)] == ["lantern.png"]


async def test_a_copy_of_what_is_not_kept_or_is_of_another_server_is_told_of(room: Room) -> None:
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await open_case(bot, room, [])
        person = replace(case.person, guild_id=room.guild.id + 1)
        elsewhere = (await cases.book.open(CaseRequest("1", "bug", "Elsewhere", "", person))).case
        secret = await cases.cabinet.add(elsewhere.id, "log.txt", "text/plain", b"lines", AMIRA)
        stolen = [CaseFile("x", f"{file_rows.KEPT}{id_}") for id_ in (secret.id, "../bot.toml", "")]
        request = CaseRequest("2", "bug", "Thief", "", case.person, files=tuple(stolen))
        thief = (await cases.book.open(request)).case
        await bot.journal.idle()
        assert [entry.get("lost") for entry in await file_entries(cases, thief)] == [None] * 3 + ["gone"] * 3
        assert [file.kept_at for file in await cases.cabinet.of_cases([thief.id])] == [None] * 3


async def test_a_file_stands_on_a_case_that_is_split_off_by_whom_and_when_its_line_was_sent(room: Room) -> None:
    async with run_bot(room, PLUGINS, others=(Keeper(),)) as bot:
        cases, case = await open_case(bot, room, [])
        await cases.message_relayed(message=relayed(cases.shown(case), LANTERN, speaker=Speaker.AGENT, name="Omid"))
        await bot.journal.idle()
        for title in ("Split off", "Split off again"):
            (line,) = [entry for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.MESSAGE]
            case = await cases.relations.split(case.id, [line.id], title, AMIRA)
            await bot.journal.idle()
            (noted,) = [entry for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.FILE]
            assert (noted.author, noted.at) == ("Omid", datetime(2026, 5, 4, 9, 0, tzinfo=UTC))
            (file,) = await cases.cabinet.of_cases([case.id])
            assert await cases.cabinet.read(file.id) == PICTURE


async def test_a_copy_that_is_larger_than_allowed_is_told_of(room: Room) -> None:
    settings = {"cases": {"largest_file": len(PICTURE) - 1}}
    async with run_bot(room, PLUGINS, settings=settings, others=(Keeper(),)) as bot:
        cases, case = await open_case(bot, room, [replace(LANTERN, size=0)])
        assert (await file_entries(cases, case))[-1]["lost"] == "too-large"


async def test_contents_without_a_file_are_swept_after_a_day(room: Room) -> None:
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await open_case(bot, room, [])
        file = await cases.cabinet.add(case.id, "log.txt", "text/plain", b"lines", AMIRA)
        removed = await cases.cabinet.add(case.id, "old.txt", "text/plain", b"lines", AMIRA)
        async with bot.store.begin() as session:
            await file_rows.note_removed(session, [removed.id])  # and then the bot was killed
        fresh, orphan, unfinished = (cases.cabinet.path(name) for name in ("fresh", "orphan", "x.part"))
        for path in (fresh, orphan, unfinished):
            path.write_bytes(b"lines")
        long_ago = (bot.desks["cases"].now() - timedelta(days=2)).timestamp()
        for path in (cases.cabinet.path(file.id), cases.cabinet.path(removed.id), orphan, unfinished):
            os.utime(path, (long_ago, long_ago))
        await cases.cabinet.sweep()
        assert {path.name for path in (room.folder / "cases-files").iterdir()} == {file.id, "fresh"}
