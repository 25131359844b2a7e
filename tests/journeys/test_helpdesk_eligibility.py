"""Who may come in: ages, roles, a pause and the block list, each with its own sentence, for members and moderators."""

from datetime import UTC, datetime, timedelta

import pytest
from frontdesk_sandbox.discord import Member, RefusedError
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import reach_a_person, stopped_cleanly


async def told(member: Member, command: str = "/helpme") -> str:
    return (await (await member.command(command)).response()).content


def with_rules(**rules: object) -> pytest.MarkDecorator:
    return pytest.mark.desk(settings={"plugins": {"helpdesk": {"eligibility": rules}}})


def newcomer(desk: TestDesk, name: str, locale: str, account_days: float, member_days: float) -> Member:
    now = datetime.now(UTC)
    user = desk.sandbox.discord.world.create_member(
        desk.house.guild,
        name,
        locale=locale,
        created_at=now - timedelta(days=account_days),
        joined_at=now - timedelta(days=member_days),
    )
    return desk.sandbox.discord.member(user, desk.house.guild)


@ROUTINGS
@with_rules(
    account_age="3d", membership_age="1h", required_roles=["Lamplighter"], refused_roles=["Muted"], cooldown="10m"
)
async def test_each_rule_has_its_own_sentence_in_the_members_language(desk: TestDesk, agent: Agent) -> None:
    world, guild = desk.sandbox.discord.world, desk.house.guild
    lamplighter = next(role for role in guild.roles.values() if role.name == "Lamplighter")
    muted = world.create_role(guild, "Muted")
    stranger = newcomer(desk, "Kyle", "en-US", 100, 100)
    assert "one of these roles" in await told(stranger)
    assert "Lamplighter" in await told(stranger)
    mueller = newcomer(desk, "Jürgen Müßig", "de", 1, 1)
    guild.members[mueller.user.id].roles.append(lamplighter.id)
    assert "Discord-Konto ist noch zu neu. Ab <t:" in await told(mueller, "/hilfe")
    shirin = newcomer(desk, "شیرین فرهادی", "en-US", 100, 0.01)
    guild.members[shirin.user.id].roles.append(lamplighter.id)
    assert "You have not been in this server for long enough" in await told(shirin)
    guild.members[shirin.user.id].roles.append(muted.id)
    assert "With your present roles" in await told(shirin)

    sam = desk.house.sam
    await reach_a_person(sam, agent)
    await agent.completes()
    await sam.sees("This conversation has ended", "dm")
    assert "has ended only just now" in await told(sam)
    await sam.say("One more thing!")
    offer = await sam.sees("Shall we go on", "dm")  # to go on needs no pause
    guild.members[sam.user.id].roles.append(muted.id)
    refused = await (await sam.click("Continue", on=offer)).response()
    assert "With your present roles" in refused.content


@ROUTINGS
async def test_moderators_block_unblock_and_list_across_a_restart(open_desk: OpenDesk, moderator: Member) -> None:
    desk = await open_desk()
    jonas, noor = desk.house.jonas, desk.house.noor
    with pytest.raises(RefusedError):
        await jonas.command("/helpdesk blocked")
    assert "Nobody is blocked" in await told(moderator, "/helpdesk blocked")
    assert "is not a length of time" in await told(moderator, "/helpdesk block member:@Jonas duration:soon")
    done = await told(moderator, "/helpdesk block member:@Jonas duration:3d reason:rude words")
    assert "Jonas cannot open conversations until <t:" in done
    assert "Noor can no longer open" in await told(moderator, "/helpdesk block member:@Noor")
    await stopped_cleanly(desk.bot)
    await desk.bot.start()
    assert "bis <t:" in await told(jonas, "/hilfe")
    await noor.say("سلام")
    await noor.sees("You cannot open conversations with us at the moment", "dm")
    listed = await told(moderator, "/helpdesk blocked")
    assert "2 members are blocked" in listed
    assert "rude words" in listed
    suggested = await moderator.autocomplete("/helpdesk unblock member:jo")
    assert [one["name"] for one in suggested] == ["Jonas"]
    assert "Jonas can open conversations again" in await told(
        moderator, f"/helpdesk unblock member:{suggested[0]['value']}"
    )
    assert "Nobody called Kyle" in await told(moderator, "/helpdesk unblock member:Kyle")
    await jonas.command("/hilfe")
    await jonas.sees("Hallo Jonas", "dm")
    lengths = await moderator.autocomplete("/helpdesk block member:@Noor duration:2")
    assert {"name": "3 days (3d)", "value": "3d"} not in lengths
    lengths = await moderator.autocomplete("/helpdesk block member:@Noor duration:3 days")
    assert lengths == [{"name": "3 days (3d)", "value": "3d"}]
    await stopped_cleanly(desk.bot)


@pytest.mark.desk(settings={"plugins": {"helpdesk": {"moderators": ["Lamplighter"]}}})
async def test_other_roles_may_be_moderators_and_others_are_told_that_they_are_not(desk: TestDesk) -> None:
    assert "Nobody is blocked" in await told(desk.house.sam, "/helpdesk blocked")
    stranger = newcomer(desk, "Kyle", "en-US", 100, 100)
    assert "Only moderators" in await told(stranger, "/helpdesk blocked")


@pytest.mark.desk(settings={"words": {"language": "fa"}})
async def test_blocks_in_a_persian_server(desk: TestDesk) -> None:
    done = await told(desk.house.moderator, "/میز-کمک مسدودکردن عضو:@Noor مدت:۲ ساعت")
    assert "Noor تا <t:" in done
    assert "تا <t:" in await told(desk.house.noor, "/کمک")
