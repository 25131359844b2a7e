"""Answers and notices reach the member once each, in order, and the timeline tells what became of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from frontdesk import (
    CaseRequest,
    CaseStatus,
    Delivery,
    Entry,
    Person,
    Relayed,
    RelayState,
    Retry,
    StaffAnswer,
    State,
    hookimpl,
    open_case,
    register_deliveries,
    relay_answer,
)
from frontdesk_cases import Cases
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind
from frontdesk_cases.changes import SetAssignee, SetStatus, SetTitle
from frontdesk_cases.deliveries import ANSWER, NOTICE
from frontdesk_cases.tables import TABLES, CaseRow
from frontdesk_sandbox.discord import Member

from tests.plugins.one_bot import Bot, Room, open_room, run_bot

PLUGINS: dict[str, type[Any]] = {"cases": Cases}
AMIRA = Actor("discord:5", "Amira")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def begin(bot: Bot, room: Room, member: Member, locale: str = "en-US") -> tuple[Cases, CaseRecord]:
    """Open a case for a member; gives the plugin and the case."""
    await bot.store.upgrade([TABLES])
    person = Person(member.user.id, room.guild.id, member.user.display_name, locale)
    request = CaseRequest(key="1", kind="bug", title="My lantern is gone", description="gone", person=person)
    case = await bot.hooks.first(open_case, request=request)
    assert case is not None
    cases: Cases = bot.plugins["cases"]
    record = await cases.book.find(case.id)
    assert record is not None
    return cases, record


def heard(member: Member) -> list[str]:
    return [message.content for message in member.dm if message.author is not member.user]


async def notified(cases: Cases, case: CaseRecord) -> list[tuple[str, str, str]]:
    entries = [entry for entry in await cases.book.timeline(case.id) if entry.kind is EntryKind.NOTIFIED]
    return [(entry.data["what"], entry.data["outcome"], entry.data.get("reason", "")) for entry in entries]


async def test_an_answer_reaches_the_member_with_number_and_name(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await cases.work.answer(case.id, "Look in the **chest**.", AMIRA)
        await bot.journal.idle()
        assert heard(mina) == ["-# CASE-1001 · My lantern is gone\n**Amira:** Look in the **chest**."]
        labels = [button["label"] for button in mina.dm[-1].components[0]["components"]]
        assert labels == ["Reply", "Details"]
        assert await notified(cases, case) == [("answer", "delivered", "")]
        after = await cases.book.find(case.id)
    assert after is not None
    assert after.status is CaseStatus.PENDING_CUSTOMER, "no notice besides: the answer says it all"


async def test_long_answers_are_cut_and_come_in_order(room: Room) -> None:
    mina = room.member("Mina")
    words = [f"ember{number}" for number in range(900)]
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await cases.work.answer(case.id, " ".join(words), AMIRA)
        await cases.work.answer(case.id, "That was all.", AMIRA)
        await bot.journal.idle()
    said = heard(mina)
    assert len(said) > 3
    assert all(len(text) <= 2000 for text in said)
    assert " ".join(said[:-1]).split("**Amira:** ")[1].split() == words
    assert said[-1].endswith("That was all.")
    assert [bool(message.components) for message in mina.dm] == [False] * (len(said) - 2) + [True, True]


async def test_closed_direct_messages_are_told_on_the_timeline(room: Room) -> None:
    mina = room.member("Mina")
    await mina.close_dms()
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await cases.work.answer(case.id, "Hello", AMIRA, [SetStatus(CaseStatus.RESOLVED)])
        await bot.journal.idle()
        outcomes = await notified(cases, case)
    assert outcomes == [("answer", "refused", "dm-closed"), ("resolved", "refused", "dm-closed")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([SetStatus(CaseStatus.RESOLVED)], ["resolved"]),
        ([SetStatus(CaseStatus.CLOSED)], ["closed"]),
        ([SetStatus(CaseStatus.PENDING_CUSTOMER)], ["pending_customer"]),
        ([SetStatus(CaseStatus.PENDING_US)], []),
        ([SetAssignee(AMIRA)], []),
    ],
)
async def test_members_are_told_of_changes_that_matter(room: Room, changes: list[Any], told: list[str]) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await cases.work.change(case.id, changes, AMIRA)
        await bot.journal.idle()
        assert [what for what, _, _ in await notified(cases, case)] == told
    assert len(heard(mina)) == len(told)


async def test_owners_choose_what_matters_and_how_it_looks(room: Room) -> None:
    mina = room.member("Mina")
    own = {"notify": {"resolved": False, "assigned": True}, "direct": {"look": "embed", "agent_name": "team"}}
    async with run_bot(room, PLUGINS, settings={"cases": own}) as bot:
        cases, case = await begin(bot, room, mina, "de")
        await cases.work.change(case.id, [SetAssignee(AMIRA)], AMIRA)
        await bot.journal.idle()
        await cases.work.answer(case.id, "In der *Truhe*.", AMIRA)
        await cases.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], AMIRA)
        await bot.journal.idle()
    assert heard(mina) == ["Support kümmert sich um deinen Fall **CASE-1001** (My lantern is gone).", ""]
    (embed,) = mina.dm[-1].embeds
    assert (embed["author"]["name"], embed["description"]) == ("Support", "In der *Truhe*.")
    assert embed["footer"]["text"] == "CASE-1001 · My lantern is gone"


async def test_a_notice_that_is_not_true_any_more_is_not_sent(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        async with bot.store.begin() as session:  # both are stored before anything is sent
            for status in (CaseStatus.RESOLVED, CaseStatus.OPEN):
                known = await cases.ledger.to_change(session, case.id)
                await cases.ledger.change(session, known, [SetStatus(status)], AMIRA)
        await bot.journal.idle()
    assert [text.split("has been")[1] for text in heard(mina)] == [" opened again; we are looking into it."]


async def test_cases_that_staff_open_are_told_those_that_members_open_are_not(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        request = CaseRequest("2", "request", "A *hole* in the map", "hole", case.person)
        await cases.book.open(request, AMIRA)
        await bot.journal.idle()
    assert heard(mina) == [
        r"We have opened case **CASE-1002** for you: A \*hole\* in the map. You will hear from us here."
    ]


class Desk:
    """Stands for the helpdesk: takes answers as it is told."""

    def __init__(self, *takes: Relayed | None) -> None:
        self.takes = list(takes)
        self.got: list[StaffAnswer] = []

    @hookimpl(relay_answer)
    async def relay_answer(self, answer: StaffAnswer) -> Relayed | None:
        self.got.append(answer)
        return self.takes.pop(0)


ARRIVED, UNDER_WAY = Relayed(RelayState.ARRIVED), Relayed(RelayState.UNDER_WAY)
CLOSED = Relayed(RelayState.REFUSED, "dm-closed")


async def talk(bot: Bot, cases: Cases, case: CaseRecord, conversation_id: int = 42) -> None:
    """Let the case have a conversation in the helpdesk."""
    async with bot.store.begin() as session:
        known = await cases.ledger.to_change(session, case.id)
        await cases.ledger.store(session, known, replace(known, conversation_id=conversation_id), [], AMIRA)


async def test_an_open_conversation_takes_the_answer(room: Room) -> None:
    mina, desk = room.member("Mina"), Desk(ARRIVED, None, CLOSED)
    async with run_bot(room, PLUGINS, others=(desk,)) as bot:
        cases, case = await begin(bot, room, mina)
        await talk(bot, cases, case)
        for text in ("first", "second", "third"):
            await cases.work.answer(case.id, text, AMIRA)
        await bot.journal.idle()
        outcomes = await notified(cases, case)
    assert [(answer.text, answer.author, answer.conversation_id) for answer in desk.got] == [
        (text, "Amira", 42) for text in ("first", "second", "third")
    ]
    assert len({answer.key for answer in desk.got}) == 3
    assert [text.partition("** ")[2] for text in heard(mina)] == ["second"]
    assert outcomes == [("answer", "relayed", ""), ("answer", "delivered", ""), ("answer", "refused", "dm-closed")]


async def test_the_open_conversation_of_a_merged_case_takes_the_answer(room: Room) -> None:
    mina, desk = room.member("Mina"), Desk(None, ARRIVED, None, None)
    async with run_bot(room, PLUGINS, others=(desk,)) as bot:
        cases, case = await begin(bot, room, mina)
        first, second, into = [
            (await cases.book.open(CaseRequest(key, "request", key, key, case.person))).case for key in ("a", "b", "c")
        ]
        await talk(bot, cases, first, 43)
        await talk(bot, cases, into, 42)
        await cases.relations.merge(first.id, second.id, AMIRA)
        await cases.relations.merge(second.id, into.id, AMIRA)
        for text in ("first", "second"):
            await cases.work.answer(into.id, text, AMIRA)
        await bot.journal.idle()
        outcomes = await notified(cases, into)
    assert [(answer.text, answer.conversation_id) for answer in desk.got] == [
        (text, number) for text in ("first", "second") for number in (42, 43)
    ]
    assert [text.partition("** ")[2] for text in heard(mina)] == ["second"]
    assert outcomes == [("answer", "relayed", ""), ("answer", "delivered", "")]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ARRIVED, ("answer", "relayed", "")),
        (CLOSED, ("answer", "refused", "dm-closed")),
        (Relayed(RelayState.REFUSED, "expired"), ("answer", "refused", "expired")),
    ],
)
async def test_the_timeline_says_nothing_of_an_answer_before_its_end_is_known(
    room: Room, end: Relayed, outcome: tuple[str, str, str]
) -> None:
    mina, desk = room.member("Mina"), Desk(UNDER_WAY, UNDER_WAY, end)
    async with run_bot(room, PLUGINS, others=(desk,)) as bot:
        cases, case = await begin(bot, room, mina)
        await talk(bot, cases, case)
        await cases.work.answer(case.id, "Look up.", AMIRA)
        async with asyncio.timeout(10):
            while not await bot.journal.entries(state=State.WAITING) or not desk.got:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)
        assert await notified(cases, case) == []
        await asyncio.wait_for(bot.journal.idle(), 20)
        assert await notified(cases, case) == [outcome]
    assert len({answer.key for answer in desk.got}) == 1
    assert len(desk.got) == 3
    assert heard(mina) == []


async def test_a_send_without_an_answer_is_found_and_not_repeated(room: Room) -> None:
    mina = room.member("Mina")
    words = " ".join(f"ember{number}" for number in range(600))
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        room.discord.faults.drop("after", "POST", "/messages", times=2)
        await cases.work.answer(case.id, words, AMIRA)
        await asyncio.wait_for(bot.journal.idle(), 30)
        assert await notified(cases, case) == [("answer", "delivered", "")]
    assert len(heard(mina)) == 3
    assert len(set(heard(mina))) == 3


async def deliver_later(bot: Bot, kind: str) -> tuple[Delivery, Entry]:
    """Give the newest entry of a kind, which the test sends by itself."""
    deliveries = bot.hooks.contribution("cases", register_deliveries) or {}
    records = await bot.journal.entries()
    return deliveries[kind], next(record.entry for record in records if record.entry.kind == kind)


async def test_a_look_that_discord_refuses_oddly_is_no_proof_that_nothing_arrived(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await bot.journal.stop(0)
        await cases.work.answer(case.id, "Look up.", AMIRA)
        delivery, entry = await deliver_later(bot, ANSWER)
        await delivery.send(entry)
        room.discord.faults.answer(400, "GET", "/messages", times=1)
        with pytest.raises(Retry):
            await delivery.find(entry)
        assert await delivery.find(entry) is not None


async def change_everything(bot: Bot, cases: Cases, case: CaseRecord) -> None:
    """Change all that the words of a letter were made of."""
    await cases.work.change(case.id, [SetTitle("Something else")], AMIRA)
    async with bot.store.begin() as session:
        await session.execute(sa.update(CaseRow).values(person_locale="de"))


def otherwise(look: str) -> dict[str, dict[str, Any]]:
    """Settings of an owner who has thought again."""
    return {"cases": {"prefix": "LAMP-", "direct": {"agent_name": "team", "team_name": "Staff", "look": look}}}


@pytest.mark.parametrize("look", ["text", "embed"])
async def test_an_answer_is_found_though_case_member_and_settings_have_changed(room: Room, look: str) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS, settings={"cases": {"direct": {"look": look}}}) as bot:
        cases, case = await begin(bot, room, mina)
        await bot.journal.stop(0)
        await cases.work.answer(case.id, "Look up.", AMIRA)
        delivery, entry = await deliver_later(bot, ANSWER)
        sent = await delivery.send(entry)
        await change_everything(bot, cases, case)
        assert await delivery.find(entry) == sent
    async with run_bot(room, PLUGINS, settings=otherwise("embed" if look == "text" else "text")) as bot:
        await bot.journal.stop(0)
        delivery, entry = await deliver_later(bot, ANSWER)
        assert await delivery.find(entry) == sent
    assert len(heard(mina)) == 1


async def test_a_notice_is_found_though_case_member_and_settings_have_changed(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await bot.journal.stop(0)
        await cases.work.change(case.id, [SetStatus(CaseStatus.RESOLVED)], AMIRA)
        delivery, entry = await deliver_later(bot, NOTICE)
        sent = await delivery.send(entry)
        await change_everything(bot, cases, case)
        assert await delivery.find(entry) == sent
    async with run_bot(room, PLUGINS, settings=otherwise("text")) as bot:
        await bot.journal.stop(0)
        delivery, entry = await deliver_later(bot, NOTICE)
        assert await delivery.find(entry) == sent
    (text,) = heard(mina)
    assert "**CASE-1001** (My lantern is gone) has been resolved" in text


async def test_entries_from_before_their_words_were_kept_are_written_anew(room: Room) -> None:
    mina = room.member("Mina")
    async with run_bot(room, PLUGINS) as bot:
        cases, case = await begin(bot, room, mina)
        await bot.journal.stop(0)
        await cases.work.answer(case.id, "Look up.", AMIRA, [SetStatus(CaseStatus.RESOLVED)])
        await cases.work.change(case.id, [SetTitle("Something else")], AMIRA)
        for kind in (ANSWER, NOTICE):
            delivery, entry = await deliver_later(bot, kind)
            old = replace(entry, payload={name: value for name, value in entry.payload.items() if name != "words"})
            sent = await delivery.send(old)
            assert await delivery.find(old) == sent
    assert all("Something else" in text for text in heard(mina))
    assert len(heard(mina)) == 2
