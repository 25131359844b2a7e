"""Insisting on an answer: who has none and who failed to give one are not the same."""

from typing import Any

import pytest
from frontdesk import Answer, NoAnswerError, Person, Question, answer_question, hookimpl

from tests.core.plugin_house import Plugin, load

QUESTION = Question("How?", Person(user_id=1, guild_id=2, name="Sam"), "en")


def answering(answer: Answer | None, error: Exception | None = None) -> type[Any]:
    class Answers(Plugin):
        @hookimpl(answer_question)
        async def answer_question(self, **_: object) -> Answer | None:
            if error is not None:
                raise error
            return answer

    return Answers


async def test_an_answer_counts_even_if_somebody_failed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = load(monkeypatch, {"a": answering(None, ValueError("broken")), "b": answering(Answer("here"))}).hooks
    answer = await hooks.insist(answer_question, question=QUESTION)
    assert answer == Answer("here")


async def test_nobody_who_answers_and_nobody_who_failed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = load(monkeypatch, {"a": answering(None), "b": answering(None)}).hooks
    assert await hooks.insist(answer_question, question=QUESTION) is None


async def test_who_failed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = load(monkeypatch, {"a": answering(None), "b": answering(None, ValueError("broken"))}).hooks
    with pytest.raises(NoAnswerError, match="answer_question failed in b"):
        await hooks.insist(answer_question, question=QUESTION)
