"""The first questions: what an owner may write, which are asked, and how answers read."""

from typing import Any

import pytest
from frontdesk_helpdesk.questions import answered, questions_for
from frontdesk_helpdesk.settings import HelpdeskSettings
from pydantic import ValidationError


def settings(**values: Any) -> HelpdeskSettings:
    return HelpdeskSettings.model_validate(values)


def test_a_category_asks_its_own_questions_the_general_ones_or_none() -> None:
    table = settings(
        questions=[{"label": "What happened?"}],
        categories=[
            {"label": "Zahlung", "questions": [{"label": "Welche Bestellung?"}]},
            {"label": "سایر"},
            {"label": "Quiet", "questions": []},
        ],
    )
    asked = {
        label: [question.label for question in questions_for(table.questions, table.categories, label)]
        for label in ("Zahlung", "سایر", "Quiet", "gone since", None)
    }
    general = ["What happened?"]
    assert asked == {
        "Zahlung": ["Welche Bestellung?"], "سایر": general, "Quiet": [], "gone since": general, None: general,
    }  # fmt: skip


def test_answers_keep_the_order_of_the_questions_and_leave_out_what_is_empty() -> None:
    table = settings(questions=[{"label": "A?"}, {"label": "B?", "required": False}, {"label": "C?"}])
    assert list(answered(table.questions, {"2": "three", "1": "  ", "0": " one "}).items()) == [
        ("A?", "one"), ("C?", "three"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"questions": [{"label": str(number)} for number in range(6)]},
        {"questions": [{"label": "same"}, {"label": "same"}]},
        {"questions": [{"label": "x" * 46}]},
        {"categories": [{"label": str(number)} for number in range(26)]},
        {"categories": [{"label": "same"}, {"label": "same"}]},
    ],
)
def test_what_discord_would_refuse_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
