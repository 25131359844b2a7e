"""A shelf of cases for tests: opened and changed by the ledger, with the search index at work."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from frontdesk import CaseRequest, Person, Store
from frontdesk.tables import CORE
from frontdesk_cases.book import CaseBook
from frontdesk_cases.cases import Actor, CaseRecord
from frontdesk_cases.changes import Change
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.listing_queries import Listing
from frontdesk_cases.relations import Relations
from frontdesk_cases.search import SearchIndex
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES
from frontdesk_cases.work import CaseWork

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
GUILD = 9_000_000_000_000_000_001
OTHER_GUILD = GUILD + 1
NOOR = Actor("discord:77", "Noor")
MINA = Person(user_id=7_000_000_000_000_000_001, guild_id=GUILD, name="Mina")


@dataclass
class Shelf:
    """Cases, and the ways to them.

    Args:
        store: where they are.
        settings: of all servers.
    """

    store: Store
    settings: CasesSettings = field(default_factory=CasesSettings)
    now: datetime = START

    def __post_init__(self) -> None:
        """Make what works on them."""
        self.ledger = Ledger(self.store, lambda: self.now, lambda _guild: self.settings, followers=[SearchIndex()])
        self.book = CaseBook(self.ledger)
        self.work = CaseWork(self.ledger)
        self.relations = Relations(self.ledger)
        self.listing = Listing(self.ledger)
        self._keys: Iterator[int] = iter(range(10**9))

    async def prepare(self) -> "Shelf":
        """Make the tables."""
        await self.store.upgrade([CORE, TABLES])
        return self

    async def open(
        self, title: str = "My lantern is gone", *, person: Person = MINA, description: str = "", kind: str = "bug"
    ) -> CaseRecord:
        """Open a case."""
        key = f"test:{next(self._keys)}"
        return (await self.book.open(CaseRequest(key, kind, title, description, person))).case

    async def change(self, case: CaseRecord, *changes: Change) -> CaseRecord:
        """Change a case as Noor."""
        return await self.work.change(case.id, changes, NOOR)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def somebody(number: int, *, guild_id: int = GUILD, name: str | None = None) -> Person:
    """A person by number."""
    return replace(MINA, user_id=MINA.user_id + number, guild_id=guild_id, name=name or f"Member {number}")
