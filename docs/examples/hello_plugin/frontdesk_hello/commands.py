"""/hello, the plugin's surface in Discord: thin."""

from collections.abc import Iterable

import hikari
import lightbulb
from frontdesk import Command, Declined, Desk, person_of

from frontdesk_hello.greetings import Greetings
from frontdesk_hello.hooks import choose_greeting
from frontdesk_hello.settings import HelloSettings


def hello_commands(desk: Desk[HelloSettings], greetings: Greetings) -> Iterable[Command]:
    """Make /hello; a function makes it, so that two bots in one process do not share it."""

    class HelloCommand(
        lightbulb.SlashCommand,
        name="hello:command.hello.name",
        description="hello:command.hello.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            say = desk.say_to(ctx.interaction)
            if ctx.guild_id is None:
                raise Declined(say("server-only"))
            await ctx.defer(ephemeral=True)  # other plugins are asked, which may take a while
            guild_id = int(ctx.guild_id)
            person = person_of(ctx.member or ctx.user, guild_id=guild_id, locale=str(ctx.interaction.locale))
            words = await desk.hooks.first(choose_greeting, person=person) or say("greeting", name=person.name)
            greetings.greet(guild_id)
            lines = [f"{desk.settings_for(guild_id).emoji} {words}"]
            if news := greetings.news(guild_id):
                lines.append(say("news", title=news))
            await ctx.respond("\n".join(lines), ephemeral=True)

    return [HelloCommand]
