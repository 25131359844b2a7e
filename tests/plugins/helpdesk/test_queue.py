"""The line in front of a queue is looked at for everybody, once a queue, whatever one of the queues says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from frontdesk import TwilioError
from frontdesk_helpdesk import ways
from frontdesk_helpdesk.queue import Line, Place, QueueView
from frontdesk_helpdesk.ways import WaitingTask

TASKS = [WaitingTask(sid, number, f"WQ{number}", frozenset(), 5) for number, sid in enumerate(("WT1", "WT2"))]


class Asked(Line):
    """Asks nobody: the first queue refuses, in all others every task is next."""

    def __init__(self, error: TwilioError | None = None) -> None:
        desk = SimpleNamespace(
            twilio=object(), store=SimpleNamespace(read=read), log=SimpleNamespace(warning=lambda *_, **__: None)
        )
        super().__init__(cast("Any", desk), cast("Any", None), cast("Any", None))
        self._error = error
        self.forward: list[str] = []
        self.viewed: list[str | None] = []

    async def view(self, queue_sid: str | None) -> QueueView:
        """Fail for the first one."""
        self.viewed.append(queue_sid)
        if queue_sid == "WQ0" and self._error is not None:
            raise self._error
        return Next()

    async def _came_forward(self, task: WaitingTask, place: Place) -> None:
        self.forward.append(task.sid)


class Next(QueueView):
    """In this queue every task is next."""

    def place_of(self, task: WaitingTask) -> Place:
        """The first."""
        return Place(1, 1, None)


@asynccontextmanager
async def read() -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(("permanent", "told"), [(True, ["WT2"]), (False, [])])
async def test_a_queue_that_is_gone_silences_no_other(
    monkeypatch: pytest.MonkeyPatch, permanent: bool, told: list[str]
) -> None:
    async def waiting(session: None) -> list[WaitingTask]:
        return TASKS

    monkeypatch.setattr(ways, "waiting_tasks", waiting)
    line = Asked(TwilioError("no such queue", status=404 if permanent else 503, permanent=permanent))
    await line.look()
    assert line.forward == told


async def test_a_queue_is_asked_once_for_all_who_wait_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [WaitingTask(f"WT{number}", number, f"WQ{number % 2}", frozenset(), 5) for number in range(6)]

    async def waiting(session: None) -> list[WaitingTask]:
        return tasks

    monkeypatch.setattr(ways, "waiting_tasks", waiting)
    line = Asked()
    await line.look()
    assert line.viewed == ["WQ0", "WQ1"]
    assert sorted(line.forward) == [task.sid for task in tasks]
