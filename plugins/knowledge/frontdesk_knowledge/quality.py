"""How good the search is, measured on questions whose answers are known; for tests, benchmarks and curious owners."""

from collections.abc import Iterable
from dataclasses import dataclass

from frontdesk_knowledge.search import Index, Passage


def index_of(passages: Iterable[tuple[str, str, str]], language: str = "en") -> Index:
    """Make an index of ``(key, heading, text)`` triples: for measuring the search on a collection of questions."""
    return Index((Passage(*passage) for passage in passages), language)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a search does on questions with known answers, each figure 0 to 1.

    Args:
        hit_at_1: share of questions whose first hit is right.
        hit_at_5: share of questions with a right one among the first five.
        mean_reciprocal_rank: of the first right hit, 0 where it is not among the first 20.
    """

    hit_at_1: float
    hit_at_5: float
    mean_reciprocal_rank: float


def quality(index: Index, questions: Iterable[tuple[str, frozenset[str]]]) -> Quality:
    """Measure an index.

    Args:
        index: what is searched.
        questions: each with the keys of the passages that answer it; at least one question.
    """
    ranks: list[int | None] = []
    for question, right in questions:
        keys = [hit.key for hit in index.search(question, 20)]
        ranks.append(next((rank for rank, key in enumerate(keys, 1) if key in right), None))
    total = len(ranks)
    return Quality(
        hit_at_1=sum(rank == 1 for rank in ranks) / total,
        hit_at_5=sum(rank is not None and rank <= 5 for rank in ranks) / total,
        mean_reciprocal_rank=sum(1 / rank for rank in ranks if rank) / total,
    )
