"""Cases that may be about the same thing: by their words, and by what the knowledge base says to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from rapidfuzz import fuzz, utils

from frontdesk_cases.cases import CaseRecord

LOOKED_AT = 500
"""Cases of the same server and kind that are compared, the latest ones."""

LIKELY = 0.6
"""From this score on a case is suggested."""

_SAME_ARTICLE = 0.15  # how much a suggested article in common adds
_TEXT_COUNTS = 0.4  # how much title and description together count; the title alone counts the rest
_ROUNDING = 0.001

READ = 600
"""Characters of a description that are compared."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A case that may be about the same thing.

    Args:
        case: which.
        score: 0 to 1.
    """

    case: CaseRecord
    score: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What is looked at of a case.

    Args:
        id: of the case.
        title: its title.
        description: the beginning of its description, `READ` characters of it.
        articles: ids of what the knowledge base suggested.
    """

    id: int
    title: str
    description: str
    articles: frozenset[str]

    @classmethod
    def of(cls, case: CaseRecord) -> Self:
        """Take what is looked at of a case."""
        return cls(case.id, case.title, case.description[:READ], frozenset(article.id for article in case.articles))


def alike(case: Compared, others: Iterable[Compared], most: int = 5) -> Sequence[tuple[int, float]]:
    """Find the cases that are most like one.

    Args:
        case: the case.
        others: those it is compared with, of the same kind.
        most: how many to give.

    Returns:
        Ids and scores of the likely ones, the likeliest first.
    """
    title, text = _words(case.title), _words(_text(case))
    found = []
    for other in others:
        if other.id == case.id:
            continue
        so_far = 0.6 * fuzz.token_set_ratio(title, _words(other.title)) / 100
        so_far += _SAME_ARTICLE * bool(case.articles & other.articles)
        # Most are too different whatever their texts say; of the others the comparison ends once that is clear.
        missing = 100 * (LIKELY - so_far) / _TEXT_COUNTS
        if missing > 100:
            continue
        by_text = fuzz.token_sort_ratio(text, _words(_text(other)), score_cutoff=max(0.0, missing - _ROUNDING))
        score = min(1.0, so_far + _TEXT_COUNTS * by_text / 100)
        if score >= LIKELY:
            found.append((other.id, score))
    return sorted(found, key=lambda each: (-each[1], each[0]))[:most]


def _text(case: Compared) -> str:
    return f"{case.title} {case.description}"


def _words(text: str) -> str:
    return utils.default_process(text)
