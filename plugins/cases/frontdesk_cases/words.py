"""The words by which cases are found: how a text is cut, and what of a case is searched. No Discord, no HTTP, no SQL.

We cut texts ourselves, and give the database whole words: so both databases find the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from frontdesk_cases.cases import CaseRecord, EntryKind, NewEntry

WORD_LENGTH = 64
"""Characters of a word that count; both in texts and in what is searched for."""

MOST_BYTES = 800_000
"""What is kept of one case's words: PostgreSQL takes no more than a megabyte. That is a thick dictionary."""

ASKED_WORDS = 32
"""Words of a question that count."""

# A run of letters and digits; each ideograph by itself, since Chinese and Japanese put no spaces between words.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# Letters that Arabic and Persian keyboards have each in their own form; a reader sees one. The joiners are no signs.
_ONE_FORM = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ـ": None, "\u200c": " ", "\u200d": None})


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is searched for.

    Args:
        text: as `words` cuts it.
        whole: whether a case must have just this word; else one that begins so will do.
    """

    text: str
    whole: bool

    def fits(self, word: str) -> bool:
        """Whether a word of a case is what is meant."""
        return word == self.text if self.whole else word.startswith(self.text)


def words(text: str) -> list[str]:
    """Cut a text into words, in one form: without case, accents and the ways in which a keyboard writes them."""
    if text.isascii():
        return [word[:WORD_LENGTH] for word in _WORD.findall(text.lower())]
    decomposed = unicodedata.normalize("NFKD", text).translate(_ONE_FORM)
    bare = "".join(sign for sign in decomposed if not unicodedata.category(sign).startswith("M"))
    folded = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in bare.casefold())
    # Folding may bring accents back: of İ becomes i with a dot above.
    folded = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    return [word[:WORD_LENGTH] for word in _WORD.findall(folded)]


def asked(text: str, prefixes: Iterable[str]) -> Sequence[Word]:
    """Cut what somebody searches for; all of these words must be found.

    Args:
        text: as it was typed.
        prefixes: what stands before the cases' numbers; who looks for CASE-1042 means the number.

    Returns:
        The words, each once. Numbers and single signs are meant as they stand, other words may go on.
    """
    parts = [_without_prefix(part, prefixes) for part in text.split()]
    found = dict.fromkeys(word for part in parts for word in words(part))
    return [Word(word, whole=len(word) == 1 or word.isdecimal()) for word in list(found)[:ASKED_WORDS]]


def split_by_names(
    wanted: Sequence[Word], names: Iterable[tuple[str, ...]]
) -> tuple[Sequence[Word], Mapping[tuple[str, ...], Sequence[Word]]]:
    """Take names out of what is searched for; of names that begin alike the longest.

    Args:
        wanted: the words.
        names: each cut into its words.

    Returns:
        The other words, and the names whose words stand there in a row, with these.
    """
    rest, found = list(wanted), dict[tuple[str, ...], Sequence[Word]]()
    for name in sorted(names, key=len, reverse=True):
        for start in range(len(rest) - len(name) + 1):
            row = rest[start : start + len(name)]
            if name and tuple(word.text for word in row) == name:
                found[name] = row
                del rest[start : start + len(name)]
                break
    return rest, found


def _without_prefix(part: str, prefixes: Iterable[str]) -> str:
    for prefix in prefixes:
        rest = part[len(prefix) :]
        if prefix and part.casefold().startswith(prefix.casefold()) and rest.isdecimal():
            return rest
    return part


def words_of_case(case: CaseRecord) -> set[str]:
    """Give the words of a case itself."""
    person = case.person
    texts = [str(case.number), case.title, case.description, person.name, str(person.user_id), *case.tags]
    texts += [case.kind, case.priority.name, case.team or "", case.assignee.name if case.assignee else ""]
    texts += [part for pair in case.fields.items() for part in pair]
    texts += case.custom.values()
    return {word for text in texts for word in words(text)}


def words_of_entry(entry: NewEntry) -> set[str]:
    """Give the words of a line of its timeline."""
    texts = [entry.author, entry.text]
    if entry.kind is EntryKind.FILE:
        texts += [entry.data.get("name", "")]
    return {word for text in texts for word in words(text)}


def within_limit(kept: Iterable[str], new: Iterable[str]) -> list[str]:
    """Add words to those that are kept of a case, as long as there is room; in a settled order."""
    result = dict.fromkeys(kept)
    size = sum(_size(word) for word in result)
    for word in sorted(set(new) - result.keys()):
        size += _size(word)
        if size > MOST_BYTES:
            break
        result[word] = None
    return list(result)


def _size(word: str) -> int:
    return len(word.encode()) + 8
