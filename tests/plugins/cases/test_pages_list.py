"""The list of cases: what an address asks for, saved views, pages, servers, and the stream of news."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import aiohttp
import pytest
from frontdesk import CaseStatus, Role, Store, StoreUnavailable, stop
from frontdesk.tables import CORE
from frontdesk_cases import Cases, page_events
from frontdesk_cases.cases import Actor, CaseRecord, Priority
from frontdesk_cases.changes import SetAssignee, SetPriority, SetStatus, SetTags
from frontdesk_cases.listing import Order
from frontdesk_cases.page_list import LISTED
from frontdesk_cases.presence import GONE
from frontdesk_cases.questions import Question
from frontdesk_cases.tables import TABLES
from frontdesk_cases.wire import KEPT, LISTENERS_EACH, WAITING, Wire
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.core.other_side import until
from tests.plugins.cases.office import BUG, NOOR, OMID
from tests.plugins.cases.visitor import LONGEST, Visitor, visitor
from tests.plugins.served import Served, serve


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    store = Store(sqlite_url, durable=False)
    await store.connect()
    await store.upgrade([CORE, TABLES])
    async with serve("cases", Cases, store, tmp_path, {}) as served:
        yield served
    await store.close()


async def new_case(desk: Served, title: str, *, guild_id: int = 1) -> CaseRecord:
    request = replace(BUG, key=title, title=title, person=replace(BUG.person, guild_id=guild_id))
    found: CaseRecord = (await desk.plugin.book.open(request)).case
    return found


QUESTIONS = st.builds(
    Question,
    text=st.sampled_from(["", "lamp", "a & b = c", "یک"]),
    statuses=st.sets(st.sampled_from(CaseStatus), min_size=1, max_size=4).map(
        lambda chosen: tuple(status for status in CaseStatus if status in chosen)
    ),
    kinds=st.lists(st.sampled_from(["bug", "feature"]), unique=True, max_size=2).map(tuple),
    priorities=st.lists(st.sampled_from(Priority), unique=True, max_size=3).map(tuple),
    tags=st.lists(st.sampled_from(["a", "b c"]), unique=True, max_size=2).map(tuple),
    assignee=st.sampled_from(["", "me", "nobody", "discord:5"]),
    team=st.sampled_from(["", "Keepers"]),
    late=st.booleans(),
    order=st.sampled_from(Order),
)


@given(question=QUESTIONS)
def test_a_question_is_read_as_it_was_written(question: Question) -> None:
    assert Question.read(parse_qsl(question.written())) == question


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["q", "status", "kind", "priority", "tag", "late", "order", "x"]), st.text())
    )
)
def test_any_address_can_be_read(pairs: list[tuple[str, str]]) -> None:
    question = Question.read(pairs)
    assert Question.read(parse_qsl(question.written())).filter("me", ()) == question.filter("me", ())


async def test_filters_search_and_tabs(desk: Served) -> None:
    noor = await visitor(desk, "Noor", {1: Role.AGENT})
    lamp, door, done = [await new_case(desk, title) for title in ("The lamp", "The door", "The done")]
    me = Actor(f"discord:{sum(map(ord, 'Noor')) + 1000}", "Noor")
    await desk.plugin.work.change(lamp.id, [SetAssignee(me), SetTags(("night", "vip"))], me)
    await desk.plugin.work.change(done.id, [SetStatus(CaseStatus.CLOSED)], me)

    async def titles(query: str) -> list[str]:
        page = await noor.get(f"/cases/?{query}")
        assert page.status == 200
        return [part.split("<bdi>")[1].split("<")[0] for part in page.text.split('class="open"')[1:]]

    assert await titles("") == ["The lamp", "The door"] or await titles("") == ["The door", "The lamp"]
    assert await titles("assignee=me") == ["The lamp"]
    assert await titles("assignee=nobody") == ["The door"]
    assert await titles("status=closed") == ["The done"]
    assert len(await titles("status=all")) == 3
    assert await titles("tag=night,vip") == ["The lamp"]
    assert await titles("q=door") == ["The door"]
    assert await titles("q=nothing+like+it") == []
    assert await titles("late=1") == []
    assert await titles("priority=urgent") == []
    assert await titles("after=nonsense&q=door") == ["The door"]
    page = await noor.get("/cases/?assignee=me")
    assert page.text.split('aria-current="page"><bdi>')[1].startswith("Mine")
    assert (await noor.get(f"/cases/{door.id}?panel=1")).text.count("panel=1") > 5


async def test_pages_follow_each_other(desk: Served) -> None:
    noor = await visitor(desk, "Noor", {1: Role.VIEWER})
    for number in range(LISTED + 3):
        await new_case(desk, f"Case number {number}")
    page = await noor.get("/cases/")
    assert page.text.count('class="open"') == LISTED
    assert f"{LISTED + 3} cases" in page.text
    following = page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = await noor.get(following)
    assert second.text.count('class="open"') == 3
    assert 'rel="next"' not in second.text
    assert "First page" in second.text


async def test_servers_are_switched(desk: Served) -> None:
    noor = await visitor(desk, "Noor", {1: Role.AGENT, 2: Role.VIEWER})
    await new_case(desk, "In the vale")
    await new_case(desk, "In the harbour", guild_id=2)
    vale, harbour = await noor.get("/cases/"), await noor.get("/cases/?server=2")
    assert ("In the vale" in vale.text, "In the harbour" in vale.text) == (True, False)
    assert ("In the vale" in harbour.text, "In the harbour" in harbour.text) == (False, True)
    assert "Lantern Vale" in vale.text
    assert "/cases/new" in vale.text
    assert "/cases/new" not in harbour.text  # where they may only look
    assert (await noor.get("/cases/?server=3")).status == 404


async def test_who_may_only_look_has_views_of_their_own_and_none_for_others(desk: Served) -> None:
    noor, omid = await visitor(desk, "Noor", {1: Role.VIEWER}), await visitor(desk, "Omid", {1: Role.VIEWER})
    lead = await visitor(desk, "Lead", {1: Role.SUPERVISOR})
    for person in (omid, lead):
        await person.get("/cases/")
    page = (await noor.get("/cases/")).text
    assert 'action="/cases/views?server=1"' in page
    assert '<option value="all">' not in page
    night = {"name": "My nights", "query": "tag=night"}
    assert (await noor.post("/cases/views?server=1", night | {"for": "me"})).status == 303
    assert (await noor.post("/cases/views?server=1", night | {"for": "all"})).status == 403
    assert (await lead.post("/cases/views?server=1", night | {"for": "all"})).status == 303
    [everybodys, own] = await desk.plugin.parts.views.of([1], f"discord:{sum(map(ord, 'Noor')) + 1000}")
    page = (await noor.get("/cases/")).text
    assert f"/cases/views/{own.id}/delete" in page
    assert f"/cases/views/{everybodys.id}/delete" not in page
    assert (await omid.post(f"/cases/views/{own.id}/delete")).status == 404
    assert (await noor.post(f"/cases/views/{everybodys.id}/delete")).status == 403
    assert (await noor.post(f"/cases/views/{own.id}/delete")).status == 303


async def test_the_words_on_the_page_are_found_in_its_language_and_in_the_csv(desk: Served) -> None:
    noor = await visitor(desk, "Noor", {1: Role.AGENT})
    lamp, bell = await new_case(desk, "The lamp"), await new_case(desk, "The bell")
    await desk.plugin.parts.work.change(lamp.id, [SetPriority(Priority.URGENT), SetStatus(CaseStatus.PENDING_US)], NOOR)
    await desk.plugin.parts.work.change(bell.id, [SetStatus(CaseStatus.RESOLVED)], NOOR)
    for language, urgent, waiting, resolved, kind in (
        ("en", "urgent", "waiting for us", "Resolved", "bug report"),
        ("de", "dringend", "wartet auf uns", "Gelöst", "Fehlermeldung"),
        ("fa", "فوری", "در انتظار ما", "حل‌شده", "گزارش خطا"),
    ):
        reader = replace(noor, language=language)
        for text, titles in ((urgent, {"lamp"}), (waiting, {"lamp"}), (resolved, {"bell"}), (kind, {"lamp", "bell"})):
            for path in ("/cases/", "/cases/export.csv"):
                seen = (await reader.get(f"{path}?status=all&q={quote(text)}")).text
                assert {title for title in ("lamp", "bell") if f"The {title}" in seen} == titles, (text, path)


async def test_views_are_saved_for_oneself_or_all_and_deleted(desk: Served) -> None:
    noor, omid = await visitor(desk, "Noor", {1: Role.AGENT}), await visitor(desk, "Omid", {1: Role.AGENT})
    lead = await visitor(desk, "Lead", {1: Role.SUPERVISOR})
    for person in (noor, omid, lead):
        await person.get("/cases/")
    saved = await noor.post("/cases/views?server=1", {"name": "My nights", "query": "tag=night&x=1", "for": "me"})
    assert saved.headers["Location"] == "/cases/?tag=night"
    for_all = {"name": "All nights", "query": "tag=night&status=all", "for": "all"}
    assert (await noor.post("/cases/views?server=1", for_all)).status == 403
    await lead.post("/cases/views?server=1", for_all)
    assert "My nights" in (await noor.get("/cases/")).text
    seen = (await omid.get("/cases/")).text
    assert "All nights" in seen
    assert "My nights" not in seen
    [everybodys, own] = await desk.plugin.parts.views.of([1], f"discord:{sum(map(ord, 'Noor')) + 1000}")
    assert (everybodys.name, everybodys.query) == ("All nights", "status=all&tag=night")
    assert (await omid.post(f"/cases/views/{own.id}/delete")).status == 404
    assert (await omid.post(f"/cases/views/{everybodys.id}/delete")).status == 403
    assert (await noor.post(f"/cases/views/{own.id}/delete")).status == 303
    assert (await lead.post(f"/cases/views/{everybodys.id}/delete")).status == 303
    assert (await lead.post(f"/cases/views/{everybodys.id}/delete")).status == 404
    for language, sentence in (
        ("en", "The name is missing."),
        ("de", "Der Name fehlt."),
        ("fa", "نام خالی است."),
    ):
        reader = replace(noor, language=language)
        await reader.get("/cases/")
        nameless = await reader.post("/cases/views?server=1", {"name": " ", "query": "tag=night"})
        assert (nameless.status, sentence in nameless.text) == (400, True)


def event(text: str) -> tuple[str, Any]:
    lines = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(":"))
    return lines.get("event", ""), json.loads(lines.get("data", "null"))


class Stream:
    """Reads the stream of events."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self, what: str) -> Any:
        async with asyncio.timeout(LONGEST):
            while True:
                lines = b""
                while not lines.endswith(b"\n\n"):
                    piece = await self._response.content.readany()
                    if not piece:
                        return None
                    lines += piece
                for each in lines.decode().split("\n\n"):
                    if event(each)[0] == what:
                        return event(each)[1]


async def listen(session: aiohttp.ClientSession, person: Visitor, query: str) -> Stream:
    url = f"http://127.0.0.1:{person.desk.port}/cases/events?{query}"
    response = await session.get(url, headers={"Cookie": person.cookie, "Accept": "text/event-stream"})
    assert response.status == 200
    return Stream(response)


async def test_news_of_a_server_are_heard_by_those_who_may_see_them(desk: Served) -> None:
    noor, stranger = await visitor(desk, "Noor", {1: Role.VIEWER}), await visitor(desk, "Stranger", {2: Role.AGENT})
    async with aiohttp.ClientSession() as session:
        here, there = await listen(session, noor, "server=1"), await listen(session, stranger, "server=2")
        case = await new_case(desk, "News")
        other = await new_case(desk, "Elsewhere", guild_id=2)
        assert await here.next("case") == {"case": case.id, "new": True, "by": "", "version": 1}
        assert (await there.next("case"))["case"] == other.id


@asynccontextmanager
async def two_processes(url: str, folder: Path) -> AsyncIterator[tuple[Served, Served]]:
    stores = Store(url, durable=False), Store(url, durable=False)
    for store in stores:
        await store.connect()
    await stores[0].upgrade([CORE, TABLES])
    async with (
        serve("cases", Cases, stores[0], folder, {}) as here,
        serve("cases", Cases, stores[1], folder, {}) as there,
    ):
        there.town.people = here.town.people
        yield here, there
    for store in stores:
        await store.close()


@pytest.mark.postgres
async def test_news_of_another_process_are_heard_too(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there):
        noor = await visitor(here, "Noor", {1: Role.VIEWER})
        async with aiohttp.ClientSession() as session:
            stream = await listen(session, noor, "server=1")
            case = await new_case(there, "News from the other one")
            told = {"case": case.id, "new": True, "by": "", "version": 1}
            assert await stream.next("case") == told
            here.plugin.wire.missed()
            assert await stream.next("reload") == {}


@pytest.mark.postgres
async def test_those_who_have_a_case_open_in_different_processes_see_each_other(
    postgres_url: str, tmp_path: Path
) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there), aiohttp.ClientSession() as session:
        noor, omid = await visitor(here, "Noor", {1: Role.AGENT}), await visitor(there, "Omid", {1: Role.AGENT})
        case = await new_case(here, "Both")
        await omid.get(f"/cases/{case.id}")
        mine = await listen(session, noor, f"case={case.id}")
        assert await mine.next("presence") == {"names": []}
        async with aiohttp.ClientSession() as other:
            theirs = await listen(other, omid, f"case={case.id}")
            assert await mine.next("presence") == {"names": ["Omid"]}
            assert await theirs.next("presence") == {"names": []}
            assert await theirs.next("presence") == {"names": ["Noor"]}  # who was there before has answered
            assert (await omid.post(f"/cases/{case.id}/typing")).status == 204
            assert await mine.next("typing") == {"name": "Omid"}
        assert await mine.next("presence") == {"names": []}


@pytest.mark.postgres
async def test_who_is_at_a_process_that_says_nothing_any_more_is_forgotten(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there), aiohttp.ClientSession() as session:
        noor, omid = await visitor(here, "Noor", {1: Role.AGENT}), await visitor(there, "Omid", {1: Role.AGENT})
        case = await new_case(here, "Both")
        mine = await listen(session, noor, f"case={case.id}")
        assert await mine.next("presence") == {"names": []}
        await listen(session, omid, f"case={case.id}")
        assert await mine.next("presence") == {"names": ["Omid"]}
        here.clock.now += GONE + timedelta(seconds=1)
        await here.plugin.presence.repeat()
        assert await mine.next("presence") == {"names": []}
        await there.plugin.presence.repeat()
        assert await mine.next("presence") == {"names": ["Omid"]}
        here.plugin.presence.missed()  # a connection broke: everybody is asked anew
        assert await mine.next("presence") == {"names": []}
        assert await mine.next("presence") == {"names": ["Omid"]}


@pytest.mark.postgres
async def test_people_are_told_to_other_processes_by_their_ids_alone(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there), aiohttp.ClientSession() as session:
        noor = await visitor(here, "Noor", {1: Role.AGENT})
        here.town.people = dict(here.town.people)
        omid = await visitor(there, "Omid", {1: Role.AGENT})
        case = await new_case(here, "Both")
        await omid.get(f"/cases/{case.id}")
        signals: list[str] = []
        await here.desk.store.signals.listen("cases-presence", signals.append, signals.clear)
        mine = await listen(session, noor, f"case={case.id}")
        assert await mine.next("presence") == {"names": []}
        await listen(session, omid, f"case={case.id}")
        assert await mine.next("presence") == {"names": [""]}  # here nobody knows yet that Omid works for this server
        here.town.people = there.town.people
        await there.plugin.presence.repeat()
        assert await mine.next("presence") == {"names": ["Omid"]}
        assert (await omid.post(f"/cases/{case.id}/typing")).status == 204
        assert await mine.next("typing") == {"name": "Omid"}
        told = "".join(signals)
        assert ("Omid" in told, "Noor" in told, f"discord:{sum(map(ord, 'Omid')) + 1000}" in told) == (
            False,
            False,
            True,
        )


@pytest.mark.postgres
async def test_a_process_that_stops_tells_that_nobody_is_there_any_more(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there), aiohttp.ClientSession() as session:
        noor, omid = await visitor(here, "Noor", {1: Role.AGENT}), await visitor(there, "Omid", {1: Role.AGENT})
        case = await new_case(here, "Both")
        signals: list[str] = []
        await here.desk.store.signals.listen("cases-presence", signals.append, signals.clear)
        mine = await listen(session, noor, f"case={case.id}")
        assert await mine.next("presence") == {"names": []}
        await listen(session, omid, f"case={case.id}")
        assert await mine.next("presence") == {"names": ["Omid"]}
        await there.hooks.run("cases", stop)
        assert await mine.next("presence") == {"names": []}
        here.plugin.presence.missed()  # whoever is there still must not be told of once more
        await there.plugin.presence.repeat()
        await listen(session, omid, f"case={case.id}")
        news = await new_case(there, "News")
        assert (await mine.next("case"))["case"] == news.id
        told = [json.loads(signal) for signal in signals]
        gone = next(each for each in told if "gone" in each)
        assert [each for each in told if each["by"] == gone["by"]][-1] == gone


class Away:
    """A database that does not answer when news are to be told."""

    def __init__(self, desk: Served) -> None:
        self._store = desk.desk.store
        self.asked = self.failed = 0
        self.gives_up = asyncio.Event()

    @contextmanager
    def now(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self._store, "begin", lambda: self)
            yield

    async def __aenter__(self) -> None:
        self.asked += 1
        await self.gives_up.wait()
        self.failed += 1
        raise StoreUnavailable("The database does not answer.")

    async def __aexit__(self, *_: object) -> None:
        """Never comes to it."""


@pytest.mark.postgres
async def test_what_could_not_be_told_is_told_later(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (here, there), aiohttp.ClientSession() as session:
        noor, omid = await visitor(here, "Noor", {1: Role.AGENT}), await visitor(there, "Omid", {1: Role.AGENT})
        case, away = await new_case(here, "Both"), Away(there)
        away.gives_up.set()
        mine = await listen(session, noor, f"case={case.id}")
        assert await mine.next("presence") == {"names": []}
        with capture_logs() as logs:
            other = aiohttp.ClientSession()
            with away.now():
                await listen(other, omid, f"case={case.id}")
                await until(lambda: away.failed == 1)
                await there.plugin.presence.repeat()
                await until(lambda: away.failed == 2)
            await there.plugin.presence.repeat()
            assert await mine.next("presence") == {"names": ["Omid"]}
            with away.now():
                await other.close()
                await until(lambda: away.failed == 3)
            await there.plugin.presence.repeat()
            assert await mine.next("presence") == {"names": []}
        told = [each["event"] for each in logs if each["log_level"] in {"warning", "error"}]
        assert told == ["other processes are not told who has a case open"] * 2
        assert there.desk.services.background.trouble("cases") == ""


@pytest.mark.postgres
async def test_nobody_who_types_waits_until_other_processes_are_told(postgres_url: str, tmp_path: Path) -> None:
    async with two_processes(postgres_url, tmp_path) as (_, there):
        omid = await visitor(there, "Omid", {1: Role.AGENT})
        case, away = await new_case(there, "Alone"), Away(there)
        await omid.get(f"/cases/{case.id}")
        with away.now():
            assert (await omid.post(f"/cases/{case.id}/typing")).status == 204
            await until(lambda: away.asked == 1)
        away.gives_up.set()


async def test_those_who_have_a_case_open_see_each_other(desk: Served) -> None:
    noor, omid = await visitor(desk, "Noor", {1: Role.AGENT}), await visitor(desk, "Omid", {1: Role.AGENT})
    case = await new_case(desk, "Both")
    await omid.get(f"/cases/{case.id}")
    async with aiohttp.ClientSession() as session:
        stream = await listen(session, noor, f"case={case.id}")
        assert await stream.next("presence") == {"names": []}
        async with aiohttp.ClientSession() as other:
            await listen(other, omid, f"case={case.id}")
            assert await stream.next("presence") == {"names": ["Omid"]}
            assert (await omid.post(f"/cases/{case.id}/typing")).status == 204
            assert await stream.next("typing") == {"name": "Omid"}
        assert await stream.next("presence") == {"names": []}


async def test_a_stream_ends_with_the_role(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_events, "HEARTBEAT", 0.05)
    noor = await visitor(desk, "Noor", {1: Role.VIEWER})
    async with aiohttp.ClientSession() as session:
        stream = await listen(session, noor, "server=1")
        desk.town.people.clear()
        assert await stream.next("case") is None


async def test_a_stream_ends_with_the_session(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_events, "HEARTBEAT", 0.05)
    noor = await visitor(desk, "Noor", {1: Role.VIEWER})
    async with aiohttp.ClientSession() as session:
        stream = await listen(session, noor, "server=1")
        for minutes in (30, 29, 2):  # sessions of this door last an hour without a page
            desk.clock.now += timedelta(minutes=minutes)
            desk.plugin.wire.send(1, 5, {"n": minutes})
            heard = await stream.next("case")
            if minutes > 2:
                assert heard == {"n": minutes}
        assert await stream.next("case") is None


async def test_the_oldest_stream_of_somebody_ends_for_a_new_one(desk: Served) -> None:
    noor, omid = await visitor(desk, "Noor", {1: Role.VIEWER}), await visitor(desk, "Omid", {1: Role.VIEWER})
    case = await new_case(desk, "Many pages")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        other = await listen(session, omid, f"case={case.id}")
        assert await other.next("presence") == {"names": []}
        oldest = await listen(session, noor, f"case={case.id}")
        assert await other.next("presence") == {"names": ["Noor"]}
        more = [await listen(session, noor, "server=1") for _ in range(LISTENERS_EACH - 1)]
        desk.plugin.wire.send(1, case.id, {"n": 1})
        assert await oldest.next("case") == {"n": 1}
        more.append(await listen(session, noor, "server=1"))
        assert await oldest.next("end") == {}
        assert await oldest.next("case") is None
        assert await other.next("presence") == {"names": []}
        desk.plugin.wire.send(1, case.id, {"n": 2})
        assert await more[-1].next("case") == {"n": 2}
        assert await other.next("case") is not None


async def test_a_stream_full_of_news_ends_with_the_role_too(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_events, "HEARTBEAT", 0.3)
    noor = await visitor(desk, "Noor", {1: Role.VIEWER})

    async def chatter() -> None:
        for number in itertools.count():
            desk.plugin.wire.send(1, 5, {"n": number})
            await asyncio.sleep(0.02)  # never so long that the stream is quiet

    async with aiohttp.ClientSession() as session:
        stream = await listen(session, noor, "server=1")
        noise = asyncio.create_task(chatter())
        desk.town.people.clear()
        try:
            async with asyncio.timeout(10):
                while await stream.next("case") is not None:
                    pass
        finally:
            noise.cancel()


async def test_a_page_that_comes_again_hears_what_it_missed() -> None:
    wire = Wire()
    with wire.listen(NOOR, 1, None) as listener:
        wire.send(1, 5, {"n": 0})
        first = await listener.next(1)
    assert first is not None
    for number in range(1, 4):
        wire.send(1, 5, {"n": number})
        wire.send(2, 6, {"n": number})
    with wire.listen(NOOR, 1, None, first.id) as listener:
        heard = [await listener.next(1) for _ in range(3)]
        assert [each.data["n"] for each in heard if each] == [1, 2, 3]
        assert await listener.next(0.01) is None
    for unknown in ("other-1", "x", "-", f"{first.id}x"):
        with wire.listen(NOOR, 1, None, unknown) as listener:
            told = await listener.next(1)
            assert told is not None
            assert told.what == "reload"
    for number in range(KEPT + 5):
        wire.send(1, 5, {"n": number})
    with wire.listen(NOOR, 1, None, first.id) as listener:
        told = await listener.next(1)
        assert told is not None
        assert told.what == "reload"


async def test_people_of_other_processes_are_told_once_and_only_to_pages_of_their_case() -> None:
    wire, at = Wire(), datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    wire.meet(1, 5, "p", {"a": "Ada"}, at)
    with wire.listen(NOOR, 1, 5) as listener:
        for heard in ({"b": "Bo"}, {"b": "Bo"}, {"b": "Bo", NOOR.id: NOOR.name}, {}):
            wire.meet(1, 5, "p", heard, at)
        wire.meet(1, 6, "p", {"c": "Cy"}, at)
        told = [await listener.next(1) for _ in range(4)]
        assert [each.data["names"] for each in told if each] == [[], ["Bo"], ["Bo"], []]
        assert await listener.next(0.01) is None
        wire.meet(1, 5, "p", {"b": "Bo"}, at)
    with wire.listen(NOOR, 1, 5) as listener:
        told = [await listener.next(1)]
        assert [each.data["names"] for each in told if each] == [[]]  # nobody was here to hear who went


async def test_nobody_waits_for_a_slow_page() -> None:
    wire = Wire()
    with wire.listen(OMID, 1, None) as listener:
        for number in range(WAITING + 1):
            wire.send(1, 5, {"n": number})
        told = await listener.next(1)
        assert told is not None
        assert told.what == "reload"
        wire.send(1, 5, {"n": -1})
        after = await listener.next(1)
        assert after is not None
        assert after.data == {"n": -1}
