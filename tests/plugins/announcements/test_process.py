"""The three small plugins in a real bot process, also when it is killed in the middle of a post."""

from typing import Any

import pytest
from frontdesk_sandbox.discord import Channel, Member
from frontdesk_sandbox.discord.model import MessageFlag
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk

PLUGINS: dict[str, Any] = {"announcements": True, "bug_report": True, "feature_request": True, "cases": True}


def titles(channel: Channel) -> list[str]:
    return [embed["title"] for message in channel.messages.values() for embed in message.embeds if "title" in embed]


@pytest.mark.desk(plugins=PLUGINS)
async def test_a_bug_and_an_idea_become_posts_and_cases(desk: TestDesk, member: Member) -> None:
    bug: dict[str, Any] = {"summary": "The map is black", "happened": "I opened it"}
    idea: dict[str, Any] = {"title": "Night mode", "idea": "A dark map"}
    await member.command("/bug")
    answer = await (await member.submit(**bug)).response()
    assert "Its number is" in answer.content
    await member.command("/new_feature")
    answer = await (await member.submit(**idea)).response()
    assert "Its number is" in answer.content
    assert titles(desk.house.bug_report) == ["The map is black"]
    assert titles(desk.house.feature_request) == ["Night mode"]
    assert all(message.content.startswith("**") for message in desk.house.bug_report.messages.values())


async def test_a_kill_before_discord_took_the_post_loses_nothing(open_desk: OpenDesk, moderator: Member) -> None:
    desk = await open_desk(plugins=PLUGINS)
    discord, channel = desk.sandbox.discord, desk.house.announcements
    fault = discord.faults.drop("before", "POST", rf"/channels/{channel.id}/messages$", times=100)
    asked = await moderator.command("/announce title:Season two text:It begins")
    answer = await asked.response()  # the moderator is not kept waiting for ever
    assert "is kept and will be posted" in answer.content
    assert fault.struck
    await desk.bot.kill()
    discord.faults.clear()
    await desk.bot.start()
    await discord.changes.until(lambda: titles(channel), deadline=10, what="the post")
    assert await desk.bot.stop() == 0
    assert titles(channel) == ["Season two"]


@pytest.mark.parametrize("nonces_forgotten", [False, True])
async def test_a_kill_after_discord_took_the_post_doubles_nothing(
    open_desk: OpenDesk, moderator: Member, nonces_forgotten: bool
) -> None:
    desk = await open_desk(plugins=PLUGINS)
    discord, channel = desk.sandbox.discord, desk.house.announcements
    discord.faults.drop("after", "POST", rf"/channels/{channel.id}/messages$", times=100)
    await moderator.command("/announce title:Season two text:It begins")
    await discord.changes.until(lambda: titles(channel), deadline=10, what="the post")
    await desk.bot.kill()  # it has never heard that the post is there
    discord.faults.clear()
    if nonces_forgotten:
        discord.world.nonces.clear()
    await desk.bot.start()
    published = int(MessageFlag.CROSSPOSTED)
    await discord.changes.until(
        lambda: any(message.flags & published for message in channel.messages.values()),
        deadline=10,
        what="the post among the followers: the last step",
    )
    assert await desk.bot.stop() == 0
    assert titles(channel) == ["Season two"]
