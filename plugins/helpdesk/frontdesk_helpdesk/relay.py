"""How lines go from one side to the other: the names that members see, what counts as late, what becomes of files."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from frontdesk import SettingsTable
from pydantic import Field, field_validator

from frontdesk_helpdesk.markdown import escaped, for_discord


class RelaySettings(SettingsTable):
    """[plugins.helpdesk.relay]: how lines go from one side to the other.

    Args:
        agent_name: how members see live agents: ``"own"`` (the name in Flex), ``"team"`` (see ``team_name``), or
            ``"anonymous"`` ("a member of our team").
        team_name: the name of the whole team.
        late_seconds: a line that arrives later than this carries the time at which it was said.
        time_zone: in which agents read such times, as in ``"Europe/Berlin"``; members see their own.
        largest_file: bytes of a file that is copied; of a larger one only its name is passed on.
        keep_files_days: how long our own copies of files can be had.
        lines_a_minute: how many lines of a member are passed on in a minute, in the long run. Who writes faster is
            told so; the lines wait, none is lost, and nobody else waits.
        lines_at_once: how many may go without a pause after a quiet time; each file counts.
    """

    whole_bot: ClassVar[frozenset[str]] = frozenset({"largest_file", "keep_files_days"})

    agent_name: Literal["own", "team", "anonymous"] = "own"
    team_name: str = Field(default="Support", min_length=1, max_length=80)
    late_seconds: int = Field(default=120, ge=1, le=86_400)
    time_zone: str = "UTC"
    largest_file: int = Field(default=100_000_000, ge=0, le=500_000_000)
    keep_files_days: int = Field(default=90, ge=1, le=3650)
    lines_a_minute: float = Field(default=60.0, ge=1, le=6000)
    lines_at_once: int = Field(default=20, ge=1, le=1000)

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("there is no such time zone; a name such as Europe/Berlin is expected")
        return name

    def shown_name(self, agent: str | None) -> str | None:
        """Give the name by which members see an agent, fit for Markdown; None means that nobody is named.

        Args:
            agent: the name in Flex, if known.
        """
        if self.agent_name == "anonymous":
            return None
        if self.agent_name == "team":
            return escaped(self.team_name)
        return escaped(agent) if agent else None

    def is_late(self, said_at: datetime, now: datetime) -> bool:
        """Tell whether a line comes so late that it must say when it was said."""
        return now - said_at >= timedelta(seconds=self.late_seconds)

    def clock(self, moment: datetime, now: datetime) -> str:
        """Write a moment as agents read it: the time, with the date if it was another day."""
        there = moment.astimezone(ZoneInfo(self.time_zone))
        same_day = there.date() == now.astimezone(there.tzinfo).date()
        return there.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M") + f" {there.tzname()}"


def as_seen(name: str, words: str) -> str:
    """Write an agent's line as the member sees it.

    Args:
        name: see `RelaySettings.shown_name`.
        words: as the agent wrote them; none for files alone.
    """
    return f"**{name}:** {for_discord(words)}".rstrip()
