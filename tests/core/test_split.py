"""Long text becomes several messages: nothing is lost, nothing is too long, code blocks stay code blocks."""

import re

from frontdesk.split import DISCORD_LIMIT, split_text
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.lists(st.text("abcdefghijklmnop.!?؟۱سلام😀", min_size=1, max_size=40), min_size=1, max_size=200)


def test_short_text_is_one_message() -> None:
    assert split_text("Hello!") == ["Hello!"]
    assert split_text("x" * DISCORD_LIMIT) == ["x" * DISCORD_LIMIT]


def test_blank_text_is_no_message() -> None:
    assert split_text(" \n \n") == []


@given(st.text(max_size=6000), st.integers(20, 300))
def test_no_part_is_too_long_or_blank(text: str, limit: int) -> None:
    for part in split_text(text, limit):
        assert len(part) <= limit
        assert part.strip()


@given(WORDS, st.integers(60, 300), st.sampled_from([" ", "\n", "\n\n"]))
def test_all_words_are_there_in_order_and_whole(words: list[str], limit: int, between: str) -> None:
    text = between.join(words)
    assert " ".join(split_text(text, limit)).split() == text.split()


@given(st.text(alphabet="ab \n", max_size=3000), st.integers(20, 300))
def test_no_letter_is_lost(text: str, limit: int) -> None:
    assert re.sub(r"\s", "", "".join(split_text(text, limit))) == re.sub(r"\s", "", text)


@given(st.lists(st.text("abc ", max_size=30), max_size=40), st.lists(st.text("xyz ", max_size=30), max_size=40))
def test_a_code_block_that_is_cut_is_closed_and_opened_again(prose: list[str], code: list[str]) -> None:
    text = "\n".join([*prose, "```python", *code, "```", *prose])
    for part in split_text(text, 200):
        assert len(re.findall(r"^```", part, re.MULTILINE)) % 2 == 0


def test_paragraphs_are_cut_rather_than_sentences_and_those_rather_than_words() -> None:
    first, second = " ".join(["One sentence."] * 6), " ".join(["Another sentence."] * 6)
    assert split_text(f"{first}\n\n{second}", 120) == [first, second]
    assert split_text("Some words here. And some more of them there.", 40) == [
        "Some words here.",
        "And some more of them there.",
    ]
