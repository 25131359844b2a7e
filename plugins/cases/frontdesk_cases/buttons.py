"""Buttons under messages about cases: their actions, and the rows in which they stand."""

from collections.abc import Sequence
from enum import StrEnum

import hikari
from frontdesk import CaseStatus, Desk, Say
from hikari.api import MessageActionRowBuilder
from hikari.impl import ModalActionRowBuilder

from frontdesk_cases.cases import OPEN_STATUSES, CaseRecord
from frontdesk_cases.settings import CasesSettings

TEXT = "text"
"""The one field of the forms."""

LONGEST_TEXT = 4000
"""Characters of a text input; Discord's developer documentation, "Text Input"."""


class Action(StrEnum):
    """What a button, menu or form does; the value is the action in the custom_id."""

    DETAILS = "details"
    REPLY = "reply"
    REOPEN = "reopen"
    CLOSE = "close"
    MINE = "mine"
    PICK = "pick"
    TAKE = "take"
    RESOLVE = "resolve"
    NOTE = "note"


def row(desk: Desk[CasesSettings], say: Say, data: str, actions: Sequence[Action]) -> MessageActionRowBuilder:
    """Lay buttons out.

    Args:
        desk: makes the custom_ids.
        say: the reader's language.
        data: what the buttons are about: the case's id.
        actions: which, at most 5; the first stands out.
    """
    laid_out = desk.rest.build_message_action_row()
    for place, action in enumerate(actions):
        style = hikari.ButtonStyle.SECONDARY if place else hikari.ButtonStyle.PRIMARY
        assert style is not hikari.ButtonStyle.LINK
        assert style is not hikari.ButtonStyle.PREMIUM
        laid_out.add_interactive_button(style, desk.custom_id(action.value, data), label=say(f"button-{action.value}"))
    return laid_out


def for_member(case: CaseRecord, *, with_details: bool) -> Sequence[Action]:
    """Say what a member can do with a case of theirs.

    Args:
        case: the case as it is now.
        with_details: whether there is more to be read than is shown already.
    """
    details = [Action.DETAILS] if with_details else []
    if case.status in OPEN_STATUSES:
        return [Action.REPLY, *details, Action.CLOSE]
    reopen = [Action.REOPEN] if case.status in {CaseStatus.RESOLVED, CaseStatus.CLOSED} else []
    return [*reopen, Action.REPLY, *details]


def text_form(label: str, hint: str, *, limit: int = LONGEST_TEXT) -> Sequence[ModalActionRowBuilder]:
    """Make a form of one long text.

    Args:
        label: at most 45 characters.
        hint: shown in the empty field, at most 100 characters.
        limit: characters that can be written.
    """
    field = ModalActionRowBuilder()
    field.add_text_input(
        TEXT, label, style=hikari.TextInputStyle.PARAGRAPH, placeholder=hint, min_length=1, max_length=limit
    )
    return [field]
