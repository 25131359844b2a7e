"""What staff do with cases in Discord: who may, which case is meant, and what they are shown."""

from collections.abc import Iterable, Sequence

import hikari
import lightbulb
from frontdesk import (
    CaseStatus,
    Component,
    ComponentContext,
    Declined,
    Desk,
    Modal,
    ModalContext,
    Role,
    Say,
    find_staff,
    role_of,
    staff_member,
)
from hikari.api import MessageActionRowBuilder

from frontdesk_cases import buttons
from frontdesk_cases.book import CaseBook
from frontdesk_cases.buttons import Action
from frontdesk_cases.cases import Actor, CaseRecord
from frontdesk_cases.changes import Change, SetStatus, Take
from frontdesk_cases.problems import declined
from frontdesk_cases.reading import Reading
from frontdesk_cases.routes import case_path
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.work import CaseWork

NOBODY = "-"
"""The value of the choice to assign a case to nobody."""

_SUGGESTED = 25  # Discord's developer documentation, "Application Command Object"
_CHOICE = 100


def actor_of(user: hikari.User) -> Actor:
    """Name a member of staff as the pages do."""
    return Actor(f"discord:{int(user.id)}", user.display_name or user.username)


class StaffDesk:
    """Takes what staff do.

    Args:
        desk: what the plugin was given.
        book: where the cases are.
        work: changes them.
    """

    def __init__(self, desk: Desk[CasesSettings], book: CaseBook, work: CaseWork) -> None:
        self._desk = desk
        self.book = book
        self.work = work

    def components(self) -> Iterable[Component | Modal]:
        """Give what the buttons and forms do."""
        return [
            Component(Action.TAKE.value, self._taken),
            Component(Action.RESOLVE.value, self._resolved),
            Component(Action.NOTE.value, self._asked_note),
            Modal(Action.NOTE.value, self._noted),
        ]

    # Commands

    async def begin(self, ctx: lightbulb.Context, least: Role = Role.AGENT) -> tuple[int, Say]:
        """Make sure that the person may do this, and promise an answer.

        Raises:
            Declined: otherwise.
        """
        say = self._desk.say_to(ctx.interaction)
        role = role_of(self._desk, ctx.interaction.member)
        if ctx.guild_id is None:
            raise Declined(say("only-in-server"))
        if role is None or not role.includes(least):
            raise Declined(say("staff-only"))
        await ctx.defer(ephemeral=True)
        return int(ctx.guild_id), say

    async def named(self, say: Say, guild_id: int, typed: str) -> CaseRecord:
        """Find the case that is meant by ``1042`` or ``CASE-1042``; of merged ones the one that goes on.

        Raises:
            Declined: there is none in this server.
        """
        number = self._digits(guild_id, typed)
        case = await self.book.by_number(guild_id, int(number)) if number.isdecimal() and len(number) < 10 else None
        case = None if case is None else await self.book.going_on(case.id)
        if case is None:
            raise Declined(say("cannot-no-case"))
        return case

    def _digits(self, guild_id: int, typed: str) -> str:
        prefix = self._desk.settings_for(guild_id).prefix
        text = typed.strip()
        return text[len(prefix) :] if prefix and text.casefold().startswith(prefix.casefold()) else text

    async def assignee(self, say: Say, guild_id: int, typed: str) -> Actor | None:
        """Find who is meant: a suggestion's value, a mention, or a name; None for nobody.

        Raises:
            Declined: it is nobody of the staff.
        """
        text = typed.strip()
        if text == NOBODY:
            return None
        known = [one for one in await self.book.assignees(guild_id, _SUGGESTED) if text in {one.id, one.name}]
        id_ = text.removeprefix("discord:").strip("<@!>")
        if id_.isdecimal():
            member = await staff_member(self._desk, guild_id, int(id_))
            if member is not None:
                return actor_of(member)
        else:
            found = [actor_of(member) for member in await find_staff(self._desk, guild_id, text.lstrip("@"))]
            known += [one for one in found if one.id not in {each.id for each in known}]
        if len(known) != 1:
            raise Declined(say("assign-unknown"))
        return known[0]

    async def show(self, say: Say, case: CaseRecord) -> tuple[str, Sequence[MessageActionRowBuilder]]:
        """Write a case, with buttons."""
        timeline = await self.book.timeline(case.id)
        return Reading(self._desk, say, case.guild_id).for_staff(case, timeline), [self.row(say, case)]

    def row(self, say: Say, case: CaseRecord) -> MessageActionRowBuilder:
        """Lay out what staff can do with a case."""
        actions = [Action.TAKE, Action.RESOLVE, Action.NOTE] if case.is_open else [Action.NOTE]
        row = buttons.row(self._desk, say, str(case.id), actions)
        row.add_link_button(self._desk.url(case_path(case.id)), label=say("button-page"))
        return row

    # Suggestions

    async def suggest_cases(self, ctx: lightbulb.AutocompleteContext[str]) -> None:
        """Suggest cases by number and title; to staff alone."""
        guild_id, typed = self._asking(ctx)
        if guild_id is None:
            await ctx.respond([])
            return
        reading = Reading(self._desk, self._desk.say_to(ctx.interaction), guild_id)
        cases = await self.book.suggest(guild_id, self._digits(guild_id, typed), _SUGGESTED)
        await ctx.respond([(f"{reading.number(case)} {case.title}"[:_CHOICE], str(case.number)) for case in cases])

    async def suggest_assignees(self, ctx: lightbulb.AutocompleteContext[str]) -> None:
        """Suggest who can be given a case: oneself, staff with such a name, and who has cases already."""
        guild_id, typed = self._asking(ctx)
        if guild_id is None:
            await ctx.respond([])
            return
        say = self._desk.say_to(ctx.interaction)
        people = [actor_of(member) for member in await find_staff(self._desk, guild_id, typed)]
        known = [actor_of(ctx.interaction.user), *await self.book.assignees(guild_id, _SUGGESTED)]
        people += [one for one in known if typed.casefold() in one.name.casefold()]
        choices = {one.id: one.name[:_CHOICE] for one in people if one.name}
        if not typed or typed == NOBODY:
            choices[NOBODY] = say("assign-nobody")
        await ctx.respond([(name, id_) for id_, name in list(choices.items())[:_SUGGESTED]])

    async def suggest_statuses(self, ctx: lightbulb.AutocompleteContext[str]) -> None:
        """Suggest statuses, by their names in the person's language."""
        _, typed = self._asking(ctx)
        names = self._statuses(self._desk.say_to(ctx.interaction))
        await ctx.respond(
            [(name, status.value) for name, status in names.items() if typed.casefold() in name.casefold()]
        )

    def status(self, say: Say, typed: str) -> CaseStatus:
        """Find the status that is meant: a suggestion's value, or a name.

        Raises:
            Declined: there is none such.
        """
        text = typed.strip().casefold()
        for name, status in self._statuses(say).items():
            if text in {status.value, name.casefold()}:
                return status
        raise Declined(say("no-such-status"))

    def _statuses(self, say: Say) -> dict[str, CaseStatus]:
        return {say(f"status-{status.value}"): status for status in CaseStatus}

    def _asking(self, ctx: lightbulb.AutocompleteContext[str]) -> tuple[int | None, str]:
        role, guild_id = role_of(self._desk, ctx.interaction.member), ctx.interaction.guild_id
        allowed = role is not None and guild_id is not None
        return (int(guild_id) if allowed and guild_id else None), str(ctx.focused.value or "").strip()

    # Buttons

    async def _taken(self, ctx: ComponentContext) -> None:
        case = await self._theirs(ctx)
        await self._changed(ctx, case, Take(actor_of(ctx.interaction.user)), "case-taken")

    async def _resolved(self, ctx: ComponentContext) -> None:
        case = await self._theirs(ctx)
        await self._changed(ctx, case, SetStatus(CaseStatus.RESOLVED), "case-resolved")

    async def _changed(self, ctx: ComponentContext, case: CaseRecord, change: Change, sentence: str) -> None:
        await ctx.defer()
        with declined(ctx.say):
            after = await self.work.change(case.id, [change], actor_of(ctx.interaction.user))
        await ctx.respond(ctx.say(sentence, number=Reading(self._desk, ctx.say, case.guild_id).number(after)))

    async def _asked_note(self, ctx: ComponentContext) -> None:
        case = await self._theirs(ctx)
        number = Reading(self._desk, ctx.say, case.guild_id).number(case)
        form = buttons.text_form(ctx.say("note-label"), ctx.say("note-hint"))
        title = ctx.say("note-title", number=number)[:45]
        await ctx.modal(title, self._desk.custom_id(Action.NOTE.value, str(case.id)), form)

    async def _noted(self, ctx: ModalContext) -> None:
        case = await self._theirs(ctx)
        await ctx.defer()
        with declined(ctx.say):
            await self.work.note(case.id, ctx.fields.get(buttons.TEXT, ""), actor_of(ctx.interaction.user))
        number = Reading(self._desk, ctx.say, case.guild_id).number(case)
        await ctx.respond(ctx.say("case-noted", number=number))

    async def _theirs(self, ctx: ComponentContext | ModalContext) -> CaseRecord:
        """The case of a button; only for staff of its server."""
        role, guild_id = role_of(self._desk, ctx.interaction.member), ctx.interaction.guild_id
        if role is None or guild_id is None or not role.includes(Role.AGENT):
            raise Declined(ctx.say("staff-only"))
        case = await self.book.going_on(int(ctx.data))
        if case is None or case.guild_id != int(guild_id):
            raise Declined(ctx.say("cannot-no-case"))
        return case
