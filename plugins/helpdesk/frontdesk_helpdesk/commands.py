"""/helpme, and the message command: the commands by which members come in."""

import hikari
import lightbulb
from frontdesk import Command, Desk, Say, shortened

from frontdesk_helpdesk.entry import Entrance
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.visits import CommandVisit

_NOTE_LIMIT = 1500
_QUOTE_LIMIT = 1000


def helpme_command(desk: Desk[HelpdeskSettings], entrance: Entrance) -> Command:
    """Make /helpme for one bot."""

    class HelpMe(
        lightbulb.SlashCommand,
        name="helpdesk:command.helpme.name",
        description="helpdesk:command.helpme.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        note = lightbulb.string(
            "helpdesk:command.helpme.option.note.name",
            "helpdesk:command.helpme.option.note.description",
            default=None,
            max_length=_NOTE_LIMIT,
            localize=True,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            await entrance.come_in(CommandVisit(ctx, desk), self.note or "")

    return HelpMe


def ask_command(desk: Desk[HelpdeskSettings], entrance: Entrance) -> Command:
    """Make "Ask support about this message", in the menu of a message, for one bot."""

    class AskAboutMessage(
        lightbulb.MessageCommand,
        name="helpdesk:menu.ask",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            visit = CommandVisit(ctx, desk)
            await entrance.come_in(visit, _quoted(visit.say, self.target, ctx.guild_id))

    return AskAboutMessage


def _quoted(say: Say, message: hikari.Message, guild_id: hikari.Snowflake | None) -> str:
    """Quote a message, with who wrote it and a link to it."""
    link = f"https://discord.com/channels/{guild_id}/{message.channel_id}/{message.id}"
    text = message.content or ", ".join(attachment.filename for attachment in message.attachments)
    lines = [f"> {line}" for line in shortened(text, _QUOTE_LIMIT).splitlines()]
    author = message.author.display_name or message.author.username
    return "\n".join([say("about-message", author=author, link=link), *lines])
