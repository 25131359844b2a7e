"""Does a message ask for a person? Each clause is compared with phrases of each language; when in doubt, no."""

import re
import unicodedata
from collections.abc import Mapping

from frontdesk_helpdesk import intent_de, intent_en, intent_fa

READ = 4000
"""Characters that are looked at: as many as a Discord message can have."""

_LANGUAGES = (intent_en, intent_de, intent_fa)
_WANTED = tuple(re.compile("|".join(f"(?:{phrase})" for phrase in each.WANTED)) for each in _LANGUAGES)
_NOT_WANTED = tuple(re.compile("|".join(f"(?:{phrase})" for phrase in each.NOT_WANTED)) for each in _LANGUAGES)

_SENTENCES = re.compile(r"[.!?؟…\n;؛]+")
_CLAUSES = re.compile(r"[,،:()]+|\s(?:but|because|so|then|aber|sondern|denn|weil|اما|ولی|بلکه|چون)\s")
_LETTERS: Mapping[int, str | None] = str.maketrans(
    # Persian as typed on Arabic keyboards; marks that are not heard; apostrophes
    {"ي": "ی", "ك": "ک", "\u200c": None, "\u200e": None, "\u200f": None, "ً": None, "’": "'", "‘": "'"}
)


def asks_for_a_person(text: str) -> bool:
    """Tell whether a member's message asks for a live agent.

    Args:
        text: what they wrote, in any language; only the first 4,000 characters are looked at.
    """
    for sentence in _SENTENCES.split(_plain(text[:READ])):
        if any(_is_wish(clause) for clause in {sentence, *_CLAUSES.split(sentence)}):
            return True
    return False


def _is_wish(clause: str) -> bool:
    clause = clause.strip(" ,،:()\"'-")
    wanted = any(language.search(clause) for language in _WANTED)
    return wanted and not any(language.search(clause) for language in _NOT_WANTED)


def _plain(text: str) -> str:
    """Write the same letters the same way, in lower case, with single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)[: 2 * READ]
    return "\n".join(" ".join(line.split()) for line in folded.splitlines())
