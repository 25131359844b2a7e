"""Takes each plugin's contributions into the bot, and out again when the plugin is withdrawn."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import hikari
import structlog

from frontdesk import hookspecs
from frontdesk.background import Background
from frontdesk.commands import Commands
from frontdesk.contributions import Listener, PeriodicTask
from frontdesk.failures import FAILURES, is_cancelled
from frontdesk.interactions import Interactions
from frontdesk.journal import Journal
from frontdesk.plugins import PluginRecord, Plugins, Stage, describe
from frontdesk.web import Web


class Contributed:
    """What the plugins contributed to one bot.

    Args:
        plugins: who contributes.
        bot: hears gateway events.
        commands: the slash commands.
        interactions: components and modals.
        web: the routes.
        journal: the deliveries.
        background: notes which background tasks fail.
        now: the clock (UTC).
    """

    def __init__(
        self,
        plugins: Plugins,
        *,
        bot: hikari.GatewayBot,
        commands: Commands,
        interactions: Interactions,
        web: Web,
        journal: Journal,
        background: Background,
        now: Callable[[], datetime],
    ) -> None:
        self._plugins = plugins
        self._bot = bot
        self._commands = commands
        self._interactions = interactions
        self._web = web
        self._journal = journal
        self._background = background
        self._now = now
        self._listening: dict[str, list[tuple[type[Any], Any]]] = {}
        self._kinds: dict[str, list[str]] = {}
        self._tasks: dict[str, list[PeriodicTask]] = {}
        self._running: dict[str, list[asyncio.Task[None]]] = {}
        self._log = structlog.get_logger("frontdesk.plugins")

    def take_in(self, record: PluginRecord) -> None:
        """Take one plugin's contributions; if one of them fails, the plugin is withdrawn."""
        for stage, take in (
            (Stage.HOOKS, self._take_deliveries),
            (Stage.HOOKS, self._take_listeners),
            (Stage.HOOKS, self._take_tasks),
            (Stage.COMMANDS, self._take_components),
            (Stage.COMMANDS, self._take_commands),
            (Stage.ROUTES, self._take_routes),
        ):
            try:
                take(record.name)
            except FAILURES as error:  # a plugin may raise anything; it is recorded
                self._plugins.withdraw(record.name, stage, describe(error), error)
                return

    def withdraw(self, name: str) -> None:
        """Take out everything a plugin contributed."""
        self._commands.withdraw(name)
        self._interactions.withdraw(name)
        self._web.unmount(name)
        for kind in self._kinds.pop(name, []):
            self._journal.withdraw(kind)
        for event, listener in self._listening.pop(name, []):
            self._bot.event_manager.unsubscribe(event, listener)
        self._tasks.pop(name, None)
        for task in self._running.pop(name, []):
            task.cancel()
        self._background.forget(name)

    def start_tasks(self) -> None:
        """Start the background tasks of all plugins."""
        for name, tasks in self._tasks.items():
            self._running[name] = [
                asyncio.create_task(self._repeat(name, task), name=f"{name}: {task.name}") for task in tasks
            ]

    async def stop_tasks(self) -> None:
        """Cancel the background tasks of all plugins."""
        running = [task for tasks in self._running.values() for task in tasks]
        self._running.clear()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _take_deliveries(self, name: str) -> None:
        for kind, delivery in (self._plugins.hooks.contribution(name, hookspecs.register_deliveries) or {}).items():
            if not kind.startswith(f"{name}."):
                raise ValueError(f"the kind {kind!r} of its journal entries must begin with '{name}.'")
            self._journal.handle(str(kind), delivery)
            self._kinds.setdefault(name, []).append(str(kind))

    def _take_listeners(self, name: str) -> None:
        for listener in self._plugins.hooks.contribution(name, hookspecs.register_listeners) or ():
            heard = self._isolated(name, listener)
            self._bot.event_manager.subscribe(listener.event, heard)
            self._listening.setdefault(name, []).append((listener.event, heard))

    def _isolated(self, name: str, listener: Listener) -> Callable[[Any], Coroutine[Any, Any, None]]:
        async def heard(event: Any) -> None:
            try:
                await listener.handle(event)
            except FAILURES as error:  # one plugin's trouble is not another's
                if is_cancelled(error):
                    raise
                self._log.error("listener failed", plugin=name, event_type=listener.event.__name__, exc_info=error)

        return heard

    def _take_tasks(self, name: str) -> None:
        self._tasks[name] = list(self._plugins.hooks.contribution(name, hookspecs.register_tasks) or ())

    def _take_components(self, name: str) -> None:
        for entry in self._plugins.hooks.contribution(name, hookspecs.register_components) or ():
            self._interactions.add(name, entry)

    def _take_commands(self, name: str) -> None:
        self._commands.add(name, self._plugins.hooks.contribution(name, hookspecs.register_commands) or ())

    def _take_routes(self, name: str) -> None:
        routes = list(self._plugins.hooks.contribution(name, hookspecs.register_routes) or ())
        if routes:
            self._web.mount(name, routes)

    async def _repeat(self, name: str, task: PeriodicTask) -> None:
        while True:
            try:
                async with asyncio.timeout(task.deadline / timedelta(seconds=1)):
                    await task.run()
            except FAILURES as error:  # the next run comes all the same
                if is_cancelled(error):
                    raise
                self._log.error("background task failed", plugin=name, task=task.name, exc_info=error)
                self._background.failed(name, task.name, error, at=self._now())
            else:
                self._background.succeeded(name, task.name)
            await asyncio.sleep(task.every / timedelta(seconds=1))
