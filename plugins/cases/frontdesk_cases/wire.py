"""The wire: tells open pages what happens to cases, and who else has a case open. In memory.

Nothing depends on it but the freshness of a page: a page that misses something is told to read anew. What happens to
cases comes from all processes (see `Live`), and so does who has a case open (see `Presence`).
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from frontdesk_cases.cases import Actor

KEPT = 500
"""Bulletins that a page can catch up on after its connection broke."""

WAITING = 100
"""Bulletins that wait for a slow page; then it has to read anew."""

LISTENERS = 2000
"""Pages that can listen at once."""

LISTENERS_EACH = 10
"""Pages of one person that can listen at once; the oldest has to stop for another one."""

Place = tuple[int, int]
"""A server and a case in it."""

What = Literal["case", "presence", "typing", "reload", "end"]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Something that an open page is told.

    Args:
        what: ``"case"``: something happened to a case; ``"presence"``: who has it open; ``"typing"``: somebody writes
            an answer; ``"reload"``: something was missed; ``"end"``: nothing more is told to this page.
        guild_id: the server.
        case_id: the case.
        data: what else is to be told.
        id: of a ``"case"``, for catching up.
    """

    what: What
    guild_id: int = 0
    case_id: int = 0
    data: Mapping[str, object] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class _People:
    """Who has a case open in another process, their names by their ids, and when that was heard (UTC)."""

    names: Mapping[str, str]
    heard_at: datetime


class Listener:
    """One open page.

    Args:
        who: reads it.
        guild_id: the server of which it wants to hear.
        case_id: the case that it shows; None for the list.
    """

    def __init__(self, who: Actor, guild_id: int, case_id: int | None) -> None:
        self.who = who
        self.guild_id = guild_id
        self.case_id = case_id
        self._queue: asyncio.Queue[Bulletin] = asyncio.Queue(WAITING)
        self._missed = False

    def put(self, bulletin: Bulletin) -> None:
        """Pass a bulletin on; nobody waits for a page that does not read."""
        try:
            self._queue.put_nowait(bulletin)
        except asyncio.QueueFull:
            self._missed = True

    def end(self) -> None:
        """Tell that nothing follows."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._missed = False
        self.put(Bulletin("end"))

    async def next(self, patience: float) -> Bulletin | None:
        """Wait for the next bulletin.

        Args:
            patience: seconds.

        Returns:
            None if there was none for so long.
        """
        if self._missed:
            self._missed = False
            while not self._queue.empty():
                self._queue.get_nowait()
            return Bulletin("reload")
        try:
            async with asyncio.timeout(patience):
                return await self._queue.get()
        except TimeoutError:
            return None


class Wire:
    """Passes bulletins to all pages that are open."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(4)  # another process counts anew
        self._count = 0
        self._kept: deque[Bulletin] = deque(maxlen=KEPT)
        self._listeners: dict[Listener, None] = {}  # the oldest first
        self._elsewhere: dict[Place, dict[str, _People]] = {}  # of the cases that are open here, by process
        self.came_or_went: Callable[[Place, bool], None] = lambda _place, _came: None
        """Is told whenever somebody opens a case here or leaves it."""

    @property
    def is_full(self) -> bool:
        """Whether no further page can listen."""
        return len(self._listeners) >= LISTENERS

    def send(self, guild_id: int, case_id: int, data: Mapping[str, object]) -> None:
        """Tell that something happened to a case.

        Args:
            guild_id: its server.
            case_id: the case.
            data: what the page needs to know.
        """
        self._count += 1
        bulletin = Bulletin("case", guild_id, case_id, data, f"{self._name}-{self._count}")
        self._kept.append(bulletin)
        for listener in self._listeners:
            if listener.guild_id == guild_id:
                listener.put(bulletin)

    def missed(self) -> None:
        """Have all pages read anew, those too that come again later: something may have been missed."""
        self._name = secrets.token_hex(4)
        self._kept.clear()
        for listener in self._listeners:
            listener.put(Bulletin("reload"))

    def typing(self, guild_id: int, case_id: int, who: Actor) -> None:
        """Tell the others who have a case open that somebody writes an answer."""
        for listener in self._at(guild_id, case_id):
            if listener.who.id != who.id:
                listener.put(Bulletin("typing", guild_id, case_id, {"name": who.name}))

    @contextmanager
    def listen(self, who: Actor, guild_id: int, case_id: int | None, after: str = "") -> Iterator[Listener]:
        """Listen until the block ends.

        Args:
            who: reads the page.
            guild_id: the server.
            case_id: the case that the page shows; None for the list.
            after: the last bulletin that the page has heard; empty for a page that was just read.
        """
        listener = Listener(who, guild_id, case_id)
        for bulletin in self._missed(guild_id, after):
            listener.put(bulletin)
        same = [each for each in self._listeners if each.who.id == who.id]
        for oldest in same[: max(0, len(same) + 1 - LISTENERS_EACH)]:
            self._leave(oldest)
            oldest.end()
        self._listeners[listener] = None
        try:
            self._tell_presence(guild_id, case_id, came=True)
            yield listener
        finally:
            self._leave(listener)

    def _leave(self, listener: Listener) -> None:
        if listener in self._listeners:
            del self._listeners[listener]
            self._tell_presence(listener.guild_id, listener.case_id, came=False)

    def _missed(self, guild_id: int, after: str) -> Sequence[Bulletin]:
        if not after:
            return ()
        name, _, count = after.partition("-")
        if name != self._name or not count.isdecimal() or self._count - int(count) > len(self._kept):
            return (Bulletin("reload"),)
        later = [each for each in self._kept if int(each.id.partition("-")[2]) > int(count)]
        return [each for each in later if each.guild_id == guild_id][-WAITING:]

    def places(self) -> Sequence[Place]:
        """List the cases that somebody has open here."""
        found = {(each.guild_id, each.case_id) for each in self._listeners if each.case_id is not None}
        return sorted(found)

    def here(self, guild_id: int, case_id: int) -> Mapping[str, str]:
        """Give ids and names of those who have a case open here."""
        return {each.who.id: each.who.name for each in self._at(guild_id, case_id)}

    def meet(self, guild_id: int, case_id: int, process: str, people: Mapping[str, str], at: datetime) -> None:
        """Hear who has a case open in another process; it matters only to those who have it open here.

        Args:
            guild_id: its server.
            case_id: the case.
            process: the other one.
            people: all who have it open there, their names by their ids; empty for who is not known here.
            at: now (UTC).
        """
        place = guild_id, case_id
        if not self._at(*place):
            return
        known = self._elsewhere.setdefault(place, {})
        before = known.pop(process, None)
        if people:
            known[process] = _People(people, at)
        if people != (before.names if before else {}):
            self._show(*place)

    def part(self, process: str) -> None:
        """Hear that another process stops: nobody is there any more."""
        for place, known in self._elsewhere.items():
            if known.pop(process, None) is not None:
                self._show(*place)

    def forget(self, before: datetime) -> None:
        """Forget who is at processes that have said nothing since then (UTC)."""
        for place, known in self._elsewhere.items():
            for process in [process for process, people in known.items() if people.heard_at < before]:
                del known[process]
                self._show(*place)

    def _tell_presence(self, guild_id: int, case_id: int | None, *, came: bool) -> None:
        if case_id is None:
            return
        if not self._at(guild_id, case_id):
            self._elsewhere.pop((guild_id, case_id), None)
        self._show(guild_id, case_id)
        self.came_or_went((guild_id, case_id), came)

    def _show(self, guild_id: int, case_id: int) -> None:
        people: dict[str, str] = {}
        for known in self._elsewhere.get((guild_id, case_id), {}).values():
            people |= known.names
        people |= self.here(guild_id, case_id)
        for listener in self._at(guild_id, case_id):
            names = sorted(name for id_, name in people.items() if id_ != listener.who.id)
            listener.put(Bulletin("presence", guild_id, case_id, {"names": names}))

    def _at(self, guild_id: int, case_id: int) -> list[Listener]:
        return [each for each in self._listeners if (each.guild_id, each.case_id) == (guild_id, case_id)]
