"""The search: words, stems, scores, abstention; and how good it is on collections with known answers."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontdesk_knowledge.quality import index_of, quality
from frontdesk_knowledge.search import Index, Passage
from frontdesk_knowledge.text import normalise, stem, terms, words
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(__file__).parents[3].parent / "shared" / "data"

PASSAGES = (
    Passage("refund", "Refunds", "You can return a purchase within 14 days. Money goes back to your card."),
    Passage("password", "Reset your password", "Open the sign-in page and choose the link below the form."),
    Passage("crash", "The game crashes at start", "Update the graphics driver, then verify the files."),
)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("علي", "علی"),
        ("كتاب", "کتاب"),
        ("می‌خواهم", "می خواهم"),
        ("کِتاب", "کتاب"),
        ("آب", "اب"),
        ("۱۴۰۴", "1404"),
        ("٣", "3"),
        ("CAFÉ", "cafe"),
        ("Straße", "strasse"),
        ("don’t", "dont"),
        ("مــن", "من"),
    ],
)
def test_writings_of_one_word_meet(written: str, same: str) -> None:
    assert words(written) == words(same)


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ("crash", "crashes", "crashed", "crashing")),
        ("en", ("use", "uses", "used", "using")),
        ("en", ("policy", "policies")),
        ("en", ("refund", "refunds", "refunded")),
        ("en", ("stop", "stopped", "stopping")),
        ("de", ("konto", "kontos")),
        ("de", ("karte", "karten")),
        ("de", ("erstattung", "erstattungen")),
        ("fa", ("کتاب", "کتابها", "کتابهای")),
        ("fa", ("بزرگ", "بزرگتر", "بزرگترین")),
    ],
)
def test_forms_of_one_word_meet(language: str, forms: tuple[str, ...]) -> None:
    assert len({stem(normalise(form), language) for form in forms}) == 1


def test_a_plural_with_a_half_space_is_found_without_it() -> None:
    assert terms("کارت‌ها", "fa") == terms("کارت", "fa")


def test_different_words_stay_apart() -> None:
    assert len({stem(word, "en") for word in ("bus", "buy", "but", "ring", "king", "thing", "this")}) == 7


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_the_fitting_passage_comes_first() -> None:
    index = Index(PASSAGES, "en")
    assert index.search("how do I get my money back, I want a refund", 3)[0].key == "refund"
    assert index.search("forgot password", 3)[0].key == "password"
    assert index.search("Game keeps crashing!!", 3)[0].key == "crash"


@pytest.mark.parametrize("question", ["", "   ", "???", "the of and", "zebra", "🦓", "a" * 10_000])
def test_nothing_is_found_where_nothing_fits(question: str) -> None:
    assert list(Index(PASSAGES, "en").search(question, 3)) == []


def test_an_empty_index_finds_nothing() -> None:
    assert list(Index((), "en").search("refund", 3)) == []
    assert list(Index((Passage("empty", "", ""),), "en").search("refund", 3)) == []


def test_a_question_that_fits_in_one_common_word_scores_low() -> None:
    index = Index(PASSAGES, "en")
    whole, part = index.search("reset password", 1)[0], index.search("reset the flux capacitor of the ship", 1)[0]
    assert whole.score > 0.6
    assert part.score < whole.score / 2


vocabulary = st.sampled_from("refund card crash game driver password reset money lantern quest zebra".split())  # noqa: SIM905  # reads better
texts = st.lists(vocabulary, max_size=12).map(" ".join)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8), texts)
def test_scores_are_ordered_and_between_0_and_1(passages: list[tuple[str, str]], question: str) -> None:
    index = Index([Passage(str(n), *passage) for n, passage in enumerate(passages)], "en")
    scores = [hit.score for hit in index.search(question, 10)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8), texts)
def test_what_is_found_shares_a_word_and_what_is_not_shares_none(
    passages: list[tuple[str, str]], question: str
) -> None:
    index = Index([Passage(str(n), *passage) for n, passage in enumerate(passages)], "en")
    found = {hit.key for hit in index.search(question, 10)}
    asked = set(terms(question, "en"))
    assert found == {str(n) for n, passage in enumerate(passages) if asked & set(terms(" ".join(passage), "en"))}


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("../shared/data is not there")
    return DATA


def test_as_good_as_plain_bm25_on_product_documentation(data: Path) -> None:
    docs = json.loads((data / "knowledge" / "docs.json").read_text())
    questions = json.loads((data / "knowledge" / "questions.json").read_text())
    index = index_of((doc["chunk_link"], doc["chunk_heading"], doc["text"]) for doc in docs)
    found = quality(index, ((one["question"], frozenset(one["correct_chunks"])) for one in questions))
    assert found.hit_at_1 >= 0.74, found
    assert found.hit_at_5 >= 0.94, found
    assert found.mean_reciprocal_rank >= 0.82, found


def test_as_good_as_plain_bm25_on_a_banks_customers(data: Path) -> None:
    intents = json.loads((data / "banking77" / "categories.json").read_text())
    asked = _utterances(data / "banking77" / "test.csv")
    title_only = index_of((intent, intent.replace("_", " "), "") for intent in intents)
    found = quality(title_only, asked)
    assert found.hit_at_1 >= 0.44, found
    examples: dict[str, list[str]] = {intent: [] for intent in intents}
    for text, intents_right in _utterances(data / "banking77" / "train.csv"):
        (intent,) = intents_right
        if len(examples[intent]) < 5:
            examples[intent].append(text)
    with_examples = index_of((i, i.replace("_", " "), "\n".join(texts)) for i, texts in examples.items())
    found = quality(with_examples, asked)
    assert found.hit_at_1 >= 0.64, found
    assert found.hit_at_5 >= 0.88, found


def _utterances(path: Path) -> list[tuple[str, frozenset[str]]]:
    def read() -> Iterator[tuple[str, frozenset[str]]]:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                yield row["text"], frozenset({row["category"]})

    return list(read())
