"""Start and stop everything of one bot, in order, in one event loop."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import hikari
import structlog

from frontdesk import hookspecs
from frontdesk.background import Background
from frontdesk.checkup import Checkup
from frontdesk.commands import Commands
from frontdesk.contributed import Contributed
from frontdesk.desk import Desk, Services
from frontdesk.errors import Problem, SettingsError, StartError
from frontdesk.failures import FAILURES, is_cancelled
from frontdesk.fetch import Fetcher
from frontdesk.intents import going_without, intents_of, optional_intents_of
from frontdesk.interactions import Interactions
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.observers import HookMetrics, JournalMetrics
from frontdesk.plugins import PluginRecord, Plugins, PluginState, Stage, describe, locale_folders
from frontdesk.schema import NewerSchemaError, Tables
from frontdesk.security import LinkSigner, TwilioGuard
from frontdesk.settings import PluginSettings, Settings, plugin_settings, settings_model
from frontdesk.settings_secrets import DISCORD_TOKEN
from frontdesk.settings_variables import unknown_variables
from frontdesk.staff_parts import STAFF, StaffParts
from frontdesk.stopping import Stopping
from frontdesk.store import Store, StoreUnavailable
from frontdesk.tables import CORE
from frontdesk.twilio import Twilio
from frontdesk.web import Web
from frontdesk.words import Words, wrong_sentences

_DISCORD_DEADLINE = 30.0
_REMEMBERED = hikari.api.CacheComponents.ALL & ~hikari.api.CacheComponents.MESSAGES  # nobody asks what was said before


def collect_tables(settings: Settings) -> list[Tables]:
    """List the tables of the core and of the plugins that are on."""
    plugins = Plugins(settings.enabled_plugins(), HookMetrics(Metrics()))
    plugins.import_enabled()
    return [CORE, *(tables for record in plugins.healthy() if (tables := _tables_of(record)) is not None)]


def _tables_of(record: PluginRecord) -> Tables | None:
    tables: Tables | None = getattr(record.plugin_class, "tables", None)
    return tables


class App:
    """One bot: its parts are made here, started in order, and stopped in reverse.

    Args:
        settings: from `load_settings`.
        strict: refuse to start if a plugin fails.
        granted: the privileged intents that Discord lets the bot ask for where plugins would use them.

    Raises:
        StartError: if there is no Discord token.
        SettingsError: when strict, with all that is wrong in plugins' tables and the owner's sentences.
    """

    def __init__(
        self, settings: Settings, *, strict: bool = False, granted: hikari.Intents = hikari.Intents.NONE
    ) -> None:
        self.settings = settings
        self._strict = strict
        self._granted = granted
        self._without: list[str] = []  # what plugins do where an intent that they would use is not granted
        self._stopping = Stopping()
        self._log = structlog.get_logger("frontdesk.app")
        self.metrics = Metrics()
        self.words = Words(
            settings.words.language,
            settings.words.overrides,
            {guild: server.language for guild, server in settings.servers.items() if server.language},
            source=settings.source,
        )
        self.plugins = Plugins(settings.enabled_plugins(), HookMetrics(self.metrics))
        self.plugins.import_enabled()
        for unknown in unknown_variables(settings.secrets.given, self.plugins.records.values()):
            self._log.warning("unknown variable", detail=str(unknown))
        self._wrong: list[Problem] = []  # in the tables of plugins
        own_settings = self._plugin_settings()
        if strict and self._wrong:
            raise SettingsError(self._all_wrong(self.wrong_sentences()))
        self.store = Store(settings.store.url.get_secret_value(), durable=settings.store.durable)
        self.journal = Journal(self.store, clock=_now)
        self.twilio = self._make_twilio()
        self.bot = self._make_bot(own_settings)
        self.staff = StaffParts(settings, bot=self.bot, store=self.store, twilio=self.twilio, clock=_now)
        self.background = Background()
        self.checkup = Checkup(
            self.plugins, bot=self.bot, store=self.store, journal=self.journal, twilio=self.twilio,
            background=self.background,
        )  # fmt: skip
        self.commands = Commands(self.bot, self.words)
        self.interactions = Interactions(self.words)
        metrics_token = settings.secrets.metrics_token
        self.web = Web(
            settings.web.host,
            settings.web.port,
            public_url=settings.web.public_url,
            health=self.checkup.health,
            metrics=self.metrics,
            words=self.words,
            metrics_token=metrics_token.get_secret_value() if metrics_token else None,
            frame_ancestors=settings.staff.flex_origins,
        )
        self.web.mount(STAFF, self.staff.routes(self.web.say), listed=False)
        self._signer = LinkSigner(settings.link_secret)
        self.http = Fetcher(allow=settings.fetch.allow_private)
        self.desks: dict[str, Desk[Any]] = {}
        self._create_plugins(own_settings)
        self.contributed = Contributed(
            self.plugins,
            bot=self.bot,
            commands=self.commands,
            interactions=self.interactions,
            web=self.web,
            journal=self.journal,
            background=self.background,
            now=_now,
        )
        self.plugins.when_withdrawn(self.contributed.withdraw)
        self.plugins.when_withdrawn(self.words.remove)

    def _plugin_settings(self) -> dict[str, PluginSettings[Any]]:
        checked: dict[str, PluginSettings[Any]] = {}
        for record in self.plugins.healthy():
            try:
                model = settings_model(record.plugin_class)
                checked[record.name] = plugin_settings(self.settings, record.name, model)
            except SettingsError as error:
                self._wrong += error.problems
                self.plugins.withdraw(record.name, Stage.SETTINGS, str(error))
            except FAILURES as error:  # a plugin's validators may raise anything
                self.plugins.withdraw(record.name, Stage.SETTINGS, describe(error), error)
        return checked

    def wrong_sentences(self) -> list[Problem]:
        """Tell what is wrong with the owner's sentences."""
        classes = {r.name: r.plugin_class for r in self.plugins.records.values() if r.plugin_class is not None}
        return wrong_sentences(self.settings.words.overrides, self.settings.source, locale_folders(classes))

    def _all_wrong(self, sentences: Sequence[Problem]) -> list[Problem]:
        return sorted([*self._wrong, *sentences], key=lambda problem: problem.line or 0)

    def _make_twilio(self) -> Twilio | None:
        account_sid, token = self.settings.twilio.account_sid, self.settings.secrets.twilio_auth_token
        if account_sid is None or token is None:
            return None
        return Twilio(
            account_sid,
            token.get_secret_value(),
            base_url=self.settings.twilio.base_url,
            metrics=self.metrics,
            chat_service_sid=self.settings.twilio.chat_service_sid,
        )

    def _make_bot(self, own_settings: dict[str, PluginSettings[Any]]) -> hikari.GatewayBot:
        token = self.settings.secrets.discord_token
        if token is None:
            raise StartError(f"{DISCORD_TOKEN} is not set; it is the bot's token from Discord's developer portal")
        intents = hikari.Intents.GUILDS
        for record in self.plugins.healthy():
            try:
                intents |= self._intents_for(record, own_settings[record.name])
            except FAILURES as error:  # a plugin may raise anything; it is recorded
                self.plugins.withdraw(record.name, Stage.INTENTS, describe(error), error)
        try:
            return hikari.GatewayBot(
                token.get_secret_value(),
                rest_url=self.settings.discord.rest_url,
                intents=intents,
                banner=None,
                logs=None,
                suppress_optimization_warning=True,
                # By default each request would pay for a connection of its own, handshakes and all.
                http_settings=hikari.impl.HTTPSettings(force_close_transports=False),
                cache_settings=hikari.impl.CacheSettings(components=_REMEMBERED),
            )
        except ValueError as error:
            raise StartError(f"{DISCORD_TOKEN} is not a bot token") from error

    def _intents_for(self, record: PluginRecord, own_settings: PluginSettings[Any]) -> hikari.Intents:
        """Tell what to ask for: what the plugin needs, and what it would use if all of that is granted."""
        needed = intents_of(record.plugin_class, own_settings)
        optional = optional_intents_of(record.plugin_class, own_settings)
        if optional is None:
            return needed
        if (without := going_without(record.name, optional, self._granted)) is not None:
            self._without.append(without)
            return needed
        return needed | optional.intents

    def _create_plugins(self, own_settings: dict[str, PluginSettings[Any]]) -> None:
        token = self.settings.secrets.twilio_auth_token
        services = Services(
            bot=self.bot,
            store=self.store,
            journal=self.journal,
            hooks=self.plugins.hooks,
            words=self.words,
            http=self.http,
            twilio=self.twilio,
            twilio_settings=self.settings.twilio,
            guard=TwilioGuard(
                token.get_secret_value() if token else None,
                self.settings.web.public_url,
                self.metrics,
                self.settings.twilio.account_sid,
                shared_keys={
                    sid: key.get_secret_value() for sid, key in self.settings.secrets.twilio_shared_keys.items()
                },
            ),
            signer=self._signer,
            staff=self.staff.door,
            metrics=self.metrics,
            public_url=self.settings.web.public_url,
            config_folder=self.settings.path.parent,
            data_folder=self.settings.folder,
            now=_now,
            background=self.background,
        )
        for record in self.plugins.healthy():
            desk: Desk[Any] = Desk(record.name, own_settings[record.name], services)
            self.plugins.create(record.name, partial(self._create, desk))
            self.desks[record.name] = desk
        self.plugins.register()

    def _create(self, desk: Desk[Any], plugin_class: type[Any]) -> Any:
        for name, locales in locale_folders({desk.name: plugin_class}).items():
            self.words.add(name, locales)
        return plugin_class(desk)

    async def start(self) -> None:
        """Start all parts; when this returns, the bot is ready.

        Raises:
            StartError: if a part that the bot cannot do without does not start.
            SettingsError: if the owner's sentences are wrong, with what is wrong in plugins' tables beside it.
        """
        if sentences := self.wrong_sentences():
            raise SettingsError(self._all_wrong(sentences))
        self._signer.prepare()  # only a bot that starts may leave a secret behind
        for without in self._without:
            self._log.info("an intent is not granted", detail=without)
        for record in self.plugins.healthy():
            self.contributed.take_in(record)
        self.bot.event_manager.subscribe(hikari.InteractionCreateEvent, self.interactions.handle)
        await self._open_database()
        await self._open(self.web.start(), lambda: self.web.stop(2.0))
        self._stopping.then(self.http.close)
        if self.twilio is not None:
            await self._open(self.twilio.open(), self.twilio.close)
        await self._connect_to_discord()
        for record in self.plugins.healthy():
            await self._start_plugin(record)
        self._refuse_failures()
        await self._tell_commands()
        await self._open(self.journal.start(), lambda: self.journal.stop(2.0))
        self.contributed.start_tasks()
        self._stopping.then(self.contributed.stop_tasks)
        watching = asyncio.create_task(JournalMetrics(self.journal, self.metrics).watch(), name="journal metrics")
        self._stopping.then(_cancel, watching)
        self._log.info("ready", **{r.name: r.state.value for r in self._named()}, url=self.settings.web.public_url)

    async def _open(self, opening: Any, close: Any) -> None:
        await opening
        self._stopping.then(close)

    async def _open_database(self) -> None:
        await self._open(self.store.connect(), self.store.close)
        await self.store.upgrade([CORE])
        for record in self.plugins.healthy():
            if (tables := _tables_of(record)) is not None:
                try:
                    await self.store.upgrade([tables])
                # No fault of the plugin, and without it the bot would go on half.
                except (StoreUnavailable, NewerSchemaError) as error:
                    raise StartError(str(error)) from error
                except FAILURES as error:  # a plugin's migration may raise anything
                    if is_cancelled(error):
                        raise
                    self.plugins.withdraw(record.name, Stage.TABLES, describe(error), error)

    async def _connect_to_discord(self) -> None:
        where = self.settings.discord.rest_url or "Discord"
        self._stopping.then(self._close_bot)
        try:
            async with asyncio.timeout(_DISCORD_DEADLINE):
                await self.bot.start(check_for_updates=False)
        except hikari.UnauthorizedError as error:
            raise StartError(f"Discord refuses the token in {DISCORD_TOKEN}") from error
        except hikari.GatewayServerClosedConnectionError as error:
            raise StartError(f"Discord closed the connection: {error.reason}") from error
        except (hikari.HikariError, TimeoutError, OSError) as error:
            raise StartError(f"{where} cannot be reached: {describe(error)}") from error

    async def _tell_commands(self) -> None:
        try:
            async with asyncio.timeout(_DISCORD_DEADLINE):
                await self.commands.client.start()
        except (hikari.HikariError, TimeoutError) as error:
            raise StartError(f"Discord did not take the commands: {describe(error)}") from error
        self._stopping.then(self.commands.client.stop)

    async def _close_bot(self) -> None:
        with suppress(hikari.ComponentStateConflictError):  # it never started
            await self.bot.close()

    async def _start_plugin(self, record: PluginRecord) -> None:
        try:
            await self.plugins.hooks.run(record.name, hookspecs.start)
        except StoreUnavailable as error:
            raise StartError(str(error)) from error
        except FAILURES as error:  # a plugin may raise anything; it is recorded
            if is_cancelled(error):
                raise
            self.plugins.withdraw(record.name, Stage.START, describe(error), error)
        self._stopping.then(self._stop_plugin, record)

    async def _stop_plugin(self, record: PluginRecord) -> None:
        if record.state is PluginState.ON:
            try:
                await self.plugins.hooks.run(record.name, hookspecs.stop)
            except FAILURES as error:  # the others stop all the same
                if is_cancelled(error):
                    raise
                self._log.error("plugin did not stop cleanly", plugin=record.name, exc_info=error)
        await self.desks[record.name].close()

    def _refuse_failures(self) -> None:
        failed = [record for record in self._named() if record.state is PluginState.FAILED]
        if failed and self._strict:
            reasons = "; ".join(f"{record.name} ({record.reason})" for record in failed)
            raise StartError(f"with --strict every plugin must run: {reasons}")

    def _named(self) -> Sequence[PluginRecord]:
        return [record for record in self.plugins.records.values() if record.state is not PluginState.OFF]

    async def ended(self) -> None:
        """Return when the bot has ended by itself, raising what ended it.

        Raises:
            StartError: if Discord or the web server ended for good.
        """
        web = asyncio.create_task(self.web.wait())
        bot = asyncio.create_task(self.bot.join())
        try:
            await asyncio.wait({web, bot}, return_when=asyncio.FIRST_COMPLETED)
            for task in (web, bot):
                if task.done():
                    await task
            raise StartError("the connection to Discord has ended")
        except hikari.HikariError as error:
            raise StartError(f"the connection to Discord has ended: {error}") from error
        finally:
            web.cancel()
            bot.cancel()

    async def stop(self) -> None:
        """Stop all parts in reverse order; what hangs is left behind."""
        await self._stopping.now()
        self._log.info("stopped")


def _now() -> datetime:
    return datetime.now(UTC)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
