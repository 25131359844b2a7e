"""The signature guard and signed links, with every trap that Twilio's signatures have."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from frontdesk.metrics import Metrics
from frontdesk.security import LinkSigner, TwilioGuard, TwilioRequest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types

from tests.core.asgi import AsgiClient

TOKEN = "the-auth-token"
ACCOUNT = "AC" + "a" * 32
PUBLIC = "https://desk.example.com"
URL = f"{PUBLIC}/helpdesk/forward"
FORM = {"AccountSid": ACCOUNT, "EventType": "onMessageAdded", "Body": "سلام & <b>", "Empty": ""}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def echo(verified: TwilioRequest) -> Response:
    return JSONResponse({"params": dict(verified.params), "json": verified.json, "raw": len(verified.raw)})


class Guarded:
    """A guard on /helpdesk/forward, and what it counted."""

    def __init__(
        self,
        token: str | None = TOKEN,
        public_url: str = PUBLIC,
        account: str | None = ACCOUNT,
        shared_keys: dict[str, str] | None = None,
    ) -> None:
        self.metrics = Metrics()
        guard = TwilioGuard(token, public_url, self.metrics, account, shared_keys=shared_keys)
        route = guard.route("/forward", echo, methods=("GET", "POST"))
        # What the request itself says about scheme and host is wrong on purpose: a proxy stands before us.
        self.client = AsgiClient(Starlette(routes=[Mount("/helpdesk", routes=[route])]))

    def refused(self, reason: str) -> float:
        name = "frontdesk_refused_webhooks_total"
        return self.metrics.registry.get_sample_value(name, {"reason": reason}) or 0.0


def signature(url: str = URL, params: object = None, token: str = TOKEN, algorithm: str | None = None) -> str:
    """As the official library computes it."""
    return str(RequestValidator(token).compute_signature(url, params or {}, algorithm))


def json_query(body: bytes) -> str:
    return "bodySHA256=" + hashlib.sha256(body).hexdigest()


def test_a_signed_form_comes_through() -> None:
    guarded = Guarded()
    answer = guarded.client.post("/helpdesk/forward", data=FORM, headers={"X-Twilio-Signature": signature(params=FORM)})
    assert answer.status_code == 200
    assert answer.json()["params"] == FORM


def test_the_signature_is_the_documented_one() -> None:
    text = URL + "".join(name + FORM[name] for name in sorted(FORM))
    ours = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), hashlib.sha1)).decode()
    answer = Guarded().client.post("/helpdesk/forward", data=FORM, headers={"X-Twilio-Signature": ours})
    assert answer.status_code == 200


def test_repeated_fields_and_the_query_are_covered() -> None:
    guarded = Guarded()
    url = f"{URL}?case=42&x=%2F"
    text = url + "Media" + "a" + "Media" + "b"
    signed = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), hashlib.sha1)).decode()
    headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
    post = guarded.client.post
    assert post("/helpdesk/forward?case=42&x=%2F", content="Media=b&Media=a", headers=headers).status_code == 200
    assert post("/helpdesk/forward?case=43&x=%2F", content="Media=b&Media=a", headers=headers).status_code == 403
    assert post("/helpdesk/forward?case=42&x=/", content="Media=b&Media=a", headers=headers).status_code == 403


@pytest.mark.parametrize("body", [{"AccountSid": ACCOUNT, "text": "سلام"}, [1, 2], {}])
def test_a_signed_json_body_comes_through(body: object) -> None:
    raw = json.dumps(body).encode()
    url = f"{URL}?{json_query(raw)}"
    answer = Guarded().client.post(
        f"/helpdesk/forward?{json_query(raw)}",
        content=raw,
        headers={"X-Twilio-Signature": signature(url), "Content-Type": "application/json; charset=utf-8"},
    )
    assert answer.status_code == 200
    assert answer.json()["json"] == body


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/json", b'{"text": "another"}'),
        ("application/json", b""),
        ("application/json", b"{}"),
        ("text/plain", b"anything"),
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"Body=another"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b"anything"),
    ],
)
def test_a_signed_address_does_not_open_the_door_for_another_body(content_type: str, content: bytes) -> None:
    guarded = Guarded()
    query = json_query(b'{"text": "signed"}')
    answer = guarded.client.post(
        f"/helpdesk/forward?{query}",
        content=content,
        headers={"X-Twilio-Signature": signature(f"{URL}?{query}"), "Content-Type": content_type},
    )
    assert answer.status_code == 403
    assert guarded.refused("wrong-body") == 1


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_that_nothing_covers_is_refused(content_type: str) -> None:
    guarded = Guarded()
    answer = guarded.client.post(
        "/helpdesk/forward",
        content=b'{"text": "anything"}',
        headers={"X-Twilio-Signature": signature(), "Content-Type": content_type},
    )
    assert answer.status_code == 403
    assert guarded.refused("unsigned-body") == 1


def test_two_hashes_are_one_too_many() -> None:
    raw = b'{"text": "mine"}'
    query = f"{json_query(raw)}&{json_query(b'x')}"
    headers = {"X-Twilio-Signature": signature(f"{URL}?{query}"), "Content-Type": "application/json"}
    assert Guarded().client.post(f"/helpdesk/forward?{query}", content=raw, headers=headers).status_code == 403


@pytest.mark.parametrize("given", [None, "", "x", "é", "A" * 28, signature(params=FORM, token="another")])
def test_without_the_right_signature_nobody_comes_in(given: str | None) -> None:
    guarded = Guarded()
    headers = {} if given is None else {"X-Twilio-Signature": given.encode()}
    answer = guarded.client.post("/helpdesk/forward", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert guarded.refused("wrong-signature" if given else "no-signature") == 1
    assert TOKEN not in answer.text


def test_two_signatures_are_none() -> None:
    signed = signature(params=FORM)
    answer = Guarded().client.post(
        "/helpdesk/forward",
        content=urlencode(FORM),
        headers=[
            ("X-Twilio-Signature", signed),
            ("X-Twilio-Signature", signed),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ],
    )
    assert answer.status_code == 403


def test_what_the_request_says_of_itself_does_not_count() -> None:
    seen = "http://10.0.0.5:8080/helpdesk/forward"
    headers = {"X-Twilio-Signature": signature(seen, FORM), "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}
    assert Guarded().client.post("/helpdesk/forward", data=FORM, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        (PUBLIC, "https://desk.example.com:443/helpdesk/forward"),
        ("https://desk.example.com:8443", "https://desk.example.com:8443/helpdesk/forward"),
        ("https://desk.example.com:8443", "https://desk.example.com/helpdesk/forward"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/helpdesk/forward"),
        ("https://example.com/desk", "https://example.com/desk/helpdesk/forward"),
    ],
)
def test_ports_and_prefixes_of_the_public_address(public_url: str, signed_url: str) -> None:
    headers = {"X-Twilio-Signature": signature(signed_url, FORM)}
    answer = Guarded(public_url=public_url).client.post("/helpdesk/forward", data=FORM, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "other", ["http://desk.example.com/helpdesk/forward", "https://desk.example.com/helpdesk/other"]
)
def test_another_address_is_not_ours(other: str) -> None:
    headers = {"X-Twilio-Signature": signature(other, FORM)}
    assert Guarded().client.post("/helpdesk/forward", data=FORM, headers=headers).status_code == 403


def test_a_get_is_signed_by_its_address() -> None:
    url = "/helpdesk/forward?Digits=1&Name=a%20b"
    headers = {"X-Twilio-Signature": signature(PUBLIC + url)}
    answer = Guarded().client.get(url, headers=headers)
    assert answer.json()["params"] == {"Digits": "1", "Name": "a b"}
    assert Guarded().client.get(url + "&x=1", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("settings", "token", "algorithm", "status"),
    [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "shared", "HMAC_SHA256", 200),
        ("key=webhooks_sharedkey_1, algorithm=HMAC_SHA256", TOKEN, "HMAC_SHA256", 403),  # the key's own secret
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "shared", "HMAC_SHA1", 403),
        ("key=unknown,algorithm=HMAC_SHA256", TOKEN, "HMAC_SHA256", 200),
        ("key=unknown,algorithm=HMAC_SHA256", "", "HMAC_SHA256", 403),
        ("algorithm=HMAC_MD5", TOKEN, "HMAC_SHA1", 403),
        ("nonsense", TOKEN, "HMAC_SHA1", 200),
    ],
)
def test_shared_keys(settings: str, token: str, algorithm: str, status: int) -> None:
    guarded = Guarded(shared_keys={"webhooks_sharedkey_1": "shared"})
    headers = {
        "X-Twilio-Signature": signature(params=FORM, token=token, algorithm=algorithm),
        "X-Twilio-Webhooks-Signature-Settings": settings,
    }
    assert guarded.client.post("/helpdesk/forward", data=FORM, headers=headers).status_code == status


def test_another_account_is_refused_in_forms_and_json() -> None:
    guarded = Guarded()
    params = FORM | {"AccountSid": "AC" + "b" * 32}
    headers = {"X-Twilio-Signature": signature(params=params)}
    assert guarded.client.post("/helpdesk/forward", data=params, headers=headers).status_code == 403
    raw = json.dumps({"AccountSid": "AC" + "b" * 32}).encode()
    headers = {
        "X-Twilio-Signature": signature(f"{URL}?{json_query(raw)}"),
        "Content-Type": "application/json",
    }
    url = f"/helpdesk/forward?{json_query(raw)}"
    assert guarded.client.post(url, content=raw, headers=headers).status_code == 403
    assert guarded.refused("wrong-account") == 2


def test_signed_nonsense_is_a_bad_request() -> None:
    raw = b'{"open": '
    url = f"/helpdesk/forward?{json_query(raw)}"
    headers = {"X-Twilio-Signature": signature(PUBLIC + url), "Content-Type": "application/json"}
    assert Guarded().client.post(url, content=raw, headers=headers).status_code == 400


@pytest.mark.parametrize("content", [b"\xff\xfe=1", b"a=%FF", b"&".join(b"a%d=1" % n for n in range(1500))])
def test_an_unreadable_form_is_refused(content: bytes) -> None:
    guarded = Guarded()
    headers = {"X-Twilio-Signature": signature(), "Content-Type": "application/x-www-form-urlencoded"}
    assert guarded.client.post("/helpdesk/forward", content=content, headers=headers).status_code == 403
    assert guarded.refused("unreadable-body") == 1


def test_without_a_token_everything_is_refused_and_the_log_says_why() -> None:
    guarded = Guarded(token=None)
    with capture_logs() as logs:
        headers = {"X-Twilio-Signature": signature(params=FORM, token="")}
        assert guarded.client.post("/helpdesk/forward", data=FORM, headers=headers).status_code == 403
    assert guarded.refused("no-token") == 1
    assert any("FRONTDESK_TWILIO_AUTH_TOKEN" in str(line.get("advice")) for line in logs)
    assert "سلام" not in str(logs)


@given(st.binary(max_size=200), st.text(max_size=40))
def test_nothing_random_comes_in(body: bytes, given: str) -> None:
    headers = [
        (b"X-Twilio-Signature", given.encode()),
        (b"Content-Type", b"application/x-www-form-urlencoded"),
    ]
    if any(char in given for char in "\r\n\0"):
        return
    assert GUARDED.client.post("/helpdesk/forward", content=body, headers=headers).status_code == 403


GUARDED = Guarded()


@pytest.fixture
def signer() -> LinkSigner:
    return LinkSigner(b"0123456789abcdef")


@pytest.mark.parametrize("path", ["/cases/42", "/cases/42?lang=fa&x=1", "/cases/گربه?q=سلام", "/"])
def test_a_link_is_good_until_it_expires(signer: LinkSigner, path: str) -> None:
    link = signer.sign(path, expires=NOW + timedelta(hours=1))
    assert signer.verify(link, NOW)
    assert signer.verify(PUBLIC + link, NOW)
    assert not signer.verify(link, NOW + timedelta(hours=1))
    assert signer.verify(signer.sign(path, expires=None), NOW + timedelta(days=9999))
    assert link.isascii()


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link.replace("/42", "/43"),
        lambda link: link.replace("x=1", "x=2"),
        lambda link: link.replace("?x=1&", "?"),
        lambda link: link + "&more=1",
        lambda link: link[:-1],
        lambda link: link.partition("&sig=")[0],
        lambda link: link.replace("expires=", "expires=9"),
        lambda link: link.replace("sig=", "sig=&sig="),
        lambda link: link.partition("sig=")[0] + "sig=",
        lambda _link: "/cases/42",
        lambda _link: "",
    ],
)
def test_a_changed_link_is_worthless(signer: LinkSigner, change: object) -> None:
    link = signer.sign("/cases/42?x=1", expires=NOW + timedelta(hours=1))
    assert callable(change)
    assert not signer.verify(change(link), NOW)


def test_another_secret_signs_other_links(signer: LinkSigner) -> None:
    assert not LinkSigner(b"another secret 123").verify(signer.sign("/a", expires=None), NOW)
    with pytest.raises(ValueError, match="16 bytes"):
        LinkSigner(b"short")


@pytest.mark.parametrize("path", ["cases", "https://x/cases", "//x/cases", "/a#b", "/a?sig=1", "/a?expires=9"])
def test_only_our_own_plain_paths_are_signed(signer: LinkSigner, path: str) -> None:
    with pytest.raises(ValueError, match=r"signature|absolute"):
        signer.sign(path, expires=None)


@given(path=st.text(max_size=30), query=st.text(max_size=30), at=st.integers(0, 200), to=st.characters(codec="ascii"))
def test_no_single_change_survives(path: str, query: str, at: int, to: str) -> None:
    signer = LinkSigner(b"0123456789abcdef")
    try:
        link = signer.sign(f"/a{path}?{query}", expires=NOW + timedelta(hours=1))
    except ValueError:
        return
    assert signer.verify(link, NOW)
    at %= len(link)
    changed = link[:at] + to + link[at + 1 :]
    if changed != link and to not in "#\t\r\n":
        assert not signer.verify(changed, NOW) or changed.split("#")[0] == link
