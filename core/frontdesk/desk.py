"""Desk: everything that a plugin is given."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import hikari
import structlog
from pydantic import BaseModel

from frontdesk.background import Background
from frontdesk.failures import FAILURES, is_cancelled
from frontdesk.fetch import Fetcher
from frontdesk.hooks import Hooks
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.pages import Pages
from frontdesk.security import LinkSigner, TwilioGuard
from frontdesk.settings import PluginSettings, TwilioTable
from frontdesk.staff_door import StaffDoor
from frontdesk.store import Store
from frontdesk.twilio import Twilio
from frontdesk.words import Say, Words

S = TypeVar("S", bound=BaseModel)

CUSTOM_ID_LIMIT = 100
"""Characters in a component's custom_id; Discord's developer documentation, "Component Reference"."""


@dataclass(frozen=True, slots=True)
class Services:
    """What all plugins of one bot share.

    Args:
        bot: hikari's gateway bot; ``bot.rest`` for requests.
        store: the database.
        journal: durable, ordered deliveries.
        hooks: asks and tells the other plugins.
        words: the catalogs.
        http: outgoing requests to the world.
        twilio: the client; None without an account.
        twilio_settings: the account's SIDs.
        guard: checks the signatures of Twilio's requests.
        signer: signs links.
        staff: tells who is signed in to the pages.
        metrics: counters and gauges.
        public_url: the bot's web address as others see it, without a slash at the end.
        config_folder: the folder of bot.toml; paths in settings are relative to it.
        data_folder: where files may be kept.
        now: the clock (UTC).
        background: notes which background work fails.
    """

    bot: hikari.GatewayBot
    store: Store
    journal: Journal
    hooks: Hooks
    words: Words
    http: Fetcher
    twilio: Twilio | None
    twilio_settings: TwilioTable
    guard: TwilioGuard
    signer: LinkSigner
    staff: StaffDoor
    metrics: Metrics
    public_url: str
    config_folder: Path
    data_folder: Path
    now: Callable[[], datetime]
    background: Background = field(default_factory=Background)


@dataclass(slots=True)
class Desk(Generic[S]):
    """Everything that one plugin is given: its settings, and what it shares with the others.

    Args:
        name: the plugin's name.
        own_settings: its settings, and what single servers override.
        services: what all plugins share.
    """

    name: str
    own_settings: PluginSettings[S]
    services: Services
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def settings(self) -> S:
        """The plugin's settings where no server overrides them."""
        return self.own_settings.default

    def settings_for(self, guild_id: int | None) -> S:
        """Give the plugin's settings as they hold in one server."""
        return self.own_settings.for_server(guild_id)

    @property
    def bot(self) -> hikari.GatewayBot:
        """hikari's gateway bot."""
        return self.services.bot

    @property
    def rest(self) -> hikari.api.RESTClient:
        """hikari's REST client."""
        return self.services.bot.rest

    @property
    def store(self) -> Store:
        """The database."""
        return self.services.store

    @property
    def journal(self) -> Journal:
        """Durable, ordered, exactly-once deliveries."""
        return self.services.journal

    @property
    def hooks(self) -> Hooks:
        """Asks and tells the other plugins."""
        return self.services.hooks

    @property
    def http(self) -> Fetcher:
        """Outgoing requests, with deadlines and limits."""
        return self.services.http

    @property
    def twilio(self) -> Twilio | None:
        """The Twilio client; None if no account is set."""
        return self.services.twilio

    @property
    def staff(self) -> StaffDoor:
        """Tells who is signed in to the pages, and lets only staff on."""
        return self.services.staff

    @property
    def guard(self) -> TwilioGuard:
        """Makes routes that only Twilio can call."""
        return self.services.guard

    @property
    def metrics(self) -> Metrics:
        """Counters and gauges, shown at /metrics."""
        return self.services.metrics

    @property
    def log(self) -> structlog.stdlib.BoundLogger:
        """A logger that carries the plugin's name."""
        logger: structlog.stdlib.BoundLogger = structlog.get_logger(f"frontdesk.{self.name}")
        return logger

    def now(self) -> datetime:
        """Tell the time (UTC)."""
        return self.services.now()

    def say(self, locale: str | None, guild_id: int | None = None) -> Say:
        """Give the plugin's sentences in a person's language.

        Args:
            locale: Discord's locale of the person, if known.
            guild_id: the server, which may have a language of its own.
        """
        return self.services.words.say(self.name, locale, guild_id)

    def say_to(self, interaction: hikari.PartialInteraction) -> Say:
        """Give the plugin's sentences in the language of the person behind an interaction."""
        locale = getattr(interaction, "locale", None)
        guild_id = getattr(interaction, "guild_id", None)
        return self.say(str(locale) if locale else None, int(guild_id) if guild_id else None)

    def pages(self, folder: Path) -> Pages:
        """Give a renderer for the plugin's templates, with the house's layout around them."""
        return Pages(folder)

    def url(self, path: str = "/") -> str:
        """Give the public address of one of the plugin's routes."""
        return f"{self.services.public_url}/{self.name}{path}"

    def signed_url(self, path: str, *, expires: datetime | None = None) -> str:
        """Give a public address that carries a signature, so that only who was given it can open it.

        Args:
            path: below the plugin's address, such as ``"/case/42"``.
            expires: from when on it is refused; None means never.
        """
        return self.services.public_url + self.services.signer.sign(f"/{self.name}{path}", expires=expires)

    def custom_id(self, action: str, data: str = "") -> str:
        """Name a button, select menu or modal so that its use comes back to the plugin, also after a restart.

        Args:
            action: as in `Component` or `Modal`.
            data: whatever the handler needs to know; may contain colons.

        Raises:
            ValueError: if the whole is longer than Discord allows.
        """
        custom_id = f"{self.name}:{action}:{data}"
        if len(custom_id) > CUSTOM_ID_LIMIT:
            raise ValueError(f"custom_id has {len(custom_id)} of at most {CUSTOM_ID_LIMIT} characters: {custom_id}")
        return custom_id

    def create_task(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run something in the background; what it raises is logged under the plugin's name.

        /health tells of it until work of the same name succeeds.

        Args:
            work: what to do.
            name: shown in logs and in /health.
        """
        task = asyncio.create_task(self._supervise(work, name), name=f"{self.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _supervise(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except FAILURES as error:  # nobody awaits it; the log and /health are where it can be seen
            if is_cancelled(error):
                raise
            self.log.error("background work failed", task=name, exc_info=error)
            self.services.background.failed(self.name, name, error, at=self.now())
        else:
            self.services.background.succeeded(self.name, name)

    async def close(self) -> None:
        """Cancel the background work; the core calls this after the plugin's `stop`."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
