"""Lines, their parts and their files in both databases: found by either side's names, revised, taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from frontdesk import Line, Person, Speaker
from frontdesk.store import Store
from frontdesk_helpdesk import conversations, files, lines
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.files import GivenFile, Source
from frontdesk_helpdesk.lines import Side
from frontdesk_helpdesk.tables import TABLES
from sqlalchemy.ext.asyncio import AsyncSession

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAM = Person(user_id=2**62, guild_id=2**61, name="Sam")
SAID = Line(Speaker.MEMBER, "Sam", "hello", NOW)
PICTURE = GivenFile(Source.DISCORD, "1/2", "../a\u202eb.png", "image/png", 3, "https://cdn.example/a.png")


@pytest.fixture
async def tables(store: Store) -> Store:
    await store.upgrade([TABLES])
    return store


async def opened(session: AsyncSession) -> Conversation:
    return await conversations.create(session, SAM, channel_id=2**60, last_discord_id=2**59, now=NOW)


async def test_a_line_is_found_by_each_of_its_names(tables: Store) -> None:
    async with tables.begin() as session:
        conversation = await opened(session)
        await conversations.add_line(session, conversation, "k", SAID, discord_id=2**60 + 1, parts=2)
        for number, sid in enumerate(("IM0", "IM1")):
            line = await lines.note_part(session, conversation.id, "k", number, side=Side.TWILIO, their_id=sid)
            assert line == replace(SAID, key=f"helpdesk:{conversation.id}:k")
        assert await lines.note_part(session, conversation.id, "notice", 0, side=Side.TWILIO, their_id="IM9") is None
    async with tables.read() as session:
        known = await lines.by_discord(session, conversation.id, 2**60 + 1)
        assert known is not None
        assert known == await lines.by_twilio(session, conversation.id, "IM0")
        assert known == await lines.by_twilio(session, conversation.id, "IM1")
        assert await lines.by_twilio(session, conversation.id, "IM9") is None
        assert await lines.their_id(session, conversation.id, "k", 1, Side.TWILIO) == "IM1"
        assert await lines.their_id(session, conversation.id, "k", 2, Side.TWILIO) is None
        assert await conversations.open_in(session, conversation.channel_id) == conversation


async def test_a_line_that_was_revised_and_taken_back_is_gone_from_the_transcript(tables: Store) -> None:
    later = NOW + timedelta(minutes=1)
    async with tables.begin() as session:
        conversation = await opened(session)
        await conversations.add_line(session, conversation, "k", SAID, discord_id=7)
        line = await lines.find(session, conversation.id, "k")
        assert line is not None
        assert await lines.revise(session, line, words="hi", text="hi", parts=1, revised_at=later) == 1
        line = await lines.find(session, conversation.id, "k")
        assert line is not None
        assert (line.words, line.revision, line.revised_at) == ("hi", 1, later)
        await lines.take_back(session, line, now=later)
        assert await lines.newest_by(session, conversation.id, Speaker.MEMBER) == []
        assert await conversations.transcript(session, conversation.id) == ()


async def test_what_was_deleted_before_it_came_is_not_taken_in_any_more(tables: Store) -> None:
    async with tables.begin() as session:
        conversation = await opened(session)
        for _ in range(2):
            await lines.never_said(session, conversation, "k", Speaker.MEMBER, now=NOW)
        assert not await conversations.add_line(session, conversation, "k", SAID)
        assert await conversations.transcript(session, conversation.id) == ()


async def test_files_are_known_until_they_are_old(tables: Store) -> None:
    async with tables.begin() as session:
        conversation = await opened(session)
        known = await files.register(
            session, conversation, "k", [PICTURE], lambda id_: f"https://x/{id_}?sig=1", now=NOW
        )
        await files.note_kept(session, known[0].id, size=4, now=NOW)
    async with tables.begin() as session:
        [file] = await files.of_line(session, conversation.id, "k")
        assert (file.name, file.number, file.given.size, file.kept_at) == ("a_b.png", files.FIRST_FILE, 4, NOW)
        assert files.with_links("see", [file]) == f"see\n[a\\_b.png](https://x/{file.id}?sig=1)"
        assert await files.older_than(session, NOW, limit=5) == []
        assert await files.older_than(session, NOW + timedelta(seconds=1), limit=5) == [file.id]
        await files.forget(session, [file.id])
        assert await files.find(session, file.id) is None


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("C:\\secret\\a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.png", "a__Set-Cookie_ x.png"),
        ("...", "file"),
        ("عکس.png", "عکس.png"),
        ("x" * 300 + ".jpeg", "x" * 80 + ".jpeg"),
    ],
)
def test_names_of_files_are_harmless(given: str, safe: str) -> None:
    assert files.safe_name(given) == safe
