"""Posts through the journal: exactly once, refusals by name, channels by name or id."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hikari
import pytest
from frontdesk import (
    SHORTLY,
    UPLOADING,
    AttachedFile,
    Delivery,
    Desk,
    Drafts,
    Entry,
    Post,
    PostDelivery,
    Receipt,
    Refused,
    SettingsTable,
    asking_discord,
    find_channel,
    hookimpl,
    message_link,
    new_post,
    outcomes,
    register_deliveries,
    shortened,
    without_masked_links,
)
from frontdesk_sandbox.discord import Overwrite, Permission

from tests.plugins.one_bot import Bot, Room, open_room, run_bot


class Poster:
    """A plugin that posts."""

    Settings = SettingsTable

    def __init__(self, desk: Desk[SettingsTable]) -> None:
        self.outcomes: list[Receipt | Refused] = []
        self.delivery = PostDelivery(desk, self.keep)

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        return {"poster.post": self.delivery}

    async def keep(self, session: Any, entry: Entry, outcome: Receipt | Refused) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


@pytest.fixture(autouse=True)
def no_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poster says nothing: it has no catalogs."""
    monkeypatch.setattr("frontdesk.words.Words.add", lambda *_: None)


def post_for(bot: Bot, room: Room, **more: Any) -> Post:
    channel = room.discord.world.find_channel("general", room.guild)
    return new_post(bot.bot, channel.id, hikari.Embed(title="News", description="Hello"), **more)


def entry_for(post: Post, moment: datetime | None = None) -> Entry:
    now = moment or datetime.now(UTC)
    return Entry(1, "lane", "key", "poster.post", {"post": post.to_json()}, now, 0, now)


async def write(bot: Bot, post: Post, key: str = "key") -> None:
    async with bot.store.begin() as session:
        payload = {"post": post.to_json()}
        await bot.journal.write(session, lane="lane", key=key, kind="poster.post", payload=payload)


async def test_a_post_is_written_once_by_its_key(room: Room) -> None:
    async with run_bot(room, {"poster": Poster}) as bot:
        for _ in range(2):
            await write(bot, post_for(bot, room))
        records = await outcomes(bot.journal, "lane")
    receipt = records["poster.post"].receipt
    assert receipt is not None
    assert room.texts("general") == ["News"]
    assert message_link(room.guild.id, receipt).startswith(f"https://discord.com/channels/{room.guild.id}/")


async def test_an_earlier_send_is_found_when_discord_forgot_the_nonce(room: Room) -> None:
    async with run_bot(room, {"poster": Poster}) as bot:
        delivery = PostDelivery(bot.desks["poster"])
        entry = entry_for(post_for(bot, room))
        sent = await delivery.send(entry)
        room.discord.world.nonces.clear()
        assert await delivery.find(entry) == sent
        later = replace(entry, created_at=entry.created_at + timedelta(milliseconds=5))
        assert await delivery.find(later) is None
        assert await delivery.find(replace(entry, payload=_renamed(entry))) is None


def _renamed(entry: Entry) -> dict[str, Any]:
    post = Post.of(entry)
    return {"post": post.model_copy(update={"embed": {**post.embed, "title": "Other"}}).to_json()}


async def test_what_other_people_posted_is_not_taken_for_ours(room: Room) -> None:
    async with run_bot(room, {"poster": Poster}) as bot:
        await room.member("Mina").say("News", "#general")
        assert await PostDelivery(bot.desks["poster"]).find(entry_for(post_for(bot, room))) is None


async def test_a_send_cut_off_by_a_restart_is_neither_lost_nor_doubled(room: Room) -> None:
    async with run_bot(room, {"poster": Poster}) as bot:
        await bot.journal.stop(0)  # the entry is written, and nobody sends it
        await write(bot, post_for(bot, room))
        (record,) = await bot.journal.entries(lane="lane")
        await PostDelivery(bot.desks["poster"]).send(record.entry)  # sent, and killed before that was kept
        room.discord.world.nonces.clear()
    async with run_bot(room, {"poster": Poster}) as bot:
        await bot.journal.idle()
        (record,) = await bot.journal.entries(lane="lane")
        stats = await bot.journal.stats()
    assert record.receipt is not None
    assert stats.found == 1
    assert room.texts("general") == ["News"]


async def test_a_file_that_is_gone_does_not_stop_the_post(room: Room) -> None:
    gone = AttachedFile(url=f"{room.discord.rest_url}/nothing.png", name="nothing.png", is_image=True)
    async with run_bot(room, {"poster": Poster}) as bot:
        await write(bot, post_for(bot, room, file=gone))
        await bot.journal.idle()
    assert room.texts("general") == ["News"]


@pytest.mark.parametrize(("is_image", "seconds"), [(None, SHORTLY), (False, UPLOADING), (True, UPLOADING)])
async def test_a_post_with_a_file_has_time_to_be_uploaded(
    room: Room, monkeypatch: pytest.MonkeyPatch, is_image: bool | None, seconds: float
) -> None:
    given: list[float] = []

    def asking(deadline: float) -> Any:
        given.append(deadline)
        return asking_discord(deadline)

    async def fetched(*_: Any) -> hikari.Bytes:
        return hikari.Bytes(b"GIF89a", "a.gif")

    monkeypatch.setattr("frontdesk.posts.asking_discord", asking)
    file = None if is_image is None else AttachedFile(url="https://x.example/a.gif", name="a.gif", is_image=is_image)
    if file is not None:
        monkeypatch.setattr(PostDelivery, "_fetch", fetched)
    async with run_bot(room, {"poster": Poster}) as bot:
        await PostDelivery(bot.desks["poster"]).send(entry_for(post_for(bot, room, file=file)))
    assert given == [seconds]


async def test_a_refusal_is_kept_with_its_reason(room: Room) -> None:
    channel = room.discord.world.create_channel(
        room.guild, "quiet", overwrites=[Overwrite(room.discord.world.bot.id, 1, 0, int(Permission.SEND_MESSAGES))]
    )
    async with run_bot(room, {"poster": Poster}) as bot:
        await write(bot, post_for(bot, room).model_copy(update={"channel_id": channel.id}))
        await write(bot, post_for(bot, room).model_copy(update={"channel_id": 1}), key="other")
        await bot.journal.idle()
        records = {record.entry.key: record for record in await bot.journal.entries(lane="lane")}
    assert records["key"].reason == "no-permission"
    assert records["other"].reason == "no-channel"


async def test_channels_are_found_by_name_and_by_id(room: Room) -> None:
    world = room.discord.world
    general = world.find_channel("general", room.guild)
    elsewhere = world.create_channel(world.create_guild("Other"), "secret")
    world.create_channel(room.guild, "ideas", "forum")
    async with run_bot(room, {"poster": Poster}) as bot:
        for wanted in ("general", "#General", general.id, str(general.id)):
            found = await find_channel(bot.bot, room.guild.id, wanted)
            assert found is not None
            assert found.id == general.id
        for wanted in ("nowhere", "", elsewhere.id, "secret", "ideas"):
            assert await find_channel(bot.bot, room.guild.id, wanted) is None


async def test_outcomes_do_not_keep_a_person_waiting(room: Room) -> None:
    async with run_bot(room, {"poster": Poster}) as bot:
        await bot.journal.stop(0)
        await write(bot, post_for(bot, room))
        records = await outcomes(bot.journal, "lane", deadline=0.05)
    assert records["poster.post"].receipt is None


def test_an_embed_with_a_file_of_its_own_is_refused() -> None:
    embed = hikari.Embed(title="News").set_image(hikari.Bytes(b"x", "a.png"))
    bot = hikari.GatewayBot("MTIz.x.y", banner=None, logs=None)
    with pytest.raises(ValueError, match="`file`"):
        new_post(bot, 1, embed)


def test_members_texts_are_made_safe_and_short() -> None:
    assert without_masked_links("[bank](http://evil)") == "[bank]\\(http://evil)"
    assert shortened("12345", 5) == "12345"
    assert shortened("123456", 5) == "1234…"


def test_drafts_are_taken_once_forgotten_in_time_and_never_pile_up() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    drafts: Drafts[int] = Drafts(lambda: now, most=2)
    for number in range(3):
        drafts.keep(str(number), number)
    assert [drafts.take(key) for key in ("0", "1", "1", "2")] == [None, 1, None, 2]
    drafts.keep("late", 1)
    now += timedelta(hours=2)
    assert drafts.take("late") is None
