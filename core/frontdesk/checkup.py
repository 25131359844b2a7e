"""Looks how every part of a running bot is doing."""

from collections.abc import Sequence

import hikari

from frontdesk.background import Background
from frontdesk.errors import FrontdeskError
from frontdesk.health import Health, Part, PartState
from frontdesk.journal import Journal
from frontdesk.plugins import PluginRecord, Plugins, PluginState, describe
from frontdesk.store import Store
from frontdesk.twilio import Twilio


class Checkup:
    """Asks the parts of one bot.

    Args:
        plugins: all that are known.
        bot: the connection to Discord.
        store: the database.
        journal: what is to be delivered.
        twilio: the account, if there is one.
        background: what fails again and again.
    """

    def __init__(
        self,
        plugins: Plugins,
        *,
        bot: hikari.GatewayBot,
        store: Store,
        journal: Journal,
        twilio: Twilio | None,
        background: Background,
    ) -> None:
        self._plugins = plugins
        self._bot = bot
        self._store = store
        self._journal = journal
        self._twilio = twilio
        self._background = background

    async def health(self) -> Health:
        """Tell how every part and every plugin is."""
        parts = [self._discord_health(), *await self._database_health(), self._twilio_health()]  # that web is up, shows
        return Health(tuple(parts), tuple(self._plugin_health(record) for record in self._plugins.records.values()))

    def _plugin_health(self, record: PluginRecord) -> Part:
        if record.state is PluginState.OFF:
            return Part(record.name, PartState.OFF)
        if record.state is PluginState.FAILED:
            return Part(record.name, PartState.DOWN, record.stage.value if record.stage else "")
        trouble = self._background.trouble(record.name)
        return Part(record.name, PartState.DEGRADED if trouble else PartState.UP, trouble)

    def _twilio_health(self) -> Part:
        if self._twilio is None:
            return Part("twilio", PartState.OFF, "no account is set")
        trouble = self._twilio.http.trouble
        return Part("twilio", PartState.DEGRADED if trouble else PartState.UP, trouble)

    def _discord_health(self) -> Part:
        if self._bot.is_alive and any(shard.is_connected for shard in self._bot.shards.values()):
            return Part("discord", PartState.UP, vital=True)
        return Part("discord", PartState.DOWN, "not connected to the gateway", vital=True)

    async def _database_health(self) -> Sequence[Part]:
        """Tell how the database is, and the journal in it."""
        try:
            stats = await self._journal.stats()
        except FrontdeskError as error:
            return [
                Part("database", PartState.DOWN, describe(error), vital=True),
                Part("journal", PartState.DOWN, "nothing is delivered without the database"),
            ]
        detail = f"{stats.waiting} entries wait, the oldest for {stats.oldest:.0f} s; {stats.retrying} are tried again"
        return [Part("database", PartState.UP, self._store.dialect, vital=True), Part("journal", PartState.UP, detail)]
