"""Working on cases on their pages: every form, who may send it, and that nothing that was typed is lost."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from frontdesk import CaseStatus, Person, Role, Store
from frontdesk.staff_sessions import Arrival
from frontdesk.tables import CORE
from frontdesk_cases import Cases
from frontdesk_cases.cases import Actor, CaseRecord, EntryKind, Priority
from frontdesk_cases.changes import SetPriority, SetStatus, SetTags
from frontdesk_cases.tables import TABLES

from tests.plugins.cases.office import BUG, OMID
from tests.plugins.cases.visitor import Visitor, visitor
from tests.plugins.served import Seen, Served, serve
from tests.staff_door import signed_in

GUILD = 9
MINA = Person(7_000_000_001, GUILD, "Mina")
SETTINGS = {
    "largest_file": 1_500_000,
    "fields": [
        {"name": "seats", "label": "Seats", "kind": "number"},
        {"name": "plan", "label": "Plan", "kind": "choice", "choices": ["Free & easy", "Pro"]},
    ],
    "macros": [{"name": "Thanks", "answer": "Thank you, {name}!", "status": "resolved", "add_tags": ["thanked"]}],
}


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> AsyncIterator[Served]:
    """On both databases in turn."""
    await store.upgrade([CORE, TABLES])
    async with serve("cases", Cases, store, tmp_path, SETTINGS) as served:
        yield served


@pytest.fixture
async def noor(desk: Served) -> Visitor:
    """An agent."""
    return await visitor(desk, "Noor", {GUILD: Role.AGENT})


@pytest.fixture
async def lead(desk: Served) -> Visitor:
    """A supervisor."""
    return await visitor(desk, "Lead", {GUILD: Role.SUPERVISOR})


@pytest.fixture
async def watcher(desk: Served) -> Visitor:
    """Somebody who may only look."""
    return await visitor(desk, "Watcher", {GUILD: Role.VIEWER})


async def new_case(desk: Served, key: str = "1", **more: object) -> CaseRecord:
    request = replace(BUG, key=key, person=MINA, **more)  # type: ignore[arg-type]  # any of its fields
    found: CaseRecord = (await desk.plugin.book.open(request)).case
    return found


async def now(desk: Served, case: CaseRecord) -> CaseRecord:
    found: CaseRecord = await desk.plugin.book.find(case.id)
    return found


async def said(desk: Served, case: CaseRecord, kind: EntryKind) -> list[str]:
    return [entry.text for entry in await desk.plugin.book.timeline(case.id) if entry.kind is kind]


@pytest.mark.parametrize(
    ("then", "status"),
    [("", CaseStatus.PENDING_CUSTOMER), ("resolved", CaseStatus.RESOLVED), ("pending_us", CaseStatus.PENDING_US)],
)
async def test_an_answer_is_stored_with_what_comes_next(
    desk: Served, noor: Visitor, then: str, status: CaseStatus
) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    sent = await noor.post(f"/cases/{case.id}/answer", {"version": "1", "text": "Try\r\nagain", "then": then})
    assert (sent.status, sent.headers["Location"]) == (303, f"/cases/{case.id}#sent")
    assert await said(desk, case, EntryKind.MESSAGE) == ["Try\nagain"]
    assert (await now(desk, case)).status is status


async def test_fields_change_only_where_they_were_changed(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    page = await noor.get(f"/cases/{case.id}")
    assert 'value="Free &amp; easy"' in page.text
    form = {
        "version": "1", "was-status": "open", "status": "open", "was-priority": "normal", "priority": "urgent",
        "was-assignee": "", "assignee": noor_id(desk), "was-tags": "", "tags": "VIP, Lantern", "was-team": "",
        "team": "Keepers", "was-title": case.title, "title": case.title, "was-custom-seats": "", "custom-seats": "4",
        "was-custom-plan": "", "custom-plan": "Free & easy",
    }  # fmt: skip
    assert (await noor.post(f"/cases/{case.id}/fields", form)).status == 303
    changed = await now(desk, case)
    assert (changed.priority, changed.tags, changed.team) == (Priority.URGENT, ("lantern", "vip"), "Keepers")
    assert changed.assignee is not None
    assert changed.assignee.name == "Noor"
    assert changed.custom == {"seats": "4", "plan": "Free & easy"}
    assert len(await said(desk, case, EntryKind.CHANGE)) == 6
    page = await noor.get(f"/cases/{case.id}")
    assert '<option value="Free &amp; easy" selected>' in page.text
    assert "Keepers" in page.text


async def test_a_case_is_taken_with_one_button_as_long_as_nobody_has_it(
    desk: Served, noor: Visitor, lead: Visitor, watcher: Visitor
) -> None:
    case = await new_case(desk)
    take = f'action="/cases/{case.id}/take"'
    assert take not in (await watcher.get(f"/cases/{case.id}")).text
    for each in (lead, noor):
        assert take in (await each.get(f"/cases/{case.id}")).text
    assert (await noor.post(f"/cases/{case.id}/take")).status == 303
    late = await lead.post(f"/cases/{case.id}/take")
    assert late.status == 422
    assert "Noor has this case already. To give it to somebody else, change the assignee." in late.text
    assert take not in late.text
    assert (await now(desk, case)).assignee == Actor(noor_id(desk), "Noor")


async def test_everybody_who_may_work_here_is_offered_as_an_assignee(desk: Served, noor: Visitor) -> None:
    """Also who has never had a case; nobody who may only look, works elsewhere, or does not belong to us any more."""
    case = await new_case(desk)
    for name, roles in (
        ("Lead", {GUILD: Role.SUPERVISOR}), ("Tariq", {GUILD: Role.AGENT}), ("Watcher", {GUILD: Role.VIEWER}),
        ("Elsewhere", {GUILD + 1: Role.SUPERVISOR}), ("Gone", {GUILD: Role.AGENT}),
    ):  # fmt: skip
        await visitor(desk, name, roles)
    desk.town.people[list(desk.town.people)[-1]] = {}
    desk.town.names[GUILD] = "Lantern Vale"
    for name, role in (("amira", Role.AGENT), ("guest", Role.VIEWER)):
        await signed_in(desk.desk.staff, Arrival(f"flex:{name}", name.title(), "flex", role))
    for path in (f"/cases/{case.id}", f"/cases/new?server={GUILD}"):
        select = re.search(r'<select id="assignee".*?</select>', (await noor.get(path)).text, re.DOTALL)
        assert select is not None, path
        assert re.findall(r">([^<>]+)</option>", select[0]) == ["nobody", "Amira", "Lead", "Noor (me)", "Tariq"], path
    form = {"version": "1", "was-assignee": "", "assignee": "flex:amira"}
    assert (await noor.post(f"/cases/{case.id}/fields", form)).status == 303
    assert (await now(desk, case)).assignee == Actor("flex:amira", "Amira")


def noor_id(desk: Served) -> str:
    [number] = [number for number, roles in desk.town.people.items() if roles == {GUILD: Role.AGENT}]
    return f"discord:{number}"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"custom-seats": "many"}, "“Seats” must be a number."),
        ({"custom-plan": "Gold"}, "“Plan” must be one of: Free &amp; easy, Pro."),
        ({"custom-other": "x"}, "There is no field “other”."),
        ({"assignee": "discord:5"}, "Nobody here knows that person."),
        ({"status": "gone"}, "That cannot be chosen."),
        ({"priority": "gone"}, "That cannot be chosen."),
        ({"tags": "x" * 50}, "A case has at most 20 tags of 40 characters."),
        ({"title": " ", "was-title": "x"}, "The title is missing."),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_typed_stays(
    desk: Served, noor: Visitor, form: dict[str, str], says: str
) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    answer = await noor.post(f"/cases/{case.id}/fields", {"version": "1", "team": "Typed team", **form})
    assert answer.status == 422
    assert says in answer.text
    assert 'value="Typed team"' in answer.text
    assert (await now(desk, case)).version == 1


async def test_a_text_that_cannot_be_sent_stays_in_its_form(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    answer = await noor.post(f"/cases/{case.id}/answer", {"version": "1", "text": "My long <answer>", "then": "x"})
    assert answer.status == 422
    assert ">My long &lt;answer&gt;</textarea>" in answer.text
    empty = await noor.post(f"/cases/{case.id}/note", {"text": "  "})
    assert "There is no text." in empty.text
    signed_out = await Visitor(desk, "").post(f"/cases/{case.id}/answer", {"version": "1", "text": "My long <answer>"})
    assert signed_out.status == 401
    assert "My long &lt;answer&gt;</textarea>" in signed_out.text
    assert await said(desk, case, EntryKind.MESSAGE) == []


async def test_what_a_stranger_sends_is_read_within_limits(desk: Served) -> None:
    case = await new_case(desk)
    stranger = Visitor(desk, "")
    files = aiohttp.FormData()
    files.add_field("text", "Mine")
    files.add_field("file", b"x", filename="x.txt")
    assert (await stranger.send(f"/cases/{case.id}/answer", files)).status == 400
    many = {f"field{number}": "x" for number in range(300)}
    assert (await stranger.post(f"/cases/{case.id}/answer", {"text": "Mine", **many})).status == 400


async def test_numbers_that_are_too_long_are_none(desk: Served, noor: Visitor) -> None:
    case, long = await new_case(desk), "9" * 5000
    await noor.get(f"/cases/{case.id}")
    await desk.plugin.work.change(case.id, [SetPriority(Priority.LOW)], OMID, version=1)
    form = {"version": "1", "seen": long, "was-priority": "normal", "priority": "urgent"}
    assert (await noor.post(f"/cases/{case.id}/fields", form)).status == 409
    assert (await noor.get(f"/cases/dashboard?days={long}")).status == 200
    assert (await noor.get(f"/cases/dashboard?server={long}")).status == 404


async def test_the_second_save_is_refused_with_both_versions_and_can_be_put_on_top(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    await desk.plugin.work.change(case.id, [SetPriority(Priority.LOW), SetTags(("theirs",))], OMID, version=1)
    form = {"version": "1", "seen": "1", "was-priority": "normal", "priority": "urgent", "was-tags": "", "tags": ""}
    conflict = await noor.post(f"/cases/{case.id}/fields", form)
    assert conflict.status == 409
    table = conflict.text.split("<tbody>")[1].split("</tbody>")[0]
    assert "Priority" in table
    assert "<td>Low</td><td><strong>Urgent</strong>" in table
    assert "Tags" not in table  # which this agent has not touched
    assert "Omid" in conflict.text.split('id="meanwhile"')[1]  # who was quicker
    assert (await now(desk, case)).priority is Priority.LOW
    again = {"version": "2", "priority": "urgent", "was-priority": "normal", "was-tags": "", "tags": ""}
    for name, value in again.items():
        assert f'name="{name}" value="{value}"' in conflict.text
    assert (await noor.post(f"/cases/{case.id}/fields", again)).status == 303
    changed = await now(desk, case)
    assert (changed.priority, changed.tags) == (Priority.URGENT, ("theirs",))


async def test_a_conflict_gives_the_answer_back(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    await desk.plugin.work.answer(case.id, "I am on it", OMID)
    form = {"version": "1", "seen": "1", "text": "Hello <Mina>", "then": "resolved"}
    conflict = await noor.post(f"/cases/{case.id}/answer", form)
    assert conflict.status == 409
    assert ">Hello &lt;Mina&gt;</textarea>" in conflict.text
    assert "I am on it" in conflict.text
    assert 'name="then" value="resolved"' in conflict.text
    assert await said(desk, case, EntryKind.MESSAGE) == ["I am on it"]


async def test_a_form_that_is_sent_twice_writes_once(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    page = await noor.get(f"/cases/{case.id}")
    assert page.text.count('name="once"') == 3  # answer, macro, note
    once = page.text.split('name="once" value="')[1].split('"')[0]
    form = {"version": "1", "once": once, "text": "Hello", "macro": "Thanks"}
    for name in ("answer", "note"):
        twice = await asyncio.gather(*(noor.post(f"/cases/{case.id}/{name}", form) for _ in range(2)))
        assert [each.status for each in twice] == [303, 303], name
    assert await said(desk, case, EntryKind.MESSAGE) == await said(desk, case, EntryKind.NOTE) == ["Hello"]
    form["version"] = str((await now(desk, case)).version)
    assert [(await noor.post(f"/cases/{case.id}/macro", form)).status for _ in range(2)] == [303, 303]
    assert await said(desk, case, EntryKind.MESSAGE) == ["Hello", "Thank you, Mina!"]


async def test_another_text_in_the_form_of_before_is_not_lost(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    form = {"version": "1", "once": "abc", "text": "Hello"}
    await noor.post(f"/cases/{case.id}/answer", form)
    back = await noor.post(f"/cases/{case.id}/answer", {**form, "text": "And <this>"})
    assert back.status == 409
    assert ">And &lt;this&gt;</textarea>" in back.text
    assert 'name="once" value="abc"' in back.text
    assert (await noor.post(f"/cases/{case.id}/note", {**form, "text": "One"})).status == 303
    assert (await noor.post(f"/cases/{case.id}/note", {**form, "text": "Two"})).status == 303
    assert await said(desk, case, EntryKind.NOTE) == ["One", "Two"]


async def test_an_answer_that_leaves_the_status_refuses_the_page_of_before_too(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    for status in (CaseStatus.PENDING_CUSTOMER, CaseStatus.CLOSED):
        before = await desk.plugin.work.change(case.id, [SetStatus(status)], OMID)
        await desk.plugin.work.answer(case.id, "I am on it", OMID)
        form = {"version": str(before.version), "text": "No, you are not"}
        assert (await noor.post(f"/cases/{case.id}/answer", form)).status == 409
        assert (await now(desk, case)).status is status
    assert await said(desk, case, EntryKind.MESSAGE) == ["I am on it"] * 2


async def test_a_long_timeline_has_a_way_to_its_beginning(
    desk: Served, noor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk_cases.book.TIMELINE_LENGTH", 3)
    case = await new_case(desk)
    for number in range(5):
        await desk.plugin.work.note(case.id, f"note {number}", OMID)
    latest = await noor.get(f"/cases/{case.id}")
    assert [f"note {number}" in latest.text for number in range(5)] == [False, False, True, True, True]
    assert "Latest entries" not in latest.text
    [address] = re.findall(r'<a href="([^"]+)#timeline">Older entries</a>', latest.text)
    first = await noor.get(address)
    assert [f"note {number}" in first.text for number in range(5)] == [True, True, False, False, False]
    assert "Case opened" in first.text.split('id="thread"')[1]
    assert "Older entries" not in first.text
    assert f'<a href="/cases/{case.id}#timeline">Latest entries</a>' in first.text
    for nowhere in ("999999", "x", "9" * 40):
        assert "note 4" in (await noor.get(f"/cases/{case.id}?before={nowhere}")).text


async def test_a_macro_answers_and_changes_in_one_step(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    page = await noor.get(f"/cases/{case.id}")
    assert "<option>Thanks</option>" in page.text
    assert (await noor.post(f"/cases/{case.id}/macro", {"version": "1", "macro": "Thanks"})).status == 303
    changed = await now(desk, case)
    assert (changed.status, changed.tags) == (CaseStatus.RESOLVED, ("thanked",))
    assert await said(desk, case, EntryKind.MESSAGE) == ["Thank you, Mina!"]
    assert (await noor.post(f"/cases/{case.id}/macro", {"version": "3", "macro": "No"})).status == 422
    reopened = await noor.post(f"/cases/{case.id}/status", {"version": str(changed.version)})
    assert reopened.status == 303
    assert (await now(desk, case)).status is CaseStatus.OPEN


async def test_links_mergers_and_splits(desk: Served, noor: Visitor, lead: Visitor) -> None:
    one, two = await new_case(desk, "1"), await new_case(desk, "2", title="Another thing entirely")
    await noor.get(f"/cases/{one.id}")
    assert (await noor.post(f"/cases/{one.id}/link", {"number": f" case-{two.number} "})).status == 303
    assert "Another thing entirely" in (await noor.get(f"/cases/{one.id}")).text.split('id="related"')[1]
    assert (await noor.post(f"/cases/{one.id}/unlink", {"number": str(two.number)})).status == 303
    for number, says in (("9999", "There is no case 9999"), ("x", "such as CASE-1042"), (str(one.number), "itself")):
        wrong = await noor.post(f"/cases/{one.id}/link", {"number": number})
        assert wrong.status == 422
        assert says in wrong.text
    assert (await noor.post(f"/cases/{two.id}/merge", {"number": str(one.number)})).status == 403
    await lead.get(f"/cases/{two.id}")
    merged = await lead.post(f"/cases/{two.id}/merge", {"number": str(one.number)})
    assert merged.headers["Location"] == f"/cases/{one.id}#related"
    assert (await noor.get(f"/cases/{two.id}")).headers["Location"] == f"/cases/{one.id}"
    kept = await lead.get(f"/cases/{two.id}?stay=1")
    assert "goes on in" in kept.text
    assert 'id="answer"' not in kept.text
    assert (await noor.post(f"/cases/{two.id}/unmerge")).status == 403
    assert (await lead.post(f"/cases/{two.id}/unmerge")).status == 303
    assert (await now(desk, two)).merged_into is None


async def test_ticked_messages_become_a_case(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await desk.plugin.work.answer(case.id, "About the lamp", OMID)
    await desk.plugin.work.answer(case.id, "About the door", OMID)
    chosen = [entry.id for entry in await desk.plugin.book.timeline(case.id) if entry.kind is EntryKind.MESSAGE]
    page = await noor.get(f"/cases/{case.id}")
    assert all(f'value="{number}" form="split"' in page.text for number in chosen)
    none = await noor.post(f"/cases/{case.id}/split", {"title": "The door"})
    assert "Tick at least one message." in none.text

    async def split(*entries: object) -> Seen:
        content = aiohttp.FormData({"title": "The door"})
        for entry in entries:
            content.add_field("entry", str(entry))
        return await noor.send(f"/cases/{case.id}/split", content)

    assert (await split(chosen[1], 999_999)).status == 422
    done = await split(chosen[1], "x")
    new = await desk.plugin.book.find(int(done.headers["Location"].rpartition("/")[2]))
    assert (new.title, new.description) == ("The door", "About the door")


async def test_who_may_look_is_shown_no_form(desk: Served, watcher: Visitor) -> None:
    case = await new_case(desk)
    page = await watcher.get(f"/cases/{case.id}")
    assert page.status == 200
    assert "<textarea" not in page.text
    assert page.text.count("<form") == page.text.count("/staff/sign-out") + page.text.count('method="dialog"')


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 12])
async def test_a_form_without_its_version_is_none_of_ours(desk: Served, noor: Visitor, version: str) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    assert (await noor.post(f"/cases/{case.id}/answer", {"version": version, "text": "x"})).status == 400


async def test_a_file_is_uploaded_and_given_out_as_a_download(desk: Served, noor: Visitor, watcher: Visitor) -> None:
    case, other = await new_case(desk), await new_case(desk, "2")
    await noor.get(f"/cases/{case.id}")
    content = aiohttp.FormData()
    content.add_field("file", b"<script>alert(1)</script>", filename="evil.html", content_type="text/html")
    sent = await noor.send(f"/cases/{case.id}/files", content)
    assert sent.headers["Location"] == f"/cases/{case.id}#files"
    [file] = await desk.plugin.cabinet.of_cases([case.id])
    assert file.name == "evil.html"
    assert f"/cases/{case.id}/files/{file.id}" in (await noor.get(f"/cases/{case.id}")).text
    got = await watcher.get(f"/cases/{case.id}/files/{file.id}")
    assert (got.status, got.text) == (200, "<script>alert(1)</script>")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    for path in (
        f"/cases/{other.id}/files/{file.id}",
        f"/cases/{case.id}/files/{'0' * 32}",
        f"/cases/{case.id}/files/..%2fx",
    ):
        assert (await watcher.get(path)).status == 404, path
    stranger = await visitor(desk, "Stranger", {1: Role.SUPERVISOR})
    assert (await stranger.get(f"/cases/{case.id}/files/{file.id}")).status == 404


async def test_a_file_may_be_larger_than_other_bodies_but_not_too_large(desk: Served, noor: Visitor) -> None:
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")

    async def send(size: int) -> int:
        content = aiohttp.FormData()
        content.add_field("file", b"x" * size, filename="a.bin", content_type="application/octet-stream")
        return (await noor.send(f"/cases/{case.id}/files", content)).status

    assert await send(1_500_000) == 303
    assert await send(1_500_001) == 422
    assert await send(0) == 422
    assert await send(1_600_000) == 413
    assert len(await desk.plugin.cabinet.of_cases([case.id])) == 1


async def test_a_case_is_opened_once_for_a_member(desk: Served, noor: Visitor) -> None:
    async def find(guild_id: int, user_id: int) -> Person | None:
        return replace(MINA, guild_id=guild_id) if user_id == MINA.user_id else None

    object.__setattr__(desk.plugin.parts, "find_person", find)  # there is no Discord here
    page = await noor.get("/cases/new")
    key = page.text.split('name="key" value="')[1].split('"')[0]
    form = {"key": key, "person": "123456", "title": "A new <one>", "description": "It broke", "kind": "bug",
            "priority": "high", "tags": "Door", "assignee": noor_id(desk)}  # fmt: skip
    wrong = await noor.post("/cases/new", form)
    assert wrong.status == 422
    assert "There is no such member" in wrong.text
    assert 'value="A new &lt;one&gt;"' in wrong.text
    assert f'value="{key}"' in wrong.text
    many = {**form, "person": str(MINA.user_id), "tags": ", ".join(f"t{number}" for number in range(30))}
    assert (await noor.post("/cases/new", many)).status == 422
    assert await desk.plugin.book.of_person(GUILD, MINA.user_id, 10) == []  # nothing of a refused form is kept
    first = await noor.post("/cases/new", {**form, "person": str(MINA.user_id)})
    second = await noor.post("/cases/new", {**form, "person": str(MINA.user_id)})
    assert first.status == second.status == 303
    assert first.headers["Location"] == second.headers["Location"]
    case = await desk.plugin.book.find(int(first.headers["Location"].rpartition("/")[2]))
    assert (case.kind, case.priority, case.tags, case.person.name) == ("bug", Priority.HIGH, ("door",), "Mina")
    person = await noor.get(f"/cases/person/{GUILD}/{MINA.user_id}")
    assert "A new &lt;one&gt;" in person.text
    assert (await noor.get(f"/cases/person/{GUILD}/5")).status == 404


NUL = "a\x00b"
FORMS = [
    ("/{id}/answer", {"version": "1", "text": NUL}),
    ("/{id}/note", {"text": NUL}),
    ("/{id}/macro", {"version": "2", "macro": NUL}),
    ("/{id}/fields", {"version": "2", "title": NUL, "team": NUL, "tags": NUL}),
    ("/{id}/fields", {"version": "3", "assignee": NUL}),
    ("/{id}/fields", {"version": "3", "custom-plan": NUL}),
    ("/{id}/status", {"version": "3", "then": NUL}),
    ("/{id}/link", {"number": NUL}),
    ("/{id}/split", {"entry": "1", "title": NUL}),
    ("/new", {"key": NUL, "person": str(MINA.user_id), "title": NUL, "description": NUL, "kind": NUL, "tags": NUL,
              "team": NUL, "priority": "low"}),
    ("/views", {"name": NUL, "query": f"q={NUL}&tag={NUL}&team={NUL}", "for": NUL}),
]  # fmt: skip
ADDRESSES = [
    "/?q=%00a&kind=%00a&tag=%00a&team=%00a&assignee=%00a&after=%00a&status=%00", "/?server=%00", "/{id}/files/%00",
    "/dashboard?days=%00", "/export.csv?tag=%00a&assignee=%00a", "/new?person=%00",
]  # fmt: skip


async def test_what_a_database_cannot_keep_is_refused_or_left_out(desk: Served, noor: Visitor) -> None:
    async def find(_guild_id: int, _user_id: int) -> Person | None:
        return MINA

    object.__setattr__(desk.plugin.parts, "find_person", find)
    case = await new_case(desk)
    await noor.get(f"/cases/{case.id}")
    for path, form in FORMS:
        sent = await noor.post(f"/cases{path}".replace("{id}", str(case.id)), form)
        assert sent.status < 500, (path, form)
    for path in ADDRESSES:
        assert (await noor.get(f"/cases{path}".replace("{id}", str(case.id)))).status < 500, path
    changed = await now(desk, case)
    assert (changed.title, changed.team, changed.tags) == ("ab", "ab", ("ab",))
    assert await said(desk, case, EntryKind.MESSAGE) == await said(desk, case, EntryKind.NOTE) == ["ab"]
