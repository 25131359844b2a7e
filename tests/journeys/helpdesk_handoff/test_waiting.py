"""What a member hears who waits: hours, the queue, nobody free, everybody declined, and news that was lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frontdesk_helpdesk.flex_callbacks import INTERACTION_EVENTS, TASK_EVENTS
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.faults import HookFault

from tests.journeys.helpdesk_handoff.routings import ROUTINGS, helpdesk, in_both_routings
from tests.journeys.helpdesk_handoff.test_ends import TRANSFER, ask_for_a_person, count, the_bot_answers
from tests.journeys.stories import reach_a_person, stopped_cleanly


def closed_today() -> dict[str, Any]:
    """Hours of a desk that opens in two days."""
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%A").lower()
    return {"time_zone": "UTC", day: ["09:00-17:00"]}


@in_both_routings(hours=closed_today())
async def test_out_of_hours_a_request_becomes_a_case_and_nobody_is_rung(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    told = await member.sees("Our team is not here at the moment. We are back <t:", "dm")
    assert "CASE-" in told.content
    await the_bot_answers(member)
    assert not desk.sandbox.twilio.world.router.tasks
    assert count(member, TRANSFER) == 0
    assert count(member, "I did not find an answer") == 0, "the button's label is no question"


@ROUTINGS
@pytest.mark.desk(plugins=helpdesk(hours={**closed_today(), "outside": "queue"}))
async def test_an_owner_may_let_people_queue_out_of_hours(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)


@in_both_routings(queue={"news_seconds": 1})
async def test_members_hear_their_place_and_that_they_come_forward(desk: TestDesk, routing: str) -> None:
    house = desk.house
    amira = desk.sandbox.twilio.agent("amira")
    await ask_for_a_person(house.sam)
    await house.sam.sees("You are next. Nobody is free at this moment", "dm")
    await house.jonas.command("/hilfe")
    await house.jonas.click("Mit einem Menschen sprechen", where="dm")
    await house.jonas.sees("Du bist Nummer 2 in der Warteschlange. Im Moment ist niemand frei", "dm")
    desk.sandbox.twilio.world.clock.advance(240)
    await amira.available()
    await amira.accept()
    await house.jonas.sees("Du bist als Nächstes dran. Die Wartezeit beträgt meist etwa 4 Minuten.", "dm")
    assert count(house.jonas, "Nummer 2") == 1


@in_both_routings(queue={"nobody_free": "case"})
async def test_with_nobody_free_the_request_becomes_a_case_if_the_owner_says_so(
    desk: TestDesk, member: Member, routing: str
) -> None:
    await ask_for_a_person(member)
    await member.sees("Nobody is free at the moment, I am sorry. Your case stays open", "dm")
    tasks = desk.sandbox.twilio.world.router.tasks
    await desk.sandbox.changes.until(lambda: not any(task.live for task in tasks.values()), what="the task's end")
    await the_bot_answers(member)
    assert count(member, "was cancelled") == 0


@ROUTINGS
async def test_a_server_may_wait_otherwise_than_the_others(open_desk: OpenDesk, member: Member) -> None:
    own = {"queue": {"nobody_free": "case"}, "quiet_days": 0, "suggest": 0}
    desk = await open_desk(settings={"servers": {str(member.home.id): {"plugins": {"helpdesk": own}}}})
    await member.command("/helpme note:How do I reset my password?")
    await member.sees("Reset your password", "dm")
    await member.click("Talk to a person", where="dm")
    await member.sees("Nobody is free at the moment, I am sorry. Your case stays open", "dm")
    world = desk.sandbox.twilio.world
    (task,) = world.router.tasks.values()
    assert task.details["articles"] == []
    await world.advance(8 * 86400)
    assert [each.state.value for each in world.chat.conversations.values()] == ["active"]
    await stopped_cleanly(desk.bot)


@in_both_routings()
async def test_a_task_that_everybody_declines_is_told_once_and_keeps_its_place(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    tomas = desk.sandbox.twilio.agent("tomas")
    await tomas.available()
    await ask_for_a_person(member)
    await member.sees("You are next.", "dm")
    first = (await desk.sandbox.changes.until(lambda: [a for a in (agent, tomas) if a.offers()], what="an offer"))[0]
    other = tomas if first is agent else agent
    await first.reject()
    await other.reject()
    await member.sees("Nobody is free at this moment, but you keep your place.", "dm")
    await other.offline()
    await other.available()
    await other.accept()
    await member.sees("has joined", "dm")
    assert count(member, "you keep your place") == 1


@in_both_routings(reconcile_seconds=1)
async def test_news_that_is_lost_is_found_by_comparing(
    desk: TestDesk, member: Member, agent: Agent, routing: str
) -> None:
    faults = desk.sandbox.twilio.world.faults
    told = ("onParticipantAdded", "onParticipantRemoved", "onConversationStateUpdated")
    for name in {*TASK_EVENTS, *INTERACTION_EVENTS, *told}:
        faults.hooks(HookFault.DROP, name, times=None)
    await ask_for_a_person(member)
    await agent.accept()
    joined = await member.sees("has joined", "dm")
    await agent.leaves()
    await member.sees("I am the virtual agent again", "dm", after=joined, deadline=20)
    await the_bot_answers(member)
    assert count(member, "has joined") == 1
