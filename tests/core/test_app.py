"""The whole bot in this process: two of them side by side, and what they share: nothing."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from frontdesk.app import App, collect_tables
from frontdesk.errors import SettingsError, StartError
from frontdesk.health import PartState
from frontdesk.plugins import PluginState, installed_plugins
from frontdesk.running import run
from frontdesk.schema import Tables
from frontdesk.settings import Settings, load_settings
from frontdesk.store import StoreUnavailable
from frontdesk.tables import CORE
from frontdesk_sandbox.house import House, furnish
from frontdesk_sandbox.sandbox import Sandbox


@pytest.fixture
async def sandboxes() -> AsyncIterator[list[Sandbox]]:
    served = [Sandbox(), Sandbox()]
    for sandbox in served:
        await sandbox.start(pages=False)
    yield served
    for sandbox in served:
        await sandbox.stop()


def settings(folder: Path, sandbox: Sandbox | None, plugins: Mapping[str, Any], **tables: Any) -> Settings:
    folder.mkdir(exist_ok=True)
    file = folder / "bot.toml"
    file.write_text(tomlkit.dumps({"web": {"port": 0}, "plugins": dict(plugins), **tables}), encoding="utf-8")
    environ = {}
    if sandbox is not None:
        environ = {"FRONTDESK_DISCORD_TOKEN": sandbox.discord.token, "FRONTDESK_DISCORD_URL": sandbox.discord.rest_url}
    return load_settings(file, environ, known_plugins=installed_plugins())


async def announced(house: House, text: str) -> None:
    await house.moderator.command(f"/announce title:News text:{text}")
    await house.sam.sees(text, house.announcements)


async def test_two_bots_live_in_one_process_and_share_nothing(sandboxes: list[Sandbox], tmp_path: Path) -> None:
    apps, houses = [], []
    for number, sandbox in enumerate(sandboxes):
        house = furnish(sandbox, f"Server {number}")
        app = App(settings(tmp_path / str(number), sandbox, {"announcements": True, "cases": number == 1}))
        await app.start()
        apps.append(app)
        houses.append(house)
    for number, house in enumerate(houses):
        await announced(house, f"Only for server {number}")
    assert houses[0].sam.seen("Only for server 1") is None
    assert "cases" not in apps[0].commands.names()
    assert "cases" in apps[1].commands.names()
    await apps[0].stop()
    await announced(houses[1], "The other one goes on")
    assert (await apps[1].checkup.health()).state is PartState.UP
    await apps[1].stop()


async def test_stopping_twice_or_without_a_start_is_fine(sandboxes: list[Sandbox], tmp_path: Path) -> None:
    app = App(settings(tmp_path, sandboxes[0], {"announcements": True}))
    assert (await app.checkup.health()).state is PartState.DOWN
    await app.stop()
    await app.stop()


STARTS = ("store.connect", "web.start", "_connect_to_discord", "journal.start", "contributed.start_tasks")
STOPS = ("contributed.stop_tasks", "journal.stop", "_close_bot", "http.close", "web.stop", "store.close")


def note_calls(app: App, names: Iterable[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have the calls of an app's parts noted, by name."""
    calls: list[str] = []

    def noted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def calling(*args: Any, **named: Any) -> Any:
            calls.append(name)
            return call(*args, **named)

        return calling

    for name in names:
        path, _, last = name.rpartition(".")
        part = attrgetter(path)(app) if path else app
        monkeypatch.setattr(part, last, noted(name, getattr(part, last)), raising=True)
    return calls


async def test_parts_start_in_their_order_and_stop_in_reverse(
    sandboxes: list[Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(settings(tmp_path, sandboxes[0], {"announcements": True}))
    calls = note_calls(app, [*STARTS, *STOPS], monkeypatch)
    await app.start()
    assert calls == list(STARTS)
    calls.clear()
    await app.stop()
    assert calls == list(STOPS)


async def test_a_part_that_hangs_keeps_no_other_from_stopping(
    sandboxes: list[Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_grace: float) -> None:
        await asyncio.Event().wait()

    own = settings(tmp_path, sandboxes[0], {"announcements": True})
    app = App(own)
    monkeypatch.setattr(app.journal, "stop", hang)
    calls = note_calls(app, STOPS, monkeypatch)
    await app.start()
    monkeypatch.setattr("frontdesk.stopping.STOP_WITHIN", 1.2)
    monkeypatch.setattr("frontdesk.stopping._LAST_CHANCE", 2.0)
    async with asyncio.timeout(9):
        await app.stop()
    assert calls == list(STOPS)
    again = App(own)  # on the same database, whose lock is free
    await again.start()
    await again.stop()


@pytest.mark.parametrize("has_uvloop", [True, False])
def test_the_loop_is_uvloops_where_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_uvloop: bool
) -> None:
    async def name_of_the_loop(_settings: Settings, *, strict: bool) -> int:
        assert not strict
        modules.append(type(asyncio.get_running_loop()).__module__)
        return 0

    modules: list[str] = []
    monkeypatch.setattr("frontdesk.running._run", name_of_the_loop)
    monkeypatch.setattr("frontdesk.running.configure_logging", lambda *_, **__: None)
    if not has_uvloop:
        monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(settings(tmp_path, None, {})) == 0
    assert ["uvloop" in module for module in modules] == [has_uvloop]


def test_without_a_token_there_is_no_bot(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="FRONTDESK_DISCORD_TOKEN is not set"):
        App(settings(tmp_path, None, {"announcements": True}))


async def test_a_plugins_wrong_settings_withdraw_it_or_refuse_when_strict(
    sandboxes: list[Sandbox], tmp_path: Path
) -> None:
    wrong = settings(tmp_path, sandboxes[0], {"announcements": {"color": "blue"}, "cases": True})
    app = App(wrong)
    states = {part.name: part for part in (await app.checkup.health()).plugins}
    assert (states["announcements"].state, states["announcements"].detail) == (PartState.DOWN, "settings")
    assert states["cases"].state is PartState.UP
    with pytest.raises(SettingsError, match="color"):
        App(wrong, strict=True)


async def test_a_database_that_goes_away_during_the_start_is_no_fault_of_a_plugin(
    sandboxes: list[Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(settings(tmp_path, sandboxes[0], {"cases": True}))
    upgrade = app.store.upgrade

    async def away_for_plugins(tables: Sequence[Tables]) -> None:
        if tables != [CORE]:
            raise StoreUnavailable("It is being restarted.")
        await upgrade(tables)

    monkeypatch.setattr(app.store, "upgrade", away_for_plugins)
    with pytest.raises(StartError, match="restarted"):
        await app.start()
    await app.stop()
    assert app.plugins.records["cases"].state is PluginState.ON


async def test_an_owners_sentence_that_does_not_exist_is_refused(sandboxes: list[Sandbox], tmp_path: Path) -> None:
    words = {"en": {"announcements.postet": "Done"}}
    app = App(settings(tmp_path, sandboxes[0], {"announcements": True}, words=words))
    with pytest.raises(SettingsError) as refused:
        await app.start()
    await app.stop()
    assert "announcements.posted" in str(refused.value.problems[0])


async def test_everything_wrong_in_plugins_and_sentences_is_told_at_once(
    sandboxes: list[Sandbox], tmp_path: Path
) -> None:
    plugins = {"announcements": {"color": "blue"}, "cases": {"urll": 1}}
    words = {"en": {"announcements.postet": "Done", "cases.cas": "x"}}
    wrong = settings(tmp_path, sandboxes[0], plugins, words=words)
    app = App(wrong)
    with pytest.raises(SettingsError) as refused:
        await app.start()
    await app.stop()
    with pytest.raises(SettingsError) as refused_strictly:
        App(wrong, strict=True)
    for error in (refused.value, refused_strictly.value):
        keys = ["plugins.announcements.color", "plugins.cases.urll", "announcements.postet", "cases.cas"]
        assert [problem.key.removeprefix("words.en.").strip('"') for problem in error.problems] == keys
        lines = [problem.line or 0 for problem in error.problems]
        assert lines == sorted(lines)


def test_tables_are_those_of_the_plugins_that_are_on(tmp_path: Path) -> None:
    off = {"cases": False, "helpdesk": True, "announcements": True}
    assert [tables.prefix for tables in collect_tables(settings(tmp_path, None, off))] == ["core", "helpdesk"]
