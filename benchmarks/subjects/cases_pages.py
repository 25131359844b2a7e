"""How long the server takes to list, find and show cases, and how that grows with their number.

Measured through the web application itself, in this process: routing, the door, the queries, the answer in JSON or
as a page.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import hikari
import sqlalchemy as sa
from frontdesk import Desk, Role, Staff, Store
from frontdesk.desk import Services
from frontdesk.fetch import Fetcher
from frontdesk.health import Health
from frontdesk.hooks import Hooks
from frontdesk.journal import Journal
from frontdesk.metrics import Metrics
from frontdesk.plugins import _new_manager
from frontdesk.security import LinkSigner, TwilioGuard
from frontdesk.settings import PluginSettings, TwilioTable
from frontdesk.tables import CORE
from frontdesk.web import Web
from frontdesk.words import Words
from frontdesk_cases import Cases
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.tables import TABLES, CaseRow
from starlette.types import Message

from benchmarks.databases import NoServerError, postgres, sqlite
from benchmarks.figures import Baseline, Figure, Report, Sample, Target
from benchmarks.runner import Parameters
from benchmarks.shelves import COMMON, GUILD, fill, now, rare, settle

DEFAULTS: Parameters = {"cases": 100_000, "rounds": 60}
_PUBLIC = "https://desk.example"
_API = "/cases/api/v1"
_TARGET = 100.0  # milliseconds at the median
_BUSY = "asked of a database of this size alone"


async def measure(given: Parameters) -> Report:
    """Measure on both databases, at a hundredth, a tenth and the whole of the size."""
    report = Report()
    sizes = [max(1, int(given["cases"] / part)) for part in (100, 10, 1)]
    databases: Mapping[str, Callable[[], AbstractAsyncContextManager[Store]]] = {
        "SQLite": sqlite,
        "PostgreSQL": postgres,
    }
    for name, opened in databases.items():
        try:
            async with opened() as store:
                await _grow(report, name, store, sizes, int(given["rounds"]))
        except NoServerError as error:
            report.missing.append(f"cases on {name}: {error}")
    report.notes.append(
        "each case has 10 entries; the first fifth of the calls is warm-up; "
        f"baselines are the figures at {sizes[0]:,} cases"
    )
    return report


async def _grow(report: Report, name: str, store: Store, sizes: list[int], rounds: int) -> None:
    await store.upgrade([CORE, TABLES])
    small: dict[str, Sample] = {}
    done = 0
    for size in sizes:
        began = time.perf_counter()
        await fill(store, done + 1, size)
        await settle(store)
        report.notes.append(f"{name}: filled from {done:,} to {size:,} cases in {time.perf_counter() - began:.0f} s")
        done = size
        async with _served(store) as ask:
            calls = _calls(size, await _some(store, "open"), await _some(store, "closed"))
            for what, path in calls.items():
                sample = await _times(ask, path, rounds)
                _add(report, f"{name}, {size:,} cases: {what}", sample, small.setdefault(what, sample), sizes[0])


def _calls(size: int, still_open: Sequence[int], closed: Sequence[int]) -> Mapping[str, Callable[[int], str]]:
    """Give the addresses to ask for, by what they show; each differs from one time to the next where it can."""
    return {
        "list of open cases": lambda _turn: f"{_API}/cases",
        "list by urgency": lambda _turn: f"{_API}/cases?order=priority",
        "search for a rare word": lambda turn: f"{_API}/cases?status=any&text={rare(1 + turn * 7 % size)}",
        "search for a common word": lambda _turn: f"{_API}/cases?status=any&text={COMMON}",
        "a case with its timeline": lambda turn: f"{_API}/cases/{1 + turn * 7 % size}",
        "page with the list": lambda _turn: "/cases/",
        "page with a search": lambda turn: f"/cases/?status=all&q={rare(1 + turn * 7 % size)}",
        "page of an open case": lambda turn: f"/cases/{still_open[turn % len(still_open)]}",
        "page of a closed case": lambda turn: f"/cases/{closed[turn % len(closed)]}",
    }


async def _some(store: Store, status: str) -> Sequence[int]:
    """Give ids of cases in a status, the latest ones."""
    query = sa.select(CaseRow.id).where(CaseRow.guild_id == GUILD, CaseRow.status == status)
    async with store.read() as session:
        return list(await session.scalars(query.order_by(CaseRow.id.desc()).limit(50))) or [1]


def _add(report: Report, name: str, sample: Sample, small: Sample, least: int) -> None:
    for quantile in ("median", "p99"):
        value, before = float(getattr(sample, quantile)), float(getattr(small, quantile))
        target = Target(_TARGET) if quantile == "median" else None
        alone = _BUSY if sample is small else ""
        baseline = None if sample is small else Baseline(f"at {least:,} cases", before)
        figure = Figure(f"{name}, {quantile}", value, "ms", baseline, target, alone=alone, spread=sample.spread())
        report.figures.append(figure)


Ask = Callable[[str], Any]


async def _times(ask: Ask, path: Callable[[int], str], rounds: int) -> Sample:
    took: list[float] = []
    for turn in range(rounds):
        began = time.perf_counter()
        await ask(path(turn))
        took.append((time.perf_counter() - began) * 1000)
    return Sample.of(took[rounds // 5 :])


@dataclass(frozen=True)
class _Door:
    """Lets everybody on: what a token costs is core's to measure."""

    staff: Staff
    frame_ancestors: tuple[str, ...] = ()

    async def find(self, _request: object) -> Staff:
        return self.staff

    async def require(self, _request: object, _role: Role) -> Staff:
        return self.staff

    def csrf(self, _request: object) -> str:
        return "0" * 64

    async def colleagues(self, _guild_id: int) -> list[Staff]:
        return [self.staff]

    def server_name(self, _guild_id: int) -> str:
        return "Bench"


@asynccontextmanager
async def _served(store: Store) -> AsyncIterator[Ask]:
    """Put the cases plugin into a web application, and give the way to call it."""
    metrics, manager, words = Metrics(), _new_manager(), Words("auto", {}, {}, strict=True)
    words.add("cases", Path(__import__("frontdesk_cases").__file__ or "").parent / "locales")
    hooks, fetcher = Hooks(manager, _Silent()), Fetcher()
    with TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        services = Services(
            bot=cast("hikari.GatewayBot", None), store=store, journal=Journal(store, clock=now), hooks=hooks,
            words=words, http=fetcher, twilio=None, twilio_settings=TwilioTable(),
            guard=TwilioGuard(None, _PUBLIC, metrics, None), signer=LinkSigner(b"0123456789abcdef"),
            staff=cast("Any", _Door(Staff("bench", "Bench", {GUILD: Role.SUPERVISOR}, "token"))), metrics=metrics,
            public_url=_PUBLIC, config_folder=Path(folder), data_folder=Path(folder), now=now,
        )  # fmt: skip
        desk = Desk(name="cases", own_settings=PluginSettings(CasesSettings(), {}), services=services)

        async def healthy() -> Health:
            return Health(())

        web = Web("127.0.0.1", 0, public_url=_PUBLIC, health=healthy, metrics=metrics, words=words)
        web.mount("cases", list(Cases(desk).register_routes()))

        async def ask(address: str) -> None:
            status, body = await _called(web.app, address)
            if status != 200 or "id" not in body.decode():
                raise RuntimeError(f"{address} was answered with {status}: {body[:200]!r}")

        yield ask
        await desk.close()
        await fetcher.close()


async def _called(app: Any, address: str) -> tuple[int, bytes]:
    path, _, query = address.partition("?")
    accepted = b"application/json" if path.startswith(_API) else b"text/html"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"desk.example"), (b"accept", accepted)],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


class _Silent:
    def called(self, hook: str, plugin: str, seconds: float, error: BaseException | None) -> None:
        """Take no notice."""
