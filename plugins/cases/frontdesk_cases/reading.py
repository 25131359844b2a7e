"""How a case reads in a message of Discord: for its member, who sees no notes and nothing internal, and for staff."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from frontdesk import Desk, Say, Speaker, shortened, without_masked_links

from frontdesk_cases.cases import CaseRecord, EntryKind, TimelineEntry, as_said_now
from frontdesk_cases.plain import escaped
from frontdesk_cases.presenter import Presenter
from frontdesk_cases.settings import CasesSettings

TITLE = 80
_OWN_WORDS = 300
_LINES = 5
_LINE = 220
_LONGEST = 2000


class Reading:
    """Puts cases into one message.

    Args:
        desk: what the plugin was given.
        say: the reader's language.
        guild_id: the server.
    """

    def __init__(self, desk: Desk[CasesSettings], say: Say, guild_id: int) -> None:
        self._say = say
        self._settings = desk.settings_for(guild_id)
        self._present = Presenter(say, desk.now(), self._settings.prefix)

    def number(self, case: CaseRecord) -> str:
        """Name a case."""
        return self._present.number(case.number)

    def line(self, case: CaseRecord) -> str:
        """Write a case in one line."""
        return self._say(
            "my-cases-line", number=self.number(case), title=self.title(case), status=self._present.status(case.status)
        )

    def title(self, case: CaseRecord) -> str:
        """Write a title so that it is read as it was written."""
        return escaped(shortened(case.title, TITLE))

    def for_member(self, case: CaseRecord, timeline: Iterable[TimelineEntry]) -> str:
        """Write what a member may know of their case: where it stands, and what was said last."""
        said = [entry for entry in as_said_now(timeline) if entry.kind is EntryKind.MESSAGE]
        head = [self.line(case), self._say("details-opened", moment=_moment(case.opened_at))]
        own = _own_words(case)
        return shortened("\n".join([*head, *own, *self._lines(said, as_member=True)]), _LONGEST)

    def for_staff(self, case: CaseRecord, timeline: Iterable[TimelineEntry]) -> str:
        """Write what staff need to know at a glance: the fields, and what was said last, notes among it."""
        said = [entry for entry in as_said_now(timeline) if _is_for_staff(entry)]
        fields = [
            ("details-person", f"<@{case.person.user_id}> ({escaped(case.person.name)})"),
            ("details-kind", self._present.kind(case.kind)),
            ("details-priority", self._say(f"discord-priority-{case.priority.name.lower()}")),
            ("details-assignee", escaped(case.assignee.name) if case.assignee else "–"),
            ("details-team", escaped(case.team or "")),
            ("details-tags", escaped(", ".join(case.tags))),
        ]
        shown = [f"{self._say(name)}: {value}" for name, value in fields if value]
        head = [self.line(case), " · ".join(shown), self._say("details-opened", moment=_moment(case.opened_at))]
        own = _own_words(case)
        return shortened("\n".join([*head, *own, *self._lines(said, as_member=False)]), _LONGEST)

    def _lines(self, said: Sequence[TimelineEntry], *, as_member: bool) -> list[str]:
        shown: list[str] = []
        for entry in said[-_LINES:]:
            if entry.kind is EntryKind.NOTIFIED:
                shown.append(self._not_told(entry))
                continue
            name = escaped(shortened(self._who(entry, as_member=as_member), 60))
            shown += [f"-# **{name}** <t:{int(entry.at.timestamp())}:R>", _quoted(_harmless(entry))]
        return shown

    def _not_told(self, entry: TimelineEntry) -> str:
        reason = "dm-closed" if entry.data.get("reason") == "dm-closed" else "other"
        sentence = self._say("not-told-answer" if entry.data.get("what") == "answer" else "not-told-notice")
        return f"-# ⚠ {sentence} {self._say(f'not-told-{reason}')}"

    def _who(self, entry: TimelineEntry, *, as_member: bool) -> str:
        if as_member and entry.data.get("speaker") == Speaker.AGENT.value and entry.data.get("from") == "case":
            return self._settings.direct.shown_name(entry.author) or self._say("dm-anonymous")
        if entry.kind is EntryKind.NOTE:
            return self._say("details-note", name=entry.author)
        return entry.author


def _is_for_staff(entry: TimelineEntry) -> bool:
    """Tell whether staff must see an entry at a glance: what was said, and what did not reach the member."""
    was_refused = entry.kind is EntryKind.NOTIFIED and entry.data.get("outcome") == "refused"
    return was_refused or entry.kind in {EntryKind.MESSAGE, EntryKind.NOTE}


def _own_words(case: CaseRecord) -> list[str]:
    text = shortened(case.description, _OWN_WORDS)
    return [_quoted(without_masked_links(text))] if text.strip() else []


def _harmless(entry: TimelineEntry) -> str:
    """Cut what was said to size; a member's words must not hide where a link leads."""
    text = shortened(entry.text, _LINE)
    return without_masked_links(text) if entry.data.get("speaker") == Speaker.MEMBER.value else text


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _moment(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:f>"
