"""The end of a conversation: what the member is told, and what they may do then. No Discord, no SQL in here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from babel.dates import format_timedelta
from babel.lists import format_list
from frontdesk import Line, Say, SettingsTable, Speaker
from pydantic import Field

from frontdesk_helpdesk.conversations import Conversation


class EndingSettings(SettingsTable):
    """What happens when a conversation has ended.

    Args:
        rating: whether members are asked how it was.
        rating_within_hours: how long after the end a rating can be given and changed, in hours.
        reopen: what follows when a member writes after the end: ``"ask"`` offers a button to continue,
            ``"automatic"`` continues at once.
        reopen_within_hours: how long after the end a conversation can be continued, in hours; 0 for never.
    """

    rating: bool = True
    rating_within_hours: float = Field(default=72.0, gt=0, le=8760)
    reopen: Literal["ask", "automatic"] = "ask"
    reopen_within_hours: float = Field(default=24.0, ge=0, le=720)

    def may_rate(self, ended_at: datetime, now: datetime) -> bool:
        """Tell whether a rating can be given or changed."""
        return self.rating and now <= ended_at + timedelta(hours=self.rating_within_hours)

    def may_continue(self, ended_at: datetime, now: datetime) -> bool:
        """Tell whether a conversation can be continued."""
        return self.reopen_within_hours > 0 and now <= ended_at + timedelta(hours=self.reopen_within_hours)


def helpers(conversation: Conversation, lines: Iterable[Line]) -> list[str]:
    """Name the live agents of a conversation in the order in which they first spoke, as the member saw them."""
    spoke = dict.fromkeys(line.name for line in lines if line.speaker is Speaker.AGENT)
    return list(spoke) or ([conversation.agent] if conversation.agent else [])


def was_helped(conversation: Conversation, lines: Iterable[Line]) -> bool:
    """Tell whether anybody, if only the virtual agent, has answered the member."""
    return conversation.agent is not None or any(line.speaker is not Speaker.MEMBER for line in lines)


def duration(time: timedelta, say: Say) -> str:
    """Write how long something took, to the minute at most."""
    return format_timedelta(max(time, timedelta(minutes=1)), granularity="minute", locale=say.locale)


def farewell(
    say: Say,
    conversation: Conversation,
    lines: Iterable[Line],
    settings: EndingSettings,
    *,
    now: datetime,
    sentence: str = "conversation-ended",
) -> str:
    """Sum a conversation up for the member: who helped, for how long, the case, and what is next.

    Args:
        say: the member's language.
        conversation: which.
        lines: what was said in it.
        settings: what the member may do now.
        now: when it ended (UTC).
        sentence: how it ended.
    """
    lines = list(lines)
    parts = [say(sentence)]
    time = duration(now - conversation.opened_at, say)
    if names := helpers(conversation, lines):
        together = format_list([f"**{name}**" for name in names], locale=say.locale)
        parts.append(say("ended-helped-by", names=together, time=time))
    elif was_helped(conversation, lines):
        parts.append(say("ended-virtual-agent", time=time))
    if conversation.case is not None:
        parts.append(say("ended-case", number=conversation.case.number))
    if settings.may_continue(now, now):
        within = duration(timedelta(hours=settings.reopen_within_hours), say)
        parts.append(say("ended-write-again", time=within))
    else:
        parts.append(say("ended-begin-anew"))
    if settings.rating and was_helped(conversation, lines):
        parts.append(say("ended-rate"))
    return "\n".join(parts)
