"""Cutting long text into parts that a platform takes, at the best place there is."""

import re
import unicodedata

DISCORD_LIMIT = 2000
"""Characters of a message's content; Discord's developer documentation, "Create Message"."""

_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?؟。])\s"), re.compile(r"\s"))
_FENCE = re.compile(r"```([A-Za-z0-9+#-]{0,15}(?=\n))?")
_END = "\n```"
_ROOM_FOR_LANGUAGE = 60
_JOINER = "\u200d"


def units(text: str) -> int:
    """Count characters as UTF-16 does, so that no way of counting finds more: emoji outside the plane count two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def split_text(text: str, limit: int = DISCORD_LIMIT) -> list[str]:
    """Cut text into parts without cutting words; a code block that is cut is closed and opened again.

    Args:
        text: what is to be said; a code block that is never closed is closed at its end.
        limit: UTF-16 units a part may have at most, at least 20.

    Returns:
        The parts in order; an empty list for blank text.
    """
    parts: list[str] = []
    rest = text.strip("\n") if text.strip() else ""
    while rest:
        part, rest = _cut(rest, limit)
        if part.strip():
            parts.append(part)
    return parts


def _cut(text: str, limit: int) -> tuple[str, str]:
    """Give the first part, and what is left; with a code block open, the rest opens it again."""
    if units(text) <= limit - (len(_END) if _open_fence(text) else 0):
        return (text if _open_fence(text) is None else text.rstrip() + _END), ""
    opening = _FENCE.match(text)
    end = _best_end(text, _index(text, limit - len(_END)), at_least=opening.end() + 1 if opening else 0)
    part, rest = text[:end].rstrip(), text[end:].lstrip("\n")
    fence = _open_fence(part)
    if fence is None:
        return part, rest.lstrip()
    before, empty = part[: fence.start()].rstrip(), fence.end() == len(part)
    if before and (empty or units(part) - units(before) < limit // 2):
        return before, text[fence.start() :]  # rather begin the block in the next part than cut it
    if not rest.strip().strip("`"):
        return part + _END, ""
    language = fence[1] if fence[1] and limit >= _ROOM_FOR_LANGUAGE else ""
    return part + _END, f"```{language}\n{rest}"


def _open_fence(text: str) -> re.Match[str] | None:
    fences = list(_FENCE.finditer(text))
    return fences[-1] if len(fences) % 2 else None


def _index(text: str, room: int) -> int:
    """Give the number of code points that fit into so many UTF-16 units."""
    used = 0
    for index, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > room:
            return index
    return len(text)


def _best_end(text: str, room: int, *, at_least: int) -> int:
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, 0, room)]
        if ends and ends[-1] > max(room // 3, at_least):
            return ends[-1]
    if text[room : room + 1].isspace():
        return room
    return _between_letters(text, room)


def _between_letters(text: str, room: int) -> int:
    """Find where a word that is longer than a part may be cut: not inside a fence, an emoji or an accented letter."""
    end = room
    while end > room // 2 and _is_one(text[end - 1], text[end]):
        end -= 1
    return end if end > room // 2 else room


def _is_one(left: str, right: str) -> bool:
    """Tell whether two letters are seen as one."""
    if _JOINER in {left, right} or left == right == "`":
        return True
    return unicodedata.category(right) in {"Mn", "Mc", "Me"} or "\U0001f3fb" <= right <= "\U0001f3ff"
