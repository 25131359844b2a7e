"""Articles: Markdown files with optional front matter, cut into sections by their headings."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from frontdesk_knowledge.markdown import headings, slug_of

LARGEST_FILE = 1_000_000
"""Bytes; a longer file is no article."""

_LANGUAGE_FOLDER = re.compile(r"[a-z]{2}")
_FENCE = "---"


class ArticleError(Exception):
    """A file is no readable article; the message says why, for the owner."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    Args:
        heading: empty for what comes before the first heading.
        anchor: the heading's id on the page; empty for the beginning.
        text: Markdown without the heading.
    """

    heading: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it was written.

    Args:
        slug: its path without ending, such as ``"refunds"`` or ``"fa/refunds"``; unique in its folder.
        language: such as ``"en"``.
        title: as shown to people.
        url: its address if the author gave one.
        tags: further words by which it is found.
        sections: in reading order, at least one.
        markdown: the whole text below the title.
    """

    slug: str
    language: str
    title: str
    url: str | None = None
    tags: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    markdown: str = ""

    @property
    def topic(self) -> str:
        """What translations of one article have in common: the slug without the language folder."""
        first, _, rest = self.slug.partition("/")
        return rest if rest and _LANGUAGE_FOLDER.fullmatch(first) else self.slug


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was skipped.

    Args:
        file: its path below the folder.
        reason: why, in a sentence.
    """

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that a folder holds.

    Args:
        documents: in the order of their slugs.
        unreadable: the files that were skipped.
    """

    documents: tuple[Document, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


Fingerprint = Sequence[tuple[str, int, int]]
"""Path, time of change (ns) and size of each file: differs when something was written, added or removed."""


def fingerprint(folder: Path) -> Fingerprint:
    """Look at the files without reading them.

    Raises:
        ArticleError: the folder is not there.
    """
    if not folder.is_dir():
        raise ArticleError(
            f"The folder of articles {folder} is not there. Create it with at least one Markdown file, or name "
            'another one: articles = "..." in [plugins.knowledge].'
        )
    return [(str(path), (stat := path.stat()).st_mtime_ns, stat.st_size) for path in _files(folder)]


def read_shelf(folder: Path, language: str) -> Shelf:
    """Read all articles of a folder; a file that is broken is skipped and named.

    Args:
        folder: searched with its subfolders; files and folders that begin with a dot or underscore are left out.
        language: of articles that name none.
    """
    documents: dict[str, Document] = {}
    unreadable: list[Unreadable] = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            document = parse_article(name, _read(path), language)
        except ArticleError as error:
            unreadable.append(Unreadable(name, str(error)))
            continue
        if documents.setdefault(document.slug, document) is not document:
            reason = f"Another file has the same address {document.slug!r}; rename one of them."
            unreadable.append(Unreadable(name, reason))
    return Shelf(tuple(documents[slug] for slug in sorted(documents)), tuple(unreadable))


def _files(folder: Path) -> Iterator[Path]:
    home = folder.resolve()
    for path in sorted(folder.rglob("*.md")):
        hidden = any(part[0] in "._" for part in path.relative_to(folder).parts)
        # A link out of the folder would publish what the owner never put there.
        if not hidden and path.is_file() and path.resolve().is_relative_to(home):
            yield path


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ArticleError(f"It is larger than {LARGEST_FILE:,} bytes.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleError(f"It is not UTF-8 text (byte {error.start}).") from error
    except OSError as error:
        raise ArticleError(f"It cannot be read: {error.strerror}.") from error


def parse_article(name: str, text: str, language: str = "en") -> Document:
    """Make an article of a file's text.

    Args:
        name: the file's path below the folder, with ``/``; a first folder of two letters is a language.
        text: the file's content.
        language: where the article names none.

    Raises:
        ArticleError: the front matter is broken, or there is no text.
    """
    path = PurePosixPath(name)
    matter, body = split_front_matter(text)
    folder = path.parts[0] if len(path.parts) > 1 and _LANGUAGE_FOLDER.fullmatch(path.parts[0]) else None
    title, body = _take_title(body)
    if not body.strip() and not title:
        raise ArticleError("It has no text.")
    return Document(
        slug="/".join(slug_of(part) for part in path.with_suffix("").parts),
        language=(_text(matter, "language") or folder or language).lower()[:2],
        title=_text(matter, "title") or title or path.stem.replace("-", " ").replace("_", " ").capitalize(),
        url=_address(_text(matter, "url")),
        tags=_list(matter, "tags"),
        sections=tuple(_sections(body)),
        markdown=body,
    )


def split_front_matter(text: str) -> tuple[Mapping[str, str | tuple[str, ...]], str]:
    """Take the lines between two ``---`` off the top: ``key: value``, lists as ``[a, b]`` or as ``- a`` lines.

    Raises:
        ArticleError: the second ``---`` is missing, or a line is neither.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        return {}, "\n".join(lines)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise ArticleError("Its front matter begins with --- and has no second ---.")
    matter: dict[str, str | tuple[str, ...]] = {}
    key = ""
    for number, line in enumerate(lines[1:end], 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if key and (item := re.fullmatch(r"\s*-\s+(.+)", line)):
            before = matter[key]
            matter[key] = (*(before if isinstance(before, tuple) else ()), _unquoted(item[1]))
        elif pair := re.fullmatch(r"([\w-]+)\s*:(?:\s+(.*))?", line):
            key, value = pair[1].lower(), (pair[2] or "").strip()
            matter[key] = _items(value[1:-1]) if value[:1] == "[" and value[-1:] == "]" else _unquoted(value)
        elif not line[0].isspace():  # nested values are another program's
            raise ArticleError(f"Line {number} of its front matter is not of the form 'key: value'.")
    return matter, "\n".join(lines[end + 1 :])


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _items(text: str) -> tuple[str, ...]:
    return tuple(_unquoted(item) for item in text.split(",") if item.strip())


def _text(matter: Mapping[str, str | tuple[str, ...]], key: str) -> str:
    value = matter.get(key, "")
    return ", ".join(value) if isinstance(value, tuple) else value


def _list(matter: Mapping[str, str | tuple[str, ...]], key: str) -> tuple[str, ...]:
    value = matter.get(key, ())
    return _items(value) if isinstance(value, str) else value


def _address(url: str) -> str | None:
    if url and not url.startswith(("https://", "http://")):
        raise ArticleError(f"Its url {url!r} must begin with https:// or http://.")
    return url or None


def _take_title(body: str) -> tuple[str, str]:
    """Take a heading of the first level off the top: the page shows the title above the text."""
    first = next(iter(headings(body)), None)
    lines = body.split("\n")
    if first is None or first.level != 1 or any(line.strip() for line in lines[: first.start]):
        return "", body
    return first.text, "\n".join(lines[first.end :]).strip("\n")


def _sections(body: str) -> Iterable[Section]:
    lines = body.split("\n")
    found = list(headings(body))
    opening = "\n".join(lines[: found[0].start if found else None]).strip()
    if opening or not found:
        yield Section("", "", opening)
    ends = [heading.start for heading in found[1:]] + [len(lines)]
    for heading, end in zip(found, ends, strict=False):
        text = "\n".join(lines[heading.end : end])
        yield Section(heading.text, heading.anchor, text.strip())
