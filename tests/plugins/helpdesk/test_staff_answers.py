"""Answers that staff give on a case go into the open conversation once, and what is told of them is true."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from frontdesk import HandoffState, Person, Relayed, RelayState, Speaker, StaffAnswer
from frontdesk.tables import journal
from frontdesk_helpdesk import Helpdesk, conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_helpdesk.staff_answers import StaffAnswers
from frontdesk_sandbox.discord import Member

from tests.plugins.one_bot import Bot, open_room, run_bot

ARRIVED, UNDER_WAY = Relayed(RelayState.ARRIVED), Relayed(RelayState.UNDER_WAY)
CLOSED = Relayed(RelayState.REFUSED, "dm-closed")
MANY = 120
"""Messages of a conversation that came after an answer: more than the journal gives at once."""


@dataclass
class House:
    """A bot in whose helpdesk a member has a conversation."""

    bot: Bot
    member: Member
    conversation: Conversation
    answers: StaffAnswers
    outbox: Outbox

    @property
    def answer(self) -> StaffAnswer:
        """What staff wrote."""
        now = datetime.now(UTC)
        return StaffAnswer("case:7", self.conversation.id, self.conversation.person, "Amira", "Look *up*.", now)

    def heard(self) -> list[str]:
        """What the member got."""
        return [message.content for message in self.member.dm if message.author is not self.member.user]

    async def said(self) -> list[tuple[Speaker, str, str]]:
        """What stands in the transcript."""
        async with self.bot.store.read() as session:
            lines = await conversations.said_in(session, self.conversation.id)
        return [(line.speaker, line.name, line.text) for line in lines]

    async def end(self) -> None:
        """End the conversation."""
        async with self.bot.store.begin() as session:
            await conversations.enter(session, self.conversation, HandoffState.ENDED, now=datetime.now(UTC))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_room(tmp_path) as room, run_bot(room, {"helpdesk": Helpdesk}) as bot:
        member = room.member("Sam")
        channel = await bot.bot.rest.create_dm_channel(member.user.id)
        person = Person(member.user.id, room.guild.id, "Sam", "en-US")
        async with bot.store.begin() as session:
            now = datetime.now(UTC)
            opened = await conversations.create(session, person, channel_id=int(channel.id), last_discord_id=0, now=now)
        outbox = Outbox(bot.journal, to_twilio=False)
        yield House(bot, member, opened, StaffAnswers(bot.desks["helpdesk"], outbox, patience=3), outbox)


async def test_an_answer_reaches_the_member_and_the_transcript_once_however_often_it_is_asked_for(house: House) -> None:
    assert [await house.answers.take_in(house.answer) for _ in range(2)] == [ARRIVED] * 2
    assert house.heard() == ["**Amira:** Look *up*."]
    assert await house.said() == [(Speaker.AGENT, "Amira", "Look *up*.")]


async def test_a_long_answer_has_arrived_when_all_of_it_has(house: House) -> None:
    words = " ".join(f"ember{number}" for number in range(600))
    assert await house.answers.take_in(replace(house.answer, text=words)) == ARRIVED
    assert " ".join(house.heard()).removeprefix("**Amira:** ") == words
    assert len(house.heard()) > 1


async def test_a_conversation_that_has_ended_takes_no_answer(house: House) -> None:
    await house.end()
    assert await house.answers.take_in(house.answer) is None
    assert (house.heard(), await house.said()) == ([], [])


async def test_an_answer_that_was_taken_before_the_end_is_still_known(house: House) -> None:
    await house.answers.take_in(house.answer)
    await house.end()
    assert await house.answers.take_in(house.answer) == ARRIVED
    assert len(house.heard()) == 1


async def test_somebody_elses_conversation_and_one_that_is_not_there_take_no_answer(house: House) -> None:
    other = replace(house.conversation.person, user_id=house.conversation.person.user_id + 1)
    assert await house.answers.take_in(replace(house.answer, person=other)) is None
    assert await house.answers.take_in(replace(house.answer, conversation_id=99)) is None
    assert (house.heard(), await house.said()) == ([], [])


async def test_a_member_who_takes_no_messages_is_told_of_also_when_asked_again_later(house: House) -> None:
    await house.member.close_dms()
    assert await house.answers.take_in(house.answer) == CLOSED
    await house.member.open_dms()
    async with house.bot.store.begin() as session:
        for number in range(MANY):
            await house.outbox.to_discord(session, house.conversation, f"notice:{number}", f"notice {number}")
    await house.bot.journal.idle()
    assert len(house.heard()) == MANY
    assert await house.answers.take_in(house.answer) == CLOSED, "an old refusal is found"


@pytest.mark.parametrize("takes", [True, False])
async def test_what_is_under_way_is_not_said_to_have_arrived(house: House, takes: bool) -> None:
    await house.bot.journal.stop(0)
    waiting = StaffAnswers(house.bot.desks["helpdesk"], house.outbox, patience=0.01)
    assert [await waiting.take_in(house.answer) for _ in range(2)] == [UNDER_WAY] * 2
    if not takes:
        await house.member.close_dms()
    await house.bot.journal.start()
    await house.bot.journal.idle()
    assert await waiting.take_in(house.answer) == (ARRIVED if takes else CLOSED)
    assert len(house.heard()) == int(takes)


async def test_an_answer_that_the_journal_has_forgotten_has_arrived_all_the_same(house: House) -> None:
    await house.answers.take_in(house.answer)
    async with house.bot.store.begin() as session:
        await session.execute(sa.delete(journal))
    assert await house.answers.take_in(house.answer) == ARRIVED
