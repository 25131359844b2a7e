"""What a person's screen shows, as JSON for a page that looks like a chat client.

``{"me", "servers": [{"id", "name", "members", "channels": [place]}], "dms": [place], "modal"}``, where a place is
``{"id", "name", "kind", "topic", "parent", "archived", "can_send", "commands", "messages", "notices"}``.
Ids are strings; colours are ``#rrggbb``; moments are ISO 8601.
"""

from collections.abc import Callable
from typing import Any

from frontdesk_sandbox.discord import payloads, sight
from frontdesk_sandbox.discord.commands import MESSAGE_MENU, SLASH
from frontdesk_sandbox.discord.interactions import Interaction, InteractionKind
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Guild, Json, Message, User
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.snowflakes import moment_of
from frontdesk_sandbox.discord.world import World

_SHOWN = 100
_NESTED = frozenset({1, 2})

Offered = Callable[[Channel, int], list[Json]]


def screen(world: World, user: User, offered: Offered, interactions: list[Interaction], modal: Json | None) -> Json:
    """The whole screen of one person.

    Args:
        world: the world.
        user: whose screen it is.
        offered: gives the commands that the client offers in a place, by kind.
        interactions: the person's, for those that failed.
        modal: the open modal.
    """

    def place(channel: Channel) -> Json:
        failed = [each for each in interactions if each.failure and each.channel is channel]
        return _place(world, user, channel, offered) | {"notices": [_notice(each) for each in failed]}

    joined = [guild for guild in world.guilds.values() if user.id in guild.members]
    dms = [world.dm_with(user)] if world.has_dm(user) else []
    return {
        "me": person(user) | {"locale": user.locale},
        "bot": person(world.bot),
        "servers": [_server(world, user, guild, place) for guild in joined],
        "dms": [place(dm) | {"with": person(world.bot)} for dm in dms],
        "modal": modal,
    }


def person(user: User) -> Json:
    """An account as a page shows it."""
    return {
        "id": str(user.id), "name": user.display_name, "username": user.name, "color": f"#{user.color:06x}",
        "bot": user.bot,
    }  # fmt: skip


def _server(world: World, user: User, guild: Guild, place: Callable[[Channel], Json]) -> Json:
    channels = sorted(world.visible(user, guild), key=lambda each: (each.position, each.id))
    members = [
        person(each.user) | {"roles": [guild.roles[role].name for role in each.roles]}
        for each in guild.members.values()
    ]
    return {
        "id": str(guild.id), "name": guild.name, "members": members,
        "channels": [place(each) for each in channels],
    }  # fmt: skip


def _place(world: World, user: User, channel: Channel, offered: Offered) -> Json:
    bits = world.permissions(user, channel)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    talk = channel.kind not in {ChannelKind.FORUM, ChannelKind.CATEGORY}
    shown = sight.in_place(world, user, channel)[-_SHOWN:]
    return {
        "id": str(channel.id), "name": channel.name, "kind": channel.kind.name.lower(),
        "topic": channel.settings.get("topic"), "parent": str(channel.parent_id) if channel.parent_id else None,
        "archived": channel.archived, "can_send": talk and bool(bits & needed),
        "commands": [_command(each, user.locale) for each in offered(channel, SLASH)],
        "message_commands": [_command(each, user.locale) for each in offered(channel, MESSAGE_MENU)],
        "messages": [message(world, each, user) for each in shown],
    }  # fmt: skip


def message(world: World, one: Message, user: User) -> Json:
    """A message as a page shows it to a person."""
    payload = payloads.message(one, world.users, user.id)
    reply = one.reply_to
    return {
        "id": str(one.id), "author": person(one.author), "content": one.content,
        "at": payloads.stamp(moment_of(one.id)), "edited": one.edited_at is not None,
        "mine": one.author is user, "ephemeral": one.seen_only_by is not None, "loading": one.loading,
        "command": one.interaction_name, "pinned": one.pinned_at is not None,
        "mentions": {str(each.id): each.display_name for each in one.mentions},
        "reply_to": {"author": person(reply.author), "content": reply.content} if reply else None,
        "embeds": one.embeds, "components": one.components, "attachments": payload["attachments"],
        "stickers": [each["name"] for each in one.stickers], "poll": one.poll,
        "reactions": payload.get("reactions", []), "thread": str(one.thread.id) if one.thread else None,
    }  # fmt: skip


def _notice(interaction: Interaction) -> Json:
    of_command = interaction.kind is InteractionKind.COMMAND
    return {
        "id": str(interaction.id), "text": interaction.failure,
        "command": interaction.data.get("name") if of_command else None,
    }  # fmt: skip


def _command(command: Json, locale: str) -> Json:
    return _localized(command, locale) | {"id": command["id"], "options": _options(command, locale)}


def _options(part: Json, locale: str) -> list[Json]:
    options = []
    for option in part.get("options", ()):
        shown: Json = _localized(option, locale) | {"type": option["type"], "required": option.get("required", False)}
        for name in ("autocomplete", "min_value", "max_value", "min_length", "max_length", "channel_types"):
            if name in option:
                shown[name] = option[name]
        if option["type"] in _NESTED:
            shown["options"] = _options(option, locale)
        if "choices" in option:
            shown["choices"] = [_choice(each, locale) for each in option["choices"]]
        options.append(shown)
    return options


def _localized(part: Json, locale: str) -> dict[str, Any]:
    names, descriptions = part.get("name_localizations") or {}, part.get("description_localizations") or {}
    return {
        "name": part["name"], "shown_name": names.get(locale, part["name"]),
        "description": descriptions.get(locale, part["description"]),
    }  # fmt: skip


def _choice(choice: Json, locale: str) -> Json:
    names = choice["name_localizations"] or {}
    return {"name": names.get(locale, choice["name"]), "value": choice["value"]}
