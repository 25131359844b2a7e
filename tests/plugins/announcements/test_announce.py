"""/announce in front of a moderator and a member, with a real bot on the loopback Discord."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk import Announcement, announcement_published, hookimpl
from frontdesk_announcements import Announcements
from frontdesk_sandbox.discord import File, Member, Overwrite, Permission, RefusedError
from frontdesk_sandbox.discord.model import MessageFlag

from tests.plugins.one_bot import Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"announcements": Announcements}
PNG = File("lantern.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")


class Listener:
    """Hears of announcements."""

    def __init__(self) -> None:
        self.heard: list[Announcement] = []

    @hookimpl(announcement_published)
    async def announcement_published(self, announcement: Announcement) -> None:
        self.heard.append(announcement)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


def add_channel(room: Room, kind: str = "announcement", **more: Any) -> Any:
    return room.discord.world.create_channel(room.guild, "announcements", kind, **more)


def moderator(room: Room, **more: Any) -> Member:
    return room.member("Omid", permissions=Permission.MANAGE_MESSAGES, **more)


async def test_a_moderator_announces_and_everybody_sees_it(room: Room) -> None:
    channel, listener = add_channel(room), Listener()
    omid, mina = moderator(room), room.member("Mina")
    async with run_bot(room, PLUGINS, others=(listener,)):
        asked = await omid.command("/announce title:Season two text:The **lanterns** are back. @everyone")
        answer = await asked.response()
        post = await mina.sees("The **lanterns** are back. @everyone", "#announcements")
    assert post.embeds[0]["title"] == "Season two"
    assert not post.mentions
    assert not post.mention_everyone
    assert f"https://discord.com/channels/{room.guild.id}/{channel.id}/{post.id}" in answer.content
    assert "follow the channel have it too" in answer.content
    assert answer.seen_only_by == omid.user.id
    assert post.flags & MessageFlag.CROSSPOSTED
    assert listener.heard == [
        Announcement(
            room.guild.id, channel.id, post.id, "Season two", "The **lanterns** are back. @everyone", "moderator"
        )
    ]


async def test_an_ordinary_channel_is_not_published(room: Room) -> None:
    add_channel(room, "text")
    omid = moderator(room)
    async with run_bot(room, PLUGINS):
        answer = await (await omid.command("/announce title:Hello text:World")).response()
    assert "is posted" in answer.content
    assert "follow" not in answer.content


async def test_members_are_not_offered_the_command(room: Room) -> None:
    add_channel(room)
    async with run_bot(room, PLUGINS):
        with pytest.raises(RefusedError, match="is not offered"):
            await room.member("Mina").command("/announce title:Hello text:World")


async def test_where_roles_count_the_command_itself_asks(room: Room) -> None:
    add_channel(room)
    mina, herald = room.member("Mina"), room.member("Hera", role="Herald")
    async with run_bot(room, PLUGINS, settings={"announcements": {"roles": ("herald",)}}):
        refused = await (await mina.command("/announce title:Hello text:World")).response()
        allowed = await (await herald.command("/announce title:Hello text:World")).response()
    assert refused.content == "Only moderators may post announcements here."
    assert "is posted" in allowed.content
    assert room.texts("announcements") == ["Hello"]


async def test_without_a_text_a_modal_opens_and_keeps_the_picture(room: Room) -> None:
    add_channel(room)
    omid = moderator(room, locale="de")
    async with run_bot(room, PLUGINS):
        await omid.command("/ankündigen", title="Neu", image=PNG)
        sent = await omid.submit(text="Zwei Zeilen\nmit **Markdown**")
        answer = await sent.response()
        post = await omid.sees("Zwei Zeilen\nmit **Markdown**", "#announcements")
    assert "veröffentlicht" in answer.content
    assert "neu gestartet" not in answer.content
    assert post.embeds[0]["title"] == "Neu"
    assert post.attachments[0].file.name == "lantern.png"
    assert post.embeds[0]["image"]["url"]


async def test_a_restart_between_command_and_modal_loses_only_the_picture(room: Room) -> None:
    add_channel(room)
    omid = moderator(room)
    async with run_bot(room, PLUGINS):
        await (await omid.command("/announce title:Hello", image=PNG)).settled()
    async with run_bot(room, PLUGINS):
        answer = await (await omid.submit(text="World")).response()
    assert "is posted" in answer.content
    assert "restarted" in answer.content
    assert room.texts("announcements") == ["Hello"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("image_url:ftp://example.com/a.png", "must begin with https://"),
        ("image_url:https://example.com/a b.png", "no spaces"),
    ],
)
async def test_a_wrong_picture_address_is_refused(room: Room, options: str, sentence: str) -> None:
    add_channel(room)
    omid = moderator(room)
    async with run_bot(room, PLUGINS):
        answer = await (await omid.command(f"/announce title:Hello text:World {options}")).response()
    assert sentence in answer.content
    assert room.texts("announcements") == []


async def test_a_file_that_is_no_picture_is_refused(room: Room) -> None:
    add_channel(room)
    omid = moderator(room)
    async with run_bot(room, PLUGINS):
        notes = File("notes.txt", b"hello", "text/plain")
        answer = await (await omid.command("/announce title:Hello text:World", image=notes)).response()
    assert "not a picture" in answer.content


async def test_a_missing_channel_is_told_with_the_remedy(room: Room) -> None:
    omid = moderator(room)
    async with run_bot(room, PLUGINS, settings={"announcements": {"channel": "news"}}):
        answer = await (await omid.command("/announce title:Hello text:World")).response()
    assert 'no channel "news"' in answer.content
    assert "[plugins.announcements]" in answer.content


@pytest.mark.parametrize(
    ("denied", "sentence"),
    [(Permission.SEND_MESSAGES, "I may not write in"), (Permission.VIEW_CHANNEL, "I cannot see")],
)
async def test_a_missing_permission_is_told_with_the_remedy(room: Room, denied: Permission, sentence: str) -> None:
    bot_id = room.discord.world.bot.id
    add_channel(room, overwrites=[Overwrite(bot_id, 1, 0, int(denied))])
    omid = moderator(room)
    async with run_bot(room, PLUGINS):
        answer = await (await omid.command("/announce title:Hello text:World")).response()
    assert sentence in answer.content or 'no channel "announcements"' in answer.content
    assert "my role" in answer.content or "bot.toml" in answer.content


async def test_what_was_refused_to_followers_is_posted_all_the_same(room: Room) -> None:
    add_channel(room)
    omid = moderator(room)
    room.discord.faults.answer(403, "POST", "/crosspost")
    async with run_bot(room, PLUGINS):
        answer = await (await omid.command("/announce title:Hello text:World")).response()
    assert "is posted" in answer.content
    assert "could not be published" in answer.content


async def test_persian_for_everybody(room: Room) -> None:
    add_channel(room)
    omid = moderator(room)
    async with run_bot(room, PLUGINS, language="fa"):
        answer = await (await omid.command("/اعلان", عنوان="سلام", متن="فانوس‌ها برگشتند")).response()
    assert "اعلان شما منتشر شد" in answer.content
