"""bot.toml and the environment: what is accepted, and how everything wrong is told."""

import stat
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from frontdesk.errors import Problem, SettingsError, StartError
from frontdesk.settings import Settings, SettingsTable, load_settings, plugin_settings
from frontdesk.staff import RoleNames
from pydantic import Field, SecretStr, model_validator

PLUGINS = ("announcements", "cases", "helpdesk")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.toml"


def load(path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> Settings:
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ or {}, known_plugins=PLUGINS)


def problems(path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as caught:
        load(path, text, environ)
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems), "one problem for each key"
    return found


def test_an_empty_file_is_enough(path: Path) -> None:
    settings = load(path)
    assert settings.web.public_url == "http://127.0.0.1:8080"
    assert settings.store.url.get_secret_value() == f"sqlite:///{path.parent}/data/frontdesk.db"
    assert settings.folder == path.parent / "data"
    assert settings.enabled_plugins() == []
    assert settings.secrets.discord_token is None


def test_the_shipped_file_is_valid_and_names_every_plugin_here() -> None:
    installed = {folder.name for folder in (ROOT / "plugins").iterdir() if (folder / "pyproject.toml").exists()}
    settings = load_settings(ROOT / "bot.toml", {}, known_plugins=installed)
    assert set(settings.plugins) == installed


def test_plugins_are_on_off_or_tables(path: Path) -> None:
    text = "[plugins]\ncases = true\nannouncements = false\n[plugins.helpdesk]\nenabled = false\nrouting = 'x'\n"
    settings = load(path, text)
    assert settings.enabled_plugins() == ["cases"]
    assert settings.plugins["helpdesk"].values == {"routing": "x"}


def test_everything_wrong_is_told_at_once(path: Path) -> None:
    text = """
[discrod]
[web]
prot = 80
port = "8080"
[twilio]
account_sid = "AC1"
[words]
language = "ge"
[words.en]
helpdesk.hello = 3
[plugins]
announcments = true
cases = { enabled = "yes" }
helpdesk = 1
[servers.abc]
[servers.1]
language = "fa"
plugins.csaes = {}
"""
    found = problems(path, text, {"FRONTDESK_DISCORD_URL": "nowhere", "FRONTDESK_SECRET": "short"})
    lines = {key: problem.line for key, problem in found.items()}
    assert lines == {
        "discrod": 2,
        "web.prot": 4,
        "web.port": 5,
        "twilio.account_sid": 7,
        "words.language": 9,
        'words.en."helpdesk.hello"': 11,
        "plugins.announcments": 13,
        "plugins.cases.enabled": 14,
        "plugins.helpdesk": 15,
        "servers.abc": 16,
        "servers.1.plugins.csaes": 19,
        "FRONTDESK_DISCORD_URL": None,
        "FRONTDESK_SECRET": None,
    }
    assert found["discrod"].suggestion == "discord"
    assert found["web.prot"].suggestion == "port"
    assert found["web.prot"].expected == "one of host, port, public_url"
    assert found["web.port"].expected == "a whole number"
    assert found["words.language"].expected == 'one of "auto", "en", "fa", "de"'
    assert found["plugins.announcments"].suggestion == "announcements"
    assert found["plugins.helpdesk"].expected == "true or false or a table"
    assert found["servers.1.plugins.csaes"].suggestion == "cases"
    assert found["FRONTDESK_SECRET"].file == "environment"


def test_sentences_belong_to_plugins_or_the_core(path: Path) -> None:
    found = problems(path, '[words.en]\n"helpdsk.hello" = "x"\n"hello" = "x"\ncore.hello = "x"\ncases.x.y = "x"')
    assert {problem.line: problem.suggestion for problem in found.values()} == {2: "helpdesk.hello", 3: "", 4: ""}


def test_a_problem_is_one_readable_line() -> None:
    problem = Problem("bot.toml", 5, "web.prot", "web.prot is not a setting.", "one of host, port", "port")
    assert str(problem) == 'bot.toml:5: web.prot is not a setting. Expected: one of host, port. Did you mean "port"?'


@pytest.mark.parametrize(
    ("table", "key", "variable"),
    [
        ("discord", "token", "FRONTDESK_DISCORD_TOKEN"),
        ("discord", "client_secret", "FRONTDESK_DISCORD_CLIENT_SECRET"),
        ("twilio", "auth_token", "FRONTDESK_TWILIO_AUTH_TOKEN"),
        ("twilio", "Auth_Token", "FRONTDESK_TWILIO_AUTH_TOKEN"),
        ("web", "secret", "FRONTDESK_SECRET"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(path: Path, table: str, key: str, variable: str) -> None:
    (problem,) = problems(path, f'[{table}]\n{key} = "hunter2-hunter2"\n').values()
    assert (problem.line, problem.key) == (2, f"{table}.{key}")
    assert variable in problem.expected
    assert "hunter2" not in str(problem)


def test_a_password_in_the_database_address_is_refused_and_not_repeated(path: Path) -> None:
    (problem,) = problems(path, '[store]\nurl = "postgresql://me:hunter2@host/desk"').values()
    assert "FRONTDESK_DATABASE_URL" in problem.message
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y", "postgresql://host", "x"]
)
def test_database_addresses_that_cannot_be(path: Path, url: str) -> None:
    assert set(problems(path, f'[store]\nurl = "{url}"')) == {"store.url"}
    assert set(problems(path, "", {"FRONTDESK_DATABASE_URL": url})) == {"FRONTDESK_DATABASE_URL"}


@pytest.mark.parametrize(
    "url", ["desk.example.com", "ftp://x", "https://", "https://x/?a=1", "https://u:p@x", "http://x:99999"]
)
def test_web_addresses_that_cannot_be(path: Path, url: str) -> None:
    (problem,) = problems(path, f'[web]\npublic_url = "{url}"').values()
    assert problem.line == 2


def test_the_environment_wins(path: Path) -> None:
    environ = {
        "FRONTDESK_DATABASE_URL": "postgres://me:pass@host/desk",
        "FRONTDESK_DISCORD_URL": "http://127.0.0.1:1/api/",
        "FRONTDESK_TWILIO_URL": "http://127.0.0.1:2",
        "FRONTDESK_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "FRONTDESK_DISCORD_TOKEN": " abc\n",
    }
    settings = load(path, '[discord]\nrest_url = "https://x"\n[twilio]\nbase_url = "https://y"', environ)
    assert settings.store.url.get_secret_value() == "postgresql://me:pass@host/desk"
    assert settings.discord.rest_url == "http://127.0.0.1:1/api"
    assert settings.twilio.base_url == "http://127.0.0.1:2"
    assert settings.twilio.account_sid == "AC" + "0" * 32
    assert settings.secrets.discord_token == SecretStr("abc")
    assert "pass" not in repr(settings)
    assert "abc" not in repr(settings)


def test_secrets_from_files(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    settings = load(path, "", {"FRONTDESK_DISCORD_TOKEN_FILE": str(file)})
    assert settings.secrets.discord_token == SecretStr("from-a-file")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FRONTDESK_DISCORD_TOKEN_FILE": "/does/not/exist"}, "cannot be read"),
        ({"FRONTDESK_DISCORD_TOKEN_FILE": "/dev/null"}, "empty"),
        ({"FRONTDESK_DISCORD_TOKEN_FILE": "/dev/null", "FRONTDESK_DISCORD_TOKEN": "x"}, "both set"),
        ({"FRONTDESK_DISCORD_TOKEN": "Bot abc"}, 'the word "Bot"'),
        ({"FRONTDESK_TWILIO_AUTH_TOKEN": "a b"}, "a space"),
    ],
)
def test_secrets_that_cannot_be(path: Path, environ: dict[str, str], words: str) -> None:
    (problem,) = problems(path, "", environ).values()
    assert problem.file == "environment"
    assert words in problem.message


def test_an_absent_file_is_a_problem(path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(path, {}, known_plugins=PLUGINS)


def test_the_link_secret_is_made_once_and_kept_private(path: Path) -> None:
    settings = load(path)
    secret = settings.link_secret()
    assert len(secret) >= 32
    assert load(path).link_secret() == secret
    assert stat.S_IMODE((settings.folder / "secret").stat().st_mode) == 0o600
    assert [file.name for file in settings.folder.iterdir()] == ["secret"]
    given = load(path, "", {"FRONTDESK_SECRET": "sixteen-or-longer"})
    assert given.link_secret() == b"sixteen-or-longer"


def test_a_link_secret_that_cannot_be_kept_is_one_sentence(path: Path) -> None:
    settings = load(path)
    settings.folder.write_text("a file where the folder should be")
    with pytest.raises(StartError, match="FRONTDESK_SECRET"):
        settings.link_secret()


def test_the_public_address_follows_host_and_port(path: Path) -> None:
    assert load(path, '[web]\nhost = "0.0.0.0"\nport = 9').web.public_url == "http://127.0.0.1:9"
    assert load(path, '[web]\nhost = "::1"\nport = 9').web.public_url == "http://[::1]:9"
    assert load(path, '[web]\npublic_url = "https://desk.example.com/"').web.public_url == "https://desk.example.com"


def test_private_addresses_that_may_be_fetched_from(path: Path) -> None:
    settings = load(path, '[fetch]\nallow_private = ["10.0.0.0/8", "wiki.local:8000"]')
    assert settings.fetch.allow_private == ("10.0.0.0/8", "wiki.local:8000")
    found = problems(path, '[fetch]\nallow_private = [\n"10.0.0.0/99",\n"http://x"\n]')
    assert [problem.line for problem in found.values()] == [3, 4]
    said = next(iter(found.values())).message
    assert '"10.0.0.0/99" is not a network; write one such as 10.0.0.0/8' in said


class Colour(Enum):
    RED = "red"


class Feed(SettingsTable):
    url: str
    every: timedelta = timedelta(minutes=5)


class Limits(SettingsTable):
    whole_bot = frozenset({"least"})

    most: int = Field(5, ge=1, le=9)
    least: int = 1


class Announcements(SettingsTable):
    whole_bot = frozenset({"folder"})

    channel: str = "news"
    colour: Colour = Colour.RED
    folder: Path = Path("x")
    since: date = date(2030, 1, 1)
    pause: timedelta = timedelta(0)
    mode: Literal["a", "b"] | int = "a"
    limits: Limits = Limits()
    feeds: tuple[Feed, ...] = ()
    api_key: SecretStr | None = None


def announcements(path: Path, text: str, environ: dict[str, str] | None = None) -> Any:
    return plugin_settings(load(path, text, environ), "announcements", Announcements)


def plugin_problems(path: Path, text: str) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as caught:
        announcements(path, text)
    return {problem.key: problem for problem in caught.value.problems}


def test_a_plugin_reads_rich_types(path: Path) -> None:
    text = """
[plugins.announcements]
colour = "red"
folder = "articles"
since = 2031-02-03
mode = 3
feeds = [{ url = "a", every = "PT1M" }, { url = "b", every = "PT2M" }]
"""
    default = announcements(path, text).default
    assert default.folder == Path("articles")
    assert default.since == date(2031, 2, 3)
    assert [feed.every for feed in default.feeds] == [timedelta(seconds=60), timedelta(minutes=2)]


def test_a_plugin_hears_all_its_problems_with_lines(path: Path) -> None:
    text = """
[plugins.announcements]
chanel = "x"
mode = "c"
limits.most = 10
pause = 60
feeds = [
  { url = "a" },
  { adress = "b" },
]
[servers.5.plugins.announcements]
colour = "blue"
[servers.5.plugins.announcements.limits]
lest = 3
"""
    found = plugin_problems(path, text)
    assert {key: problem.line for key, problem in found.items()} == {
        "plugins.announcements.chanel": 3,
        "plugins.announcements.mode": 4,
        "plugins.announcements.limits.most": 5,
        "plugins.announcements.pause": 6,
        "plugins.announcements.feeds[1].url": 9,
        "plugins.announcements.feeds[1].adress": 9,
        "servers.5.plugins.announcements.colour": 12,
        "servers.5.plugins.announcements.limits.lest": 14,
    }
    assert found["plugins.announcements.chanel"].suggestion == "channel"
    assert found["plugins.announcements.mode"].expected == 'one of "a", "b" or a whole number'
    assert found["plugins.announcements.pause"].expected.startswith("a duration")
    assert found["plugins.announcements.limits.most"].expected == "9 or less"
    assert found["servers.5.plugins.announcements.limits.lest"].suggestion == "least"


def test_servers_override_parts(path: Path) -> None:
    text = """
[plugins.announcements]
channel = "news"
limits = { most = 3, least = 2 }
[servers.5.plugins.announcements]
limits = { most = 4 }
[servers.6]
language = "fa"
"""
    found = announcements(path, text)
    assert found.for_server(None).limits == Limits(most=3, least=2)
    assert found.for_server(5).limits == Limits(most=4, least=2)
    assert found.for_server(5).channel == "news"
    assert found.for_server(6) == found.for_server(7) == found.default


def test_what_holds_for_the_whole_bot_cannot_differ_in_a_server(path: Path) -> None:
    text = """
[plugins.announcements]
folder = "articles"
limits = { least = 2 }
[servers.5.plugins.announcements]
folder = "others"
channel = "news"
limits = { most = 4, least = 3 }
"""
    found = plugin_problems(path, text)
    assert {key: problem.line for key, problem in found.items()} == {
        "servers.5.plugins.announcements.folder": 6,
        "servers.5.plugins.announcements.limits.least": 8,
    }
    problem = found["servers.5.plugins.announcements.limits.least"]
    assert problem.message == "servers.5.plugins.announcements.limits.least cannot differ in one server."
    assert problem.expected == "plugins.announcements.limits.least, which holds for the whole bot"


def test_a_plugins_secret_comes_from_the_environment(path: Path) -> None:
    found = announcements(path, "", {"FRONTDESK_ANNOUNCEMENTS_API_KEY": "hush"})
    assert found.default.api_key == SecretStr("hush")
    problem = plugin_problems(path, '[plugins.announcements]\napi_key = "hush"')["plugins.announcements.api_key"]
    assert "FRONTDESK_ANNOUNCEMENTS_API_KEY" in problem.expected
    assert "hush" not in str(problem)


class Column(SettingsTable):
    """A column of the board.

    Args:
        title: what stands above it, such as ``"Doing"``. It is short.
        width: of it.
    """

    title: str
    width: Literal["wide", "narrow"]


class Layout(SettingsTable):
    size: int | timedelta


class Board(SettingsTable):
    """[plugins.cases].

    Args:
        board: this is not used, the field describes itself.
        layout: how it looks,
            on all screens.
        columns: side by side.
        key: what opens the board.
    """

    board: int = Field(description="The id of the board's channel.")
    layout: Layout
    columns: tuple[Column, ...] = ()
    key: SecretStr = Field(min_length=8)


def board_problems(path: Path, text: str, environ: Mapping[str, str] | None = None) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as caught:
        plugin_settings(load(path, text, environ), "cases", Board)
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_missing_keys_say_where_and_what_was_expected(path: Path) -> None:
    text = """
[plugins.cases]
[[plugins.cases.columns]]
[servers.5.plugins.cases]
layout = {}
columns = [
  { width = "wide" },
]
"""
    found = board_problems(path, text)
    variable = "FRONTDESK_CASES_KEY"
    assert {key: (problem.line, problem.expected) for key, problem in found.items()} == {
        "plugins.cases.board": (2, "a whole number: the id of the board's channel; it must be set"),
        "plugins.cases.layout": (2, "a table: how it looks, on all screens; it must be set"),
        "plugins.cases.columns[0].title": (
            3, 'text in quotes: what stands above it, such as `"Doing"`; it must be set',
        ),
        "plugins.cases.columns[0].width": (3, 'one of "wide", "narrow": of it; it must be set'),
        "plugins.cases.key": (
            2,
            f"the environment variable {variable} or {variable}_FILE: what opens the board; it must be set",
        ),
        "servers.5.plugins.cases.layout.size": (
            5, 'a whole number or a duration such as "PT10M", ten minutes; it must be set',
        ),
        "servers.5.plugins.cases.columns[0].title": (
            7, 'text in quotes: what stands above it, such as `"Doing"`; it must be set',
        ),
    }  # fmt: skip
    assert found["plugins.cases.board"].message == "plugins.cases.board is missing."


def test_a_plugin_that_is_only_switched_on_is_told_what_it_needs(path: Path) -> None:
    found = board_problems(path, "[plugins]\ncases = true")
    assert {key: problem.line for key, problem in found.items()} == dict.fromkeys(
        ("plugins.cases.board", "plugins.cases.layout", "plugins.cases.key"), 2
    )


def test_a_secret_that_cannot_be_used_is_not_repeated(path: Path) -> None:
    text = "[plugins.cases]\nboard = 1\nlayout = { size = 1 }"
    (problem,) = board_problems(path, text, {"FRONTDESK_CASES_KEY": "hunter2"}).values()
    assert (problem.file, problem.key) == ("environment", "FRONTDESK_CASES_KEY")
    assert str(problem) == "environment: FRONTDESK_CASES_KEY cannot be used. Expected: at least 8 characters."


def test_a_secret_in_the_file_is_told_once(path: Path) -> None:
    found = board_problems(path, "[plugins.cases]\nboard = 1\nlayout = { size = 1 }\nkey = 'hunter2-hunter2'")
    assert {key: problem.line for key, problem in found.items()} == {"plugins.cases.key": 4}


def test_what_a_missing_key_would_hold_is_asked_without_the_plugins_own_checks(path: Path) -> None:
    class Raising(SettingsTable):
        @model_validator(mode="before")
        @classmethod
        def check(cls, values: Any) -> Any:
            raise RuntimeError(f"not one of ours: {values}")

    class Needy(SettingsTable):
        inner: Raising

    with pytest.raises(SettingsError) as caught:
        plugin_settings(load(path, "[plugins]\ncases = true"), "cases", Needy)
    (problem,) = caught.value.problems
    assert problem.expected == "a table; it must be set"


def test_what_is_wrong_in_plugins_tables_is_told_along_with_the_rest(path: Path) -> None:
    found = problems(
        path,
        """
        [web]
        prot = 80
        [plugins.announcements]
        chanel = "news"
        [plugins.cases]
        reopen_days = "many"
        [servers.1.plugins.cases]
        largest_file = -1
        [words.en]
        "cases.opend" = "It is open."
        [words.fr]
        "cases.opened" = "Ouvert."
        """,
    )
    assert set(found) == {
        "web.prot",
        "words.fr",
        'words.en."cases.opend"',
        "plugins.announcements.chanel",
        "plugins.cases.reopen_days",
        "servers.1.plugins.cases.largest_file",
    }


def test_a_shared_key_has_an_id_and_a_secret(path: Path) -> None:
    both = {"FRONTDESK_TWILIO_SHARED_KEY_SID": "SK1", "FRONTDESK_TWILIO_SHARED_KEY": "hidden"}
    keys = load(path, environ=both).secrets.twilio_shared_keys
    assert {sid: key.get_secret_value() for sid, key in keys.items()} == {"SK1": "hidden"}
    found = problems(path, environ={"FRONTDESK_TWILIO_SHARED_KEY": "hidden"})
    assert "FRONTDESK_TWILIO_SHARED_KEY_SID" in found
    assert "hidden" not in str(found)


def test_staff_roles_may_differ_in_one_server(path: Path) -> None:
    settings = load(
        path,
        """
        [staff]
        agent = ["Moderator", 55]
        supervisor = ["Lead"]
        [servers.7.staff]
        agent = []
        viewer = ["Friend"]
        """,
    )
    assert settings.staff_roles(1) == RoleNames(agent=frozenset({"Moderator", "55"}), supervisor=frozenset({"Lead"}))
    assert settings.names_staff_roles()
    assert settings.staff_roles(7) == RoleNames(viewer=frozenset({"Friend"}), supervisor=frozenset({"Lead"}))


def test_what_is_wrong_about_staff_is_told(path: Path) -> None:
    found = problems(
        path,
        """
        [staff]
        agents = ["Moderator"]
        flex_origins = ["https://flex.twilio.com/agent-desktop"]
        flex_roles = { agent = "boss" }
        idle_minutes = 1
        [servers.7.staff]
        session_hours = 3
        """,
    )
    for key in ("staff.agents", "staff.flex_origins", "staff.idle_minutes"):
        assert any(each.startswith(key) for each in found), key
    assert any(key.startswith("staff.flex_roles") for key in found)
    assert "servers.7.staff.session_hours" in found
