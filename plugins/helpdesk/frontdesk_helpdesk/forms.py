"""The category menu and the form of the first questions, as Discord shows them."""

from collections.abc import Sequence

import hikari
from frontdesk import Say
from hikari.api import special_endpoints
from hikari.impl import MessageActionRowBuilder, ModalActionRowBuilder

from frontdesk_helpdesk.questions import CategoryTable, QuestionTable


def category_row(
    say: Say, custom_id: str, categories: Sequence[CategoryTable]
) -> special_endpoints.MessageActionRowBuilder:
    """Make the menu of categories."""
    row = MessageActionRowBuilder()
    menu = row.add_text_menu(custom_id, placeholder=say("form-category-hint"), min_values=1, max_values=1)
    for category in categories:
        menu.add_option(
            category.label,
            category.label,
            description=category.description or hikari.UNDEFINED,
            emoji=category.emoji or hikari.UNDEFINED,
        )
    return row


def server_row(
    say: Say, custom_id: str, servers: Sequence[tuple[int, str]]
) -> special_endpoints.MessageActionRowBuilder:
    """Make the menu of servers, given as ids and names."""
    row = MessageActionRowBuilder()
    menu = row.add_text_menu(custom_id, placeholder=say("form-server-hint"), min_values=1, max_values=1)
    for guild_id, name in servers:
        menu.add_option(name[:100], str(guild_id))
    return row


def button_row(custom_id: str, label: str) -> special_endpoints.MessageActionRowBuilder:
    """Make a row with one button."""
    return MessageActionRowBuilder().add_interactive_button(hikari.ButtonStyle.PRIMARY, custom_id, label=label[:80])


def question_rows(questions: Sequence[QuestionTable]) -> list[ModalActionRowBuilder]:
    """Make the fields of the form; each is known by its number."""
    return [
        ModalActionRowBuilder().add_text_input(
            str(number),
            question.label,
            style=hikari.TextInputStyle.PARAGRAPH if question.long else hikari.TextInputStyle.SHORT,
            placeholder=question.hint or hikari.UNDEFINED,
            required=question.required,
            min_length=1 if question.required else 0,
            max_length=question.limit,
        )
        for number, question in enumerate(questions)
    ]
