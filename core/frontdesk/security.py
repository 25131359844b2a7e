"""Who may come in: Twilio by its signature, people by a link that we have signed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import TypeAlias, cast
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import (  # type: ignore[import-untyped]  # twilio ships no types
    RequestValidator,
    get_signature_algorithm,
)

from frontdesk.metrics import Metrics

log = structlog.stdlib.get_logger(__name__)

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

_SIGNATURE = "X-Twilio-Signature"
_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
_MOST_FIELDS = 1000
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Refusal(Enum):
    """Why a webhook was refused; the values are the metric's labels and the log's words."""

    NO_TOKEN = "no-token"  # noqa: S105 - not a password
    NO_SIGNATURE = "no-signature"
    WRONG_SIGNATURE = "wrong-signature"
    UNSIGNED_BODY = "unsigned-body"
    WRONG_BODY = "wrong-body"
    UNREADABLE_BODY = "unreadable-body"
    WRONG_ACCOUNT = "wrong-account"


_ADVICE = {
    Refusal.NO_TOKEN: "set FRONTDESK_TWILIO_AUTH_TOKEN; without it nobody can be recognised as Twilio",
    Refusal.WRONG_SIGNATURE: "check that [web] public_url is the address that Twilio calls, and the auth token",
    Refusal.WRONG_ACCOUNT: "the request belongs to another Twilio account than [twilio] account_sid",
}


class _Refused(Exception):
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class TwilioRequest:
    """A request that certainly comes from Twilio. It may be a repetition: that is the endpoint's question.

    Args:
        params: the form's fields, or the query's for a GET; of a repeated name the last, ``raw`` has all.
        json: the body of a JSON request, else None.
        raw: the body as it came.
        request: the request itself.
    """

    params: Mapping[str, str]
    json: JSON
    raw: bytes
    request: Request


TwilioEndpoint: TypeAlias = Callable[[TwilioRequest], Awaitable[Response]]


class TwilioGuard:
    """Lets only signed requests of our Twilio account through.

    The signature covers the address as Twilio called it, which is the configured public one: what the
    request itself says about scheme and host depends on the proxies in between.

    Args:
        auth_token: the account's secret; None refuses everything.
        public_url: how Twilio reaches us, for example "https://desk.example.com".
        metrics: where refused requests are counted.
        account_sid: requests that name another account are refused.
        shared_keys: secrets of SharedKeys by their id, for webhooks that are signed with these.
    """

    def __init__(
        self,
        auth_token: str | None,
        public_url: str,
        metrics: Metrics,
        account_sid: str | None,
        *,
        shared_keys: Mapping[str, str] | None = None,
    ) -> None:
        self._auth_token = auth_token
        self._public_url = public_url.rstrip("/")
        self._metrics = metrics
        self._account_sid = account_sid
        self._shared_keys = dict(shared_keys or {})

    def route(self, path: str, endpoint: TwilioEndpoint, methods: Collection[str] = ("POST",)) -> Route:
        """A route that answers 403 to everybody but Twilio, and 400 to signed nonsense.

        Args:
            path: as for a Starlette route, relative to the plugin.
            endpoint: called with what was verified.
            methods: the HTTP methods.
        """

        async def guarded(request: Request) -> Response:
            try:
                verified = await self.verify(request)
            except _Refused as refused:
                return self._refuse(request, refused.reason)
            except ValueError:
                return JSONResponse({"error": "the body is not valid JSON"}, status_code=400)
            return await endpoint(verified)

        return Route(path, guarded, methods=list(methods), name=getattr(endpoint, "__name__", None))

    async def verify(self, request: Request) -> TwilioRequest:
        """Check a request; used by :meth:`route`, which answers for what is raised here."""
        if self._auth_token is None:
            raise _Refused(Refusal.NO_TOKEN)
        signatures = request.headers.getlist(_SIGNATURE)
        if len(signatures) != 1 or not signatures[0]:
            raise _Refused(Refusal.NO_SIGNATURE)
        raw = await request.body()
        url = self._public_url + path_and_query(request)
        signed_params = _signed_params(request, raw, url)
        if not self._matches(request, url, signed_params, signatures[0]):
            raise _Refused(Refusal.WRONG_SIGNATURE)
        content = cast("JSON", json.loads(raw)) if _is_json(request) and raw else None
        params = ImmutableMultiDict(request.query_params) if request.method == "GET" else signed_params
        self._check_account(params, content)
        return TwilioRequest(params, content, raw, request)

    def _matches(self, request: Request, url: str, params: ImmutableMultiDict[str, str], signature: str) -> bool:
        settings = request.headers.get(_SETTINGS, "")
        try:
            validator = RequestValidator(self._secret(settings))
            algorithm = get_signature_algorithm(settings)
            expected = [validator.compute_signature(variant, params, algorithm) for variant in _variants(url)]
        except ValueError:  # an algorithm that nobody knows
            return False
        given = signature.encode()
        return any(hmac.compare_digest(value.encode(), given) for value in expected)

    def _secret(self, settings: str) -> str:
        """A header naming a key that we do not hold changes nothing: our own token must match then."""
        named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
        return self._shared_keys.get(named.get("key", ""), self._auth_token or "")

    def _check_account(self, params: Mapping[str, str], content: JSON) -> None:
        named = params.get("AccountSid")
        if named is None and isinstance(content, dict):
            named = cast("str | None", content.get("AccountSid", content.get("account_sid")))
        if self._account_sid and named is not None and named != self._account_sid:
            raise _Refused(Refusal.WRONG_ACCOUNT)

    def _refuse(self, request: Request, reason: Refusal) -> Response:
        self._metrics.refused_webhooks.labels(reason.value).inc()
        log.warning(
            "webhook_refused",
            reason=reason.value,
            path=request.url.path,
            advice=_ADVICE.get(reason, "the request does not come from Twilio"),
        )
        return JSONResponse({"error": "this address answers only to Twilio"}, status_code=403)


class LinkSigner:
    """Signs our own paths, so that a link can be given to one person and not be guessed or changed.

    Args:
        secret: at least 16 random bytes, or what gives them when the first link is signed or verified.

    Raises:
        ValueError: if the secret is shorter.
    """

    def __init__(self, secret: bytes | Callable[[], bytes]) -> None:
        self._secret = secret
        if isinstance(secret, bytes):
            self.prepare()

    def prepare(self) -> None:
        """Get the secret now, and not when the first link is signed or verified.

        Raises:
            ValueError: if it is shorter than 16 bytes.
            StartError: if it cannot be kept.
        """
        self._key  # noqa: B018  # what is cached then

    @cached_property
    def _key(self) -> bytes:
        secret = self._secret if isinstance(self._secret, bytes) else self._secret()
        if len(secret) < 16:
            raise ValueError("the secret that signs links must have at least 16 bytes")
        # A key of its own: the same secret may sign other things elsewhere.
        return hmac.digest(secret, b"frontdesk link", "sha256")

    def sign(self, path: str, *, expires: datetime | None) -> str:
        """The path with a signature, to be appended to the public address.

        Args:
            path: absolute path with or without a query.
            expires: aware time from which on the link is refused; None for never.

        Raises:
            ValueError: if the path is not absolute or has the signature's own parameters already.
        """
        parts = urlsplit(path)
        if not parts.path.startswith("/") or parts.netloc or parts.fragment:
            raise ValueError(f"only an absolute path without fragment can be signed, not {path!r}")
        if {"sig", "expires"} & set(parse_qs(parts.query, keep_blank_values=True)):
            raise ValueError("the parameters sig and expires belong to the signature")
        target = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
        query = [quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")] if parts.query else []
        if expires is not None:
            query.append(f"expires={int(expires.timestamp())}")
        target += "?" + "&".join([*query, "sig="])
        return target + self._signature(target)

    def verify(self, url: str, now: datetime) -> bool:
        """Whether a link was signed by us, is unchanged and not expired.

        Args:
            url: the path with its query, as it was called; scheme and host are ignored.
            now: an aware time.
        """
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}"
        start = target.rfind("sig=")
        if start < 1 or target[start - 1] not in "?&":
            return False
        signed, given = target[: start + 4], target[start + 4 :]
        if not hmac.compare_digest(self._signature(signed).encode(), given.encode()):
            return False
        expires = parse_qs(urlsplit(signed).query).get("expires")
        return expires is None or now.timestamp() < int(expires[-1])

    def verify_request(self, request: Request, now: datetime) -> bool:
        """Whether a request came by a link of ours; looks at the path exactly as it was called."""
        return self.verify(path_and_query(request), now)

    def _signature(self, target: str) -> str:
        digest = hmac.digest(self._key, target.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def path_and_query(request: Request) -> str:
    """The path as it was called, escapes untouched: what was signed."""
    raw_path = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    path = raw_path.partition(b"?")[0].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _signed_params(request: Request, raw: bytes, url: str) -> ImmutableMultiDict[str, str]:
    """The form fields that the signature covers.

    Every body must be covered, either by these or by its hash in the address. A form that carries a hash
    must match it too, or a signed JSON request could be played back as another form.
    """
    hashes = parse_qs(urlsplit(url).query, keep_blank_values=True).get("bodySHA256")
    if hashes is not None:
        digest = hashlib.sha256(raw).hexdigest()
        if len(hashes) != 1 or not hmac.compare_digest(digest.encode(), hashes[0].lower().encode()):
            raise _Refused(Refusal.WRONG_BODY)
    if _is_form(request):
        return ImmutableMultiDict(_fields(raw))
    if raw and hashes is None:
        raise _Refused(Refusal.UNSIGNED_BODY)
    return ImmutableMultiDict()


def _fields(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _Refused(Refusal.UNREADABLE_BODY) from None


def _variants(url: str) -> list[str]:
    """The address as configured, and with the default port named or left out: Twilio is not consistent."""
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    variants = [url]
    if parts.port is None and default is not None:
        variants.append(parts._replace(netloc=f"{parts.netloc}:{default}").geturl())
    elif parts.port is not None:
        variants.append(parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl())
    return variants


def _is_form(request: Request) -> bool:
    return _media_type(request) == "application/x-www-form-urlencoded"


def _is_json(request: Request) -> bool:
    kind = _media_type(request)
    return kind == "application/json" or kind.endswith("+json")


def _media_type(request: Request) -> str:
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
