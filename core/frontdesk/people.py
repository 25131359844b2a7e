"""What Discord knows of a person, as the `Person` that travels through hooks."""

from datetime import UTC

import hikari

from frontdesk.model import Person


def person_of(
    user: hikari.User, *, guild_id: int, locale: str | None = None, bot: hikari.GatewayBot | None = None
) -> Person:
    """Describe a Discord user or member.

    Args:
        user: a member where one is at hand; a plain user has no roles and no date of joining.
        guild_id: the server in which they asked.
        locale: Discord's locale of their client, if known.
        bot: gives the names of roles from its cache.
    """
    roles: tuple[str, ...] = ()
    joined_at = None
    if isinstance(user, hikari.Member):
        joined_at = user.joined_at.astimezone(UTC) if user.joined_at else None
        if bot is not None:
            known = (bot.cache.get_role(role_id) for role_id in user.role_ids if role_id != guild_id)
            roles = tuple(sorted(role.name for role in known if role is not None))
    return Person(
        user_id=int(user.id),
        guild_id=guild_id,
        name=user.display_name or user.username,
        locale=locale,
        account_created=user.created_at.astimezone(UTC),
        joined_at=joined_at,
        roles=roles,
    )
