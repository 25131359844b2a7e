"""Who has a case open, and who writes an answer, told among the processes on one PostgreSQL.

Each process says who is there with it, all of them, when somebody comes or goes, when it is asked, and now and then.
One that stops says so; who is at one that has said nothing for a while, because it died, is forgotten. Nothing is
stored. People are told by their ids alone, for the database's log may show them: who hears of them looks
their names up.
"""

import asyncio
import itertools
import json
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from frontdesk import Desk, Role, StoreUnavailable

from frontdesk_cases.cases import Actor
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.wire import Place, Wire

EVERY = timedelta(seconds=20)
"""How often a process says who is there."""

GONE = 3 * EVERY
"""After so long a time without a word nobody is there."""

_SUBJECT = "cases-presence"
_PATIENCE = 1.0  # seconds in which a process that stops tells so
_MOST = 30  # people of one case who are told: a signal is short


class Presence:
    """Tells the other processes, and hears them; without any it is the wire's business alone.

    Args:
        desk: what the plugin was given.
        wire: knows who is here, and tells the pages.
    """

    def __init__(self, desk: Desk[CasesSettings], wire: Wire) -> None:
        self._desk = desk
        self._wire = wire
        self._me = secrets.token_hex(4)
        self._due: dict[Place, bool] = {}  # what is to be told, and whether the others are to answer
        self._telling: asyncio.Task[None] | None = None
        self._stopped = False
        self._reaches = True  # whether the last news could be told
        self._news: deque[Mapping[str, Any]] = deque()  # what was heard and is to be taken in, in this order
        self._hearing: asyncio.Task[None] | None = None
        self._names: dict[str, str] = {}  # of people elsewhere, by their ids; looked up anew now and then

    async def start(self) -> None:
        """Begin to tell and to hear."""
        if self._desk.store.postgres is not None:
            self._wire.came_or_went = self._is_due
            await self._desk.store.signals.listen(_SUBJECT, self._heard, self.missed)

    async def stop(self) -> None:
        """Tell that nobody is here any more, and nothing after that."""
        self._stopped = True
        self._due.clear()
        with suppress(TimeoutError):  # then the others forget us as if we had died
            async with asyncio.timeout(_PATIENCE):
                if self._telling is not None:
                    await asyncio.wait({self._telling})
                await self._told({"gone": True})

    def typing(self, guild_id: int, case_id: int, who: Actor) -> None:
        """Tell all others who have a case open that somebody writes an answer; those of other processes soon."""
        self._wire.typing(guild_id, case_id, who)
        self._desk.create_task(self._tell_typing((guild_id, case_id), who.id), name="tell who writes an answer")

    async def repeat(self) -> None:
        """Say who is here, and what could not be told before, and forget who is where nothing is heard from."""
        self._wire.forget(self._desk.now() - GONE)
        self._names.clear()
        for place in [*self._wire.places(), *self._due]:
            self._is_due(place, asks=False)

    def missed(self) -> None:
        """Ask all others anew: something may not have been heard."""
        self._wire.forget(self._desk.now() + timedelta.resolution)
        for place in self._wire.places():
            self._is_due(place, asks=True)

    def _is_due(self, place: Place, asks: bool) -> None:
        """Tell soon who has a case open here; one telling at a time, so that the latest is the last."""
        if self._stopped:
            return
        self._due[place] = asks or self._due.get(place, False)
        if self._telling is None or self._telling.done():
            self._telling = self._desk.create_task(self._tell(), name="tell who has a case open")

    async def _tell(self) -> None:
        while self._due:
            place, asks = self._due.popitem()
            people = list(itertools.islice(self._wire.here(*place), _MOST))
            if not await self._told({"place": place, "here": people, "asks": asks}):
                self._due[place] = asks or self._due.get(place, False)
                return

    async def _tell_typing(self, place: Place, who: str) -> None:
        await self._told({"place": place, "typing": who})  # or never: it is true for a moment only

    async def _told(self, news: Mapping[str, object]) -> bool:
        """Tell the other processes; False, and a line in the log for all such news, while the database is away."""
        store = self._desk.store
        if store.postgres is None:
            return True
        try:
            async with store.begin() as session:
                await store.signals.send(session, _SUBJECT, json.dumps({"by": self._me, **news}))
        except StoreUnavailable as error:
            if self._reaches:
                self._desk.log.warning("other processes are not told who has a case open", error=str(error))
            self._reaches = False
        else:
            self._reaches = True
        return self._reaches

    def _heard(self, message: str) -> None:
        news = json.loads(message)
        if self._stopped or news["by"] == self._me:
            return
        if "gone" in news or self._wire.here(*news["place"]):
            self._news.append(news)
            if self._hearing is None or self._hearing.done():
                self._hearing = self._desk.create_task(self._hear(), name="hear who has a case open")

    async def _hear(self) -> None:
        while self._news:
            news = self._news.popleft()
            if "gone" in news:
                self._wire.part(news["by"])
                continue
            guild_id, case_id = news["place"]
            if "typing" in news:
                who = news["typing"]
                self._wire.typing(guild_id, case_id, Actor(who, (await self._named(guild_id, [who]))[who]))
                continue
            people = await self._named(guild_id, news["here"])
            self._wire.meet(guild_id, case_id, news["by"], people, self._desk.now())
            if news["asks"] and self._wire.here(guild_id, case_id):
                self._is_due((guild_id, case_id), asks=False)

    async def _named(self, guild_id: int, ids: Sequence[str]) -> dict[str, str]:
        """Look up the names of people; one who is not known here has an empty one."""
        if not self._names.keys() >= set(ids):
            with suppress(StoreUnavailable):
                colleagues = await self._desk.staff.colleagues(guild_id, Role.VIEWER)
                self._names |= {each.id: each.name for each in colleagues}
        return {id_: self._names.get(id_, "") for id_ in ids}
