"""Every way in, listed from the plugin itself: whom it lets, and that no page of others can send a form to it."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from frontdesk import CaseRequest, Person, Role, Store
from frontdesk.tables import CORE
from frontdesk_cases import Cases
from frontdesk_cases.cases import DESK
from frontdesk_cases.tables import TABLES
from frontdesk_cases.views import EVERYBODY
from starlette.routing import BaseRoute, Mount, Route

from tests.plugins.cases.visitor import Visitor, visitor
from tests.plugins.served import Served, serve

HERE, ELSEWHERE = 9, 10
FORMS = {
    "version": "1", "text": "x", "macro": "Thanks", "number": "1002", "title": "x", "name": "x", "person": "7",
    "description": "x", "then": "resolved", "priority": "urgent", "was-priority": "normal",
}  # fmt: skip
LEAST = {
    "GET /": Role.VIEWER,
    "GET /dashboard": Role.VIEWER,
    "GET /events": Role.VIEWER,
    "GET /export.csv": Role.VIEWER,
    "GET /new": Role.AGENT,
    "GET /person/{guild_id}/{user_id}": Role.VIEWER,
    "GET /{case_id}": Role.VIEWER,
    "GET /{case_id}/files/{file_id}": Role.VIEWER,
    "POST /new": Role.AGENT,
    "POST /views": Role.VIEWER,  # of their own
    "POST /views/{view_id}/delete": Role.SUPERVISOR,  # of everybody's view, as it is here
    "POST /{case_id}/answer": Role.AGENT,
    "POST /{case_id}/fields": Role.AGENT,
    "POST /{case_id}/files": Role.AGENT,
    "POST /{case_id}/link": Role.AGENT,
    "POST /{case_id}/macro": Role.AGENT,
    "POST /{case_id}/merge": Role.SUPERVISOR,
    "POST /{case_id}/note": Role.AGENT,
    "POST /{case_id}/split": Role.AGENT,
    "POST /{case_id}/status": Role.AGENT,
    "POST /{case_id}/take": Role.AGENT,
    "POST /{case_id}/typing": Role.AGENT,
    "POST /{case_id}/unlink": Role.AGENT,
    "POST /{case_id}/unmerge": Role.SUPERVISOR,
}
"""Who may open each page and send each form. The API says so itself, operation by operation."""

CHANGING = [door for door in LEAST if door.startswith("POST ")]
API = "/api/v1"


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    store = Store(sqlite_url, durable=False)
    await store.connect()
    await store.upgrade([CORE, TABLES])
    async with serve("cases", Cases, store, tmp_path, {"macros": [{"name": "Thanks", "answer": "Thanks!"}]}) as served:
        mina = Person(7, HERE, "Mina")

        async def find(_guild_id: int, _user_id: int) -> Person:
            return mina

        object.__setattr__(served.plugin.parts, "find_person", find)  # there is no Discord here
        for number in (1, 2):
            await served.plugin.book.open(CaseRequest(f"k{number}", "bug", "Lamp", "It is out", mina), DESK)
        await served.plugin.views.save(HERE, EVERYBODY, "urgent", "priority=urgent")
        yield served
    await store.close()


def doors(routes: Iterable[BaseRoute], above: str = "") -> Iterator[str]:
    """List what can be asked for, a line each, without the types of the path's parts."""
    for route in routes:
        if isinstance(route, Mount):
            yield from doors(route.routes, above + route.path) if route.routes else [f"FILES {above}{route.path}"]
            continue
        assert isinstance(route, Route), route
        path = re.sub(r":\w+}", "}", above + route.path)
        yield from (f"{method} {path}" for method in (route.methods or {"ANY"}) - {"HEAD"})


def test_no_door_is_forgotten(desk: Served) -> None:
    found = set(doors(desk.plugin.register_routes()))
    of_api = {door for door in found if f" {API}" in door}
    assert found - of_api == {*LEAST, "FILES /static"}
    operations = desk.plugin.json_api.operations()
    paths = {f"{API}{operation.path}" for operation in operations}
    uploads = {f"POST {API}{operation.path}" for operation in operations if operation.sends_file}
    assert of_api == {f"ANY {path}" for path in paths} | uploads | {f"GET {API}/openapi.json", f"ANY {API}/{{rest}}"}


def address(path: str) -> str:
    given = {"case_id": "1", "other_id": "2", "view_id": "1", "file_id": "0" * 32, "guild_id": str(HERE),
             "server": str(HERE), "user_id": "7", "person_id": "7"}  # fmt: skip
    return "/cases" + re.sub(r"{(\w+)}", lambda part: given[part[1]], path)


async def status_of(who: Visitor, method: str, path: str, *, form: Any = None, **headers: str) -> int:
    """Knock; what an event stream has to say is not waited for."""
    own = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Cookie": who.cookie} | headers
    url = f"http://127.0.0.1:{who.desk.port}{path}"
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(method, url, data=form, headers=own, allow_redirects=False) as answer,
    ):
        return answer.status


async def everything(desk: Served) -> dict[str, list[tuple[Any, ...]]]:
    """All that the plugin has stored."""
    async with desk.desk.store.read() as session:
        tables = TABLES.metadata.sorted_tables
        return {table.name: [tuple(row) for row in await session.execute(sa.select(table))] for table in tables}


@pytest.mark.parametrize("door", LEAST)
async def test_each_door_lets_those_in_who_may_and_nobody_else(desk: Served, door: str) -> None:
    method, path = door.split()
    before = await everything(desk)
    people = [(await visitor(desk, role.value, {HERE: role}), role) for role in Role]
    stranger = await visitor(desk, "stranger", {ELSEWHERE: Role.SUPERVISOR})
    least = LEAST[door]
    assert await status_of(Visitor(desk, ""), method, address(path)) in {303, 401}
    elsewhere = await status_of(stranger, method, address(path) + (f"?server={HERE}" if "{" not in path else ""))
    assert elsewhere == 404
    for who, role in people:
        if not role.includes(least):
            await who.get("/cases/")
            assert await status_of(who, method, address(path), form={**FORMS, "csrf": who.csrf}) == 403, role
    assert await everything(desk) == before
    for who, role in people:
        if role.includes(least):
            await who.get("/cases/")
            form = {**FORMS, "csrf": who.csrf} if method == "POST" else None
            assert await status_of(who, method, address(path), form=form) not in {401, 403, 405, 500}, role


@pytest.mark.parametrize("door", CHANGING)
async def test_no_form_is_taken_that_no_page_of_ours_has_sent(desk: Served, door: str) -> None:
    path, lead = address(door.split()[1]), await visitor(desk, "Lead", {HERE: Role.SUPERVISOR})
    other = await visitor(desk, "Other", {HERE: Role.SUPERVISOR})
    for each in (lead, other):
        await each.get("/cases/")
    assert lead.csrf
    before = await everything(desk)
    good = {**FORMS, "csrf": lead.csrf}
    for form in (FORMS, {**FORMS, "csrf": ""}, {**FORMS, "csrf": "0" * 64}, {**FORMS, "csrf": other.csrf}):
        assert await status_of(lead, "POST", path, form=form) == 403
    for site in ("cross-site", "same-site", "none"):
        assert await status_of(lead, "POST", path, form=good, **{"Sec-Fetch-Site": site}) == 403
    for origin in ("https://evil.example", "null"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        assert await status_of(lead, "POST", path, form=good, **headers) == 403
    assert await status_of(lead, "POST", path, form=good, Origin="https://evil.example") == 403
    assert await everything(desk) == before
    assert await status_of(lead, "POST", path, form=good) != 403, "with all of it, it is taken"


async def test_no_call_of_the_api_is_taken_from_a_page_of_others(desk: Served) -> None:
    """A browser's session reads; what changes something carries a token, or the proof of our pages."""
    lead = await visitor(desk, "Lead", {HERE: Role.SUPERVISOR})
    await lead.get("/cases/")
    before = await everything(desk)
    for operation in desk.plugin.json_api.operations():
        path, body = address(API + operation.path), b"{}"
        kind = {"Content-Type": "application/json", "Accept": "*/*"}
        if operation.method == "GET":
            assert await status_of(lead, "GET", path, **kind) != 403, operation.id
            continue
        assert await status_of(lead, operation.method, path, form=body, **kind) == 403, operation.id
        proof = {**kind, "X-CSRF-Token": lead.csrf}
        crossing = {**proof, "Sec-Fetch-Site": "cross-site"}
        assert await status_of(lead, operation.method, path, form=body, **crossing) == 403, operation.id
    assert await everything(desk) == before


async def test_each_operation_of_the_api_lets_those_in_who_may(desk: Served) -> None:
    for operation in desk.plugin.json_api.operations():
        least = Role.SUPERVISOR if operation.id == "deleteView" else operation.role  # it is everybody's view
        for role in Role:
            who = await visitor(desk, role.value, {HERE: role})
            await who.get("/cases/")
            headers = {"X-CSRF-Token": who.csrf, "Content-Type": "application/json", "Accept": "*/*"}
            path = address(API + operation.path)
            status = await status_of(who, operation.method, path, form=b"[]", **headers)
            assert (status == 403) == (not role.includes(least)), (operation.id, role)
