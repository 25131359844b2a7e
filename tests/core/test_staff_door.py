"""The door on a real web server, without Discord: who is let on, forged forms, cookies, limits."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from frontdesk.health import Health
from frontdesk.metrics import Metrics
from frontdesk.staff import Role
from frontdesk.staff_cookies import Cookies
from frontdesk.staff_door import StaffDoor
from frontdesk.staff_sessions import Arrival
from frontdesk.staff_tokens import TokenWish
from frontdesk.store import Store
from frontdesk.tables import CORE
from frontdesk.web import Web
from frontdesk.words import Words
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.core.test_staff_sessions import NET, Clock
from tests.staff_door import Town, make_door, signed_in

MINA, TARIQ = 100, 200
PUBLIC = "https://desk.example"
BROWSER = {"Accept": "text/html,*/*"}


@dataclass
class Stand:
    """A page and an action of a plugin, behind the door."""

    door: StaffDoor
    town: Town
    port: int
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, path: str, method: str = "GET", **more: Any) -> tuple[int, Any, str]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, url, allow_redirects=False, **more) as answer:
            return answer.status, answer.headers, await answer.text()

    async def status(self, path: str, method: str = "GET", **more: Any) -> int:
        return (await self.ask(path, method, **more))[0]


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}", durable=False)
    await store.connect()
    await store.upgrade([CORE])
    town = Town(people={MINA: {1: Role.SUPERVISOR, 2: Role.VIEWER}, TARIQ: {1: Role.AGENT}})
    door = make_door(store, town, Clock(), public_url=PUBLIC)

    async def page(request: Request) -> Response:
        guild_id = request.query_params.get("server")
        staff = await door.require(request, Role.AGENT, int(guild_id) if guild_id else None)
        again = await door.find(request)
        return JSONResponse({"name": staff.name, "csrf": door.csrf(request), "same": again is staff})

    async def change(request: Request) -> Response:
        await door.require(request, Role.AGENT)
        await door.require_csrf(request)
        return JSONResponse({"title": (await request.form()).get("title")})

    async def healthy() -> Health:
        return Health(())

    words = Words("auto", {}, {}, strict=True)
    web = Web("127.0.0.1", 0, public_url=PUBLIC, health=healthy, metrics=Metrics(), words=words)
    web.mount("cases", [Route("/7", page), Route("/7/change", change, methods=["POST"])])
    await web.start()
    async with aiohttp.ClientSession() as session:
        yield Stand(door, town, web.port, session)
    await web.stop(1)
    await store.close()


async def cookie(stand: Stand, user_id: int = TARIQ) -> dict[str, str]:
    return {"Cookie": await signed_in(stand.door, Arrival(f"discord:{user_id}", "Tariq", "discord"))}


async def test_browsers_are_sent_to_the_sign_in_and_programs_are_refused(stand: Stand) -> None:
    status, headers, _ = await stand.ask("/cases/7?tab=notes&q=a%20b", headers=BROWSER)
    assert status == 303
    assert headers["Location"] == "/staff/sign-in?next=%2Fcases%2F7%3Ftab%3Dnotes%26q%3Da%2520b"
    _, headers, _ = await stand.ask("/cases/7", headers=BROWSER | {"Sec-Fetch-Dest": "iframe"})
    assert headers["Location"] == "/staff/sign-in/flex?next=%2Fcases%2F7"
    status, headers, _ = await stand.ask("/cases/7", headers={"Accept": "application/json"})
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert await stand.status("/cases/7/change", "POST", headers=BROWSER) == 401
    forged = {"Cookie": "__Host-frontdesk-staff=" + "0" * 43}
    assert await stand.status("/cases/7", headers=BROWSER | forged) == 303


async def test_staff_are_let_on_by_their_role(stand: Stand) -> None:
    tariq, mina = await cookie(stand), await cookie(stand, MINA)
    assert (await stand.ask("/cases/7", headers=tariq))[2].count('"same":true') == 1
    assert await stand.status("/cases/7?server=1", headers=tariq) == 200
    assert await stand.status("/cases/7?server=2", headers=tariq) == 403
    assert await stand.status("/cases/7?server=2", headers=mina) == 403, "a viewer there"
    stand.town.people[TARIQ] = {1: Role.VIEWER}
    status, _, text = await stand.ask("/cases/7", headers=BROWSER | tariq | {"Accept-Language": "de"})
    assert status == 403
    assert 'lang="de"' in text
    stand.town.silent = True
    assert await stand.status("/cases/7", headers=tariq) == 503


async def test_whoever_was_let_on_is_looked_at_again(stand: Stand) -> None:
    cookie = await signed_in(stand.door, Arrival(f"discord:{TARIQ}", "Tariq", "discord"))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie.encode())]})
    assert (await stand.door.require(request, Role.AGENT, 1)).name == "Tariq"
    assert await stand.door.still(request, Role.AGENT, 1)
    assert not await stand.door.still(request, Role.SUPERVISOR, 1)
    stand.town.people[TARIQ] = {1: Role.VIEWER}
    assert not await stand.door.still(request, Role.AGENT, 1)
    assert await stand.door.still(request, Role.VIEWER, 1)
    stand.town.silent = True
    assert not await stand.door.still(request, Role.VIEWER, 1)


def test_servers_have_names(stand: Stand) -> None:
    assert stand.door.server_name(1) == "Lantern Vale"
    assert stand.door.server_name(77) == "77"


async def test_forms_must_be_ours(stand: Stand) -> None:
    tariq, mina = await cookie(stand), await cookie(stand, MINA)
    _, _, told = await stand.ask("/cases/7", headers=tariq)
    token = told.split('"csrf":"')[1].split('"')[0]
    ours = {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin"}

    async def sent(headers: dict[str, str], **fields: str) -> int:
        return await stand.status("/cases/7/change", "POST", headers=headers, data=fields)

    assert await sent(tariq | ours, csrf=token, title="é") == 200
    assert await sent(tariq | ours | {"X-CSRF-Token": token}) == 200
    assert await sent(tariq, csrf=token) == 200, "a program with cookies says nothing of where it comes from"
    assert await sent(tariq | {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, csrf=token) == 200
    assert await sent(tariq | ours) == 403
    assert await sent(tariq | ours, csrf="") == 403
    assert await sent(tariq | ours, csrf="é" * 64) == 403
    assert await sent(mina | ours, csrf=token) == 403, "another session's token"
    for forged in (
        {"Origin": "https://evil.example"},
        {"Origin": "https://desk.example.evil.example"},
        {"Origin": "http://desk.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
    ):
        assert await sent(tariq | forged, csrf=token) == 403, forged


async def test_forms_with_files_are_ours_too(stand: Stand) -> None:
    tariq = await cookie(stand)
    _, _, told = await stand.ask("/cases/7", headers=tariq)
    token = told.split('"csrf":"')[1].split('"')[0]
    for given, status in ((token, 200), ("0" * 64, 403)):
        form = aiohttp.FormData({"csrf": given, "title": "x"})
        form.add_field("file", b"content", filename="a.txt")
        assert await stand.status("/cases/7/change", "POST", headers=tariq, data=form) == status


async def test_programs_need_no_form(stand: Stand) -> None:
    staff = await stand.door.sessions.find((await cookie(stand, MINA))["Cookie"].partition("=")[2])
    assert staff is not None
    token = await stand.door.tokens.make(staff, TokenWish("Reports", Role.AGENT, 1), NET)
    bearer = {"Authorization": f"Bearer {token}"}
    assert await stand.status("/cases/7/change", "POST", headers=bearer) == 200
    assert await stand.status("/cases/7?server=2", headers=bearer) == 403
    mixed = await cookie(stand) | {"Authorization": "Bearer fd_wrong"}
    assert await stand.status("/cases/7/change", "POST", headers=mixed) == 401, "a header that is there counts"
    for _ in range(19):
        assert await stand.status("/cases/7", headers={"Authorization": "Bearer fd_wrong"}) == 401
    status, headers, _ = await stand.ask("/cases/7", headers={"Authorization": "Bearer fd_wrong"})
    assert (status, headers["Retry-After"]) == (429, "601")
    assert await stand.status("/cases/7", headers=bearer) == 200, "who has a good token is not kept out"


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        (
            "https://desk.example/desk",
            "__Host-frontdesk-staff=secret; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=None; Partitioned",
        ),
        ("http://127.0.0.1:8080", "frontdesk-staff=secret; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"),
    ],
)
def test_cookies(public_url: str, expected: str) -> None:
    response = Response()
    Cookies(public_url).keep_session(response, "secret", 60)
    assert response.headers["Set-Cookie"] == expected
    bound = Response()
    Cookies(public_url).keep_attempt(bound, "secret", 60)
    assert "SameSite=Lax" in bound.headers["Set-Cookie"]
    assert ("Secure" in bound.headers["Set-Cookie"]) is public_url.startswith("https")
