"""A prepared server: the channels, people and articles of an imaginary game, for the demonstration and for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from frontdesk_sandbox.discord import Channel, Guild, Member, Overwrite, Permission, Role, User
from frontdesk_sandbox.sandbox import Sandbox

ARTICLES = Path(__file__).parent / "articles"
"""The knowledge base of the imaginary game."""

PLUGINS: dict[str, bool | dict[str, Any]] = {
    "announcements": True,
    "bug_report": True,
    "feature_request": True,
    "helpdesk": True,
    "knowledge": {"articles": str(ARTICLES)},
    "cases": True,
}
"""All plugins, as the demonstration's bot.toml has them."""


@dataclass(frozen=True)
class House:
    """A Discord server that is ready for visitors.

    Args:
        guild: the server.
        announcements: only moderators write there; others can follow it.
        bug_report: where bug reports are posted.
        feature_request: where ideas are posted.
        customer_service: where members ask for help.
        general: where everybody chats.
        moderator: a member who may announce; owns the server.
        helper: a member with the moderators' role, which makes them staff.
        sam: a member who writes English.
        noor: a member who writes Persian.
        jonas: a member who writes German.
    """

    guild: Guild
    announcements: Channel
    bug_report: Channel
    feature_request: Channel
    customer_service: Channel
    general: Channel
    moderator: Member
    helper: Member
    sam: Member
    noor: Member
    jonas: Member

    @property
    def people(self) -> list[Member]:
        """Everybody who writes, the moderator last."""
        return [self.sam, self.noor, self.jonas, self.moderator]


def furnish(sandbox: Sandbox, name: str = "Lantern Vale") -> House:
    """Prepare a server in the sandbox.

    Args:
        sandbox: where.
        name: what it is called.
    """
    world = sandbox.discord.world
    now = datetime.now(UTC)
    mina = world.create_user("Mina", created_at=now - timedelta(days=2100))
    guild = world.create_guild(name, owner=mina)
    moderator = world.create_role(
        guild, "Moderator", Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS, color=0x3BA55D, hoist=True
    )
    guild.members[mina.id].roles.append(moderator.id)
    lamplighter = world.create_role(guild, "Lamplighter", color=0xF1A33B)

    def quiet(channel: str, kind: str) -> Channel:
        everyone = Overwrite(guild.id, 0, deny=Permission.SEND_MESSAGES)
        speakers = [
            Overwrite(moderator.id, 0, allow=Permission.SEND_MESSAGES),
            Overwrite(world.bot.id, 1, allow=Permission.SEND_MESSAGES),
        ]
        return world.create_channel(guild, channel, kind, [everyone, *speakers])

    def member(person: str, locale: str, account_days: int, member_days: int, *more: Role) -> Member:
        user: User = world.create_member(
            guild,
            person,
            locale=locale,
            roles=[lamplighter, *more],
            created_at=now - timedelta(days=account_days),
            joined_at=now - timedelta(days=member_days),
        )
        return sandbox.discord.member(user, guild)

    return House(
        guild=guild,
        announcements=quiet("announcements", "announcement"),
        bug_report=quiet("bug-report", "text"),
        feature_request=quiet("feature-request", "text"),
        customer_service=world.create_channel(guild, "customer-service"),
        general=world.create_channel(guild, "general"),
        sam=member("Sam", "en-US", 1300, 400),
        noor=member("Noor", "fa", 700, 90),
        jonas=member("Jonas", "de", 2000, 12),
        moderator=sandbox.discord.member(mina, guild),
        helper=member("Tariq", "en-US", 1700, 300, moderator),
    )
