"""Who has a case open, and who writes an answer, told among the processes on one PostgreSQL.

Each process says who is there with it, all of them, when somebody comes or goes, when it is asked, and now and then.
Who is at one that has not said so for a while, because it died, is forgotten. Nothing is stored.
"""

import asyncio
import itertools
import json
import secrets
from datetime import timedelta

from frontdesk import Desk

from frontdesk_cases.cases import Actor
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.wire import Place, Wire

EVERY = timedelta(seconds=20)
"""How often a process says who is there."""

GONE = 3 * EVERY
"""After so long a time without a word nobody is there."""

_SUBJECT = "cases-presence"
_MOST = 30  # people of one case who are named: a signal is short


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

    async def start(self) -> None:
        """Begin to tell and to hear."""
        if self._desk.store.postgres is not None:
            self._wire.came_or_went = self._is_due
            await self._desk.store.signals.listen(_SUBJECT, self._heard, self.missed)

    async def typing(self, guild_id: int, case_id: int, who: Actor) -> None:
        """Tell all others who have a case open that somebody writes an answer."""
        self._wire.typing(guild_id, case_id, who)
        await self._send({"place": (guild_id, case_id), "typing": (who.id, who.name)})

    async def repeat(self) -> None:
        """Say who is here, and forget who is where nothing is heard from."""
        self._wire.forget(self._desk.now() - GONE)
        for place in self._wire.places():
            self._is_due(place, asks=False)

    def missed(self) -> None:
        """Ask all others anew: something may not have been heard."""
        self._wire.forget(self._desk.now() + timedelta.resolution)
        for place in self._wire.places():
            self._is_due(place, asks=True)

    def _is_due(self, place: Place, asks: bool) -> None:
        """Tell soon who has a case open here; one telling at a time, so that the latest is the last."""
        self._due[place] = asks or self._due.get(place, False)
        if self._telling is None or self._telling.done():
            self._telling = self._desk.create_task(self._tell(), name="tell who has a case open")

    async def _tell(self) -> None:
        while self._due:
            place, asks = self._due.popitem()
            people = dict(itertools.islice(self._wire.here(*place).items(), _MOST))
            await self._send({"place": place, "here": people, "asks": asks})

    async def _send(self, news: dict[str, object]) -> None:
        store = self._desk.store
        if store.postgres is None:
            return
        async with store.begin() as session:
            await store.signals.send(session, _SUBJECT, json.dumps({"by": self._me, **news}))

    def _heard(self, message: str) -> None:
        news = json.loads(message)
        if news["by"] == self._me:
            return
        guild_id, case_id = news["place"]
        if "typing" in news:
            self._wire.typing(guild_id, case_id, Actor(*news["typing"]))
            return
        self._wire.meet(guild_id, case_id, news["by"], news["here"], self._desk.now())
        if news["asks"] and self._wire.here(guild_id, case_id):
            self._is_due((guild_id, case_id), asks=False)
