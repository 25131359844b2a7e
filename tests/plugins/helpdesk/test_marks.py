"""What the agent is told of a member's reactions: the last word is the truth, also where notes were lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from frontdesk import HandoffState, Line, Person, Speaker
from frontdesk.twilio import Twilio
from frontdesk_helpdesk import Helpdesk, conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.marks import Marks
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_sandbox.twilio import LoopbackTwilio, RestFault

from tests.core.other_side import until
from tests.plugins.one_bot import Bot, open_room, run_bot

MESSAGE = 1


@dataclass
class Clock:
    """The bot's time."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Tell it."""
        return datetime.now(UTC) + self.ahead


@dataclass
class House:
    """A conversation with an agent, a line of theirs, and a journal that stands still."""

    bot: Bot
    account: LoopbackTwilio
    conversation: Conversation
    clock: Clock
    marks: Marks = field(init=False)

    def __post_init__(self) -> None:
        """Take in reactions as the helpdesk does."""
        self.marks = Marks(self.bot.desks["helpdesk"], Outbox(self.bot.journal, to_twilio=True))

    async def given(self, *emojis: str) -> None:
        """Have the member react."""
        for emoji in emojis:
            await self.marks.take_in(self.conversation.id, (MESSAGE, emoji), is_gone=False)

    async def taken_back(self, *emojis: str) -> None:
        """Have the member take reactions back."""
        for emoji in emojis:
            await self.marks.take_in(self.conversation.id, (MESSAGE, emoji), is_gone=True)

    async def deliver(self) -> None:
        """Let the journal deliver everything, and stand still again."""
        await self.bot.journal.start()
        async with asyncio.timeout(10):
            await self.bot.journal.idle()
        await self.bot.journal.stop(1)

    def notes(self) -> list[str]:
        """What the agent was told."""
        texts = self.account.world.chat.find(str(self.conversation.sid)).texts()
        return [text.removeprefix("Note from the desk: the customer ").partition(" “")[0] for text in texts]


@pytest.fixture(params=["studio", "direct"])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, account: LoopbackTwilio, twilio: Twilio
) -> AsyncIterator[House]:
    settings, clock = {"helpdesk": {"routing": request.param}}, Clock()
    async with (
        open_room(tmp_path) as room,
        run_bot(room, {"helpdesk": Helpdesk}, settings=settings, twilio=twilio, clock=clock) as bot,
    ):
        await bot.journal.stop(0)
        created = await twilio.rest.conversations.v1.conversations.create_async()
        now = datetime.now(UTC)
        person = Person(room.member("Sam").user.id, room.guild.id, "Sam", "en-US")
        line = Line(Speaker.AGENT, "Amira", "It is fixed now.", now)
        async with bot.store.begin() as session:
            opened = await conversations.create(session, person, channel_id=2, last_discord_id=0, now=now)
            state = HandoffState.ACTIVE
            await conversations.change(session, opened.id, conversation_sid=created.sid, state=state.value)
            await conversations.add_line(session, opened, "twilio:IM1", line, discord_id=MESSAGE)
        yield House(bot, account, replace(opened, sid=created.sid), clock)


async def test_each_turn_is_told_and_nothing_twice(house: House) -> None:
    for _ in range(2):
        await house.given("👍", "👍")
        await house.taken_back("👍", "👍")
    await house.given("👍")
    await house.deliver()
    await house.given("👍")
    await house.deliver()
    assert house.notes() == [*("reacted with 👍 to", "took 👍 back from") * 2, "reacted with 👍 to"]


async def test_a_reaction_whose_note_has_expired_is_taken_back_in_silence_and_told_when_given_again(
    house: House,
) -> None:
    await house.given("👍")
    house.clock.ahead = timedelta(days=4)
    await house.deliver()
    await house.taken_back("👍")
    await house.deliver()
    assert house.notes() == []
    await house.given("👍")
    await house.taken_back("👍")
    await house.deliver()
    assert house.notes() == ["reacted with 👍 to", "took 👍 back from"]


async def test_a_reaction_that_was_left_to_a_note_that_has_expired_is_taken_back_in_silence(house: House) -> None:
    await house.given("🎉", "👍")
    fault = house.account.faults.rest(RestFault.ERROR_BEFORE, "Messages", method="POST", times=None)
    await house.bot.journal.start()
    await until(lambda: fault.happened > 0)
    await house.bot.journal.stop(1)
    house.clock.ahead = timedelta(days=4)
    house.account.faults.clear()
    await house.deliver()
    await house.taken_back("🎉", "👍")
    await house.deliver()
    assert house.notes() == []


async def test_what_was_told_since_the_reactions_were_read_is_newer(house: House) -> None:
    before = await house.marks.told(house.conversation.id)
    await house.given("👍")
    await house.taken_back("👍")
    await house.marks.take_in(house.conversation.id, (MESSAGE, "👍"), is_gone=False, told=before)
    await house.deliver()
    assert house.notes() == ["reacted with 👍 to", "took 👍 back from"]
