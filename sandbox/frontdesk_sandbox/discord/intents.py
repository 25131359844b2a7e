"""Which gateway events a session gets: intents, and message content that is privileged."""

from enum import IntFlag

from frontdesk_sandbox.discord.model import Json


class Intent(IntFlag):
    """Discord's gateway intents, as far as the sandbox has events for them."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT

_IN_GUILD = {
    "GUILD_MEMBER_ADD": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_UPDATE": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_REMOVE": Intent.GUILD_MEMBERS,
    "GUILD_BAN_ADD": Intent.GUILD_MODERATION,
    "GUILD_BAN_REMOVE": Intent.GUILD_MODERATION,
    "TYPING_START": Intent.GUILD_MESSAGE_TYPING,
}
_IN_DM = {"TYPING_START": Intent.DIRECT_MESSAGE_TYPING}
_PREFIXES = (
    ("MESSAGE_REACTION_", Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_", Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
)


# Of the two flags for each, the one that small bots have.
_LIMITED = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15, Intent.MESSAGE_CONTENT: 1 << 19}


def application_flags(disallowed: int) -> int:
    """The flags of an application whose owner has switched on all privileged intents but these."""
    return sum(flag for intent, flag in _LIMITED.items() if not intent & disallowed)


def wanted(name: str, data: Json, intents: int, bot_id: int) -> bool:
    """Whether a session with these intents gets an event.

    Args:
        name: the event, such as ``"MESSAGE_CREATE"``.
        data: its data; ``guild_id`` tells servers from DMs.
        intents: the session's.
        bot_id: news about the bot's own membership are always sent.
    """
    if name == "INTERACTION_CREATE":
        return True
    if name.startswith("GUILD_MEMBER_") and data["user"]["id"] == str(bot_id):
        return True
    in_guild = "guild_id" in data
    needed = (_IN_GUILD if in_guild else _IN_DM).get(name)
    if needed is None:
        for prefix, guild_intent, dm_intent in _PREFIXES:
            if name.startswith(prefix):
                needed = guild_intent if in_guild else dm_intent
                break
        else:
            needed = Intent.GUILDS
    return bool(intents & needed)


def shown(name: str, data: Json, intents: int, bot_id: int) -> Json:
    """The event's data as a session with these intents is shown it.

    Without MESSAGE_CONTENT a server's messages come empty, unless the bot wrote them or is mentioned in them.
    """
    if name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or "guild_id" not in data:
        return data
    if intents & Intent.MESSAGE_CONTENT or data["author"]["id"] == str(bot_id):
        return data
    if any(person["id"] == str(bot_id) for person in data["mentions"]):
        return data
    hidden: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    return {key: value for key, value in data.items() if key != "poll"} | hidden
