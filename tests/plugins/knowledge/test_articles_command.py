"""/articles in front of a member, with a real bot on the loopback Discord."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk.hookspecs import start
from frontdesk_knowledge import Knowledge

from tests.plugins.one_bot import Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"knowledge": Knowledge}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    folder = tmp_path / "articles"
    (folder / "de").mkdir(parents=True)
    (folder / "lantern.md").write_text("# Finding a lost lantern\n\nLook in the grey chest.", encoding="utf-8")
    (folder / "refunds.md").write_text("# Refunds\n\nWithin 14 days.", encoding="utf-8")
    (folder / "de" / "refunds.md").write_text("# Erstattungen\n\nInnerhalb von 14 Tagen.", encoding="utf-8")
    async with open_room(tmp_path) as room:
        yield room


async def test_articles_are_shown_to_the_asker_alone_with_links(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        await bot.hooks.run("knowledge", start)
        answer = await (await mina.command("/articles query:lost lantern")).response()
    assert answer.seen_only_by == mina.user.id
    assert answer.content == "This article could help:\n\n**Finding a lost lantern**\n> Look in the grey chest."
    (button,) = answer.components[0]["components"]
    assert button["label"] == "Finding a lost lantern"
    assert button["url"] == "http://desk/knowledge/lantern"


async def test_nothing_found_is_said_plainly(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        await bot.hooks.run("knowledge", start)
        answer = await (await mina.command("/articles query:dragons")).response()
    assert answer.content == "I found no article about that. Try other words."
    assert answer.seen_only_by == mina.user.id


async def test_titles_are_completed_in_the_members_language(room: Room) -> None:
    mina, jonas = room.member("Mina"), room.member("Jonas", locale="de")
    async with run_bot(room, PLUGINS) as bot:
        await bot.hooks.run("knowledge", start)
        english = await mina.autocomplete("/articles query:ref")
        german = await jonas.autocomplete("/artikel query:erst")
        everything = await jonas.autocomplete("/artikel query:")
    assert [choice["name"] for choice in english] == ["Refunds"]
    assert [choice["name"] for choice in german] == ["Erstattungen"]
    assert [choice["name"] for choice in everything] == ["Erstattungen", "Finding a lost lantern", "Refunds"]
