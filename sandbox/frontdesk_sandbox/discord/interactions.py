"""Interactions: a command, a click, a modal on its way to the bot, and what the bot made of it."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from frontdesk_sandbox.changes import NotSeenError
from frontdesk_sandbox.discord import messages, payloads
from frontdesk_sandbox.discord.errors import ApiError, unknown
from frontdesk_sandbox.discord.limits import FILE_BYTES
from frontdesk_sandbox.discord.model import (
    Channel,
    Draft,
    Guild,
    Json,
    Message,
    MessageFlag,
    MessageKind,
    User,
)
from frontdesk_sandbox.discord.world import World

ANSWER_WITHIN = 3.0
"""Seconds in which Discord wants a first answer."""
TOKEN_LIFE = timedelta(minutes=15)


class InteractionKind(IntEnum):
    """Interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Stage(Enum):
    """How far an interaction has come."""

    PENDING = "pending"
    DEFERRED = "deferred"
    ANSWERED = "answered"
    FAILED = "failed"


@dataclass(eq=False, slots=True)
class Interaction:
    """One interaction, and what the person sees of it.

    Attributes:
        data: what was chosen or typed, as sent to the bot.
        source: the message whose component was used, or from whose modal it comes.
        stage: how far it has come.
        original: the first answer; while deferred, the message that says so.
        responses: every message that answers it, ephemeral ones too, in order.
        modal: the modal that it has opened, as ``{"title", "custom_id", "components"}``.
        modal_since: when it was opened, by the event loop's clock.
        choices: the suggestions of an autocomplete, as ``{"name", "value"}``.
        failure: what the client says when the bot did not answer within 3 s.
    """

    id: int
    token: str
    kind: InteractionKind
    user: User
    guild: Guild | None
    channel: Channel
    data: Json
    world: World
    created_at: datetime
    source: Message | None = None
    parent: "Interaction | None" = None
    stage: Stage = Stage.PENDING
    original: Message | None = None
    responses: list[Message] = field(default_factory=list)
    modal: Json | None = None
    modal_since: float = 0.0
    choices: list[Json] | None = None
    failure: str | None = None

    async def settled(self, deadline: float = 10.0) -> "Interaction":
        """Wait until the bot has answered in any way, deferring included, or has failed to.

        Raises:
            NotSeenError: after ``deadline`` seconds.
        """
        await self.world.changes.until(
            lambda: self.stage is not Stage.PENDING, deadline=deadline, what=f"an answer to {self.data}"
        )
        return self

    async def response(self, deadline: float = 10.0) -> Message:
        """Wait for the first message that answers, not counting one that only promises.

        Raises:
            NotSeenError: if it fails, or after ``deadline`` seconds.
        """

        def look() -> Message | str | None:
            told = [each for each in self.responses if not each.loading]
            return told[0] if told else self.failure

        seen: Message | str = await self.world.changes.until(look, deadline=deadline, what=f"a response to {self.data}")
        if isinstance(seen, str):
            raise NotSeenError(f"the client shows: {seen}")
        return seen

    @property
    def metadata(self) -> Json:
        """The ``interaction_metadata`` of messages that answer this."""
        owner = str(self.guild.id) if self.guild else "0"
        metadata: Json = {
            "id": str(self.id), "type": int(self.kind), "user": payloads.user(self.user),
            "authorizing_integration_owners": {"0": owner},
        }  # fmt: skip
        if self.kind is InteractionKind.COMPONENT and self.source is not None:
            metadata["interacted_message_id"] = str(self.source.id)
        if self.kind is InteractionKind.MODAL and self.parent is not None:
            metadata["triggering_interaction_metadata"] = self.parent.metadata
        return metadata


class Interactions:
    """Every interaction of the world, by id and by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def start(
        self,
        kind: InteractionKind,
        user: User,
        channel: Channel,
        data: Json,
        *,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Send an interaction to the bot; if it does not answer within 3 s, it fails."""
        world = self._world
        guild = world.guild_of(channel)
        id_, token = world.snowflakes.next(), secrets.token_urlsafe(48)
        interaction = Interaction(id_, token, kind, user, guild, channel, data, world, world.clock(), source, parent)
        self._by_id[id_] = self._by_token[token] = interaction
        loop = asyncio.get_running_loop()
        self._timers[id_] = loop.call_later(ANSWER_WITHIN, self._expire, interaction)
        world.dispatch("INTERACTION_CREATE", self._payload(interaction), guild, channel)
        self._tell(interaction)
        return interaction

    def get(self, id_: int, token: str) -> Interaction:
        """An interaction by id and token; ApiError 10062 if unknown or too old."""
        interaction = self._by_id.get(id_)
        if interaction is None or interaction.token != token or interaction.stage is Stage.FAILED:
            raise unknown("Interaction")
        return interaction

    def by_token(self, token: str) -> Interaction:
        """An acknowledged interaction by token, for follow-ups.

        Raises:
            ApiError: 10015 if unknown or not acknowledged, 50027 after 15 minutes.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.stage in {Stage.PENDING, Stage.FAILED}:
            raise unknown("Webhook")
        if self._world.clock() - interaction.created_at > TOKEN_LIFE:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def of(self, user: User) -> list[Interaction]:
        """A person's interactions, oldest first."""
        return [each for each in self._by_id.values() if each.user is user]

    def acknowledge(self, interaction: Interaction, stage: Stage) -> None:
        """Note the first answer; ApiError 40060 if there was one."""
        if interaction.stage is not Stage.PENDING:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        interaction.stage = stage
        self._timers.pop(interaction.id).cancel()

    def told(self, interaction: Interaction) -> None:
        """Tell those who wait that an interaction has come further."""
        self._tell(interaction)

    def promise(self, interaction: Interaction, *, ephemeral: bool) -> Message:
        """Show that an answer is being made."""
        return self.say(interaction, Draft(flags=int(MessageFlag.LOADING)), ephemeral=ephemeral)

    def say(self, interaction: Interaction, draft: Draft, *, ephemeral: bool) -> Message:
        """Add a message that answers; the first one after a deferral takes the promise's place."""
        original = interaction.original
        if original is not None and original.loading:
            self.keep_promise(original, draft)
            self._tell(interaction)
            return original
        name = interaction.data.get("name") if interaction.kind is InteractionKind.COMMAND else None
        first_of_command = name is not None and original is None
        message = messages.post(
            self._world, interaction.channel, self._world.bot, draft,
            kind=MessageKind.SLASH_COMMAND if first_of_command else None,
            interaction=interaction.metadata, interaction_name=name,
            seen_only_by=interaction.user if ephemeral else None,
        )  # fmt: skip
        interaction.responses.append(message)
        if original is None:
            interaction.original = message
        self._tell(interaction)
        return message

    def keep_promise(self, message: Message, draft: Draft) -> None:
        """Put the answer where the promise was."""
        message.flags = draft.flags | (message.flags & MessageFlag.EPHEMERAL)
        messages.fill(self._world, self._world.channels[message.channel_id], message, draft)
        messages.changed(self._world, message)

    def close(self) -> None:
        """Stop waiting for answers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _expire(self, interaction: Interaction) -> None:
        self._timers.pop(interaction.id, None)
        interaction.stage = Stage.FAILED
        of_command = interaction.kind is InteractionKind.COMMAND
        interaction.failure = "This application did not respond" if of_command else "This interaction failed"
        self._tell(interaction)

    def _tell(self, interaction: Interaction) -> None:
        self._world.tell(
            "interaction", user=str(interaction.user.id), channel=str(interaction.channel.id),
            interaction=str(interaction.id), stage=interaction.stage.value,
        )  # fmt: skip

    def _payload(self, interaction: Interaction) -> Json:
        world, guild, channel = self._world, interaction.guild, interaction.channel
        bits = world.permissions(interaction.user, channel)
        payload: Json = {
            "id": str(interaction.id), "application_id": str(world.bot.id), "type": int(interaction.kind),
            "token": interaction.token, "version": 1, "data": interaction.data,
            "channel_id": str(channel.id), "locale": interaction.user.locale, "entitlements": [],
            "channel": payloads.channel(channel, world.users, world.bot.id) | {"permissions": str(bits)},
            "app_permissions": str(world.permissions(world.bot, channel)), "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "attachment_size_limit": FILE_BYTES,
        }  # fmt: skip
        if guild is not None:
            member = payloads.member(guild.members[interaction.user.id])
            payload |= {
                "guild_id": str(guild.id), "guild_locale": guild.locale,
                "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
                "member": {**member, "permissions": str(bits)},
            }  # fmt: skip
        else:
            payload["user"] = payloads.user(interaction.user)
        if interaction.source is not None:
            payload["message"] = payloads.message(interaction.source, world.users, world.bot.id)
        return payload
