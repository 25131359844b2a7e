"""News of conversations: whatever happens between the commit and the telling, everybody hears them, in order."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa
import structlog
from frontdesk import (
    Case,
    CaseStatus,
    ChangedMessage,
    Desk,
    Handoff,
    HandoffState,
    Line,
    Person,
    Rating,
    RelayedMessage,
    Speaker,
    Store,
    StoreUnavailable,
)
from frontdesk.hooks import Tells
from frontdesk.tables import CORE
from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.news import News, Teller
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import TABLES, NewsRow

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PERSON = Person(7_000_000_000_000_000_001, 9_000_000_000_000_000_001, "Mina", "fa", NOW, None, ("VIP",))
CASE = Case(1, PERSON.guild_id, "CASE-1001", "agent_request", "Gone", CaseStatus.OPEN, PERSON, "https://x", NOW)


@dataclass
class Life:
    """A bot's life: what its plugins heard, and a desk for a teller in it.

    Args:
        store: the database.
        killed: whether it ends between each commit and the telling.
    """

    store: Store
    killed: bool = False
    time: datetime = NOW
    heard: list[News] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    may_hear: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    log: Any = field(default_factory=structlog.get_logger)

    def __post_init__(self) -> None:
        self.may_hear.set()
        self.teller = Teller(cast("Desk[HelpdeskSettings]", self))

    @property
    def hooks(self) -> "Life":
        return self

    async def try_telling(self, _hook: Tells[...], **news: News) -> list[Exception]:
        await self.may_hear.wait()
        self.heard += news.values()
        return [self.failures.pop(0)] if self.failures else []

    def create_task(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        if self.killed:
            work.close()
            work = asyncio.sleep(0)
        task = asyncio.create_task(work, name=name)
        self.tasks.append(task)
        return task

    def now(self) -> datetime:
        return self.time

    async def write(self, *news: News) -> None:
        """Let things happen, each in a transaction of its own."""
        for each in news:
            async with self.store.begin() as session:
                await self.teller.write(session, each)

    async def told(self) -> list[News]:
        """Wait for whatever is being told; gives what was heard."""
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=10)
        return self.heard

    async def start(self) -> "Life":
        """Start as the application does: the plugin first, its tasks when all plugins run."""
        await self.teller.start()
        await self.teller.look()
        return self


@pytest.fixture
async def house(store: Store) -> Store:
    await store.upgrade([CORE, TABLES])
    assert await store.differences(TABLES) == []
    async with store.begin() as session:
        for number in (1, 2):
            person = replace(PERSON, user_id=number)
            await conversations.create(session, person, channel_id=number, last_discord_id=0, now=NOW)
    return store


def line(text: str, conversation_id: int = 1, case: Case | None = CASE) -> RelayedMessage:
    said = Line(Speaker.MEMBER, "Mina", text, NOW, conversations.line_key(conversation_id, text))
    return RelayedMessage(conversation_id, PERSON, case, said)


STEP = Handoff(1, PERSON, HandoffState.ACTIVE, HandoffState.QUEUED, CASE, "Amira", None, NOW, "CH1", "WT1", "a", "step")
EDIT = ChangedMessage(1, PERSON, CASE, replace(line("one").line, text="uno"), "one", 1, NOW)
GONE = ChangedMessage(1, PERSON, CASE, replace(line("one").line, text=""), "uno", 2, NOW)
RATING = Rating(1, PERSON, CASE, "Amira", 4, "kind 🦓", 2, NOW, "rating")


async def kept(store: Store) -> int:
    async with store.read() as session:
        return (await session.execute(sa.select(sa.func.count()).select_from(NewsRow))).scalar_one()


async def test_it_is_told_after_the_commit_alone_and_then_forgotten(house: Store) -> None:
    life = Life(house)

    async def fail() -> None:
        async with house.begin() as session:
            await life.teller.write(session, line("never"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with house.begin() as session:
        await life.teller.write(session, line("hello"))
        assert not life.heard
    assert await life.told() == [line("hello")]
    assert await kept(house) == 1
    await life.teller.forget()
    assert await kept(house) == 0


async def test_what_a_killed_bot_did_not_tell_is_told_by_the_next_in_order(house: Store) -> None:
    news: list[News] = [line("one"), STEP, EDIT, line("two"), GONE, RATING]
    await Life(house, killed=True).write(*news)
    life = await Life(house).start()
    assert await life.told() == news
    await life.teller.stop()
    assert await kept(house) == 0
    assert await (await Life(house).start()).told() == []


async def test_what_was_told_but_not_marked_is_told_again_with_the_same_key(house: Store) -> None:
    killed = Life(house)
    await killed.write(line("one"))
    assert await killed.told() == [line("one")]
    life = await Life(house).start()
    assert [news.key for news in await life.told()] == ["helpdesk:1:one"]


async def test_news_wait_for_those_that_an_earlier_life_has_left_of_the_same_conversation(house: Store) -> None:
    await Life(house, killed=True).write(line("one"), line("two"))
    life = Life(house)
    await life.teller.start()
    await life.write(line("three"), line("elsewhere", 2))
    await life.tasks[-1]
    assert life.heard == [line("elsewhere", 2)], "not all plugins run yet; other conversations go on"
    await life.teller.look()
    assert (await life.told())[1:] == [line("one"), line("two"), line("three")]


async def test_a_case_that_was_opened_meanwhile_is_named(house: Store) -> None:
    await Life(house, killed=True).write(line("one", case=None))
    async with house.begin() as session:
        await conversations.keep_case(session, 1, CASE)
    assert await (await Life(house).start()).told() == [line("one")]


async def test_it_is_told_again_when_the_database_was_away_and_only_then(house: Store) -> None:
    life = Life(house, failures=[StoreUnavailable("gone"), ValueError("broken")])
    await life.write(line("one"), line("two"))
    await life.told()
    await life.teller.forget()
    assert await kept(house) == 1
    await life.teller.look()
    assert await life.told() == [line("one"), line("two")], "it may be another process that is about to tell it"
    life.time += timedelta(minutes=2)
    await life.teller.look()
    assert await life.told() == [line("one"), line("two"), line("one")]
    await life.teller.stop()
    assert await kept(house) == 0


async def test_what_is_being_told_is_not_told_a_second_time_meanwhile(house: Store) -> None:
    life = Life(house)
    life.may_hear.clear()
    await life.write(line("one"))
    life.time += timedelta(minutes=2)
    await life.teller.look()
    life.may_hear.set()
    assert await life.told() == [line("one")]
    await life.teller.look()
    assert await life.told() == [line("one")]


async def test_news_that_cannot_be_read_are_forgotten_and_hold_up_nothing(house: Store) -> None:
    killed = Life(house, killed=True)
    await killed.write(line("one"), line("two"))
    async with house.begin() as session:
        await session.execute(sa.update(NewsRow).where(NewsRow.id == 1).values(body={"of": "another version"}))
    life = await Life(house).start()
    assert await life.told() == [line("two")]
    await life.teller.stop()
    assert await kept(house) == 0


async def test_a_bot_that_stops_does_not_wait_for_a_busy_database(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk_helpdesk.news._GRACE", 0.05)
    life = Life(house)
    await life.write(line("one"))
    await life.told()
    if house.dialect == "sqlite":  # one transaction at a time
        async with house.begin(), asyncio.timeout(2):
            await life.teller.stop()
    life.may_hear.clear()
    await life.write(line("two"))
    async with asyncio.timeout(2):
        await life.teller.stop()
    assert line("two") in await (await Life(house).start()).told()
