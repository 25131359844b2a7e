"""The library: the articles of one folder with their indexes, kept up to date with the files."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from frontdesk_knowledge.articles import (
    ArticleError,
    Document,
    Fingerprint,
    Section,
    Shelf,
    Unreadable,
    fingerprint,
    read_shelf,
)
from frontdesk_knowledge.search import Index, Passage
from frontdesk_knowledge.text import normalise

OWN_LANGUAGE = 1.2
"""An article in the person's language is worth this much more than an equally fitting one in another."""

_CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class Found:
    """An article that fits a question.

    Args:
        document: the article.
        section: the part that fits best.
        score: how well it fits, 0 to 1.
    """

    document: Document
    section: Section
    score: float


class Catalogue:
    """A shelf's articles by address and by what they say. Never changes; a new one is made instead."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._by_slug = {document.slug: document for document in shelf.documents}
        self._passages: dict[str, tuple[Document, Section]] = {}
        passages: dict[str, list[Passage]] = {}
        for document in shelf.documents:
            for number, section in enumerate(document.sections):
                key = f"{document.slug}#{number}"
                self._passages[key] = (document, section)
                heading = " ".join((document.title, section.heading, *document.tags))
                passages.setdefault(document.language, []).append(Passage(key, heading, section.text))
        self._indexes = {language: Index(found, language) for language, found in passages.items()}

    def document(self, slug: str) -> Document | None:
        """Give the article at an address."""
        return self._by_slug.get(slug)

    def search(self, question: str, language: str, limit: int) -> list[Found]:
        """Find the articles that fit best, best first; of translations of one article only the best.

        Args:
            question: in the person's words.
            language: preferred; people also ask in another language than their client's.
            limit: articles at most.
        """
        found = [
            Found(*self._passages[hit.key], min(1.0, hit.score * (OWN_LANGUAGE if own == language else 1.0)))
            for own, index in self._indexes.items()
            for hit in index.search(question, _CANDIDATES)
        ]
        best: dict[str, Found] = {}
        for one in sorted(found, key=lambda one: (-one.score, one.document.slug)):
            best.setdefault(one.document.topic, one)
        return list(best.values())[:limit]

    def titles(self, beginning: str, language: str, limit: int) -> list[Document]:
        """Complete what somebody types: titles with these letters, own language and beginnings first."""
        wanted = normalise(beginning).strip()

        def rank(document: Document) -> tuple[bool, bool, str]:
            title = normalise(document.title)
            return document.language != language, not title.startswith(wanted), title

        fitting = (d for d in self.shelf.documents if wanted in normalise(d.title))
        return sorted(fitting, key=rank)[:limit]


class Library:
    """One folder of articles.

    Args:
        folder: where the Markdown files are.
        language: of articles that name none.
    """

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self._language = language
        self._seen: Fingerprint | None = None
        self.catalogue = Catalogue(Shelf())

    async def refresh(self) -> bool:
        """Read the folder again if a file has changed.

        Returns:
            True if the articles were read again.

        Raises:
            ArticleError: the folder is not there; the articles read before stay.
        """
        seen = await asyncio.to_thread(_look, self.folder)
        if seen == self._seen:
            return False
        self.catalogue = await asyncio.to_thread(lambda: Catalogue(read_shelf(self.folder, self._language)))
        self._seen = seen
        return True

    @property
    def unreadable(self) -> Sequence[Unreadable]:
        """The files that were skipped, with reasons."""
        return self.catalogue.shelf.unreadable

    def __len__(self) -> int:
        return len(self.catalogue.shelf.documents)


def _look(folder: Path) -> Fingerprint:
    try:
        return fingerprint(folder)
    except OSError as error:  # a file vanished between two looks; the next look sees what is there
        raise ArticleError(f"The folder of articles {folder} cannot be read: {error}.") from error
