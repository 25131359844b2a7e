"""Small talk: a greeting or a thank-you gets a short reply instead of an article."""

from collections.abc import Mapping
from enum import Enum

from frontdesk_knowledge.text import words


class SmallTalk(Enum):
    """What was meant; the value is the sentence to reply with."""

    GREETING = "greeting"
    THANKS = "thanks"


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Only words that carry no question by themselves, of all languages together: people mix them.
_SIGNALS: Mapping[SmallTalk, frozenset[str]] = {
    SmallTalk.THANKS: _listed("thanks thank thx ty danke dankeschon merci مرسی ممنون ممنونم سپاس متشکرم"),
    SmallTalk.GREETING: _listed("hi hello hey hallo moin servus greetings morning morgen tag abend سلام درود"),
}
_FILLERS = _listed(
    """
    you u so very much a lot good there all everyone and great ok okay bot for your the help
    guten gute und schon sehr vielen dir euch ihnen fur die hilfe
    خیلی از شما بر صبح بخیر وقت و
    """
)


def small_talk(text: str) -> SmallTalk | None:
    """Recognise a message that is nothing but small talk."""
    said = words(text)
    if not said or len(said) > 6:
        return None
    if "dank" in said:
        said = ["danke" if word == "dank" else word for word in said]
    for meaning, signals in _SIGNALS.items():
        if any(word in signals for word in said):
            rest = [word for word in said if word not in _FILLERS and not any(word in s for s in _SIGNALS.values())]
            return meaning if not rest else None
    return None
