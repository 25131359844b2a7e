"""What the Flex plugin and the rest must agree on, where no compiler can tell."""

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from frontdesk import Person
from frontdesk_helpdesk.briefing import Briefing, task_attributes

ROOT = Path(__file__).parents[2]
FLEX = ROOT / "flex"


def test_the_plugin_reads_attributes_that_the_helpdesk_writes() -> None:
    person = Person(user_id=1, name="Mina", guild_id=2, account_created=datetime(2024, 1, 1, tzinfo=UTC))
    written = task_attributes(Briefing(7, "CH1", "discord_x", 1, person, "Lantern Keep"))
    read = re.findall(r"attribute\(task, \"(\w+)\"\)", (FLEX / "src" / "task.ts").read_text())
    assert set(read) == {"channelType", "frontdesk_conversation", "case_url", "case_number"}
    assert set(read) <= written.keys()
    assert written["channelType"] == "discord"


def test_the_sandbox_hands_over_in_the_same_words() -> None:
    names = r"\"(frontdesk:\w+)\""
    static = ROOT / "sandbox" / "frontdesk_sandbox" / "pages" / "static"
    ours = set(re.findall(names, (FLEX / "src" / "handover.ts").read_text()))
    assert ours == {"frontdesk:ready", "frontdesk:token"}
    assert set(re.findall(names, (static / "desktop-handover.js").read_text())) == ours


def test_everything_is_pinned_and_nothing_says_from_where() -> None:
    manifest = json.loads((FLEX / "package.json").read_text())
    versions = manifest["dependencies"] | manifest["devDependencies"]
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    lock = json.loads((FLEX / "package-lock.json").read_text())
    assert lock["packages"][""]["version"] == manifest["version"]
    packages = {path: each for path, each in lock["packages"].items() if path}
    assert [path for path, each in packages.items() if "resolved" in each] == []
    assert [path for path, each in packages.items() if "integrity" not in each] == []
    settings = (FLEX / ".npmrc").read_text()
    assert "omit-lockfile-registry-resolved=true" in settings
    assert "registry=" not in settings.replace("-registry-", "")


def test_the_guide_names_the_setting_that_lets_another_flex_in() -> None:
    guide = (ROOT / "docs" / "owners" / "flex-plugin.md").read_text()
    settings = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)]
    assert any("flex_origins" in table.get("staff", {}) for table in settings)
    assert "| `frame_ancestors` lacks" not in guide
