"""What the chat page draws: a person's screen, cut down to the open place, and who else one can be."""

from typing import Any

from frontdesk_sandbox.discord import LoopbackDiscord, Member, User
from frontdesk_sandbox.discord.view import person

_UNREAD = 20


def people(discord: LoopbackDiscord) -> list[User]:
    """Everyone whose screen can be looked at: members of servers, owners last, otherwise oldest first."""
    guilds = discord.world.guilds.values()
    owners = {guild.owner_id for guild in guilds}
    joined = {id_: each.user for guild in guilds for id_, each in guild.members.items() if not each.user.bot}
    return sorted(joined.values(), key=lambda user: (user.id in owners, list(discord.world.users).index(user.id)))


def screen(discord: LoopbackDiscord, member: Member, open_place: str | None) -> dict[str, Any]:
    """A person's screen, in which only the open place has its messages and commands.

    Args:
        discord: the loopback Discord.
        member: whose screen it is.
        open_place: the id of the place that the person looks at.
    """
    view = member.view()
    for server in view["servers"]:
        guild = discord.world.guilds[int(server["id"])]
        roles = sorted(guild.roles.values(), key=lambda role: -role.position)
        server["roles"] = [
            {"id": str(role.id), "name": role.name, "color": f"#{role.color:06x}" if role.color else None}
            for role in roles
        ]
        server["owner"] = str(guild.owner_id)
        server["channels"] = [_cut(place, open_place) for place in server["channels"]]
    view["dms"] = [_cut(place, open_place) for place in view["dms"]]
    view["people"] = [_short(discord, user) for user in people(discord)]
    view["me"] |= {"dms_closed": member.user.dms_closed, "bot_blocked": discord.world.bot.id in member.user.blocked}
    return view


def _cut(place: dict[str, Any], open_place: str | None) -> dict[str, Any]:
    messages = place["messages"]
    summary = {
        "last": messages[-1]["id"] if messages else None, "count": len(messages),
        "others": [each["id"] for each in messages if not each["mine"]][-_UNREAD:],
    }  # fmt: skip
    if place["id"] == open_place:
        return place | summary
    return place | summary | {"messages": [], "commands": [], "message_commands": [], "notices": []}


def _short(discord: LoopbackDiscord, user: User) -> dict[str, Any]:
    guilds = discord.world.guilds.values()
    roles = [
        guild.roles[role].name for guild in guilds if user.id in guild.members for role in guild.members[user.id].roles
    ]
    owner = any(guild.owner_id == user.id for guild in guilds)
    return person(user) | {"locale": user.locale, "roles": roles, "owner": owner}
