"""A line of the agent that never reaches the member: the agent and the case are told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from frontdesk import (
    Case,
    CaseStatus,
    HandoffState,
    Line,
    Person,
    RelayedMessage,
    Speaker,
    hookimpl,
    message_relayed,
)
from frontdesk.twilio import Twilio
from frontdesk_helpdesk import Helpdesk, conversations, files
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.files import GivenFile, Source
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_sandbox.twilio import LoopbackTwilio

from tests.core.other_side import until
from tests.plugins.one_bot import Bot, open_room, run_bot

WORDS = "Restart the lantern."
NOT_DELIVERED = "Note from the desk: your message could not be delivered to the customer."


@dataclass
class Clock:
    """The bot's time."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Tell it."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Ear:
    """A plugin that hears what is said."""

    heard: list[RelayedMessage] = field(default_factory=list)

    @hookimpl(message_relayed)
    async def message_relayed(self, message: RelayedMessage) -> None:
        """Keep it."""
        self.heard.append(message)


@dataclass
class House:
    """A conversation with a case, and a line of the agent that waits for a member who takes no direct messages."""

    bot: Bot
    account: LoopbackTwilio
    twilio: Twilio
    conversation: Conversation
    ear: Ear
    clock: Clock

    def notes(self) -> list[str]:
        """What stands in the Twilio Conversation."""
        return self.account.world.chat.find(str(self.conversation.sid)).texts()

    async def send_file(self, *names: str) -> None:
        """Have the agent send files without words, as the bridge takes them in."""
        given = [GivenFile(Source.TWILIO, f"ME{name}", name, "application/pdf", 9) for name in names]
        key, conversation, now = "twilio:IM2", self.conversation, self.clock()
        async with self.bot.store.begin() as session:
            known = await files.register(session, conversation, key, given, lambda id_: f"http://desk/{id_}", now=now)
            line = Line(Speaker.AGENT, "Amira", files.with_links("", known), now)
            await conversations.add_line(session, conversation, key, line, words="", parts=1)
            await Outbox(self.bot.journal, to_twilio=True).to_discord(
                session, conversation, key, "**Amira:**", from_agent=True, files=known
            )

    async def end(self) -> None:
        """End the conversation on both sides."""
        rest = self.twilio.rest.conversations.v1
        await rest.conversations(self.conversation.sid).update_async(state="closed")
        async with self.bot.store.begin() as session:
            await conversations.enter(session, self.conversation, HandoffState.ENDED, now=datetime.now(UTC))

    async def pass_days(self) -> None:
        """Let the journal go on after more days than it has patience."""
        await self.bot.journal.stop(1)
        self.clock.ahead = timedelta(days=4)
        await self.bot.journal.start()
        async with asyncio.timeout(10):
            await self.bot.journal.idle()
        await self.bot.plugins["helpdesk"].stop()  # which lets the other plugins hear what they are being told


@pytest.fixture
async def house(tmp_path: Path, account: LoopbackTwilio, twilio: Twilio) -> AsyncIterator[House]:
    settings, ear, clock = {"helpdesk": {"fallback": "explain"}}, Ear(), Clock()
    plugins = {"helpdesk": Helpdesk}
    async with (
        open_room(tmp_path) as room,
        run_bot(room, plugins, settings=settings, twilio=twilio, others=(ear,), clock=clock) as bot,
    ):
        member = room.member("Sam")
        channel = await bot.bot.rest.create_dm_channel(member.user.id)
        created = await twilio.rest.conversations.v1.conversations.create_async()
        now = datetime.now(UTC)
        person = Person(member.user.id, room.guild.id, "Sam", "en-US")
        case = Case(1, room.guild.id, "CASE-1001", "agent_request", "Help", CaseStatus.OPEN, person, "http://x", now)
        line = Line(Speaker.AGENT, "Amira", WORDS, now)
        await member.close_dms()
        async with bot.store.begin() as session:
            opened = await conversations.create(session, person, channel_id=int(channel.id), last_discord_id=0, now=now)
            await conversations.change(session, opened.id, conversation_sid=created.sid, state="active")
            await conversations.keep_case(session, opened.id, case)
            await conversations.add_line(session, opened, "twilio:IM1", line, parts=1)
            await Outbox(bot.journal, to_twilio=True).to_discord(
                session, opened, "twilio:IM1", f"**Amira:** {WORDS}", from_agent=True
            )
        yield House(bot, account, twilio, replace(opened, sid=created.sid), ear, clock)


@pytest.mark.parametrize("ended", [False, True])
async def test_a_line_that_has_expired_is_told_to_the_agent_who_is_there_and_to_the_case(
    house: House, ended: bool
) -> None:
    await until(lambda: any("has closed direct messages" in text for text in house.notes()))
    if ended:
        await house.end()
    await house.pass_days()
    assert house.notes().count(NOT_DELIVERED) == (0 if ended else 1)
    (told,) = house.ear.heard
    assert told.case is not None
    assert (told.case.number, told.line.speaker) == ("CASE-1001", Speaker.VIRTUAL_AGENT)
    assert told.line.text == f"This line of Amira did not reach Sam, or not all of it: {WORDS}"
    assert told.key == f"helpdesk:{house.conversation.id}:twilio:IM1:undelivered"


async def test_files_without_words_that_never_arrive_are_told_to_the_case_by_their_names(house: House) -> None:
    await house.send_file("invoice.pdf", "map.pdf")
    await house.pass_days()
    told = {message.line.text for message in house.ear.heard if message.key.endswith("twilio:IM2:undelivered")}
    assert told == {"This line of Amira did not reach Sam, or not all of it: invoice.pdf\nmap.pdf"}
