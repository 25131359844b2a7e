"""How lines are shown on the other side: names, lateness, times."""

from datetime import UTC, datetime, timedelta

import pytest
from frontdesk_helpdesk.file_routes import safe_type
from frontdesk_helpdesk.relay import RelaySettings, as_seen
from pydantic import ValidationError

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def test_an_agent_is_shown_as_the_owner_chose() -> None:
    assert RelaySettings().shown_name("Amira_H") == r"Amira\_H"
    assert RelaySettings().shown_name(None) is None
    assert RelaySettings(agent_name="team", team_name="Lights").shown_name("Amira") == "Lights"
    assert RelaySettings(agent_name="anonymous").shown_name("Amira") is None


def test_late_is_late_and_times_are_the_agents() -> None:
    settings = RelaySettings(late_seconds=60, time_zone="Asia/Tehran")
    assert not settings.is_late(NOON, NOON + timedelta(seconds=59))
    assert settings.is_late(NOON, NOON + timedelta(seconds=60))
    assert settings.clock(NOON, NOON) == "15:30 +0330"
    assert settings.clock(NOON, NOON + timedelta(hours=12)) == "2026-01-02 15:30 +0330"


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="Europe/Berlin"):
        RelaySettings(time_zone="Mars/Olympus")


def test_a_line_is_written_with_its_name() -> None:
    assert as_seen("Amira", "Hello") == "**Amira:** Hello"
    assert as_seen("Amira", "") == "**Amira:**"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "", "text/javascript"])
def test_active_content_is_only_bytes(kind: str) -> None:
    assert safe_type(kind) == "application/octet-stream"


def test_passive_content_keeps_its_type() -> None:
    assert safe_type("Image/PNG; charset=utf-8") == "image/png"
