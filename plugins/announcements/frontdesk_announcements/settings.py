"""The [plugins.announcements] table."""

from typing import Annotated

import hikari
from frontdesk import SettingsTable
from pydantic import AfterValidator, Field


def _permission(name: str) -> str:
    if name.upper() not in hikari.Permissions.__members__:
        raise ValueError(f'"{name}" is not one of Discord\'s permissions; write for example "MANAGE_MESSAGES"')
    return name.upper()


class AnnouncementSettings(SettingsTable):
    """Who may announce, and where to.

    Args:
        channel: the announcements channel, by its name or id.
        permission: who has this permission may announce.
        roles: who has one of these roles may announce too.
        publish: if the channel is an announcement channel, also publish to the servers that follow it.
        color: of the bar at the side of the post, as a number such as ``0x5865F2``.
    """

    channel: int | str = "announcements"
    permission: Annotated[str, AfterValidator(_permission)] = "MANAGE_MESSAGES"
    roles: tuple[str, ...] = ()
    publish: bool = True
    color: int = Field(0x5865F2, ge=0, le=0xFFFFFF)
