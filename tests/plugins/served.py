"""A plugin's pages on the real web server, without Discord: for tests of pages."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import aiohttp
import hikari
from frontdesk.desk import Desk, Services
from frontdesk.fetch import Fetcher
from frontdesk.health import Health
from frontdesk.hooks import Hooks
from frontdesk.hookspecs import register_routes, start
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.plugins import _new_manager
from frontdesk.security import LinkSigner, TwilioGuard
from frontdesk.settings import PluginSettings, TwilioTable
from frontdesk.store import Store
from frontdesk.web import Web
from frontdesk.words import Words

from tests.staff_door import Town, make_door

PUBLIC = "https://desk.example"


class Clock:
    """Shows the time that it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class _Observer:
    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        if error is not None:
            raise error


@dataclass
class Seen:
    """A page as a browser got it."""

    status: int
    headers: Any
    text: str


@dataclass
class Served:
    """A plugin and its pages."""

    plugin: Any
    desk: Desk[Any]
    hooks: Hooks
    clock: Clock
    port: int
    town: Town

    async def get(self, address: str, *, language: str = "en", **headers: str) -> Seen:
        """Open one of our public addresses, or a path."""
        url = f"http://127.0.0.1:{self.port}{address.removeprefix(PUBLIC)}"
        asked = {"Accept": "text/html", "Accept-Language": language, **headers}
        async with aiohttp.ClientSession() as session, session.get(url, headers=asked) as response:
            return Seen(response.status, response.headers, await response.text())


@contextlib.asynccontextmanager
async def serve(
    name: str,
    plugin_class: type[Any],
    store: Store,
    folder: Path,
    settings: dict[str, Any],
    *,
    servers: dict[int, dict[str, Any]] | None = None,
    others: tuple[Any, ...] = (),
) -> AsyncIterator[Served]:
    """Serve one plugin's routes until the block ends.

    Args:
        name: the plugin's.
        plugin_class: its class.
        store: connected.
        folder: as if bot.toml were there.
        settings: the plugin's.
        servers: settings of single Discord servers.
        others: objects with hook implementations.
    """
    clock, metrics, manager, town = Clock(), Metrics(), _new_manager(), Town()
    words = Words("auto", {}, {}, strict=True)
    words.add(name, Path(__import__(plugin_class.__module__).__file__ or "").parent / "locales")
    hooks, fetcher = Hooks(manager, _Observer()), Fetcher()
    services = Services(
        bot=cast("hikari.GatewayBot", None), store=store, journal=Journal(store, clock=clock), hooks=hooks, words=words,
        http=fetcher, twilio=None, twilio_settings=TwilioTable(), guard=TwilioGuard(None, PUBLIC, metrics, None),
        signer=LinkSigner(b"0123456789abcdef"), staff=make_door(store, town, clock, public_url=PUBLIC), metrics=metrics,
        public_url=PUBLIC, config_folder=folder, data_folder=folder, now=clock,
    )  # fmt: skip
    own = {guild: plugin_class.Settings(**values) for guild, values in (servers or {}).items()}
    desk = Desk(name=name, own_settings=PluginSettings(plugin_class.Settings(**settings), own), services=services)
    plugin = plugin_class(desk)
    manager.register(plugin, name)
    for other in others:
        manager.register(other, type(other).__name__)
    await hooks.run(name, start)

    async def healthy() -> Health:
        return Health(())

    web = Web("127.0.0.1", 0, public_url=PUBLIC, health=healthy, metrics=metrics, words=words)
    web.mount(name, list(hooks.contribution(name, register_routes) or ()))
    await web.start()
    try:
        yield Served(plugin, desk, hooks, clock, web.port, town)
    finally:
        await web.stop(1)
        await desk.close()
        await fetcher.close()
