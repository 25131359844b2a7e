"""The journal: what was written in a transaction reaches the other side once, in order, whatever happens.

A lane's entries are sent one after the other; lanes run side by side. Only the head of a lane can be in flight,
so nothing is written before a send: after a crash the head of an inherited lane is looked up before it is sent.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from . import journal_rows as rows
from .deliveries import JSON, Delivery, Entry, Receipt, Record, Refused, Retry, State, Stats
from .journal_local import LocalOwners
from .journal_owners import Claim, Owners
from .store import Store

__all__ = ["JSON", "Delivery", "Entry", "Journal", "Receipt", "Record", "Refused", "Retry", "State", "Stats"]

log = structlog.stdlib.get_logger(__name__)

_RELEASE_EVERY = 60.0
_SWEEP_EVERY = 3600.0
_SWEEP_BATCH = 500
_LONGEST_BACK_OFF = 300.0


@dataclass(slots=True)
class _Lane:
    """One lane that is being worked on in this process."""

    woken: bool = True
    sending: bool = False
    task: asyncio.Task[None] = field(init=False)


class Journal:
    """Durable, ordered deliveries.

    Args:
        store: where entries are kept; connected and upgraded before ``start``.
        clock: the time, in UTC.
        patience: an entry older than this is refused as ``"expired"`` instead of being sent.
        keep: settled entries, and with them their keys, are forgotten after this.
        deadline: for one ``send`` or ``find``.
        calm: how long an interrupted send is left alone before it is looked up, so that it can still arrive.
        parallel: sends under way at the same time, at most.
        pause: waits some seconds; tests put a virtual clock here.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        patience: timedelta = timedelta(days=3),
        keep: timedelta = timedelta(days=30),
        deadline: timedelta = timedelta(seconds=60),
        calm: timedelta = timedelta(seconds=0.5),
        parallel: int = 64,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._patience = patience
        self._keep = keep
        self._deadline = deadline.total_seconds()
        self._calm = calm.total_seconds()
        self._slots = asyncio.Semaphore(parallel)
        self._pause = pause
        self._owners = _owners(store)
        self._head = rows.head_of_lane(self._owners.condition())
        self._deliveries: dict[str, Delivery] = {}
        self._lanes: dict[str, _Lane] = {}
        self._resting: set[str] = set()  # lanes whose head nobody can deliver: its plugin is off
        self._unsure: set[str] = set()  # lanes whose head may have been sent without our knowing
        self._in_use: set[str] = set()  # lanes woken since lanes were last released
        self._counts: Counter[str] = Counter()
        self._progress = asyncio.Event()
        self._running = False
        self._chores: asyncio.Task[None] | None = None

    def handle(self, kind: str, delivery: Delivery) -> None:
        """Deliver entries of this kind so. To be called before ``start``."""
        if kind in self._deliveries:
            raise ValueError(f"two deliveries for entries of kind {kind!r}")
        self._deliveries[kind] = delivery

    def withdraw(self, kind: str) -> None:
        """Deliver no more of this kind; what waits stays, and its lanes rest, until a start with its plugin."""
        self._deliveries.pop(kind, None)

    async def write(
        self, session: AsyncSession, *, lane: str, key: str, kind: str, payload: Mapping[str, JSON]
    ) -> bool:
        """Add an entry in the caller's transaction (of ``Store.begin``); it is sent after the commit.

        On PostgreSQL a transaction that writes to several lanes should do so in a fixed order,
        or two of them may end in a deadlock, which the server resolves by failing one.

        Returns:
            False if an entry of this kind with this key exists, waiting or settled within ``keep``.
        """
        await self._owners.enrol(session, lane)
        now = self._clock()
        values = {"lane": lane, "key": key, "kind": kind, "payload": dict(payload)}
        is_new = await rows.insert(session, values | {"created_at": now, "due_at": now})
        if is_new:
            await self._owners.announce(session, lane)
        return is_new

    async def start(self) -> None:
        """Begin to deliver, with what is left over first."""
        self._running = True
        await self._owners.start(self._wake, self._abandon)
        for lane in await self._owners.orphans():
            self._wake(lane)
        self._chores = asyncio.create_task(self._look_after(), name="journal chores")

    async def stop(self, grace: float) -> None:
        """Stop: sends under way may end within ``grace`` seconds, everything else waits for the next start."""
        self._running = False
        if self._chores is not None:
            self._chores.cancel()
            await asyncio.wait({self._chores})
        for lane in self._lanes.values():
            if not lane.sending:
                lane.task.cancel()
        if self._lanes:
            await asyncio.wait({lane.task for lane in self._lanes.values()}, timeout=grace)
        await self._abandon()
        await self._owners.stop()

    async def idle(self, lane: str | None = None) -> None:
        """Return when nothing is waiting, in a lane or at all. Lanes that rest for want of a plugin do not count."""
        while True:
            self._progress.clear()
            if not (self._lanes if lane is None else lane in self._lanes):
                async with self._store.read() as session:
                    if not await rows.is_waiting(session, lane, sorted(self._resting)):
                        return
            try:  # another process may do the work, without our hearing of it
                await asyncio.wait_for(self._progress.wait(), timeout=0.1)
            except TimeoutError:
                continue

    async def entries(self, *, lane: str | None = None, state: State | None = None, limit: int = 100) -> list[Record]:
        """Entries and what became of them, the newest first."""
        async with self._store.read() as session:
            return await rows.records(session, lane, state, limit)

    async def find(self, kind: str, key: str) -> Record | None:
        """What became of an entry; None if it was never written, or settled longer than ``keep`` ago."""
        async with self._store.read() as session:
            return await rows.record_of(session, kind, key)

    async def stats(self) -> Stats:
        """Plain figures for /metrics and /health. Cheap: one look at an index of what waits."""
        async with self._store.read() as session:
            waiting, retrying, lanes, oldest = await rows.depth(session)
        return Stats(
            waiting=waiting,
            retrying=retrying,
            lanes=lanes,
            oldest=rows.age(oldest, self._clock()),
            sending=sum(lane.sending for lane in self._lanes.values()),
            sent=self._counts["sent"],
            found=self._counts["found"],
            refused=self._counts["refused"],
            retried=self._counts["retried"],
        )

    async def sweep(self) -> int:
        """Forget what was settled longer than ``keep`` ago, in small transactions; how many entries that were."""
        gone = 0
        while True:
            async with self._store.begin() as session:
                batch = await rows.sweep(session, self._clock() - self._keep, _SWEEP_BATCH)
            gone += batch
            if batch < _SWEEP_BATCH:
                return gone
            await asyncio.sleep(0.2)  # writers come first

    # Lanes

    def _wake(self, name: str) -> None:
        """See to it that somebody looks at a lane from now on."""
        if not self._running:
            return
        self._in_use.add(name)
        lane = self._lanes.get(name)
        if lane is not None:
            lane.woken = True
            return
        lane = self._lanes[name] = _Lane()
        lane.task = asyncio.create_task(self._work(name, lane), name=f"journal lane {name}")

    async def _work(self, name: str, lane: _Lane) -> None:
        """Deliver until the lane is empty. Trouble with the database makes it wait, never end."""
        troubles = 0
        try:
            while lane.woken and self._running:
                lane.woken = False
                try:
                    await self._drain(name, lane)
                    troubles = 0
                except Exception as error:  # noqa: BLE001 - whatever it is, the lane must go on later
                    lane.woken = True
                    troubles += 1
                    log.warning("journal lane pauses", lane=name, error=repr(error))
                    await self._pause(_back_off(troubles, longest=5.0))
        finally:
            if self._lanes.get(name) is lane:
                del self._lanes[name]
            self._progress.set()

    async def _drain(self, name: str, lane: _Lane) -> None:
        claim = await self._owners.claim(name)
        if claim is Claim.ELSEWHERE:
            return
        if claim is Claim.INHERITED:
            self._unsure.add(name)
            await self._pause(self._calm)
        async with self._store.glance() as session:
            entry = await rows.head(session, self._head, name)
        while entry is not None and self._running:
            delivery = self._deliveries.get(entry.kind)
            if delivery is None:
                self._rest(entry)
                return
            await self._wait_until_due(entry)
            async with self._slots:
                lane.sending = True
                try:
                    outcome = await self._attempt(delivery, entry)
                finally:
                    lane.sending = False
            lane.sending = True  # without a slot: settling may have to be tried again and again
            try:
                entry = await self._record(delivery, entry, outcome)
            finally:
                lane.sending = False

    def _rest(self, entry: Entry) -> None:
        if entry.lane not in self._resting:
            self._resting.add(entry.lane)
            log.warning("journal lane rests: its plugin is off", lane=entry.lane, kind=entry.kind)

    async def _wait_until_due(self, entry: Entry) -> None:
        if entry.attempts:  # a new entry is due at once, whatever the writer's clock says
            early = (entry.due_at - self._clock()).total_seconds()
            if early > 0:
                await self._pause(early)

    # One entry

    async def _attempt(self, delivery: Delivery, entry: Entry) -> Receipt | Refused | Retry:
        """Look the entry up if it may have been sent, send it if it was not."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._find_or_send(delivery, entry)
        except Refused as refused:
            return refused
        except Retry as error:
            retry = error
        except Exception as error:
            log.exception("journal delivery failed", lane=entry.lane, entry=entry.id, kind=entry.kind)
            retry = Retry(repr(error), ambiguous=True)
        if self._is_expired(entry):
            return Refused("expired", retry.detail)
        return retry

    async def _find_or_send(self, delivery: Delivery, entry: Entry) -> Receipt | Refused:
        if entry.lane in self._unsure:
            receipt = await delivery.find(entry)
            if receipt is not None:
                self._counts["found"] += 1
                log.info("journal entry had arrived", lane=entry.lane, entry=entry.id, kind=entry.kind)
                return receipt
        if self._is_expired(entry):
            return Refused("expired")
        self._unsure.add(entry.lane)  # until the outcome is known and kept
        try:
            receipt = await delivery.send(entry)
        except Retry as retry:
            if not retry.ambiguous:
                self._unsure.discard(entry.lane)
            raise
        self._counts["sent"] += 1
        return receipt

    async def _record(self, delivery: Delivery, entry: Entry, outcome: Receipt | Refused | Retry) -> Entry | None:
        """Keep the outcome, however long the database takes to accept it; the lane's next entry."""
        troubles = 0
        while True:
            try:
                async with self._store.begin() as session:
                    if isinstance(outcome, Retry):
                        await self._put_off(session, entry, outcome)
                    elif await rows.settle(session, entry, outcome, self._clock()):
                        await delivery.settled(session, entry, outcome)
                    following = await rows.head(session, self._head, entry.lane)
                break
            except Exception as error:  # noqa: BLE001 - the effect has happened: losing its outcome is no option
                troubles += 1
                log.error("journal outcome not kept yet", lane=entry.lane, entry=entry.id, error=repr(error))
                await self._pause(_back_off(troubles))
        if isinstance(outcome, Retry):
            self._counts["retried"] += 1
        else:
            self._unsure.discard(entry.lane)
            self._counts["refused"] += isinstance(outcome, Refused)
        return following

    async def _put_off(self, session: AsyncSession, entry: Entry, retry: Retry) -> None:
        delay = _back_off(entry.attempts + 1)
        if retry.after is not None:
            delay = max(0.0, retry.after) * random.uniform(1.0, 1.1)  # noqa: S311 - jitter
        if entry.lane in self._unsure:
            delay = max(delay, self._calm)
        await rows.postpone(session, entry, retry, self._clock() + timedelta(seconds=delay))

    def _is_expired(self, entry: Entry) -> bool:
        return self._clock() - entry.created_at >= self._patience

    # Chores

    async def _abandon(self) -> None:
        """Stop all work at once. What was in flight is looked up by the lane's next owner."""
        tasks = {lane.task for lane in self._lanes.values()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._unsure.clear()

    async def _look_after(self) -> None:
        """Every so often: work that nobody does, lanes that nobody needs, rows that nobody asks for."""
        now = asyncio.get_running_loop().time
        release_at, sweep_at = now() + _RELEASE_EVERY, now() + _RELEASE_EVERY  # not in the rush of a start
        while True:
            await asyncio.sleep(self._owners.period)
            try:
                for lane in await self._owners.orphans():
                    self._wake(lane)
                if now() >= release_at:
                    in_use, self._in_use = self._in_use, set()
                    release_at = now() + _RELEASE_EVERY
                    await self._owners.release(in_use.union(self._lanes))
                if now() >= sweep_at:
                    sweep_at = now() + _SWEEP_EVERY
                    await self.sweep()
            except Exception as error:  # noqa: BLE001 - the next round may do better
                log.warning("journal chores put off", error=repr(error))


def _owners(store: Store) -> Owners:
    if store.postgres is None:
        return LocalOwners(store)
    from .journal_postgres import PostgresOwners

    return PostgresOwners(store, store.postgres)


def _back_off(attempt: int, *, longest: float = _LONGEST_BACK_OFF) -> float:
    """Seconds before the attempt is repeated: about 0.5, 1, 2, 4 ..., each somewhere in its upper half."""
    return float(min(longest, 2.0 ** min(attempt, 20) / 2) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
