"""When a member asks for a person, and when they only speak of one."""

import pytest
from frontdesk_helpdesk.intent import asks_for_a_person
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "can I SPEAK with someone?",
        "Please connect me to a live agent!",
        "I need a human",
        "human please",
        "agent",
        "Operator.",
        "get me a representative",
        "is there a real person here",
        "Ich möchte mit einem Menschen sprechen",
        "Kann ich mit jemandem reden?",
        "Bitte mit einem Mitarbeiter verbinden",
        "Mitarbeiterin bitte",
        "میخوام با یک نفر صحبت کنم",
        "می‌خواهم با یک کارشناس صحبت کنم",
        "لطفاً مرا به اپراتور وصل کنید",
        "اپراتور لطفاً",
        "مي خواهم با پشتيبان گفتگو كنم",  # with Arabic letters, as many keyboards write
    ],
)
def test_a_person_is_asked_for(text: str) -> None:
    assert asks_for_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "A player insulted another person in chat",
        "I don't want to talk to a person",
        "no need to connect me to an agent",
        "the agent in chapter three is stuck",
        "someone stole my account",
        "Mein Charakter ist ein Mensch und steckt fest",
        "Ich will nicht mit einem Menschen sprechen",
        "رمز عبورم را فراموش کرده‌ام",
        "نمی‌خواهم با کسی صحبت کنم",
        "",
    ],
)
def test_nobody_is_asked_for(text: str) -> None:
    assert not asks_for_a_person(text)


@given(st.text(max_size=3000))
def test_any_text_is_understood_in_some_way(text: str) -> None:
    assert asks_for_a_person(text) in {True, False}


@given(st.sampled_from(["I want to talk to a person", "mit einem Menschen sprechen", "اپراتور"]), st.data())
def test_space_and_case_do_not_matter(wish: str, data: st.DataObject) -> None:
    spaces = data.draw(st.text(" \t\n\u00a0", max_size=5))
    assert asks_for_a_person(f"{spaces}{wish.replace(' ', f' {spaces}').upper()}{spaces}")
