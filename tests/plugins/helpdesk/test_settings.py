"""What holds for the whole bot cannot be set for one server, and all that can is looked up there."""

import re
from pathlib import Path

import frontdesk_helpdesk
import pytest
from frontdesk import SettingsTable
from frontdesk_helpdesk.relay import RelaySettings
from frontdesk_helpdesk.settings import HelpdeskSettings, Queue

SOURCES = Path(frontdesk_helpdesk.__file__).parent
GLOBALLY = re.compile(r"\bdesk\.settings\.((?:\w+\.)?\w+)|^\s+settings\.(\w+(?:\.\w+)?),?$", re.MULTILINE)
TABLES: dict[str, type[SettingsTable]] = {"": HelpdeskSettings, "queue": Queue, "relay": RelaySettings}


@pytest.mark.parametrize("model", TABLES.values())
def test_whole_bot_names_keys_that_there_are(model: type[SettingsTable]) -> None:
    assert model.whole_bot <= set(model.model_fields)


def test_whatever_is_read_for_all_servers_is_named_so() -> None:
    read = {
        found[0] or found[1] for path in SOURCES.glob("*.py") for found in GLOBALLY.findall(path.read_text("utf-8"))
    }
    assert "routing" in read
    for name in read:
        table, _, key = name.rpartition(".")
        assert key in TABLES[table].whole_bot, f"{name} is read for all servers, but may differ in one"
