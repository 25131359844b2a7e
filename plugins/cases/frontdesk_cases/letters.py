"""What members read about their cases in direct messages: answers and notices, in their language.

Their words are made once and kept with what is to be sent: a letter that may have arrived is looked for by its words,
which must be the same although the case has another title by then, or the owner other settings.
"""

from collections.abc import Mapping
from datetime import datetime

import hikari
from frontdesk import DISCORD_LIMIT, Desk, Say, shortened, split_text

from frontdesk_cases import buttons
from frontdesk_cases.buttons import Action
from frontdesk_cases.cases import CaseRecord, TimelineEntry
from frontdesk_cases.direct import Letter, Part
from frontdesk_cases.plain import escaped
from frontdesk_cases.settings import CasesSettings

COLOR = 0x5865F2
EMBED_LIMIT = 4000
"""Characters of an embed's description that are used; Discord's developer documentation, "Embed Limits": 4,096."""

_TITLE = 100


class Letters:
    """Writes them.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    def say(self, case: CaseRecord) -> Say:
        """Give the sentences in the member's language."""
        return self._desk.say(case.person.locale, case.guild_id)

    def words_of_answer(self, case: CaseRecord, answer: TimelineEntry) -> Mapping[str, str]:
        """Make what stands around an answer, to be kept."""
        say, settings = self.say(case), self._desk.settings_for(case.guild_id)
        return {
            "head": say(
                "dm-head", number=f"{settings.prefix}{case.number}", title=escaped(shortened(case.title, _TITLE))
            ),
            "name": settings.direct.shown_name(answer.author) or say("dm-anonymous"),
            "look": settings.direct.look,
        }

    def answer(self, case: CaseRecord, answer: TimelineEntry, words: Mapping[str, str]) -> Letter:
        """Write an answer; a long one becomes several messages."""
        head, name = words["head"], words["name"]
        row = buttons.row(self._desk, self.say(case), str(case.id), [Action.REPLY, Action.DETAILS])
        if words["look"] == "text":
            text = f"-# {head}\n**{escaped(name)}:** {answer.text}"
            parts = [Part(part) for part in split_text(text, DISCORD_LIMIT)]
        else:
            parts = [Part(part, self._embed(head, name, part)) for part in split_text(answer.text, EMBED_LIMIT)]
        return Letter(case.person.user_id, parts, [row])

    def _embed(self, head: str, name: str, text: str) -> hikari.Embed:
        return hikari.Embed(description=text, color=COLOR).set_author(name=shortened(name, 200)).set_footer(
            shortened(head.replace("\\", ""), 200)
        )  # fmt: skip

    def words_of_notice(self, case: CaseRecord, what: str, entry: TimelineEntry) -> Mapping[str, str]:
        """Make the words of a notice, to be kept."""
        say, settings = self.say(case), self._desk.settings_for(case.guild_id)
        name = settings.direct.shown_name(entry.data.get("after", "")) if what == "assigned" else None
        text = say(
            f"notice-{what}",
            number=f"{settings.prefix}{case.number}",
            title=escaped(shortened(case.title, _TITLE)),
            agent=escaped(name or say("dm-anonymous")),
            day=_day(entry.data.get("due")),
        )
        return {"text": text}

    def notice(self, case: CaseRecord, words: Mapping[str, str]) -> Letter:
        """Write a notice."""
        row = buttons.row(self._desk, self.say(case), str(case.id), self._actions(case))
        return Letter(case.person.user_id, [Part(words["text"])], [row])

    def _actions(self, case: CaseRecord) -> list[Action]:
        return [action for action in buttons.for_member(case, with_details=True) if action is not Action.CLOSE]


def _day(due: str | None) -> str:
    """Write a day in Discord's way: each reader sees their own time zone."""
    return f"<t:{int(datetime.fromisoformat(due).timestamp())}:D>" if due else ""
