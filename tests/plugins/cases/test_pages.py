"""The pages of cases: what they show, whom they let in, and that stored text stays text."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from frontdesk import (
    Article,
    Case,
    CaseRequest,
    CaseStatus,
    ChangedMessage,
    Handoff,
    HandoffState,
    Line,
    Person,
    RelayedMessage,
    Role,
    Speaker,
    Store,
    case_opened,
    handoff_changed,
    hookimpl,
    message_changed,
    message_relayed,
    open_case,
)
from frontdesk.tables import CORE
from frontdesk.words import Words
from frontdesk_cases import Cases
from frontdesk_cases.cases import EntryKind, NewEntry
from frontdesk_cases.notices import NotifySettings
from frontdesk_cases.presenter import Presenter
from frontdesk_cases.site import HERE
from frontdesk_cases.tables import TABLES

from tests.plugins.cases.visitor import Visitor, visitor
from tests.plugins.served import PUBLIC, Served, serve

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
EVIL = (
    '<script>alert(1)</script><style>*{display:none}</style> {{ 7 * 191 }} {% raw %} **bold** "><img src=x onerror=y>'
)
PERSON = Person(7, 9, "Mina Azadi", "de", NOW - timedelta(days=900), NOW - timedelta(days=45), ("Lantern keeper",))
REQUEST = CaseRequest(
    key="helpdesk:1:1",
    kind="agent_request",
    title="My lantern is gone",
    description="My lantern vanished after the update.",
    person=PERSON,
    source_url="https://discord.com/channels/1/2/3",
    fields={"Platform": "PC"},
    transcript=(Line(Speaker.MEMBER, "Mina Azadi", "where is my lantern?", NOW - timedelta(minutes=2)),),
    articles=(Article("lantern", "Lost lanterns", "https://help.example/lantern", "Look in the chest.", 0.7),),
)


@pytest.mark.parametrize(
    ("language", "this_year", "next_year"),
    [
        ("en-US", "May 4, 12:00\u202fPM UTC", "May 4, 2026, 12:00\u202fPM UTC"),
        ("de", "4. Mai, 12:00 UTC", "04.05.2026, 12:00 UTC"),
        ("fa", "4 مه،\u200f 12:00 UTC", "4 مه 2026،\u200f 12:00 UTC"),
    ],
)
def test_due_times_have_no_seconds_and_a_year_only_where_it_is_another(
    language: str, this_year: str, next_year: str
) -> None:
    words = Words("auto", {}, {}, strict=True)
    words.add("cases", HERE / "locales")
    due, say = NOW + timedelta(seconds=7), words.say("cases", language)
    assert Presenter(say, NOW, "").due(due) == this_year
    assert Presenter(say, NOW - timedelta(days=200), "").due(due) == next_year


class Listener:
    """Hears of cases."""

    def __init__(self) -> None:
        self.heard: list[Case] = []

    @hookimpl(case_opened)
    async def case_opened(self, case: Case) -> None:
        self.heard.append(case)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path, listener: Listener) -> AsyncIterator[Served]:
    store = Store(sqlite_url, durable=False)
    await store.connect()
    await store.upgrade([CORE, TABLES])
    frames = {"frame_ancestors": ["https://flex.twilio.com", "http://127.0.0.1:9000"]}
    async with serve("cases", Cases, store, tmp_path, frames, others=(listener,)) as served:
        yield served
    await store.close()


@pytest.fixture
async def noor(desk: Served) -> Visitor:
    """A supervisor of the server."""
    return await visitor(desk, "Noor", {9: Role.SUPERVISOR})


async def opened(desk: Served, request: CaseRequest = REQUEST) -> Case:
    case = await desk.hooks.first(open_case, request=request)
    assert case is not None
    return case


async def test_a_case_is_opened_through_the_hook_and_told_once(desk: Served, listener: Listener) -> None:
    case = await opened(desk)
    assert case.number == "CASE-1001"
    assert case.url == f"{PUBLIC}/cases/{case.id}"
    assert await opened(desk) == case
    await asyncio.gather(*desk.desk._tasks)
    assert listener.heard == [case]


async def test_the_page_shows_the_whole_case(desk: Served, noor: Visitor) -> None:
    case = await opened(desk)
    sids = {"conversation_sid": f"CH{'a' * 32}", "task_sid": f"WT{'b' * 32}"}
    handoff = Handoff(5, PERSON, HandoffState.QUEUED, HandoffState.REQUESTED, case, None, None, NOW, **sids)
    await desk.hooks.tell(handoff_changed, handoff=handoff)
    line = Line(Speaker.AGENT, "Omid", "Hello Mina", NOW + timedelta(minutes=1))
    await desk.hooks.tell(message_relayed, message=RelayedMessage(5, PERSON, None, line))
    page = await noor.get(case.url)
    assert page.status == 200
    for shown in (
        "CASE-1001", "My lantern is gone", "My lantern vanished after the update.", "Mina Azadi", "Lantern keeper",
        "German", "2 years", "2 months", "Platform", "PC", "where is my lantern?", "Lost lanterns",
        'href="https://help.example/lantern"', 'href="https://discord.com/channels/1/2/3"', "Waiting in the queue.",
        *sids.values(), "Omid", "Hello Mina", "Case opened", "Request for a person", ">Open<",
    ):  # fmt: skip
        assert shown in page.text, shown
    order = [page.text.index(text) for text in ("where is my lantern?", "Case opened", "Waiting in", "Hello Mina")]
    assert order == sorted(order)


async def test_a_changed_line_shows_what_it_said_before_and_leads_to_what_it_says_now(
    desk: Served, noor: Visitor
) -> None:
    case = await opened(desk)
    for text, last in (("fisrt", "first"), ("secret", "")):
        line = Line(Speaker.MEMBER, "Mina", text, NOW + timedelta(minutes=1), f"helpdesk:5:{text}")
        await desk.hooks.tell(message_relayed, message=RelayedMessage(5, PERSON, case, line))
        change = ChangedMessage(5, PERSON, case, replace(line, text=last), text, 1, NOW + timedelta(minutes=2))
        for _ in range(2):
            await desk.hooks.tell(message_changed, message=change)
    page = await noor.get(case.url)
    items = {text: item for item in page.text.split("<li ") for text in re.findall(r'auto">(\w+)</div>', item)}
    assert 'class="theirs outdated"' in items["fisrt"]
    changed = re.search(r'id="(e\d+)"', items["first"])
    assert changed is not None
    assert f'href="#{changed[1]}">changed later<' in items["fisrt"]
    assert 'class="theirs changed"' in items["first"]
    assert "Before: <bdi>fisrt</bdi>" in items["first"]
    assert ">taken back later<" in items["secret"]
    assert page.text.count("The message was taken back: \u2068secret\u2069") == 1


async def test_only_flex_may_frame_a_case_and_nobody_may_keep_it(desk: Served, noor: Visitor) -> None:
    page = await noor.get((await opened(desk)).url)
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://flex.twilio.com http://127.0.0.1:9000" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_without_a_session_nothing_is_shown(desk: Served) -> None:
    case = await opened(desk)
    nobody = Visitor(desk, "")
    for path in ("/cases/", f"/cases/{case.id}", "/cases/new", "/cases/person/9/7", f"/cases/{case.id}/files/x"):
        page = await nobody.get(path)
        assert page.status == 303, path
        assert page.headers["Location"].startswith("/staff/sign-in?next=%2Fcases%2F")
        assert "lantern" not in page.text.lower()
    in_frame = await nobody.get(case.url, **{"Sec-Fetch-Dest": "iframe"})
    assert in_frame.headers["Location"].startswith("/staff/sign-in/flex?next=")
    assert (await nobody.get("/cases/events", Accept="text/event-stream")).status == 401
    for form in ("answer", "note", "fields", "merge", "files"):
        assert (await nobody.post(f"/cases/{case.id}/{form}", {"text": ""})).status == 401, form


async def test_cases_of_other_servers_are_not_there(desk: Served) -> None:
    case = await opened(desk)
    stranger = await visitor(desk, "Stranger", {1: Role.SUPERVISOR})
    assert (await stranger.get("/cases/")).status == 200
    paths = (f"/cases/{case.id}", "/cases/999", "/cases/?server=9", "/cases/new?server=9", "/cases/person/9/7",
             f"/cases/{case.id}/files/x", f"/cases/events?case={case.id}", "/cases/events?server=9")  # fmt: skip
    for path in paths:
        assert (await stranger.get(path)).status == 404, path
    for form in ("answer", "note", "macro", "fields", "status", "link", "unlink", "merge", "unmerge", "split",
                 "typing", "files"):  # fmt: skip
        assert (await stranger.post(f"/cases/{case.id}/{form}", {"text": "x", "version": "1"})).status == 404, form
    assert [entry.kind for entry in await desk.plugin.book.timeline(case.id)][-1] is EntryKind.OPENED


async def test_stored_text_stays_text(desk: Served, noor: Visitor) -> None:
    person = replace(PERSON, name=EVIL, roles=(EVIL,), locale=EVIL)
    request = CaseRequest(
        key=EVIL, kind=EVIL, title=EVIL, description=EVIL, person=person, source_url="javascript:alert(1)",
        fields={EVIL: EVIL}, transcript=(Line(Speaker.MEMBER, EVIL, EVIL, NOW),),
        articles=(Article(EVIL, EVIL, "JavaScript:alert(1)", EVIL, 1.0), Article("x", EVIL, None, EVIL, 1.0)),
    )  # fmt: skip
    case = await opened(desk, request)
    handoff = Handoff(5, person, HandoffState.FAILED, HandoffState.QUEUED, case, EVIL, EVIL, NOW)
    await desk.hooks.tell(handoff_changed, handoff=handoff)
    await noor.get(case.url)
    await noor.post(f"/cases/{case.id}/note", {"text": EVIL})
    await noor.post(f"/cases/{case.id}/fields", {"version": "1", "team": EVIL[:50], "was-team": "", "title": EVIL})
    await noor.post("/cases/views?server=9", {"name": EVIL[:40], "for": "all", "query": f"q={quote(EVIL)}"})
    failed = await noor.post(f"/cases/{case.id}/answer", {"version": "2", "text": EVIL, "then": "nowhere"})
    assert failed.status == 422
    late = await noor.post(f"/cases/{case.id}/answer", {"version": "1", "text": EVIL})
    assert late.status == 409
    paths = (case.url, "/cases/", f"/cases/?q={quote(EVIL)}&tag={quote(EVIL)}&team={quote(EVIL)}", "/cases/person/9/7")
    for page in (failed, late, *[await noor.get(path) for path in paths]):
        if page not in (failed, late):
            assert page.status == 200
        assert "{{ 7 * 191 }} {% raw %} **bold**" in page.text
        for forbidden in ("<script>alert", "<style>", "<img src=x", "1337", "<strong>bold", 'href="javascript'):
            assert forbidden.lower() not in page.text.lower(), forbidden


@pytest.mark.parametrize(
    ("language", "says", "direction"), [("de-DE,en;q=0.5", "Eröffnet", "ltr"), ("fa", "روند پرونده", "rtl")]
)
async def test_the_page_speaks_the_readers_language(
    desk: Served, noor: Visitor, language: str, says: str, direction: str
) -> None:
    noor.language = language
    page = await noor.get((await opened(desk)).url)
    assert says in page.text
    assert f'dir="{direction}"' in page.text.split("<head>")[0]


@pytest.mark.parametrize("language", ["en", "de", "fa"])
async def test_every_kind_of_entry_can_be_read(desk: Served, noor: Visitor, language: str) -> None:
    case = await opened(desk)
    noor.language = language
    for state in HandoffState:
        handoff = Handoff(5, PERSON, state, HandoffState.BOT, case, None, None, NOW)
        await desk.hooks.tell(handoff_changed, handoff=handoff)
    for entry in every_entry():
        await desk.plugin.work.record(case.id, entry)
    page = await noor.get(case.url)
    assert page.status == 200
    assert page.text.count('<li class="event') >= len(HandoffState) + len(every_entry())


def every_entry() -> list[NewEntry]:
    """An entry of each kind, with each of its shapes."""
    changes = [("status", "open", "resolved"), ("priority", "normal", "urgent"), ("tags", "", "a"), ("team", "", "b"),
               ("assignee", "Noor", ""), ("title", "a", "b"), ("field", "", "x")]  # fmt: skip
    shapes: list[tuple[EntryKind, dict[str, str]]] = [
        *((EntryKind.CHANGE, {"what": what, "before": one, "after": two, "field": "o"}) for what, one, two in changes),
        *((EntryKind.CLOCK, {"clock": clock, "state": state}) for clock in ("answer", "resolve") for state in
          ("warning", "missed")),
        (EntryKind.CLOCK, {"clock": "silence", "state": "warning"}),
        *((EntryKind.NOTIFIED, {"what": what, "outcome": outcome}) for what in
          ("answer", *NotifySettings.model_fields) for outcome in ("delivered", "refused")),
        (EntryKind.FILE, {"file": "f", "name": "a.png", "size": "3"}), (EntryKind.FILE, {"name": "b", "lost": "gone"}),
        (EntryKind.LINK, {"other": "1", "other_number": "1001", "added": "yes"}),
        (EntryKind.LINK, {"other": "1", "other_number": "1001", "added": "no"}),
        (EntryKind.MERGED, {"into": "1", "into_number": "1001"}), (EntryKind.MERGED, {"from": "1", "from_number": "3"}),
        (EntryKind.MERGED, {"into": "1", "into_number": "1001", "undone": "yes"}),
        (EntryKind.MERGED, {"from": "1", "from_number": "1001", "undone": "yes"}),
        (EntryKind.SPLIT, {"other": "1", "other_number": "1001", "new": "yes"}),
        (EntryKind.SPLIT, {"other": "1", "other_number": "1001", "new": "no"}), (EntryKind.RATING, {"stars": "5"}),
    ]  # fmt: skip
    return [NewEntry(kind, "Noor", "", NOW, data) for kind, data in shapes]


async def test_static_files_are_served(desk: Served) -> None:
    page = await desk.get("/cases/static/cases.css")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/css")


def test_statuses_are_all_known() -> None:
    from frontdesk_cases.presenter import _COLOURS

    assert set(_COLOURS) == set(CaseStatus)
