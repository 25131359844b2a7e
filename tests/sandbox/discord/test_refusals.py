"""Limits, permissions and faults, as a real hikari client meets them."""

import datetime as dt

import hikari
import pytest
from frontdesk_sandbox.discord import ApiError, ChannelKind, Permission
from frontdesk_sandbox.discord import commands as registered
from frontdesk_sandbox.discord.ratelimits import Rate
from hikari.impl import MessageActionRowBuilder

from tests.sandbox.discord.bot_desk import Desk


def _rows(count: int, same_id: bool = False) -> list[MessageActionRowBuilder]:
    rows = []
    for index in range(count):
        row = MessageActionRowBuilder()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "x" if same_id else f"x{index}", label="x")
        rows.append(row)
    return rows


async def test_messages_that_discord_does_not_take(desk: Desk) -> None:
    bot = desk.bot()
    await desk.start(bot)
    rest, channel = bot.rest, desk.general.id
    with pytest.raises(hikari.BadRequestError) as refusal:
        await rest.create_message(channel, "x" * 2001)
    assert refusal.value.code == 50035
    assert refusal.value.errors == {
        "content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}
    }
    with pytest.raises(hikari.BadRequestError) as refusal:
        await rest.create_message(channel)
    assert refusal.value.code == 50006
    big = [hikari.Embed(description="x" * 3001) for _ in range(2)]
    for bad in ({"embeds": big}, {"components": _rows(6)}, {"components": _rows(2, same_id=True)}):
        with pytest.raises(hikari.BadRequestError) as refusal:
            await rest.create_message(channel, **bad)
        assert refusal.value.code == 50035
    assert desk.general.messages == {}
    for missing, code in ((desk.guild.id, 10003),):
        with pytest.raises(hikari.NotFoundError) as gone:
            await rest.create_message(missing, "x")
        assert gone.value.code == code
    with pytest.raises(hikari.NotFoundError) as gone:
        await rest.delete_message(channel, 1)
    assert gone.value.code == 10008


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Has Space", "description": "x"},
        {"name": "Upper", "description": "x"},
        {"name": "x", "description": ""},
        {"name": "x", "description": "x", "name_localizations": {"fa": "x"}},
        {
            "name": "x",
            "description": "x",
            "options": [
                {"type": 3, "name": "a", "description": "x"},
                {"type": 3, "name": "b", "description": "x", "required": True},
            ],
        },
        {"name": "x", "description": "x", "options": [{"type": 3, "name": "a", "description": "x"}] * 2},
    ],
)
def test_commands_that_discord_does_not_take(command: dict[str, object]) -> None:
    with pytest.raises(ApiError) as refusal:
        registered.clean(command, "0")
    assert refusal.value.body["code"] == 50035


async def test_people_who_take_no_direct_messages(desk: Desk) -> None:
    bot = desk.bot()
    await desk.start(bot)
    for how, code in (("close_dms", 50007), ("block", 50007), ("leave", 50278)):
        mina = desk.member(how)
        dm = await bot.rest.create_dm_channel(mina.user.id)
        await bot.rest.create_message(dm, "before")
        await getattr(mina, how)()
        with pytest.raises(hikari.ForbiddenError) as refusal:
            await bot.rest.create_message(dm, "after")
        assert refusal.value.code == code
        assert [one.content for one in mina.dm] == ["before"]


async def test_opening_direct_messages_too_fast(desk: Desk) -> None:
    bot = desk.bot()
    await desk.start(bot)
    desk.discord.limits.dm_opens = Rate(1, 60)
    mina, omid = desk.member(), desk.member("Omid")
    for _ in range(2):
        await bot.rest.create_dm_channel(mina.user.id)
    with pytest.raises(hikari.ForbiddenError) as refusal:
        await bot.rest.create_dm_channel(omid.user.id)
    assert refusal.value.code == 40003


async def test_permissions_come_from_roles_and_overwrites(desk: Desk) -> None:
    bot, world = desk.bot(), desk.discord.world
    await desk.start(bot)
    role = next(one for one in desk.guild.roles.values() if one.bot_id)
    role.permissions &= ~Permission.MANAGE_CHANNELS
    with pytest.raises(hikari.ForbiddenError) as refusal:
        await bot.rest.create_guild_text_channel(desk.guild.id, "new")
    assert refusal.value.code == 50013
    role.permissions |= Permission.MANAGE_CHANNELS
    made = await bot.rest.create_guild_text_channel(
        desk.guild.id,
        "case 7",
        topic="a case",
        permission_overwrites=[
            hikari.PermissionOverwrite(
                id=desk.guild.id,
                type=hikari.PermissionOverwriteType.ROLE,
                deny=hikari.Permissions.VIEW_CHANNEL,
            ),
            hikari.PermissionOverwrite(
                id=world.bot.id,
                type=hikari.PermissionOverwriteType.MEMBER,
                allow=hikari.Permissions.VIEW_CHANNEL,
            ),
        ],
    )
    channel = world.channel(made.id)
    assert channel.name == "case-7"
    assert not world.sees(desk.member().user, channel)
    assert world.sees(world.bot, channel)
    await bot.rest.delete_channel(made.id)
    assert channel.deleted


async def test_429_is_obeyed_and_5xx_is_repeated(desk: Desk) -> None:
    bot, faults = desk.bot(), desk.discord.faults
    await desk.start(bot)
    limited = faults.answer(429, "POST", "/messages$", retry_after=0.05)
    broken = faults.answer(502, "PATCH", "/messages/")
    sent = await bot.rest.create_message(desk.general.id, "once")
    await bot.rest.edit_message(desk.general.id, sent.id, "twice")
    assert (limited.struck, broken.struck) == (1, 1)
    assert dict(faults.injected) == {"status 429": 1, "status 502": 1}
    assert [one.content for one in desk.general.messages.values()] == ["twice"]


async def test_buckets_are_counted(desk: Desk) -> None:
    bot = desk.bot()
    await desk.start(bot)
    desk.discord.limits.rates["POST", "/channels/{channel}/messages"] = Rate(2, 0.4)
    begin = dt.datetime.now(dt.UTC)
    for index in range(5):
        await bot.rest.create_message(desk.general.id, str(index))
    assert (dt.datetime.now(dt.UTC) - begin).total_seconds() > 0.7
    assert [one.content for one in desk.general.messages.values()] == list("01234")


async def test_a_request_repeated_by_hikari_after_a_cut_connection_is_not_doubled(desk: Desk) -> None:
    bot, faults = desk.bot(), desk.discord.faults
    await desk.start(bot)
    for when in ("before", "after"):
        faults.drop(when, "POST", "/messages$")
        await bot.rest.create_message(desk.general.id, when, nonce=when)
    assert [one.content for one in desk.general.messages.values()] == ["before", "after"]
    assert dict(faults.injected) == {"drop before": 1, "drop after": 1}


async def test_a_timeout_is_28_days_at_most(desk: Desk) -> None:
    bot, mina = desk.bot(), desk.member()
    await desk.start(bot)
    now = dt.datetime.now(dt.UTC)
    with pytest.raises(hikari.BadRequestError):
        await bot.rest.edit_member(desk.guild.id, mina.user.id, communication_disabled_until=now + dt.timedelta(29))
    until = now + dt.timedelta(1)
    await bot.rest.edit_member(desk.guild.id, mina.user.id, communication_disabled_until=until)
    assert not desk.discord.world.permissions(mina.user, desk.general) & Permission.SEND_MESSAGES


async def test_announcements_are_crossposted_ten_times_an_hour(desk: Desk) -> None:
    bot = desk.bot()
    await desk.start(bot)
    news = desk.discord.world.create_channel(desk.guild, "news", ChannelKind.ANNOUNCEMENT)
    for _ in range(10):
        message = await bot.rest.create_message(news.id, "news")
        crossposted = await bot.rest.crosspost_message(news.id, message.id)
        assert crossposted.flags & hikari.MessageFlag.CROSSPOSTED
    message = await bot.rest.create_message(news.id, "one more")
    with pytest.raises(hikari.RateLimitTooLongError):
        await bot.rest.crosspost_message(news.id, message.id)
