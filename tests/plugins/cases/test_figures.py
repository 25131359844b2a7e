"""The dashboard's figures on both databases, its plots and page, and the CSV."""

import csv
import io
import re
import statistics
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CaseStatus, Role, Store
from frontdesk.staff_sessions import Arrival
from frontdesk.tables import CORE
from frontdesk_cases import Cases
from frontdesk_cases.cases import EntryKind, NewEntry
from frontdesk_cases.changes import SetAssignee, SetStatus, SetTags
from frontdesk_cases.exports import harmless
from frontdesk_cases.figure_queries import FigureBook
from frontdesk_cases.figures import SPANS, Kept, Stretch, by_week, periods, span_start
from frontdesk_cases.plots import HEIGHT, WIDTH, columns, rounded_up, rounded_up_time, times
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.cases.shelf import GUILD, NOOR, OTHER_GUILD, START, Shelf, somebody
from tests.plugins.served import Seen, Served, serve
from tests.staff_door import signed_in

FORMULAS = ['=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\uff1d1"]


@pytest.fixture
async def shelf(store: Store) -> Shelf:
    return await Shelf(store).prepare()


async def test_the_figures_tell_what_happened(shelf: Shelf) -> None:
    shelf.now = START - timedelta(days=40)
    await shelf.open("old", kind="feature")
    shelf.now = START - timedelta(days=2)
    for minutes in (10, 20, 60):
        case = await shelf.open("new", person=somebody(minutes))
        shelf.later(minutes=minutes)
        await shelf.work.answer(case.id, "Hello.", NOOR)
        await shelf.change(case, SetTags(("lamp",)), SetAssignee(NOOR))
        await shelf.work.record(case.id, NewEntry(EntryKind.RATING, "M", "", shelf.now, {"stars": "4"}))
    shelf.later(days=1)
    await shelf.change(case, SetStatus(CaseStatus.RESOLVED))
    await shelf.open("theirs", person=somebody(1, guild_id=OTHER_GUILD))
    shelf.now = START
    figures = await FigureBook(shelf.ledger).figures([GUILD], 7)
    assert [(day.opened, day.resolved) for day in figures.periods] == [(0, 0)] * 4 + [(3, 0), (0, 1), (0, 0)]
    assert figures.periods[-1].start == START.date()
    assert [day.answered.count for day in figures.periods] == [0, 0, 0, 0, 3, 0, 0]
    assert [day.taken.median for day in figures.periods][5] == timedelta(days=1, minutes=60)
    assert figures.answered == Stretch(3, timedelta(minutes=20), timedelta(minutes=60))
    assert figures.resolved == Stretch(1, timedelta(days=1, minutes=60), timedelta(days=1, minutes=60))
    assert (figures.tags, figures.kinds) == ([("lamp", 3)], [("bug", 3)])
    assert (figures.ratings, figures.mean_rating) == ({1: 0, 2: 0, 3: 0, 4: 3, 5: 0}, 4.0)
    assert figures.backlog == [0, 2, 0, 0, 1]
    assert figures.assignees == [("Noor", 2), ("", 1)]
    assert (figures.opened_count, figures.resolved_count, figures.open_count) == (3, 1, 3)
    assert (await FigureBook(shelf.ledger).figures([GUILD], 90)).kinds == [("bug", 3), ("feature", 1)]


async def test_a_new_server_has_figures_too(shelf: Shelf) -> None:
    figures = await FigureBook(shelf.ledger).figures([GUILD], 30)
    assert (len(figures.periods), figures.answered, figures.mean_rating) == (30, Stretch(0, None, None), None)


@given(st.lists(st.floats(0, 1e7), min_size=1))
def test_half_took_no_longer_than_the_median(seconds: list[float]) -> None:
    stretch = Stretch.of(seconds)
    assert stretch.median is not None
    assert stretch.p90 is not None
    assert stretch.median == timedelta(seconds=statistics.median_low(seconds))
    assert sum(timedelta(seconds=each) <= stretch.p90 for each in seconds) >= 0.9 * len(seconds)


async def test_merged_cases_count_once(shelf: Shelf) -> None:
    one, two = await shelf.open("lantern"), await shelf.open("lantern again")
    for case in (one, two):
        await shelf.change(case, SetTags(("lamp",)))
        await shelf.work.answer(case.id, "Hello.", NOOR)
    await shelf.relations.merge(one.id, two.id, NOOR)
    figures = await FigureBook(shelf.ledger).figures([GUILD], 7)
    assert (figures.opened_count, figures.open_count, figures.answered.count) == (1, 1, 1)
    assert (figures.tags, figures.kinds) == ([("lamp", 1)], [("bug", 1)])
    assert sum((await shelf.book.counts(GUILD)).values()) == 1
    await shelf.change(two, SetStatus(CaseStatus.RESOLVED))
    figures = await FigureBook(shelf.ledger).figures([GUILD], 7)
    assert (figures.resolved_count, figures.resolved.count, figures.open_count) == (1, 1, 0)


async def test_promises_count_as_kept_or_not(store: Store) -> None:
    promises = {"first_answer_minutes": 60, "resolution_minutes": 120}
    shelf = await Shelf(store, CasesSettings.model_validate({"promises": promises})).prepare()
    quick, slow, silent = [await shelf.open(title) for title in ("quick", "slow", "silent")]
    shelf.later(minutes=30)
    await shelf.work.answer(quick.id, "Hello.", NOOR)
    figures = await FigureBook(shelf.ledger).figures([GUILD], 7)
    assert figures.answers_kept == Kept(1, 1)  # of the others nothing is known yet
    shelf.later(minutes=60)
    await shelf.work.answer(slow.id, "Hello.", NOOR)
    shelf.later(minutes=60)
    await shelf.change(quick, SetStatus(CaseStatus.RESOLVED))  # it waited for the member, so this is in time
    await shelf.change(silent, SetStatus(CaseStatus.RESOLVED))
    figures = await FigureBook(shelf.ledger).figures([GUILD], 7)
    assert figures.answers_kept == Kept(3, 1)
    assert figures.resolutions_kept == Kept(2, 1)
    assert (Kept(0, 0).share, Kept(4, 3).share) == (None, 0.75)


async def test_a_case_that_was_finished_in_time_without_an_answer_broke_no_promise(store: Store) -> None:
    promises = {"first_answer_minutes": 60}
    shelf = await Shelf(store, CasesSettings.model_validate({"promises": promises})).prepare()
    silent, answered = await shelf.open("silent"), await shelf.open("answered afterwards")
    shelf.later(minutes=1)
    for case in (silent, answered):
        await shelf.change(case, SetStatus(CaseStatus.CLOSED))
    shelf.later(days=1)
    await shelf.work.answer(answered.id, "Glad to hear it.", NOOR)
    assert (await FigureBook(shelf.ledger).figures([GUILD], 7)).answers_kept == Kept(1, 1)


@given(st.sampled_from(SPANS), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_periods_of_a_span_are_whole_and_in_order(days: int, today: date) -> None:
    start = span_start(datetime(today.year, today.month, today.day, 15, tzinfo=UTC), days)
    every = [start.date() + timedelta(days=number) for number in range(days)]
    counts, lasted = dict.fromkeys(every, 1), [(day, 60.0) for day in every]
    found = periods(start, days, opened=counts, resolved={every[-1]: 2}, answered=lasted, taken=[])
    assert sum(each.opened for each in found) == sum(each.answered.count for each in found) == days
    assert found[-1].resolved == 2
    assert [each.start for each in found] == sorted({each.start for each in found})
    assert found[0].start == every[0]
    assert all(each.start.weekday() == 0 for each in found[1:]) or not by_week(days)
    assert len(found) <= 54


def _rows(length: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(st.integers(0, 10**6), min_size=length, max_size=length), min_size=1, max_size=2)


@given(st.integers(1, 100).flatmap(_rows))
def test_every_bar_lies_within_the_plot_and_beside_the_others(rows: list[list[int]]) -> None:
    for right_to_left in (False, True):
        plot = columns(rows, right_to_left=right_to_left)
        bars = [bar for place in zip(*plot.series, strict=True) for bar in place]
        assert all(bar.x >= -0.02 and bar.x + bar.width <= WIDTH + 0.02 for bar in bars)
        assert all(bar.y >= -0.02 and bar.y + bar.height <= HEIGHT + 0.02 for bar in bars)
        ordered = sorted(bars, key=lambda bar: bar.x)
        assert all(one.x + one.width <= two.x + 0.05 for one, two in pairwise(ordered))
        assert bars[0].x < WIDTH / 2 or len(rows[0]) == 1 or right_to_left


@given(st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=60), st.none() | st.floats(60, 1e8))
def test_times_and_their_promise_lie_within_the_plot(row: list[float | None], promise: float | None) -> None:
    plot = times(row, promise)
    longest = max((each for each in row if each is not None), default=0.0)
    assert all(bar.y >= -0.02 and bar.y + bar.height <= HEIGHT + 0.02 for bar in plot.series[0])
    assert [bar.height for bar, each in zip(plot.series[0], row, strict=True) if each is None] == [0] * row.count(None)
    assert (plot.mark is None) == (promise is None or promise > 4 * longest)
    assert plot.mark is None or -0.02 <= plot.mark <= HEIGHT
    assert [round(y, 1) for y, _ in plot.lines] == [HEIGHT, HEIGHT / 2, 0]
    assert plot.lines[0][1] == 0
    assert plot.lines[1][1] * 2 == plot.lines[2][1]


@given(st.floats(0, 1e9))
def test_the_top_of_a_plot_of_times_is_near(seconds: float) -> None:
    assert max(seconds, 120) <= rounded_up_time(seconds) <= max(seconds, 120) * 3


@given(st.integers(0, 10**9))
def test_the_top_of_a_plot_is_round_and_near(number: int) -> None:
    top = rounded_up(number)
    assert max(number, 2) <= top <= max(number, 2) * 2.5


@given(st.text())
def test_no_text_is_a_formula(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert harmless(text).replace("'", "") == text.replace("'", "")


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    store = Store(sqlite_url, durable=False)
    await store.connect()
    await store.upgrade([CORE, TABLES])
    async with serve("cases", Cases, store, tmp_path, {}) as served:
        shelf = Shelf(store)
        for number, text in enumerate(["<script>alert(1)</script>", *FORMULAS]):
            case = await shelf.open(text.strip(), person=somebody(number, name=text), kind="<b>bug")
            await shelf.change(case, SetTags(("{{7*7}}",)), SetAssignee(NOOR))
        await shelf.open("theirs", person=somebody(1, guild_id=OTHER_GUILD))
        yield served
    await store.close()


async def seen(desk: Served, path: str, role: Role | None = Role.VIEWER, language: str = "en") -> Seen:
    """Open a page as somebody with a role in one server, or as nobody."""
    if role is None:
        return await desk.get(path, language=language, Accept="application/json")
    desk.town.people[77] = {GUILD: role}
    desk.town.names = {GUILD: "Lantern Vale", OTHER_GUILD: "Harbour"}
    cookie = await signed_in(desk.desk.staff, Arrival("discord:77", "Noor", "discord"))
    return await desk.get(path, language=language, Cookie=cookie)


@pytest.mark.parametrize("language", ["en", "de", "fa"])
async def test_the_dashboard_shows_plots_and_tables(desk: Served, language: str) -> None:
    page = await seen(desk, "/cases/dashboard?days=7", language=language)
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "<b>bug" not in page.text
    assert "{{7*7}}" in page.text
    assert page.text.count("<svg") >= 4
    assert page.text.count("<table") >= 4
    assert " style=" not in page.text
    assert 'dir="rtl"' in page.text or language != "fa"
    assert page.headers["Cache-Control"] == "no-store"


async def test_the_dashboard_names_servers_and_stays_in_the_panel(desk: Served) -> None:
    desk.town.people[77] = {GUILD: Role.VIEWER, OTHER_GUILD: Role.VIEWER}
    desk.town.names = {GUILD: "Lantern Vale", OTHER_GUILD: "Harbour"}
    cookie = await signed_in(desk.desk.staff, Arrival("discord:77", "Noor", "discord"))
    page = await desk.get(f"/cases/dashboard?server={GUILD}&panel=1", Cookie=cookie)
    for name in ("Lantern Vale", "Harbour"):
        assert f">{name}</option>" in page.text
    links = re.findall(r'href="([^"]*/cases/[^"]*)"', page.text)
    ours = [link for link in links if "/static/" not in link]
    assert len(ours) >= 6
    assert [link for link in ours if "panel=1" not in link] == []
    assert '<input type="hidden" name="panel" value="1">' in page.text
    assert "panel=1" not in (await desk.get("/cases/dashboard", Cookie=cookie)).text


@pytest.mark.parametrize(("hours", "shown"), [({}, True), ({"monday": ["09:00-17:00"]}, False)])
async def test_what_was_promised_is_a_line_where_all_minutes_count(
    sqlite_url: str, tmp_path: Path, hours: dict[str, Any], shown: bool
) -> None:
    store = Store(sqlite_url, durable=False)
    await store.connect()
    await store.upgrade([CORE, TABLES])
    settings = {"promises": {"first_answer_minutes": 60}, "hours": hours}
    async with serve("cases", Cases, store, tmp_path, settings) as served:
        shelf = Shelf(store, CasesSettings.model_validate(settings))
        case = await shelf.open()
        shelf.later(minutes=45)
        await shelf.work.answer(case.id, "Hello.", NOOR)
        page = await seen(served, "/cases/dashboard")
    await store.close()
    assert ('<line class="promise"' in page.text) is shown
    assert ("Promised: 1 hour" in page.text) is shown
    assert "Promise kept" in page.text
    assert "45 minutes" in page.text


@pytest.mark.parametrize("path", ["/cases/dashboard", "/cases/export.csv"])
async def test_only_staff_of_the_server_see_figures_and_lists(desk: Served, path: str) -> None:
    assert (await seen(desk, path, None)).status == 401
    assert (await seen(desk, f"{path}?server={OTHER_GUILD}")).status == 404
    assert (await seen(desk, f"{path}?server={10**30}")).status == 404
    page = await seen(desk, f"{path}?server={GUILD}")
    assert page.status == 200
    assert "theirs" not in page.text


async def test_the_export_is_the_filtered_list_without_formulas(desk: Served) -> None:
    page = await seen(desk, "/cases/export.csv?order=opened")
    rows = list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"), newline="")))
    assert [row["number"] for row in rows] == [f"CASE-{number}" for number in range(1008, 1000, -1)]
    assert page.headers["Content-Disposition"].startswith("attachment;")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert rows[-1]["title"] == "<script>alert(1)</script>"
    assert "\r\n" not in (await seen(desk, "/cases/export.csv?status=closed")).text.strip()
    assert len((await seen(desk, "/cases/export.csv?q=script&assignee=me&status=all")).text.splitlines()) == 2


@pytest.mark.parametrize("text", ['Refund;=HYPERLINK("http://x","y")', "a|@b", "x; +1"])
def test_no_part_of_a_cell_becomes_a_formula_where_cells_are_cut_at_semicolons(text: str) -> None:
    parts = harmless(text).replace("|", ";").split(";")
    assert not any(part.strip().startswith(("=", "+", "-", "@")) for part in parts)
