"""Announcements: moderators post official news with /announce."""

from collections.abc import Iterable, Mapping

from frontdesk import (
    Command,
    Delivery,
    Desk,
    Drafts,
    Modal,
    hookimpl,
    register_commands,
    register_components,
    register_deliveries,
)

from frontdesk_announcements.announcer import Announcer
from frontdesk_announcements.commands import Draft, announce_commands, announce_modal
from frontdesk_announcements.settings import AnnouncementSettings


class Announcements:
    """/announce, and the way of news into the announcements channel."""

    api = "1.0"
    Settings = AnnouncementSettings

    def __init__(self, desk: Desk[AnnouncementSettings]) -> None:
        self._desk = desk
        self._announcer = Announcer(desk)
        self._drafts: Drafts[Draft] = Drafts(desk.now)

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        """Add /announce."""
        return announce_commands(self._desk, self._announcer, self._drafts)

    @hookimpl(register_components)
    def register_components(self) -> Iterable[Modal]:
        """Add the modal for longer news."""
        return [announce_modal(self._desk, self._announcer, self._drafts)]

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        """Say how news reaches the channel."""
        return self._announcer.deliveries()
