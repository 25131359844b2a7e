"""The [plugins.hello] table."""

from frontdesk import SettingsTable
from pydantic import Field


class HelloSettings(SettingsTable):
    """How /hello greets.

    Args:
        emoji: put in front of each greeting.
    """

    emoji: str = Field("👋", max_length=10)
