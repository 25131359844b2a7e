"""The chat client's side in the server: its live stream, and what a person does there."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from frontdesk_sandbox.changes import Changes
from frontdesk_sandbox.discord import Channel, LoopbackDiscord, Member, Message, Permission, RefusedError, threads
from frontdesk_sandbox.discord.components import ComponentKind, walk
from frontdesk_sandbox.discord.interactions import Interaction, InteractionKind
from frontdesk_sandbox.discord.model import ChannelKind, Json
from frontdesk_sandbox.discord.typed import Reader
from frontdesk_sandbox.pages.actions import Action, NoSuchThingError, act
from frontdesk_sandbox.pages.chat_screen import people, screen
from frontdesk_sandbox.pages.live import Live, gone

_SETTLE = 5.0
"""Seconds; an interaction that nobody answers fails by itself after 3 s."""

Doer = Callable[["Chat", Member, Action], Awaitable[Json | None]]


class Chat:
    """The routes of the chat page.

    Args:
        discord: whose people one can be.
        changes: the news after which a screen is drawn.
    """

    def __init__(self, discord: LoopbackDiscord, changes: Changes) -> None:
        self.discord = discord
        self.world = discord.world
        self._changes = changes
        self.routes: list[BaseRoute] = [
            Route("/pages/chat/people", self._people),
            Route("/pages/chat/people/new", self._join, methods=["POST"]),
            WebSocketRoute("/pages/chat/{who:int}/live", self._live),
            Route("/pages/chat/{who:int}/{deed}", self._act, methods=["POST"]),
        ]

    async def _people(self, _request: Request) -> Response:
        found = people(self.discord)
        return JSONResponse([{"id": str(user.id), "name": user.display_name, "username": user.name} for user in found])

    async def _join(self, request: Request) -> Response:
        async def do(action: Action) -> Json:
            name = action.text("name").strip()[:32]
            if not name:
                raise RefusedError("a new member needs a name")
            if any(name in {user.display_name, user.name} for user in self.world.users.values()):
                raise RefusedError(f"there is a {name} already")
            guild = next(iter(self.world.guilds.values()), None)
            if guild is None:
                raise NoSuchThingError("there is no server to join")
            user = self.world.create_member(guild, name, locale=action.text("locale"))
            return {"id": str(user.id)}

        return await act(request, do)

    async def _live(self, socket: WebSocket) -> None:
        user = self.world.users.get(socket.path_params["who"])
        if user is None or user.bot:
            await gone(socket)
            return
        member = self.discord.member(user)

        def snapshot(about: dict[str, Any]) -> Json:
            return screen(self.discord, member, about.get("place"))

        await Live(self._changes, snapshot, self._typing(member)).serve(socket)

    def _typing(self, member: Member) -> Callable[[dict[str, Any]], Json | None]:
        def glimpse(event: dict[str, Any]) -> Json | None:
            if event.get("kind") != "typing" or event["user"] == str(member.user.id):
                return None
            place = self.world.channels.get(int(event["channel"]))
            user = self.world.users.get(int(event["user"]))
            if place is None or user is None or not self.world.sees(member.user, place):
                return None
            return {"typing": user.display_name, "user": event["user"], "place": event["channel"]}

        return glimpse

    async def _act(self, request: Request) -> Response:
        async def do(action: Action) -> Json | None:
            deed = _DEEDS.get(request.path_params["deed"])
            user = self.world.users.get(request.path_params["who"])
            if deed is None or user is None or user.bot:
                raise NoSuchThingError("there is nothing like that to do")
            return await deed(self, self.discord.member(user), action)

        return await act(request, do)

    def place(self, member: Member, action: Action) -> Channel:
        """The place that an action names, if the person sees it."""
        place = self.world.channels.get(action.id("place"))
        if place is None or not self.world.sees(member.user, place):
            raise NoSuchThingError("this place is not there any more")
        return place

    def message(self, member: Member, action: Action, name: str = "message") -> Message:
        """The message that an action names, if the person sees it."""
        place, wanted = self.place(member, action), action.id(name)
        if message := place.messages.get(wanted):
            return message
        for message in self.world.ephemerals.get(member.user.id, ()):
            if message.id == wanted:
                return message
        raise NoSuchThingError("this message is not there any more")


async def _settle(interaction: Interaction) -> None:
    """Wait for the bot, so that the page can show that something is under way; failures are on the screen."""
    await interaction.settled(_SETTLE)


async def _say(chat: Chat, member: Member, action: Action) -> None:
    reply = chat.message(member, action, "reply_to") if action.values.get("reply_to") else None
    files = action.files.get("files", [])
    await member.say(action.text("text"), chat.place(member, action), attachments=files, reply_to=reply)


async def _edit(chat: Chat, member: Member, action: Action) -> None:
    await member.edit(chat.message(member, action), action.text("text"))


async def _delete(chat: Chat, member: Member, action: Action) -> None:
    await member.delete(chat.message(member, action))


async def _react(chat: Chat, member: Member, action: Action) -> None:
    message, emoji = chat.message(member, action), action.text("emoji")
    if member.user.id in message.reactions.get(emoji, []):
        await member.unreact(message, emoji)
    else:
        await member.react(message, emoji)


async def _type(chat: Chat, member: Member, action: Action) -> None:
    await member.type(chat.place(member, action))


async def _command(chat: Chat, member: Member, action: Action) -> None:
    place, data = _typed(chat, member, action, focused=False)
    await _settle(chat.discord.interactions.start(InteractionKind.COMMAND, member.user, place, data))


async def _suggest(chat: Chat, member: Member, action: Action) -> Json:
    place, data = _typed(chat, member, action, focused=True)
    asked = chat.discord.interactions.start(InteractionKind.AUTOCOMPLETE, member.user, place, data)
    await asked.settled(_SETTLE)
    return {"choices": asked.choices or []}


def _typed(chat: Chat, member: Member, action: Action, *, focused: bool) -> tuple[Channel, Json]:
    """The data of a command; with ``focused``, the last option is still being typed."""
    place, wanted = chat.place(member, action), action.text("command")
    command = next((each for each in member.commands(place) if str(each["id"]) == wanted), None)
    if command is None:
        raise RefusedError("this command is not offered here any more")
    options = dict(action.mapping("options"))
    options |= {name.removeprefix("option."): files[0] for name, files in action.files.items()}
    reader = Reader(chat.world, chat.world.guild_of(place), place, focused=focused)
    return place, reader.data(command, str(action.values.get("path") or ""), options)


async def _use(chat: Chat, member: Member, action: Action) -> None:
    await _settle(await member.use(chat.message(member, action), action.text("name")))


async def _press(chat: Chat, member: Member, action: Action) -> None:
    message = chat.message(member, action)
    await _settle(await member.click(action.text("component"), message, deadline=1))


async def _choose(chat: Chat, member: Member, action: Action) -> None:
    message, name = chat.message(member, action), action.text("component")
    select = next((each for each in walk(message.components) if each.get("custom_id") == name), None)
    if select is None:
        raise NoSuchThingError("this menu is not there any more")
    values = [str(each) for each in action.values.get("values") or []]
    chosen: list[Any] = values
    if select["type"] != ComponentKind.SELECT:
        chosen = [_entity(chat, message, each) for each in values]
    await _settle(await member.choose(name, *chosen, on=message, deadline=1))


def _entity(chat: Chat, message: Message, id_: str) -> Any:
    """The person, channel or role behind an id."""
    number = int(id_) if id_.isdigit() else 0
    guild = chat.world.guild_of(chat.world.channels[message.channel_id])
    for known in (chat.world.users, chat.world.channels, guild.roles if guild else {}):
        if number in known:
            return known[number]
    raise NoSuchThingError("what was chosen is not there any more")


async def _submit(_chat: Chat, member: Member, action: Action) -> None:
    await _settle(await member.submit(deadline=1, **action.mapping("fields")))


async def _dismiss(chat: Chat, member: Member, _action: Action) -> None:
    if opened := member.open_modal():
        opened.modal = None
        chat.discord.interactions.told(opened)


async def _open_dm(_chat: Chat, member: Member, _action: Action) -> Json:
    return {"place": str(member.dm_channel.id)}


async def _post(chat: Chat, member: Member, action: Action) -> Json:
    """Start a post in a forum, or a thread in a channel or on a message."""
    parent, title = chat.place(member, action), action.text("title").strip()[:100]
    guild = chat.world.guild_of(parent)
    if guild is None or not title:
        raise RefusedError("a thread needs a title" if guild else "there are no threads in direct messages")
    forum = parent.kind is ChannelKind.FORUM
    needed = Permission.SEND_MESSAGES if forum else Permission.CREATE_PUBLIC_THREADS
    if needed & ~chat.world.permissions(member.user, parent):
        raise RefusedError(f"{member.user.display_name} may not start threads in {parent.name}")
    on = chat.message(member, action) if action.values.get("message") else None
    news = parent.kind is ChannelKind.ANNOUNCEMENT
    kind = ChannelKind.ANNOUNCEMENT_THREAD if news else ChannelKind.PUBLIC_THREAD
    thread = threads.start(chat.world, guild, parent, member.user, title, kind=kind, on=on)
    if action.values.get("text") or action.files:
        await member.say(action.text("text"), thread, attachments=action.files.get("files", []))
    return {"place": str(thread.id)}


async def _settings(chat: Chat, member: Member, action: Action) -> None:
    """What a person decides on direct messages, for trying a bot against closed doors."""
    if "dms_closed" in action.values:
        await (member.close_dms() if action.values["dms_closed"] else member.open_dms())
    if "bot_blocked" in action.values:
        blocked = member.user.blocked
        (blocked.add if action.values["bot_blocked"] else blocked.discard)(chat.world.bot.id)
    chat.world.tell("settings", user=str(member.user.id))


_DEEDS: dict[str, Doer] = {
    "say": _say, "edit": _edit, "delete": _delete, "react": _react, "type": _type, "command": _command,
    "suggest": _suggest, "use": _use, "press": _press, "choose": _choose, "submit": _submit,
    "dismiss": _dismiss, "open-dm": _open_dm, "post": _post, "settings": _settings,
}  # fmt: skip
