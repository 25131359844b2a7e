"""/transcript, and the button for it under the summary: who may have which transcript, and sending it."""

import hikari
import lightbulb
from frontdesk import Command, ComponentContext, Declined, Desk, Say

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.history import history, of_case
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.transcript import TEMPLATES, document

_CASE_LIMIT = 40


def transcript_command(desk: Desk[HelpdeskSettings], transcripts: "Transcripts") -> Command:
    """Make /transcript for one bot."""

    class Transcript(
        lightbulb.SlashCommand,
        name="helpdesk:command.transcript.name",
        description="helpdesk:command.transcript.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD, hikari.ApplicationContextType.BOT_DM],
    ):
        case = lightbulb.string(
            "helpdesk:command.transcript.option.case.name",
            "helpdesk:command.transcript.option.case.description",
            default=None,
            max_length=_CASE_LIMIT,
            localize=True,
        )
        member_of = lightbulb.user(
            "helpdesk:command.transcript.option.member.name",
            "helpdesk:command.transcript.option.member.description",
            default=None,
            localize=True,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            ephemeral = ctx.guild_id is not None
            await ctx.defer(ephemeral=ephemeral)
            say = desk.say_to(ctx.interaction)
            user_id = None if self.member_of is None else int(self.member_of.id)
            conversation = await transcripts.find(ctx.interaction, say, case=self.case, user_id=user_id)
            text, file = await transcripts.write(say, conversation, reader=int(ctx.user.id))
            await ctx.respond(text, attachments=[file], ephemeral=ephemeral)

    return Transcript


class Transcripts:
    """Finds conversations for those who may read them.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk
        self._pages = desk.pages(TEMPLATES)

    async def find(
        self, interaction: hikari.CommandInteraction, say: Say, *, case: str | None, user_id: int | None
    ) -> Conversation:
        """Find the conversation that somebody asks for.

        Args:
            interaction: who asks, and where.
            say: their language.
            case: a case's number in the server.
            user_id: a member of the server; None for the one who asks.

        Raises:
            Declined: if there is none, or it is not theirs to read.
        """
        asking = int(interaction.user.id)
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        particular = case is not None or user_id not in {None, asking}
        if particular and guild_id is None:
            raise Declined(say("transcript-in-server"))
        found = await self._look(guild_id, case, asking if user_id is None and case is None else user_id)
        own = found is not None and found.person.user_id == asking
        if particular and not own and not _may_read_others(interaction):
            raise Declined(say("transcript-not-yours"))  # the same whether there is one or not
        if found is None:
            raise Declined(say("transcript-none"))
        return found

    async def _look(self, guild_id: int | None, case: str | None, user_id: int | None) -> Conversation | None:
        async with self._desk.store.read() as session:
            if case is not None and guild_id is not None:
                found = await of_case(session, guild_id, case)
                fits = found is not None and user_id in {None, found.person.user_id}
                return found if fits else None
            return None if user_id is None else await conversations.newest_of(session, user_id, guild_id)

    async def write(self, say: Say, conversation: Conversation, *, reader: int) -> tuple[str, hikari.Bytes]:
        """Write the file and the sentence that goes with it.

        Args:
            say: the reader's language.
            conversation: which.
            reader: who gets it; noted in the log where it is not the member.
        """
        async with self._desk.store.read() as session:
            parts = await history(session, conversation)
        guild = self._desk.bot.cache.get_guild(conversation.person.guild_id)
        written = document(self._pages, say, parts, server=guild.name if guild else "Discord")
        if reader != conversation.person.user_id:
            self._desk.log.info("transcript read by staff", conversation=conversation.id, reader=reader)
        file = hikari.Bytes(written.content, written.name, mimetype="text/html")
        return say("transcript-here", n=written.lines), file

    async def pressed(self, context: ComponentContext) -> None:
        """The button under the summary was pressed."""
        in_server = context.interaction.guild_id is not None
        await context.defer(ephemeral=in_server)
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=int(context.data))
        if conversation is None or conversation.person.user_id != int(context.interaction.user.id):
            raise Declined(context.say("transcript-not-yours"))
        text, file = await self.write(context.say, conversation, reader=conversation.person.user_id)
        await context.respond(text, attachments=[file], ephemeral=in_server)


def _may_read_others(interaction: hikari.CommandInteraction) -> bool:
    member = interaction.member
    wanted = hikari.Permissions.MANAGE_MESSAGES | hikari.Permissions.ADMINISTRATOR
    return member is not None and bool(member.permissions & wanted)
