"""A person in front of a chat client: types, clicks, chooses, reads. In-process, by the client's own rules."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from frontdesk_sandbox.discord import components, forms, messages, payloads, sight, threads
from frontdesk_sandbox.discord.commands import MESSAGE_MENU, SLASH, USER_MENU
from frontdesk_sandbox.discord.components import LINK_STYLE, SELECTS, ComponentKind
from frontdesk_sandbox.discord.errors import RefusedError
from frontdesk_sandbox.discord.interactions import Interaction, InteractionKind
from frontdesk_sandbox.discord.limits import CONTENT
from frontdesk_sandbox.discord.model import (
    Channel,
    ChannelKind,
    Draft,
    File,
    Guild,
    Json,
    Message,
    MessageFlag,
    Role,
    User,
)
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.person import Person, Place
from frontdesk_sandbox.discord.typed import Reader

_BUTTON = frozenset({int(ComponentKind.BUTTON)})
_MODAL_PAUSE = 0.3


class Member(Person):
    """One person's chat client.

    Actions that the real client would refuse raise RefusedError with the reason. Those that need something
    to be there first (a button, a modal, a text) wait for it, 10 s unless told otherwise, and then raise
    NotSeenError.
    """

    # Commands

    async def command(self, text: str, channel: Place = None, **options: Any) -> Interaction:
        """Type a slash command and send it.

        Args:
            text: such as ``"/helpme note:hello"``; each value runs on to the next option's name.
            channel: where; the first text channel of the server by default.
            options: values given apart, such as people, channels and files.

        Returns:
            The interaction; ``await interaction.response()`` waits for the answer.
        """
        place = self.place(channel)
        command, rest = self._find_command(text, place)
        reader = Reader(self._world, self._world.guild_of(place), place)
        return self._send(InteractionKind.COMMAND, place, reader.data(command, rest, options))

    async def autocomplete(self, text: str, channel: Place = None, *, deadline: float = 10.0) -> list[Json]:
        """Type a command up to the middle of its last option, and read the suggestions.

        Returns:
            What is suggested, as ``{"name", "value"}``.
        """
        place = self.place(channel)
        command, rest = self._find_command(text, place)
        reader = Reader(self._world, self._world.guild_of(place), place, focused=True)
        interaction = self._send(InteractionKind.AUTOCOMPLETE, place, reader.data(command, rest, {}))
        await interaction.settled(deadline)
        return interaction.choices or []

    async def use(self, target: Message | User, name: str) -> Interaction:
        """Choose a command from a message's or a person's context menu."""
        kind = MESSAGE_MENU if isinstance(target, Message) else USER_MENU
        place = self._world.channels[target.channel_id] if isinstance(target, Message) else self.place(None)
        command = self._offered(place, kind, lambda one: one["name"] == name, name)
        data: Json = {"id": command["id"], "name": name, "type": kind, "target_id": str(target.id)}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if isinstance(target, Message):
            shown = payloads.message(target, self._world.users, self._world.bot.id)
            data["resolved"] = {"messages": {str(target.id): shown}}
        else:
            data["resolved"] = {"users": {str(target.id): payloads.user(target)}}
        return self._send(InteractionKind.COMMAND, place, data)

    def _find_command(self, text: str, place: Channel) -> tuple[Json, str]:
        if not text.startswith("/"):
            raise RefusedError(f"a command begins with a slash: {text!r}")
        name, _, rest = text[1:].partition(" ")

        def fits(one: Json) -> bool:
            return name in {one["name"], (one["name_localizations"] or {}).get(self.user.locale)}

        return self._offered(place, SLASH, fits, f"/{name}"), rest

    def _offered(self, place: Channel, kind: int, fits: Callable[[Json], bool], name: str) -> Json:
        offered = self.commands(place, kind)
        for command in offered:
            if fits(command):
                return command
        names = sorted(command["name"] for command in offered)
        raise RefusedError(f"{self.user.display_name} is not offered {name!r} here, only {names}")

    def _send(
        self,
        kind: InteractionKind,
        place: Channel,
        data: Json,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        return self._interactions.start(kind, self.user, place, data, source=source, parent=parent)

    # Buttons, selects, modals

    async def click(
        self, button: str, on: Message | None = None, where: Place = None, *, deadline: float = 10.0
    ) -> Interaction:
        """Click a button on the newest message that has it; wait for it to appear.

        Args:
            button: its label or custom_id.
            on: the message, if it matters.
            where: only in this place.
            deadline: seconds to wait for it.
        """
        message, component = await self._await_component(button, _BUTTON, on, where, deadline)
        if component["style"] == LINK_STYLE:
            raise RefusedError(f"{button!r} is a link to {component['url']}")
        return self._press(message, component, {})

    async def choose(
        self,
        select: str,
        *options: Any,
        on: Message | None = None,
        where: Place = None,
        deadline: float = 10.0,
    ) -> Interaction:
        """Choose in a select menu of the newest message that has it; wait for it to appear.

        Args:
            select: its placeholder or custom_id.
            options: labels or values; people, channels or roles where the menu offers those.
            on: the message, if it matters.
            where: only in this place.
            deadline: seconds to wait for it.
        """
        message, component = await self._await_component(select, frozenset(map(int, SELECTS)), on, where, deadline)
        if not component["min_values"] <= len(options) <= component["max_values"]:
            raise RefusedError(f"{select!r} takes {component['min_values']} to {component['max_values']} choices")
        if component["type"] == ComponentKind.SELECT:
            return self._press(message, component, {"values": [forms.chosen(component, one) for one in options]})
        return self._press(message, component, self._entities(message, options))

    def _entities(self, message: Message, options: Iterable[Any]) -> Json:
        place = self._world.channels[message.channel_id]
        reader = Reader(self._world, self._world.guild_of(place), place)
        values = []
        for one in options:
            kind = 7 if isinstance(one, Channel) else 8 if isinstance(one, Role) else 6
            option = {"name": "x", "type": kind, "description": "x"}
            data = reader.data({"id": "0", "name": "x", "type": SLASH, "options": [option]}, "", {"x": one})
            values.append(data["options"][0]["value"])
        return {"values": values, "resolved": reader.resolved}

    def _press(self, message: Message, component: Json, more: Json) -> Interaction:
        if component.get("disabled"):
            raise RefusedError(f"{component.get('label') or component['custom_id']!r} is disabled")
        data = {
            "custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"], **more
        }  # fmt: skip
        place = self._world.channels[message.channel_id]
        return self._send(InteractionKind.COMPONENT, place, data, source=message)

    async def _await_component(
        self, name: str, kinds: frozenset[int], on: Message | None, where: Place, deadline: float
    ) -> tuple[Message, Json]:
        def look() -> tuple[Message, Json] | None:
            place = None if where is None else self.place(where)
            seen = [on] if on is not None else sight.messages(self._world, self.user, place)
            for message in seen:
                if component := sight.find_component(message, name, kinds):
                    return message, component
            return None

        what = f"{name!r} to press, by {self.user.display_name},"
        return await self._world.changes.until(look, deadline=deadline, what=what)

    async def submit(self, *, deadline: float = 10.0, **fields: str) -> Interaction:
        """Fill in the open modal and send it; wait for one to open.

        A bot gets ready for the submission only after its callback has returned; no person is quicker than
        0.3 s, and neither is this.

        Args:
            deadline: seconds to wait for a modal.
            fields: values by custom_id or label; an underscore stands for a space in a label.
        """
        opened = await self._world.changes.until(
            self.open_modal, deadline=deadline, what=f"a modal for {self.user.display_name}"
        )
        modal = opened.modal
        assert modal is not None
        shown_for = asyncio.get_running_loop().time() - opened.modal_since
        await asyncio.sleep(max(0.0, _MODAL_PAUSE - shown_for))
        values = forms.fill_in(modal, fields)
        opened.modal = None
        data = {"custom_id": modal["custom_id"], "components": components.filled_in(modal, values)}
        return self._send(InteractionKind.MODAL, opened.channel, data, source=opened.source, parent=opened)

    # Talking

    async def say(
        self,
        text: str = "",
        to: Place = "dm",
        *,
        attachments: Iterable[File] = (),
        reply_to: Message | None = None,
        stickers: Iterable[str] = (),
        poll: tuple[str, list[str]] | None = None,
        forward: Message | None = None,
    ) -> Message:
        """Send a message.

        Args:
            text: what to say.
            to: where; the DM with the bot by default.
            attachments: files.
            reply_to: the message that this replies to.
            stickers: names of stickers.
            poll: a question and its answers.
            forward: the message that is forwarded.
        """
        place, draft = self.place(to), Draft(text, files=list(attachments), reply_to=reply_to)
        draft.stickers = [{"id": str(self._world.snowflakes.next()), "name": one, "format_type": 1} for one in stickers]
        draft.poll = forms.poll(self._world, *poll) if poll else None
        draft.forwarded = forward
        draft.flags = MessageFlag.HAS_SNAPSHOT if forward is not None else 0
        if any(file.seconds is not None for file in draft.files):
            draft.flags |= MessageFlag.VOICE_MESSAGE
        if len(text) > CONTENT:
            raise RefusedError(f"a message has at most {CONTENT} characters")
        if not (text.strip() or draft.files or draft.stickers or draft.poll or forward):
            raise RefusedError("an empty message is not sent")
        self._need(place, Permission.SEND_MESSAGES_IN_THREADS if place.is_thread else Permission.SEND_MESSAGES)
        if place.kind in {ChannelKind.FORUM, ChannelKind.CATEGORY}:
            raise RefusedError(f"#{place.name} takes posts, not messages")
        return messages.post(self._world, place, self.user, draft)

    async def post(self, forum: Place, title: str, text: str, *, tags: Iterable[str] = ()) -> Channel:
        """Start a post in a forum, or a public thread in a text channel.

        Args:
            forum: where.
            title: the post's title.
            text: its first message.
            tags: names of the forum's tags.
        """
        place = self.place(forum)
        in_forum = place.kind is ChannelKind.FORUM
        self._need(place, Permission.SEND_MESSAGES if in_forum else Permission.CREATE_PUBLIC_THREADS)
        guild = self._world.guild_of(place)
        if guild is None:
            raise RefusedError("there are no threads in a DM")
        known = {tag["name"]: tag["id"] for tag in place.settings.get("available_tags", ())}
        if unknown := set(tags) - set(known):
            raise RefusedError(f"the forum has no tag {sorted(unknown)}")
        settings = {"applied_tags": [known[tag] for tag in tags]}
        thread = threads.start(self._world, guild, place, self.user, title, settings=settings)
        messages.post(self._world, thread, self.user, Draft(text))
        return thread

    async def edit(self, message: Message, text: str) -> None:
        """Change the text of an own message."""
        if message.author is not self.user:
            raise RefusedError("only one's own messages can be edited")
        draft = Draft(text, message.embeds, message.components, flags=message.flags)
        messages.fill(self._world, self._world.channels[message.channel_id], message, draft)
        messages.edited(self._world, message)

    async def take_out(self, message: Message, name: str) -> None:
        """Take a file out of an own message."""
        message.attachments = [each for each in message.attachments if each.file.name != name]
        messages.edited(self._world, message)

    async def delete(self, message: Message) -> None:
        """Delete an own message, or, with the permission, another's."""
        if message.author is not self.user:
            self._need(self._world.channels[message.channel_id], Permission.MANAGE_MESSAGES)
        messages.delete(self._world, message)

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        self._need(self._world.channels[message.channel_id], Permission.ADD_REACTIONS)
        messages.react(self._world, message, self.user, emoji)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take one's reaction back."""
        messages.unreact(self._world, message, self.user, emoji)

    async def type(self, where: Place = "dm") -> None:
        """Begin to type, so that others see it."""
        place = self.place(where)
        guild = self._world.guild_of(place)
        data: Json = {
            "channel_id": str(place.id), "user_id": str(self.user.id),
            "timestamp": int(self._world.clock().timestamp()),
        }  # fmt: skip
        if guild is not None:
            data |= {"guild_id": str(guild.id), "member": payloads.member(guild.members[self.user.id])}
        self._world.dispatch("TYPING_START", data, guild, place)
        self._world.tell("typing", channel=str(place.id), user=str(self.user.id))

    def _need(self, place: Channel, permission: Permission) -> None:
        if permission & ~self._world.permissions(self.user, place):
            raise RefusedError(f"{self.user.display_name} may not do that in {place.name or 'the DM'}")

    # Leaving

    async def close_dms(self) -> None:
        """Take no more direct messages; the bot gets 50007."""
        self.user.dms_closed = True

    async def open_dms(self) -> None:
        """Take direct messages again."""
        self.user.dms_closed = False

    async def block(self, other: User | None = None) -> None:
        """Block someone; the bot by default."""
        self.user.blocked.add((other or self._world.bot).id)

    async def leave(self, guild: Guild | None = None) -> None:
        """Leave a server; the usual one by default."""
        self._world.remove_member(guild or self.home, self.user)
