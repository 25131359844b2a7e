"""Lengths of time as people write them: ``2h``, ``3d``, ``1w``, ``1h 30m``. No Discord, no SQL in here."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

LONGEST = timedelta(days=3650)

_UNITS: dict[str, timedelta] = {
    **dict.fromkeys(("m", "min", "minute", "minutes", "minuten", "دقیقه"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours", "std", "stunde", "stunden", "ساعت"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "tagen", "روز"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen", "هفته"), timedelta(weeks=1)),
}
_PART = re.compile(r"\s*(\d{1,6})\s*([^\W\d_]+)\s*")


def parse(text: str) -> timedelta:
    """Read a length of time.

    Args:
        text: numbers with units (m, h, d, w, or the words in English, German or Persian); ``0`` for none.

    Raises:
        ValueError: if it is none, or longer than ten years.
    """
    plain = text.strip().lower()
    if plain.isdecimal() and int(plain) == 0:
        return timedelta(0)
    total, at = timedelta(0), 0
    while at < len(plain):
        part = _PART.match(plain, at)
        if part is None or part[2] not in _UNITS:
            raise ValueError(f'"{text}" is not a length of time; write for example 30m, 2h, 3d or 1w')
        total += int(part[1]) * _UNITS[part[2]]
        at = part.end()
    if not timedelta(0) < total <= LONGEST:
        raise ValueError(f'"{text}" must be more than nothing and at most ten years')
    return total


def short(length: timedelta) -> str:
    """Write a length of time the short way, such as ``1d 12h``; parts of minutes are left out."""
    minutes = int(length / timedelta(minutes=1))
    parts = []
    for unit, size in (("w", 7 * 24 * 60), ("d", 24 * 60), ("h", 60), ("m", 1)):
        count, minutes = divmod(minutes, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0"


def _checked(text: str) -> str:
    parse(text)
    return text


Duration = Annotated[str, AfterValidator(_checked)]
"""A length of time in bot.toml, kept as it was written; `parse` reads it."""
