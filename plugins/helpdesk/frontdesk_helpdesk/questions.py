"""The first questions that an owner asks: categories, questions, and the answers in words. No Discord in here."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from frontdesk import Say, SettingsTable
from pydantic import AfterValidator, Field

MOST_QUESTIONS = 5
"""Text inputs of a modal; Discord's developer documentation, "Modals"."""

MOST_CATEGORIES = 25
"""Options of a select menu; Discord's developer documentation, "Component Reference"."""


class QuestionTable(SettingsTable):
    """[[plugins.helpdesk.questions]]: one field of the form.

    Args:
        label: the question, at most 45 characters.
        hint: shown in the empty field.
        long: several lines instead of one.
        required: whether it must be answered.
        limit: characters that an answer may have.
    """

    label: str = Field(min_length=1, max_length=45)
    hint: str = Field(default="", max_length=100)
    long: bool = False
    required: bool = True
    limit: int = Field(default=1000, ge=1, le=1000)


def _distinct(questions: tuple[QuestionTable, ...]) -> tuple[QuestionTable, ...]:
    labels = [question.label for question in questions]
    if twice := {label for label in labels if labels.count(label) > 1}:
        raise ValueError(f"the label {min(twice)!r} stands there twice")
    return questions


Questions = Annotated[tuple[QuestionTable, ...], Field(max_length=MOST_QUESTIONS), AfterValidator(_distinct)]


class CategoryTable(SettingsTable):
    """[[plugins.helpdesk.categories]]: one line of the menu.

    Args:
        label: what is chosen, at most 100 characters.
        emoji: shown before it; a Unicode emoji.
        description: shown below it.
        questions: asked instead of the general ones; an empty list asks nothing. Unset: the general ones.
        priority: of the task; TaskRouter takes higher numbers first. After a change run `frontdesk flex deploy`, which
            tells the workflow.
        queue: where the routing should send it, in the words of the workflow.
    """

    label: str = Field(min_length=1, max_length=100)
    emoji: str | None = Field(default=None, min_length=1, max_length=32)
    description: str = Field(default="", max_length=100)
    questions: Questions | None = None
    priority: int | None = Field(default=None, ge=0, le=2_147_483_647)
    queue: str | None = Field(default=None, min_length=1, max_length=200)


def _distinct_categories(categories: tuple[CategoryTable, ...]) -> tuple[CategoryTable, ...]:
    labels = [category.label for category in categories]
    if twice := {label for label in labels if labels.count(label) > 1}:
        raise ValueError(f"the category {min(twice)!r} stands there twice")
    return categories


Categories = Annotated[
    tuple[CategoryTable, ...], Field(max_length=MOST_CATEGORIES), AfterValidator(_distinct_categories)
]


def category_named(categories: Sequence[CategoryTable], label: str | None) -> CategoryTable | None:
    """Find a category; None if there is none by that label (any more)."""
    return next((category for category in categories if category.label == label), None)


def questions_for(
    general: Sequence[QuestionTable], categories: Sequence[CategoryTable], label: str | None
) -> Sequence[QuestionTable]:
    """Give the questions to ask once a category is chosen: its own, or the general ones."""
    category = category_named(categories, label)
    own = None if category is None else category.questions
    return general if own is None else own


def answered(questions: Sequence[QuestionTable], fields: Mapping[str, str]) -> dict[str, str]:
    """Give question -> answer in their order; what was left empty is left out.

    Args:
        questions: as they were asked.
        fields: what was written, by the number of the question.
    """
    texts = ((question.label, fields.get(str(number), "").strip()) for number, question in enumerate(questions))
    return {label: text for label, text in texts if text}


def as_lines(say: Say, category: str | None, answers: Mapping[str, str]) -> str:
    """Put what was chosen and answered into words, for the first line of the conversation."""
    chosen = [say("form-answer", question=say("form-category"), answer=category)] if category else []
    lines = [say("form-answer", question=question, answer=answer) for question, answer in answers.items()]
    return "\n".join([*chosen, *lines])
