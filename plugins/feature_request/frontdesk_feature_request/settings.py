"""The [plugins.feature_request] table."""

from typing import Annotated

from frontdesk import SettingsTable
from pydantic import Field


class FeatureRequestSettings(SettingsTable):
    """Where ideas go.

    Args:
        channel: the channel in which people see and vote for ideas, by its name or id.
        open_case: also open a case for each idea.
        votes: emoji that the bot puts under each idea, for others to click; empty for none.
        color: of the bar at the side of the post, as a number such as ``0xFEE75C``.
    """

    channel: int | str = "feature-request"
    open_case: bool = True
    votes: Annotated[tuple[str, ...], Field(max_length=10)] = ("👍", "👎")
    color: int = Field(0xFEE75C, ge=0, le=0xFFFFFF)
