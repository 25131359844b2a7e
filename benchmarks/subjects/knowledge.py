"""How good the search in the knowledge base is, and how long a question takes, beside plain BM25."""

import csv
import heapq
import json
import math
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontdesk_knowledge.quality import Quality, index_of, quality

from benchmarks.desks import ROOT
from benchmarks.figures import Baseline, Figure, Report, Sample
from benchmarks.runner import Parameters

DEFAULTS: Parameters = {"questions": 300}
DATA = ROOT.parent / "shared" / "data"
_WORD = re.compile(r"\w+")
_NAMES = {"hit@1": "hit_at_1", "hit@5": "hit_at_5", "MRR": "mean_reciprocal_rank"}
_README = "plain BM25, by the data's README"

Passages = Sequence[tuple[str, str, str]]
Questions = Sequence[tuple[str, frozenset[str]]]


@dataclass(frozen=True)
class Collection:
    """Passages, questions about them with the right answers, and where the README tells plain BM25's figures."""

    name: str
    passages: Passages
    questions: Questions
    told_after: str


class PlainBM25:
    """BM25 with whole words, no stems, k1 1.2 and b 0.75: the time that the simplest search takes."""

    def __init__(self, passages: Passages) -> None:
        self._texts = [Counter(_words(f"{heading} {text}")) for _, heading, text in passages]
        self._lengths = [sum(words.values()) for words in self._texts]
        self._mean = sum(self._lengths) / len(self._lengths)
        self._where: dict[str, list[int]] = {}
        for number, words in enumerate(self._texts):
            for word in words:
                self._where.setdefault(word, []).append(number)

    def search(self, question: str, count: int) -> list[int]:
        """Give the numbers of the passages that fit best."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(_words(question)):
            found = self._where.get(word, ())
            rarity = math.log(1 + (len(self._texts) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                often = self._texts[number][word]
                scores[number] += (
                    rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * self._lengths[number] / self._mean))
                )
        return heapq.nlargest(count, scores, key=scores.__getitem__)


async def measure(given: Parameters) -> Report:
    """Measure each collection, or say that the data is not there."""
    report = Report()
    if not DATA.is_dir():
        report.missing.append("the search in the knowledge base: ../shared/data is not there")
        return report
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for collection in _collections(DATA):
        index = index_of(collection.passages)
        _add_quality(report, collection, quality(index, collection.questions), readme)
        asked = [question for question, _ in collection.questions[: int(given["questions"])]]
        ours, plain = _times([index.search, PlainBM25(collection.passages).search], asked)
        report.compare(f"{collection.name}: time a question", "ms", ours, ("plain BM25 in Python, no stems", plain))
    report.notes.append("times: medians over the questions, each asked of both in turns; the first tenth is warm-up")
    return report


def _add_quality(report: Report, collection: Collection, found: Quality, readme: str) -> None:
    told = _told(readme, collection.told_after)
    for name, attribute in _NAMES.items():
        baseline = Baseline(_README, told[name]) if name in told else None
        alone = "" if baseline else "the data's README has none"
        value = float(getattr(found, attribute))
        report.figures.append(Figure(f"{collection.name}: {name}", value, "share", baseline, alone=alone))


def _told(readme: str, after: str) -> dict[str, float]:
    """Read plain BM25's figures from the README: the run of ``name .value`` after a phrase."""
    _, _, rest = readme.partition("Plain BM25")[2].partition(after)
    run = re.match(r"(?:\s*,?\s*(?:hit@1|hit@5|MRR) \.\d+)+", rest)
    return {} if run is None else {name: float(value) for name, value in re.findall(r"(\S+) (\.\d+)", run[0])}


def _times(searches: Sequence[Callable[[str, int], Any]], questions: Sequence[str]) -> list[Sample]:
    took: list[list[float]] = [[] for _ in searches]
    for question in questions:
        for search, times in zip(searches, took, strict=True):
            began = time.perf_counter()
            search(question, 5)
            times.append((time.perf_counter() - began) * 1000)
    return [Sample.of(times[len(times) // 10 :]) for times in took]


def _collections(data: Path) -> Iterable[Collection]:
    docs = json.loads((data / "knowledge" / "docs.json").read_text(encoding="utf-8"))
    asked = json.loads((data / "knowledge" / "questions.json").read_text(encoding="utf-8"))
    passages = [(doc["chunk_link"], doc["chunk_heading"], doc["text"]) for doc in docs]
    questions = [(one["question"], frozenset(one["correct_chunks"])) for one in asked]
    yield Collection("product documentation", passages, questions, "docs")
    intents = json.loads((data / "banking77" / "categories.json").read_text(encoding="utf-8"))
    titles = {intent: intent.replace("_", " ") for intent in intents}
    tests = [(text, frozenset({intent})) for text, intent in _utterances(data / "banking77" / "test.csv")]
    yield Collection("77 intents by title", [(i, titles[i], "") for i in intents], tests, "title only")
    examples: dict[str, list[str]] = {intent: [] for intent in intents}
    for text, intent in _utterances(data / "banking77" / "train.csv"):
        if len(examples[intent]) < 5:
            examples[intent].append(text)
    five = [(i, titles[i], "\n".join(texts)) for i, texts in examples.items()]
    yield Collection("77 intents, 5 examples each", five, tests, "five training utterances")


def _utterances(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
