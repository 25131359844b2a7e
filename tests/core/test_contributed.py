"""What plugins contribute is taken in, plugin by plugin, and is gone when a plugin is withdrawn."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hikari
import lightbulb
import pytest
from frontdesk import (
    Command,
    Component,
    Delivery,
    Listener,
    PeriodicTask,
    hookimpl,
    register_commands,
    register_components,
    register_deliveries,
    register_listeners,
    register_routes,
    register_tasks,
)
from frontdesk.background import Background
from frontdesk.commands import Commands
from frontdesk.contributed import Contributed
from frontdesk.health import Health
from frontdesk.interactions import Interactions
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.plugins import Plugins, Stage
from frontdesk.store import Store
from frontdesk.web import Web
from frontdesk.words import Words
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from structlog.testing import capture_logs

from tests.core.plugin_house import Plugin, failed, load, running

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


class Desk:
    """The parts of a bot that take contributions; nothing is connected to anything."""

    def __init__(self, plugins: Plugins, folder: Path) -> None:
        words = Words("en", {}, {}, strict=True)
        self.plugins = plugins
        self.bot = hikari.GatewayBot("MTIz.b.c", banner=None, logs=None)
        self.commands = Commands(self.bot, words)
        self.interactions = Interactions(words)
        self.journal = Journal(Store(f"sqlite:///{folder / 'desk.db'}"), clock=lambda: datetime.now(UTC))
        self.web = Web("127.0.0.1", 0, public_url="http://desk", health=_healthy, metrics=Metrics(), words=words)
        self.background = Background()
        self.contributed = Contributed(
            plugins,
            bot=self.bot,
            commands=self.commands,
            interactions=self.interactions,
            web=self.web,
            journal=self.journal,
            background=self.background,
            now=lambda: NOON,
        )
        plugins.when_withdrawn(self.contributed.withdraw)
        for record in plugins.healthy():
            self.contributed.take_in(record)

    def paths(self) -> set[str]:
        return {path for route in self.web.app.routes if (path := getattr(route, "path", ""))}

    def listeners(self) -> int:
        return len(self.bot.get_listeners(hikari.StartedEvent))


async def _healthy() -> Health:
    return Health((), ())


class Sends:
    """A delivery that sends nothing."""

    async def send(self, entry: object) -> Mapping[str, Any]:
        return {}

    async def find(self, entry: object) -> None: ...

    async def settled(self, session: object, entry: object, outcome: object) -> None: ...


def plugin(
    name: str,
    *,
    command: str | None = None,
    kind: str | None = None,
    fails: str = "",
    error: type[BaseException] = RuntimeError,
) -> type[Any]:
    """A plugin class that contributes one of each; where it `fails`, it raises."""

    class Contributes(Plugin):
        def __init__(self) -> None:
            self.heard = asyncio.Event()
            self.ran = asyncio.Event()

        def _or_fail(self, hook: str) -> None:
            if fails == hook:
                raise error(f"no {hook}")

        @hookimpl(register_commands)
        def register_commands(self) -> Iterable[Command]:
            self._or_fail("register_commands")

            class Say(lightbulb.SlashCommand, name=command or name, description="Say it"):
                @lightbulb.invoke
                async def invoke(self, context: lightbulb.Context) -> None: ...

            return [Say]

        @hookimpl(register_components)
        def register_components(self) -> Iterable[Component]:
            self._or_fail("register_components")
            return [Component("press", self._pressed)]

        @hookimpl(register_listeners)
        def register_listeners(self) -> Iterable[Listener]:
            self._or_fail("register_listeners")
            return [Listener(hikari.StartedEvent, self._started)]

        @hookimpl(register_routes)
        def register_routes(self) -> Iterable[BaseRoute]:
            self._or_fail("register_routes")
            return [Route("/", self._page)]

        @hookimpl(register_deliveries)
        def register_deliveries(self) -> Mapping[str, Delivery]:
            self._or_fail("register_deliveries")
            return {kind or f"{name}.send": Sends()}

        @hookimpl(register_tasks)
        def register_tasks(self) -> Iterable[PeriodicTask]:
            self._or_fail("register_tasks")
            return [PeriodicTask("work", timedelta(milliseconds=1), self._work)]

        async def _pressed(self, context: object) -> None: ...

        async def _started(self, event: hikari.StartedEvent) -> None:
            self.heard.set()
            self._or_fail("listening")

        async def _page(self, request: Request) -> Response:
            return PlainTextResponse("a page")

        async def _work(self) -> None:
            if self.heard.is_set():
                self.ran.set()
            self.heard.set()
            self._or_fail("working")

    return Contributes


@pytest.fixture
def other() -> type[Any]:
    """A plugin without fault."""
    return plugin("other")


EVERYTHING = {"/other", "/bad"}


async def test_everything_is_taken_in_and_taken_out_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any]
) -> None:
    desk = Desk(load(monkeypatch, {"bad": plugin("bad"), "other": other}), tmp_path)
    assert failed(desk.plugins) == {}
    assert desk.commands.names() == {"bad": "bad", "other": "other"}
    assert desk.paths() >= EVERYTHING
    before = desk.listeners()
    desk.plugins.withdraw("bad", Stage.START, "it does not start")
    assert desk.commands.names() == {"other": "other"}
    assert desk.paths() & EVERYTHING == {"/other"}
    assert desk.listeners() == before - 1
    desk.journal.handle("bad.send", Sends())  # the kind is free again
    desk.interactions.add("bad", Component("press", plugin("bad")()._pressed))


@pytest.mark.parametrize(
    ("hook", "stage"),
    [
        ("register_commands", Stage.COMMANDS),
        ("register_components", Stage.COMMANDS),
        ("register_listeners", Stage.HOOKS),
        ("register_routes", Stage.ROUTES),
        ("register_deliveries", Stage.HOOKS),
        ("register_tasks", Stage.HOOKS),
    ],
)
async def test_who_raises_when_it_contributes_is_withdrawn_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any], hook: str, stage: Stage
) -> None:
    desk = Desk(load(monkeypatch, {"bad": plugin("bad", fails=hook), "other": other}), tmp_path)
    assert failed(desk.plugins) == {"bad": (stage, f"RuntimeError: no {hook}")}
    assert desk.commands.names() == {"other": "other"}
    assert desk.paths() & EVERYTHING == {"/other"}
    assert desk.listeners() == 1


@pytest.mark.parametrize("error", [SystemExit, asyncio.CancelledError])
async def test_who_would_end_the_bot_when_it_contributes_is_withdrawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any], error: type[BaseException]
) -> None:
    bad = plugin("bad", fails="register_tasks", error=error)
    desk = Desk(load(monkeypatch, {"bad": bad, "other": other}), tmp_path)
    assert failed(desk.plugins) == {"bad": (Stage.HOOKS, f"{error.__name__}: no register_tasks")}


async def test_a_command_that_is_taken_withdraws_the_later_plugin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any]
) -> None:
    desk = Desk(
        load(monkeypatch, {"later": plugin("later", command="earlier"), "earlier": plugin("earlier")}), tmp_path
    )
    clash = "CommandClashError: its command 'earlier' is already there, from the plugin 'earlier'"
    assert failed(desk.plugins) == {"later": (Stage.COMMANDS, clash)}
    assert running(desk.plugins) == ["earlier"]


async def test_a_name_of_the_core_is_no_place_for_a_plugins_pages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any]
) -> None:
    desk = Desk(load(monkeypatch, {"health": plugin("health"), "other": other}), tmp_path)
    assert failed(desk.plugins) == {"health": (Stage.ROUTES, "ValueError: /health/ is taken")}


async def test_a_kind_of_journal_entries_carries_its_plugins_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any]
) -> None:
    desk = Desk(load(monkeypatch, {"bad": plugin("bad", kind="other.send"), "other": other}), tmp_path)
    [(stage, reason)] = failed(desk.plugins).values()
    assert stage is Stage.HOOKS
    assert reason == "ValueError: the kind 'other.send' of its journal entries must begin with 'bad.'"


ERRORS = pytest.mark.parametrize("error", [RuntimeError, SystemExit, asyncio.CancelledError])


@ERRORS
async def test_a_listener_that_fails_is_named_and_the_others_hear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any], error: type[BaseException]
) -> None:
    bad = plugin("bad", fails="listening", error=error)
    desk = Desk(load(monkeypatch, {"bad": bad, "other": other}), tmp_path)
    with capture_logs() as logged:
        desk.bot.event_manager.dispatch(hikari.StartedEvent(app=desk.bot))
        async with asyncio.timeout(10):
            for record in desk.plugins.healthy():
                await record.instance.heard.wait()
    assert [line["plugin"] for line in logged] == ["bad"]


@ERRORS
async def test_a_task_that_fails_is_named_and_runs_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: type[Any], error: type[BaseException]
) -> None:
    desk = Desk(load(monkeypatch, {"bad": plugin("bad", fails="working", error=error), "other": other}), tmp_path)
    with capture_logs() as logged:
        desk.contributed.start_tasks()
        async with asyncio.timeout(10):
            for record in desk.plugins.healthy():
                await record.instance.ran.wait()
        assert desk.background.trouble("bad") == f"work fails since 2030-01-31 12:00:00 UTC ({error.__name__})"
        assert desk.background.trouble("other") == ""
        await desk.contributed.stop_tasks()
    assert {(line["plugin"], line["task"]) for line in logged} == {("bad", "work")}
    desk.plugins.withdraw("bad", Stage.START, "it does not start")
    assert desk.background.trouble("bad") == ""


async def test_a_task_that_failed_and_works_again_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    runs: list[str] = []
    again = asyncio.Event()

    class Recovers(Plugin):
        @hookimpl(register_tasks)
        def register_tasks(self) -> Iterable[PeriodicTask]:
            return [PeriodicTask("work", timedelta(milliseconds=1), self._work, deadline=timedelta(milliseconds=50))]

        async def _work(self) -> None:
            runs.append(desk.background.trouble("sick"))
            if len(runs) == 1:
                await asyncio.Event().wait()
            if len(runs) == 3:
                again.set()

    desk = Desk(load(monkeypatch, {"sick": Recovers}), tmp_path)
    desk.contributed.start_tasks()
    async with asyncio.timeout(10):
        await again.wait()
    await desk.contributed.stop_tasks()
    assert runs[:3] == ["", "work fails since 2030-01-31 12:00:00 UTC (TimeoutError)", ""]
