"""A conversation as one HTML file that needs nothing else: to keep, to print, to pass on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from babel.dates import format_date, format_time
from frontdesk import FILE_LIMIT, Line, Pages, Say, Speaker
from markupsafe import Markup

from frontdesk_helpdesk.ending import duration, helpers
from frontdesk_helpdesk.history import Part
from frontdesk_helpdesk.rich_text import to_html

TEMPLATES = Path(__file__).parent / "templates"
_SIDES = {Speaker.MEMBER: "theirs", Speaker.VIRTUAL_AGENT: "ours bot", Speaker.AGENT: "ours"}


@dataclass(frozen=True, slots=True)
class Bubble:
    """A line, ready to be shown.

    Args:
        css: on which side, and whose.
        who: the name; empty where it is the same as in the line before.
        html: what was said.
        at: when it was said (UTC).
        time: the same for people.
        day: the day for people, where it differs from the line before; empty otherwise.
    """

    css: str
    who: str
    html: Markup
    at: datetime
    time: str
    day: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file.

    Args:
        name: with its ending.
        content: UTF-8.
        lines: how many lines of the conversation are in it.
    """

    name: str
    content: bytes
    lines: int


def document(pages: Pages, say: Say, parts: Sequence[Part], *, server: str, limit: int = FILE_LIMIT) -> Document:
    """Write a transcript; of one that is too long for Discord the oldest lines are left out, and that is said.

    Args:
        pages: renders the plugin's templates.
        say: the reader's language.
        parts: the conversation and those that it goes on with, oldest first.
        server: the Discord server's name.
        limit: bytes of the file at most.
    """
    left_out = 0
    while True:
        content = _render(pages, say, parts, server, left_out).encode()
        count = sum(len(part.lines) for part in parts)
        if len(content) <= limit or count == 0:
            case = parts[-1].conversation.case
            name = case.number if case else f"{parts[-1].conversation.opened_at:%Y-%m-%d}"
            safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
            return Document(f"transcript-{safe}.html", content, count)
        half = (count + 1) // 2
        parts, left_out = _without_oldest(parts, half), left_out + half


def _without_oldest(parts: Sequence[Part], count: int) -> Sequence[Part]:
    shorter = []
    for part in parts:
        gone = min(count, len(part.lines))
        count -= gone
        shorter.append(replace(part, lines=part.lines[gone:]))
    return shorter


def _render(pages: Pages, say: Say, parts: Sequence[Part], server: str, left_out: int) -> str:
    newest = parts[-1].conversation
    ended_at = newest.ended_at
    agents = dict.fromkeys(name for part in parts for name in helpers(part.conversation, part.lines))
    return pages.document(
        "transcript.html",
        say=say,
        server=server,
        person=newest.person,
        case=newest.case,
        agents=list(agents),
        opened=_moment(parts[0].conversation.opened_at, say),
        ended=None if ended_at is None else _moment(ended_at, say),
        duration=None if ended_at is None or len(parts) > 1 else duration(ended_at - newest.opened_at, say),
        left_out=left_out,
        parts=[(part, _moment(part.conversation.opened_at, say), bubbles(part.lines, say)) for part in parts],
    )


def bubbles(lines: Sequence[Line], say: Say) -> list[Bubble]:
    """Make the lines of a part ready to be shown."""
    shown: list[Bubble] = []
    before: tuple[str, Speaker, str] | None = None
    for line in lines:
        day = format_date(line.said_at.date(), "full", locale=say.locale)
        new_day = before is None or day != before[0]
        same = not new_day and before == (day, line.speaker, line.name)
        time = format_time(line.said_at, "short", locale=say.locale)
        who = "" if same else line.name
        shown.append(Bubble(_SIDES[line.speaker], who, to_html(line.text), line.said_at, time, day if new_day else ""))
        before = (day, line.speaker, line.name)
    return shown


def _moment(at: datetime, say: Say) -> str:
    day, time = format_date(at.date(), "medium", locale=say.locale), format_time(at, "short", locale=say.locale)
    return f"{day}, {time} UTC"
