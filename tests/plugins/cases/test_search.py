"""The search index on both databases: it finds what a reader of everything finds, whatever happened to the cases."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from frontdesk import CaseStatus, Store, Tables
from frontdesk.tables import CORE
from frontdesk_cases import repository, search, words
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, NewEntry, Priority
from frontdesk_cases.changes import CaseError, SetAssignee, SetField, SetPriority, SetStatus, SetTags, SetTeam, SetTitle
from frontdesk_cases.listing import Filter, Named, Order
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from sqlalchemy.ext.asyncio import AsyncSession

from tests.plugins.cases.shelf import GUILD, MINA, NOOR, OTHER_GUILD, Shelf, somebody

OMID = Actor("flex:omid", "Omid")


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    return await Shelf(store).prepare()


async def found(shelf: Shelf, text: str, guild_id: int = GUILD) -> list[int]:
    page = await shelf.listing.page([guild_id], Filter(text=text, statuses=()), limit=200)
    return sorted(case.id for case in page.cases)


async def test_everything_of_a_case_leads_to_it(shelf: Shelf) -> None:
    case = await shelf.open("Lantern LOST", description="since the Déjà-vu update", person=MINA)
    await shelf.change(case, SetTags(("refund",)), SetField("platform", "Xbox"))
    await shelf.work.note(case.id, "whisper among staff", NOOR)
    await shelf.work.answer(case.id, "Schau in die Truhe: Größe 42!", NOOR)
    await shelf.work.record(case.id, NewEntry(EntryKind.FILE, "", "", shelf.now, {"name": "crash-dump.png"}))
    await shelf.open("Another matter", person=somebody(5))
    for text in (
        "lantern", "LOST", "lant", "deja", "DÉJÀ", "vu update", "refund", "xbox", "whisper", "truhe", "grösse",
        "GRÖSSE 42", "crash-dump", "dump.png", "mina", str(MINA.user_id), "1001", "CASE-1001", "case-1001", "CASE-۱۰۰۱",
        "lantern whisper refund mina 1001",
    ):  # fmt: skip
        assert await found(shelf, text) == [case.id], text
    for text in ("lantern chest", "100", "CASE-100", "CASE-10010", "antern", "4", "l"):
        assert await found(shelf, text) == [], text


async def test_who_works_on_it_how_urgent_it_is_and_what_kind_it_is_lead_to_a_case_too(shelf: Shelf) -> None:
    case = await shelf.open("Lantern", kind="feature")
    await shelf.open("Another matter", person=somebody(5))
    await shelf.change(case, SetTeam("Night Watch"), SetAssignee(OMID), SetPriority(Priority.URGENT))
    await shelf.change(case, SetField("platform", "Xbox Series"))
    for text in ("feature", "night watch", "omid", "URGENT", "series", "feature omid urgent watch xbox"):
        assert await found(shelf, text) == [case.id], text
    await shelf.change(case, SetTeam(None), SetAssignee(None), SetPriority(Priority.LOW), SetField("platform", ""))
    for text in ("watch", "omid", "urgent", "xbox"):
        assert await found(shelf, text) == [], text
    assert await found(shelf, "feature low") == [case.id]


NAMES: Sequence[tuple[str, Named]] = (
    ("Dringend", Priority.URGENT), ("Fehlermeldung", "bug"), ("Anliegen", "request"),
    ("Wunsch nach einem Menschen", "agent_request"), ("Gelöst", CaseStatus.RESOLVED), ("Offen", CaseStatus.OPEN),
    ("حل‌شده", CaseStatus.RESOLVED), ("درخواست", "request"), ("درخواست گفت‌وگو با کارشناس", "agent_request"),
)  # fmt: skip


@pytest.mark.parametrize("common", [search._COMMON, 0])
async def test_what_the_page_calls_kind_priority_and_status_leads_to_a_case(
    shelf: Shelf, common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_COMMON", common)  # however many cases have the words
    lamp = await shelf.open("Lamp", kind="bug")
    await shelf.change(lamp, SetPriority(Priority.URGENT))
    talk = await shelf.open("Lamp oil", kind="agent_request", person=somebody(5))
    await shelf.change(talk, SetStatus(CaseStatus.RESOLVED))
    said = await shelf.open("Dringend! Die Tür ist offen", kind="request", person=somebody(6))
    await shelf.change(said, SetStatus(CaseStatus.PENDING_US))

    async def named(text: str, **more: Any) -> list[int]:
        page = await shelf.listing.page([GUILD], Filter(text=text, names=NAMES, **{"statuses": ()} | more))
        assert page.total == len(page.cases)
        return sorted(case.id for case in page.cases)

    for text, fitting in {
        "dringend": [lamp, said],
        "DRINGEND lamp": [lamp],
        "fehlermeldung": [lamp],
        "lamp wunsch nach einem menschen": [talk],
        "einem menschen": [],
        "Anliegen": [said],
        "gelöst": [talk],
        "GELOST oil": [talk],
        "offen": [lamp, said],
        "tür offen": [said],
        "lamp offen dringend": [lamp],
        "حل شده": [talk],
        "درخواست": [said],
        "درخواست گفت‌وگو با کارشناس": [talk],
        "dringend gelöst": [],
    }.items():
        assert await named(text) == [case.id for case in fitting], text
    assert await named("dringend", statuses=(CaseStatus.PENDING_US,)) == [said.id]
    assert await found(shelf, "dringend") == [said.id]  # whoever has no page


async def test_the_words_of_who_works_on_a_merged_case_lead_to_the_one_that_goes_on(shelf: Shelf) -> None:
    lantern, torch = await shelf.open("lantern"), await shelf.open("torch")
    await shelf.change(lantern, SetTeam("Night Watch"))
    await shelf.relations.merge(lantern.id, torch.id, NOOR)
    assert await found(shelf, "torch watch") == [torch.id]


async def test_a_line_of_known_words_writes_nothing_into_the_index(shelf: Shelf) -> None:
    case = await shelf.open("The lantern is lost")
    await shelf.work.note(case.id, "lost", NOOR)
    written: list[str] = []

    async with shelf.store.begin() as session:
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    if shelf.store.dialect == "sqlite":
        driver.database.set_trace_callback(written.append)
    else:
        driver.add_query_logger(lambda record: written.append(record.query))
    await shelf.work.note(case.id, "The lantern is lost", NOOR)
    assert any("INSERT INTO cases_entry" in each for each in written)
    assert not [each for each in written if "cases_search" in each and not each.startswith(("SELECT", "--"))]


async def test_persian_and_arabic_keyboards_write_the_same_word(shelf: Shelf) -> None:
    case = await shelf.open("فانوس گم‌شده کتابی")
    for text in ("فانوس", "كتابي", "گم شده", "فانو"):
        assert await found(shelf, text) == [case.id], text


async def test_signs_of_chinese_and_japanese_are_found_one_by_one(shelf: Shelf) -> None:
    case = await shelf.open("灯笼不见了")
    assert await found(shelf, "不见") == [case.id]
    assert await found(shelf, "提灯") == []


@pytest.mark.parametrize(
    "text",
    [
        '"', "'", "*", "lan*", '" OR 1=1 --', "'); DROP TABLE cases_case; --", "NEAR(a b)", "words:lantern", "^lantern",
        "lantern AND", "NOT", "(", "a:*", "!lantern", "lantern & !x", "\\", "\x00", "\ud800", "%", "_", "{{ 7*7 }}",
        "-", "lantern <-> x", "a" * 100_000, "x " * 50_000, "\u202e", "🔥", "ﷺ", "İ", "ß", "'lantern':*",
    ],
)  # fmt: skip
async def test_hostile_text_is_just_text(shelf: Shelf, text: str) -> None:
    case = await shelf.open("My lantern is gone")
    assert await found(shelf, text) in ([], [case.id])
    odd = await shelf.open(f"odd {text[:100]}", description=text[:1000])
    assert odd.id in await found(shelf, "odd")


async def test_signs_alone_are_found_nowhere(shelf: Shelf) -> None:
    await shelf.open("Why??? ***")
    assert await found(shelf, "???") == []
    assert len(await found(shelf, "   ")) == 1


async def test_what_was_taken_away_is_no_longer_found(shelf: Shelf) -> None:
    case = await shelf.open("Lantern", description="lamp")
    await shelf.change(case, SetTags(("refund", "night")))
    await shelf.change(case, SetTags(("night",)), SetTitle("Torch"))
    assert await found(shelf, "refund") == await found(shelf, "lantern") == []
    assert await found(shelf, "torch night lamp") == [case.id]


@pytest.mark.parametrize("order", Order)
async def test_the_cases_with_the_words_of_a_name_are_gathered_once_for_all_parts_of_a_list(
    shelf: Shelf, order: Order
) -> None:
    lamp = await shelf.open("Lamp")
    await shelf.change(lamp, SetPriority(Priority.URGENT))
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        page = await shelf.listing.page([GUILD], Filter(text="dringend", names=NAMES, statuses=()), order)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert [case.id for case in page.cases] == [lamp.id]
    assert {statement.count(" MATCH ") + statement.count(" @@ ") for statement in asked} == {0, 1}


async def test_a_persons_cases_are_found_by_all_names_they_had(shelf: Shelf) -> None:
    first = await shelf.open("One")
    second = await shelf.open("Two", person=replace(MINA, name="Minerva the Great"))
    await shelf.open("Three", person=somebody(4, name="Other"))
    assert await found(shelf, "minerva") == await found(shelf, "mina") == [first.id, second.id]


async def test_a_persons_cases_are_locked_in_the_order_of_their_ids(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = [await shelf.open(title) for title in ("one", "two", "three")]
    await shelf.relations.merge(two.id, one.id, NOOR)
    locked, add = list[int](), search.add

    async def noted(session: AsyncSession, case_id: int, new: Iterable[str]) -> None:
        locked.append(case_id)
        await add(session, case_id, new)

    monkeypatch.setattr(search, "add", noted)
    four = await shelf.open("four", person=replace(MINA, name="Minerva"))
    assert locked == [one.id, two.id, three.id, four.id], "or two who do it at once could wait for each other"
    assert await found(shelf, "minerva") == [one.id, three.id, four.id]


async def test_another_server_finds_nothing(shelf: Shelf) -> None:
    theirs = await shelf.open("secret lantern", person=somebody(1, guild_id=OTHER_GUILD))
    assert await found(shelf, "lantern") == await found(shelf, "CASE-1001") == []
    assert await found(shelf, "lantern", OTHER_GUILD) == [theirs.id]


async def test_a_merged_case_leads_to_the_one_that_goes_on(shelf: Shelf) -> None:
    lantern, torch, lamp = [await shelf.open(title) for title in ("lantern", "torch", "lamp")]
    await shelf.work.note(lantern.id, "hidden", NOOR)
    await shelf.relations.merge(lantern.id, torch.id, NOOR)
    await shelf.relations.merge(torch.id, lamp.id, NOOR)
    assert await found(shelf, "lantern torch lamp hidden") == [lamp.id]
    assert await found(shelf, "CASE-1001") == [lamp.id]
    await shelf.relations.unmerge(lantern.id, NOOR)
    assert await found(shelf, "lantern") == await found(shelf, "hidden") == [lantern.id]
    assert await found(shelf, "torch lamp") == [lamp.id]


async def test_a_case_with_too_many_words_is_kept_and_still_found_by_its_first(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_BYTES", 400)
    case = await shelf.open("lantern")
    for number in range(30):
        await shelf.work.note(case.id, " ".join(f"w{number}x{each}" for each in range(10)), NOOR)
    assert await found(shelf, "lantern") == [case.id]
    assert await found(shelf, "w29x9") == []


async def test_a_novel_of_different_words_fits_the_database(shelf: Shelf) -> None:
    case = await shelf.open("lantern")
    await shelf.work.note(case.id, " ".join(f"w{number}{'y' * 50}" for number in range(20_000)), NOOR)
    assert await found(shelf, "lantern w0y") == [case.id]


async def test_a_number_is_found_by_the_prefix_that_the_owner_chose(store: Store) -> None:
    shelf = await Shelf(store, CasesSettings(prefix="#")).prepare()
    case = await shelf.open("lantern")
    assert await found(shelf, "1001") == [case.id]
    shelf = Shelf(store, CasesSettings(prefix="T2-"))
    assert await found(shelf, "t2-1001") == [case.id]


async def test_cases_from_before_the_index_are_found(store: Store, tmp_path: Path) -> None:
    """The migration indexes what is there."""
    (tmp_path / "old").mkdir()
    first = TABLES.migrations / "0001_cases_and_their_timelines.py"
    (tmp_path / "old" / first.name).write_text(first.read_text())
    await store.upgrade([CORE, Tables("cases", TABLES.metadata, tmp_path / "old", apart=TABLES.apart)])
    async with store.begin() as session:
        for number in range(1, 4):
            await session.execute(
                sa.text(
                    "INSERT INTO cases_case (id, guild_id, number, key, kind, title, description, status, person_id, "
                    "person_name, person_roles, fields, articles, opened_at) VALUES (:id, :guild, :number, :key, "
                    "'bug', :title, 'it''s gone', 'open', 7, :name, '[]', '[[\"Platform\", \"Xbox\"]]', '[]', :at)"
                ).bindparams(sa.bindparam("at", type_=CaseTime)),
                {
                    "id": number, "guild": GUILD, "number": 1000 + number, "key": str(number), "name": f"Name{number}",
                    "title": f"lantern {number}", "at": MINA_SEEN,
                },
            )  # fmt: skip
            await session.execute(
                sa.text(
                    "INSERT INTO cases_entry (guild_id, case_id, kind, author, text, at, data) "
                    "VALUES (:guild, :id, 'message', 'Bot', :text, :at, '{}')"
                ).bindparams(sa.bindparam("at", type_=CaseTime)),
                {"guild": GUILD, "id": number, "text": f"said{number} Größe", "at": MINA_SEEN},
            )
    shelf = await Shelf(store).prepare()
    assert await store.differences(TABLES) == []
    assert await found(shelf, "lantern gone xbox platform bot grösse") == [1, 2, 3]
    assert await found(shelf, "said2") == await found(shelf, "1002") == [2]
    assert await found(shelf, "name3") == [1, 2, 3]
    await shelf.work.note(2, "noted", NOOR)
    assert await found(shelf, "noted said2") == [2]


async def test_cases_from_before_teams_and_assignees_were_searched_are_found_by_them(
    store: Store, tmp_path: Path
) -> None:
    """The third revision's index is as it was kept then; the fourth adds what is missing, also to mergers' targets."""
    (tmp_path / "old").mkdir()
    for path in TABLES.migrations.glob("000[123]_*.py"):
        (tmp_path / "old" / path.name).write_text(path.read_text())
    await store.upgrade([CORE, Tables("cases", TABLES.metadata, tmp_path / "old", apart=TABLES.apart)])
    await alter(store, "ADD COLUMN finished_seconds BIGINT NOT NULL DEFAULT 0")  # of the fifth: today's code reads it
    shelf = Shelf(store)
    cases = [await shelf.open(f"lantern{number}") for number in range(5)]
    await shelf.change(cases[0], SetTeam("Night Watch"), SetAssignee(OMID), SetPriority(Priority.HIGH))
    await shelf.change(cases[1], SetField("platform", "Xbox"), SetTags(("refund",)))
    await shelf.relations.merge(cases[0].id, cases[2].id, NOOR)
    await shelf.relations.merge(cases[2].id, cases[3].id, NOOR)
    async with store.begin() as session:
        for case in cases:
            had = [word for word in await search.kept(session, case.id) if word not in _NEW_WORDS]
            await search.put(session, case.id, had)
    assert await found(shelf, "watch") == []
    await alter(store, "DROP COLUMN finished_seconds")
    await store.upgrade([CORE, TABLES])
    assert await store.differences(TABLES) == []
    assert await found(shelf, "night watch omid high bug lantern3") == [cases[3].id]
    assert await found(shelf, "lantern1 xbox refund normal") == [cases[1].id]
    async with store.read() as session:
        for case in cases:
            kept = await search.kept(session, case.id)
            known = await shelf.book.find(case.id)
            assert known is not None
            assert (set(kept), len(kept)) == (await read_all(shelf, known), len(set(kept)))


async def alter(store: Store, what: str) -> None:
    """Change the table of cases by hand."""
    async with store.begin() as session:
        await session.execute(sa.text(f"ALTER TABLE cases_case {what}"))


_NEW_WORDS = {"night", "watch", "omid", "high", "normal", "bug"}
CaseTime = CORE.metadata.tables["core_journal"].c.created_at.type
MINA_SEEN = Shelf.now

SYLLABLES = st.sampled_from(
    ["lan", "lantern", "Lampe", "é", "42", "oil-lamp", "فانوس", "灯笼", "x", "_", "🔥", "İ", "a.b"]
)
TEXTS = st.lists(SYLLABLES, max_size=4).map(" ".join)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "note", "title", "tags", "team", "assign", "merge", "unmerge", "name"]),
        st.integers(0, 5),
        st.integers(0, 5),
        TEXTS,
    ),
    min_size=1,
    max_size=12,
)


async def read_all(shelf: Shelf, case: CaseRecord) -> set[str]:
    """All words of a case and of what was merged into it, by reading everything."""
    parts: list[CaseRecord] = [case, *await shelf.book.merged(case.id)]
    result: set[str] = set()
    for part in parts:
        result |= words.words_of_case(part)
        for name in await shelf.book.names_of(part.guild_id, part.person.user_id):
            result |= set(words.words(name))
    for entry in await shelf.book.timeline(case.id):
        result |= words.words_of_entry(entry)
    return result


async def play(shelf: Shelf, steps: Sequence[tuple[str, int, int, str]]) -> list[CaseRecord]:
    """Do things to cases; what is not allowed is not done."""
    ids: list[int] = [(await shelf.open("begin")).id]
    for what, first, second, text in steps:
        case_id, other_id = ids[first % len(ids)], ids[second % len(ids)]
        try:
            if what == "open":
                ids.append((await shelf.open(text, description=text, person=somebody(first % 2))).id)
            elif what == "name":
                ids.append((await shelf.open("named", person=somebody(first % 2, name=text or "?"))).id)
            elif what == "note":
                await shelf.work.note(case_id, text, NOOR)
            elif what == "title":
                await shelf.work.change(case_id, [SetTitle(text)], NOOR)
            elif what == "tags":
                await shelf.work.change(case_id, [SetTags(tuple(text.split()))], NOOR)
            elif what == "team":
                await shelf.work.change(case_id, [SetTeam(text or None), SetPriority(Priority(first % 4 + 1))], NOOR)
            elif what == "assign":
                await shelf.work.change(case_id, [SetAssignee(Actor("flex:x", text) if text else None)], NOOR)
            elif what == "merge":
                await shelf.relations.merge(case_id, other_id, NOOR)
            else:
                await shelf.relations.unmerge(case_id, NOOR)
        except CaseError:
            continue
    cases = [await shelf.book.find(case_id) for case_id in ids]
    return [case for case in cases if case is not None]


@given(STEPS, st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_index_finds_what_a_reader_of_everything_finds(
    shelf: Shelf, steps: Sequence[tuple[str, int, int, str]], data: DataObject
) -> None:
    async with shelf.store.begin() as session:
        for table in ("cases_search", "cases_tag", "cases_entry", "cases_name", "cases_link", "cases_case"):
            await session.execute(sa.delete(sa.table(table)))
    cases = await play(shelf, steps)
    read = {case.id: await read_all(shelf, case) for case in cases}
    async with shelf.store.read() as session:
        for case in cases:
            assert set(await search.kept(session, case.id)) == read[case.id]
    for text in data.draw(st.lists(TEXTS.filter(lambda text: text.strip() != ""), min_size=3, max_size=6)):
        wanted = words.asked(text, {"CASE-"})
        expected = [
            case.id
            for case in cases
            if wanted
            and case.merged_into is None
            and all(any(word.fits(one) for one in read[case.id]) for word in wanted)
        ]
        assert await found(shelf, text) == expected, text


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_words_are_letters_and_digits_in_one_form(one: str, two: str) -> None:
    cut = words.words(one)
    assert all(word.isalnum() and 0 < len(word) <= words.WORD_LENGTH for word in cut)
    assert words.words(" ".join(cut)) == cut
    assert words.words(f"{one} {two}") == [*cut, *words.words(two)]
    assert all(any(word.fits(each) for each in cut) for word in words.asked(one, ()))


async def test_a_closed_case_is_found_only_where_closed_ones_are_listed(shelf: Shelf) -> None:
    case = await shelf.open("lantern")
    async with shelf.store.begin() as session:
        closed = replace(case, status=CaseStatus.CLOSED)
        await repository.save(session, closed, case)
    assert (await shelf.listing.page([GUILD], Filter(text="lantern"))).cases == []
    assert await found(shelf, "lantern") == [case.id]
