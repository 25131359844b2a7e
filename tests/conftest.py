"""Databases for tests: SQLite in a temporary folder, PostgreSQL where a server answers; the refusal of skips; and
figures that tests have measured.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
from frontdesk.store import Store
from frontdesk.tables import CORE

Missing = Callable[[str], None]
Tell = Callable[[str], None]
_FIGURE = "figure"
SHARED = Path(__file__).parents[2] / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails where everything is required."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a module that is skipped as a whole."""
    report = yield
    if report.skipped:
        _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn the skip into a failure, unless it is for want of ../shared, which is no part of the project."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    excused = "../shared" in reason and not SHARED.is_dir()
    if os.environ.get("FRONTDESK_REQUIRE_ALL") == "1" and not excused:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason} (FRONTDESK_REQUIRE_ALL=1: no test may be skipped)"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests have told, also where they ran in processes of their own."""
    told = [
        f"{report.nodeid.rpartition('/')[2]}: {text}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, text in report.user_properties
        if name == _FIGURE
    ]
    if told:
        terminalreporter.section("figures")
        for line in sorted(told):
            terminalreporter.write_line(line)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Tell a figure that the test has measured; all of them stand at the end of the run."""
    return lambda text: record_property(_FIGURE, text)


@pytest.fixture(scope="session")
def missing() -> Missing:
    """Say that something real is not here: a skip with the reason, or a failure where everything is required."""
    return pytest.skip


@pytest.fixture(scope="session")
def postgres_server(missing: Missing) -> str:
    """The URL of a server where databases may be created, from FRONTDESK_TEST_POSTGRES."""
    url = os.environ.get("FRONTDESK_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        _apart(_execute(url, "SELECT 1"))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        missing(f"no PostgreSQL server answers at {urlsplit(url).hostname}: {error}")
    return url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty PostgreSQL database, dropped after the test."""
    name = f"frontdesk_test_{secrets.token_hex(6)}"
    _apart(_execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0"))
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    _apart(_execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'data' / 'frontdesk.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on SQLite and once on PostgreSQL."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A connected store with core's tables, on both databases in turn."""
    store = Store(store_url, durable=False)
    await store.connect()
    await store.upgrade([CORE])
    yield store
    await store.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop of its own, away from the test's."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
