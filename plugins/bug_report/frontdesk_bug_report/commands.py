"""/bug: opens the form; the form becomes a post and a case."""

from collections.abc import Iterable

import hikari
import lightbulb
from frontdesk import (
    FILE_LIMIT,
    AttachedFile,
    Command,
    Declined,
    Desk,
    Drafts,
    Handed,
    Intake,
    Modal,
    ModalContext,
    Post,
    Say,
    find_channel,
    new_post,
    person_of,
    shortened,
    without_masked_links,
)
from hikari.impl import ModalActionRowBuilder

from frontdesk_bug_report.report import FORM, BugReport, Length
from frontdesk_bug_report.settings import BugReportSettings

BugDesk = Desk[BugReportSettings]
Screenshot = AttachedFile | None

_STYLES = {Length.LINE: hikari.TextInputStyle.SHORT, Length.PARAGRAPH: hikari.TextInputStyle.PARAGRAPH}


def bug_commands(desk: BugDesk, drafts: Drafts[Screenshot]) -> Iterable[Command]:
    """Make /bug."""

    class Bug(
        lightbulb.SlashCommand,
        name="bug_report:command.bug.name",
        description="bug_report:command.bug.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        screenshot = lightbulb.attachment(
            "bug_report:command.bug.screenshot.name",
            "bug_report:command.bug.screenshot.description",
            localize=True,
            default=None,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            say = desk.say_to(ctx.interaction)
            if self.screenshot is not None and self.screenshot.size > FILE_LIMIT:
                raise Declined(say("file-too-large", megabytes=FILE_LIMIT // 1024**2))
            key = str(int(ctx.interaction.id))
            drafts.keep(key, AttachedFile.of(self.screenshot) if self.screenshot else None)
            # The second part tells, after a restart, whether a screenshot was forgotten.
            custom_id = desk.custom_id("report", f"{key}:{'with' if self.screenshot else 'without'}")
            await ctx.respond_with_modal(say("form.title"), custom_id, components=_rows(say))

    return [Bug]


def bug_modal(desk: BugDesk, intake: Intake, drafts: Drafts[Screenshot]) -> Modal:
    """Make the form's handler."""

    async def submitted(ctx: ModalContext) -> None:
        interaction = ctx.interaction
        if interaction.member is None or interaction.guild_id is None:
            raise Declined(ctx.say("server-only"))
        await ctx.defer()
        key, _, file = ctx.data.partition(":")
        guild_id = int(interaction.guild_id)
        person = person_of(interaction.member, guild_id=guild_id, locale=str(interaction.locale), bot=desk.bot)
        report = BugReport.filled_in(key, person, ctx.fields)
        if not (report.summary and report.happened):
            raise Declined(ctx.say("empty"))
        screenshot = drafts.take(key)
        team_say = desk.say(None, guild_id)
        handed = await intake.hand_in(
            key,
            post=await _post(desk, report, screenshot, team_say),
            request=report.case_request(team_say, [screenshot.for_case()] if screenshot else []),
            case=desk.settings_for(guild_id).open_case,
        )
        answer = _answer(ctx.say, report, handed)
        if file == "with" and screenshot is None:
            answer = f"{answer}\n{ctx.say('screenshot-forgotten')}"
        await ctx.respond(answer)

    return Modal("report", submitted)


def _rows(say: Say) -> list[ModalActionRowBuilder]:
    return [
        ModalActionRowBuilder().add_text_input(
            blank.name,
            say(f"form.{blank.name}"),
            style=_STYLES[blank.length],
            placeholder=say(f"form.{blank.name}-hint"),
            required=blank.required,
            min_length=3 if blank.required else 0,
            max_length=blank.limit,
        )
        for blank in FORM
    ]


async def _post(desk: BugDesk, report: BugReport, screenshot: Screenshot, say: Say) -> Post | None:
    """Describe the post for the team, in the server's language; None if its channel is missing."""
    settings = desk.settings_for(report.person.guild_id)
    channel = await find_channel(desk.bot, report.person.guild_id, settings.channel)
    if channel is None:
        desk.log.error("bug report's channel is missing", channel=settings.channel, guild_id=report.person.guild_id)
        return None
    embed = hikari.Embed(title=report.summary, description=without_masked_links(report.happened), color=settings.color)
    for label, text in report.details(say).items():
        embed.add_field(label, shortened(without_masked_links(text), 1024))
    embed.add_field(say("post.reporter"), f"<@{report.person.user_id}>")
    embed.set_footer(say("post.footer", name=report.person.name))
    return new_post(desk.bot, int(channel.id), embed, file=screenshot)


def _answer(say: Say, report: BugReport, handed: Handed) -> str:
    if handed.pending:
        return say("pending")
    if handed.lost:
        return f"{say('lost')}\n>>> {shortened(report.summary + chr(10) + report.happened, 1500)}"
    if handed.posted and handed.number:
        return say("posted-with-case", number=handed.number)
    if handed.number:
        return say("case-only", number=handed.number)
    return say("posted")
