"""The stars under the summary, and the form for a comment: the Discord surface of ratings."""

from collections.abc import Iterable

import hikari
from frontdesk import Component, ComponentContext, Declined, Desk, Modal, ModalContext
from hikari.impl import ModalActionRowBuilder

from frontdesk_helpdesk.buttons import rows
from frontdesk_helpdesk.outbox import Button
from frontdesk_helpdesk.rating import COMMENT_LIMIT, RatingRefused, Ratings
from frontdesk_helpdesk.settings import HelpdeskSettings

_COMMENT = "comment"


class RatingButtons:
    """What happens when a member rates.

    Args:
        desk: what the plugin was given.
        ratings: keeps what they give.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], ratings: Ratings) -> None:
        self._desk = desk
        self._ratings = ratings

    def components(self) -> Iterable[Component | Modal]:
        """Give the handlers."""
        return [
            Component(Button.RATE.value, self._rate),
            Component(Button.COMMENT.value, self._ask_for_comment),
            Modal(_COMMENT, self._comment),
        ]

    async def _rate(self, context: ComponentContext) -> None:
        number, _, stars = context.data.partition(":")
        try:
            rating = await self._ratings.give(int(number), int(context.interaction.user.id), int(stars))
        except RatingRefused as refused:
            raise Declined(context.say(refused.sentence)) from refused
        names = [Button.RATE, Button.COMMENT, Button.TRANSCRIPT]
        await context.update(components=rows(self._desk, context.say, int(number), names, chosen=rating.stars))

    async def _ask_for_comment(self, context: ComponentContext) -> None:
        try:
            rating = await self._ratings.to_comment(int(context.data), int(context.interaction.user.id))
        except RatingRefused as refused:
            raise Declined(context.say(refused.sentence)) from refused
        row = ModalActionRowBuilder().add_text_input(
            _COMMENT,
            context.say("rating-comment-label"),
            style=hikari.TextInputStyle.PARAGRAPH,
            required=False,
            max_length=COMMENT_LIMIT,
            value=rating.comment or hikari.UNDEFINED,
        )
        await context.modal(context.say("rating-comment-title"), self._desk.custom_id(_COMMENT, context.data), [row])

    async def _comment(self, context: ModalContext) -> None:
        text = context.fields.get(_COMMENT, "")
        try:
            await self._ratings.comment(int(context.data), int(context.interaction.user.id), text)
        except RatingRefused as refused:
            raise Declined(context.say(refused.sentence)) from refused
        await context.respond(context.say("rating-thanks"))
