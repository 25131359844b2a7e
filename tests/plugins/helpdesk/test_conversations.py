"""Conversations and their lines in both databases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from frontdesk import Case, CaseStatus, HandoffState, Line, Person, Speaker
from frontdesk.store import Store
from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.tables import TABLES
from sqlalchemy.exc import IntegrityError

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
NOOR = Person(
    user_id=2**62,
    guild_id=2**61,
    name="Noor نور 😀",
    locale="fa",
    account_created=NOW,
    joined_at=None,
    roles=("Lamplighter", "مهمان"),
)
CASE = Case(
    7, NOOR.guild_id, "CASE-1007", "agent_request", "The map", CaseStatus.PENDING_US, NOOR, "http://x/y?s=1", NOW
)


@pytest.fixture
async def tables(store: Store) -> Store:
    await store.upgrade([TABLES])
    return store


async def opened(store: Store, person: Person = NOOR) -> Conversation:
    async with store.begin() as session:
        return await conversations.create(session, person, channel_id=2**60, last_discord_id=2**59, now=NOW)


async def again(store: Store, conversation: Conversation) -> Conversation:
    async with store.read() as session:
        found = await conversations.find(session, number=conversation.id)
    assert found is not None
    return found


def line(text: str) -> Line:
    return Line(Speaker.MEMBER, NOOR.name, text, NOW)


async def test_a_conversation_is_kept_as_it_was_opened(tables: Store) -> None:
    conversation = await opened(tables)
    assert await again(tables, conversation) == conversation
    assert conversation.person == NOOR
    assert conversation.state is HandoffState.BOT
    assert conversation.identity.removeprefix("discord_").isalnum()
    assert str(NOOR.user_id) not in conversation.identity


async def test_a_member_has_one_open_conversation_and_any_number_of_ended_ones(tables: Store) -> None:
    first = await opened(tables)
    with pytest.raises(IntegrityError):
        await opened(tables)
    async with tables.begin() as session:
        assert await conversations.enter(session, first, HandoffState.ENDED, now=NOW) is not None
    second = await opened(tables)
    assert second.identity != first.identity
    async with tables.read() as session:
        assert await conversations.newest_of(session, NOOR.user_id) == second
        assert await conversations.all_open(session) == [second]
    assert (await again(tables, first)).ended_at == NOW


async def test_it_is_found_by_twilios_name(tables: Store) -> None:
    conversation = await opened(tables)
    async with tables.begin() as session:
        await conversations.change(session, conversation.id, conversation_sid="CH1")
    async with tables.read() as session:
        found = await conversations.find(session, sid="CH1")
        assert await conversations.find(session, sid="CH2") is None
        assert await conversations.find(session, number=conversation.id + 1) is None
    assert found is not None
    assert found.id == conversation.id


async def test_states_are_entered_in_order_and_old_news_is_dropped(tables: Store) -> None:
    conversation = await opened(tables)
    for state in (HandoffState.REQUESTED, HandoffState.ACTIVE):
        async with tables.begin() as session:
            handoff = await conversations.enter(
                session, conversation, state, now=NOW, agent="Amira", agent_identity="amira"
            )
        assert handoff is not None
        assert (handoff.before, handoff.state, handoff.agent) == (conversation.state, state, "Amira")
        conversation = await again(tables, conversation)
    async with tables.begin() as session:
        assert await conversations.enter(session, conversation, HandoffState.QUEUED, now=NOW) is None
    after = await again(tables, conversation)
    assert (after.state, after.agent, after.requests) == (HandoffState.ACTIVE, "Amira", 1)


async def test_a_line_is_kept_once_and_paired_with_its_other_name(tables: Store) -> None:
    conversation = await opened(tables)
    async with tables.begin() as session:
        assert await conversations.add_line(session, conversation, "a", line("First 😀"), discord_id=2**62)
        assert not await conversations.add_line(session, conversation, "a", line("First again"))
        assert await conversations.add_line(session, conversation, "b", line("Second"))
    async with tables.begin() as session:
        first = replace(line("First 😀"), key=f"helpdesk:{conversation.id}:a")
        assert await conversations.pair(session, conversation.id, "a", message_sid="IM1") == first
        assert await conversations.pair(session, conversation.id, "c", message_sid="IM2") is None
    async with tables.read() as session:
        second = replace(line("Second"), key=f"helpdesk:{conversation.id}:b")
        assert await conversations.transcript(session, conversation.id) == (first, second)


async def test_what_is_rolled_back_was_never_said(tables: Store) -> None:
    conversation = await opened(tables)

    async def interrupted() -> None:
        async with tables.begin() as session:
            await conversations.add_line(session, conversation, "a", line("Lost"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await interrupted()
    async with tables.begin() as session:
        assert await conversations.transcript(session, conversation.id) == ()
        assert await conversations.add_line(session, conversation, "a", line("Kept"))


async def test_the_case_is_kept_as_it_is(tables: Store) -> None:
    conversation = await opened(tables)
    async with tables.begin() as session:
        await conversations.keep_case(session, conversation.id, CASE)
    assert (await again(tables, conversation)).case == CASE
