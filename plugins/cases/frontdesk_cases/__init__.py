"""Frontdesk plugin: a case for everything that needs following up."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from frontdesk import (
    Case,
    CaseRequest,
    ChangedMessage,
    Command,
    Component,
    Delivery,
    Desk,
    Handoff,
    Modal,
    PeriodicTask,
    Rating,
    RelayedMessage,
    handoff_changed,
    hookimpl,
    message_changed,
    message_relayed,
    open_case,
    rating_given,
    register_commands,
    register_components,
    register_deliveries,
    register_routes,
    register_tasks,
    start,
    stop,
)
from starlette.routing import BaseRoute

from frontdesk_cases.api import CaseApi
from frontdesk_cases.assignment import Assignment
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cabinet import KEEP, Cabinet, Copies, KeepDelivery
from frontdesk_cases.cases import CaseRecord
from frontdesk_cases.commands import case_commands
from frontdesk_cases.conversation import CaseConversation
from frontdesk_cases.dashboard import Dashboard
from frontdesk_cases.deliveries import ANSWER, NOTICE, AnswerDelivery, NoticeDelivery, Telling
from frontdesk_cases.feed import FEED, FeedDelivery, FeedNews
from frontdesk_cases.feed_alarms import ALARM, AlarmDelivery, AlarmNews
from frontdesk_cases.figure_queries import FigureBook
from frontdesk_cases.followup import FollowUp
from frontdesk_cases.ledger import Follower, Ledger
from frontdesk_cases.listing_queries import Listing
from frontdesk_cases.live import Live
from frontdesk_cases.member_desk import MemberDesk
from frontdesk_cases.news import News
from frontdesk_cases.presence import EVERY, Presence
from frontdesk_cases.recent import Recent
from frontdesk_cases.relations import Relations
from frontdesk_cases.routes import case_path, case_routes, members_of
from frontdesk_cases.search import SearchIndex
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.site import Parts, Site
from frontdesk_cases.staff_desk import StaffDesk
from frontdesk_cases.tables import TABLES
from frontdesk_cases.views import Views
from frontdesk_cases.wire import Wire
from frontdesk_cases.work import CaseWork

__all__ = ["Cases"]


class Cases:
    """Opens cases for whoever asks, keeps their timelines, and shows them to staff."""

    api = "1.0"
    Settings = CasesSettings
    tables = TABLES

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self.desk = desk
        self.wire = Wire()
        self.live = Live(desk.store, self.wire)
        self.presence = Presence(desk, self.wire)
        followers: list[Follower] = [
            SearchIndex(), News(desk, self.shown), Copies(desk), Telling(desk), FeedNews(desk),
            AlarmNews(desk), self.live,
        ]  # fmt: skip
        rules = [Assignment(desk.settings_for)]
        ledger = self.ledger = Ledger(desk.store, desk.now, desk.settings_for, followers=followers, rules=rules)
        self.followup = FollowUp(ledger, [desk.settings, *desk.own_settings.servers.values()])
        self.cabinet = Cabinet(desk, ledger)
        self.book = CaseBook(ledger)
        self.listing = Listing(ledger)
        self.views = Views(ledger)
        self.work = CaseWork(ledger)
        self.relations = Relations(ledger)
        self.conversation = CaseConversation(ledger)
        self.parts = Parts(
            book=self.book,
            listing=self.listing,
            work=self.work,
            relations=self.relations,
            cabinet=self.cabinet,
            views=self.views,
            recent=Recent(desk.store, desk.now, desk.settings_for, desk.staff.colleagues),
            wire=self.wire,
            presence=self.presence,
            find_person=members_of(desk),
        )
        self.members = MemberDesk(desk, self.book, self.work, self.conversation)
        self.staff = StaffDesk(desk, self.book, self.work)
        self.site = Site(desk, self.parts)
        figures = FigureBook(ledger)
        self.dashboard = Dashboard(self.site, figures, self.listing)
        self.json_api = CaseApi(desk, self.parts, figures)

    @hookimpl(start)
    async def start(self) -> None:
        await self.live.start()
        await self.presence.start()

    @hookimpl(stop)
    async def stop(self) -> None:
        await self.presence.stop()

    @hookimpl(open_case)
    async def open_case(self, request: CaseRequest) -> Case | None:
        return self.shown((await self.book.open(request)).case)

    @hookimpl(message_relayed)
    async def message_relayed(self, message: RelayedMessage) -> None:
        await self.conversation.record_message(message)

    @hookimpl(message_changed)
    async def message_changed(self, message: ChangedMessage) -> None:
        await self.conversation.record_change(message)

    @hookimpl(handoff_changed)
    async def handoff_changed(self, handoff: Handoff) -> None:
        await self.conversation.record_handoff(handoff)

    @hookimpl(rating_given)
    async def rating_given(self, rating: Rating) -> None:
        await self.conversation.record_rating(rating)

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        return case_commands(self.desk, self.members, self.staff)

    @hookimpl(register_components)
    def register_components(self) -> Iterable[Component | Modal]:
        return [*self.members.components(), *self.staff.components()]

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        return {
            KEEP: KeepDelivery(self.desk, self.cabinet, self.ledger),
            ANSWER: AnswerDelivery(self.desk, self.ledger),
            NOTICE: NoticeDelivery(self.desk, self.ledger),
            FEED: FeedDelivery(self.desk, self.staff),
            ALARM: AlarmDelivery(self.desk),
        }

    @hookimpl(register_routes)
    def register_routes(self) -> Iterable[BaseRoute]:
        return [*self.json_api.routes(), *self.dashboard.routes(), *case_routes(self.site)]

    @hookimpl(register_tasks)
    def register_tasks(self) -> Iterable[PeriodicTask]:
        return [
            PeriodicTask("say who has a case open", EVERY, self.presence.repeat),
            PeriodicTask("look at promises", timedelta(minutes=1), self.followup.look_at_promises),
            PeriodicTask("look at silence", timedelta(minutes=10), self.followup.look_at_silence),
            PeriodicTask("remove old files", timedelta(hours=6), self.cabinet.sweep),
        ]

    def shown(self, case: CaseRecord) -> Case:
        """Give a case as the other plugins see it."""
        settings = self.desk.settings_for(case.guild_id)
        return Case(
            id=case.id,
            guild_id=case.guild_id,
            number=f"{settings.prefix}{case.number}",
            kind=case.kind,
            title=case.title,
            status=case.status,
            person=case.person,
            url=self.desk.url(case_path(case.id)),
            opened_at=case.opened_at,
        )
