"""Which gateway events a plugin gets: the class attributes `intents` and `optional_intents`, and Discord's grants."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import hikari
import structlog

from frontdesk.settings import PluginSettings, Settings

_DEADLINE = 5.0  # seconds; a bot that is asked to stop meanwhile is still gone in time

# An intent counts as granted with either flag: for verified bots, and for small ones ("limited").
# https://discord.com/developers/docs/resources/application#application-object-application-flags
GRANTS: Mapping[hikari.Intents, tuple[int, str]] = {
    hikari.Intents.GUILD_PRESENCES: (1 << 12 | 1 << 13, "Presence Intent"),
    hikari.Intents.GUILD_MEMBERS: (1 << 14 | 1 << 15, "Server Members Intent"),
    hikari.Intents.MESSAGE_CONTENT: (1 << 18 | 1 << 19, "Message Content Intent"),
}
"""The privileged intents: the application's flags of which one must be set, and the name in the developer portal."""


@dataclass(frozen=True, slots=True)
class OptionalIntents:
    """Intents that a plugin uses where the application has them, and does without otherwise.

    Args:
        intents: all of them, privileged or not; the bot asks for all or none.
        without: what the plugin does otherwise; it continues the sentence "The Message Content Intent is off, so
            my_plugin …".
    """

    intents: hikari.Intents
    without: str


def intents_of(plugin_class: type[Any] | None, settings: PluginSettings[Any]) -> hikari.Intents:
    """Tell which intents a plugin needs.

    Args:
        plugin_class: its class; ``intents`` is a value, or a static function that is asked with the settings of each
            server, so that a privileged intent is needed only where a setting asks for it.
        settings: the plugin's.
    """
    offered = getattr(plugin_class, "intents", hikari.Intents.NONE)
    if isinstance(offered, hikari.Intents):
        return offered
    return reduce(or_, (hikari.Intents(offered(table)) for table in _tables(settings)), hikari.Intents.NONE)


def optional_intents_of(plugin_class: type[Any] | None, settings: PluginSettings[Any]) -> OptionalIntents | None:
    """Tell which intents a plugin would use.

    Args:
        plugin_class: its class; ``optional_intents`` is a value, or a static function as ``intents`` may be one, which
            answers None where a server's settings ask for nothing.
        settings: the plugin's.
    """
    offered = getattr(plugin_class, "optional_intents", None)
    if offered is None or isinstance(offered, OptionalIntents):
        return offered
    wanted: list[OptionalIntents] = [each for table in _tables(settings) if (each := offered(table)) is not None]
    if not wanted:
        return None
    return OptionalIntents(reduce(or_, (each.intents for each in wanted)), wanted[0].without)


def _tables(settings: PluginSettings[Any]) -> tuple[Any, ...]:
    return (settings.default, *settings.servers.values())


def granted_by(flags: int) -> hikari.Intents:
    """Tell which privileged intents an application has, from its flags."""
    return reduce(or_, (intent for intent, (bits, _) in GRANTS.items() if flags & bits), hikari.Intents.NONE)


def lacking(wanted: hikari.Intents, granted: hikari.Intents) -> list[str]:
    """Name the privileged intents among those wanted that are not granted."""
    return [title for intent, (_, title) in GRANTS.items() if wanted & intent and not granted & intent]


def going_without(plugin: str, optional: OptionalIntents, granted: hikari.Intents) -> str | None:
    """Put in words what a plugin does without, as the end of a sentence; None if it has all that it would use."""
    titles = lacking(optional.intents, granted)
    return f"{' and '.join(titles)} is off, so {plugin} {optional.without}" if titles else None


async def granted_intents(settings: Settings) -> hikari.Intents:
    """Ask Discord which privileged intents the application has: a bot that asks for another one is not let in.

    Returns:
        Them; none if Discord does not tell, since then the start fails anyway, or goes on with the least.
    """
    token = settings.secrets.discord_token
    if token is None:
        return hikari.Intents.NONE
    app = hikari.RESTApp(url=settings.discord.rest_url)
    await app.start()
    try:
        async with asyncio.timeout(_DEADLINE):
            async with app.acquire(token.get_secret_value(), hikari.TokenType.BOT) as rest:
                return granted_by((await rest.fetch_application()).flags)
    except (hikari.HikariError, TimeoutError, OSError) as error:
        structlog.get_logger("frontdesk.app").warning("Discord did not tell which intents it grants", exc_info=error)
        return hikari.Intents.NONE
    finally:
        await app.close()
