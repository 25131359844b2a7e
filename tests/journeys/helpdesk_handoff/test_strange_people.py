"""Names that are no names: of workers, of members; and words that would call everybody or never end."""

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.discord.model import Message
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.helpdesk_handoff.test_ends import count
from tests.journeys.stories import heard, reach_a_person

WORKERS = (
    ("amira_40x_2Ecom", "Amira **Bold** @everyone", r"Amira \*\*Bold\*\* \@everyone"),
    ('o\'brien "the" <lamp> & co?x=1#2', 'O\'Brien "the" <lamp>', 'O\'Brien "the" \\<lamp\\>'),
    ("نور_داده‌ها", "\u202eنور\nداده", "نور داده"),
)
MEMBERS = (
    ("@everyone", r"\@everyone"),
    ("**x** [y](https://z)", r"\*\*x\*\* \[y\](https\://z)"),
    ("\u202eevil", "evil"),
)
BOMBS = (
    "<@{sam}> @everyone @here <@&{role}> " * 500,
    "||**__~~`" * 3500,
    "> # " * 7000,
    "[a](https://b.example) " * 1300,
    "```" * 10_001,
    "\u202e\u2067\u0300" * 3500,
    "\n" * 30_000 + "x",
)


def calls_nobody(messages: list[Message]) -> bool:
    """Whether nobody is pinged by messages."""
    return not any(message.mentions or message.mention_roles or message.mention_everyone for message in messages)


def said_to(member: Member) -> list[Message]:
    """What the bot said in the DM."""
    return [message for message in member.dm if message.author is not member.user]


@ROUTINGS
@pytest.mark.parametrize("worker", WORKERS, ids=["encoded", "quotes", "persian"])
async def test_workers_with_strange_identities_join_speak_transfer_and_leave(
    desk: TestDesk, member: Member, agent: Agent, worker: tuple[str, str, str]
) -> None:
    identity, name, shown = worker
    router = desk.sandbox.twilio.world.router
    router.hire(identity, {"full_name": name, "contact_uri": f"client:{identity}"})
    strange = desk.sandbox.twilio.agent(identity)
    assert strange.identity == identity
    await agent.offline()
    await strange.available()
    await reach_a_person(member, strange)
    await member.sees(f"**{shown}** has joined", "dm")
    await strange.says("Hello from me")
    said = await member.sees("Hello from me", "dm")
    assert said.content == f"**{shown}:** Hello from me"
    await member.say("Hello to you")
    await strange.sees("Hello to you")
    await agent.available()
    await strange.transfers(agent)
    await agent.accept()
    await member.sees(f"**{shown}** has left the conversation.", "dm")
    await strange.available()
    await agent.transfers(strange)
    await strange.accept()
    await desk.sandbox.changes.until(lambda: count(member, f"**{shown}** has joined") == 2, what="the second coming")
    await strange.completes()
    await member.sees("This conversation has ended", "dm")
    assert calls_nobody(said_to(member))


@ROUTINGS
async def test_members_with_strange_names_are_greeted_and_told_of_as_they_are_called(
    desk: TestDesk, agent: Agent
) -> None:
    world = desk.sandbox.discord.world
    for name, shown in MEMBERS:
        strange = desk.sandbox.discord.member(world.create_member(desk.house.guild, name), desk.house.guild)
        await strange.command("/helpme note:How do I reset my password?")
        greeting = await strange.sees("Hello ", "dm")
        assert greeting.content.startswith(f"Hello {shown}!")
        await strange.click("Talk to a person", on=greeting)
        await agent.accept()
        await strange.sees("has joined", "dm")
        await agent.says(f"Hello {name}")
        await strange.sees("Hello ", "dm", after=greeting)
        await agent.sees("About ")
        assert name.removeprefix("\u202e") in agent.task["customerName"]
        await agent.completes()
        await strange.sees("This conversation has ended", "dm")
        assert calls_nobody(said_to(strange))


@ROUTINGS
async def test_bombs_of_mentions_and_markup_arrive_as_text(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    role = next(iter(desk.house.guild.roles))
    for number, bomb in enumerate(BOMBS):
        text = bomb.format(sam=member.user.id, role=role) if "{" in bomb else bomb
        assert len(text.encode()) <= 32_768
        await agent.says(text)
        await agent.says(f"after bomb {number}")
        await member.sees(f"after bomb {number}", "dm", deadline=40)
        await member.say(text[:2000].strip() or "x")
        await member.say(f"after bomb {number} from me")
        await agent.sees(f"after bomb {number} from me", deadline=20)
    assert calls_nobody(said_to(member))
    assert all(len(text) <= 2000 for text in heard(member))
