"""The JSON API is as its OpenAPI document says: schemathesis makes calls from it, right ones and wrong ones."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from frontdesk import CaseRequest, Person, Role, Store
from frontdesk.tables import CORE
from frontdesk_cases import Cases
from frontdesk_cases.cases import Actor
from frontdesk_cases.tables import TABLES
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth

from tests.plugins.cases.test_api import HERE, SETTINGS, know_members, tokens_of
from tests.plugins.served import serve

EXAMPLES = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What names no version of ours in If-Match is refused with 412 too.
CHECKS = {"negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "409", "412", "415", "422"]}}


@dataclass
class Running:
    """The API on a real web server in a thread of its own: schemathesis does not await."""

    address: str
    tokens: dict[Role, str]
    document: dict[str, Any]
    session_cookie: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve a few cases until the tests are done."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ready, done = threading.Event(), asyncio.Event()
    found: list[Running] = []

    async def run(folder: Path) -> None:
        store = Store(f"sqlite:///{folder / 'desk.db'}", durable=False)
        await store.connect()
        await store.upgrade([CORE, TABLES])
        async with serve("cases", Cases, store, folder, SETTINGS) as served:
            know_members(served)
            for number in range(1, 4):
                request = CaseRequest(f"k{number}", "bug", f"lantern {number}", "", Person(7, HERE, "Mina"))
                await served.plugin.book.open(request, Actor("", ""))
            cookie = served.desk.staff.cookies.session_name
            address = f"http://127.0.0.1:{served.port}/cases/api/v1"
            async with aiohttp.ClientSession() as session, session.get(f"{address}/openapi.json") as answer:
                found.append(Running(address, await tokens_of(served), await answer.json(), cookie))
            ready.set()
            await done.wait()
        await store.close()

    task = asyncio.run_coroutine_threadsafe(run(tmp_path_factory.mktemp("api")), loop)
    while not ready.wait(0.1):
        if task.done():
            task.result()
    yield found[0]
    loop.call_soon_threadsafe(done.set)
    task.result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_answer_is_as_the_document_says(running: Running, role: Role, mode: schemathesis.GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(running.document, config=SchemathesisConfig.from_dict({"checks": CHECKS}))
    headers = {"Authorization": f"Bearer {running.tokens[role]}"}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @EXAMPLES
        @given(case=operation.as_strategy(generation_mode=mode))
        def calls(case: schemathesis.Case[Any]) -> None:
            assume("%0A" not in case.formatted_path)  # core answers: no route of a plugin has a line's end in it
            # Wrong tokens are counted, and after some no more are looked at: that is tested elsewhere.
            case.call_and_validate(base_url=running.address, headers=headers, excluded_checks=[ignored_auth])

        calls()


def test_the_document_names_every_operation_once(running: Running) -> None:
    ids = [each["operationId"] for path in running.document["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids)) == 24
    assert running.document["openapi"] == "3.1.0"
    session = running.document["components"]["securitySchemes"]["session"]
    assert session["name"] == running.session_cookie
