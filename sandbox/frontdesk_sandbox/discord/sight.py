"""What a person can see: which messages, with which words and components."""

import heapq
from collections.abc import Iterator

from frontdesk_sandbox.discord import components
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Json, Message, User
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.world import World


def places(world: World, user: User) -> Iterator[Channel]:
    """Every channel and thread that a person can read, and the DM with the bot if it is open."""
    if world.has_dm(user):
        yield world.dm_with(user)
    for guild in world.guilds.values():
        if user.id in guild.members:
            for channel in world.visible(user, guild):
                if channel.kind is not ChannelKind.CATEGORY:
                    yield channel


def in_place(world: World, user: User, place: Channel) -> list[Message]:
    """A place's messages as a person sees them, ephemeral ones included, oldest first."""
    bits = world.permissions(user, place)
    if not bits & Permission.VIEW_CHANNEL:
        return []
    own = [each for each in world.ephemerals.get(user.id, ()) if each.channel_id == place.id]
    if not own:
        return list(place.messages.values())
    return sorted([*place.messages.values(), *own], key=lambda each: each.id)


def messages(world: World, user: User, place: Channel | None = None) -> Iterator[Message]:
    """All messages that a person sees, newest first; in one place only, if given."""
    where = [place] if place is not None else places(world, user)
    newest_first = [reversed(in_place(world, user, each)) for each in where]
    return heapq.merge(*newest_first, key=lambda each: each.id, reverse=True)


def words(message: Message) -> str:
    """Everything that is to be read in a message, in lines."""
    lines = [message.content]
    for embed in message.embeds:
        lines += [embed.get("author", {}).get("name", ""), embed.get("title", ""), embed.get("description", "")]
        for field in embed.get("fields", ()):
            lines += [field["name"], field["value"]]
        lines.append(embed.get("footer", {}).get("text", ""))
    lines += components.words(message.components)
    lines += [attachment.file.name for attachment in message.attachments]
    return "\n".join(line for line in lines if line)


def find_component(message: Message, name: str, kinds: frozenset[int]) -> Json | None:
    """A component by custom_id, label or placeholder."""
    for component in components.walk(message.components):
        if component["type"] in kinds:
            emoji = (component.get("emoji") or {}).get("name")
            if name in {component.get("custom_id"), component.get("label"), component.get("placeholder"), emoji}:
                return component
    return None
