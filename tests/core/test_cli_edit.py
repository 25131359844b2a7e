"""Switching plugins on and off in bot.toml: only that changes, comments and form stay."""

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from frontdesk.bot_file import BotFileError, switch_plugin, with_plugin
from hypothesis import given
from hypothesis import strategies as st

NAME = "cases"
# Every way to write the table of plugins, with comments where people put them.
BEFORE = ["", "# top\n\n", '[log]\nlevel = "info" # quiet\n\n']
PLUGINS = [
    "",
    "[plugins]\n",
    "[plugins]\ncases = true # our book\nother = false\n",
    "[plugins]\nother = true\n# cases = true\n\n#####\n# Next\n",
    "[plugins]\ncases = { enabled = false, days = 3 } # inline\n",
    "[plugins.cases]\n# days to keep\ndays = 3\n[plugins.cases.hours]\nfrom = 9\n",
    "[plugins.cases]\nenabled = true   # for now\ndays = 3\n",
    "[plugins.other]\nx = 1\n",
    "[plugins]\nother = true\n[log2]\nx = 1\n[plugins.cases]\nenabled = false\n",
    "[plugins]\nmany = { list = [\n  1,\n  2,\n] }\nother = true\n",
]
TOP = ["plugins = { other = true }\n", "plugins.other = true\nplugins.cases.days = 1\n", "plugins.cases = false\n"]
AFTER = ["", '\n# words\n[words]\nlanguage = "fa"\n', "[servers.1]\n[servers.1.plugins.cases]\ndays = 4 # more\n"]
DOCUMENTS = st.builds("{}{}{}".format, st.sampled_from(BEFORE), st.sampled_from(PLUGINS), st.sampled_from(AFTER)) | (
    st.builds("{}{}".format, st.sampled_from(TOP), st.sampled_from(AFTER))
)


def state(values: dict[str, Any]) -> bool:
    table = values.get("plugins", {}).get(NAME, False)
    return bool(table.get("enabled", True) if isinstance(table, dict) else table)


def without_state(values: dict[str, Any]) -> dict[str, Any]:
    """Everything but whether the plugin is on."""
    plugins = dict(values.get("plugins", {}))
    table = plugins.pop(NAME, None)
    rest = {key: value for key, value in table.items() if key != "enabled"} if isinstance(table, dict) else {}
    return {**values, "plugins": {**plugins, NAME: rest}}


@given(DOCUMENTS, st.booleans(), st.booleans())
def test_only_the_state_changes(text: str, on: bool, windows: bool) -> None:
    text = text.replace("\n", "\r\n") if windows else text
    edited = with_plugin(text, NAME, on=on)
    before, after = tomllib.loads(text), tomllib.loads(edited)
    assert state(after) is on
    assert without_state(after) == without_state(before)
    assert comments(text) == comments(edited)
    assert with_plugin(edited, NAME, on=on) == edited
    if "\r\n" in text:  # a file without a line says nothing about how its lines end
        assert "\n" not in edited.replace("\r\n", "")


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def test_a_new_plugin_stands_with_the_others_not_behind_the_next_comment() -> None:
    text = "[plugins]\nother = true\n\n# How much to write\n[log]\n"
    assert with_plugin(text, NAME, on=True) == "[plugins]\nother = true\ncases = true\n\n# How much to write\n[log]\n"


def test_a_table_keeps_its_settings() -> None:
    edited = with_plugin("[plugins.cases]\ndays = 3\n", NAME, on=False)
    assert tomllib.loads(edited) == {"plugins": {"cases": {"days": 3, "enabled": False}}}


def test_the_file_keeps_its_mode_and_links(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text("[plugins]\n")
    real.chmod(0o640)
    link = tmp_path / "bot.toml"
    link.symlink_to(real)
    assert switch_plugin(link, NAME, on=True)
    assert not switch_plugin(link, NAME, on=True)
    assert link.is_symlink()
    assert tomllib.loads(real.read_text()) == {"plugins": {"cases": True}}
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bot.toml", "real.toml"]


@pytest.mark.parametrize("text", ["[plugins\n", "plugins = 3\n", '"\xff"'])
def test_a_file_that_cannot_be_edited_stays_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bot.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BotFileError):
        switch_plugin(path, NAME, on=True)
    assert path.read_text(encoding="latin-1") == text


def test_an_absent_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BotFileError, match="No such file"):
        switch_plugin(tmp_path / "bot.toml", NAME, on=True)
