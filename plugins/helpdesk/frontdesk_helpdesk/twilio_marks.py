"""How we know in Twilio what is ours, and that it is gone."""

import json
from collections.abc import Mapping

MARK = "frontdesk"
"""The key in attributes by which we know a message or Conversation as ours, and find it again."""

DESK_IDENTITY = "frontdesk"
"""The author of lines that the desk adds itself: the virtual agent's answers, and notes to the live agent."""

DELETED = "deleted"
"""The reason by which a conversation ends whose Conversation somebody has deleted."""

NOT_FOUND = 404
"""The HTTP status for what is not there, or not any more."""


def mark_of(attributes: str | None) -> str | None:
    """Read our key out of a Twilio message's attributes; None if it is not ours."""
    try:
        parsed = json.loads(attributes or "{}")
    except (ValueError, RecursionError):
        return None
    mark = parsed.get(MARK) if isinstance(parsed, Mapping) else None
    return None if mark is None else str(mark)
