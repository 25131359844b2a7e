"""Networks and services misbehave in a conversation: each line arrives once and in order on both sides."""

from collections.abc import Callable

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent, HookFault, RestFault

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import figures, get, heard, heard_from, reach_a_person, said_by, stopped_cleanly

AMIRA = "Amira Haddad"


class Talk:
    """Both sides number what they say."""

    def __init__(self, desk: TestDesk, member: Member, agent: Agent) -> None:
        self._changes = desk.sandbox.changes
        self._member = member
        self._agent = agent
        self._said = 0

    async def go_on(self, lines: int = 3) -> None:
        """Say some lines on both sides."""
        for number in range(self._said, self._said + lines):
            await self._member.say(f"member line {number}")
            await self._agent.says(f"agent line {number}")
        self._said += lines

    async def is_whole(self) -> None:
        """Wait until everything has arrived, and look at it."""
        await self._has_arrived("agent", lambda: heard_from(self._member, AMIRA))
        await self._has_arrived("member", lambda: said_by(self._agent, "member line"))

    async def _has_arrived(self, side: str, arrived: Callable[[], list[str]]) -> None:
        wanted = [f"{side} line {number}" for number in range(self._said)]
        await self._changes.until(lambda: set(wanted) <= set(arrived()), deadline=30, what=f"all of {wanted}")
        assert arrived() == wanted


@ROUTINGS
async def test_reordered_doubled_and_dropped_webhooks(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    faults, talk = desk.sandbox.twilio.faults, Talk(desk, member, agent)
    rules = []
    for kind in (HookFault.REORDER, HookFault.DUPLICATE, HookFault.DROP, HookFault.DELAY):
        rules.append(faults.hooks(kind, "onMessageAdded", times=2, seconds=0.1))
        await talk.go_on(4)
    await desk.sandbox.twilio.world.settled()
    await talk.go_on(1)
    await talk.is_whole()
    assert [rule.happened for rule in rules] == [2, 2, 2, 2]


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"reconcile_seconds": 1.0}})
async def test_webhooks_that_never_come_are_made_up_for(desk: TestDesk, member: Member, agent: Agent) -> None:
    faults, talk = desk.sandbox.twilio.faults, Talk(desk, member, agent)
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("You are being transferred", "dm")
    dropped = faults.hooks(HookFault.DROP, times=None)
    await agent.accept()
    await member.sees(f"**{AMIRA}** has joined", "dm")
    await talk.go_on()
    await talk.is_whole()
    await agent.completes()
    await member.sees("This conversation has ended", "dm")
    assert dropped.happened > 3


@ROUTINGS
async def test_the_last_line_is_told_before_the_end_though_its_webhook_never_comes(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    dropped = desk.sandbox.twilio.faults.hooks(HookFault.DROP, "onMessageAdded", times=None)
    for line in ("agent line 0", "agent line 1"):
        await agent.says(line)
    await agent.completes()
    await member.sees("This conversation has ended", "dm")
    assert heard(member)[-3:-1] == [f"**{AMIRA}:** agent line 0", f"**{AMIRA}:** agent line 1"]
    assert dropped.happened


@ROUTINGS
async def test_an_agent_who_is_heard_before_they_are_told_of_gets_their_name(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("You are being transferred", "dm")
    desk.sandbox.twilio.faults.hooks(HookFault.DELAY, "onParticipantAdded", times=None, seconds=1.5)
    desk.sandbox.twilio.faults.hooks(HookFault.DROP, where="/interactions", times=None)
    await agent.accept()
    await agent.says("agent line 0")
    await member.sees("agent line 0", "dm")
    await desk.sandbox.twilio.world.settled()
    await agent.says("agent line 1")
    await member.sees(f"**{AMIRA}:** agent line 1", "dm")


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"reconcile_seconds": 1.0}})
async def test_lines_are_read_though_taskrouter_does_not_answer(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    refused = desk.sandbox.twilio.faults.rest(
        RestFault.ERROR_BEFORE, "taskrouter.*Tasks$", method="GET", times=None, status=400
    )
    desk.sandbox.twilio.faults.hooks(HookFault.DROP, "onMessageAdded", times=None)
    await agent.says("agent line 0")
    await member.sees("agent line 0", "dm")
    assert refused.happened


@ROUTINGS
async def test_the_gateway_asks_to_reconnect_breaks_and_forgets_the_session(
    desk: TestDesk, member: Member, agent: Agent
) -> None:
    await reach_a_person(member, agent)
    gateway, talk = desk.sandbox.discord.gateway, Talk(desk, member, agent)
    changes = desk.sandbox.changes
    await talk.go_on()
    gateway.ask_to_reconnect()
    await talk.go_on()
    await changes.until(lambda: gateway.resumed == 1, what="a resume")
    gateway.drop_sockets()
    await talk.go_on()
    await changes.until(lambda: gateway.resumed == 2, deadline=20, what="a second resume")
    gateway.invalidate()
    await talk.go_on()
    await changes.until(lambda: gateway.identified == 2 and gateway.connected, deadline=20, what="a new session")
    await talk.go_on()
    await talk.is_whole()


@ROUTINGS
async def test_twilio_fails_limits_hangs_and_cuts_in_every_way(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    faults, talk = desk.sandbox.twilio.faults, Talk(desk, member, agent)
    rules = []
    for kind in RestFault:
        rules.append(faults.rest(kind, "/Messages$", method="POST", seconds=0.3))
        await talk.go_on(2)
    await talk.is_whole()
    assert [rule.happened for rule in rules] == [1] * len(rules)


@ROUTINGS
async def test_discord_fails_limits_and_cuts_in_every_way(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    faults, talk = desk.sandbox.discord.faults, Talk(desk, member, agent)
    dm = rf"/channels/{member.dm_channel.id}/messages$"
    struck = [
        faults.answer(503, "POST", dm),
        faults.drop("before", "POST", dm),
        faults.answer(429, "POST", dm, retry_after=0.3),
        faults.drop("after", "POST", dm),
        faults.delay(0.3, "POST", dm),
    ]
    for _ in struck:
        await talk.go_on(2)
    await talk.is_whole()
    assert [fault.struck for fault in struck] == [1] * len(struck)


@ROUTINGS
@pytest.mark.desk(plugins={"helpdesk": {"reconcile_seconds": 1.0}})
async def test_direct_messages_that_cannot_be_read_at_first(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    await desk.bot.stop()
    await member.say("member line 0")
    path = rf"/channels/{member.dm_channel.id}/messages"
    refused = desk.sandbox.discord.faults.answer(401, "GET", path, times=3)  # the library does not repeat these
    await desk.bot.start()
    await desk.sandbox.changes.until(lambda: refused.struck > 0, deadline=20, what="a reading that fails")
    await member.say("member line 1")
    await agent.sees("member line 1", deadline=20)
    assert said_by(agent, "member line") == ["member line 0", "member line 1"]
    assert refused.struck == 3


@ROUTINGS
async def test_twilio_is_away_when_a_person_is_asked_for(desk: TestDesk, member: Member, agent: Agent) -> None:
    away = desk.sandbox.twilio.faults.rest(RestFault.ERROR_BEFORE, "conversations", times=None)
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await member.sees("A case has been created for you", "dm")
    await member.say("member line 0")
    assert member.seen("You are being transferred", "dm") is None
    assert away.happened
    desk.sandbox.twilio.faults.clear()
    await agent.accept(deadline=30)
    await agent.sees("member line 0")
    await member.sees(f"**{AMIRA}** has joined", "dm")
    # An agent who waits may be in before TaskRouter's news of the queue, which then are old and not told.
    transfers = [words for words in heard(member) if words.startswith("You are being transferred")]
    assert len(transfers) <= 1


async def test_without_a_twilio_account_articles_answer_and_a_case_is_kept(open_desk: OpenDesk, member: Member) -> None:
    with_account = await open_desk(start=False)
    await with_account.bot.deploy()  # so that the next one needs none
    none = {"FRONTDESK_TWILIO_AUTH_TOKEN": "", "FRONTDESK_TWILIO_ACCOUNT_SID": ""}
    desk = await open_desk(environ=none)
    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await member.say("How do I reset my password?")
    await member.sees("Reset your password", "dm")
    await member.say("I want to talk to a person")
    told = await member.sees("Nobody can join this chat at the moment", "dm")
    assert "CASE-" in told.content
    calls = desk.sandbox.twilio.calls
    await member.say("What about refunds?")
    await member.sees("refund", "dm", after=told)
    assert desk.sandbox.twilio.calls == calls
    await stopped_cleanly(desk.bot)


@ROUTINGS
async def test_forged_webhooks_are_refused_and_counted(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    url = f"{desk.bot.url}/helpdesk/forward-to-discord"
    form = {
        "EventType": "onMessageAdded", "ConversationSid": agent.conversation.sid, "MessageSid": "IM" + "0" * 32,
        "Index": "99", "Author": "amira", "Body": "Send me your password!",
    }  # fmt: skip
    before = await figures(desk.bot)
    for headers in ({}, {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}):
        assert (await get(url, "POST", data=form, headers=headers)).status == 403
    for path in ("chatbot-to-discord", "handoff-failed", "taskrouter", "interactions"):
        assert (await get(f"{desk.bot.url}/helpdesk/{path}", "POST", data=form)).status == 403
    after = await figures(desk.bot)
    refused = sum(n for name, n in after.items() if name.startswith("frontdesk_refused_webhooks_total"))
    assert refused - sum(n for name, n in before.items() if "refused_webhooks_total" in name) == 6
    await agent.says("A real line.")
    await member.sees("A real line.", "dm")
    assert heard_from(member, AMIRA) == ["A real line."]
