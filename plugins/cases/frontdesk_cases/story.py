"""How a case's timeline reads: each entry as a bubble or as a line between them, in one person's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from babel.dates import format_date, format_time
from frontdesk import CaseStatus, HandoffState, Say, Speaker

from frontdesk_cases.cases import EntryKind, Priority, TimelineEntry
from frontdesk_cases.presenter import Presenter, isolated

_SIDES = {Speaker.MEMBER.value: "theirs", Speaker.VIRTUAL_AGENT.value: "ours bot", Speaker.AGENT.value: "ours"}


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the timeline, ready to be shown.

    Args:
        id: of its entry.
        case_id: of the case on which it was written.
        css: how it looks: a bubble on a side, a note, or an event in the middle.
        who: the name above a bubble, or after an event; empty for the desk itself.
        text: what is shown, as plain text.
        at: when it happened.
        time: the same for people.
        day: the day for people, where it differs from the line before; empty otherwise.
        other: the case to which it leads; None for none.
        other_number: what people call that case.
        file: the id of the file that it is about; empty for none.
        mark: what became of a line; empty for nothing.
        failed: whether that is bad.
        before: the words that these have replaced; empty for none.
        newer: the entry that has replaced these words; None for none.
    """

    id: int
    case_id: int
    css: str
    who: str
    text: str
    at: datetime
    time: str
    day: str
    other: int | None = None
    other_number: str = ""
    file: str = ""
    mark: str = ""
    failed: bool = False
    before: str = ""
    newer: int | None = None

    @property
    def is_bubble(self) -> bool:
        """Whether somebody says it."""
        return not self.css.startswith("event")

    @property
    def is_rewording(self) -> bool:
        """Whether it has the new words of an earlier line."""
        return "changed" in self.css.split()

    @property
    def may_be_split(self) -> bool:
        """Whether it can be chosen for a case of its own: a message, as it was said at first."""
        return self.is_bubble and not self.is_rewording and "note" not in self.css


@dataclass(frozen=True, slots=True)
class _Line:
    css: str
    text: str
    failed: bool = False


class Story:
    """Puts a timeline into words.

    Args:
        say: the reader's language.
        present: names statuses and numbers.
        labels: of the owner's fields, by their names.
    """

    def __init__(self, say: Say, present: Presenter, labels: Mapping[str, str]) -> None:
        self._say = say
        self._present = present
        self._labels = labels

    def told(self, entries: Iterable[TimelineEntry]) -> Sequence[Item]:
        """Make the lines of a timeline."""
        entries = list(entries)
        marks = {entry.data["entry"]: entry for entry in entries if _is_mark(entry)}
        newest = {entry.data["line"]: entry for entry in entries if entry.kind is EntryKind.MESSAGE_CHANGED}
        items: list[Item] = []
        before: str | None = None
        for entry in entries:
            if _is_mark(entry) and entry.data.get("outcome") != "refused":
                continue  # it is said below the answer itself
            day = format_date(entry.at.date(), "full", locale=self._say.locale)
            item = self._item(entry, marks.get(str(entry.id)), day if day != before else "")
            items.append(self._with_newer(item, newest.get(_line_of(entry))))
            before = day
        return items

    def _with_newer(self, item: Item, newest: TimelineEntry | None) -> Item:
        """Mark words that were changed or taken back later."""
        if newest is None or newest.id == item.id:
            return item
        mark = self._say("line-changed" if newest.text else "line-taken-back")
        return replace(item, css=f"{item.css} outdated", mark=mark, newer=newest.id)

    def _item(self, entry: TimelineEntry, mark: TimelineEntry | None, day: str) -> Item:
        line = self._line(entry)
        other = next((entry.data[name] for name in ("other", "into", "from") if _is_case(entry, name)), None)
        number = next((entry.data[f"{name}_number"] for name in ("other", "into", "from") if _is_case(entry, name)), "")
        outcome = mark.data.get("outcome", "") if mark else ""
        return Item(
            id=entry.id,
            case_id=entry.case_id,
            css=line.css,
            who=entry.author,
            text=line.text,
            at=entry.at,
            time=format_time(entry.at, "short", locale=self._say.locale),
            day=day,
            other=int(other) if other else None,
            other_number=self._present.number(int(number)) if number else "",
            file=entry.data.get("file", "") if entry.kind is EntryKind.FILE else "",
            mark=self._say(f"answer-{outcome}") if outcome else "",
            failed=line.failed or outcome == "refused",
            before=entry.data["before"] if entry.kind is EntryKind.MESSAGE_CHANGED and entry.text else "",
        )

    def _line(self, entry: TimelineEntry) -> _Line:
        match entry.kind:
            case EntryKind.MESSAGE:
                return _Line(_SIDES.get(entry.data.get("speaker", ""), "theirs"), entry.text)
            case EntryKind.MESSAGE_CHANGED if entry.text:
                return _Line(f"{_SIDES.get(entry.data['speaker'], 'theirs')} changed", entry.text)
            case EntryKind.MESSAGE_CHANGED:
                return self._event(self._say("event-taken-back"), entry.data["before"])
            case EntryKind.NOTE:
                return _Line("ours note", entry.text)
            case EntryKind.RATING:
                return self._event(self._say("event-rated", stars=entry.data["stars"]), entry.text)
            case EntryKind.HANDOFF:
                return self._event(self._handoff(entry), entry.text)
            case EntryKind.CHANGE:
                return self._event(self.change(entry.data))
            case EntryKind.CLOCK:
                sentence = self._say(f"clock-{entry.data.get('clock', '')}-{entry.data.get('state', '')}")
                return _Line("event clock", sentence, failed=entry.data.get("state") == "missed")
            case EntryKind.NOTIFIED:
                return self._notified(entry.data)
            case EntryKind.FILE:
                return self._file(entry.data)
            case EntryKind.LINK:
                return self._event(self._say("event-unlinked" if entry.data.get("added") == "no" else "event-linked"))
            case EntryKind.MERGED:
                way = "into" if "into" in entry.data else "from"
                return self._event(self._say(f"event-{'unmerged' if 'undone' in entry.data else 'merged'}-{way}"))
            case EntryKind.SPLIT:
                return self._event(self._say("event-split-new" if entry.data.get("new") == "yes" else "event-split"))
            case EntryKind.OPENED:
                return self._event(self._say("event-opened"))

    def _event(self, sentence: str, text: str = "") -> _Line:
        return _Line("event", f"{sentence} {isolated(text)}" if text else sentence)

    def _handoff(self, entry: TimelineEntry) -> str:
        if entry.data["before"] == HandoffState.ENDED.value:
            return self._say("handoff-continued")
        agent = isolated(entry.author) if entry.author else self._say("an-agent")
        return self._say(f"handoff-{entry.data['state']}", agent=agent)

    def _notified(self, data: Mapping[str, str]) -> _Line:
        what, outcome = data.get("what", ""), data.get("outcome", "")
        if outcome != "refused":
            return self._event(self._say("event-notified", what=self._say(f"told-{what}")))
        return _Line("event", self._say("event-not-notified", what=self._say(f"told-{what}")), failed=True)

    def _file(self, data: Mapping[str, str]) -> _Line:
        name = isolated(data.get("name", ""))
        if "lost" in data:
            return _Line("event", self._say("event-file-lost", name=name), failed=True)
        return self._event(self._say("event-file", name=name))

    def change(self, data: Mapping[str, str]) -> str:
        """Say what a change has changed."""
        what = data.get("what", "")
        before, after = (self.value(what, data.get(name, "")) for name in ("before", "after"))
        return self._say("event-change", what=self.label(what, data.get("field", "")), before=before, after=after)

    def label(self, what: str, field: str = "") -> str:
        """Name what can be changed; one of the owner's fields by its label."""
        return isolated(self._labels.get(field, field)) if what == "field" else self._say(f"field-{what}")

    def value(self, what: str, value: str) -> str:
        """Put a value as timelines keep it into words."""
        if not value:
            return "–"
        if what == "status" and value in {status.value for status in CaseStatus}:
            return self._present.status(CaseStatus(value))
        if what == "priority" and value.upper() in Priority.__members__:
            return self._present.priority(Priority[value.upper()])
        return isolated(value)


def _is_mark(entry: TimelineEntry) -> bool:
    return entry.kind is EntryKind.NOTIFIED and entry.data.get("what") == "answer" and "entry" in entry.data


def _is_case(entry: TimelineEntry, name: str) -> bool:
    kinds = {EntryKind.LINK, EntryKind.MERGED, EntryKind.SPLIT}
    return entry.kind in kinds and name in entry.data and f"{name}_number" in entry.data


def _line_of(entry: TimelineEntry) -> str:
    """The line of a conversation whose words an entry shows; empty for none."""
    return entry.data["line"] if entry.kind is EntryKind.MESSAGE_CHANGED else entry.key
