"""The timeline is only added to: the database itself refuses anything else while whole stories of cases are played."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from frontdesk import (
    CaseFile,
    CaseStatus,
    ChangedMessage,
    Handoff,
    HandoffState,
    Rating,
    RelayedMessage,
    Speaker,
    Store,
)
from frontdesk_cases import Cases, file_rows
from frontdesk_cases.cases import EntryKind, Priority
from frontdesk_cases.changes import SetAssignee, SetField, SetPriority, SetStatus, SetTags, SetTeam, SetTitle, Take
from frontdesk_cases.macros import Macro
from frontdesk_cases.tables import EntryRow
from frontdesk_sandbox.discord import File, Permission

from tests.plugins.cases.office import MINA, MONDAY, NOOR, OMID, Office, line, open_office, shown
from tests.plugins.one_bot import open_room, run_bot

REFUSALS = {
    "sqlite": [
        f"CREATE TRIGGER no_{what} BEFORE {what} ON cases_entry BEGIN SELECT RAISE(ABORT, 'append only'); END"
        for what in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'append only'; END $$""",
        """CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON cases_entry
        FOR EACH STATEMENT EXECUTE FUNCTION append_only()""",
    ],
}


async def refuse_changes(store: Store) -> None:
    """Let the database refuse to change or delete entries, and make sure that it does."""
    async with store.begin() as session:
        for statement in REFUSALS[store.dialect]:
            await session.execute(sa.text(statement))


async def is_refused(store: Store, statement: sa.Update | sa.Delete) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append only"):
        async with store.begin() as session:
            await session.execute(statement)


async def test_a_whole_story_changes_no_entry(store: Store) -> None:
    promises = {"first_answer_minutes": 60, "resolution_minutes": 120}
    silence = {"warn_days": 2, "close_days": 4, "close_resolved_days": 1}
    office = await open_office(store, promises=promises, silence=silence, reopen_days=14)
    await refuse_changes(store)
    case, into = await office.open(transcript=(replace(line("before"), key="helpdesk:5:a"),)), await office.open("into")
    await tell_all(office, case.id)
    await work_on(office, case.id)
    await relate(office, case.id, into.id)
    office.later(hours=3)
    await office.followup.look_at_promises()
    for _ in range(12):
        office.later(days=1)
        await office.followup.look_at_silence()
    (entry, *_) = await office.book.timeline(case.id)
    await is_refused(store, sa.update(EntryRow).where(EntryRow.id == entry.id).values(text="x"))
    await is_refused(store, sa.delete(EntryRow).where(EntryRow.id == entry.id))
    kinds = {kind for each in (case.id, into.id) for kind in await office.kinds(each)}
    of_deliveries = {EntryKind.NOTIFIED}
    assert kinds == set(EntryKind) - of_deliveries, "the story has everything"


async def tell_all(office: Office, case_id: int) -> None:
    """Let the helpdesk tell of a conversation, all of it twice."""
    case = shown(case_id)
    said = replace(line("hello", Speaker.MEMBER), key="helpdesk:5:b")
    file = CaseFile("lantern.png", "https://files.example/lantern", key="helpdesk:f")
    for _ in range(2):
        await office.conversation.record_message(RelayedMessage(5, MINA, case, said, (file,)))
        await office.conversation.record_message(
            RelayedMessage(5, MINA, case, replace(line("yes?", Speaker.AGENT), key="helpdesk:5:c"))
        )
        for revision, (before, text) in enumerate((("hello", "hullo"), ("hullo", "")), 1):
            change = ChangedMessage(5, MINA, case, replace(said, text=text), before, revision, MONDAY)
            await office.conversation.record_change(change)
        await office.conversation.record_handoff(
            Handoff(
                5, MINA, HandoffState.ACTIVE, HandoffState.QUEUED, case, "Omid", None, MONDAY,
                conversation_sid="CH1", task_sid="WT1", agent_identity="omid", key="step",
            )
        )  # fmt: skip
        await office.conversation.record_rating(Rating(5, MINA, case, "Omid", 5, None, None, MONDAY, key="rating"))


async def work_on(office: Office, case_id: int) -> None:
    """Do all that staff and members can do to a case by itself."""
    work = office.work
    await work.change(case_id, [SetAssignee(None)], NOOR)
    await work.change(case_id, [Take(NOOR), SetTitle("Lamp"), SetTeam("night"), SetField("plan", "Pro")], NOOR)
    await work.change(case_id, [SetPriority(Priority.URGENT), SetTags(("a", "b"))], OMID)
    await work.note(case_id, "look", NOOR, key="n")
    await work.note(case_id, "look", NOOR, key="n")
    await work.answer(case_id, "Try again", NOOR, key="a")
    await office.conversation.add_information(case_id, "I did", MINA)
    await work.use_macro(case_id, Macro(name="Thanks", answer="Thanks, {name}!", note="done"), "CASE-1", NOOR)
    for status in (CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.OPEN):
        office.later(minutes=10)
        await work.change(case_id, [SetStatus(status)], NOOR)


async def relate(office: Office, case_id: int, into_id: int) -> None:
    """Link, split, merge, and take it all back."""
    relations = office.relations
    await relations.link(case_id, into_id, NOOR)
    await relations.unlink(case_id, into_id, NOOR)
    messages = [each.id for each in await office.book.timeline(case_id) if each.kind is EntryKind.MESSAGE]
    part = await relations.split(case_id, messages[:1], "Another matter", NOOR)
    before = await office.book.timeline(case_id)
    for _ in range(2):
        await relations.merge(case_id, into_id, NOOR)
        together = await office.book.timeline(into_id)
        assert [entry for entry in together if entry in before] == before, "a merger shows the history, unmoved"
        await office.conversation.record_message(RelayedMessage(5, MINA, shown(case_id), line("and on")))
        await relations.unmerge(case_id, NOOR)
    await relations.merge(part.id, into_id, NOOR)


async def test_what_is_delivered_and_what_grows_old_changes_no_entry(tmp_path: Path) -> None:
    """With the journal, Discord, copies of files, the feed, and the sweeping of old files."""
    settings = {"cases": {"keep_files_days": 1, "feed_channel": "general"}}
    async with open_room(tmp_path) as room, run_bot(room, {"cases": Cases}, settings=settings) as bot:
        await refuse_changes(bot.store)
        cases: Cases = bot.plugins["cases"]
        omid, mina = room.member("Omid", permissions=Permission.MANAGE_MESSAGES), room.member("Mina")
        message = await mina.say(
            "The bridge is broken", to="general", attachments=[File("a.png", b"picture", "image/png")]
        )
        await (await omid.use(message, "Open a case")).response()
        await (await omid.command("/case answer case:1001 text:Which one?")).response()
        await bot.journal.idle()
        await mina.close_dms()
        await (await omid.command("/case answer case:1001 text:Hello?")).response()
        await (await omid.command("/case status case:1001 to:closed")).response()
        await bot.journal.idle()
        (file,) = await cases.cabinet.of_cases([1])
        async with bot.store.begin() as session:
            await file_rows.note_kept(session, file.id, size=7, at=cases.desk.now() - timedelta(days=2))
        await cases.cabinet.sweep()
        assert await cases.cabinet.read(file.id) is None
        timeline = await cases.book.timeline(1)
        outcomes = [entry.data["outcome"] for entry in timeline if entry.kind is EntryKind.NOTIFIED]
        assert {"delivered", "refused"} <= set(outcomes)
        assert [entry.data["name"] for entry in timeline if entry.kind is EntryKind.FILE] == ["a.png"]
