"""Intake: what a member hands in becomes a post in the team's channel and a case, each once, also across a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import hikari
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk.deliveries import Delivery, Entry, Receipt, Record, Refused, Retry, State
from frontdesk.desk import Desk
from frontdesk.discord_calls import discord_answer
from frontdesk.hookspecs import open_case
from frontdesk.model import CaseRequest
from frontdesk.posts import Post, PostDelivery, message_link, outcomes

_REQUEST = TypeAdapter(CaseRequest)


@dataclass(frozen=True, slots=True)
class Handed:
    """How far something that was handed in has come.

    Args:
        posted: a link to the post; None if there is none (yet).
        number: the case's number; None if no case was opened (yet).
        refused: why it could not be posted, such as ``"no-channel"``; see `discord_answer`.
        pending: True if it is kept but not finished yet; it will be, without anybody's doing.
    """

    posted: str | None = None
    number: str | None = None
    refused: str | None = None
    pending: bool = False

    @property
    def lost(self) -> bool:
        """True if nobody will ever see it: neither post nor case."""
        return not (self.posted or self.number or self.pending)


class Intake:
    """Posts what members hand in, opens a case for it, and writes the case's number above the post.

    Args:
        desk: the plugin's; the entries' kinds are ``"<plugin>.post"`` and ``"<plugin>.case"``.
    """

    def __init__(self, desk: Desk[Any]) -> None:
        self._desk = desk
        self._post = f"{desk.name}.post"
        self._case = f"{desk.name}.case"

    def deliveries(self) -> Mapping[str, Delivery]:
        """Give what the plugin answers to `register_deliveries`."""
        return {self._post: PostDelivery(self._desk, self._posted), self._case: _CaseDelivery(self._desk)}

    async def hand_in(
        self, key: str, *, post: Post | None, request: CaseRequest, case: bool = True, patience: float = 8.0
    ) -> Handed:
        """Keep it, then wait a while for it to be posted and for its case.

        Args:
            key: names it; handing in the same key again changes nothing.
            post: what to post; None if its channel is missing.
            request: the case to open; its ``source_url`` becomes a link to the post.
            case: False if no case is wanted.
            patience: seconds to wait; it goes on afterwards all the same.
        """
        lane = f"{self._desk.name}:{key}"
        wanted = _REQUEST.dump_python(request, mode="json") if case else None
        async with self._desk.store.begin() as session:
            if post is not None:
                payload = {"post": post.to_json(), "request": wanted, "guild_id": request.person.guild_id}
                await self._desk.journal.write(session, lane=lane, key=key, kind=self._post, payload=payload)
            elif wanted is not None:
                await self._write_case(session, lane, key, {"request": wanted, "message": None})
        records = await outcomes(self._desk.journal, lane, deadline=patience)
        return self._handed(records, request.person.guild_id)

    def _handed(self, records: Mapping[str, Record], guild_id: int) -> Handed:
        post, case = records.get(self._post), records.get(self._case)
        number = case.receipt.get("number") if case is not None and case.receipt else None
        return Handed(
            posted=message_link(guild_id, post.receipt) if post is not None and post.receipt else None,
            number=str(number) if number else None,
            refused="no-channel" if post is None else post.reason,
            pending=any(record.state is State.WAITING for record in records.values()),
        )

    async def _posted(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        if entry.payload["request"] is None:
            return
        request = _REQUEST.validate_python(entry.payload["request"])
        message = None if isinstance(outcome, Refused) else dict(outcome)
        if message is not None:
            request = replace(request, source_url=message_link(request.person.guild_id, message))
        payload = {"request": _REQUEST.dump_python(request, mode="json"), "message": message}
        await self._write_case(session, entry.lane, entry.key, payload)

    async def _write_case(self, session: AsyncSession, lane: str, key: str, payload: Mapping[str, Any]) -> None:
        await self._desk.journal.write(session, lane=lane, key=key, kind=self._case, payload=payload)


class _CaseDelivery:
    """Opens the case. Both of its steps may be repeated: a request's key never opens a second case."""

    def __init__(self, desk: Desk[Any]) -> None:
        self._desk = desk

    async def send(self, entry: Entry) -> Receipt:
        request = _REQUEST.validate_python(entry.payload["request"])
        case = await self._desk.hooks.insist(open_case, request=request)
        if case is None:
            return {"number": None}
        message = entry.payload["message"]
        if isinstance(message, Mapping):
            await self._mark(message, case.number)
        return {"number": case.number}

    async def find(self, entry: Entry) -> Receipt | None:  # noqa: ARG002  # sending again is harmless
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:  # noqa: ARG002  # nothing follows
        if isinstance(outcome, Refused):
            self._desk.log.error("no case was opened", entry=entry.id, reason=outcome.reason)

    async def _mark(self, message: Mapping[str, Any], number: str) -> None:
        """Write the number above the post."""
        try:
            await self._desk.rest.edit_message(message["channel_id"], message["message_id"], f"**{number}**")
        except hikari.HikariError as error:
            answer = discord_answer(error)
            if isinstance(answer, Retry):
                raise answer from error
            self._desk.log.warning("the post does not show its case", case=number, reason=answer.detail)
