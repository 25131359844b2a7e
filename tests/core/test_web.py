"""The web server: plugins side by side, clear errors, limits, headers, health, figures, start and stop."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from functools import cache
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from frontdesk.errors import StartError
from frontdesk.health import Health, Part, PartState
from frontdesk.metrics import Metrics
from frontdesk.pages import Pages, content_security_policy
from frontdesk.uploads import UploadRoute
from frontdesk.web import Web
from frontdesk.words import Words
from jinja2 import UndefinedError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.core.asgi import AsgiClient

HTML = {"Accept": "text/html,*/*;q=0.8"}
UP = Health((Part("discord", PartState.UP, vital=True),))


async def healthy() -> Health:
    return UP


@cache
def words() -> Words:
    return Words("auto", {}, {}, strict=True)


def make(**options: object) -> Web:
    settings: dict[str, object] = {
        "public_url": "https://desk.example.com",
        "health": healthy,
        "metrics": Metrics(),
        "words": words(),
    }
    return Web("127.0.0.1", 0, **(settings | options))  # type: ignore[arg-type]  # options differ by test


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


async def broken(_request: Request) -> Response:
    raise RuntimeError("the database password is hunter2")


async def size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def refusing(_request: Request) -> Response:
    raise HTTPException(403, "This link is for Sara.")


ROUTES = [
    Route("/", hello),
    Route("/broken", broken),
    Route("/size", size, methods=["POST"]),
    Route("/refusing", refusing),
    Route("/deaf", hello, methods=["POST"]),
]


@pytest.fixture
def web() -> Web:
    web = make()
    web.mount("cases", ROUTES)
    web.mount("bug_report", [Route("/report/{number:int}", hello)])
    return web


@pytest.fixture
def client(web: Web) -> AsgiClient:
    return AsgiClient(web.app)


def test_each_plugin_has_its_own_part(web: Web, client: AsgiClient) -> None:
    assert client.get("/cases/").text == "hello"
    assert client.get("/bug_report/report/7").text == "hello"
    assert client.get("/bug_report/").status_code == 404
    web.unmount("cases")
    web.unmount("cases")
    assert client.get("/cases/").status_code == 404
    assert client.get("/bug_report/report/7").text == "hello"
    web.mount("cases", ROUTES)
    assert client.get("/cases/").text == "hello"


def test_a_name_is_given_once(web: Web) -> None:
    for name in ("cases", "health", "static", "metrics"):
        with pytest.raises(ValueError, match="is taken"):
            web.mount(name, [])


def test_the_missing_slash_is_added_without_naming_a_host(client: AsgiClient) -> None:
    answer = client.get("/cases?page=2")
    assert (answer.status_code, answer.headers["location"]) == (308, "/cases/?page=2")
    below = make(public_url="https://example.com/desk/")
    below.mount("cases", ROUTES)
    assert AsgiClient(below.app).get("/cases").headers["location"] == "/desk/cases/"
    assert 'href="/desk/cases/"' in AsgiClient(below.app).get("/", headers=HTML).text


def test_an_error_has_an_id_in_the_page_and_in_the_log_and_tells_nothing(client: AsgiClient) -> None:
    with capture_logs() as logs:
        answer = client.get("/cases/broken", headers=HTML)
        program = client.get("/cases/broken")
    failed = [line for line in logs if line["event"] == "request_failed"]
    assert answer.status_code == program.status_code == 500
    assert failed[0]["error_id"] in answer.text
    assert program.json()["error_id"] == failed[1]["error_id"]
    assert isinstance(failed[0]["exc_info"], RuntimeError)
    assert "hunter2" not in answer.text + program.text
    assert client.get("/bug_report/report/7").status_code == 200


@pytest.mark.parametrize("error", [SystemExit(2), asyncio.CancelledError()], ids=repr)
def test_a_page_that_would_end_the_bot_is_an_error_like_any_other(web: Web, error: BaseException) -> None:
    async def leaving(_request: Request) -> Response:
        raise error

    web.mount("leaving", [Route("/", leaving)])
    with capture_logs() as logs:
        answer = AsgiClient(web.app).get("/leaving/")
    assert answer.status_code == 500
    assert [line["exc_info"] for line in logs if line["event"] == "request_failed"] == [error]


async def test_a_page_whose_task_is_cancelled_is_left_at_once(web: Web) -> None:
    entered = asyncio.Event()

    async def waiting(_request: Request) -> Response:
        entered.set()
        await asyncio.Event().wait()
        return PlainTextResponse("never")

    web.mount("waiting", [Route("/", waiting)])
    call = asyncio.create_task(AsgiClient(web.app).call("GET", "/waiting/"))
    await entered.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nothing", 404, "page-404-text"),
        ("/cases/nothing", 404, "page-404-text"),
        ("/cases/deaf", 405, "page-405-text"),
        ("/cases/refusing", 403, "This link is for Sara."),
        ("/cases/broken", 500, "page-500-text"),
    ],
)
def test_errors_are_pages_for_people_and_json_for_programs(
    client: AsgiClient, path: str, status: int, says: str
) -> None:
    page, program = client.get(path, headers=HTML), client.get(path, headers={"Accept": "application/json"})
    assert page.status_code == program.status_code == status
    assert (words().say("core", "en")(says) if says.startswith("page-") else says) in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert program.headers["content-type"] == "application/problem+json"
    problem = program.json()
    assert problem["status"] == status
    assert problem["type"] == HTTPStatus(status).name.lower().replace("_", "-")
    assert problem["title"] in page.text


def test_pages_speak_the_language_of_the_browser(client: AsgiClient) -> None:
    persian = client.get("/nothing", headers=HTML | {"Accept-Language": "en;q=0.5, fa-IR, de;q=0.9"}).text
    assert '<html lang="fa" dir="rtl">' in persian
    assert words().say("core", "fa")("page-404-title") in persian
    german = client.get("/", headers=HTML | {"Accept-Language": "de-AT"}).text
    assert '<html lang="de" dir="ltr">' in german
    for odd in ("xx;q=nan", "*", ",;q=", "fa;q=0"):
        assert 'lang="en"' in client.get("/", headers=HTML | {"Accept-Language": odd}).text


def test_the_first_page_shows_plugins_that_have_pages(client: AsgiClient) -> None:
    page = client.get("/", headers=HTML).text
    assert 'href="/cases/"' in page
    assert "bug_report" not in page
    assert client.get("/").json() == {"name": "Frontdesk", "plugins": ["cases"]}


def test_every_answer_has_the_security_headers(client: AsgiClient) -> None:
    for path in ("/", "/nothing", "/cases/broken", "/health", "/static/frontdesk.css"):
        headers = client.get(path, headers=HTML).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]
    assert client.get("/cases/").headers["cache-control"] == "no-store"


def test_a_page_may_be_framed_where_it_says_so() -> None:
    assert content_security_policy(["https://flex.twilio.com"]).endswith("frame-ancestors https://flex.twilio.com")


def test_request_ids_are_kept_if_they_are_harmless(client: AsgiClient) -> None:
    assert client.get("/", headers={"X-Request-ID": "abc-123-def"}).headers["x-request-id"] == "abc-123-def"
    for odd in ("short", "x" * 65, 'a" onload="alert(1)'):
        assert client.get("/", headers={"X-Request-ID": odd}).headers["x-request-id"] != odd


def test_static_files_are_kept_by_the_browser_as_long_as_they_are_the_same(client: AsgiClient) -> None:
    page = client.get("/", headers=HTML).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    versioned = client.get(address)
    assert versioned.status_code == 200
    assert "max-age=31536000" in versioned.headers["cache-control"]
    assert "max-age=300" in client.get("/static/frontdesk.css").headers["cache-control"]
    assert client.get("/static/../web.py").status_code == 404
    assert client.get("/static/%2e%2e/web.py").status_code == 404


async def test_health_is_503_when_a_vital_part_is_down() -> None:
    cases = [
        (Health((Part("discord", PartState.DOWN, "no connection", vital=True),)), 503, "down"),
        (Health((Part("twilio", PartState.DOWN),)), 200, "degraded"),
        (Health((), (Part("cases", PartState.DOWN, "its settings are wrong"),)), 200, "degraded"),
        (Health((Part("twilio", PartState.OFF),)), 200, "up"),
    ]
    for health, status, state in cases:

        async def tell(health: Health = health) -> Health:
            return health

        answer = await asyncio.to_thread(AsgiClient(make(health=tell).app).get, "/health")
        assert (answer.status_code, answer.json()["state"]) == (status, state)


def test_health_answers_even_if_asking_fails() -> None:
    async def fail() -> Health:
        raise RuntimeError("secret detail")

    answer = AsgiClient(make(health=fail).app).get("/health")
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_metrics_are_for_the_private_network_or_for_the_token(client: AsgiClient, web: Web) -> None:
    assert client.get("/metrics").status_code == 403
    local = AsgiClient(web.app, address="127.0.0.1")
    local.get("/cases/")
    shown = local.get("/metrics")
    assert 'frontdesk_http_requests_total{plugin="cases",status="200"} 1.0' in shown.text
    for address in ("10.1.2.3", "::1", "192.168.1.9", "fd00::1"):
        assert AsgiClient(web.app, address=address).get("/metrics").status_code == 200
    guarded = AsgiClient(make(metrics_token="figures").app, address="127.0.0.1")
    assert guarded.get("/metrics").status_code == 403
    assert guarded.get("/metrics", headers={"Authorization": "Bearer figures"}).status_code == 200


def test_a_page_lacking_a_value_is_an_error_and_values_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "case.html").write_text(
        '{% extends "frontdesk/base.html" %}{% block content %}<p>{{ body }}</p>{% endblock %}'
    )
    pages = Pages(tmp_path)
    say = words().say("core", "fa")
    request = Request({"type": "http", "headers": [], "query_string": b"", "path": "/"})
    made = pages.render(request, "case.html", say=say, body="<script>alert(1)</script>", frame_ancestors=["https://a"])
    assert b"<script>" not in made.body
    assert b"&lt;script&gt;" in bytes(made.body)
    assert made.headers["content-security-policy"].endswith("frame-ancestors https://a")
    with pytest.raises(UndefinedError):
        pages.render(request, "case.html", say=say)


# From here on with a real socket.


@pytest.fixture
async def running() -> AsyncIterator[Web]:
    web = make(body_limit=1000)
    web.mount("cases", ROUTES)
    await web.start()
    yield web
    await web.stop(1)


@pytest.fixture
async def http(running: Web) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{running.port}") as session:
        yield session


async def test_bodies_are_limited_declared_or_not(http: aiohttp.ClientSession) -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    async with http.post("/cases/size", data=b"x" * 1000) as answer:
        assert await answer.text() == "1000"
    async with http.post("/cases/size", data=b"x" * 1001) as answer:
        assert answer.status == 413
        assert answer.headers["Connection"] == "close"
    async with http.post("/cases/size", data=pieces(10)) as answer:
        assert await answer.text() == "1000"
    async with http.post("/cases/size", data=pieces(11), headers=HTML) as answer:
        assert answer.status == 413
        assert words().say("core", "en")("page-413-title") in await answer.text()


async def test_an_address_beyond_all_measure_is_not_found(running: Web, http: aiohttp.ClientSession) -> None:
    async def number(request: Request) -> Response:
        return Response(str(request.path_params["number"] % 10))

    running.mount("board", [Route("/{number:int}", number)])
    async with http.get("/board/" + "7" * 900) as answer:
        assert await answer.text() == "7"
    async with http.get("/board/" + "7" * 5000, headers=HTML) as answer:
        assert answer.status == 404
        assert words().say("core", "en")("page-404-title") in await answer.text()


async def test_a_route_for_uploads_has_a_limit_of_its_own(running: Web, http: aiohttp.ClientSession) -> None:
    async def size(request: Request) -> Response:
        return Response(str(len(await request.body())))

    uploads = [UploadRoute("/{number:int}/files", size, limit=3000), Route("/{number:int}", size, methods=["POST"])]
    running.mount("board", uploads)

    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    async def status(path: str, size: int, *, method: str = "POST") -> set[int]:
        async with http.request(method, path, data=b"x" * size) as whole:
            found = {whole.status}
        async with http.request(method, path, data=pieces(size // 100)) as in_pieces:
            return found | {in_pieces.status}

    assert await status("/board/7/files", 3000) == {200}
    assert await status("/board/7/files", 3100) == {413}
    for path in ("/board/7", "/board/x/files", "/board/7/files/", "/cases/7/files", "/board", "/"):
        assert 413 in (found := await status(path, 1100)), path
        assert 200 not in found, path
    assert 413 in await status("/board/7/files", 1100, method="PUT")
    running.unmount("board")
    assert 413 in await status("/board/7/files", 1100)


async def test_a_request_has_its_id_in_the_log(http: aiohttp.ClientSession) -> None:
    with capture_logs() as logs:
        async with http.get("/cases/?token=abc", headers={"X-Request-ID": "12345678"}) as answer:
            assert answer.headers["X-Request-ID"] == "12345678"
    line = next(line for line in logs if line["event"] == "request")
    assert (line["path"], line["status"], line["method"]) == ("/cases/", 200, "GET")
    assert "abc" not in str(logs)


async def test_an_answer_that_breaks_off_is_seen_to_be_incomplete(running: Web, http: aiohttp.ClientSession) -> None:
    async def half(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("broke off")

        return StreamingResponse(pieces())

    running.mount("half", [Route("/", half)])
    async with http.get("/half/") as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    async with http.get("/cases/") as answer:
        assert answer.status == 200


async def test_events_flow_at_once_and_end_when_the_server_stops(running: Web, http: aiohttp.ClientSession) -> None:
    go_on = asyncio.Event()

    async def events(_request: Request) -> Response:
        async def lines() -> AsyncIterator[bytes]:
            yield b"data: one\n\n"
            await go_on.wait()
            yield b"data: two\n\n"
            await asyncio.Event().wait()

        return StreamingResponse(lines(), media_type="text/event-stream")

    running.mount("live", [Route("/", events)])
    async with asyncio.timeout(5), http.get("/live/") as answer:
        assert await answer.content.readuntil(b"\n\n") == b"data: one\n\n"
        go_on.set()
        assert await answer.content.readuntil(b"\n\n") == b"data: two\n\n"
        await running.stop(4)  # would take the whole grace if it waited for the stream
        assert await answer.content.read() == b""


async def test_a_running_request_may_finish_while_the_server_stops(running: Web, http: aiohttp.ClientSession) -> None:
    started, finish = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        started.set()
        await finish.wait()
        return PlainTextResponse("done")

    running.mount("slow", [Route("/", slow)])
    asking = asyncio.create_task(http.get("/slow/"))
    await started.wait()
    stopping = asyncio.create_task(running.stop(5))
    await asyncio.sleep(0)
    finish.set()
    async with asyncio.timeout(5):
        assert await (await asking).text() == "done"
        await stopping


async def test_a_busy_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        web = Web("127.0.0.1", port, public_url="http://x", health=healthy, metrics=Metrics(), words=words())
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is in use"):
            await web.start()
        await web.stop()


async def test_a_host_that_is_not_ours_is_one_sentence() -> None:
    for host in ("203.0.113.1", "no such host"):
        web = Web(host, 0, public_url="http://x", health=healthy, metrics=Metrics(), words=words())
        with pytest.raises(StartError, match="not an address of this machine"):
            await web.start()


async def test_the_port_is_free_again_at_once() -> None:
    first = make()
    await first.start()
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{first.port}/health") as answer:
        assert json.loads(await answer.text())["state"] == "up"
    waiting = asyncio.create_task(first.wait())
    await first.stop(1)
    async with asyncio.timeout(2):
        await waiting
    second = Web("127.0.0.1", first.port, public_url="http://x", health=healthy, metrics=Metrics(), words=words())
    await second.start()
    assert second.port == first.port
    await second.stop(1)
