"""Slash commands of all plugins: registration, clashes, names in the person's language, and the one error handler."""

from collections.abc import Iterable, Mapping

import hikari
import lightbulb
import structlog
from lightbulb import prefab
from lightbulb.exceptions import ExecutionPipelineFailedException

from frontdesk.contributions import Command
from frontdesk.errors import new_error_id
from frontdesk.interactions import Declined
from frontdesk.words import Words


class CommandClashError(Exception):
    """Two plugins want the same command."""


class Commands:
    """lightbulb's client with every plugin's commands.

    A command whose texts come from the catalogs says ``localize=True``; its texts are ``"<plugin>:<sentence id>"``.

    Args:
        bot: hikari's gateway bot.
        words: the catalogs.
    """

    def __init__(self, bot: hikari.GatewayBot, words: Words) -> None:
        self._words = words
        self._log = structlog.get_logger("frontdesk.commands")
        self.client = lightbulb.client_from_app(bot, localization_provider=self._localizations)
        self.client.error_handler(self._handle_error)
        self._owners: dict[tuple[hikari.CommandType, str], str] = {}
        self._commands: dict[str, list[Command]] = {}

    def add(self, plugin: str, commands: Iterable[Command]) -> None:
        """Register a plugin's commands; they are told to Discord when the client starts.

        Raises:
            CommandClashError: if a name is taken; none of the plugin's commands is registered then.
        """
        wanted: dict[tuple[hikari.CommandType, str], Command] = {}
        for command in commands:
            kind, name = self._identity(command)
            if (kind, name) in wanted:
                raise CommandClashError(f"it has two commands named {name!r}")
            if owner := self._owners.get((kind, name)):
                raise CommandClashError(f"its command {name!r} is already there, from the plugin '{owner}'")
            wanted[kind, name] = command
        for identity, command in wanted.items():
            self._owners[identity] = plugin
            self._commands.setdefault(plugin, []).append(command)
            self.client.register(command)

    def withdraw(self, plugin: str) -> None:
        """Forget a plugin's commands."""
        for command in self._commands.pop(plugin, []):
            self.client.unregister(command)
        self._owners = {identity: owner for identity, owner in self._owners.items() if owner != plugin}

    def names(self) -> Mapping[str, str]:
        """List the commands' names with their plugins, for the start-up table."""
        return {name: plugin for (_, name), plugin in sorted(self._owners.items(), key=lambda i: i[0][1])}

    def _identity(self, command: Command) -> tuple[hikari.CommandType, str]:
        if isinstance(command, lightbulb.Group):
            kind, name, localized = hikari.CommandType.SLASH, command.name, command.localize
        else:
            data = command._command_data  # noqa: SLF001  # lightbulb names a command nowhere else
            kind, name, localized = hikari.CommandType(data.type), data.name, data.localize
        return kind, self._localizations(name)[hikari.Locale.EN_US] if localized else name

    def _localizations(self, key: str) -> dict[hikari.Locale, str]:
        domain, _, sentence = key.partition(":")
        texts = {hikari.Locale(locale): text for locale, text in self._words.localizations(domain, sentence).items()}
        # What everybody else reads; with one language for all it is the only text.
        return {hikari.Locale.EN_US: self._words.say(domain, None)(sentence)} | texts

    async def _handle_error(self, failed: ExecutionPipelineFailedException) -> bool:
        context = failed.context
        interaction = context.interaction
        say = self._words.say("core", str(interaction.locale), interaction.guild_id)
        if any(isinstance(cause, prefab.MissingRequiredPermission) for cause in failed.causes):
            answer = say("missing-permission")
        elif declined := next((c for c in failed.causes if isinstance(c, Declined)), None):
            answer = str(declined)
        else:
            error_id = new_error_id()
            answer = say("something-went-wrong", error_id=error_id)
            self._log.error(
                "command failed",
                command=interaction.command_name,
                error_id=error_id,
                exc_info=failed.causes[0],
            )
        try:
            await context.respond(answer, ephemeral=True)
        except hikari.HikariError as error:
            self._log.warning("a command could not be answered", reason=str(error))
        return True
