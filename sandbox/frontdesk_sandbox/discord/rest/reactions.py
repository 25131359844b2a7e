"""Reactions under messages."""

from frontdesk_sandbox.discord import messages, payloads
from frontdesk_sandbox.discord.errors import unknown
from frontdesk_sandbox.discord.model import ChannelKind, Json, Message
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint


def _message(api: Api, call: Call, needed: int = 0) -> Message:
    channel = api.channel(call, 0 if api.world.channel(call.id("channel")).kind is ChannelKind.DM else needed)
    return api.world.message(channel, call.id("message"))


def _emoji(call: Call) -> str:
    emoji = call.ids["emoji"]
    if emoji.isascii() and not emoji.partition(":")[2].isdigit():
        raise unknown("Emoji")
    return emoji


def _add(api: Api, call: Call) -> None:
    message = _message(api, call, Permission.ADD_REACTIONS | Permission.READ_MESSAGE_HISTORY)
    messages.react(api.world, message, api.world.bot, _emoji(call))


def _remove_own(api: Api, call: Call) -> None:
    messages.unreact(api.world, _message(api, call), api.world.bot, _emoji(call))


def _remove(api: Api, call: Call) -> None:
    message = _message(api, call, Permission.MANAGE_MESSAGES)
    messages.unreact(api.world, message, api.world.user(call.id("user")), _emoji(call))


def _list(api: Api, call: Call) -> list[Json]:
    after = int(call.query.get("after", 0))
    users = [id_ for id_ in sorted(_message(api, call).reactions.get(_emoji(call), ())) if id_ > after]
    return [payloads.user(api.world.users[id_]) for id_ in users[: call.number("limit", 25, 100)]]


def _clear(api: Api, call: Call) -> None:
    emoji = _emoji(call) if "emoji" in call.ids else None
    messages.clear_reactions(api.world, _message(api, call, Permission.MANAGE_MESSAGES), emoji)


_BASE = "/channels/{channel}/messages/{message}/reactions"

ENDPOINTS = [
    Endpoint("DELETE", _BASE, _clear),
    Endpoint("GET", _BASE + "/{emoji}", _list),
    Endpoint("DELETE", _BASE + "/{emoji}", _clear),
    Endpoint("PUT", _BASE + "/{emoji}/@me", _add),
    Endpoint("DELETE", _BASE + "/{emoji}/@me", _remove_own),
    Endpoint("DELETE", _BASE + "/{emoji}/{user}", _remove),
]
