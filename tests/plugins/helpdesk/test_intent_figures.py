"""Who asks for a person: measured on labelled sentences, on a bank's real utterances, and on hostile text."""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from frontdesk_helpdesk.intent import READ, asks_for_a_person
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Tell

DATA = Path(__file__).parents[2] / "data"
BANKING = Path(__file__).parents[4] / "shared" / "data" / "banking77"
LANGUAGES = ("en", "de", "fa")

# Rows (from 0) of banking77 whose authors truly want to know whom to talk to, or want somebody of the staff.
TRULY_ASK = {"train": {1521, 2128, 2135, 5595, 6286, 6338, 6433, 6470, 9271}, "test": {1734}}


@dataclass(frozen=True)
class Figures:
    """How well the check does on labelled sentences."""

    right: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} of {self.right + len(self.missed)}"


def labelled(name: str) -> list[tuple[bool, str]]:
    rows = (line.split("\t") for line in (DATA / f"intent_{name}.txt").read_text(encoding="utf-8").splitlines())
    return [(label == "yes", text) for label, text in rows]


def measure(sentences: list[tuple[bool, str]]) -> Figures:
    found = [(wanted, asks_for_a_person(text), text) for wanted, text in sentences]
    return Figures(
        right=sum(wanted and said for wanted, said, _ in found),
        missed=tuple(text for wanted, said, text in found if wanted and not said),
        wrong=tuple(text for wanted, said, text in found if said and not wanted),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_half_that_was_held_out(language: str, tell: Tell) -> None:
    """Sentences and phrases have the same authors: this is the best to expect; the unseen sentences tell the rest."""
    sentences = labelled(language)
    assert sum(wanted for wanted, _ in sentences) >= 60
    assert sum(not wanted for wanted, _ in sentences) >= 60
    held_out = measure(sentences[1::2])
    tell(f"intent, {language}: held out {held_out}; seen {measure(sentences[0::2])}")
    assert held_out.precision >= 0.99, held_out.wrong
    assert held_out.recall >= 0.9, held_out.missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_that_were_written_after_the_phrases(language: str, tell: Tell) -> None:
    """What to expect of words that nobody thought of: no false alarm, and about every second wish is understood."""
    unseen = measure(labelled(f"{language}_unseen"))
    tell(f"intent, {language}: never seen {unseen}")
    assert unseen.wrong == ()
    assert unseen.recall >= 0.4, unseen.missed


def utterances() -> Iterator[tuple[str, int, str]]:
    for name in TRULY_ASK:
        with (BANKING / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                yield name, number, row["text"]


def test_questions_to_a_bank_are_not_taken_for_a_wish_for_a_person(tell: Tell) -> None:
    if not BANKING.is_dir():
        pytest.skip("../shared/data/banking77 is not here")
    asked = 0
    wrong, right = [], {name: set[int]() for name in TRULY_ASK}
    for name, number, text in utterances():
        asked += 1
        if asks_for_a_person(text):
            if number in TRULY_ASK[name]:
                right[name].add(number)
            else:
                wrong.append(text)
    tell(f"intent, banking77: {len(wrong)} false alarms in {asked}, {sum(map(len, right.values()))} true wishes")
    assert asked == 13_083
    assert len(wrong) <= asked * 0.0005, wrong
    assert right == TRULY_ASK


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a human",
        "The article did not help. Please, I want to talk to a human",
        "My sword is gone, the chest is empty, and I would like to speak with someone from your team",
        "x " * 1500 + "\nconnect me to an agent",
        "Ｉ ＷＡＮＴ ＴＯ ＴＡＬＫ ＴＯ Ａ ＨＵＭＡＮ",
        "I don’t want a bot",
    ],
)
def test_a_wish_is_found_in_a_long_message_and_in_odd_letters(text: str) -> None:
    assert asks_for_a_person(text)


_SPOKEN = (
    "yes please talk speak to with a the real human agent connect me transfer i want need can could from your team no "
    "bot ich möchte mit einem echten menschen sprechen bitte verbinde nicht jemand brauche می‌خواهم با یک نفر صحبت کنم "
    "لطفا وصل کن منو به اپراتور , . ! ? \n"
)
_WORDS = _SPOKEN.split(" ")


@given(st.text(max_size=300) | st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join))
def test_any_text_has_an_answer(text: str) -> None:
    assert asks_for_a_person(text) in {True, False}


HOSTILE = [
    *(f"{word} " for word in _WORDS if word.strip()),
    *("a real ", "yes please ", "i can ", "mit einem ", "can you my ", "not to "),
    *("من را ", "با یک ", "با کسی ", "میشه "),
    *("a", " ", "\n", ",", "ﷺ", "\u200c", "i", "do not x ", "who can i ", "is there a ", "bitte mich ", "eine einer "),
    *("i want a a a a ", "please connect me ", "ich kann mit ", "kann ich eine ", "می خواهم با ", "get me a "),
]  # fmt: skip


def seconds(text: str) -> float:
    """The least of three runs, of the processor's time: others may use the machine too."""
    runs = []
    for _ in range(3):
        began = time.process_time()
        asks_for_a_person(text)
        runs.append(time.process_time() - began)
    return min(runs)


def test_hostile_text_takes_no_longer_than_its_length(tell: Tell) -> None:
    slowest = max(HOSTILE, key=lambda piece: seconds((piece * 10_000)[:10_000]))
    short, whole = seconds((slowest * READ)[: READ // 4]), seconds((slowest * 10_000)[:10_000])
    tell(f"intent, 10,000 characters of {slowest!r}: {whole * 1000:.0f} ms; {READ // 4}: {short * 1000:.0f} ms")
    assert whole < max(short, 0.005) * 4 * 2.5, "four times the text may take four times as long, and some slack"
