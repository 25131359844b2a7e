"""The smallest bot with hikari and lightbulb: one command. Writes ``ready`` to standard output when it is."""

import os

import hikari
import lightbulb

bot = hikari.GatewayBot(
    os.environ["BARE_BOT_TOKEN"],
    rest_url=os.environ["BARE_BOT_DISCORD_URL"],
    intents=hikari.Intents.GUILDS,
    banner=None,
    logs=None,
    suppress_optimization_warning=True,
)
client = lightbulb.client_from_app(bot)
bot.subscribe(hikari.StartingEvent, client.start)


@client.register
class Ping(lightbulb.SlashCommand, name="ping", description="Answers."):
    """The one command."""

    @lightbulb.invoke
    async def invoke(self, context: lightbulb.Context) -> None:
        """Answer."""
        await context.respond("pong")


@bot.listen()
async def _ready(_: hikari.StartedEvent) -> None:
    print("ready", flush=True)


if __name__ == "__main__":
    bot.run(check_for_updates=False)
