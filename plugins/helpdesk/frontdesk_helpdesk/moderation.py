"""/helpdesk: the block list, and posting the "Get help" panel, for moderators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import hikari
import lightbulb
from babel.dates import format_timedelta
from frontdesk import Command, Declined, Desk, Say, discord_answer, shortened

from frontdesk_helpdesk import blocks, conversations, durations
from frontdesk_helpdesk.eligibility import Block
from frontdesk_helpdesk.entry import ENTER
from frontdesk_helpdesk.forms import button_row
from frontdesk_helpdesk.settings import HelpdeskSettings

PERMISSION = hikari.Permissions.MANAGE_MESSAGES
_COLOR = 0x5865F2
_NOTE_LIMIT = 300
_LISTED = 20  # blocks in one answer; Discord takes 2,000 characters
_SUGGESTED = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 24 * 7, 24 * 30))


def helpdesk_commands(desk: Desk[HelpdeskSettings]) -> Command:
    """Make /helpdesk with its subcommands for one bot."""
    moderation = Moderation(desk)
    group = lightbulb.Group(
        "helpdesk:command.helpdesk.name",
        "helpdesk:command.helpdesk.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
        default_member_permissions=_shown_to(desk),
    )

    @group.register
    class BlockMember(
        lightbulb.SlashCommand,
        name="helpdesk:command.block.name",
        description="helpdesk:command.block.description",
        localize=True,
    ):
        member = lightbulb.user(
            "helpdesk:command.block.member.name", "helpdesk:command.block.member.description", localize=True
        )
        duration = lightbulb.string(
            "helpdesk:command.block.duration.name",
            "helpdesk:command.block.duration.description",
            localize=True,
            default=None,
            max_length=40,
            autocomplete=moderation.suggest_durations,
        )
        reason = lightbulb.string(
            "helpdesk:command.block.reason.name",
            "helpdesk:command.block.reason.description",
            localize=True,
            default=None,
            max_length=_NOTE_LIMIT,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await moderation.begin(ctx)
            until = moderation.until(say, self.duration)
            await moderation.block(ctx, say, self.member, Blocking(guild_id, until, self.reason or ""))

    @group.register
    class UnblockMember(
        lightbulb.SlashCommand,
        name="helpdesk:command.unblock.name",
        description="helpdesk:command.unblock.description",
        localize=True,
    ):
        member = lightbulb.string(
            "helpdesk:command.unblock.member.name",
            "helpdesk:command.unblock.member.description",
            localize=True,
            max_length=100,
            autocomplete=moderation.suggest_blocked,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await moderation.begin(ctx)
            await moderation.unblock(ctx, say, guild_id, self.member)

    @group.register
    class Blocked(
        lightbulb.SlashCommand,
        name="helpdesk:command.blocked.name",
        description="helpdesk:command.blocked.description",
        localize=True,
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await moderation.begin(ctx)
            await moderation.show_blocked(ctx, say, guild_id)

    @group.register
    class Panel(
        lightbulb.SlashCommand,
        name="helpdesk:command.panel.name",
        description="helpdesk:command.panel.description",
        localize=True,
    ):
        channel = lightbulb.channel(
            "helpdesk:command.panel.channel.name",
            "helpdesk:command.panel.channel.description",
            localize=True,
            default=None,
            channel_types=[hikari.ChannelType.GUILD_TEXT, hikari.ChannelType.GUILD_NEWS],
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await moderation.begin(ctx)
            await moderation.post_panel(ctx, say, guild_id, self.channel.id if self.channel else ctx.channel_id)

    return group


@dataclass(frozen=True, slots=True)
class Blocking:
    """What a moderator asked for: where, until when (None: for good), and why."""

    guild_id: int
    until: datetime | None
    note: str


class Moderation:
    """What the subcommands do.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk

    async def begin(self, ctx: lightbulb.Context) -> tuple[int, Say]:
        """Make sure that the person may do this, and promise an answer.

        Raises:
            Declined: otherwise.
        """
        say = self._desk.say_to(ctx.interaction)
        if ctx.guild_id is None or not self._may(ctx.interaction):
            raise Declined(say("moderators-only"))
        await ctx.defer(ephemeral=True)
        return int(ctx.guild_id), say

    def _may(self, interaction: hikari.CommandInteraction | hikari.AutocompleteInteraction) -> bool:
        member = interaction.member
        if member is None or interaction.guild_id is None:
            return False
        if member.permissions & (PERMISSION | hikari.Permissions.ADMINISTRATOR):
            return True
        allowed = {str(role).casefold() for role in self._desk.settings_for(int(interaction.guild_id)).moderators}
        roles = (self._desk.bot.cache.get_role(role_id) for role_id in member.role_ids)
        names = {role.name.casefold() for role in roles if role is not None}
        return bool(allowed & (names | {str(int(role_id)) for role_id in member.role_ids}))

    def until(self, say: Say, duration: str | None) -> datetime | None:
        """Tell when a block that begins now will end.

        Raises:
            Declined: if what was typed is no length of time, or none at all; for good is what nothing typed means.
        """
        if not duration:
            return None
        try:
            length = durations.parse(duration)
        except ValueError:
            length = timedelta(0)
        if not length:
            raise Declined(say("block-bad-duration", text=_plain(shortened(duration, 40))))
        return self._desk.now() + length

    async def block(self, ctx: lightbulb.Context, say: Say, user: hikari.User, what: Blocking) -> None:
        """Block somebody."""
        if user.is_bot:
            raise Declined(say("block-no-bots"))
        guild_id, until = what.guild_id, what.until
        name, by = user.display_name or user.username, ctx.user.display_name or ctx.user.username
        async with self._desk.store.begin() as session:
            await blocks.put(session, Block(guild_id, int(user.id), name, until, what.note, by, self._desk.now()))
            newest = await conversations.newest_of(session, int(user.id))
        self._desk.log.info("blocked", user=int(user.id), guild=guild_id, by=int(ctx.user.id))
        text = say("block-done" if until is None else "block-done-until", name=_plain(name), moment=_moment(until))
        if newest is not None and newest.ended_at is None and newest.person.guild_id == guild_id:
            text = f"{text} {say('block-open-conversation')}"
        await ctx.respond(text, ephemeral=True)

    async def unblock(self, ctx: lightbulb.Context, say: Say, guild_id: int, member: str) -> None:
        """Lift a block; the member is given by the suggestion's id, a mention, or the name."""
        async with self._desk.store.begin() as session:
            known = await blocks.holding(session, guild_id, self._desk.now())
            wanted = member.strip().strip("<@!>")
            found = [block for block in known if wanted == str(block.user_id)]
            found = found or [block for block in known if wanted.removeprefix("@").casefold() == block.name.casefold()]
            if len(found) == 1:
                await blocks.remove(session, guild_id, found[0].user_id)
        if len(found) != 1:
            raise Declined(say("unblock-nobody", name=_plain(shortened(member, 100))))
        self._desk.log.info("unblocked", user=found[0].user_id, guild=guild_id, by=int(ctx.user.id))
        await ctx.respond(say("unblock-done", name=_plain(found[0].name)), ephemeral=True)

    async def show_blocked(self, ctx: lightbulb.Context, say: Say, guild_id: int) -> None:
        """List the blocks that hold."""
        async with self._desk.store.read() as session:
            known = await blocks.holding(session, guild_id, self._desk.now())
        lines = [
            say(
                "blocked-line" if block.until is None else "blocked-line-until",
                name=_plain(block.name),
                moment=_moment(block.until),
                by=_plain(block.by),
                note=_plain(shortened(" ".join(block.note.split()), 60)) or "–",
            )
            for block in known[:_LISTED]
        ]
        more = [say("blocked-more", n=len(known) - _LISTED)] if len(known) > _LISTED else []
        text = "\n".join([say("blocked", n=len(known)), *lines, *more]) if known else say("blocked-nobody")
        await ctx.respond(shortened(text, 2000), ephemeral=True)

    async def post_panel(
        self, ctx: lightbulb.Context, say: Say, guild_id: int, channel_id: hikari.Snowflakeish
    ) -> None:
        """Post the panel, in the language of the server."""
        of_server = self._desk.say(None, guild_id)
        embed = hikari.Embed(title=of_server("panel-title"), description=of_server("panel-text"), color=_COLOR)
        row = button_row(self._desk.custom_id(ENTER, "panel"), of_server("panel-button"))
        try:
            message = await self._desk.rest.create_message(channel_id, embed=embed, components=[row])
        except hikari.HikariError as error:
            self._desk.log.warning("panel not posted", channel=int(channel_id), reason=discord_answer(error).detail)
            raise Declined(say("panel-not-posted", channel=f"<#{int(channel_id)}>")) from error
        link = f"https://discord.com/channels/{guild_id}/{int(channel_id)}/{message.id}"
        await ctx.respond(say("panel-posted", link=link), ephemeral=True)

    async def suggest_durations(self, ctx: lightbulb.AutocompleteContext[str]) -> None:
        """Suggest what was typed, if it can be read, and a few usual lengths."""
        say = self._desk.say_to(ctx.interaction)
        typed = str(ctx.focused.value or "").strip()
        lengths = list(_SUGGESTED)
        try:
            length = durations.parse(typed)
        except ValueError:
            pass
        else:
            lengths = [length] if length else []
        names = {durations.short(each): format_timedelta(each, threshold=1, locale=say.locale) for each in lengths}
        matching = {name: short for short, name in names.items() if not typed or len(lengths) == 1}
        await ctx.respond([(f"{name} ({short})", short) for name, short in matching.items()])

    async def suggest_blocked(self, ctx: lightbulb.AutocompleteContext[str]) -> None:
        """Suggest the members whose blocks hold; only to those who may lift them."""
        guild_id = ctx.interaction.guild_id
        if guild_id is None or not self._may(ctx.interaction):
            await ctx.respond([])
            return
        typed = str(ctx.focused.value or "").strip().removeprefix("@").casefold()
        async with self._desk.store.read() as session:
            known = await blocks.holding(session, int(guild_id), self._desk.now())
        fitting = [block for block in known if typed in block.name.casefold()]
        await ctx.respond([(block.name[:100], str(block.user_id)) for block in fitting[:25]])


def _shown_to(desk: Desk[HelpdeskSettings]) -> hikari.UndefinedOr[hikari.Permissions]:
    """Hide the command from those who may not use it; where roles count, Discord cannot know who that is."""
    tables = [desk.settings, *desk.own_settings.servers.values()]
    return hikari.UNDEFINED if any(table.moderators for table in tables) else PERMISSION


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"<t:{int(moment.timestamp())}:f>"


def _plain(text: str) -> str:
    """Keep a name from being read as Markdown or a mention."""
    return "".join(f"\\{sign}" if sign in r"\*_~`|>#[]()<:@" else sign for sign in text)
