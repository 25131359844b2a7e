"""Staff in Discord itself: who may use a command or a button, and who can be named in one."""

from collections.abc import Collection, Sequence
from typing import Any

import hikari

from frontdesk.desk import Desk
from frontdesk.staff import Role

_WITHOUT_ROLES = hikari.Permissions.MANAGE_MESSAGES


def role_of(desk: Desk[Any], member: hikari.InteractionMember | None) -> Role | None:
    """Tell what somebody may do who uses a command or a button, by the roles that the interaction came with.

    Administrators are supervisors. Where bot.toml names no staff roles, who may manage messages is an agent.

    Args:
        desk: any plugin's.
        member: from the interaction; None outside of servers.
    """
    if member is None:
        return None
    if member.permissions & hikari.Permissions.ADMINISTRATOR:
        return Role.SUPERVISOR
    names = desk.staff.role_names(int(member.guild_id))
    if not names:
        return Role.AGENT if _permissions(desk.bot, member) & _WITHOUT_ROLES else None
    return names.role_for(_held(desk.bot, member.role_ids))


async def find_staff(desk: Desk[Any], guild_id: int, typed: str, least: Role = Role.AGENT) -> Sequence[hikari.Member]:
    """Search a server for staff whose name begins with what was typed.

    Args:
        desk: any plugin's.
        guild_id: the server.
        typed: the beginning of a name; for nothing, nobody is found.
        least: the least that they must be.

    Raises:
        hikari.HikariError: if Discord does not answer.
    """
    if not typed.strip():
        return ()
    found = await desk.rest.search_members(guild_id, typed.strip())
    return [member for member in found if not member.is_bot and _is_staff(desk, member, least)]


async def staff_member(desk: Desk[Any], guild_id: int, user_id: int, least: Role = Role.AGENT) -> hikari.Member | None:
    """Find somebody of the staff by their id; None if they are none, or not in the server.

    Args:
        desk: any plugin's.
        guild_id: the server.
        user_id: the person.
        least: the least that they must be.

    Raises:
        hikari.HikariError: if Discord does not answer.
    """
    try:
        member = await desk.rest.fetch_member(guild_id, user_id)
    except hikari.NotFoundError:
        return None
    return member if _is_staff(desk, member, least) else None


def _is_staff(desk: Desk[Any], member: hikari.Member, least: Role) -> bool:
    guild = desk.bot.cache.get_guild(member.guild_id)
    if guild is not None and guild.owner_id == member.id:
        return True
    permissions = _permissions(desk.bot, member)
    if permissions & hikari.Permissions.ADMINISTRATOR:
        return True
    names = desk.staff.role_names(int(member.guild_id))
    if not names:
        return bool(permissions & _WITHOUT_ROLES) and Role.AGENT.includes(least)
    own = names.role_for(_held(desk.bot, member.role_ids))
    return own is not None and own.includes(least)


def _permissions(bot: hikari.GatewayBot, member: hikari.Member) -> hikari.Permissions:
    """What somebody may do in the whole server; an interaction tells what they may do in its channel."""
    permissions = hikari.Permissions.NONE
    for role_id in member.role_ids:
        if (role := bot.cache.get_role(role_id)) is not None:
            permissions |= role.permissions
    return permissions


def _held(bot: hikari.GatewayBot, role_ids: Collection[hikari.Snowflake]) -> dict[int, str]:
    known = ((role_id, bot.cache.get_role(role_id)) for role_id in role_ids)
    return {int(role_id): role.name if role is not None else "" for role_id, role in known}
