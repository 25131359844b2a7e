"""Outgoing requests: what may be asked, how much is taken, how long it may take, what is tried again."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from frontdesk import fetch
from frontdesk.addresses import Allowed, is_local, is_public
from frontdesk.fetch import Fetcher, FetchError, FetchProblem
from frontdesk_sandbox.server import LoopbackServer
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route


class Site:
    """A web site on a loopback port; each path is answered by a function."""

    def __init__(self, server: LoopbackServer) -> None:
        self.url = server.url
        self.port = server.port
        self.pages: dict[str, Callable[[Request], Awaitable[Response]]] = {}
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return await self.pages[request.url.path](request)

    def answer(self, path: str, response: Response) -> str:
        async def page(_request: Request) -> Response:
            return response

        self.pages[path] = page
        return self.url + path


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    server = LoopbackServer()
    site = Site(server)

    async def answer(request: Request) -> Response:
        return await site(request)

    await server.start(Starlette(routes=[Route("/{rest:path}", answer)]))
    yield site
    await server.stop()


@pytest.fixture
async def fetcher(site: Site, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fetcher]:
    monkeypatch.setattr(fetch, "_PAUSE", 0.001)
    fetcher = Fetcher(allow=[f"127.0.0.1:{site.port}"])
    yield fetcher
    await fetcher.close()


@pytest.fixture
async def outside() -> AsyncIterator[Fetcher]:
    """Without any exception."""
    fetcher = Fetcher()
    yield fetcher
    await fetcher.close()


async def problem(fetcher: Fetcher, url: str, **options: Any) -> FetchProblem:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, **options)
    return caught.value.problem


async def test_a_page_is_fetched(fetcher: Fetcher, site: Site) -> None:
    site.answer("/feed", Response("سلام".encode(), headers={"ETag": "1"}, media_type="text/plain"))
    got = await fetcher.get(site.url + "/feed", headers={"If-None-Match": "0"})
    assert (got.status, got.content.decode(), got.headers["etag"], got.url) == (200, "سلام", "1", site.url + "/feed")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://127.1:1/",
        "http://0:1/",
        "http://0177.0.0.1:1/",
        "http://999.999.999.999/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://100.64.0.1/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://224.0.0.1/",
    ],
)
async def test_private_addresses_are_refused_however_they_are_written(outside: Fetcher, url: str) -> None:
    assert await problem(outside, url, deadline=5) is FetchProblem.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "gopher://x", "http://", "//x", "x", "http://[::1", "http://x:99999/"],
)
async def test_only_web_addresses_are_fetched(outside: Fetcher, url: str) -> None:
    assert await problem(outside, url) is FetchProblem.REFUSED_URL


async def test_credentials_in_addresses_are_refused_and_not_repeated(outside: Fetcher) -> None:
    with pytest.raises(FetchError) as caught:
        await outside.get("https://user:hunter2@example.com/")
    assert caught.value.problem is FetchProblem.REFUSED_URL
    assert "hunter2" not in str(caught.value)


async def test_a_name_with_one_private_address_is_refused(outside: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_args: object, **_options: object) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)),
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    assert await problem(outside, "http://rebinding.example/") is FetchProblem.REFUSED_ADDRESS


async def test_the_name_is_resolved_once_and_the_connection_goes_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def resolve(host: object, port: int, **_options: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    site.answer("/", Response("here"))
    fetcher = Fetcher(allow=["127.0.0.0/8"])
    assert (await fetcher.get(f"http://allowed.example:{site.port}/")).content == b"here"
    await fetcher.close()
    assert asked == ["allowed.example"]


async def test_redirects_are_followed_and_each_is_checked(fetcher: Fetcher, site: Site) -> None:
    site.answer("/new", Response("moved"))
    site.answer("/old", RedirectResponse("/new"))
    got = await fetcher.get(site.url + "/old")
    assert (got.content, got.url) == (b"moved", site.url + "/new")
    site.answer("/evil", RedirectResponse("http://169.254.169.254/"))
    assert await problem(fetcher, site.url + "/evil") is FetchProblem.REFUSED_ADDRESS
    site.answer("/file", RedirectResponse("file:///etc/passwd"))
    assert await problem(fetcher, site.url + "/file") is FetchProblem.REFUSED_URL
    site.answer("/round", RedirectResponse("/round"))
    site.asked.clear()
    assert await problem(fetcher, site.url + "/round") is FetchProblem.TOO_MANY_REDIRECTS
    assert len(site.asked) == 6


async def test_credentials_stay_with_their_host(site: Site) -> None:
    async def headers(request: Request) -> Response:
        return JSONResponse(dict(request.headers))

    site.pages["/headers"] = headers
    site.answer("/same", RedirectResponse("/headers"))
    site.answer("/other", RedirectResponse(f"http://localhost:{site.port}/headers"))
    fetcher = Fetcher(allow=["127.0.0.1", "localhost"])
    sent = {"Authorization": "Bearer x", "X-Mine": "1"}
    same = await fetcher.get(site.url + "/same", headers=sent)
    other = await fetcher.get(site.url + "/other", headers=sent)
    await fetcher.close()
    assert b"Bearer x" in same.content
    assert b"Bearer x" not in other.content
    assert b"x-mine" in other.content
    assert sent["Authorization"] == "Bearer x"


async def test_too_large_is_refused_declared_or_not(fetcher: Fetcher, site: Site) -> None:
    async def endless(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 10_000
                await asyncio.sleep(0)  # lets the server notice that nobody listens

        return StreamingResponse(pieces())

    site.answer("/declared", Response(b"x" * 1001))
    site.answer("/fits", Response(b"x" * 1000))
    site.pages["/endless"] = endless
    bomb = gzip.compress(b"x" * 1_000_000)
    site.answer("/bomb", Response(bomb, headers={"Content-Encoding": "gzip"}))
    for path in ("/declared", "/endless", "/bomb"):
        assert await problem(fetcher, site.url + path, limit=1000 if path != "/bomb" else 100_000) is (
            FetchProblem.TOO_LARGE
        )
    assert len((await fetcher.get(site.url + "/fits", limit=1000)).content) == 1000


async def test_the_deadline_holds_for_everything_together(fetcher: Fetcher, site: Site) -> None:
    never = asyncio.Event()

    async def hang(_request: Request) -> Response:
        await never.wait()
        return Response()

    site.pages["/hang"] = hang
    async with asyncio.timeout(3):
        assert await problem(fetcher, site.url + "/hang", deadline=0.1) is FetchProblem.TOO_SLOW
    never.set()


async def test_passing_trouble_is_tried_again_and_then_told(fetcher: Fetcher, site: Site) -> None:
    answers = [503, 502, 200]

    async def moody(_request: Request) -> Response:
        return Response(status_code=answers.pop(0))

    site.pages["/moody"] = moody
    assert (await fetcher.get(site.url + "/moody")).status == 200
    answers[:] = [503, 503, 503, 503]
    assert (await fetcher.get(site.url + "/moody")).status == 503
    assert len(answers) == 1
    answers[:] = [404, 200]
    assert (await fetcher.get(site.url + "/moody")).status == 404  # an answer, not trouble


async def test_who_is_not_there_is_unreachable() -> None:
    closed = LoopbackServer()
    await closed.stop()
    fetcher = Fetcher(allow=["127.0.0.1"])
    assert await problem(fetcher, closed.url + "/") is FetchProblem.UNREACHABLE
    assert await problem(fetcher, "http://does-not-exist.invalid/") is FetchProblem.UNREACHABLE
    await fetcher.close()


def test_what_is_allowed() -> None:
    allowed = Allowed(["wiki.internal", "build.internal:8080", "10.1.0.0/16", "[fd00::1]:80", "192.168.0.9"])
    assert allowed.resolved("wiki.internal", 443, "10.9.9.9")
    assert allowed.resolved("Build.Internal", 8080, "10.9.9.9")
    assert not allowed.resolved("build.internal", 22, "10.9.9.9")
    assert allowed.resolved("any.example", 80, "10.1.2.3")
    assert not allowed.resolved("any.example", 80, "10.2.0.1")
    assert allowed.literal("fd00::1", 80)
    assert not allowed.literal("fd00::1", 81)
    assert allowed.literal("192.168.0.9", 22)
    assert allowed.resolved("example.com", 443, "93.184.216.34")
    with pytest.raises(ValueError, match="nonsense"):
        Allowed(["nonsense/8"])


@given(st.ip_addresses(v=4))
def test_no_private_address_is_public_in_any_wrapping(address: Any) -> None:
    if address.is_private or address.is_loopback or address.is_link_local:
        number = int(address)
        assert not is_public(str(address))
        assert not is_public(f"::ffff:{address}")
        assert not is_public(f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}")
        assert not is_public(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:10.0.0.1", True),
        ("203.0.113.7", False),
        ("8.8.8.8", False),
        ("", False),
    ],
)
def test_what_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local
