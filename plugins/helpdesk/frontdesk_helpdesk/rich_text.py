"""Discord's Markdown as harmless HTML: blocks of code, code, bold text and links; everything else stays as typed."""

import re

from markupsafe import Markup, escape

_BLOCK = re.compile(r"```(?:[\w+-]{0,20}\n)?(.*?)```", re.DOTALL)
_INLINE = re.compile(
    r"`(?P<code>[^`\n]{1,2000})`"
    r"|\*\*(?P<bold>[^*\n]{1,2000})\*\*"
    r"|\[(?P<label>[^\[\]\n]{1,300})\]\((?P<masked>https?://[^\s()<>]{1,2000})\)"
    r"|<?(?P<url>https?://[^\s<>\"'`*]{1,2000})>?"
)
_SENTENCE_END = ".,;:!?)]}»؟،؛"


def to_html(text: str) -> Markup:
    """Write what somebody said in Discord as HTML: nothing in it can run, load or lead anywhere unseen.

    Args:
        text: Markdown, as typed.
    """
    parts: list[Markup] = []
    end = 0
    for block in _BLOCK.finditer(text):
        parts.append(_inline(text[end : block.start()].removesuffix("\n")))
        parts.append(Markup('<pre dir="ltr"><code>{}</code></pre>').format(block[1].removesuffix("\n")))
        end = block.end()
        end += text.startswith("\n", end)
    parts.append(_inline(text[end:]))
    return Markup("").join(parts)


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[end : found.start()]), _piece(found)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _piece(found: re.Match[str]) -> Markup:
    if found["code"] is not None:
        return Markup('<code dir="ltr">{}</code>').format(found["code"])
    if found["bold"] is not None:
        return Markup("<strong>{}</strong>").format(found["bold"])
    if found["masked"] is not None:
        link = Markup('<a href="{0}" title="{0}" rel="noopener noreferrer">{1}</a>')
        return link.format(found["masked"], found["label"])
    url = found["url"].rstrip(_SENTENCE_END)
    rest = found["url"][len(url) :]
    link = Markup('<a href="{0}" dir="ltr" rel="noopener noreferrer">{0}</a>')
    return link.format(url) + escape(rest)
