"""Cases that may be about the same thing: by their words, and by what the knowledge base says to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

from frontdesk_cases.cases import CaseRecord

LOOKED_AT = 500
"""Cases of the same server and kind that are compared, the latest ones."""

LIKELY = 0.6
"""From this score on a case is suggested."""

_SAME_ARTICLE = 0.15  # how much a suggested article in common adds
_READ = 600  # characters of a description that are compared


@dataclass(frozen=True, slots=True)
class Likeness:
    """A case that may be about the same thing.

    Args:
        case: which.
        score: 0 to 1.
    """

    case: CaseRecord
    score: float


def alike(case: CaseRecord, others: Iterable[CaseRecord], most: int = 5) -> Sequence[Likeness]:
    """Find the cases that are most like one.

    Args:
        case: the case.
        others: those it is compared with, of the same kind.
        most: how many to give.

    Returns:
        The likely ones, the likeliest first.
    """
    title, text, articles = _words(case.title), _words(_text(case)), {article.id for article in case.articles}
    found = []
    for other in others:
        if other.id == case.id or other.merged_into is not None:
            continue
        by_title = fuzz.token_set_ratio(title, _words(other.title))
        by_text = fuzz.token_sort_ratio(text, _words(_text(other)))
        shared = bool(articles & {article.id for article in other.articles})
        score = min(1.0, (0.6 * by_title + 0.4 * by_text) / 100 + _SAME_ARTICLE * shared)
        if score >= LIKELY:
            found.append(Likeness(other, score))
    return sorted(found, key=lambda likeness: (-likeness.score, likeness.case.id))[:most]


def _text(case: CaseRecord) -> str:
    return f"{case.title} {case.description[:_READ]}"


def _words(text: str) -> str:
    return utils.default_process(text)
