"""Buttons, select menus and modals, by the prefix of their custom_id: those posted before a restart still work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import hikari
import structlog
from hikari.api import special_endpoints

from frontdesk.contributions import Component, Modal
from frontdesk.errors import new_error_id
from frontdesk.failures import FAILURES, is_cancelled
from frontdesk.words import Say, Words

Rows = Sequence[special_endpoints.ComponentBuilder]
I = TypeVar("I", hikari.ComponentInteraction, hikari.ModalInteraction)  # noqa: E741  # an interaction


class Declined(Exception):
    """What a person asked for is not possible; the message is shown to that person alone.

    Args:
        message: a sentence for the person, in their language.
    """


@dataclass(slots=True)
class _Context(Generic[I]):
    """One use of a component or modal, and the ways to answer it.

    Args:
        interaction: hikari's object.
        data: the third part of the custom_id.
        say: the plugin's sentences in the person's language.
    """

    interaction: I
    data: str
    say: Say
    _answered: bool = False

    async def defer(self, *, ephemeral: bool = True) -> None:
        """Say that an answer will come; needed when it takes longer than 3 seconds."""
        if not self._answered:
            self._answered = True
            await self.interaction.create_initial_response(
                hikari.ResponseType.DEFERRED_MESSAGE_CREATE,
                flags=hikari.MessageFlag.EPHEMERAL if ephemeral else hikari.MessageFlag.NONE,
            )

    async def respond(
        self,
        content: str | None = None,
        *,
        ephemeral: bool = True,
        embed: hikari.Embed | None = None,
        components: Rows = (),
        attachments: Sequence[hikari.Resourceish] = (),
    ) -> None:
        """Answer with a message; after `defer` or a first answer it becomes a follow-up."""
        flags = hikari.MessageFlag.EPHEMERAL if ephemeral else hikari.MessageFlag.NONE
        more: dict[str, Any] = {"components": components, "flags": flags}
        if embed is not None:
            more["embed"] = embed
        if attachments:
            more["attachments"] = attachments
        if self._answered:
            await self.interaction.execute(content, **more)
        else:
            self._answered = True
            await self.interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, content, **more)


class ComponentContext(_Context[hikari.ComponentInteraction]):
    """One use of a button or select menu."""

    @property
    def values(self) -> Sequence[str]:
        """What was chosen in a select menu."""
        return self.interaction.values

    async def update(
        self, content: str | None = None, *, embed: hikari.Embed | None = None, components: Rows = ()
    ) -> None:
        """Change the message that carries the component, such as to take its buttons away."""
        self._answered = True
        more: dict[str, Any] = {"components": components}
        if content is not None:
            more["content"] = content
        if embed is not None:
            more["embed"] = embed
        await self.interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, **more)

    async def modal(self, title: str, custom_id: str, rows: Rows) -> None:
        """Open a modal; this must be the first answer.

        Args:
            title: at most 45 characters.
            custom_id: from `Desk.custom_id`.
            rows: one text input a row.
        """
        self._answered = True
        await self.interaction.create_modal_response(title, custom_id, components=rows)


class ModalContext(_Context[hikari.ModalInteraction]):
    """One submission of a modal."""

    @property
    def fields(self) -> Mapping[str, str]:
        """What was written, by the custom_id of each text input."""
        return {component.custom_id: component.value for row in self.interaction.components for component in row}


class Interactions:
    """Routes uses of components and modals to the plugins' handlers.

    Args:
        words: the catalogs, for the sentences.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._components: dict[tuple[str, str], Component] = {}
        self._modals: dict[tuple[str, str], Modal] = {}
        self._log = structlog.get_logger("frontdesk.interactions")

    def add(self, plugin: str, entry: Component | Modal) -> None:
        """Route one action of a plugin.

        Raises:
            ValueError: if the plugin named the action before, or with a colon in it.
        """
        if ":" in entry.action:
            raise ValueError(f"the action {entry.action!r} must not contain a colon")
        table: dict[tuple[str, str], Any] = self._components if isinstance(entry, Component) else self._modals
        if (plugin, entry.action) in table:
            raise ValueError(f"the action {entry.action!r} is registered twice")
        table[plugin, entry.action] = entry

    def withdraw(self, plugin: str) -> None:
        """Forget all actions of a plugin; its old buttons are answered with a plain sentence from then on."""
        for table in (self._components, self._modals):
            for key in [key for key in table if key[0] == plugin]:
                del table[key]

    async def handle(self, event: hikari.InteractionCreateEvent) -> None:
        """Answer a use of a component or modal; other interactions are lightbulb's."""
        interaction = event.interaction
        if isinstance(interaction, hikari.ComponentInteraction):
            await self._component(interaction)
        elif isinstance(interaction, hikari.ModalInteraction):
            await self._modal(interaction)

    async def _component(self, interaction: hikari.ComponentInteraction) -> None:
        plugin, action, data = _parts(interaction.custom_id)
        context = ComponentContext(interaction, data, self._say(plugin, interaction))
        entry = self._components.get((plugin, action))
        await self._run(context, entry.handle if entry else _gone, plugin, action)

    async def _modal(self, interaction: hikari.ModalInteraction) -> None:
        plugin, action, data = _parts(interaction.custom_id)
        context = ModalContext(interaction, data, self._say(plugin, interaction))
        entry = self._modals.get((plugin, action))
        await self._run(context, entry.handle if entry else _gone, plugin, action)

    def _say(self, plugin: str, interaction: hikari.ComponentInteraction | hikari.ModalInteraction) -> Say:
        guild_id = interaction.guild_id
        return self._words.say(plugin, str(interaction.locale), int(guild_id) if guild_id else None)

    async def _run(self, context: Any, handle: Callable[[Any], Awaitable[None]], plugin: str, action: str) -> None:
        try:
            await handle(context)
        except Declined as declined:
            await self._answer(context, str(declined))
        except FAILURES as error:  # the one error handler of interactions
            if is_cancelled(error):
                raise
            error_id = new_error_id()
            self._log.error("interaction failed", plugin=plugin, action=action, error_id=error_id, exc_info=error)
            await self._answer(context, context.say("something-went-wrong", error_id=error_id))

    async def _answer(self, context: Any, text: str) -> None:
        try:
            await context.respond(text)
        except hikari.HikariError as error:
            self._log.warning("an interaction could not be answered", reason=str(error))


def _parts(custom_id: str) -> tuple[str, str, str]:
    plugin, _, rest = custom_id.partition(":")
    action, _, data = rest.partition(":")
    return plugin, action, data


async def _gone(context: Any) -> None:
    raise Declined(context.say("no-longer-available"))
