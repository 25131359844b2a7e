"""From articles that were found to what the virtual agent says. Free of Discord and HTTP."""

from collections.abc import Callable, Sequence

from frontdesk import Answer, Article, Say

from frontdesk_knowledge.library import Catalogue, Found
from frontdesk_knowledge.markdown import excerpt, shorten
from frontdesk_knowledge.settings import KnowledgeSettings
from frontdesk_knowledge.smalltalk import small_talk
from frontdesk_knowledge.text import terms

Link = Callable[[Found], str]
"""Gives the address of an article, at the section that fits."""

LENGTH = 2000
"""Characters of one message; Discord's developer documentation, "Create Message"."""

TITLE_LENGTH = 100
URL_LENGTH = 300

_PLAIN = str.maketrans({"[": "(", "]": ")", "*": None, "`": None, "<": None, ">": None, "\n": " "})


def suggest(
    catalogue: Catalogue, question: str, language: str, settings: KnowledgeSettings, link: Link
) -> list[Article]:
    """Name the articles that could help, best first.

    Args:
        catalogue: what there is.
        question: in the person's words.
        language: preferred.
        settings: how many, and from which fit on.
        link: gives each article's address.
    """
    found = catalogue.search(question, language, settings.suggestions)
    return [_article(one, question, settings, link) for one in found if one.score >= settings.suggest_from]


def answer(catalogue: Catalogue, question: str, settings: KnowledgeSettings, say: Say, link: Link) -> Answer | None:
    """Answer a question from the article that fits best, or reply to small talk; None if nothing fits."""
    if talk := small_talk(question):
        return Answer(say(talk.value))
    articles = suggest(catalogue, question, say.language, settings, link)
    if not articles or articles[0].score < settings.answer_from or not articles[0].excerpt:
        return None
    best, *others = articles
    text = f"{say('answer', title=f'**{_linked(best)}**')}\n\n{best.excerpt}"
    if others:
        also = "\n\n" + say("answer-also", articles=" · ".join(_linked(article) for article in others))
        text += also if len(text) + len(also) <= LENGTH else ""
    return Answer(text, tuple(articles), confident=best.score >= settings.confident_from)


def _linked(article: Article) -> str:
    title = shorten(article.title.translate(_PLAIN), TITLE_LENGTH)
    return f"[{title}](<{article.url}>)" if article.url and len(article.url) <= URL_LENGTH else title


def _article(found: Found, question: str, settings: KnowledgeSettings, link: Link) -> Article:
    language = found.document.language
    wanted = set(terms(question, language))

    def weigh(block: str) -> float:
        return len(wanted.intersection(terms(block, language)))

    return Article(
        id=found.document.slug,
        title=found.document.title,
        url=link(found),
        excerpt=excerpt(_telling(found), settings.excerpt_length, weigh),
        score=round(found.score, 4),
    )


def _telling(found: Found) -> str:
    """The section's text, or where it is a bare heading the next one that says something."""
    if found.section.text:
        return found.section.text
    sections: Sequence[str] = [section.text for section in found.document.sections]
    following = sections[found.document.sections.index(found.section) :]
    return next((text for text in following if text), "")
