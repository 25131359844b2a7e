"""All that Twilio has ever posted comes once more, correctly signed: nobody hears anything new."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.webhooks import Reply, Webhooks

from tests.journeys.helpdesk_handoff.routings import in_both_routings
from tests.journeys.helpdesk_handoff.test_ends import QUESTION, TRANSFER, count, the_bot_answers
from tests.journeys.stories import heard, heard_from

Asked = tuple[str, str, dict[str, str], float]


class Tape:
    """Everything that is posted to the bot: webhooks, and what the Studio flow asks.

    Args:
        webhooks: what sends them.
        asked: the calls of the Studio flow, which the test's fixture writes down.
    """

    def __init__(self, webhooks: Webhooks, asked: list[Asked]) -> None:
        self._webhooks = webhooks
        self._asked = asked

    async def play(self) -> int:
        """Post it all again, in its order; give how many were posted."""
        posts: list[Asked] = [("POST", each.url, each.params, 10.0) for each in self._webhooks.deliveries]
        posts += [call for call in self._asked if call not in posts]
        for post in posts:
            reply = await self._webhooks.request_signed_form(*post)
            assert reply.status < 300, (post, reply.text)
        return len(posts)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What the Studio flow asks the bot."""
    calls: list[Asked] = []
    ask: Callable[..., Awaitable[Reply]] = Webhooks.request_signed_form

    async def listen(self: Webhooks, *call: Any) -> Reply:
        calls.append(call)
        return await ask(self, *call)

    monkeypatch.setattr(Webhooks, "request_signed_form", listen)
    return calls


async def at_rest(bot: Bot) -> None:
    """Wait until nothing waits in the bot's journal."""
    (file,) = bot.config.parent.rglob("*.db")
    async with asyncio.timeout(20):
        while _waiting(str(file)):  # noqa: ASYNC110 (the bot tells nobody that it has nothing to do)
            await asyncio.sleep(0.1)


def _waiting(file: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (count,) = database.execute("SELECT count(*) FROM core_journal WHERE state = 'waiting'").fetchone()
    return int(count)


@in_both_routings()
async def test_a_whole_conversation_is_posted_again(
    desk: TestDesk, member: Member, agent: Agent, routing: str, asked: list[Asked]
) -> None:
    world = desk.sandbox.twilio.world
    tape = Tape(world.webhooks, asked)

    async def nothing_new_comes_of_it() -> None:
        await world.settled()
        await at_rest(desk.bot)
        (conversation,) = world.chat.conversations.values()
        before = (heard(member), conversation.texts(), [task.status for task in world.router.tasks.values()])
        assert await tape.play() > 15
        await at_rest(desk.bot)
        after = (heard(member), conversation.texts(), [task.status for task in world.router.tasks.values()])
        assert after == before

    await member.command("/helpme")
    await member.sees("Hello Sam!", "dm")
    await the_bot_answers(member)
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    joined = await member.sees("has joined", "dm")
    await member.say("a line of the member")
    await agent.sees("a line of the member")
    for words in ("keep", "change", "drop"):
        await agent.says(words)
    dropped = await member.sees("drop", "dm")
    await agent.edits("change", "changed")
    await agent.deletes("drop")
    await member.sees("changed", "dm")
    await member.sees_no_more(dropped)
    await agent.leaves()
    left = await member.sees("I am the virtual agent again", "dm", after=joined)
    await agent.offline()
    await member.click("Talk to a person", where="dm", on=left)
    await member.sees(TRANSFER, "dm", after=left)
    await nothing_new_comes_of_it()

    await agent.available()
    await agent.accept()
    await desk.sandbox.changes.until(lambda: count(member, "has joined") == 2, what="the agent's second coming")
    await nothing_new_comes_of_it()
    await agent.completes()
    await member.sees("This conversation has ended", "dm")
    await nothing_new_comes_of_it()
    assert heard_from(member, "Amira Haddad") == ["keep", "changed"]
    assert count(member, QUESTION) == 0
