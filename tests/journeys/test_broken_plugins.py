"""Plugins that raise wherever they can: each is named with its reason, is taken out, and harms no other."""

import asyncio
import os
import sys
from dataclasses import dataclass

import pytest
from frontdesk_sandbox.bot import Bot, BotError
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk
from frontdesk_sandbox.tour import Step, Tour

from tests.journeys.packages import Packages
from tests.journeys.stories import complaints, figures, get, health

HEAD = """
import hikari, lightbulb
from datetime import timedelta
from pydantic import model_validator
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from frontdesk import *
from frontdesk import hookimpl, SettingsTable, PeriodicTask

def command(called):
    class Command(lightbulb.SlashCommand, name=called, description="A command"):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            raise RuntimeError("the command is broken")
    return Command
"""

# A command, a page and a task in front of the one thing that is broken: all of it has to go.
PARTS = """
    api = "1.0"
    def __init__(self, desk): self.desk = desk
    @hookimpl
    def register_commands(self): return [command("of_{name}")]
    @hookimpl
    def register_tasks(self): return [PeriodicTask("tick", timedelta(hours=1), self.tick)]
    @hookimpl
    def register_routes(self): return [Route("/", self.page)]
    async def tick(self): self.desk.log.error("{name} still ticks")
    async def page(self, request): return PlainTextResponse("I am here")
"""


@dataclass(frozen=True)
class Broken:
    """A plugin that cannot run.

    Args:
        name: its name.
        stage: where it fails, as it is told.
        reason: part of what is told.
        source: its module.
    """

    name: str
    stage: str
    reason: str
    source: str


def broken(name: str, stage: str, reason: str, more: str, head: str = "") -> Broken:
    """Make a plugin with all parts, and one that is broken."""
    body = PARTS.replace("{name}", name)
    return Broken(name, stage, reason, f"{HEAD}\n{head}\nclass It:\n{body}\n{more}\n")


WRONG_SETTINGS = """
class Strict(SettingsTable):
    volume: int
class Raising(SettingsTable):
    @model_validator(mode="before")
    @classmethod
    def check(cls, values): raise RuntimeError("the validator is broken")
"""
UNABLE = [
    Broken("at_import", "import", "RuntimeError: no import today", "raise RuntimeError('no import today')"),
    Broken("no_class", "import", "is not a class", "It = 7"),
    Broken("no_name", "import", "cannot be imported", "Other = 7"),
    broken("at_settings", "settings", "volume", "    Settings = Strict", WRONG_SETTINGS),
    broken(
        "settings_raise", "settings", "RuntimeError: the validator is broken", "    Settings = Raising", WRONG_SETTINGS,
    ),
    broken(
        "at_making", "creation", "ValueError: no object today",
        "    def __init__(self, desk): raise ValueError('no object today')",
    ),
    broken(
        "leaves_at_making", "creation", "SystemExit: 3",
        "    def __init__(self, desk): raise SystemExit(3)",
    ),
    broken(
        "leaves_at_start", "start", "SystemExit: 3",
        "    @hookimpl\n    async def start(self): raise SystemExit(3)",
    ),
    broken(
        "bare_tables", "tables", "must be a frontdesk.Tables", "    tables = sa.MetaData()", "import sqlalchemy as sa",
    ),
    broken("no_api", "API version", 'api = "1.0"', "    api = None"),
    broken("old_api", "API version", "0.9", '    api = "0.9"'),
    broken("new_api", "API version", "a newer Frontdesk", '    api = "7.0"'),
    broken(
        "misspelt", "hooks", "open_case",
        "    @hookimpl\n    async def opne_case(self, request): return None",
    ),
    broken(
        "wrong_words", "hooks", "wish",
        "    @hookimpl\n    async def open_case(self, wish): return None",
    ),
    broken(
        "takes_helpme", "commands", "'helpdesk'",
        "    @hookimpl\n    def register_commands(self): return [command('helpme')]",
    ),
    broken(
        "at_commands", "commands", "no commands today",
        "    @hookimpl\n    def register_commands(self): raise RuntimeError('no commands today')",
    ),
    broken(
        "at_routes", "routes", "no routes today",
        "    @hookimpl\n    def register_routes(self): raise RuntimeError('no routes today')",
    ),
    broken(
        "at_start", "start", "no start today",
        "    @hookimpl\n    async def start(self): raise RuntimeError('no start today')",
    ),
    broken("needy", "requirements", "'at_start', which failed", "    requires = ('at_start',)"),
    broken("needs_import", "requirements", "'at_import', which failed", "    requires = ('at_import',)"),
    broken("needs_nobody", "requirements", "'nobody', which is not installed", "    requires = ('nobody',)"),
    broken(
        "at_intents", "intents", "no intents today",
        "    @staticmethod\n    def intents(settings): raise RuntimeError('no intents today')",
    ),
    broken(
        "at_deliveries", "hooks", "must begin with 'at_deliveries.'",
        "    @hookimpl\n    def register_deliveries(self): return {'cases.notice': None}",
    ),
]  # fmt: skip
HARMFUL = broken(
    "harmful", "", "",
    """
    @hookimpl
    async def open_case(self, request): raise RuntimeError("the hook is broken")
    @hookimpl
    async def answer_question(self, question): raise RuntimeError("the hook is broken")
    @hookimpl
    async def handoff_changed(self, handoff): raise RuntimeError("the hook is broken")
    @hookimpl
    def register_listeners(self): return [Listener(hikari.DMMessageCreateEvent, self.heard)]
    async def heard(self, event): raise RuntimeError("the listener is broken")
    async def tick(self): raise RuntimeError("the task is broken")
    async def page(self, request): raise RuntimeError("the page is broken")
    @hookimpl
    async def stop(self): raise RuntimeError("the end is broken")
    """,
)  # fmt: skip


LEAVING = broken(
    "harmful", "", "",
    """
    @hookimpl
    async def open_case(self, request): raise SystemExit(3)
    @hookimpl
    async def answer_question(self, question): raise asyncio.CancelledError
    @hookimpl
    async def handoff_changed(self, handoff): raise SystemExit(3)
    @hookimpl
    def register_listeners(self): return [Listener(hikari.DMMessageCreateEvent, self.heard)]
    async def heard(self, event): raise SystemExit(3)
    async def tick(self): raise SystemExit(3)
    async def page(self, request): raise SystemExit(3)
    @hookimpl
    async def stop(self): raise SystemExit(3)
    """,
    "import asyncio",
)  # fmt: skip


async def whole_story(desk: TestDesk) -> None:
    """Everything that Frontdesk itself brings still works."""
    steps: list[Step] = []
    assert await Tour(desk.sandbox, desk.house, steps.append).play(), steps[-1]


async def listed(bot: Bot, packages: Packages) -> str:
    """What ``frontdesk plugins list`` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "frontdesk", "plugins", "list", "--config", str(bot.config),
        env={**os.environ, **packages.environ, "COLUMNS": "400"}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_plugins_that_cannot_run_are_named_and_taken_out(open_desk: OpenDesk, packages: Packages) -> None:
    for plugin in UNABLE:
        packages.write(plugin.name, plugin.source)
    desk = await open_desk(plugins=packages.with_the_house, environ=packages.environ, errors_expected=True)
    withdrawn = {e["plugin"]: e for e in desk.bot.events if e["event"] == "plugin withdrawn"}
    told = await health(desk.bot)
    assert told["state"] == "degraded"
    offered = {command["name"] for command in desk.house.moderator.commands(desk.house.general)}
    for plugin in UNABLE:
        assert withdrawn[plugin.name]["stage"] == plugin.stage
        assert plugin.reason in withdrawn[plugin.name]["reason"]
        assert told["plugins"][plugin.name] == {"state": "down", "detail": plugin.stage}
        assert f"of_{plugin.name}" not in offered
        assert (await get(f"{desk.bot.url}/{plugin.name}/")).status == 404
    assert withdrawn.keys() == {plugin.name for plugin in UNABLE}
    await whole_story(desk)
    assert await desk.bot.stop() == 0
    assert {event["event"] for event in desk.bot.errors()} == {"plugin withdrawn"}


async def test_plugins_list_tells_what_would_fail(open_desk: OpenDesk, packages: Packages) -> None:
    for plugin in UNABLE:
        packages.write(plugin.name, plugin.source)
    plugins = {**packages.with_the_house, "bug_report": False}
    del plugins["announcements"]
    desk = await open_desk(plugins=plugins, environ=packages.environ, start=False)
    before = set(desk.bot.config.parent.iterdir())
    lines = {line.split()[0]: line for line in (await listed(desk.bot, packages)).splitlines() if line.strip()}
    for plugin in UNABLE:
        if plugin.stage != "start" and plugin.name != "needy":  # nothing is started to find out
            assert "failed" in lines[plugin.name]
            assert f"{plugin.stage}: " in lines[plugin.name]
            assert plugin.reason in lines[plugin.name]
    assert {lines[name].split()[1] for name in ("at_start", "needy", "cases", "helpdesk", "knowledge")} == {"on"}
    assert "off" in lines["bug_report"]
    assert "switched off in bot.toml" in lines["bug_report"]
    assert "bot.toml does not name it" in lines["announcements"]
    assert set(desk.bot.config.parent.iterdir()) == before, "only looking leaves nothing behind"


@pytest.mark.parametrize("plugin", [HARMFUL, LEAVING], ids=["raises", "leaves"])
async def test_a_plugin_that_fails_at_work_harms_nobody(
    open_desk: OpenDesk, packages: Packages, plugin: Broken
) -> None:
    packages.write(plugin.name, plugin.source)
    desk = await open_desk(plugins=packages.with_the_house, environ=packages.environ, errors_expected=True)
    await whole_story(desk)
    told = (await health(desk.bot))["plugins"]
    assert told["harmful"]["state"] == "degraded"
    assert told["harmful"]["detail"].startswith("tick fails since ")
    assert {state["state"] for name, state in told.items() if name != "harmful"} == {"up"}
    page = await get(f"{desk.bot.url}/harmful/")
    assert page.status == 500
    sam = desk.house.sam
    answer = await (await sam.command("/of_harmful")).response()
    assert "that did not work" in answer.content
    counted = await figures(desk.bot)
    failures = {name: n for name, n in counted.items() if "hook_calls_total" in name and 'outcome="error"' in name}
    assert failures
    assert all('plugin="harmful"' in name for name in failures)
    assert await desk.bot.stop() == 0
    errors = desk.bot.errors()
    assert {error["event"] for error in errors} == {
        "hook failed", "listener failed", "background task failed", "request_failed", "command failed",
        "plugin did not stop cleanly",
    }  # fmt: skip
    ids = {error.get("error_id") for error in errors if error["event"] in {"request_failed", "command failed"}}
    assert page.json["error_id"] in ids
    assert any(str(error_id) in answer.content for error_id in ids)
    assert {error["plugin"] for error in errors if error["event"] in {"hook failed", "listener failed"}} == {"harmful"}


@pytest.mark.parametrize("plugin", [UNABLE[0], UNABLE[3], UNABLE[-2]], ids=lambda plugin: plugin.name)
async def test_strict_refuses_to_start(open_desk: OpenDesk, packages: Packages, plugin: Broken) -> None:
    packages.write(plugin.name, plugin.source)
    desk = await open_desk(
        plugins=packages.with_the_house,
        environ=packages.environ,
        arguments=("--strict",),
        start=False,
        errors_expected=True,
    )
    with pytest.raises(BotError):
        await desk.bot.start()
    assert desk.bot.exit_code == (2 if plugin.stage == "settings" else 1)
    said = "\n".join(complaints(desk.bot))
    assert plugin.name in said
    assert plugin.reason in said
