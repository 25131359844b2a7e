"""One real bot with a few plugins on the loopback Discord: the surfaces of a plugin without the whole application."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hikari
from frontdesk.commands import Commands
from frontdesk.desk import Desk, Services
from frontdesk.fetch import Fetcher
from frontdesk.hooks import Hooks
from frontdesk.hookspecs import register_commands, register_components, register_deliveries
from frontdesk.interactions import Interactions
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.plugins import _new_manager
from frontdesk.security import LinkSigner, TwilioGuard
from frontdesk.settings import PluginSettings, TwilioTable
from frontdesk.staff import RoleNames
from frontdesk.store import Store
from frontdesk.tables import CORE
from frontdesk.twilio import Twilio
from frontdesk.words import Words
from frontdesk_sandbox.discord import Guild, LoopbackDiscord, Member
from frontdesk_sandbox.server import LoopbackServer
from starlette.applications import Starlette

from tests.staff_door import Town, make_door


class _Observer:
    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        pass


@dataclass
class Room:
    """A server of the loopback Discord, and the folder of the bot's database."""

    discord: LoopbackDiscord
    guild: Guild
    folder: Path

    def member(self, name: str, *, locale: str = "en-US", permissions: int = 0, role: str | None = None) -> Member:
        """Let a person join."""
        world = self.discord.world
        named = role or f"{name}'s role"
        roles = [world.create_role(self.guild, named, permissions)] if permissions or role else []
        return self.discord.member(world.create_member(self.guild, name, locale=locale, roles=roles))

    def texts(self, channel: str) -> list[str]:
        """The titles of the embeds in a channel, oldest first."""
        place = self.discord.world.find_channel(channel, self.guild)
        return [embed.get("title", "") for message in place.messages.values() for embed in message.embeds]


@dataclass
class Bot:
    """A running bot."""

    bot: hikari.GatewayBot
    store: Store
    journal: Journal
    hooks: Hooks
    desks: dict[str, Desk[Any]]
    plugins: dict[str, Any]


@contextlib.asynccontextmanager
async def open_room(folder: Path) -> AsyncIterator[Room]:
    """Serve a loopback Discord with one server in it."""
    server = LoopbackServer()
    discord = LoopbackDiscord(server.url)
    await server.start(Starlette(routes=discord.routes))
    guild = discord.world.create_guild("Lantern Keep")
    discord.world.create_channel(guild, "general")
    try:
        yield Room(discord, guild, folder)
    finally:
        await discord.close()
        await server.stop()


def _now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def run_bot(
    room: Room,
    plugins: dict[str, type[Any]],
    *,
    settings: dict[str, dict[str, Any]] | None = None,
    language: str = "auto",
    others: tuple[Any, ...] = (),
    twilio: Twilio | None = None,
    roles: RoleNames | None = None,
    own_roles: Mapping[int, RoleNames] | None = None,
    clock: Callable[[], datetime] = _now,
) -> AsyncIterator[Bot]:
    """Run a bot with these plugins until the block ends; a second one on the same room finds the first one's database.

    Args:
        room: where.
        plugins: the classes by name.
        settings: of each plugin.
        language: as in [words].
        others: objects with hook implementations.
        twilio: a client that is signed in.
        roles: that make somebody staff.
        own_roles: those of single servers.
        clock: the bot's time.
    """
    rest = room.discord.rest_url
    bot = hikari.GatewayBot(room.discord.token, rest_url=rest, banner=None, logs=None)
    store = Store(f"sqlite:///{room.folder / 'bot.db'}", durable=False)
    await store.connect()
    await store.upgrade([CORE, *(plugin.tables for plugin in plugins.values() if hasattr(plugin, "tables"))])
    metrics, journal, manager = Metrics(), Journal(store, clock=clock), _new_manager()
    hooks, words = Hooks(manager, _Observer()), Words(language, {}, {}, strict=True)
    fetcher = Fetcher(allow=["127.0.0.1"])
    services = Services(
        bot=bot, store=store, journal=journal, hooks=hooks, words=words, http=fetcher, twilio=twilio,
        twilio_settings=TwilioTable(), guard=TwilioGuard(None, "http://desk", metrics, None),
        signer=LinkSigner(b"0123456789abcdef"),
        staff=make_door(store, Town(), clock, public_url="http://desk", roles=roles, own_roles=own_roles),
        metrics=metrics, public_url="http://desk",
        data_folder=room.folder, config_folder=room.folder, now=clock,
    )  # fmt: skip
    desks, made = {}, {}
    for name, plugin in plugins.items():
        own = PluginSettings(plugin.Settings(**(settings or {}).get(name, {})))
        desks[name] = Desk(name=name, own_settings=own, services=services)
        folder = Path(__import__(plugin.__module__).__file__ or "").parent / "locales"
        words.add(name, folder)
        made[name] = plugin(desks[name])
        manager.register(made[name], name)
    for other in others:
        manager.register(other, type(other).__name__)
    commands, interactions = Commands(bot, words), Interactions(words)
    for name in plugins:
        commands.add(name, hooks.contribution(name, register_commands) or ())
        for entry in hooks.contribution(name, register_components) or ():
            interactions.add(name, entry)
        for kind, delivery in (hooks.contribution(name, register_deliveries) or {}).items():
            assert kind.startswith(f"{name}.")
            journal.handle(kind, delivery)
    bot.subscribe(hikari.InteractionCreateEvent, interactions.handle)
    await bot.start(check_for_updates=False)
    await commands.client.start()
    await journal.start()
    try:
        yield Bot(bot, store, journal, hooks, desks, made)
    finally:
        await journal.stop(1)
        await bot.close()
        await fetcher.close()
        await store.close()
