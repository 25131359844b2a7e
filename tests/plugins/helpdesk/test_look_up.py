"""A send that may have arrived is found again however much was said since, and nothing else is taken for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from frontdesk import Delivery, Entry, Person, State, register_deliveries
from frontdesk.twilio import Twilio
from frontdesk_helpdesk import Helpdesk, conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.outbox import Kind, Outbox
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.chat.state import Origin

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

MANY = 120
"""Lines that are newer than the one that is looked for: more than one page of either side."""


@dataclass
class House:
    """A conversation whose journal stands still, so that a test sends by itself."""

    bot: Bot
    room: Room
    account: LoopbackTwilio
    member: Member
    conversation: Conversation
    deliveries: Mapping[str, Delivery]

    async def write(self, key: str, text: str, *, to_discord: bool) -> Entry:
        """Write a line into the journal."""
        outbox = Outbox(self.bot.journal, to_twilio=True)
        async with self.bot.store.begin() as session:
            if to_discord:
                await outbox.to_discord(session, self.conversation, key, text, from_agent=True)
            else:
                await outbox.to_twilio(session, self.conversation, key, text, by_member=True)
        (record, *_) = await self.bot.journal.entries(limit=1)
        return record.entry

    async def deliver(self) -> None:
        """Let the journal deliver everything, and stand still again."""
        await self.bot.journal.start()
        async with asyncio.timeout(10):
            await self.bot.journal.idle()
        await self.bot.journal.stop(1)


@pytest.fixture
async def house(tmp_path: Path, account: LoopbackTwilio, twilio: Twilio) -> AsyncIterator[House]:
    async with open_room(tmp_path) as room, run_bot(room, {"helpdesk": Helpdesk}, twilio=twilio) as bot:
        await bot.journal.stop(0)
        member = room.member("Sam")
        channel = await bot.bot.rest.create_dm_channel(member.user.id)
        created = await twilio.rest.conversations.v1.conversations.create_async()
        now = datetime.now(UTC)
        person = Person(
            user_id=member.user.id, guild_id=room.guild.id, name="Sam", locale="en-US",
            account_created=now, joined_at=None, roles=(),
        )  # fmt: skip
        async with bot.store.begin() as session:
            opened = await conversations.create(session, person, channel_id=int(channel.id), last_discord_id=0, now=now)
            await conversations.change(session, opened.id, conversation_sid=created.sid)
        deliveries = bot.hooks.contribution("helpdesk", register_deliveries) or {}
        yield House(bot, room, account, member, replace(opened, sid=created.sid), deliveries)


async def test_a_line_of_the_member_is_found_among_many_newer_ones(house: House) -> None:
    delivery = house.deliveries[Kind.TO_TWILIO]
    entry = await house.write("discord:1", "hello", to_discord=False)
    sent = await delivery.send(entry)
    chat = house.account.world.chat
    for number in range(MANY):
        chat.say(chat.find(str(house.conversation.sid)), Origin("SDK", "amira"), author="amira", body=f"line {number}")
    assert await delivery.find(entry) == sent
    assert await delivery.find(replace(entry, key="another")) is None


async def test_only_what_can_be_it_is_read_in_twilio(house: House) -> None:
    delivery = house.deliveries[Kind.TO_TWILIO]
    chat, conversation = house.account.world.chat, str(house.conversation.sid)
    for number in range(3 * MANY):
        chat.say(chat.find(conversation), Origin("SDK", "amira"), author="amira", body=f"line {number}")
    entry = await house.write("discord:1", "hello", to_discord=False)
    calls = house.account.calls
    assert await delivery.find(replace(entry, created_at=entry.created_at + timedelta(seconds=600))) is None
    assert house.account.calls - calls == 1


async def test_a_line_of_the_agent_is_found_among_many_newer_ones(house: House) -> None:
    delivery = house.deliveries[Kind.TO_DISCORD]
    entry = await house.write("IM1", "hello", to_discord=True)
    sent = await delivery.send(entry)
    for number in range(MANY):
        await house.member.say(f"line {number}", to="dm")
    assert await delivery.find(entry) == sent


async def test_a_line_of_the_agent_is_found_though_the_clocks_differ(house: House) -> None:
    delivery = house.deliveries[Kind.TO_DISCORD]
    entry = await house.write("IM1", "hello", to_discord=True)
    sent = await delivery.send(entry)
    assert await delivery.find(replace(entry, created_at=entry.created_at + timedelta(seconds=30))) == sent


async def test_the_same_words_said_before_are_not_taken_for_a_line_of_the_agent(house: House) -> None:
    delivery = house.deliveries[Kind.TO_DISCORD]
    await house.write("IM0", "ok", to_discord=True)
    await house.deliver()
    entry = await house.write("IM1", "ok", to_discord=True)
    for number in range(3):  # what waits behind it
        await house.write(f"later {number}", "ok", to_discord=True)
    assert await delivery.find(entry) is None
    sent = await delivery.send(entry)
    assert await delivery.find(entry) == sent
    done = await house.bot.journal.entries(state=State.DONE)
    assert len(done) == 1


async def test_a_reaction_is_told_of_however_much_waits_behind_it(house: House) -> None:
    outbox = Outbox(house.bot.journal, to_twilio=True)
    now = datetime.now(UTC)
    async with house.bot.store.begin() as session:
        await outbox.reaction(session, house.conversation, 1, emoji="👍", quote="hello", reacted_at=now)
    (reaction,) = await house.bot.journal.entries(limit=1)
    async with house.bot.store.begin() as session:
        for number in range(501):
            await outbox.to_twilio(session, house.conversation, f"discord:{number}", "line", by_member=True)
    assert "message_sid" in await house.deliveries[Kind.REACTION].send(reaction.entry)


@pytest.mark.parametrize(("state", "said"), [("requested", 1), ("failed", 0), ("cancelled", 0)])
async def test_asking_for_a_person_is_not_said_after_the_request_is_over(house: House, state: str, said: int) -> None:
    outbox = Outbox(house.bot.journal, to_twilio=True)
    async with house.bot.store.begin() as session:
        await outbox.case(session, house.conversation)
    (record,) = await house.bot.journal.entries(limit=1)
    async with house.bot.store.begin() as session:
        await conversations.change(session, house.conversation.id, state=state)
        await house.deliveries[Kind.CASE].settled(session, record.entry, {})
    told = [each for each in await house.bot.journal.entries(limit=10) if each.entry.kind == Kind.TO_DISCORD]
    assert len(told) == said
