"""For how long moderators block somebody."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from frontdesk import Declined, Desk, Say
from frontdesk_helpdesk.moderation import Moderation
from frontdesk_helpdesk.settings import HelpdeskSettings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def until(duration: str | None) -> datetime | None:
    desk = cast("Desk[HelpdeskSettings]", SimpleNamespace(now=lambda: NOW))
    return Moderation(desk).until(cast("Say", lambda sentence, **_: sentence), duration)


def test_a_block_ends_when_it_was_said_to() -> None:
    assert until("2h") == NOW + timedelta(hours=2)
    assert until(None) is None


@pytest.mark.parametrize("duration", ["0", "0h", "soon", "99999w"])
def test_what_is_no_length_of_time_does_not_block_for_good(duration: str) -> None:
    with pytest.raises(Declined, match="block-bad-duration"):
        until(duration)
