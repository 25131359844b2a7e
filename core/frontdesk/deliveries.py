"""The words of the journal: an entry, what its delivery may answer, and what a delivery must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
Receipt: TypeAlias = Mapping[str, JSON]
"""What the other side gave back: its ids for what was delivered."""


class State(StrEnum):
    """Where an entry stands. Waiting entries are sent in the order of their ids, lane by lane."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect that the other side must see once, after everything earlier in its lane.

    Args:
        lane: entries of one lane are delivered strictly one after the other, e.g. one conversation.
        key: names the effect among all entries of its kind; a second entry with the key is not written.
        kind: which delivery sends it.
        attempts: sends that did not succeed so far.
        due_at: not sent before this moment (UTC).
    """

    id: int
    lane: str
    key: str
    kind: str
    payload: Mapping[str, JSON]
    created_at: datetime
    attempts: int
    due_at: datetime


class Refused(Exception):
    """The other side will never take this entry; it is settled as refused and its lane goes on.

    Args:
        reason: a short word that code can tell apart, e.g. ``"dm-closed"``. ``"expired"`` is the journal's own.
        detail: a sentence for the log and for pages.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Retry(Exception):
    """Not now: the entry stays at the head of its lane and is sent again later.

    Args:
        detail: a sentence for the log.
        after: seconds the other side asked to wait (Retry-After); None leaves it to the journal's back-off.
        ambiguous: the send may have happened, so ``find`` is asked before it is repeated.
    """

    def __init__(self, detail: str = "", *, after: float | None = None, ambiguous: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.after = after
        self.ambiguous = ambiguous


class Delivery(Protocol):
    """How entries of one kind reach the other side."""

    async def send(self, entry: Entry) -> Receipt:
        """Deliver the entry.

        Raises:
            Refused: it will never be taken.
            Retry: it was not taken now. Any other exception counts as an ambiguous Retry and is logged.
        """
        ...

    async def find(self, entry: Entry) -> Receipt | None:
        """Look up whether an earlier, interrupted send arrived; None when it did not.

        Asked before a send is repeated after a crash, a time-out or a takeover by another process.
        """
        ...

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Keep what follows from the outcome, in the very transaction that settles the entry.

        May write further entries. Must not talk to anybody else. If it raises, nothing is settled
        and it is asked again, with the same outcome, until it succeeds.
        """
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with what became of it."""

    entry: Entry
    state: State
    receipt: Receipt | None
    reason: str | None
    detail: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stats:
    """Plain figures of the journal. The first four are of the whole database, the others of this process.

    Args:
        waiting: entries not yet settled.
        retrying: those among them that were sent at least once without success.
        lanes: lanes with something waiting.
        oldest: age of the oldest waiting entry in seconds, 0 when none waits.
        sending: sends under way.
        sent: entries delivered since the start.
        found: entries that a look-up found delivered already.
        refused: entries refused.
        retried: sends put off.
    """

    waiting: int
    retrying: int
    lanes: int
    oldest: float
    sending: int
    sent: int
    found: int
    refused: int
    retried: int
