"""Staff come in by Discord and by Flex, do what their role lets them, and are out when it ends."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.visitor import Visitor

SMALL = pytest.mark.desk(plugins={"bug_report": True})


async def make_token(visitor: Visitor, server: int, role: str = "agent", days: str = "") -> str:
    """Make a token on the page; returns it."""
    made = await visitor.post("/staff/tokens", on="/staff/", name="Reports", role=role, server=str(server), days=days)
    found = re.search(r"fd_[\w-]{43}", made.text)
    assert found is not None, made.text
    return found[0]


@SMALL
async def test_members_come_in_by_discord(desk: TestDesk, member: Member, moderator: Member) -> None:
    stranger = desk.visitor()
    asked = await stranger.get("/staff/")
    assert (asked.status, urlsplit(asked.url).path) == (200, "/staff/sign-in")
    assert parse_qs(urlsplit(asked.url).query) == {"next": ["/staff/"]}
    assert "Sign in with Discord" in asked.text
    assert (await stranger.get("/staff/", headers={"Accept": "application/json"})).status == 401

    owner = await desk.sign_in(moderator)
    page = await owner.get("/staff/")
    assert page.status == 200
    assert "Supervisor" in page.text
    assert "Record" in page.text
    [cookie] = [kept for kept in owner.session.cookie_jar if kept.key == "frontdesk-staff"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    helper = await desk.sign_in(desk.house.helper)
    page = await helper.get("/staff/")
    assert "Tariq" in page.text
    assert "Mina" not in page.text, "only supervisors see who else is here"
    assert "Record" not in page.text

    refused = await desk.visitor().by_discord(str(member.user.id))
    assert refused.status == 403
    assert "no staff role" in refused.text
    record = (await owner.get("/staff/")).text
    assert re.search(r"Refused.*no staff role.*Sam", record, re.DOTALL)
    assert "127.0.0.0/24" in record
    assert "127.0.0.1" not in record


@SMALL
async def test_a_sign_in_ends_once_and_where_it_began(desk: TestDesk, moderator: Member) -> None:
    victim, attacker = desk.visitor(), desk.visitor()
    began = await attacker.get("/staff/sign-in/discord?next=https://evil.example/", follow=False)
    agreed = await attacker.get(f"{began.headers['Location']}&member=Mina", follow=False)
    callback = agreed.headers["Location"]
    assert (await victim.get(callback)).status == 400, "another browser"
    assert (await attacker.get(callback)).status == 400, "used"

    seen = await victim.by_discord("Mina", "https://evil.example/")
    assert (seen.status, seen.url) == (200, f"{desk.bot.url}/staff/")
    cancelled = await attacker.get("/staff/sign-in/discord", follow=False)
    back = await attacker.get(f"{cancelled.headers['Location']}&cancel=1")
    assert back.status == 400
    assert "cancelled" in back.text
    assert (await attacker.get("/staff/", follow=False)).status == 303


@SMALL
async def test_agents_come_in_by_flex(desk: TestDesk, agent: Agent) -> None:
    page = await desk.visitor().get("/staff/sign-in/flex?next=/staff/", headers={"Sec-Fetch-Dest": "iframe"})
    assert page.status == 200
    assert f"frame-ancestors {desk.sandbox.url}" in page.headers["Content-Security-Policy"]
    framed = await desk.visitor().get("/staff/", follow=False, headers={"Sec-Fetch-Dest": "iframe"})
    assert framed.headers["Location"] == "/staff/sign-in/flex?next=%2Fstaff%2F"

    signed_in = await desk.sign_in(agent)
    seen = await signed_in.get("/staff/")
    assert (seen.status, "Agent" in seen.text, "Record" in seen.text) == (200, True, False)
    leader = await desk.sign_in(agent, "admin")
    assert "Record" in (await leader.get("/staff/")).text

    iam = desk.sandbox.twilio.world.iam
    for token in ("nonsense", "", iam.issue_guest("guest"), agent.flex_token("wfo.data_auditor")):
        assert (await desk.visitor().by_flex(token)).status == 403
    spent = agent.flex_token()
    iam.revoke(spent)
    assert (await desk.visitor().by_flex(spent)).status == 403
    async with desk.visitor().session.post(
        f"{desk.bot.url}/staff/sign-in/flex",
        json={"token": agent.flex_token()},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    ) as forged:
        assert forged.status == 403
    async with desk.visitor().session.post(
        f"{desk.bot.url}/staff/sign-in/flex", data={"token": agent.flex_token()}
    ) as form:
        assert form.status == 415


@SMALL
async def test_who_is_signed_out_is_out(desk: TestDesk, moderator: Member) -> None:
    owner, helper = await desk.sign_in(moderator), await desk.sign_in(desk.house.helper)
    again = await desk.sign_in(desk.house.helper)
    assert (await helper.post("/staff/sign-out")).status == 403, "without the token of the form"
    assert (await helper.post("/staff/sign-out", on="/staff/")).url.endswith("/staff/sign-in")
    assert (await helper.get("/staff/", follow=False)).status == 303
    assert (await again.get("/staff/", follow=False)).status == 200, "the other browser stays"

    page = (await owner.get("/staff/")).text
    [row] = [each for each in page.split("<tr>") if "Tariq" in each and "/end" in each]
    [number] = re.findall(r"/staff/sessions/(\d+)/end", row)
    own = re.findall(r"/staff/sessions/(\d+)/end", page)
    mine = next(each for each in own if each != number)
    assert (await again.post(f"/staff/sessions/{mine}/end", on="/staff/")).status == 404, "no business of theirs"
    assert (await owner.post(f"/staff/sessions/{number}/end", on="/staff/")).status == 200
    assert (await again.get("/staff/", follow=False)).status == 303
    assert "Session ended" in (await owner.get("/staff/")).text


async def test_a_role_that_is_taken_away_ends_the_right(open_desk: OpenDesk) -> None:
    # The bot remembers roles for a minute; a new process remembers nothing, and the session outlives it.
    desk = await open_desk(plugins={"bug_report": True})
    helper = await desk.sign_in(desk.house.helper)
    assert (await helper.get("/staff/", follow=False)).status == 200
    world, guild = desk.sandbox.discord.world, desk.house.guild
    membership = guild.members[desk.house.helper.user.id]
    [role] = [role for role in membership.roles if guild.roles[role].name == "Moderator"]
    membership.roles.remove(role)
    world.member_changed(guild, membership)
    await desk.bot.stop()
    await desk.bot.start()
    assert (await helper.get("/staff/", follow=False)).status == 403


@SMALL
async def test_programs_come_with_a_token(desk: TestDesk, moderator: Member) -> None:
    owner, guild = await desk.sign_in(moderator), desk.house.guild
    token = await make_token(owner, guild.id)
    assert token not in (await owner.get("/staff/")).text, "shown once"
    program = desk.visitor()
    bearer = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    used = await program.get("/staff/", headers=bearer)
    assert used.status == 200
    page = (await owner.get("/staff/")).text
    assert "Token first used" in page
    assert page.count("Token first used") == 1

    helper = await desk.sign_in(desk.house.helper)
    refused = await helper.post("/staff/tokens", on="/staff/", name="Mine", role="viewer", server=str(guild.id))
    assert refused.status == 403
    elsewhere = await owner.post("/staff/tokens", on="/staff/", name="Mine", role="viewer", server="1")
    assert elsewhere.status == 404
    wrong = await owner.post("/staff/tokens", on="/staff/", name=" ", role="viewer", server=str(guild.id))
    assert wrong.status == 400

    [number] = re.findall(r"/staff/tokens/(\d+)/revoke", page)
    assert (await owner.post(f"/staff/tokens/{number}/revoke", on="/staff/")).status == 200
    assert (await program.get("/staff/", headers=bearer)).status == 401
    log = "\n".join(map(str, desk.bot.events))
    for secret in (token, desk.sandbox.discord.oauth.client_secret):
        assert secret not in log


@SMALL
async def test_too_many_tries_must_wait(desk: TestDesk) -> None:
    visitor = desk.visitor()
    answers = [await visitor.get("/staff/", headers={"Authorization": "Bearer fd_guess"}) for _ in range(21)]
    assert [answer.status for answer in answers] == [401] * 20 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 601
    assert (await visitor.get("/staff/sign-in/discord", follow=False)).status == 429
    assert (await visitor.get("/health")).status == 200


@SMALL
async def test_discord_does_not_answer(desk: TestDesk, moderator: Member) -> None:
    desk.sandbox.discord.faults.answer(500, "GET", "/users/@me$")
    away = await desk.visitor().by_discord("Mina")
    assert away.status == 503
    assert "Discord does not answer" in away.text
    await asyncio.gather(*(desk.sign_in(moderator) for _ in range(3)))
