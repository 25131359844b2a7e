"""The command line: what it prints, and how it ends."""

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint, version
from pathlib import Path

import pytest
from frontdesk import cli, plugins
from frontdesk.settings import SettingsTable
from pydantic import model_validator

PROBE = """
import sys
from frontdesk import cli
sys.argv = ["frontdesk", *{arguments}]
try:
    cli.main()
except SystemExit:
    pass
print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


class Sample:
    """A plugin for these tests."""

    api = "1.0"

    def __init__(self, desk: object) -> None:
        self.desk = desk


class Unsettled(Sample):
    """A plugin whose settings cannot be checked."""

    class Settings(SettingsTable):
        """A table with a broken validator."""

        volume: int = 0

        @model_validator(mode="before")
        @classmethod
        def check(cls, _values: object) -> object:
            raise RuntimeError("the validator is broken")


class Plain(Sample):
    """A plugin that says it has no settings."""

    Settings = None


class Broken:
    """A plugin that was made for another Frontdesk."""

    api = "99.0"


@pytest.fixture
def bot_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bot.toml"
    path.write_text("[plugins]\nsample = true # the one\nbroken = true\n")
    monkeypatch.setenv("FRONTDESK_CONFIG", str(path))
    entries = {
        name: EntryPoint(name, f"{__name__}:{value}", plugins.GROUP)
        for name, value in (
            ("sample", "Sample"), ("broken", "Broken"), ("unused", "NotThere"), ("plain", "Plain"),
            ("unsettled", "Unsettled"),
        )
    }  # fmt: skip
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    for module in ("plugins", "settings", "cli_check"):
        monkeypatch.setattr(f"frontdesk.{module}.installed_plugins", lambda: entries)
    return path


def run(*arguments: str) -> int:
    """Run a command in this process and give its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["frontdesk", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    code = ended.value.code
    return code if isinstance(code, int) else 0 if code is None else 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["plugins", "--help"],
        ["demo", "--help"],
        ["flex", "--help"],
        ["flex", "deploy", "--help"],
    ],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = PROBE.format(arguments=arguments)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "usage: frontdesk" in ended.stdout.lower()
    loaded = {name.split(".")[0] for name in ended.stderr.split()}
    heavy = {"hikari", "lightbulb", "sqlalchemy", "twilio", "aiohttp", "starlette", "babel", "rich"}
    if arguments == ["--help"]:
        heavy.add("pydantic")  # typer needs it for the options of a single command
    assert loaded & heavy == set()


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"frontdesk {version('frontdesk')}\n"


def test_python_m_frontdesk_is_the_same() -> None:
    command = [sys.executable, "-m", "frontdesk", "db", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "Usage: frontdesk db" in ended.stdout


def test_plugins_are_listed_with_state_and_reason(bot_toml: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plugins", "list") == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["sample"].split()[1] == "on"
    assert rows["unused"].split()[1] == "off"
    assert rows["broken"].split()[1] == "failed"
    assert "API version" in rows["broken"]


def test_a_plugins_wrong_table_is_its_reason(bot_toml: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bot_toml.write_text("[plugins.sample]\ncolour = 1\n")
    assert run("plugins", "list") == 0
    assert "bot.toml:2: plugins.sample.colour is not a setting." in capsys.readouterr().out


UNSETTLED = "[plugins]\nplain = true\n[plugins.unsettled]\nvolume = 3\n"


def test_settings_that_cannot_be_checked_are_a_plugins_reason(
    bot_toml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bot_toml.write_text(UNSETTLED)
    assert run("plugins", "list") == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["plain"].split()[1] == "on"
    assert rows["unsettled"].split()[1] == "failed"
    assert "settings: RuntimeError: the validator is broken" in rows["unsettled"]


def test_check_tells_of_settings_that_cannot_be_checked(
    bot_toml: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTDESK_DISCORD_TOKEN", raising=False)
    bot_toml.write_text(UNSETTLED)
    assert run("check") == 2
    rows = [line for line in capsys.readouterr().out.splitlines() if "Plugin" in line]
    assert any("plain" in row and "Version" in row for row in rows)
    assert any("unsettled" in row and "RuntimeError: the validator is" in row for row in rows)


def test_settings_that_cannot_be_checked_are_told_along_with_the_rest(
    bot_toml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bot_toml.write_text(f"{UNSETTLED}[web]\nprot = 80\n")
    assert run("run") == 2
    text = " ".join(capsys.readouterr().err.split())
    assert "bot.toml:3: plugins.unsettled cannot be checked: RuntimeError: the validator is broken." in text
    assert "bot.toml:6: web.prot is not a setting." in text


def test_plugins_are_switched(bot_toml: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plugins", "disable", "sample") == 0
    assert "sample is off. Restart the bot" in capsys.readouterr().out
    assert bot_toml.read_text() == "[plugins]\nsample = false # the one\nbroken = true\n"
    assert run("plugins", "disable", "sample") == 0
    assert "sample is off already." in capsys.readouterr().out
    assert run("plugins", "enable", "unused") == 0
    assert tomllib.loads(bot_toml.read_text())["plugins"] == {"sample": False, "broken": True, "unused": True}


def test_an_unknown_plugin_gets_a_suggestion_and_changes_nothing(
    bot_toml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bot_toml.read_text()
    assert run("plugins", "enable", "smaple") == 2
    assert 'Did you mean "sample"?' in capsys.readouterr().err
    assert bot_toml.read_text() == before


@pytest.mark.parametrize(
    "command", [["run"], ["plugins", "list"], ["db", "current"], ["db", "upgrade"], ["check"], ["run", "--strict"]]
)
def test_wrong_settings_end_every_command_with_2(
    bot_toml: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    bot_toml.write_text('[web]\nprot = 80\nport = "x"\n')
    assert run(*command) == 2
    told = capsys.readouterr()
    text = " ".join((told.out + told.err).split())
    assert "bot.toml:2: web.prot is not a setting." in text
    assert "bot.toml:3: web.port" in text
    assert 'Did you mean "port"?' in text
    assert "\x1b" not in told.out + told.err


def test_a_bot_without_token_ends_with_1_and_a_sentence(
    bot_toml: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTDESK_DISCORD_TOKEN", raising=False)
    bot_toml.write_text("")
    assert run("run") == 1
    assert "frontdesk: FRONTDESK_DISCORD_TOKEN is not set" in capsys.readouterr().err


def test_the_database_is_upgraded_and_shown(bot_toml: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bot_toml.write_text("")
    assert run("db", "current") == 0
    assert "to be upgraded" in capsys.readouterr().out
    assert run("db", "upgrade") == 0
    assert "current" in capsys.readouterr().out
    assert run("db", "current") == 0
    assert "to be upgraded" not in capsys.readouterr().out


def test_the_demo_gets_all_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("demo", f"{__name__}:pretend_demo", "frontdesk.cli")
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [entry])
    assert run("demo", "--tour", "--help", "x", "-q") == 40 + 4


def pretend_demo(arguments: list[str]) -> int:
    assert arguments == ["--tour", "--help", "x", "-q"]
    return 40 + len(arguments)


def test_without_the_sandbox_the_demo_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [])
    assert run("demo") == 1
    assert "frontdesk-sandbox, which is not installed" in capsys.readouterr().err
