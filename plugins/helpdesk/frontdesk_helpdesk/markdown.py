"""Other people's Markdown made harmless: nothing hides where it leads, pings, shouts or breaks what comes after it."""

import re
from collections.abc import Callable

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_MASKED = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]\(<?(\w+:[^\s()<>]*(?:\([^\s()<>]*\))?)>?(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
)
_HEADING = re.compile(r"^(\s*(?:>\s*)*)(?:#{1,3}|-#)\s+(.+?)\s*$", re.MULTILINE)
_EVERYONE = re.compile(r"@(everyone|here)\b")
_SPECIAL = re.compile(r"([\\*_~|`\[\]<>#@:])")
_BLANKS = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*){3,}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e]")  # control characters; overrides of direction


def for_discord(text: str) -> str:
    """Make a live agent's words fit for a message of the bot: formatting stays, tricks do not work.

    Links show where they lead, nobody is pinged, headings become bold lines, a code block that is never closed is
    closed. Code is left alone.
    """
    text = _seen(text)
    whole = f"{text}\n```" if text.count("```") % 2 else text
    return _outside_code(whole, lambda prose: _EVERYONE.sub("@\u200b\\1", _bold_headings(unmasked(prose))))


def for_agents(text: str) -> str:
    """Make a member's words fit for Flex, which may show them as plain text or as Markdown."""
    return _outside_code(_seen(text), unmasked)


def unmasked(text: str) -> str:
    """Write ``[label](address)`` so that the address is seen in plain text and in Markdown."""

    def shown(link: re.Match[str]) -> str:
        label, address = link[1].strip(), link[2]
        return address if label in {"", address} else f"{label} ({address})"

    return _MASKED.sub(shown, text)


def escaped(name: str) -> str:
    """Make a name fit for the middle of a Markdown line: it is shown as it is written."""
    return _SPECIAL.sub(r"\\\1", " ".join(_seen(name).split()))


def quoted(text: str) -> str:
    """Put a text into a block quote."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def unquoted(text: str) -> str:
    """Give somebody's own words, without what they quote; all of it if there is nothing else."""
    own = "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()
    return own or text


def _seen(text: str) -> str:
    return _BLANKS.sub("\n\n\n", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _bold_headings(text: str) -> str:
    return _HEADING.sub(lambda line: f"{line[1]}**{line[2].replace('**', '')}**", text)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces = _CODE.split(text)
    return "".join(piece if number % 2 else change(piece) for number, piece in enumerate(pieces))
