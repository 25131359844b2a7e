"""The Twilio client, with the real library, against a small server of our own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest
from frontdesk.metrics import Metrics
from frontdesk.twilio import Twilio, TwilioError
from frontdesk.twilio_http import Patience, TwilioHttp
from frontdesk.twilio_limits import Limiter
from frontdesk_sandbox.server import LoopbackServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

ACCOUNT = "AC" + "a" * 32
CONVERSATION = "CH" + "c" * 32
SERVICE = "IS" + "d" * 32
TOKEN = "a-secret-auth-token"
ON = f"/conversations.twilio.com/v1/Conversations/{CONVERSATION}"
MESSAGE = {"sid": "IM" + "e" * 32, "index": 0, "body": "hello"}

Answer = Response | Callable[[Request], Awaitable[Response]]


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass
class FakeTwilio:
    """Gives the prepared answers in order, then 404."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                parse_qs(request.url.query),
                dict(request.headers),
                await request.body(),
            )
        )
        if not self.answers:
            return JSONResponse({"code": 20404, "message": "not found", "status": 404}, 404)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Response) else await answer(request)


@pytest.fixture
def fake() -> FakeTwilio:
    return FakeTwilio()


@pytest.fixture
async def server(fake: FakeTwilio) -> AsyncIterator[LoopbackServer]:
    server = LoopbackServer()
    methods = ["GET", "POST", "DELETE"]

    async def answer(request: Request) -> Response:
        return await fake(request)

    await server.start(Starlette(routes=[Route("/{rest:path}", answer, methods=methods)]))
    yield server
    await server.stop()


@dataclass
class Time:
    """Passes only where somebody sleeps; notes how long they did."""

    now: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def client(url: str, time: Time, metrics: Metrics, deadline: float = 2) -> Twilio:
    limiter = Limiter(now=time, sleep=time.sleep)
    patience = Patience(deadline=deadline, budget=5)
    http = TwilioHttp(
        TOKEN, base_url=url, patience=patience, limiter=limiter, metrics=metrics, now=time, sleep=time.sleep
    )
    return Twilio(ACCOUNT, TOKEN, http=http)


@pytest.fixture
async def twilio(server: LoopbackServer, metrics: Metrics, time: Time) -> AsyncIterator[Twilio]:
    twilio = client(server.url, time, metrics)
    await twilio.open()
    yield twilio
    await twilio.close()


def refused(code: int, status: int, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"code": code, "message": "no", "status": status}, status, named)


def calls(metrics: Metrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("frontdesk_twilio_calls_total", {"outcome": outcome}) or 0.0


async def send(twilio: Twilio) -> object:
    return await twilio.rest.conversations.v1.conversations(CONVERSATION).messages.create_async(
        body="hello", author="discord_1", attributes=json.dumps({"id": 1}), x_twilio_webhook_enabled="true"
    )


async def test_a_message_is_sent_as_the_library_means_it(twilio: Twilio, fake: FakeTwilio, metrics: Metrics) -> None:
    fake.answers = [JSONResponse(MESSAGE, 201)]
    message = await twilio.rest.conversations.v1.conversations(CONVERSATION).messages.create_async(
        body="سلام & <b>", author="discord_1", attributes='{"id": 1}', x_twilio_webhook_enabled="true"
    )
    asked = fake.asked[0]
    assert message.sid == MESSAGE["sid"]
    assert (asked.method, asked.path) == ("POST", f"{ON}/Messages")
    assert asked.form == {"Body": ["سلام & <b>"], "Author": ["discord_1"], "Attributes": ['{"id": 1}']}
    assert asked.headers["x-twilio-webhook-enabled"] == "true"
    assert asked.headers["authorization"].startswith("Basic ")
    assert calls(metrics, "ok") == 1


async def test_lists_repeat_their_name_and_truth_is_lower_case(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [JSONResponse({"sid": "WH" + "0" * 32}, 201)]
    await twilio.rest.conversations.v1.conversations(CONVERSATION).webhooks.create_async(
        target="webhook", configuration_filters=["onMessageAdded", "onMessageRemoved"], configuration_replay_after=2
    )
    assert fake.asked[0].form["Configuration.Filters"] == ["onMessageAdded", "onMessageRemoved"]
    fake.answers = [JSONResponse({"sid": "IM" + "0" * 32}, 201)]
    async with asyncio.timeout(5):
        await twilio.http.request("POST", "https://conversations.twilio.com/v1/X", data={"A": True})
    assert fake.asked[1].form == {"A": ["true"]}


async def test_lists_are_read_page_by_page(twilio: Twilio, fake: FakeTwilio) -> None:
    following = f"https://conversations.twilio.com/v1/Conversations/{CONVERSATION}/Messages?PageSize=50&PageToken=x"
    meta = {"key": "messages", "next_page_url": following}
    fake.answers = [
        JSONResponse({"messages": [MESSAGE], "meta": meta}),
        JSONResponse({"messages": [MESSAGE], "meta": {"key": "messages", "next_page_url": None}}),
    ]
    found = await twilio.rest.conversations.v1.conversations(CONVERSATION).messages.list_async(order="asc")
    assert len(found) == 2
    assert fake.asked[1].query == {"PageSize": ["50"], "PageToken": ["x"]}
    assert fake.asked[1].path == f"{ON}/Messages"


@pytest.mark.parametrize("code", [20429, 50063, 50074, 50349, 50391])
async def test_what_was_refused_unchanged_is_repeated(twilio: Twilio, fake: FakeTwilio, time: Time, code: int) -> None:
    status = 409 if code in {50349, 50391} else 429
    fake.answers = [refused(code, status, Retry_After="2"), JSONResponse(MESSAGE, 201)]
    await send(twilio)
    assert len(fake.asked) == 2
    assert time.now >= 1002  # by Retry-After, not by our own shorter pause


async def test_a_wait_beyond_the_budget_is_left_to_the_caller(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [refused(20429, 429, Retry_After="60")]
    with pytest.raises(TwilioError) as caught:
        await send(twilio)
    assert (caught.value.retry_after, caught.value.code) == (60, 20429)
    assert not caught.value.permanent
    assert not caught.value.ambiguous
    assert len(fake.asked) == 1


async def test_tries_are_bounded(twilio: Twilio, fake: FakeTwilio, metrics: Metrics) -> None:
    fake.answers = [refused(20429, 429, Retry_After="0") for _ in range(9)]
    with pytest.raises(TwilioError):
        await send(twilio)
    assert len(fake.asked) == 4
    assert calls(metrics, "limited") == 4


async def test_a_server_error_is_not_repeated_where_it_could_double(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [refused(20500, 503), JSONResponse(MESSAGE, 201)]
    with pytest.raises(TwilioError) as caught:
        await send(twilio)
    assert caught.value.ambiguous
    assert not caught.value.permanent
    assert len(fake.asked) == 1


async def test_a_server_error_is_repeated_where_it_cannot_double(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [refused(20500, 503), JSONResponse(MESSAGE, 201)]
    with twilio.idempotent():
        await send(twilio)
    assert len(fake.asked) == 2
    fake.answers = [PlainTextResponse("bad gateway", 502), JSONResponse({"sid": CONVERSATION})]
    await twilio.rest.conversations.v1.conversations(CONVERSATION).fetch_async()
    assert len(fake.asked) == 4
    fake.answers = [refused(20500, 500)]  # outside again, the promise is over
    with pytest.raises(TwilioError):
        await send(twilio)


async def test_a_deletion_that_was_done_by_a_lost_try_succeeds(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [refused(20500, 500)]
    assert await twilio.rest.conversations.v1.conversations(CONVERSATION).delete_async()
    assert [asked.method for asked in fake.asked] == ["DELETE", "DELETE"]
    with pytest.raises(TwilioError) as caught:  # but what never was there is still an error
        await twilio.rest.conversations.v1.conversations(CONVERSATION).delete_async()
    assert caught.value.status == 404


async def test_a_time_out_is_ambiguous_and_within_the_deadline(twilio: Twilio, fake: FakeTwilio) -> None:
    never = asyncio.Event()

    async def hang(_request: Request) -> Response:
        await never.wait()
        return JSONResponse(MESSAGE, 201)

    async def hang_and_look(request: Request) -> Response:
        waited.append(twilio.http.unanswered)
        return await hang(request)

    waited: list[float] = []
    fake.answers = [hang_and_look]
    assert twilio.http.unanswered == 0
    twilio.http.patience = Patience(deadline=0.1, budget=5)
    with pytest.raises(TwilioError, match=r"within 0\.1 s") as caught:
        async with asyncio.timeout(3):
            await send(twilio)
    never.set()
    assert caught.value.ambiguous
    assert len(fake.asked) == 1
    assert len(waited) == 1
    assert twilio.http.unanswered == 0


async def test_a_refused_connection_is_repeated_and_not_ambiguous(time: Time, metrics: Metrics) -> None:
    closed = LoopbackServer()
    await closed.stop()
    twilio = client(closed.url, time, metrics)
    await twilio.open()
    try:
        with pytest.raises(TwilioError, match="could not be reached") as caught:
            await send(twilio)
    finally:
        await twilio.close()
    assert not caught.value.ambiguous
    assert calls(metrics, "unreachable") == 4
    assert len([pause for pause in time.pauses if pause > 0.1]) == 3


async def test_a_dropped_connection_is_ambiguous(time: Time, metrics: Metrics) -> None:
    async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    twilio = client(f"http://127.0.0.1:{port}", time, metrics)
    await twilio.open()
    try:
        with pytest.raises(TwilioError, match="closed the connection") as caught:
            await send(twilio)
    finally:
        await twilio.close()
        server.close()
    assert caught.value.ambiguous


@pytest.mark.parametrize(
    ("status", "code", "permanent"), [(400, 50504, True), (404, 50350, True), (401, 20003, False), (408, None, False)]
)
async def test_what_can_never_succeed_is_permanent(
    twilio: Twilio, fake: FakeTwilio, status: int, code: int | None, permanent: bool
) -> None:
    fake.answers = [JSONResponse({"code": code, "message": f"no {TOKEN}"}, status)] * 4
    with pytest.raises(TwilioError) as caught:
        await send(twilio)
    assert (caught.value.permanent, caught.value.code, caught.value.status) == (permanent, code, status)
    assert TOKEN not in str(caught.value)
    assert "hello" not in str(caught.value)


async def test_an_answer_from_something_in_between_is_an_error(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [PlainTextResponse("<html>captive portal</html>")]
    with pytest.raises(TwilioError, match="not JSON"):
        await twilio.rest.conversations.v1.conversations(CONVERSATION).fetch_async()


async def test_newer_errors_say_title_and_detail(twilio: Twilio, fake: FakeTwilio) -> None:
    body = {"type": "about:blank", "title": "Bad thing", "status": 400, "code": 20001, "detail": "too long"}
    fake.answers = [JSONResponse(body, 400)]
    with pytest.raises(TwilioError, match="Bad thing - too long"):
        await send(twilio)


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://api.twilio.com/x", "https://twilio.com.evil.example/"]
)
def test_credentials_go_to_twilio_only(url: str) -> None:
    http = TwilioHttp(TOKEN)
    with pytest.raises(Exception, match="Refusing to send"):
        http.rewritten(url)
    assert http.rewritten("https://api.twilio.com/x?y=1") == "https://api.twilio.com/x?y=1"


async def test_media_travels_with_its_name(twilio: Twilio, fake: FakeTwilio, server: LoopbackServer) -> None:
    link = f"{server.url}/media.us1.twilio.com/file"
    fake.answers = [
        JSONResponse({"sid": "ME1"}, 201),
        JSONResponse(
            {
                "sid": "ME1",
                "size": 3,
                "content_type": "image/png",
                "filename": "گربه.png",
                "links": {"content_direct_temporary": link},
            }
        ),
        Response(b"png", media_type="image/png"),
    ]
    assert await twilio.upload_media(SERVICE, b"png", "image/png", "گربه.png") == "ME1"
    media = await twilio.download_media(SERVICE, "ME1", limit=10)
    upload, _, download = fake.asked
    assert upload.path == f"/mcs.us1.twilio.com/v1/Services/{SERVICE}/Media"
    assert upload.query["Filename"] == ["گربه.png"]
    assert (upload.body, upload.headers["content-type"]) == (b"png", "image/png")
    assert (media.content, media.content_type, media.filename) == (b"png", "image/png", "گربه.png")
    assert "authorization" not in download.headers


@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_above_the_limit_is_not_fetched(
    twilio: Twilio, fake: FakeTwilio, server: LoopbackServer, declared: bool
) -> None:
    size = 100 if declared else 1  # Twilio's word is not enough
    links = {"content_direct_temporary": f"{server.url}/file"}
    fake.answers = [JSONResponse({"sid": "ME1", "size": size, "links": links}), Response(b"x" * 100)]
    with pytest.raises(TwilioError) as caught:
        await twilio.download_media(SERVICE, "ME1", limit=10)
    assert caught.value.permanent
    assert len(fake.asked) == (1 if declared else 2)


async def test_a_media_link_into_the_private_network_is_not_followed(twilio: Twilio, fake: FakeTwilio) -> None:
    links = {"content_direct_temporary": "http://169.254.169.254/latest/meta-data/"}
    fake.answers = [JSONResponse({"sid": "ME1", "size": 1, "links": links})]
    with pytest.raises(TwilioError, match="private address"):
        await twilio.download_media(SERVICE, "ME1", limit=10)


async def test_interaction_webhooks(twilio: Twilio, fake: FakeTwilio) -> None:
    webhook = {
        "ttid": "flex_interaction_webhook_1",
        "webhook_url": "https://desk.example.com/h",
        "webhook_events": ["onParticipantJoined", "onParticipantLeft"],
    }
    fake.answers = [JSONResponse(webhook, 201), JSONResponse({"webhooks": [webhook], "meta": {}})]
    made = await twilio.create_interaction_webhook(
        "GO1", "https://desk.example.com/h", ["onParticipantJoined", "onParticipantLeft"]
    )
    assert await twilio.interaction_webhooks("GO1") == [made]
    assert made.sid == "flex_interaction_webhook_1"
    await twilio.delete_interaction_webhook("GO1", made.sid)  # answered with 404: it is gone, which is fine
    created, listed, deleted = fake.asked
    assert created.path == listed.path == "/flex-api.twilio.com/v1/Instances/GO1/InteractionWebhooks"
    assert created.form["Type"] == ["global"]
    assert created.form["WebhookEvents"] == ["onParticipantJoined", "onParticipantLeft"]
    assert (deleted.method, deleted.path) == ("DELETE", f"{created.path}/{made.sid}")


async def test_a_flex_token_tells_who_somebody_is(twilio: Twilio, fake: FakeTwilio) -> None:
    told = {
        "valid": True,
        "expiration": "2026-11-24T10:00:00Z",
        "realm_user_id": "u1",
        "identity": "sara",
        "roles": ["agent"],
        "worker_sid": "WK1",
    }
    fake.answers = [JSONResponse(told), JSONResponse(told | {"roles": ["guest"]}), JSONResponse({"valid": False})]
    token = await twilio.validate_token("secret-token")
    assert (token.identity, token.roles, token.worker_sid, token.is_agent) == ("sara", ("agent",), "WK1", True)
    assert token.expiration is not None
    assert token.expiration.year == 2026
    assert json.loads(fake.asked[0].body) == {"token": "secret-token"}
    assert fake.asked[0].path == f"/iam.twilio.com/v1/Accounts/{ACCOUNT}/Tokens/validate"
    assert not (await twilio.validate_token("another")).is_agent
    with pytest.raises(TwilioError, match="not valid") as caught:
        await twilio.validate_token("old")
    assert caught.value.permanent


async def test_check_wants_an_active_account(twilio: Twilio, fake: FakeTwilio) -> None:
    fake.answers = [JSONResponse({"sid": ACCOUNT, "status": status}) for status in ("active", "suspended")]
    await twilio.check()
    assert fake.asked[0].path == f"/api.twilio.com/2010-04-01/Accounts/{ACCOUNT}.json"
    with pytest.raises(TwilioError, match="suspended"):
        await twilio.check()
    fake.answers = [refused(20003, 401)]
    with pytest.raises(TwilioError, match="auth token"):
        await twilio.check()
