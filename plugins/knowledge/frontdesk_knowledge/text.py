"""From text to search terms: one form for look-alike characters, no stop words, light stems (en, de, fa)."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_VOWEL = re.compile("[aeiouy]")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")

# Arabic letters that Persian keyboards and old documents use for the Persian ones; a Persian reader sees one letter.
_PERSIAN = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ـ": None, "\u200c": " ", "\u200d": None})


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": _listed(
        """
        a about am an and any are as at be been but by can could did do does doing for from get had has have
        having he hello help her hey hi him his how i if im in into is it its ive just me my no not of on
        one or our please she should so some tell than thank thanks that the their them then there these
        they this those to two us was way ways we were what when where which while who why will with would
        you your dont doesnt cant isnt whats
        """
    ),
    "de": _listed(
        """
        aber alle als also am an auch auf aus bei bin bis bitte bist da danke dann das dass dem den der des
        dich die dies diese diesem diesen dieser doch du durch ein eine einem einen einer eines er es etwas
        euch fur habe haben hallo hat hatte ich ihr im in ist ja kann kannst konnen man mein meine meinem
        meinen meiner mich mir mit nach nicht noch nur ob oder ohne sein seine sich sie sind so soll uber um
        und uns unser unter vom von vor wann war warum was wenn wer werden wie wieso wird wo zu zum zur
        """
    ),
    "fa": _listed(
        """
        از است اند ام ات اش اگر اما ان انها او ای این اینکه با باید برای بر بود به بی پس تا تو چرا چطور
        چگونه چه چی چیست خود در دارد دارم را سلام شد شده شما شود کجا کدام کرد کردن کرده کن کند کنم کنید که
        لطفا ما مرا من مرسی ممنون می نمی ها های هایی هایم هر هست هستم هم و ولی یا یک رو ترین تر ایا
        """
    ),
}


def normalise(text: str) -> str:
    """Fold case, accents, Arabic letter forms and vowel marks, so that equal words are equal strings."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\u200c", " "))
    bare = "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")
    folded = _APOSTROPHE.sub("", bare.translate(_PERSIAN)).casefold()
    return "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in folded)


def words(text: str) -> list[str]:
    """Cut a text into normalised words, stop words and all."""
    return _WORD.findall(normalise(text))


def terms(text: str, language: str) -> list[str]:
    """Cut a text into the stems that are searched for.

    Args:
        text: a question, or a part of an article.
        language: ``"en"``, ``"de"`` or ``"fa"``; words of other languages are taken as they are.
    """
    stop = STOP_WORDS.get(language, frozenset())
    return [stem(word, language) for word in words(text) if word not in stop]


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Take the ending off a normalised word, so that forms of one word meet."""
    cut = _STEMMERS.get(language)
    return cut(word) if cut is not None else word


def _endings(word: str, endings: tuple[str, ...], keep: int) -> Iterator[str]:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= keep:
            yield word[: -len(ending)]


def _english(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 2 and _VOWEL.search(word[: -len(ending)]):
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if len(word) > 2 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


def _german(word: str) -> str:
    word = next(_endings(word, ("innen", "ern", "em", "en", "er", "es"), 4), word)
    return next(_endings(word, ("e", "n", "s", "t"), 4), word)


def _persian(word: str) -> str:
    word = next(_endings(word, ("هایشان", "هایتان", "هایمان", "هایی", "های", "ها"), 2), word)
    word = next(_endings(word, ("ترین", "تر"), 3), word)
    for prefix in ("نمی", "می"):
        if word.startswith(prefix) and len(word) - len(prefix) >= 4:
            return word[len(prefix) :]
    return word


_STEMMERS: Mapping[str, Callable[[str], str]] = {"en": _english, "de": _german, "fa": _persian}
