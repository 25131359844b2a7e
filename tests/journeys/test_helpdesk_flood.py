"""A member floods the desk: they are slowed down and told once, nothing is lost, and nobody else waits."""

import asyncio
import re
from itertools import pairwise

from frontdesk_sandbox.discord import Exchange, File, Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS, in_both_routings
from tests.journeys.stories import heard, reach_a_person, said_by

LINES = 200
A_SECOND, AT_ONCE = 8, 20
EDITS = 40
FILES = 10
SLOWED = "You write faster than I can pass it on"


def brake(lines_a_second: int, lines_at_once: int) -> dict[str, int]:
    """Give the settings of a brake."""
    return {"lines_a_minute": lines_a_second * 60, "lines_at_once": lines_at_once}


@in_both_routings(relay=brake(A_SECOND, AT_ONCE))
async def test_two_hundred_lines_in_ten_seconds_are_slowed_down_and_all_arrive_in_order(
    desk: TestDesk, agent: Agent, routing: str
) -> None:
    del routing
    sam, noor, tomas = desk.house.sam, desk.house.noor, desk.sandbox.twilio.agent("tomas")
    await reach_a_person(sam, agent)
    await agent.offline()
    await tomas.available()
    await noor.command("/helpme")
    await noor.sees("Noor", "dm")
    await noor.say("لطفا من را به یک اپراتور وصل کنید")
    await tomas.accept()
    await noor.sees("Tomas Lind", "dm")

    wanted = [f"line {number}" for number in range(LINES)]
    async with asyncio.timeout(18):  # on a slow machine too the member is faster than the brake
        for text in wanted:
            await sam.say(text, to="dm")
    await noor.say("A question of mine", to="dm")
    await tomas.sees("A question of mine", deadline=2)
    assert len(said_by(agent, "line")) < LINES, "the other member has waited for the flood to end"
    await sam.sees(SLOWED, "dm")

    changes = desk.sandbox.changes
    await changes.until(lambda: wanted[-1] in said_by(agent, "line"), deadline=60, what="the last line")
    assert said_by(agent, "line") == wanted
    assert [text for text in heard(sam) if SLOWED in text] == [heard(sam)[-1]]
    assert not [text for text in heard(noor) if "سریع‌تر" in text]
    arrived = [m.created for m in agent.conversation.messages.values() if m.body.startswith("line")]
    assert (arrived[-1] - arrived[0]).total_seconds() >= (LINES - AT_ONCE) / A_SECOND * 0.8
    assert all(before <= after for before, after in pairwise(arrived))


@in_both_routings(relay=brake(A_SECOND, 4))
async def test_each_of_many_files_takes_its_turn(desk: TestDesk, member: Member, agent: Agent, routing: str) -> None:
    del routing
    await reach_a_person(member, agent)
    wanted = [f"photo-{number}.png" for number in range(3 * FILES)]
    for first in range(0, len(wanted), FILES):
        await member.say(attachments=[File(name, b"png", "image/png") for name in wanted[first : first + FILES]])
    await member.say("That was all", to="dm")
    await agent.sees("That was all", deadline=20)
    arrived = [message for message in agent.conversation.messages.values() if message.media]
    assert [media.filename for message in arrived for media in message.media] == wanted
    assert (arrived[-1].created - arrived[0].created).total_seconds() >= (len(wanted) - 4) / A_SECOND * 0.8
    assert sum(SLOWED in text for text in heard(member)) == 1


@in_both_routings(relay=brake(1, 3))
async def test_many_edits_of_a_line_become_few_and_the_last_words_stand(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    del routing
    changed: list[str] = []
    desk.sandbox.twilio.on_exchange.append(
        lambda exchange: changed.append(exchange.path) if "/Messages/IM" in exchange.path else None
    )
    await reach_a_person(member, agent)
    said = await member.say("words 0", to="dm")
    await agent.sees("words 0")
    was_read = asyncio.Event()

    def hear(exchange: Exchange) -> None:
        if exchange.method == "GET" and exchange.path.endswith(f"/messages/{said.id}"):
            was_read.set()

    desk.sandbox.discord.on_exchange = hear
    for number in range(1, EDITS + 1):
        was_read.clear()
        await member.edit(said, f"words {number}")
        async with asyncio.timeout(5):
            await was_read.wait()
    await member.say("a line after them", to="dm")
    await agent.sees("a line after them", deadline=20)
    assert [text for text in agent.conversation.texts() if text.startswith("words")] == [f"words {EDITS}"]
    assert 1 <= len(changed) <= EDITS // 4, "changes were sent that nobody needed to see"


@ROUTINGS
async def test_many_edits_of_an_agents_line_become_few_too(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    said = await agent.says("words 0")
    await member.sees("words 0", "dm")
    slow = desk.sandbox.discord.faults.delay(0.5, "PATCH", "/messages/", times=EDITS)
    for number in range(1, EDITS + 1):
        await agent.edits(said, f"words {number}")
    await desk.sandbox.twilio.world.settled()
    await member.sees(f"words {EDITS}", "dm", deadline=20)
    assert 1 <= slow.struck <= EDITS // 4, "changes were sent that nobody needed to see"


@in_both_routings(relay=brake(1, 1))
async def test_many_reactions_to_a_message_are_told_together_each_once(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    del routing
    await reach_a_person(member, agent)
    await agent.says("It is fixed now.")
    said = await member.sees("It is fixed now.", "dm")
    emojis = list("👍🎉😀😎🚀🌟🍀🔥🎈🐙")
    for emoji in emojis:
        await member.react(said, emoji)
    for emoji in emojis:
        await member.unreact(said, emoji)
    await agent.sees(f"{emojis[-1]} back", deadline=20)
    for told in (r"reacted with (.*) to “It is fixed now.”", r"took (.*) back from “It is fixed now.”"):
        found = [re.search(told, text) for text in agent.conversation.texts()]
        notes = [each[1].split() for each in found if each is not None]
        assert [emoji for note in notes for emoji in note] == emojis
        assert len(notes) <= len(emojis) // 2


@in_both_routings(relay=brake(5, 4))
async def test_the_virtual_agent_answers_a_flood_of_questions_at_the_pace(
    desk: TestDesk, member: Member, routing: str
) -> None:
    del routing
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    questions = [f"How do I reset my password, question {number}?" for number in range(12)]
    for question in questions:
        await member.say(question, to="dm")
    changes = desk.sandbox.changes

    def answers() -> int:
        return sum("Reset your password" in text for text in heard(member))

    await member.sees(SLOWED, "dm")
    assert answers() < len(questions)
    await changes.until(lambda: answers() == len(questions), deadline=20, what="an answer to each")
    assert sum(SLOWED in text for text in heard(member)) == 1
    world = desk.sandbox.twilio.world.chat
    (conversation,) = world.conversations.values()
    await changes.until(
        lambda: [text for text in conversation.texts() if text in questions] == questions, what="all lines in order"
    )
