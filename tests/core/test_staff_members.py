"""Roles by Discord: asked for once a minute, and what holds while Discord does not answer."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import hikari
import pytest
from frontdesk.staff import Role, RoleNames
from frontdesk.staff_members import DiscordServers, RolesUnknown

BRAND, OTHER, OWNER, MEMBER = 1, 2, 10, 11


@dataclass
class Discord:
    """The little of a bot that is asked: its cache and its REST client."""

    held: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    error: Exception | None = None
    asked: int = 0
    now: float = 0.0

    @property
    def cache(self) -> "Discord":
        return self

    @property
    def rest(self) -> "Discord":
        return self

    def get_guilds_view(self) -> dict[int, Any]:
        return {BRAND: self.get_guild(BRAND), OTHER: self.get_guild(OTHER)}

    def get_guild(self, guild_id: int) -> Any:
        none, admin = hikari.Permissions.NONE, hikari.Permissions.ADMINISTRATOR
        roles = {
            50: SimpleNamespace(name="Moderator", permissions=none),
            51: SimpleNamespace(name="A", permissions=admin),
        }
        return SimpleNamespace(name=f"Server {guild_id}", owner_id=OWNER, get_roles=lambda: roles)

    async def fetch_member(self, guild_id: int, user_id: int) -> Any:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        if (guild_id, user_id) not in self.held:
            raise hikari.NotFoundError("url", {}, b"", "Unknown Member", 10007)
        return SimpleNamespace(role_ids=self.held[guild_id, user_id])


@pytest.fixture
def discord() -> Discord:
    return Discord()


@pytest.fixture
def servers(discord: Discord) -> DiscordServers:
    names = {BRAND: RoleNames(agent=frozenset({"Moderator"})), OTHER: RoleNames(viewer=frozenset({"50"}))}
    bot = cast("hikari.GatewayBot", discord)
    return DiscordServers(bot, names.__getitem__, clock=lambda: discord.now)


async def test_roles_in_each_server(discord: Discord, servers: DiscordServers) -> None:
    discord.held = {
        (BRAND, MEMBER): [50],
        (OTHER, MEMBER): [50],
        (BRAND, OWNER): [],
        (OTHER, 12): [51],
        (BRAND, 13): [],
    }
    assert servers.servers() == {BRAND: "Server 1", OTHER: "Server 2"}
    assert await servers.roles_of(MEMBER) == {BRAND: Role.AGENT, OTHER: Role.VIEWER}
    assert await servers.roles_of(OWNER) == {BRAND: Role.SUPERVISOR}
    assert await servers.roles_of(12) == {OTHER: Role.SUPERVISOR}
    assert await servers.roles_of(13) == {}
    assert await servers.roles_of(14) == {}


async def test_a_role_that_is_taken_away_counts_for_a_minute(discord: Discord, servers: DiscordServers) -> None:
    discord.held = {(BRAND, MEMBER): [50]}
    answers = await asyncio.gather(*(servers.roles_of(MEMBER) for _ in range(10)))
    assert answers == [{BRAND: Role.AGENT}] * 10
    assert discord.asked == 2, "one question for each server"
    discord.held = {(BRAND, MEMBER): []}
    discord.now = 59
    assert await servers.roles_of(MEMBER) == {BRAND: Role.AGENT}
    assert discord.asked == 2
    discord.now = 61
    assert await servers.roles_of(MEMBER, fresh=600) == {BRAND: Role.AGENT}, "whoever needs it less exactly"
    assert await servers.roles_of(MEMBER) == {}


async def test_while_discord_does_not_answer_the_last_answer_holds_for_five_minutes(
    discord: Discord, servers: DiscordServers
) -> None:
    discord.held = {(BRAND, MEMBER): [50]}
    await servers.roles_of(MEMBER)
    discord.error = hikari.InternalServerError("url", 503, {}, b"")
    discord.now = 290
    assert await servers.roles_of(MEMBER) == {BRAND: Role.AGENT}
    discord.now = 301
    with pytest.raises(RolesUnknown):
        await servers.roles_of(MEMBER)
    with pytest.raises(RolesUnknown):
        await servers.roles_of(OWNER)
    discord.error = None
    assert await servers.roles_of(MEMBER) == {BRAND: Role.AGENT}
