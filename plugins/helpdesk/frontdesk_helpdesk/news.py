"""What the other plugins hear of conversations: kept with what has happened, until all have been called.

They are told right after the commit. What a killed bot has not told, or not marked yet, it tells when it is back.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

import sqlalchemy as sa
from frontdesk import (
    ChangedMessage,
    Desk,
    Handoff,
    Prepared,
    Rating,
    RelayedMessage,
    StoreUnavailable,
    handoff_changed,
    message_changed,
    message_relayed,
    rating_given,
)
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import Base, NewsRow

News: TypeAlias = ChangedMessage | RelayedMessage | Handoff | Rating

_MARGIN = timedelta(minutes=1)  # news that is younger may be another process's, which is about to tell it
_GRACE = 2.0  # seconds for what is being told when the bot stops
_JSON: TypeAdapter[News] = TypeAdapter(News)

_NEWS = Base.metadata.tables[NewsRow.__tablename__]
_WRITE = Prepared(sa.insert(_NEWS).returning(_NEWS.c.id))
_FORGET = sa.delete(_NEWS).where(_NEWS.c.id.in_(sa.bindparam("told", expanding=True)))
_LEFT = sa.select(_NEWS).where(_NEWS.c.written_at <= sa.bindparam("before")).order_by(_NEWS.c.id)


class Teller:
    """Tells the other plugins what happens in conversations.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk
        self._mine: set[int] = set()  # from the commit until they are forgotten
        self._told: list[int] = []
        self._left: dict[int, asyncio.Task[None]] = {}  # by conversation, what an earlier life has left
        self._tasks: set[asyncio.Task[None]] = set()
        self._all_here = asyncio.Event()

    async def write(self, session: AsyncSession, news: News) -> None:
        """Have the other plugins told, once the transaction is committed.

        Args:
            session: the transaction in which it happens.
            news: what happens; has a key.
        """
        values = {
            "conversation_id": news.conversation_id,
            "guild_id": news.person.guild_id,
            "body": _JSON.dump_python(news, mode="json"),
            "written_at": self._desk.now(),
        }
        row = await _WRITE.first(session, **values)
        assert row is not None
        self._desk.store.after_commit(session, partial(self._begin, row.id, news))

    def _begin(self, id_: int, news: News) -> None:
        self._mine.add(id_)
        self._work(self._tell_in_turn(id_, news, self._left.get(news.conversation_id)))

    def _work(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._desk.create_task(work, name="tell the other plugins")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _tell_in_turn(self, id_: int, news: News, left: "asyncio.Task[None] | None") -> None:
        if left is not None:
            await asyncio.wait({left})
        await self._tell(id_, news)

    async def _tell(self, id_: int, news: News) -> bool:
        """Tell everybody; False if that must be done again."""
        failed = await self._call(news)
        if any(isinstance(error, StoreUnavailable) for error in failed):
            self._desk.log.warning("news to be told again: the database was away", key=news.key)
            self._mine.discard(id_)
            return False
        self._told.append(id_)
        return True

    async def _call(self, news: News) -> list[Exception]:
        if isinstance(news, ChangedMessage):
            return await self._desk.hooks.try_telling(message_changed, message=news)
        if isinstance(news, RelayedMessage):
            return await self._desk.hooks.try_telling(message_relayed, message=news)
        if isinstance(news, Handoff):
            return await self._desk.hooks.try_telling(handoff_changed, handoff=news)
        return await self._desk.hooks.try_telling(rating_given, rating=news)

    async def start(self) -> None:
        """Find what an earlier life has left; told once all plugins run, before anything new of a conversation."""
        try:
            await self._find(self._desk.now())
        except StoreUnavailable as error:
            self._desk.log.warning("news that are left are told later: the database is away", error=str(error))

    async def look(self) -> None:
        """Tell what is left, also by another process. To be called again and again once all plugins run."""
        self._all_here.set()
        await self._find(self._desk.now() - _MARGIN)

    async def _find(self, before: datetime) -> None:
        mine = set(self._mine)  # those that are forgotten while we read are not left
        left: dict[int, list[tuple[int, News | None]]] = defaultdict(list)
        async with self._desk.store.read() as session:
            rows = (await session.execute(_LEFT, {"before": before})).all()
            mine |= self._mine
            for row in rows:
                if row.id not in mine and row.conversation_id not in self._left:
                    left[row.conversation_id].append((row.id, await self._news(session, row)))
        for conversation_id, news in left.items():
            self._mine.update(id_ for id_, _ in news)
            task = self._left[conversation_id] = self._work(self._tell_in_order(news))
            task.add_done_callback(partial(self._all_told, conversation_id))

    def _all_told(self, conversation_id: int, task: asyncio.Task[None]) -> None:
        if self._left.get(conversation_id) is task:
            del self._left[conversation_id]

    async def _news(self, session: AsyncSession, row: sa.Row[Any]) -> News | None:
        try:
            news = _JSON.validate_python(row.body)
        except ValidationError as error:
            self._desk.log.error("news of another version cannot be told", news=row.id, error=str(error))
            return None
        if news.case is not None:
            return news
        conversation = await conversations.find(session, number=row.conversation_id)
        return news if conversation is None else replace(news, case=conversation.case)

    async def _tell_in_order(self, left: Iterable[tuple[int, News | None]]) -> None:
        await self._all_here.wait()
        waiting = deque(left)
        while waiting:
            id_, news = waiting.popleft()
            if news is None:
                self._told.append(id_)
            elif not await self._tell(id_, news):
                self._mine.difference_update(id_ for id_, _ in waiting)
                return

    async def forget(self) -> None:
        """Forget what was told. Where that fails, it is told again: whoever heard it may have failed likewise."""
        told, self._told = self._told, []
        if not told:
            return
        try:
            async with self._desk.store.begin() as session:
                await session.execute(_FORGET, {"told": told})
        except StoreUnavailable as error:
            self._desk.log.warning("news to be told again: the database is away", news=len(told), error=str(error))
        finally:
            self._mine.difference_update(told)

    async def stop(self) -> None:
        """Let what is being told end, and forget it, as far as there is time: what is left is told again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                if self._tasks:
                    await asyncio.wait(self._tasks)
                await self.forget()
