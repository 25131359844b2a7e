"""Feature requests: members bring ideas with /new_feature, others vote for them, and each becomes a case."""

from collections.abc import Iterable, Mapping

from frontdesk import (
    Command,
    Delivery,
    Desk,
    Intake,
    Modal,
    hookimpl,
    register_commands,
    register_components,
    register_deliveries,
)

from frontdesk_feature_request.commands import new_feature_commands, new_feature_modal
from frontdesk_feature_request.settings import FeatureRequestSettings


class FeatureRequests:
    """/new_feature and its form."""

    api = "1.0"
    Settings = FeatureRequestSettings

    def __init__(self, desk: Desk[FeatureRequestSettings]) -> None:
        self._desk = desk
        self._intake = Intake(desk)

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        """Add /new_feature."""
        return new_feature_commands(self._desk)

    @hookimpl(register_components)
    def register_components(self) -> Iterable[Modal]:
        """Add the form."""
        return [new_feature_modal(self._desk, self._intake)]

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        """Say how ideas reach their channel."""
        return self._intake.deliveries()
