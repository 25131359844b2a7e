"""Cutting text: nothing is lost, no part is too long, no word, emoji or code block is broken."""

from frontdesk.split import split_text, units
from hypothesis import given
from hypothesis import strategies as st

_WORDS = ("word", "a longer sentence. ", "\n", "\n\n", " ", "```", "```py\n", "`x`", "x" * 70, "😀" * 30)
_PIECES = st.sampled_from([*_WORDS, "\U0001f469\U0001f3fd\u200d\U0001f692", "e\u0301", "سلام "])
_TEXTS = st.one_of(st.text(max_size=400), st.lists(_PIECES, max_size=60).map("".join))


@given(_TEXTS, st.integers(40, 120))
def test_no_part_is_too_long_or_blank(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert all(part.strip() for part in parts)
    assert bool(parts) == bool(text.strip())


@given(_TEXTS, st.integers(40, 120))
def test_every_letter_is_said_once_and_in_order(text: str, limit: int) -> None:
    def letters(said: str) -> str:
        return "".join(said.replace("`", "").split())

    without_fences = text.replace("`", "")
    assert letters("".join(split_text(without_fences, limit))) == letters(without_fences)


@given(st.lists(st.from_regex(r"\A[a-z]{1,12}\Z"), min_size=1, max_size=80), st.integers(40, 120))
def test_words_are_not_cut(words: list[str], limit: int) -> None:
    assert " ".join(split_text(" ".join(words), limit)).split() == words


@given(_TEXTS, st.integers(40, 120))
def test_code_blocks_are_whole_in_every_part(text: str, limit: int) -> None:
    assert all(part.count("```") % 2 == 0 for part in split_text(text, limit))


def test_a_cut_code_block_is_opened_again_in_its_language() -> None:
    code = "\n".join(f"line_{number} = {number}" for number in range(40))
    parts = split_text(f"Try this:\n```py\n{code}\n```\nDone.", 200)
    assert all(part.startswith("```py\n") for part in parts[1:-1])
    assert "\n".join(part.removeprefix("```py\n").removesuffix("\n```") for part in parts).count("line_") == 40
    assert parts[-1].endswith("Done.")


@given(st.integers(1, 300))
def test_an_emoji_is_never_halved(count: int) -> None:
    family = "👩\u200d👩\u200d👧"
    for part in split_text(family * count, 60):
        assert part.replace(family, "") == ""
