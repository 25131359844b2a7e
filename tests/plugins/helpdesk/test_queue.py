"""The line in front of a queue is looked at for everybody, whatever one task's queue says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from frontdesk import TwilioError
from frontdesk_helpdesk import ways
from frontdesk_helpdesk.queue import Line, Place
from frontdesk_helpdesk.ways import WaitingTask

TASKS = [WaitingTask(sid, number, f"WQ{number}", frozenset(), 5) for number, sid in enumerate(("WT1", "WT2"))]


class Asked(Line):
    """Asks nobody: the first task's queue refuses."""

    def __init__(self, error: TwilioError) -> None:
        desk = SimpleNamespace(
            twilio=object(), store=SimpleNamespace(read=read), log=SimpleNamespace(warning=lambda *_, **__: None)
        )
        super().__init__(cast("Any", desk), cast("Any", None), cast("Any", None))
        self._error = error
        self.forward: list[str] = []

    async def place_of(self, task: WaitingTask) -> Place:
        """Fail for the first one."""
        if task.sid == "WT1":
            raise self._error
        return Place(1, 1, None)

    async def _came_forward(self, task: WaitingTask, place: Place) -> None:
        self.forward.append(task.sid)


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
