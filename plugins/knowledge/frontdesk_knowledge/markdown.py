"""Markdown: headings with anchors, clean HTML without any of the author's own, and excerpts that Discord can show."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a text.

    Args:
        level: 1 to 6.
        text: without markup.
        anchor: its id on the page, unique in the text.
        start: its first line, counted from 0.
        end: the line after it.
    """

    level: int
    text: str
    anchor: str
    start: int
    end: int


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])


def slug_of(text: str) -> str:
    """Make a part of an address: letters and digits of any script, small, with hyphens between."""
    return re.sub(r"[\W_]+", "-", text.replace("\u200c", "-").casefold()).strip("-") or "section"


def headings(text: str) -> Iterator[Heading]:
    """Find the headings, not those inside code."""
    yield from _headings(_parser().parse(text))


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    taken: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open" or token.map is None or token.level != 0:
            continue
        plain = _plain(inline)
        slug = slug_of(plain)
        taken[slug] = taken.get(slug, 0) + 1
        anchor = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        yield Heading(int(token.tag[1]), plain, anchor, token.map[0], token.map[1])


def _plain(inline: Token) -> str:
    parts = [
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or ()
        if child.type in {"text", "code_inline", "image", "softbreak", "hardbreak"}
    ]
    return "".join(parts).strip()


def to_html(text: str, link: Callable[[str], str]) -> str:
    """Render a text for a page. HTML in it is shown as text; addresses that run scripts are refused by the parser.

    Args:
        text: Markdown.
        link: gives the address for a relative link, such as ``"refunds.md#when"``.
    """
    parser = _parser()
    tokens = parser.parse(text)
    anchors = {heading.start: heading.anchor for heading in _headings(tokens)}
    for token in tokens:
        if token.type == "heading_open" and token.map and token.level == 0:
            token.attrSet("id", anchors[token.map[0]])
        token.children = [_finished(child, link) for child in token.children or ()]
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html


def _finished(token: Token, link: Callable[[str], str]) -> Token:
    if token.type == "link_open":
        address = str(token.attrGet("href") or "")
        if _is_relative(address):
            token.attrSet("href", link(address))
        else:
            token.attrSet("rel", "noopener noreferrer")
    if token.type == "image":
        # Our pages load nothing from elsewhere; a picture's description says what it shows.
        return Token("text", "", 0, content=token.content)
    return token


def _is_relative(address: str) -> bool:
    return not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#", address)


def plain(text: str) -> str:
    """Take the markup off: one line of text, for a list of results."""
    return " ".join(" ".join(_texts(_parser().parse(text))).split())


def _texts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield _plain(token)
        elif token.type in {"fence", "code_block"}:
            yield token.content


def excerpt(text: str, limit: int, weigh: Callable[[str], float]) -> str:
    """Choose the passage of a text that fits best, as Markdown that Discord shows well.

    Args:
        text: a section's Markdown.
        limit: characters at most.
        weigh: says how well a block fits; the excerpt begins with the block that fits best.
    """
    blocks = [block for block in _blocks(text) if block]
    if not blocks:
        return ""
    whole = "\n\n".join(blocks)
    if len(whole) <= limit:
        return whole
    start = max(range(len(blocks)), key=lambda number: (weigh(blocks[number]), -number))
    # A list says little without the line that introduces it.
    if start and blocks[start - 1].endswith(":") and len(blocks[start - 1]) + 2 < limit // 2:
        start -= 1
    chosen = blocks[start]
    for block in blocks[start + 1 :]:
        if len(chosen) + 2 + len(block) > limit:
            break
        chosen += "\n\n" + block
    return shorten(chosen, limit)


def _blocks(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for token in _parser().parse(text):
        if token.level == 0 and token.map and token.nesting >= 0:
            source = "\n".join(lines[token.map[0] : token.map[1]]).strip()
            yield _for_discord(source, token)


def _for_discord(source: str, token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return f"```\n{token.content.rstrip()}\n```"
    if token.type == "heading_open":
        return f"**{source.lstrip('#').strip()}**"
    if token.type == "hr":
        return ""
    if token.type == "table_open":
        rows = [row.strip().strip("|").split("|") for row in source.split("\n")]
        filled = [row for row in rows if not all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in row)]
        return "\n".join("- " + " — ".join(cell.strip() for cell in row) for row in filled)
    without_images = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", source)
    # Relative links lead nowhere outside the page.
    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?://)[^)]*\)", r"\1", without_images)


def shorten(text: str, limit: int) -> str:
    """Cut a text at the end of a sentence, or else of a word, and never inside a block of code."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    sentence = max((m.end() for m in re.finditer(r"[.!?؟。](?=\s)|\n", head)), default=0)
    cut = sentence if sentence > limit // 2 else (head.rfind(" ") if " " in head else len(head))
    shortened = head[:cut].rstrip() + ("" if sentence > limit // 2 else "…")
    if shortened.count("```") % 2:
        shortened = shortened[: shortened.rfind("```")].rstrip() or shorten(text.replace("```", ""), limit)
    return shortened
