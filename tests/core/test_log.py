"""Logging: one line an event, everybody's through one stream, and no secret in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from frontdesk.log import MASK, Redact, configure_logging
from hypothesis import given
from hypothesis import strategies as st

DISCORD = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


@pytest.fixture(autouse=True)
def undisturbed() -> Iterator[None]:
    """Leaves logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def raised(message: str) -> ValueError:
    """An error with a traceback, whose frame holds something that must not be shown."""
    hidden = "a local variable".upper()
    try:
        int(hidden[:0])
    except ValueError as error:
        return ValueError(message).with_traceback(error.__traceback__)
    raise AssertionError(hidden)


def test_events_and_records_are_json_lines_in_one_stream() -> None:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.stdlib.get_logger("frontdesk.cases").info("case_opened", case=42, title="سلام")
        logging.getLogger("hikari.gateway").warning("shard %s is slow", 3)
        logging.getLogger("other").debug("not shown")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["case"], ours["logger"]) == ("case_opened", 42, "frontdesk.cases")
    assert (theirs["event"], theirs["level"]) == ("shard 3 is slow", "warning")
    assert ours["request_id"] == theirs["request_id"] == "r1"
    assert str(ours["timestamp"]).endswith("Z")
    assert "سلام" in stream.getvalue()


def test_an_exception_is_one_json_line_without_local_variables() -> None:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    structlog.stdlib.get_logger("x").error("failed", exc_info=raised("broken"))
    (line,) = lines(stream)
    assert "ValueError: broken" in str(line["exception"])
    assert "A LOCAL VARIABLE" not in stream.getvalue()


def test_the_console_shows_the_traceback_and_no_colours_in_a_file() -> None:
    stream = io.StringIO()
    configure_logging("debug", "console", stream)
    logging.getLogger("x").error("failed", exc_info=raised(f"with {DISCORD}"))
    text = stream.getvalue()
    assert "Traceback" in text
    assert "\x1b[" not in text
    assert DISCORD not in text


def test_the_chatty_are_quiet_until_they_warn() -> None:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    logging.getLogger("twilio.http_client").info("Headers: ...")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").error("boom")
    assert [line["event"] for line in lines(stream)] == ["boom"]


def test_a_second_configuration_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_logging("info", "json", first)
    log = structlog.stdlib.get_logger("x")
    log.info("one")
    configure_logging("info", "json", second)
    log.info("two")
    assert [line["event"] for line in lines(first)] == ["one"]
    assert [line["event"] for line in lines(second)] == ["two"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"refused {DISCORD} today", DISCORD),
        ("Authorization: Bot abcdefghijklmnop", "abcdefghijklmnop"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "eyJhbGciOiJIUzI1NiJ9"),
        ("Basic QUM6dG9rZW4xMjM0NTY=", "QUM6dG9rZW4xMjM0NTY="),
        ("cannot connect to postgresql://desk:hunter2@db/desk", "hunter2"),
        ("GET /cases/1?expires=5&sig=AbCdEf", "AbCdEf"),
        ("/webhooks/123456/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages", "aW50ZXJhY3Rpb246MTIzNDU2Nzg5"),
        ("auth_token=0123456789", "0123456789"),
        ("mine is s3cret-value-1", "s3cret-value-1"),
    ],
)
def test_secrets_are_masked_wherever_they_stand(text: str, secret: str) -> None:
    redact = Redact(["s3cret-value-1", "short"])
    event = redact(None, "info", {"event": text, "nested": {"list": [text], "error": ValueError(text)}})
    assert secret not in str(event)
    assert MASK in str(event["event"])


def test_values_are_masked_by_their_name() -> None:
    event = Redact()(None, "info", {"event": "x", "auth_token": "abc", "headers": {"Cookie": "abc"}, "token": None})
    assert event == {"event": "x", "auth_token": MASK, "headers": {"Cookie": MASK}, "token": None}


def test_ordinary_words_stay() -> None:
    text = "conversation CH0123456789abcdef0123456789abcdef of https://desk.example.com/cases/42?page=2 took 3.5 ms"
    assert Redact(["short"]).text(text) == text


@given(st.text(), st.text(min_size=8, alphabet=st.characters(codec="ascii", exclude_characters="[]hiden")))
def test_a_known_secret_never_comes_through(around: str, secret: str) -> None:
    assert secret not in Redact([secret]).text(f"{around}{secret}{around}")
