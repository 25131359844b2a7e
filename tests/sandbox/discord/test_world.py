"""Parts of the loopback Discord that need no bot."""

import datetime as dt
from typing import Any

import hikari
import pytest
from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import ApiError, LoopbackDiscord, Overwrite, Permission, RefusedError, World
from frontdesk_sandbox.discord import commands as registered
from frontdesk_sandbox.discord.ratelimits import Rate, RateLimits
from frontdesk_sandbox.discord.snowflakes import Snowflakes, moment_of
from frontdesk_sandbox.discord.typed import Reader
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.discord.bot_desk import Desk

WORDS = st.text(st.characters(categories=("L", "N", "P")), min_size=1).filter(lambda word: ":" not in word)
VALUES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def _world() -> World:
    return World(Changes(), "http://127.0.0.1:1/cdn")


@given(st.lists(st.datetimes(dt.datetime(2016, 1, 1), dt.datetime(2040, 1, 1)), min_size=1))  # noqa: DTZ001  # made UTC
def test_ids_grow_even_if_the_clock_does_not(moments: list[dt.datetime]) -> None:
    clock = iter([moment.replace(tzinfo=dt.UTC) for moment in moments])
    snowflakes = Snowflakes(lambda: next(clock))
    ids = [snowflakes.next() for _ in moments]
    assert ids == sorted(set(ids))
    assert abs(moment_of(ids[0]) - moments[0].replace(tzinfo=dt.UTC)) < dt.timedelta(milliseconds=1)


@given(st.dictionaries(st.sampled_from(["note", "where", "yadda"]), VALUES))
def test_typed_options_arrive_as_typed(options: dict[str, str]) -> None:
    world = _world()
    channel = world.create_channel(world.create_guild("G"), "general")
    names = ("note", "where", "yadda")
    raw = [{"type": 3, "name": name, "description": "x"} for name in names]
    command = registered.clean({"name": "x", "description": "x", "options": raw}, "") | {"id": "1"}
    typed = " ".join(f"{name}:{value}" for name, value in options.items())
    data = Reader(world, None, channel).data(command, typed, {})
    assert {one["name"]: one["value"] for one in data.get("options", [])} == options


@given(base=st.integers(0, 2**12), role=st.integers(0, 2**12), allow=st.integers(0, 2**12), deny=st.integers(0, 2**12))
def test_an_overwrite_for_a_person_has_the_last_word(base: int, role: int, allow: int, deny: int) -> None:
    world = _world()
    guild = world.create_guild("G")
    view = int(Permission.VIEW_CHANNEL)
    guild.roles[guild.id].permissions = base & ~Permission.ADMINISTRATOR
    helper = world.create_role(guild, "Helper", role & ~Permission.ADMINISTRATOR)
    mina = world.create_member(guild, "Mina", roles=[helper])
    channel = world.create_channel(guild, "general", overwrites=[Overwrite(mina.id, 1, allow | view, deny & ~view)])
    bits = world.permissions(mina, channel)
    assert bits & (allow | view) == allow | view
    assert not bits & deny & ~allow & ~view


def test_a_bucket_refuses_what_is_too_much() -> None:
    limits = RateLimits()
    limits.rates["GET", "/x"] = Rate(2, 60)
    verdicts = [limits.take("GET", "/x", "1").retry_after for _ in range(3)]
    assert verdicts[:2] == [None, None]
    assert verdicts[2]
    assert limits.take("GET", "/x", "2").retry_after is None


async def test_people_can_do_only_what_they_may() -> None:
    discord = LoopbackDiscord("http://127.0.0.1:1")
    world = discord.world
    guild = world.create_guild("G")
    muted = Overwrite(guild.id, 0, deny=int(Permission.SEND_MESSAGES))
    world.create_channel(guild, "rules", overwrites=[muted])
    forum = world.create_channel(guild, "ideas", "forum", available_tags=[{"id": "1", "name": "bug"}])
    mina, omid = (discord.member(world.create_member(guild, name)) for name in ("Mina", "Omid"))
    refused: list[Any] = [mina.say("x", "#rules"), mina.say("", "dm"), mina.say("x", "#ideas")]
    refused += [mina.post(forum, "x", "x", tags=["no"]), mina.say("x" * 2001)]
    said = await mina.say("x")
    refused += [omid.edit(said, "y")]
    for one in refused:
        with pytest.raises(RefusedError):
            await one
    post = await mina.post("#ideas", "A lamp", "please", tags=["bug"])
    assert omid.seen("please", post) is not None


async def test_commands_are_offered_by_permission_and_place() -> None:
    discord = LoopbackDiscord("http://127.0.0.1:1")
    guild = discord.world.create_guild("G")
    channel = discord.world.create_channel(guild, "general")
    mina = discord.member(discord.world.create_member(guild, "Mina"))
    bits = str(int(Permission.MANAGE_GUILD))
    discord.commands.replace(
        None,
        [
            {"name": "announce", "description": "x", "default_member_permissions": bits},
            {"name": "helpme", "description": "x", "contexts": [0]},
            {"name": "about", "description": "x"},
        ],
    )
    assert [one["name"] for one in mina.commands(channel)] == ["helpme", "about"]
    assert [one["name"] for one in mina.commands(mina.dm_channel)] == ["announce", "about"]
    with pytest.raises(ApiError):
        discord.commands.get(guild.id, 1)


async def test_an_answer_after_three_seconds_is_too_late(desk: Desk) -> None:
    bot = desk.bot()
    seen: list[hikari.CommandInteraction] = []

    async def note(event: hikari.InteractionCreateEvent) -> None:
        assert isinstance(event.interaction, hikari.CommandInteraction)
        seen.append(event.interaction)

    bot.subscribe(hikari.InteractionCreateEvent, note)
    await bot.start(check_for_updates=False)
    desk.discord.commands.add(None, {"name": "late", "description": "x"})
    interaction = await desk.member("Mina", "fa").command("/late")
    await desk.discord.changes.until(lambda: interaction.failure, what="the failure")
    assert seen[0].locale == "fa"
    with pytest.raises(hikari.NotFoundError) as refusal:
        await seen[0].create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "too late")
    assert refusal.value.code == 10062
