"""Threads and forum posts."""

from frontdesk_sandbox.discord import messages, payloads, threads
from frontdesk_sandbox.discord.errors import ApiError, invalid, unknown
from frontdesk_sandbox.discord.model import Channel, ChannelKind, Json, User
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.rest import drafts
from frontdesk_sandbox.discord.rest.channels import shown
from frontdesk_sandbox.discord.rest.endpoint import Api, Call, Endpoint

_SETTINGS = ("auto_archive_duration", "rate_limit_per_user", "applied_tags", "invitable")


def _name(body: Json) -> str:
    name = body.get("name") or ""
    if not 1 <= len(name) <= 100:
        raise invalid("name", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    return str(name)


def _settings(body: Json) -> Json:
    return {name: body[name] for name in _SETTINGS if body.get(name) is not None}


def _on_message(api: Api, call: Call) -> Json:
    parent, body = api.channel(call, Permission.CREATE_PUBLIC_THREADS), call.json()
    message = api.world.message(parent, call.id("message"))
    if message.thread is not None:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    announcement = parent.kind is ChannelKind.ANNOUNCEMENT
    kind = ChannelKind.ANNOUNCEMENT_THREAD if announcement else ChannelKind.PUBLIC_THREAD
    thread = threads.start(
        api.world, api.guild_of(parent), parent, api.world.bot, _name(body), kind=kind, on=message,
        settings=_settings(body),
    )  # fmt: skip
    return shown(api, thread)


def _start(api: Api, call: Call) -> Json:
    parent, body = api.world.channel(call.id("channel")), call.json()
    if parent.kind is ChannelKind.FORUM:
        return _post(api, call, parent, body)
    kind = ChannelKind(body.get("type", ChannelKind.PRIVATE_THREAD))
    private = kind is ChannelKind.PRIVATE_THREAD
    api.require(parent, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    if parent.kind not in {ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT}:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    thread = threads.start(
        api.world, api.guild_of(parent), parent, api.world.bot, _name(body), kind=kind, settings=_settings(body)
    )
    return shown(api, thread)


def _post(api: Api, call: Call, forum: Channel, body: Json) -> Json:
    api.require(forum, Permission.SEND_MESSAGES)
    if "message" not in body:
        raise invalid("message", "This field is required", "BASE_TYPE_REQUIRED")
    tags = {tag["id"] for tag in forum.settings.get("available_tags", ())}
    for tag in body.get("applied_tags") or ():
        if str(tag) not in tags:
            raise invalid("applied_tags", "Unknown tag", "FORUM_TAG_INVALID")
    draft = drafts.read(api, call, body["message"], forum)
    thread = threads.start(api.world, api.guild_of(forum), forum, api.world.bot, _name(body), settings=_settings(body))
    message = messages.post(api.world, thread, api.world.bot, draft)
    return shown(api, thread) | {"message": payloads.message(message, api.world.users, api.world.bot.id)}


def _thread(api: Api, call: Call) -> Channel:
    thread = api.channel(call)
    if not thread.is_thread:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return thread


def _whom(api: Api, call: Call) -> User:
    return api.world.user(call.id("user")) if "user" in call.ids else api.world.bot


def _join(api: Api, call: Call) -> None:
    thread, user = _thread(api, call), _whom(api, call)
    if user.id not in api.guild_of(thread).members:
        raise unknown("Member")
    api.require(thread, Permission.SEND_MESSAGES_IN_THREADS)
    threads.add_member(api.world, thread, user)


def _leave(api: Api, call: Call) -> None:
    thread, user = _thread(api, call), _whom(api, call)
    if user is not api.world.bot and thread.owner_id != api.world.bot.id:
        api.require(thread, Permission.MANAGE_THREADS)
    threads.remove_member(api.world, thread, user)


def _members(api: Api, call: Call) -> list[Json]:
    thread = _thread(api, call)
    after = int(call.query.get("after", 0))
    ids = sorted(id_ for id_ in thread.thread_members if id_ > after)[: call.number("limit", 100, 100)]
    return [payloads.thread_member(thread, id_) for id_ in ids]


def _member(api: Api, call: Call) -> Json:
    thread = _thread(api, call)
    if call.id("user") not in thread.thread_members:
        raise unknown("Member")
    return payloads.thread_member(thread, call.id("user"))


def _listing(api: Api, found: list[Channel]) -> Json:
    bot = api.world.bot.id
    return {
        "threads": [shown(api, each) for each in found], "has_more": False,
        "members": [payloads.thread_member(each, bot) for each in found if bot in each.thread_members],
    }  # fmt: skip


def _active(api: Api, call: Call) -> Json:
    visible = api.world.visible(api.world.bot, api.guild(call))
    return _listing(api, [each for each in visible if each.is_thread and not each.archived])


def _archived(api: Api, call: Call) -> Json:
    parent = api.channel(call, Permission.READ_MESSAGE_HISTORY)
    private = call.path.endswith("/private")
    visible = api.world.visible(api.world.bot, api.guild_of(parent))
    found = [
        each
        for each in visible
        if each.parent_id == parent.id and each.is_thread and each.archived
        and (each.kind is ChannelKind.PRIVATE_THREAD) == private
    ]  # fmt: skip
    return _listing(api, found)


_MEMBERS = "/channels/{channel}/thread-members"

ENDPOINTS = [
    Endpoint("POST", "/channels/{channel}/messages/{message}/threads", _on_message, 201),
    Endpoint("POST", "/channels/{channel}/threads", _start, 201),
    Endpoint("GET", "/channels/{channel}/threads/archived/public", _archived),
    Endpoint("GET", "/channels/{channel}/threads/archived/private", _archived),
    Endpoint("GET", "/guilds/{guild}/threads/active", _active),
    Endpoint("GET", _MEMBERS, _members),
    Endpoint("PUT", _MEMBERS + "/@me", _join),
    Endpoint("DELETE", _MEMBERS + "/@me", _leave),
    Endpoint("GET", _MEMBERS + "/{user}", _member),
    Endpoint("PUT", _MEMBERS + "/{user}", _join),
    Endpoint("DELETE", _MEMBERS + "/{user}", _leave),
]
