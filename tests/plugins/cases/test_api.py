"""The JSON API: what it does, whom it lets, and that it is as its OpenAPI document says (schemathesis tries)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest
from frontdesk import CaseRequest, Person, Role, Staff, Store
from frontdesk.staff_sessions import Arrival
from frontdesk.staff_tokens import TokenWish
from frontdesk.tables import CORE
from frontdesk_cases import Cases
from frontdesk_cases.api_models import Problem
from frontdesk_cases.api_server_models import Days, FiguresQuery
from frontdesk_cases.cases import Actor
from frontdesk_cases.figures import SPANS, USUAL_SPAN
from frontdesk_cases.tables import TABLES

from tests.plugins.served import Served, serve
from tests.staff_door import signed_in

HERE, ELSEWHERE = 1, 2
NOOR = 77
EVIL = "<script>alert(1)</script> {{ 7 * 7 }}"
MINA = Person(7_000_000_000_000_000_001, HERE, "Mina", "fa")
FIELDS = [{"name": "platform", "label": "Platform", "kind": "choice", "choices": ["PC", "Xbox"]}]

SETTINGS: dict[str, Any] = {
    "largest_file": 1_500_000,
    "fields": FIELDS,
    "macros": [{"name": "Thanks", "answer": "Thank you, {name}!", "status": "resolved", "add_tags": ["thanked"]}],
}


@dataclass
class Client:
    """A program with tokens of each role in the server HERE."""

    served: Served
    session: aiohttp.ClientSession
    tokens: dict[Role, str]
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, body: Any = None, *, role: Role | None = Role.AGENT, **more: Any
    ) -> tuple[int, Any, Any]:
        """Call the API; gives status, answer, headers."""
        headers = {**({"Authorization": f"Bearer {self.tokens[role]}"} if role else {}), **more.pop("headers", {})}
        url = f"http://127.0.0.1:{self.served.port}/cases/api/v1{path}"
        async with self.session.request(method, url, json=body, headers=headers, **more) as answer:
            is_json = "json" in answer.headers.get("Content-Type", "")
            return (
                answer.status,
                await answer.json(content_type=None) if is_json else await answer.read(),
                answer.headers,
            )

    async def me(self) -> dict[str, str]:
        """Give who the agent's token is: nobody else can be given a case yet."""
        status, choices, _ = await self.ask("GET", f"/servers/{HERE}/choices")
        assert status == 200, choices
        (only,) = choices["colleagues"]
        assert isinstance(only, dict)
        return only

    async def open(self, title: str = "My lantern is gone", **more: Any) -> dict[str, Any]:
        """Open a case."""
        body = {"server": str(HERE), "title": title, "person": str(MINA.user_id), **more}
        status, case, _ = await self.ask("POST", "/cases", body)
        assert status == 201, case
        assert isinstance(case, dict)
        return case


@pytest.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[Client]:
    """On both databases in turn."""
    await store.upgrade([CORE, TABLES])
    async with serve("cases", Cases, store, tmp_path, SETTINGS) as served, aiohttp.ClientSession() as session:
        know_members(served)
        yield Client(served, session, await tokens_of(served))


def know_members(served: Served) -> None:
    """Let Mina be the only member of the server HERE: there is no Discord."""

    async def find(guild_id: int, user_id: int) -> Person | None:
        return MINA if (guild_id, user_id) == (HERE, MINA.user_id) else None

    object.__setattr__(served.plugin.parts, "find_person", find)


async def tokens_of(served: Served) -> dict[Role, str]:
    """Make a token of each role."""
    boss = Staff("discord:1", "Boss", {HERE: Role.SUPERVISOR}, "discord")
    door = served.desk.staff
    return {role: await door.tokens.make(boss, TokenWish(role.value, role, HERE), "") for role in Role}


async def foreign_case(client: Client) -> int:
    """Open a case in a server where the program has no business."""
    request = CaseRequest("k", "bug", "theirs", "", Person(1, ELSEWHERE, "Zoe"))
    return (await client.served.plugin.book.open(request, Actor("", ""))).case.id  # type: ignore[no-any-return]


async def test_a_case_from_opening_to_the_end(client: Client) -> None:
    case = await client.open(fields={"Where": "north"}, kind="bug")
    assert (case["number"], case["status"], case["version"]) == ("CASE-1001", "open", 1)
    path = f"/cases/{case['id']}"
    change = {"priority": "high", "tags": ["lamp"], "fields": {"platform": "Xbox"}, "team": "night",
              "assignee": (await client.me())["id"], "version": 1}  # fmt: skip
    status, changed, headers = await client.ask("PATCH", path, change)
    assert (status, changed["custom"], changed["tags"]) == (200, {"platform": "Xbox"}, ["lamp"])
    assert headers["ETag"] == f'"{changed["version"]}"'
    assert (await client.ask("POST", f"{path}/notes", {"text": EVIL}))[0] == 200
    status, answered, _ = await client.ask("POST", f"{path}/answers", {"text": "Look in the chest."})
    assert (status, answered["status"]) == (200, "pending_customer")
    status, done, _ = await client.ask("POST", f"{path}/answers", {"text": "Bye.", "status": "resolved"})
    assert (status, done["status"]) == (200, "resolved")
    status, whole, _ = await client.ask("GET", path, role=Role.VIEWER)
    assert [entry["text"] for entry in whole["timeline"] if entry["kind"] in {"note", "message"}] == [
        EVIL, "Look in the chest.", "Bye.",
    ]  # fmt: skip
    status, cleared, _ = await client.ask("PATCH", path, {"assignee": None, "team": None, "fields": {"platform": ""}})
    assert (status, cleared["assignee"], cleared["team"], cleared["custom"]) == (200, None, None, {})


async def test_a_case_is_taken_by_one_and_given_to_another_on_purpose(client: Client) -> None:
    case = await client.open()
    path = f"/cases/{case['id']}"
    status, taken, headers = await client.ask("POST", f"{path}/take")
    assert (status, taken["assignee"]["name"]) == (200, "agent")
    assert headers["ETag"] == f'"{taken["version"]}"'
    assert (await client.ask("POST", f"{path}/take"))[:2] == (200, taken)
    status, problem, _ = await client.ask("POST", f"{path}/take", role=Role.SUPERVISOR)
    assert (status, problem["type"]) == (409, "taken")
    assert problem["title"] == "agent has this case already. To give it to somebody else, change the assignee."
    assert (await client.ask("POST", f"{path}/take", role=Role.VIEWER))[0] == 403
    me = {"assignee": f"token:{taken['assignee']['id']}"}
    assert (await client.ask("PATCH", path, me, role=Role.SUPERVISOR))[0] == 409, "nobody has this id"
    assert (await client.ask("PATCH", path, {"assignee": None}, role=Role.SUPERVISOR))[0] == 200
    assert (await client.ask("POST", f"{path}/take", role=Role.SUPERVISOR))[0] == 200


async def test_the_same_key_opens_one_case(client: Client) -> None:
    first = await client.open(key="ticket-1")
    body = {"server": "1", "title": "x", "key": "ticket-1", "person": str(MINA.user_id)}
    status, again, _ = await client.ask("POST", "/cases", body)
    assert (status, again["id"]) == (200, first["id"])
    status, other, _ = await client.ask("POST", "/cases", body, role=Role.SUPERVISOR)
    assert (status, other["id"] != first["id"]) == (201, True)


async def test_who_knows_an_old_version_changes_nothing(client: Client) -> None:
    case = await client.open()
    path = f"/cases/{case['id']}"
    status, now, _ = await client.ask("PATCH", path, {"priority": "high"}, headers={"If-Match": '"1"'})
    assert (status, now["version"]) == (200, 2)
    status, problem, headers = await client.ask("PATCH", path, {"priority": "low", "version": 1})
    assert (status, problem["type"], problem["current"]["version"]) == (409, "conflict", 2)
    assert headers["Content-Type"] == "application/problem+json"
    for etag in ('"1"', "1", "W/x", '"99999999999999"'):
        status, problem, _ = await client.ask("PATCH", path, {"priority": "low"}, headers={"If-Match": etag})
        assert (status, problem["current"]["priority"]) == (412, "high"), etag
    answer = {"text": "hello", "version": 1}
    assert (await client.ask("POST", f"{path}/answers", answer))[0] == 409
    assert (await client.ask("PATCH", path, {"priority": "low"}, headers={"If-Match": "*"}))[0] == 200


async def test_cases_are_listed_found_and_paged(client: Client) -> None:
    cases = [await client.open(f"lantern {number}", kind="bug" if number % 2 else "feature") for number in range(5)]
    await foreign_case(client)
    status, page, _ = await client.ask("GET", "/cases?limit=2&order=opened", role=Role.VIEWER)
    assert (status, page["total"], page["more"]) == (200, 5, False)
    rest = (await client.ask("GET", f"/cases?limit=200&order=opened&after={page['after']}"))[1]
    assert [case["id"] for case in page["cases"] + rest["cases"]] == [case["id"] for case in reversed(cases)]
    found = (await client.ask("GET", "/cases?text=lantern+3"))[1]["cases"]
    assert [case["title"] for case in found] == ["lantern 3"]
    assert (await client.ask("GET", "/cases?kind=bug&kind=other"))[1]["total"] == 2
    assert (await client.ask("GET", "/cases?status=closed"))[1]["total"] == 0
    assert (await client.ask("GET", "/cases?status=any&assignee="))[1]["total"] == 5
    assert (await client.ask("GET", "/cases?after=nonsense"))[1]["type"] == "no-page"
    assert (await client.ask("GET", "/cases?limit=2&limit=3"))[0] == 422
    assert (await client.ask("GET", "/cases?colour=red"))[0] == 422


async def test_links_mergers_and_splits(client: Client) -> None:
    one, two = (await client.open("one"))["id"], (await client.open("two"))["id"]
    assert (await client.ask("PUT", f"/cases/{one}/links/{two}"))[0] == 204
    assert (await client.ask("GET", f"/cases/{one}"))[1]["linked"] == [two]
    assert (await client.ask("DELETE", f"/cases/{two}/links/{one}"))[0] == 204
    assert (await client.ask("GET", f"/cases/{one}"))[1]["linked"] == []
    assert (await client.ask("PUT", f"/cases/{one}/links/{one}"))[1]["type"] == "same-case"
    assert (await client.ask("POST", f"/cases/{one}/merge", {"into": two}))[0] == 403
    status, goes_on, _ = await client.ask("POST", f"/cases/{one}/merge", {"into": two}, role=Role.SUPERVISOR)
    assert (status, goes_on["id"]) == (200, two)
    assert (await client.ask("GET", f"/cases/{two}"))[1]["merged"] == [one]
    assert (await client.ask("POST", f"/cases/{one}/unmerge", role=Role.SUPERVISOR))[1]["merged_into"] is None
    assert (await client.ask("POST", f"/cases/{one}/unmerge", role=Role.SUPERVISOR))[1]["type"] == "not-merged"
    await client.ask("POST", f"/cases/{one}/answers", {"text": "hello"})
    entries = (await client.ask("GET", f"/cases/{one}"))[1]["timeline"]
    said = [entry["id"] for entry in entries if entry["kind"] == "message"]
    status, new, _ = await client.ask("POST", f"/cases/{one}/split", {"entries": said, "title": "new"})
    assert (status, new["title"]) == (200, "new")


async def test_files_go_up_and_come_down_as_bytes(client: Client) -> None:
    case = await client.open()
    path = f"/cases/{case['id']}/files"
    page = b"<script>alert(1)</script>"
    headers = {"Content-Type": "text/html"}
    status, file, _ = await client.ask("POST", f"{path}?name=../x.html", data=page, headers=headers)
    assert (status, file["name"], file["kept"]) == (201, "x.html", True)
    assert [each["id"] for each in (await client.ask("GET", path, role=Role.VIEWER))[1]["files"]] == [file["id"]]
    status, content, headers = await client.ask("GET", f"{path}/{file['id']}", role=Role.VIEWER)
    assert (status, content, headers["Content-Type"]) == (200, page, "application/octet-stream")
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    other = await client.open()
    assert (await client.ask("GET", f"/cases/{other['id']}/files/{file['id']}"))[0] == 404
    assert (await client.ask("GET", f"{path}/{'0' * 32}"))[1]["type"] == "no-file"
    assert (await client.ask("POST", f"{path}?name=a", data=b"", headers={"Content-Type": "a/b"}))[0] == 409


async def test_a_long_timeline_comes_in_parts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk_cases.book.TIMELINE_LENGTH", 4)
    case = await client.open()
    for number in range(9):
        await client.ask("POST", f"/cases/{case['id']}/notes", {"text": f"note {number}"})
    seen: list[dict[str, Any]] = []
    query, parts = "", 0
    while True:
        status, whole, _ = await client.ask("GET", f"/cases/{case['id']}{query}")
        assert (status, len(whole["timeline"]) <= 4) == (200, True)
        seen, parts = whole["timeline"] + seen, parts + 1
        if whole["older"] is None:
            break
        query = f"?before={whole['older']}"
    assert ([entry["text"] for entry in seen], parts) == (["", *(f"note {number}" for number in range(9))], 3)
    other = await client.open("Another")
    assert (await client.ask("GET", f"/cases/{other['id']}?before={seen[3]['id']}"))[0] == 409
    assert (await client.ask("GET", f"/cases/{case['id']}?before=x"))[0] == 422


async def test_a_file_may_be_as_large_as_on_the_page(client: Client) -> None:
    case = await client.open()
    path = f"/cases/{case['id']}/files?name=a"

    async def send(size: int) -> tuple[int, Any]:
        return (await client.ask("POST", path, data=b"x" * size, headers={"Content-Type": "a/b"}))[:2]

    status, file = await send(1_500_000)
    assert (status, file["size"]) == (201, 1_500_000)
    assert (await send(1_500_001))[0] == 413
    assert (await client.ask("PUT", path))[2]["Allow"] == "GET, POST"
    assert (await client.ask("POST", path, data=b"x", role=None))[0] == 401


@pytest.mark.parametrize("in_pieces", [False, True])
async def test_a_body_that_is_too_large_is_a_problem_like_any_other(client: Client, in_pieces: bool) -> None:
    """Also where it is refused on the way in, before the API has seen it."""
    case = await client.open()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(16):
            yield b"x" * 100_000

    for path, kind in (("notes", "application/json"), ("files?name=a", "a/b")):
        data = pieces() if in_pieces else b"x" * 1_600_000
        address, said = f"/cases/{case['id']}/{path}", {"Content-Type": kind}
        status, problem, headers = await client.ask("POST", address, data=data, headers=said)
        assert (status, problem["status"]) == (413, 413), path
        assert headers["Content-Type"] == "application/problem+json"
        Problem.model_validate(problem)
        assert problem["type"] == HTTPStatus(413).name.lower().replace("_", "-")


async def test_only_members_of_the_server_get_cases(client: Client) -> None:
    case = await client.open()
    assert case["person"] == {"id": str(MINA.user_id), "name": "Mina", "locale": "fa"}
    body = {"server": str(HERE), "title": "x", "person": "8"}
    status, problem, _ = await client.ask("POST", "/cases", body)
    assert (status, problem["type"]) == (404, "no-person")
    named = {**body, "person": {"id": str(MINA.user_id), "name": "Somebody else"}}
    assert (await client.ask("POST", "/cases", named))[0] == 422
    assert (await client.ask("GET", "/cases?status=any"))[1]["total"] == 1


async def test_only_those_who_are_known_are_given_cases(client: Client) -> None:
    path = f"/cases/{(await client.open())['id']}"
    status, problem, _ = await client.ask("PATCH", path, {"assignee": "discord:31337"})
    assert (status, problem["type"]) == (409, "no-colleague")
    me = await client.me()
    assert (await client.ask("PATCH", path, {"assignee": me["id"]}))[1]["assignee"] == me
    # Who has it may keep it, whoever else asks.
    status, kept, _ = await client.ask("PATCH", path, {"assignee": me["id"], "team": "x"}, role=Role.SUPERVISOR)
    assert (status, kept["assignee"]) == (200, me)
    assert (await client.ask("PATCH", path, {"team": "x" * 61}))[0] == 422


@pytest.mark.parametrize("what", ["notes", "answers"])
async def test_what_is_sent_again_with_its_key_is_written_once(client: Client, what: str) -> None:
    path = f"/cases/{(await client.open())['id']}"
    body: dict[str, Any] = {"text": "Look in the chest.", "key": "job-1"}
    if what == "answers":
        body |= {"version": 1, "status": "resolved"}
    first = await client.ask("POST", f"{path}/{what}", body)
    assert first[0] == 200
    assert (await client.ask("POST", f"{path}/{what}", body))[:2] == first[:2]

    async def said(of: str) -> int:
        timeline = (await client.ask("GET", of))[1]["timeline"]
        return sum(entry["text"] == body["text"] for entry in timeline)

    assert await said(path) == 1
    again = {"text": body["text"]}
    for more in ({"key": "job-2"}, {}, {}):
        assert (await client.ask("POST", f"{path}/{what}", again | more))[0] == 200
    assert (await client.ask("POST", f"{path}/{what}", again | {"key": "job-1"}, role=Role.SUPERVISOR))[0] == 200
    assert await said(path) == 5
    other = f"/cases/{(await client.open())['id']}"
    await client.ask("POST", f"{other}/{what}", again | {"key": "job-1"})
    assert await said(other) == 1


async def test_macros_are_listed_and_used(client: Client) -> None:
    case = await client.open()
    macros = (await client.ask("GET", f"/servers/{HERE}/macros", role=Role.VIEWER))[1]["macros"]
    assert [(macro["name"], macro["status"], macro["add_tags"]) for macro in macros] == [
        ("Thanks", "resolved", ["thanked"])
    ]
    path = f"/cases/{case['id']}/macro"
    status, problem, _ = await client.ask("POST", path, {"macro": "Other"})
    assert (status, problem["type"]) == (404, "no-macro")
    status, done, _ = await client.ask("POST", path, {"macro": "Thanks"}, headers={"If-Match": '"1"'})
    assert (status, done["status"], done["tags"]) == (200, "resolved", ["thanked"])
    assert (await client.ask("POST", path, {"macro": "Thanks", "version": 1}))[0] == 409
    timeline = (await client.ask("GET", f"/cases/{case['id']}"))[1]["timeline"]
    assert [entry["text"] for entry in timeline if entry["kind"] == "message"] == ["Thank you, Mina!"]


async def test_cases_that_may_be_the_same_are_suggested(client: Client) -> None:
    one, two = await client.open("My lantern is gone"), await client.open("my lantern is gone!")
    await client.open("The bell does not ring")
    status, found, _ = await client.ask("GET", f"/cases/{one['id']}/duplicates", role=Role.VIEWER)
    assert (status, [each["case"]["id"] for each in found["cases"]]) == (200, [two["id"]])
    assert 0.6 <= found["cases"][0]["score"] <= 1


async def test_the_figures_are_those_of_the_dashboard(client: Client) -> None:
    assert (get_args(Days), FiguresQuery().days) == (tuple(map(str, SPANS)), str(USUAL_SPAN))
    case = await client.open()
    client.served.clock.now += timedelta(minutes=30)
    await client.ask("POST", f"/cases/{case['id']}/answers", {"text": "Bye.", "status": "resolved"})
    await client.open("another", kind="bug")
    status, figures, _ = await client.ask("GET", f"/servers/{HERE}/figures?days=7", role=Role.VIEWER)
    assert (status, len(figures["periods"])) == (200, 7)
    assert figures["periods"][-1]["opened"] == figures["opened"] == 2
    assert figures["first_answer"] == figures["resolution"] == {"count": 1, "median": 1800.0, "p90": 1800.0}
    assert figures["kinds"] == [{"name": "bug", "count": 1}, {"name": "request", "count": 1}]
    assert figures["open_by_age"][0] == {"up_to_days": 1, "count": 1}
    assert (await client.ask("GET", f"/servers/{HERE}/figures?days=8"))[0] == 422


NUL = "a\x00b"
WRITTEN: list[tuple[str, str, Any]] = [
    ("POST", "/cases", {"server": "1", "title": NUL, "description": NUL, "person": str(MINA.user_id),
                        "fields": {NUL: NUL}}),
    ("PATCH", "/cases/{id}", {"title": NUL, "team": NUL, "tags": [NUL]}),
    ("PATCH", "/cases/{id}", {"assignee": NUL}),
    ("PATCH", "/cases/{id}", {"fields": {NUL: NUL}}),
    ("PATCH", "/cases/{id}", {"fields": {"platform": NUL}}),
    ("POST", "/cases/{id}/notes", {"text": NUL}),
    ("POST", "/cases/{id}/notes", {"text": "x", "key": NUL}),
    ("POST", "/cases/{id}/answers", {"text": NUL}),
    ("POST", "/cases/{id}/macro", {"macro": NUL}),
    ("POST", "/cases/{id}/split", {"entries": [1], "title": NUL}),
    ("POST", "/views", {"server": "1", "name": NUL, "query": "q=%00"}),
    ("GET", "/cases?text=%00a&kind=%00&tag=%00&team=%00&assignee=%00&status=any", None),
    ("GET", "/cases?after=%00", None),
    ("GET", "/cases/{id}/files/%00", None),
]  # fmt: skip


async def test_what_a_database_cannot_keep_is_refused_or_left_out(client: Client) -> None:
    case = await client.open()
    for method, path, body in WRITTEN:
        status, answer, _ = await client.ask(method, path.replace("{id}", str(case["id"])), body)
        assert status < 500, (method, path, body, answer)
        assert status >= 400 or "\\x00" not in repr(answer), (method, path)
    named = f"/cases/{case['id']}/files?name=a%00b"
    status, file, _ = await client.ask("POST", named, data=b"x", headers={"Content-Type": "a/b"})
    assert (status, file["name"]) == (201, "ab")


async def test_persons_and_views(client: Client) -> None:
    case = await client.open()
    status, person, _ = await client.ask("GET", "/servers/1/persons/7000000000000000001", role=Role.VIEWER)
    assert (status, person["names"], [each["id"] for each in person["cases"]]) == (200, ["Mina"], [case["id"]])
    assert (await client.ask("GET", "/servers/1/persons/8"))[0] == 404
    view = {"server": "1", "name": "Mine", "query": "status=open"}
    status, own, _ = await client.ask("POST", "/views", view, role=Role.VIEWER)
    assert (status, own["everybody"]) == (201, False)
    assert (await client.ask("POST", "/views", view, role=Role.VIEWER))[1]["type"] == "view-exists"
    assert (await client.ask("POST", "/views", view | {"everybody": True}))[0] == 403
    status, shared, _ = await client.ask("POST", "/views", view | {"everybody": True}, role=Role.SUPERVISOR)
    assert [each["id"] for each in (await client.ask("GET", "/views"))[1]["views"]] == [shared["id"]]
    assert (await client.ask("DELETE", f"/views/{own['id']}"))[0] == 404
    assert (await client.ask("DELETE", f"/views/{shared['id']}"))[0] == 403
    assert (await client.ask("DELETE", f"/views/{own['id']}", role=Role.VIEWER))[0] == 204


async def test_nobody_gets_in_without_the_right_role(client: Client) -> None:
    case = await client.open()
    theirs = await foreign_case(client)
    operations = client.served.plugin.json_api.operations()
    for operation in operations:
        path = operation.path.replace("{case_id}", str(case["id"])).replace("{other_id}", str(theirs))
        path = path.replace("{view_id}", "1").replace("{file_id}", "0" * 32)
        path = path.replace("{server}", "1").replace("{person_id}", "7")
        status, problem, headers = await client.ask(operation.method, path, role=None)
        assert (status, problem["type"]) == (401, "unauthorized"), operation.id
        assert headers["WWW-Authenticate"] == "Bearer"
        if operation.role is not Role.VIEWER:
            assert (await client.ask(operation.method, path, {}, role=Role.VIEWER))[0] == 403, operation.id
        if "{case_id}" in operation.path:
            foreign = path.replace(f"/cases/{case['id']}", f"/cases/{theirs}", 1)
            nowhere = path.replace(f"/cases/{case['id']}", "/cases/999999", 1)
            answers = [
                (await client.ask(operation.method, each, {}, role=Role.SUPERVISOR))[:2] for each in (foreign, nowhere)
            ]
            assert answers[0] == answers[1], operation.id
            assert answers[0][0] == 404, operation.id
    assert (await client.ask("PUT", f"/cases/{case['id']}/links/{theirs}"))[0] == 404
    assert (await client.ask("POST", f"/cases/{case['id']}/merge", {"into": theirs}, role=Role.SUPERVISOR))[0] == 404
    for path in (
        f"/cases?server={ELSEWHERE}",
        f"/views?server={ELSEWHERE}",
        f"/servers/{ELSEWHERE}/persons/1",
        f"/servers/{ELSEWHERE}/macros",
        f"/servers/{ELSEWHERE}/figures",
        f"/servers/{ELSEWHERE}/choices",
    ):
        assert (await client.ask("GET", path))[0] == 404, path


async def test_a_session_reads_and_a_forged_form_writes_nothing(client: Client) -> None:
    case = await client.open()
    client.served.town.people[NOOR] = {HERE: Role.AGENT}
    cookie = await signed_in(client.served.desk.staff, Arrival(f"discord:{NOOR}", "Noor", "discord"))
    headers = {"Cookie": cookie}
    assert (await client.ask("GET", "/cases", role=None, headers=headers))[1]["total"] == 1
    note = {"text": "forged"}
    assert (await client.ask("POST", f"/cases/{case['id']}/notes", note, role=None, headers=headers))[0] == 403


async def test_what_is_wrong_is_said(client: Client) -> None:
    case = await client.open()
    path = f"/cases/{case['id']}"
    status, problem, _ = await client.ask("PATCH", path, {"priority": "huge"}, headers={"Accept-Language": "de"})
    assert (status, problem["errors"][0]["where"]) == (422, "priority")
    assert problem["title"].startswith("Die Anfrage")
    for body, kind, expected in (
        (b"{", "application/json", 400), (b"[" * 100_000, "application/json", 400), (b"{}", "text/plain", 415),
        (b"[]", "application/json", 422), (b'{"text": "\\ud800"}', "application/json", 422),
    ):  # fmt: skip
        answer = await client.ask("POST", f"{path}/notes", data=body, headers={"Content-Type": kind})
        assert answer[0] == expected, body[:20]
    status, problem, headers = await client.ask("DELETE", path)
    assert (status, headers["Allow"], problem["type"]) == (405, "GET, PATCH", "method-not-allowed")
    assert (await client.ask("GET", "/nothing"))[1]["type"] == "not-found"
    assert (await client.ask("PATCH", path, {"fields": {"platform": "Atari"}}))[1]["type"] == "field-choice"
    assert (await client.ask("PATCH", path, {"fields": {"other": "x"}}))[1]["type"] == "no-field"
    await client.ask("PATCH", path, {"status": "closed"})
    assert (await client.ask("PATCH", path, {"status": "resolved"}))[1]["type"] == "not-allowed"
