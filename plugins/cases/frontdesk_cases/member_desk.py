"""What members do with their own cases in Discord: look, add, open again, close."""

from collections.abc import Iterable
from dataclasses import replace

import hikari
from frontdesk import CaseStatus, Component, ComponentContext, Declined, Desk, Modal, ModalContext, Say
from hikari.api import MessageActionRowBuilder

from frontdesk_cases import buttons
from frontdesk_cases.book import CaseBook
from frontdesk_cases.buttons import Action
from frontdesk_cases.cases import OPEN_STATUSES, Actor, CaseRecord
from frontdesk_cases.changes import Change, SetStatus
from frontdesk_cases.conversation import CaseConversation
from frontdesk_cases.problems import declined
from frontdesk_cases.reading import Reading
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.work import CaseWork

SHOWN = 10
"""A person's cases on one page; 10 lines of titles stay below Discord's 2,000 characters."""

_MOST_PAGES = 100
_OPTION = 100  # characters of an option of a menu

Rows = list[MessageActionRowBuilder]


class MemberDesk:
    """Shows members their cases, and takes what they do with them.

    Args:
        desk: what the plugin was given.
        book: where the cases are.
        work: changes them.
        conversation: takes what members add.
    """

    def __init__(
        self, desk: Desk[CasesSettings], book: CaseBook, work: CaseWork, conversation: CaseConversation
    ) -> None:
        self._desk = desk
        self._book = book
        self._work = work
        self._conversation = conversation

    def components(self) -> Iterable[Component | Modal]:
        """Give what the buttons, menus and forms do."""
        return [
            Component(Action.MINE.value, self._turned),
            Component(Action.PICK.value, self._picked),
            Component(Action.DETAILS.value, self._asked_details),
            Component(Action.REPLY.value, self._asked_reply),
            Modal(Action.REPLY.value, self._replied),
            Component(Action.REOPEN.value, self._reopened),
            Component(Action.CLOSE.value, self._closed),
        ]

    async def page(self, say: Say, guild_id: int, user_id: int, page: int = 0) -> tuple[str, Rows]:
        """Write a page of somebody's cases, the newest first, with a menu to choose one.

        Args:
            say: their language.
            guild_id: the server.
            user_id: the person.
            page: from 0.
        """
        page = min(max(page, 0), _MOST_PAGES)
        cases = list(await self._book.of_person(guild_id, user_id, (page + 1) * SHOWN + 1))[page * SHOWN :]
        if not cases:
            return say("my-cases-none"), []
        reading = Reading(self._desk, say, guild_id)
        shown = cases[:SHOWN]
        text = "\n".join([say("my-cases"), *(reading.line(case) for case in shown)])
        rows = [self._menu(say, reading, guild_id, shown)]
        turns = [("button-newer", page - 1)] if page else []
        turns += [("button-older", page + 1)] if len(cases) > SHOWN else []
        if turns:
            row = self._desk.rest.build_message_action_row()
            for label, number in turns:
                custom_id = self._desk.custom_id(Action.MINE.value, f"{guild_id}:{number}")
                row.add_interactive_button(hikari.ButtonStyle.SECONDARY, custom_id, label=say(label))
            rows.append(row)
        return text, rows

    def _menu(self, say: Say, reading: Reading, guild_id: int, cases: list[CaseRecord]) -> MessageActionRowBuilder:
        row = self._desk.rest.build_message_action_row()
        custom_id = self._desk.custom_id(Action.PICK.value, str(guild_id))
        menu = row.add_text_menu(custom_id, placeholder=say("pick-case"), min_values=1, max_values=1)
        for case in cases:
            menu.add_option(f"{reading.number(case)} {case.title}"[:_OPTION], str(case.id))
        return row

    async def _turned(self, ctx: ComponentContext) -> None:
        guild_id, _, page = ctx.data.partition(":")
        say = self._say(ctx, int(guild_id))
        text, rows = await self.page(say, int(guild_id), int(ctx.interaction.user.id), int(page or 0))
        await ctx.update(text, components=rows)

    async def _picked(self, ctx: ComponentContext) -> None:
        case = await self._own(ctx, int(ctx.values[0]))
        text, rows = await self._details(ctx, case)
        back = self._desk.rest.build_message_action_row()
        custom_id = self._desk.custom_id(Action.MINE.value, f"{case.guild_id}:0")
        label = self._say(ctx, case.guild_id)("button-mine")
        back.add_interactive_button(hikari.ButtonStyle.SECONDARY, custom_id, label=label)
        await ctx.update(text, components=[*rows, back])

    async def _asked_details(self, ctx: ComponentContext) -> None:
        case = await self._own(ctx, int(ctx.data))
        text, rows = await self._details(ctx, case)
        await ctx.respond(text, components=rows)

    async def _details(self, ctx: ComponentContext, case: CaseRecord) -> tuple[str, Rows]:
        say = self._say(ctx, case.guild_id)
        text = Reading(self._desk, say, case.guild_id).for_member(case, await self._book.timeline(case.id))
        return text, [buttons.row(self._desk, say, str(case.id), buttons.for_member(case, with_details=False))]

    async def _asked_reply(self, ctx: ComponentContext) -> None:
        case = await self._own(ctx, int(ctx.data))
        say = self._say(ctx, case.guild_id)
        number = Reading(self._desk, say, case.guild_id).number(case)
        form = buttons.text_form(say("reply-label"), say("reply-hint"))
        title = say("reply-title", number=number)[:45]
        await ctx.modal(title, self._desk.custom_id(Action.REPLY.value, str(case.id)), form)

    async def _replied(self, ctx: ModalContext) -> None:
        await ctx.defer()
        case = await self._own(ctx, int(ctx.data))
        say = self._say(ctx, case.guild_id)
        user = ctx.interaction.user
        person = replace(case.person, name=user.display_name or user.username)
        with declined(say):
            after = await self._conversation.add_information(case.id, ctx.fields.get(buttons.TEXT, ""), person)
        await ctx.respond(say("reply-added", number=Reading(self._desk, say, case.guild_id).number(after)))

    async def _reopened(self, ctx: ComponentContext) -> None:
        case = await self._own(ctx, int(ctx.data))
        if case.status in OPEN_STATUSES:
            raise Declined(self._say(ctx, case.guild_id)("is-open-already"))
        await self._moved(ctx, case, SetStatus(CaseStatus.OPEN), "reopened")

    async def _closed(self, ctx: ComponentContext) -> None:
        case = await self._own(ctx, int(ctx.data))
        await self._moved(ctx, case, SetStatus(CaseStatus.CLOSED), "closed")

    async def _moved(self, ctx: ComponentContext, case: CaseRecord, change: Change, sentence: str) -> None:
        user, say = ctx.interaction.user, self._say(ctx, case.guild_id)
        with declined(say):
            await self._work.change(case.id, [change], Actor("", user.display_name or user.username))
        await ctx.respond(say(f"you-{sentence}", number=Reading(self._desk, say, case.guild_id).number(case)))

    async def _own(self, ctx: ComponentContext | ModalContext, case_id: int) -> CaseRecord:
        """The case that goes on; only for the member whose it is."""
        case = await self._book.going_on(case_id)
        if case is None or case.person.user_id != int(ctx.interaction.user.id):
            raise Declined(ctx.say("cannot-no-case"))
        return case

    def _say(self, ctx: ComponentContext | ModalContext, guild_id: int) -> Say:
        """The person's language; in direct messages the server's own choice of one would be missed otherwise."""
        return self._desk.say(str(ctx.interaction.locale), guild_id)
