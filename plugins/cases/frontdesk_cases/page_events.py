"""The stream of events that keeps open pages fresh."""

import json
import time
from collections.abc import AsyncIterator

from frontdesk import Role
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from frontdesk_cases.site import Site, Visit
from frontdesk_cases.wire import Bulletin

HEARTBEAT = 15.0
"""Seconds without news after which a sign of life is sent. As often the reader's role is looked at anew, always."""

_COME_AGAIN = 2000  # milliseconds after which a browser whose connection broke comes again


class EventPages:
    """The stream.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: list[BaseRoute] = [Route("/events", self._listen)]

    async def _listen(self, request: Request) -> Response:
        named = request.query_params.get("case", "")
        case_id = int(named) if named.isdecimal() and len(named) < 19 else None
        await self._site.desk.staff.require(request, Role.VIEWER)
        case = await self._site.parts.book.find(case_id) if case_id is not None else None
        if case_id is not None and case is None:
            raise HTTPException(404)
        visit = await self._site.visit(request, case.guild_id if case else None)
        if self._site.parts.wire.is_full:
            raise HTTPException(503, headers={"Retry-After": "30"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(visit, case_id), media_type="text/event-stream", headers=headers)

    async def _events(self, visit: Visit, case_id: int | None) -> AsyncIterator[str]:
        after = visit.request.headers.get("last-event-id", "")
        wire, door = self._site.parts.wire, self._site.desk.staff
        with wire.listen(visit.actor, visit.guild_id, case_id, after) as listener:
            yield f"retry: {_COME_AGAIN}\n: welcome\n\n"
            let_on = time.monotonic()
            while True:
                bulletin = await listener.next(HEARTBEAT)
                if bulletin is None or time.monotonic() - let_on >= HEARTBEAT:
                    if not await door.still(visit.request, Role.VIEWER, visit.guild_id):
                        return
                    let_on = time.monotonic()
                yield ": still here\n\n" if bulletin is None else _written(bulletin)
                if bulletin is not None and bulletin.what == "end":
                    return


def _written(bulletin: Bulletin) -> str:
    number = f"id: {bulletin.id}\n" if bulletin.id else ""
    return f"{number}event: {bulletin.what}\ndata: {json.dumps(dict(bulletin.data))}\n\n"
