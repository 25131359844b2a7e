"""Twilio counts as away when it does not answer, and not when a send takes long for another reason."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from frontdesk import Delivery, Desk, Entry, Receipt, TwilioError
from frontdesk_helpdesk import outage
from frontdesk_helpdesk.outage import Outage, Watched, is_away
from frontdesk_helpdesk.settings import HelpdeskSettings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENTRY = Entry(1, "lane", "key", "to-twilio", {"conversation": 7}, NOW, 0, NOW)


class Slow:
    """A send that lasts until it may end."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def send(self, entry: Entry) -> Receipt:
        await self.may_end.wait()
        return {"sent": entry.id}


class Notes:
    """Stands in for the outage: notes what it is told."""

    def __init__(self) -> None:
        self.noticed_for: list[int] = []
        self.told = asyncio.Event()

    def is_over(self) -> None:
        self.noticed_for.append(0)

    async def noticed(self, conversation_id: int) -> None:
        self.noticed_for.append(conversation_id)
        self.told.set()


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setattr(outage, "_SLOW", 0.02)
    monkeypatch.setattr(outage, "_AGAIN", 0.01)
    return SimpleNamespace(unanswered=0.0)


def watched(delivery: Slow, notes: Notes, http: object) -> Watched:
    tasks: list[asyncio.Task[None]] = []

    def create_task(work: Coroutine[Any, Any, None], *, name: str) -> None:
        tasks.append(asyncio.create_task(work, name=name))

    desk = SimpleNamespace(twilio=SimpleNamespace(http=http), create_task=create_task)
    return Watched(cast("Delivery", delivery), cast("Outage", notes), cast("Desk[HelpdeskSettings]", desk))


class Looks:
    """Twilio's client with nothing under way; counts who looks."""

    def __init__(self, times: int) -> None:
        self._left = times
        self.enough = asyncio.Event()

    @property
    def unanswered(self) -> float:
        self._left -= 1
        if self._left <= 0:
            self.enough.set()
        return 0.0


@pytest.mark.usefixtures("http")
async def test_a_large_file_is_no_outage() -> None:
    delivery, notes, looks = Slow(), Notes(), Looks(3)
    sending = asyncio.create_task(watched(delivery, notes, looks).send(ENTRY))
    async with asyncio.timeout(5):
        await looks.enough.wait()
        delivery.may_end.set()
        assert await sending == {"sent": 1}
    assert notes.noticed_for == [0]


async def test_a_request_that_is_not_answered_is_one(http: SimpleNamespace) -> None:
    delivery, notes = Slow(), Notes()
    http.unanswered = 5.0
    sending = asyncio.create_task(watched(delivery, notes, http).send(ENTRY))
    async with asyncio.timeout(5):
        await notes.told.wait()
        delivery.may_end.set()
        await sending
    assert notes.noticed_for == [7, 0]


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (TwilioError("could not be reached"), True),
        (TwilioError("in trouble", status=503), True),
        (TwilioError("too many requests", status=429, retry_after=1.0), False),
        (TwilioError("not sent: too many others wait", retry_after=1.0), False),
        (TwilioError("refused", status=400, permanent=True), False),
        (ValueError("something else"), False),
    ],
)
def test_what_counts_as_away(error: Exception, away: bool) -> None:
    assert is_away(error) is away
