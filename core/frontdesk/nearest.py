"""The nearest valid name for a misspelt one, for error messages."""

from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str]) -> str:
    """Find what somebody probably meant.

    Args:
        word: what was written.
        choices: what is valid.

    Returns:
        The nearest choice, or an empty string if none is near.
    """
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(choices), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else ""
