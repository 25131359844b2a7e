"""Bug reports: members report with /bug, the team reads them in its channel, and each becomes a case."""

from collections.abc import Iterable, Mapping

from frontdesk import (
    Command,
    Delivery,
    Desk,
    Drafts,
    Intake,
    Modal,
    hookimpl,
    register_commands,
    register_components,
    register_deliveries,
)

from frontdesk_bug_report.commands import Screenshot, bug_commands, bug_modal
from frontdesk_bug_report.settings import BugReportSettings


class BugReports:
    """/bug and its form."""

    api = "1.0"
    Settings = BugReportSettings

    def __init__(self, desk: Desk[BugReportSettings]) -> None:
        self._desk = desk
        self._intake = Intake(desk)
        self._drafts: Drafts[Screenshot] = Drafts(desk.now)

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        """Add /bug."""
        return bug_commands(self._desk, self._drafts)

    @hookimpl(register_components)
    def register_components(self) -> Iterable[Modal]:
        """Add the form."""
        return [bug_modal(self._desk, self._intake, self._drafts)]

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        """Say how reports reach the team."""
        return self._intake.deliveries()
