"""BM25 over passages: which of them fits a question, and how well. Knows nothing of files, Discord or the web."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from frontdesk_knowledge.text import terms

K1 = 1.2
B = 0.75
"""Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.4."""

HEADING_WEIGHT = 3
"""How many times a word of the heading counts as one of the text."""

UNKNOWN_WEIGHT = 0.5
"""How much a word that no passage has speaks against all of them: people chat, so less than a rare word."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text that can be the answer.

    Args:
        key: names it for whoever asks.
        heading: title, section heading and tags.
        text: what it says.
    """

    key: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that fits.

    Args:
        key: the passage's.
        score: how well it fits, 0 to 1.
    """

    key: str
    score: float


class Index:
    """Passages of one language, ready to be searched.

    Args:
        passages: all of them; an index never changes, a new one is made instead.
        language: chooses stop words and stems.
    """

    def __init__(self, passages: Iterable[Passage], language: str) -> None:
        self._language = language
        self._passages = tuple(passages)
        counted = [_count(passage, language) for passage in self._passages]
        lengths = [sum(counts.values()) for counts in counted]
        average = sum(lengths) / len(lengths) if any(lengths) else 1.0
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (counts, length) in enumerate(zip(counted, lengths, strict=True)):
            norm = K1 * (1 - B + B * length / average)
            for term, count in counts.items():
                postings[term].append((number, count * (K1 + 1) / (count + norm)))
        self._postings = dict(postings)

    def __len__(self) -> int:
        return len(self._passages)

    def rarity(self, term: str) -> float:
        """Weigh a term: the fewer passages have it, the more it says (always above 0)."""
        having = len(self._postings.get(term, ()))
        return math.log(1 + (len(self._passages) - having + 0.5) / (having + 0.5))

    def search(self, question: str, limit: int) -> Sequence[Hit]:
        """Find the passages that fit best, best first; none if no word of the question is known."""
        wanted = Counter(terms(question, self._language))
        scores: dict[int, float] = defaultdict(float)
        for term, times in wanted.items():
            for number, weight in self._postings.get(term, ()):
                scores[number] += times * self.rarity(term) * weight
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        ceiling = sum(times * self._most(term) for term, times in wanted.items())
        return [Hit(self._passages[number].key, min(1.0, score / ceiling)) for number, score in best]

    def _most(self, term: str) -> float:
        """Give what a passage would score in which the term stood endlessly often."""
        known = 1.0 if term in self._postings else UNKNOWN_WEIGHT
        return (K1 + 1) * self.rarity(term) * known


def _count(passage: Passage, language: str) -> Counter[str]:
    counts = Counter(terms(passage.text, language))
    for term in terms(passage.heading, language):
        counts[term] += HEADING_WEIGHT
    return counts
