"""One use of a command, a button, a menu or a form, as the ways in see it."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import hikari
import lightbulb
from frontdesk import ComponentContext, Desk, ModalContext, Say
from hikari.api import special_endpoints

from frontdesk_helpdesk.settings import HelpdeskSettings

Rows: TypeAlias = Sequence[special_endpoints.ComponentBuilder]
Used: TypeAlias = hikari.CommandInteraction | hikari.ComponentInteraction | hikari.ModalInteraction


class Visit(Protocol):
    """Somebody who did something and waits for an answer."""

    @property
    def interaction(self) -> Used:
        """hikari's object."""

    @property
    def say(self) -> Say:
        """The sentences in their language."""

    async def defer(self) -> None:
        """Promise an answer, where it takes longer than 3 seconds."""

    async def show(self, text: str, rows: Rows = ()) -> None:
        """Answer; only they see it."""

    async def modal(self, title: str, custom_id: str, rows: Rows) -> None:
        """Open a form, as the first answer."""


class CommandVisit:
    """A command was used."""

    def __init__(self, context: lightbulb.Context, desk: Desk[HelpdeskSettings]) -> None:
        self._context = context
        self.say: Say = desk.say_to(context.interaction)

    @property
    def interaction(self) -> Used:
        """hikari's object."""
        return self._context.interaction

    async def defer(self) -> None:
        """Promise an answer."""
        await self._context.defer(ephemeral=True)

    async def show(self, text: str, rows: Rows = ()) -> None:
        """Answer."""
        await self._context.respond(text, components=rows, ephemeral=True)

    async def modal(self, title: str, custom_id: str, rows: Rows) -> None:
        """Open a form."""
        await self._context.respond_with_modal(title, custom_id, components=rows)


class ComponentVisit:
    """A button or a menu was used.

    Args:
        context: the core's.
        in_place: whether the answer takes the place of the message with the button or menu.
    """

    def __init__(self, context: ComponentContext, *, in_place: bool = False) -> None:
        self._context = context
        self._in_place = in_place

    @property
    def interaction(self) -> Used:
        """hikari's object."""
        return self._context.interaction

    @property
    def say(self) -> Say:
        """The sentences in their language."""
        return self._context.say

    async def defer(self) -> None:
        """Promise an answer, unless the message will be changed."""
        if not self._in_place:
            await self._context.defer()

    async def show(self, text: str, rows: Rows = ()) -> None:
        """Answer, or change the message; what follows a change is a message of its own."""
        if self._in_place:
            self._in_place = False
            await self._context.update(text, components=rows)
        else:
            await self._context.respond(text, components=rows)

    async def modal(self, title: str, custom_id: str, rows: Rows) -> None:
        """Open a form."""
        await self._context.modal(title, custom_id, rows)


class ModalVisit:
    """A form was sent."""

    def __init__(self, context: ModalContext) -> None:
        self._context = context

    @property
    def interaction(self) -> Used:
        """hikari's object."""
        return self._context.interaction

    @property
    def say(self) -> Say:
        """The sentences in their language."""
        return self._context.say

    async def defer(self) -> None:
        """Promise an answer."""
        await self._context.defer()

    async def show(self, text: str, rows: Rows = ()) -> None:
        """Answer."""
        await self._context.respond(text, components=rows)

    async def modal(self, title: str, custom_id: str, rows: Rows) -> None:
        """Refuse: Discord opens no form after a form.

        Raises:
            RuntimeError: always; who writes a way in must not ask for it.
        """
        raise RuntimeError(f"a form cannot follow a form: {title}, {custom_id}, {len(rows)} fields")
