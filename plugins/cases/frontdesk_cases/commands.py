"""/cases for members; for staff see `staff_commands`."""

from collections.abc import Iterable

import hikari
import lightbulb
from frontdesk import Command, Declined, Desk

from frontdesk_cases.member_desk import MemberDesk
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.staff_commands import staff_commands
from frontdesk_cases.staff_desk import StaffDesk


def case_commands(desk: Desk[CasesSettings], members: MemberDesk, staff: StaffDesk) -> Iterable[Command]:
    """Make the plugin's commands for one bot."""

    class Cases(
        lightbulb.SlashCommand,
        name="cases:command.cases.name",
        description="cases:command.cases.description",
        localize=True,
        contexts=(hikari.ApplicationContextType.GUILD,),
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            say = desk.say_to(ctx.interaction)
            if ctx.guild_id is None:
                raise Declined(say("only-in-server"))
            await ctx.defer(ephemeral=True)
            text, rows = await members.page(say, int(ctx.guild_id), int(ctx.user.id))
            await ctx.respond(text, components=rows, ephemeral=True)

    return [Cases, *staff_commands(desk, staff)]
