"""When members can be passed on to a person, and what they are told when nobody is there."""

from datetime import datetime
from typing import Literal

from frontdesk import OpeningHours, Say


class Hours(OpeningHours):
    """[plugins.helpdesk.hours]: when members can be passed on to a person. Without any hours: always.

    Args:
        time_zone: in which the hours are meant, such as ``"Europe/Berlin"``.
        monday: spans such as ``["09:00-12:00", "13:00-17:00"]``; an empty list is a closed day.
        tuesday: likewise.
        wednesday: likewise.
        thursday: likewise.
        friday: likewise.
        saturday: likewise.
        sunday: likewise.
        holidays: closed days: ``"2026-12-25"``, or ``"12-25"`` for every year.
        special: days with hours of their own, such as ``{"2026-12-24" = ["09:00-12:00"]}``.
        outside: what a request for a person becomes out of hours: a ``"case"``, or it goes to the ``"queue"`` anyway.
    """

    outside: Literal["case", "queue"] = "case"


def closed_sentence(say: Say, opens: datetime | None, case_number: str | None) -> str:
    """Say that nobody is there now, when somebody will be, and what became of the request.

    Args:
        say: the member's sentences.
        opens: the next opening (UTC), shown by Discord in the reader's own time zone; None if none is known.
        case_number: the case that was opened; None without one.
    """
    parts = [say("closed-now")]
    if opens is not None:
        parts.append(say("closed-until", moment=f"<t:{int(opens.timestamp())}:F>"))
    parts.append(say("closed-case", number=case_number) if case_number else say("closed-no-case"))
    return " ".join(parts)
