"""A real hikari bot with lightbulb on the loopback Discord, in one event loop."""

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import hikari
import lightbulb
import pytest
from frontdesk_sandbox.discord import Channel, Guild, LoopbackDiscord, Member
from frontdesk_sandbox.server import LoopbackServer
from starlette.applications import Starlette

NOT_UNDERSTOOD = "Exception occurred in raw event dispatch conduit"
INTENTS = hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.MESSAGE_CONTENT | hikari.Intents.GUILD_MEMBERS


@dataclass
class Desk:
    """One bot on one loopback server, with its members."""

    discord: LoopbackDiscord
    server: LoopbackServer
    guild: Guild
    general: Channel
    bots: list[hikari.GatewayBot] = field(default_factory=list)

    def bot(self, intents: hikari.Intents = INTENTS) -> hikari.GatewayBot:
        bot = hikari.GatewayBot(
            self.discord.token, rest_url=self.discord.rest_url, banner=None, intents=intents, logs=None
        )
        self.bots.append(bot)
        return bot

    async def start(self, bot: hikari.GatewayBot, *commands: type[lightbulb.CommandBase]) -> lightbulb.Client:
        """Start the bot and a lightbulb client with these commands, both of which must have worked."""
        client = lightbulb.client_from_app(bot)
        for command in commands:
            client.register(command)
        await bot.start(check_for_updates=False)
        await client.start()
        assert self.discord.gateway.connected
        assert {one["name"] for one in self.discord.commands.all(None)} == {
            command._command_data.name for command in commands
        }
        return client

    def member(self, name: str = "Mina", locale: str = "en-US") -> Member:
        return self.discord.member(self.discord.world.create_member(self.guild, name, locale=locale))


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    """A loopback Discord with one server and one channel, without a bot."""
    server = LoopbackServer()
    discord = LoopbackDiscord(server.url)
    await server.start(Starlette(routes=discord.routes))
    guild = discord.world.create_guild("Lantern Keep")
    desk = Desk(discord, server, guild, discord.world.create_channel(guild, "general"))
    yield desk
    for bot in desk.bots:
        if bot.is_alive:
            await bot.close()
    await discord.close()
    await server.stop()


def check_understood(caplog: pytest.LogCaptureFixture) -> None:
    """Fail if hikari could not read something that the loopback Discord sent."""
    for phase in ("setup", "call"):
        bad = [one for one in caplog.get_records(phase) if NOT_UNDERSTOOD in one.getMessage()]
        assert not bad, [logging.Formatter().format(one) for one in bad]
