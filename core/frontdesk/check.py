"""What `frontdesk check` reports: one value for each thing that was looked at."""

from dataclasses import dataclass
from enum import Enum


class CheckState(Enum):
    """How one check ended."""

    OK = "ok"
    WARNING = "warning"  # the bot works, but perhaps not as the owner means it to
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One line of `frontdesk check`.

    Args:
        name: what was looked at, such as "Discord token".
        state: how it ended.
        detail: what was found, one sentence without secrets.
        mend: what to do about a problem or a warning, one sentence.
    """

    name: str
    state: CheckState
    detail: str = ""
    mend: str = ""
