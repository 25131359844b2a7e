"""/case for staff, and "Open a case" in the menu of a message."""

from contextlib import suppress

import hikari
import lightbulb
from frontdesk import CaseFile, CaseRequest, CaseStatus, Command, Declined, Desk, Role, Say, message_link, person_of
from lightbulb import Group

from frontdesk_cases.cases import TITLE_LENGTH
from frontdesk_cases.changes import Change, SetAssignee, SetStatus
from frontdesk_cases.problems import declined
from frontdesk_cases.reading import Reading
from frontdesk_cases.routes import list_path
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.staff_desk import StaffDesk, actor_of

KIND = "request"
"""The kind of cases that staff open in Discord."""

_TEXT = 4000


def staff_commands(desk: Desk[CasesSettings], staff: StaffDesk) -> list[Command]:
    """Make the commands for one bot."""
    group = lightbulb.Group(
        "cases:command.case.name",
        "cases:command.case.description",
        localize=True,
        contexts=(hikari.ApplicationContextType.GUILD,),
        default_member_permissions=_shown_to(desk),
    )
    _add_reading(group, desk, staff)
    _add_changing(group, desk, staff)
    _add_writing(group, desk, staff)
    _add_opening(group, desk, staff)
    return [group, _open_menu(desk, staff)]


def _shown_to(desk: Desk[CasesSettings]) -> hikari.UndefinedOr[hikari.Permissions]:
    """Hide the command from members; where roles of bot.toml count, Discord cannot know who is one of the staff."""
    return hikari.UNDEFINED if desk.staff.names_roles else hikari.Permissions.MANAGE_MESSAGES


def _number(staff: StaffDesk) -> str:
    """The option that names a case; a command's value is a string."""
    return lightbulb.string(
        "cases:command.case.number.name",
        "cases:command.case.number.description",
        localize=True,
        max_length=40,
        autocomplete=staff.suggest_cases,
    )


def _add_reading(group: Group, desk: Desk[CasesSettings], staff: StaffDesk) -> None:
    @group.register
    class CaseShow(
        lightbulb.SlashCommand,
        name="cases:command.case.show.name",
        description="cases:command.case.show.description",
        localize=True,
    ):
        number = _number(staff)

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx, Role.VIEWER)
            text, rows = await staff.show(say, await staff.named(say, guild_id, self.number))
            await ctx.respond(text, components=rows, ephemeral=True)

    @group.register
    class CaseList(
        lightbulb.SlashCommand,
        name="cases:command.case.list.name",
        description="cases:command.case.list.description",
        localize=True,
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx, Role.VIEWER)
            row = desk.rest.build_message_action_row()
            row.add_link_button(desk.url(list_path(guild_id)), label=say("list-open"))
            await ctx.respond(say("list-link"), components=[row], ephemeral=True)


def _add_changing(group: Group, desk: Desk[CasesSettings], staff: StaffDesk) -> None:
    async def change(ctx: lightbulb.Context, say: Say, guild_id: int, number: str, wanted: Change) -> None:
        case = await staff.named(say, guild_id, number)
        with declined(say):
            after = await staff.work.change(case.id, [wanted], actor_of(ctx.user))
        await ctx.respond(Reading(desk, say, guild_id).line(after), ephemeral=True)

    @group.register
    class CaseAssign(
        lightbulb.SlashCommand,
        name="cases:command.case.assign.name",
        description="cases:command.case.assign.description",
        localize=True,
    ):
        number = _number(staff)
        to = lightbulb.string(
            "cases:command.case.assign.to.name",
            "cases:command.case.assign.to.description",
            localize=True,
            max_length=100,
            autocomplete=staff.suggest_assignees,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            assignee = await staff.assignee(say, guild_id, self.to)
            await change(ctx, say, guild_id, self.number, SetAssignee(assignee))

    @group.register
    class CaseStatusCommand(
        lightbulb.SlashCommand,
        name="cases:command.case.status.name",
        description="cases:command.case.status.description",
        localize=True,
    ):
        number = _number(staff)
        status = lightbulb.string(
            "cases:command.case.status.to.name",
            "cases:command.case.status.to.description",
            localize=True,
            max_length=40,
            autocomplete=staff.suggest_statuses,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            await change(ctx, say, guild_id, self.number, SetStatus(staff.status(say, self.status)))


def _add_writing(group: Group, desk: Desk[CasesSettings], staff: StaffDesk) -> None:
    @group.register
    class CaseNote(
        lightbulb.SlashCommand,
        name="cases:command.case.note.name",
        description="cases:command.case.note.description",
        localize=True,
    ):
        number = _number(staff)
        text = lightbulb.string(
            "cases:command.case.text.name",
            "cases:command.case.note.text.description",
            localize=True,
            max_length=_TEXT,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            case = await staff.named(say, guild_id, self.number)
            with declined(say):
                await staff.work.note(case.id, self.text, actor_of(ctx.user))
            await ctx.respond(say("case-noted", number=Reading(desk, say, guild_id).number(case)), ephemeral=True)

    @group.register
    class CaseAnswer(
        lightbulb.SlashCommand,
        name="cases:command.case.answer.name",
        description="cases:command.case.answer.description",
        localize=True,
    ):
        number = _number(staff)
        text = lightbulb.string(
            "cases:command.case.text.name",
            "cases:command.case.answer.text.description",
            localize=True,
            max_length=_TEXT,
        )
        resolve = lightbulb.boolean(
            "cases:command.case.answer.resolve.name",
            "cases:command.case.answer.resolve.description",
            localize=True,
            default=False,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            case = await staff.named(say, guild_id, self.number)
            changes = [SetStatus(CaseStatus.RESOLVED)] if self.resolve else []
            with declined(say):
                await staff.work.answer(case.id, self.text, actor_of(ctx.user), changes)
            await ctx.respond(say("case-answered", number=Reading(desk, say, guild_id).number(case)), ephemeral=True)


def _add_opening(group: Group, desk: Desk[CasesSettings], staff: StaffDesk) -> None:
    @group.register
    class CaseOpen(
        lightbulb.SlashCommand,
        name="cases:command.case.open.name",
        description="cases:command.case.open.description",
        localize=True,
    ):
        member = lightbulb.user(
            "cases:command.case.open.member.name", "cases:command.case.open.member.description", localize=True
        )
        title = lightbulb.string(
            "cases:command.case.open.title.name",
            "cases:command.case.open.title.description",
            localize=True,
            max_length=TITLE_LENGTH,
        )
        description = lightbulb.string(
            "cases:command.case.open.details.name",
            "cases:command.case.open.details.description",
            localize=True,
            default="",
            max_length=_TEXT,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            if self.member.is_bot:
                raise Declined(say("open-no-bots"))
            locale = await staff.book.locale_of(guild_id, int(self.member.id))
            person = person_of(self.member, guild_id=guild_id, locale=locale, bot=desk.bot)
            request = CaseRequest(
                key=f"discord:{int(ctx.interaction.id)}",
                kind=KIND,
                title=self.title,
                description=self.description or self.title,
                person=person,
            )
            await _open(ctx, say, staff, request)


def _open_menu(desk: Desk[CasesSettings], staff: StaffDesk) -> Command:
    class OpenCase(
        lightbulb.MessageCommand,
        name="cases:menu.open",
        localize=True,
        contexts=(hikari.ApplicationContextType.GUILD,),
        default_member_permissions=_shown_to(desk),
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            guild_id, say = await staff.begin(ctx)
            message: hikari.Message = self.target
            if message.author.is_bot:
                raise Declined(say("open-no-bots"))
            await _open(ctx, say, staff, await _of_message(desk, staff, say, message, guild_id))

    return OpenCase


async def _of_message(
    desk: Desk[CasesSettings], staff: StaffDesk, say: Say, message: hikari.Message, guild_id: int
) -> CaseRequest:
    author: hikari.User = message.author
    locale = await staff.book.locale_of(guild_id, int(author.id))
    with suppress(hikari.NotFoundError):  # who has left the server is known by the message alone
        author = await desk.rest.fetch_member(guild_id, message.author.id)
    text = message.content or ""
    files = tuple(
        CaseFile(one.filename, one.url, one.media_type or "application/octet-stream", one.size)
        for one in message.attachments
    )
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    title = first_line or (files[0].name if files else say("open-untitled", name=author.display_name))
    return CaseRequest(
        key=f"message:{int(message.id)}",
        kind=KIND,
        title=title,
        description=text or title,
        person=person_of(author, guild_id=guild_id, locale=locale, bot=desk.bot),
        source_url=message_link(guild_id, {"channel_id": int(message.channel_id), "message_id": int(message.id)}),
        files=files,
    )


async def _open(ctx: lightbulb.Context, say: Say, staff: StaffDesk, request: CaseRequest) -> None:
    opened = await staff.book.open(request, actor_of(ctx.user))
    text, rows = await staff.show(say, opened.case)
    head = say("case-opened-by-you" if opened.new else "case-opened-before")
    await ctx.respond(f"{head}\n{text}"[:2000], components=rows, ephemeral=True)
