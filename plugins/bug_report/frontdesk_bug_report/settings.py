"""The [plugins.bug_report] table."""

from frontdesk import SettingsTable
from pydantic import Field


class BugReportSettings(SettingsTable):
    """Where bug reports go.

    Args:
        channel: the team's channel, by its name or id.
        open_case: also open a case for each report.
        color: of the bar at the side of the post, as a number such as ``0xED4245``.
    """

    channel: int | str = "bug-report"
    open_case: bool = True
    color: int = Field(0xED4245, ge=0, le=0xFFFFFF)
