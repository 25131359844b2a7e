"""Outgoing GET requests to addresses that owners and members may have written: with a deadline, a size limit,
and no way into the private network."""

import asyncio
import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from frontdesk.addresses import Allowed
from frontdesk.errors import FrontdeskError

_TRIES = 3
_PAUSE = 0.2  # seconds before the first repetition
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({502, 503, 504})  # worth another try
_CHUNK = 65_536
_PRIVATE_HEADERS = ("authorization", "cookie", "proxy-authorization")


class FetchProblem(Enum):
    """Why nothing was fetched."""

    REFUSED_ADDRESS = "refused address"
    REFUSED_URL = "refused URL"
    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    TOO_MANY_REDIRECTS = "too many redirects"
    UNREACHABLE = "unreachable"


class FetchError(FrontdeskError):
    """Nothing was fetched; ``problem`` says why, the message names the host but not the whole address."""

    def __init__(self, problem: FetchProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True)
class Fetched:
    """An answer, whatever its status.

    Args:
        status: the HTTP status of the last answer; redirects have been followed.
        headers: its headers, names in any case.
        content: the body, decompressed.
        url: where it came from in the end.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


class Fetcher:
    """Fetches over HTTP and HTTPS. Private, loopback and link-local addresses are refused.

    Args:
        allow: exceptions, each a host, "host:port", address or network ("10.0.0.0/8").
        max_redirects: how many redirects are followed; each target is checked anew.
    """

    def __init__(self, *, allow: Sequence[str] = (), max_redirects: int = 5) -> None:
        self._allowed = Allowed(allow)
        self._max_redirects = max_redirects
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection; safe to call twice."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def get(
        self,
        url: str,
        *,
        deadline: float = 10,
        limit: int = 5_000_000,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Fetch one address, trying up to three times.

        Args:
            url: http or https, without user name and password in it.
            deadline: seconds for everything: name, redirects, repetitions, body.
            limit: bytes of body that are accepted.
            headers: sent along; credentials among them are not sent on to another host.

        Raises:
            FetchError: if there is no answer, or it may not be had.
        """
        try:
            async with asyncio.timeout(deadline):
                return await self._persistently(url, limit, CIMultiDict(headers or {}))
        except TimeoutError:
            raise FetchError(FetchProblem.TOO_SLOW, f"{_host(url)} did not answer within {deadline:g} s") from None

    async def _persistently(self, url: str, limit: int, headers: CIMultiDict[str]) -> Fetched:
        for tried in range(1, _TRIES + 1):
            try:
                fetched = await self._follow(_parsed(url), limit, headers.copy())
                if fetched.status not in _PASSING or tried == _TRIES:
                    return fetched
            except FetchError as error:
                if error.problem is not FetchProblem.UNREACHABLE or tried == _TRIES:
                    raise
            await asyncio.sleep(random.uniform(0.5, 1.0) * _PAUSE * 2.0 ** (tried - 1))  # noqa: S311 - no secret
        raise AssertionError("unreachable: the last try returns or raises")

    async def _follow(self, url: URL, limit: int, headers: CIMultiDict[str]) -> Fetched:
        for _ in range(self._max_redirects + 1):
            self._check(url)
            fetched = await self._once(url, limit, headers)
            target = fetched.headers.get("Location")
            if fetched.status not in _REDIRECTS or not target:
                return fetched
            following = url.join(_parsed(target))
            if not following.absolute or following.origin() != url.origin():
                for name in _PRIVATE_HEADERS:
                    headers.popall(name, None)
            url = following
        raise FetchError(FetchProblem.TOO_MANY_REDIRECTS, f"{url.host} redirects more than {self._max_redirects} times")

    async def _once(self, url: URL, limit: int, headers: Mapping[str, str]) -> Fetched:
        try:
            async with self._opened().get(url, headers=headers, allow_redirects=False) as response:
                content = b"" if response.status in _REDIRECTS else await _read(response, limit)
                return Fetched(response.status, response.headers, content, str(url))
        except (aiohttp.ClientError, OSError) as error:
            refused = _refusal(error)
            if refused is not None:
                raise refused from None
            raise FetchError(
                FetchProblem.UNREACHABLE, f"{url.host} could not be reached ({type(error).__name__})"
            ) from error

    def _check(self, url: URL) -> None:
        """Everything about an address that can be known before its host's name is resolved.

        It is the same parsed address that is given to the HTTP client, so both see the same host.
        """
        if url.scheme not in ("http", "https"):
            raise FetchError(FetchProblem.REFUSED_URL, "only http and https addresses are fetched")
        if not url.raw_host or url.port is None:
            raise FetchError(FetchProblem.REFUSED_URL, "the address has no host")
        if url.raw_user is not None or url.raw_password is not None:
            raise FetchError(FetchProblem.REFUSED_URL, "addresses with a user name or password are not fetched")
        # An address in place of a name never reaches the resolver below.
        if not self._allowed.literal(url.raw_host, url.port):
            raise _refused(url.raw_host)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_CheckedResolver(self._allowed), use_dns_cache=False, limit=50, limit_per_host=8
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
                headers={"User-Agent": "Frontdesk"},
            )
        return self._session


class _RefusedAddress(OSError):
    """Raised through aiohttp, which lets errors of the operating system pass as causes."""

    def __init__(self, host: str) -> None:
        super().__init__("refused address")
        self.host = host


class _CheckedResolver(AbstractResolver):
    """Resolves names; the connection goes to exactly the addresses that were checked here."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        results = [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, address in found
        ]
        # One bad address spoils the name: the next connection might take it.
        if not results or not all(self._allowed.resolved(host, port, result["host"]) for result in results):
            raise _RefusedAddress(host)
        return results

    async def close(self) -> None:
        """Nothing is kept open."""


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    problem = FetchError(FetchProblem.TOO_LARGE, f"{response.host} sends more than the {limit} bytes allowed")
    if response.content_length is not None and response.content_length > limit:
        raise problem
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise problem
    return bytes(content)


def _refusal(error: BaseException) -> FetchError | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _RefusedAddress):
            return _refused(cause.host)
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return None


def _refused(host: str) -> FetchError:
    return FetchError(
        FetchProblem.REFUSED_ADDRESS, f"{host} is at a private address, which is not fetched unless allowed"
    )


def _parsed(url: str) -> URL:
    try:
        return URL(url)
    except ValueError:
        raise FetchError(FetchProblem.REFUSED_URL, "the address is not a valid URL") from None


def _host(url: str) -> str:
    try:
        return URL(url).host or "the host"
    except ValueError:
        return "the host"
