"""How members come in from a server: who may, what they are asked first, and what they are told where they asked."""

import asyncio
from dataclasses import replace

import hikari
from frontdesk import ComponentContext, Declined, Desk, ModalContext, Person, Say, outcomes, person_of
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import arrivals, blocks, conversations
from frontdesk_helpdesk.admission import Admission, Admissions, Admitted
from frontdesk_helpdesk.arrivals import Arrival
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.eligibility import Applicant, Refusal, refusal
from frontdesk_helpdesk.forms import category_row, question_rows
from frontdesk_helpdesk.outbox import lane_of
from frontdesk_helpdesk.questions import answered, questions_for
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.visits import ComponentVisit, ModalVisit, Visit

ENTER, CATEGORY, FORM = "enter", "category", "form"
"""Actions of the panel's button, of the category menu, and of the form."""

_PROMPTLY = 4.0  # seconds until a member is told that it takes longer
_AS_LONG_AS_WE_MAY_ANSWER = 13 * 60.0  # seconds; an interaction can be answered for 15 minutes


class Entrance:
    """The ways in from a server, and what all ways in share.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        admissions: opens them.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, admissions: Admissions) -> None:
        self._desk = desk
        self._bridge = bridge
        self._admissions = admissions

    async def come_in(self, visit: Visit, note: str = "") -> None:
        """Somebody asks for help in a server.

        Args:
            visit: what they did.
            note: what they said with it.

        Raises:
            Declined: if they may not come in.
        """
        member, guild_id = visit.interaction.member, visit.interaction.guild_id
        if member is None or guild_id is None:
            raise Declined(visit.say("how-to-begin"))
        person = person_of(member, guild_id=int(guild_id), locale=str(visit.interaction.locale), bot=self._desk.bot)
        settings = self._desk.settings_for(person.guild_id)
        if settings.categories or not settings.questions:
            await visit.defer()  # a form must be the first answer
        async with self._desk.store.begin() as session:
            known = await conversations.newest_of(session, person.user_id)
            is_open = known is not None and known.ended_at is None
            if not is_open:
                await self.check(session, member, person, visit.say)
            if (earlier := await arrivals.waiting(session, person.user_id)) is not None:
                await arrivals.add_note(session, earlier, note)
                minutes = await self._admissions.minutes_left(session, earlier)
            else:
                first_id, now = int(visit.interaction.id), self._desk.now()
                arrival = await arrivals.keep(session, person.user_id, person, first_id=first_id, note=note, now=now)
        if earlier is not None:
            await visit.show(visit.say("in-line", n=minutes))
        elif is_open:
            await self.finish(visit, arrival)
        else:
            await self.go_on(visit, arrival)

    async def check(
        self, session: AsyncSession, member: hikari.Member, person: Person, say: Say, *, continuing: bool = False
    ) -> None:
        """Make sure that somebody may open a conversation.

        Args:
            session: a transaction.
            member: as Discord knows them in the server.
            person: the same in our words.
            say: their language.
            continuing: whether they go on with an ended conversation, for which nobody has to pause.

        Raises:
            Declined: otherwise, with the reason.
        """
        ids = (str(int(role_id)) for role_id in member.role_ids)
        applicant = Applicant(
            account_created=member.created_at,
            joined_at=person.joined_at,
            roles=(*person.roles, *ids),
            last_end=None if continuing else await blocks.last_end(session, person.guild_id, person.user_id),
            block=await blocks.find(session, person.guild_id, person.user_id),
        )
        rules = self._desk.settings_for(person.guild_id).eligibility
        refused = refusal(rules, applicant, self._desk.now())
        if refused is not None:
            self._desk.log.info("not let in", user=person.user_id, guild=person.guild_id, reason=refused.reason.value)
            raise Declined(self._refusal_text(say, refused))

    async def check_again(self, person: Person) -> None:
        """Make sure that somebody may go on with a conversation that has ended.

        Raises:
            Declined: otherwise, with the reason.
        """
        say = self._bridge.say(person)
        try:
            member = await self._desk.rest.fetch_member(person.guild_id, person.user_id)
        except hikari.NotFoundError:
            raise Declined(say("no-shared-server")) from None
        present = person_of(member, guild_id=person.guild_id, locale=person.locale, bot=self._desk.bot)
        async with self._desk.store.read() as session:
            await self.check(session, member, present, say, continuing=True)

    def _refusal_text(self, say: Say, refused: Refusal) -> str:
        moment = "" if refused.until is None else f"<t:{int(refused.until.timestamp()) + 1}:f>"
        roles = [self._role_name(role) for role in refused.roles]
        return say(f"refused-{refused.reason.value}", moment=moment, roles=", ".join(roles))

    def _role_name(self, role: str) -> str:
        known = self._desk.bot.cache.get_role(int(role)) if role.isdecimal() else None
        return role if known is None else known.name

    async def go_on(self, visit: Visit, arrival: Arrival) -> None:
        """Ask what is to be asked next; when all is said, open the conversation."""
        assert arrival.person is not None
        settings = self._desk.settings_for(arrival.person.guild_id)
        if settings.categories and arrival.category is None:
            row = category_row(visit.say, self._desk.custom_id(CATEGORY, str(arrival.id)), settings.categories)
            await visit.show(visit.say("choose-category"), [row])
        elif questions := questions_for(settings.questions, settings.categories, arrival.category):
            title = (arrival.category or visit.say("form-title"))[:45]
            await visit.modal(title, self._desk.custom_id(FORM, str(arrival.id)), question_rows(questions))
        else:
            await visit.defer()
            await self.finish(visit, arrival)

    async def go_on_in_place(self, context: ComponentContext, arrival: Arrival) -> None:
        """Do the same where the message with the menu or button gives way to the next step."""
        assert arrival.person is not None
        settings = self._desk.settings_for(arrival.person.guild_id)
        visit = ComponentVisit(context, in_place=True)
        if not settings.categories and not settings.questions:
            guild = self._desk.bot.cache.get_guild(arrival.person.guild_id)
            await visit.show(visit.say("server-chosen", server=guild.name if guild else str(arrival.person.guild_id)))
            async with self._desk.store.begin() as session:
                await self._admissions.admit(session, arrival)
        else:
            await self.go_on(visit, arrival)

    async def entered(self, context: ComponentContext) -> None:
        """The panel's button was pressed."""
        await self.come_in(ComponentVisit(context))

    async def chose_category(self, context: ComponentContext) -> None:
        """A category was chosen."""
        arrival = await self.arrival_of(context)
        async with self._desk.store.begin() as session:
            await arrivals.told_what(session, arrival.id, category=context.values[0])
            present = await arrivals.find(session, arrival.id)
        if present is not None:
            await self.go_on(ComponentVisit(context), present)

    async def sent_form(self, context: ModalContext) -> None:
        """The form was sent."""
        await context.defer()
        arrival = await self.arrival_of(context)
        assert arrival.person is not None
        settings = self._desk.settings_for(arrival.person.guild_id)
        questions = questions_for(settings.questions, settings.categories, arrival.category)
        async with self._desk.store.begin() as session:
            await arrivals.told_what(session, arrival.id, answers=answered(questions, context.fields))
        await self.finish(ModalVisit(context), arrival)

    async def arrival_of(self, context: ComponentContext | ModalContext) -> Arrival:
        """Find whom a menu or form belongs to.

        Raises:
            Declined: if it has been used, is too old, or is another's.
        """
        async with self._desk.store.read() as session:
            arrival = await arrivals.find(session, int(context.data)) if context.data.isdecimal() else None
        if arrival is None or arrival.queued or arrival.user_id != int(context.interaction.user.id):
            raise Declined(context.say("form-used"))
        locale = str(context.interaction.locale)
        if arrival.person is None or arrival.person.locale == locale:
            return arrival
        person = replace(arrival.person, locale=locale)  # a plain direct message does not tell the language
        async with self._desk.store.begin() as session:
            await arrivals.told_who(session, arrival.id, person)
        return replace(arrival, person=person)

    async def finish(self, visit: Visit, arrival: Arrival) -> None:
        """All is said: open the conversation, and tell where it is.

        Args:
            visit: answered already, or deferred.
            arrival: who.
        """
        async with self._desk.store.begin() as session:
            admission = await self._admissions.admit(session, arrival)
            minutes = await self._admissions.minutes_left(session, arrival)
        if admission is None:
            await visit.show(visit.say("in-line", n=minutes))
            return
        try:
            admitted = await asyncio.wait_for(asyncio.shield(admission), _PROMPTLY)
        except TimeoutError:
            await visit.show(visit.say("in-line", n=minutes))
            self._desk.create_task(self._tell_later(visit, admission), name="tell somebody in line")
        else:
            await visit.show(await self._told(visit.say, admitted))

    async def _tell_later(self, visit: Visit, admission: Admission) -> None:
        try:
            admitted = await asyncio.wait_for(asyncio.shield(admission), _AS_LONG_AS_WE_MAY_ANSWER)
            await visit.show(await self._told(visit.say, admitted))
        except (TimeoutError, hikari.HikariError):
            self._desk.log.info("somebody in line will see the greeting, but no answer where they asked")

    async def _told(self, say: Say, admitted: Admitted) -> str:
        """Put into words what became of it; only sending the greeting tells whether direct messages are closed."""
        if admitted.conversation_id is None:
            return say("dm-closed" if admitted.reason == "dm-closed" else "not-opened")
        records = await outcomes(self._desk.journal, lane_of(admitted.conversation_id, "discord"), deadline=5.0)
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=admitted.conversation_id)
        if conversation is None:
            return say("not-opened")
        if conversation.in_thread:
            return say("look-in-the-thread" if admitted.is_new else "already-open", link=conversation.link)
        if any(record.reason == "dm-closed" for record in records.values()):
            return say("dm-closed")
        return say("look-in-your-messages" if admitted.is_new else "already-open", link=conversation.link)

    async def talk(self, context: ComponentContext) -> None:
        """The button for a person was pressed."""
        await context.defer()
        await self._must_be_theirs(context)
        taken = await self._bridge.member_pressed_talk(
            int(context.data), key=f"press:{context.interaction.id}", text=context.say("button-talk")
        )
        await context.respond(context.say("request-taken" if taken else "request-not-taken"))

    async def cancel(self, context: ComponentContext) -> None:
        """The button that takes the request for a person back was pressed."""
        await context.defer()
        await self._must_be_theirs(context)
        taken = await self._bridge.progress.take_back(int(context.data))
        await context.respond(context.say("cancel-taken" if taken else "cancel-not-taken"))

    async def _must_be_theirs(self, context: ComponentContext) -> None:
        """Refuse others who see a private thread, such as moderators.

        Raises:
            Declined: if the conversation is not theirs.
        """
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=int(context.data))
        if conversation is not None and conversation.person.user_id != int(context.interaction.user.id):
            raise Declined(context.say("not-your-conversation"))
