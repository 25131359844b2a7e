"""Direct messages that are closed, and direct messages that may not be opened as fast as people come."""

import asyncio
from typing import Any

import hikari
import pytest
from frontdesk_sandbox.discord import ChannelKind, Member, RefusedError
from frontdesk_sandbox.discord.ratelimits import Rate
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import NO_THREADS, heard, reach_a_person, said_by, stopped_cleanly


def private_threads(desk: TestDesk) -> list[str]:
    channels = desk.house.guild.channels.values()
    return [channel.name or "" for channel in channels if channel.kind is ChannelKind.PRIVATE_THREAD]


@ROUTINGS
async def test_a_private_thread_works_like_a_direct_message_and_is_closed_at_the_end(
    desk: TestDesk, agent: Agent
) -> None:
    noor, sam = desk.house.noor, desk.house.sam
    await noor.close_dms()
    answer = await (await noor.command("/helpme note:رمز من کار نمی‌کند")).response()
    assert "یک رشته‌ی خصوصی برایتان باز کردم" in answer.content
    name = private_threads(desk)[0]
    thread = desk.sandbox.discord.world.find_channel(name, desk.house.guild)
    assert str(thread.id) in answer.content
    assert thread.parent_id == desk.house.customer_service.id
    assert name.startswith("Noor")
    await noor.sees("سلام Noor", thread)
    with pytest.raises(RefusedError):
        await sam.say("What is going on here?", to=thread)
    for number in range(3):
        await noor.say(f"member line {number}", to=thread)
    await desk.house.moderator.say("Only passing by", to=thread)
    await noor.click("صحبت با یک نفر", on=await noor.sees("سلام Noor", thread))
    await agent.accept()
    await noor.sees("به گفتگو پیوست", thread)
    for number in range(3):
        await agent.says(f"agent line {number}")
    await noor.sees("agent line 2", thread)
    await agent.sees("member line 2")
    assert said_by(agent, "member line") == [f"member line {number}" for number in range(3)]
    assert "Only passing by" not in agent.conversation.texts()
    await agent.completes()
    await noor.sees("این گفتگو به پایان رسید", thread)
    await desk.sandbox.changes.until(lambda: thread.archived, what="the thread closed")
    assert private_threads(desk) == [name]


@ROUTINGS
async def test_a_conversation_moves_to_a_thread_when_messages_are_closed_and_goes_on_after_a_restart(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk()
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined", "dm")
    await member.close_dms()
    await agent.says("Are you still there?")
    thread = (await member.sees("Are you still there?")).channel_id
    place = desk.sandbox.discord.world.channels[thread]
    assert place.kind is ChannelKind.PRIVATE_THREAD
    await stopped_cleanly(desk.bot)
    await member.say("member line 0", to=place)
    await desk.bot.start()
    await member.say("member line 1", to=place)
    await agent.sees("member line 1")
    assert said_by(agent, "member line") == ["member line 0", "member line 1"]
    again = await (await member.command("/helpme")).response()
    assert f"/{desk.house.guild.id}/{place.id}" in again.content
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_only_the_member_asks_for_a_person_and_takes_it_back_in_a_thread(desk: TestDesk, agent: Agent) -> None:
    sam, moderator = desk.house.sam, desk.house.moderator
    await agent.offline()
    await sam.close_dms()
    await (await sam.command("/helpme")).response()
    thread = desk.sandbox.discord.world.find_channel(private_threads(desk)[0], desk.house.guild)
    greeting = await sam.sees("Hello Sam!", thread)
    refused = await (await moderator.click("Talk to a person", on=greeting)).response()
    assert "belongs to the member" in refused.content
    await sam.click("Talk to a person", on=greeting)
    transfer = await sam.sees("You are being transferred", thread)
    refused = await (await moderator.click("Never mind", on=transfer)).response()
    assert "belongs to the member" in refused.content
    assert any(task.live for task in desk.sandbox.twilio.world.router.tasks.values())


@ROUTINGS
async def test_what_was_said_before_the_move_stays_and_can_still_be_changed(
    open_desk: OpenDesk, member: Member, agent: Agent
) -> None:
    desk = await open_desk()
    await reach_a_person(member, agent)
    stays, goes, changes = [await member.say(f"member line {number}") for number in range(3)]
    await agent.says("agent line 0")
    await member.sees("agent line 0", "dm")
    await agent.sees("member line 2")
    await member.close_dms()
    await agent.says("Are you still there?")
    await member.sees("Are you still there?")
    await stopped_cleanly(desk.bot)
    await member.delete(goes)
    await member.edit(changes, "member line 2, as it should have been")
    await desk.bot.start()
    await agent.sees("as it should have been")
    await member.edit(stays, "member line 0, later")
    await agent.sees("member line 0, later")
    assert said_by(agent, "member line") == ["member line 0, later", "member line 2, as it should have been"]
    await agent.deletes("agent line 0")
    await desk.sandbox.changes.until(
        lambda: not any("agent line 0" in text for text in heard(member)), what="the line gone from the DM"
    )
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_where_no_thread_may_be_made_the_way_out_is_explained(desk: TestDesk) -> None:
    world, guild, jonas = desk.sandbox.discord.world, desk.house.guild, desk.house.jonas
    private = 1 << 36
    for role in guild.roles.values():
        if role.id == guild.id or role.bot_id == world.bot.id:
            role.permissions &= ~private
    await jonas.close_dms()
    answer = await (await jonas.command("/hilfe")).response()
    assert "Ich kann dir keine Direktnachrichten schicken" in answer.content
    assert private_threads(desk) == []
    await jonas.open_dms()
    await jonas.command("/hilfe")
    await jonas.sees("Hallo Jonas", "dm")


@pytest.mark.parametrize("settings", [{}, {"plugins": {"helpdesk": {"fallback": "thread"}}}])
async def test_a_bot_that_may_not_read_threads_starts_says_so_and_explains_the_way_out(
    open_desk: OpenDesk, sandbox: Sandbox, member: Member, settings: dict[str, Any]
) -> None:
    sandbox.discord.gateway.disallowed_intents = int(hikari.Intents.MESSAGE_CONTENT)
    desk = await open_desk(settings=settings)
    told = await desk.bot.logged("an intent is not granted")
    assert told["detail"].startswith("Message Content Intent is off, so helpdesk explains")
    await member.close_dms()
    answer = await (await member.command("/helpme")).response()
    assert "I cannot send you direct messages" in answer.content
    assert private_threads(desk) == []
    await stopped_cleanly(desk.bot)


@ROUTINGS
@pytest.mark.desk(settings=NO_THREADS)
async def test_an_owner_may_want_no_threads(desk: TestDesk, member: Member) -> None:
    assert not any(event["event"] == "an intent is not granted" for event in desk.bot.events)
    await member.close_dms()
    answer = await (await member.command("/helpme")).response()
    assert "I cannot send you direct messages" in answer.content
    await member.open_dms()
    await member.command("/helpme note:How do I reset my password?")
    await member.sees("Hello Sam!", "dm")
    await member.sees("Reset your password", "dm")


@ROUTINGS
async def test_new_people_wait_in_line_are_told_so_and_all_are_served_in_order(open_desk: OpenDesk) -> None:
    pace = {"plugins": {"helpdesk": {"new_dms_a_minute": 12, "new_dms_at_once": 1}}}
    desk = await open_desk(settings=pace)
    house = desk.house
    await house.sam.command("/helpme")
    await house.sam.sees("Hello Sam!", "dm")
    asked = await house.noor.command("/helpme")
    second = await house.jonas.command("/hilfe note:Wo ist mein Geld?")
    told = await second.response()
    assert "Du bist in der Reihe" in told.content
    again = await (await house.jonas.command("/hilfe note:Ich warte noch")).response()
    assert "Du bist in der Reihe" in again.content
    await house.noor.sees("سلام Noor", "dm")
    await asked.response()
    await house.jonas.sees("Hallo Jonas", "dm")
    await house.jonas.sees("Ich habe dir eine Direktnachricht geschickt")
    assert len([text for text in heard(house.jonas) if "Hallo Jonas" in text]) == 1
    assert house.noor.dm[0].id < house.jonas.dm[0].id
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_nobody_in_line_is_lost_when_discord_bars_new_channels_and_the_bot_is_killed(
    open_desk: OpenDesk,
) -> None:
    desk = await open_desk()
    house = desk.house
    desk.sandbox.discord.limits.dm_opens = Rate(1, 12.0)
    await house.sam.command("/helpme")
    await house.sam.sees("Hello Sam!", "dm")
    waits = await asyncio.gather(house.noor.command("/helpme note:تنها یک بار"), house.jonas.command("/hilfe"))
    assert "شما در نوبت هستید" in (await waits[0].response()).content
    await desk.bot.logged("Discord bars opening direct messages for now")
    await desk.bot.kill()
    desk.sandbox.discord.limits.dm_opens = Rate(200, 10.0)
    await desk.bot.start()
    await house.noor.sees("سلام Noor", "dm", deadline=20)
    await house.jonas.sees("Hallo Jonas", "dm", deadline=20)
    await stopped_cleanly(desk.bot)
