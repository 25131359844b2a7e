"""An office for tests of the cases' domain: all its parts on one ledger, with a clock that can be set."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from frontdesk import Case, CaseRequest, CaseStatus, Line, Person, Speaker, Store
from frontdesk.tables import CORE
from frontdesk_cases.assignment import Assignment
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, Event, TimelineEntry
from frontdesk_cases.conversation import CaseConversation
from frontdesk_cases.followup import FollowUp
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.relations import Relations
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES
from frontdesk_cases.work import CaseWork
from sqlalchemy.ext.asyncio import AsyncSession

MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
GUILD = 9_000_000_000_000_000_001
MINA = Person(7_000_000_000_000_000_001, GUILD, "Mina", "en-US", MONDAY - timedelta(days=900), MONDAY, ("VIP",))
NOOR = Actor("discord:1", "Noor")
OMID = Actor("flex:omid", "Omid")
BUG = CaseRequest(key="bug:1", kind="bug", title="The lantern is out", description="It went out.", person=MINA)


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def follow(self, _session: AsyncSession, event: Event) -> None:
        self.events.append(event)


@dataclass
class Office:
    """The cases plugin without Discord and the web."""

    store: Store
    settings: CasesSettings
    now: datetime = MONDAY
    heard: Listener = field(default_factory=Listener)

    def __post_init__(self) -> None:
        self.ledger = Ledger(
            self.store,
            lambda: self.now,
            lambda _guild_id: self.settings,
            followers=[self.heard],
            rules=[Assignment(lambda _guild_id: self.settings)],
        )
        self.book = CaseBook(self.ledger)
        self.work = CaseWork(self.ledger)
        self.relations = Relations(self.ledger)
        self.conversation = CaseConversation(self.ledger)
        self.followup = FollowUp(self.ledger, [self.settings])

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    async def open(self, key: str = "bug:1", **more: Any) -> CaseRecord:
        """Open a case."""
        return (await self.book.open(replace(BUG, key=key, **more))).case

    async def case(self, case_id: int) -> CaseRecord:
        """Read a case."""
        found = await self.book.find(case_id)
        assert found is not None
        return found

    async def kinds(self, case_id: int) -> list[EntryKind]:
        """Read what its timeline tells."""
        return [entry.kind for entry in await self.book.timeline(case_id)]

    async def changes(self, case_id: int) -> list[tuple[str, str, str]]:
        """Read the changes of its fields."""
        return [
            (entry.data["what"], entry.data["before"], entry.data["after"])
            for entry in await self.book.timeline(case_id)
            if entry.kind is EntryKind.CHANGE
        ]

    async def clocks(self, case_id: int) -> list[tuple[str, str]]:
        """Read what its clocks have told."""
        return [
            (entry.data["clock"], entry.data["state"])
            for entry in await self.book.timeline(case_id)
            if entry.kind is EntryKind.CLOCK
        ]


async def open_office(store: Store, **settings: Any) -> Office:
    """Set an office up on a database."""
    await store.upgrade([CORE, TABLES])
    return Office(store, CasesSettings.model_validate(settings))


def line(text: str, speaker: Speaker = Speaker.MEMBER, at: datetime = MONDAY) -> Line:
    """Say something in a conversation."""
    return Line(speaker, "Mina" if speaker is Speaker.MEMBER else "Omid", text, at)


def shown(case_id: int) -> Case:
    """Give a case as the other plugins see it."""
    return Case(case_id, MINA.guild_id, "CASE-1", "bug", "", CaseStatus.OPEN, MINA, "", MONDAY)


def texts(entries: Sequence[TimelineEntry], kind: EntryKind) -> list[str]:
    """Give what was said in entries of a kind."""
    return [entry.text for entry in entries if entry.kind is kind]
