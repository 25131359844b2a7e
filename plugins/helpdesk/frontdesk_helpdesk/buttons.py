"""Buttons under the desk's messages, as rows of Discord's components."""

from collections.abc import Iterable

from frontdesk import Desk, Say
from hikari import ButtonStyle as _Style
from hikari.api import MessageActionRowBuilder

from frontdesk_helpdesk.outbox import Button
from frontdesk_helpdesk.settings import HelpdeskSettings

STARS = (1, 2, 3, 4, 5)


def rows(
    desk: Desk[HelpdeskSettings], say: Say, conversation_id: int, names: Iterable[Button], *, chosen: int | None = None
) -> list[MessageActionRowBuilder]:
    """Lay buttons out: the five of a rating in a row of their own, all others in one below.

    Args:
        desk: makes the custom_ids.
        say: the member's language.
        conversation_id: what the buttons are about.
        names: which.
        chosen: the stars given so far, which stand out.
    """
    names = list(names)
    laid_out = []
    if Button.RATE in names:
        row = desk.rest.build_message_action_row()
        for stars in STARS:
            custom_id = desk.custom_id(Button.RATE.value, f"{conversation_id}:{stars}")
            _add(row, custom_id, f"{stars} ★", _Style.SUCCESS if stars == chosen else _Style.SECONDARY)
        laid_out.append(row)
    if others := [name for name in names if name is not Button.RATE]:
        row = desk.rest.build_message_action_row()
        for name in others:
            custom_id = desk.custom_id(name.value, str(conversation_id))
            style = _Style.PRIMARY if name in _FOREMOST else _Style.SECONDARY
            _add(row, custom_id, say(f"button-{name.value}"), style)
        laid_out.append(row)
    return laid_out


def _add(row: MessageActionRowBuilder, custom_id: str, label: str, style: _Style) -> None:
    assert style is not _Style.LINK
    assert style is not _Style.PREMIUM
    row.add_interactive_button(style, custom_id, label=label)


_FOREMOST = frozenset({Button.TALK, Button.CONTINUE})
