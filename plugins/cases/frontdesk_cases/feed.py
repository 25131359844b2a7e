"""The staff's channel: one message a case, which changes as the case does, through the journal."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import hikari
from frontdesk import (
    CaseStatus,
    Desk,
    Entry,
    Receipt,
    Refused,
    Retry,
    asking_discord,
    find_channel,
    find_own_message,
    shortened,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.buttons import Action
from frontdesk_cases.cases import CaseRecord, Event
from frontdesk_cases.plain import escaped
from frontdesk_cases.presenter import Presenter
from frontdesk_cases.settings import CasesSettings
from frontdesk_cases.staff_desk import StaffDesk
from frontdesk_cases.tables import FeedRow

FEED = "cases.feed"
EVERY = timedelta(seconds=5)
"""A case's message is edited at most so often; what happens in between is shown by the next edit."""

_HISTORY = 200  # messages that are looked through for one that may have arrived
_CLOCKS_DIFFER = timedelta(minutes=2)
_COLOURS = {
    CaseStatus.OPEN: 0x5865F2,
    CaseStatus.PENDING_CUSTOMER: 0xFEE75C,
    CaseStatus.PENDING_US: 0xF0883E,
    CaseStatus.RESOLVED: 0x57F287,
    CaseStatus.CLOSED: 0x80848E,
}


@dataclass(frozen=True, slots=True)
class Posted:
    """The message of a case.

    Args:
        channel_id: the channel.
        message_id: the message in it.
        shown: names what it shows now.
        edited_at: when it was posted or changed last (UTC).
    """

    channel_id: int
    message_id: int
    shown: str
    edited_at: datetime


def lane_of(case: CaseRecord) -> str:
    """Name the lane of what the staff's channel shows of a case."""
    return f"cases:{case.id}:feed"


class FeedNews:
    """Follows all cases: what the message of a case would show otherwise is written into the journal.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Have the message posted or changed."""
        case = event.case
        if self._desk.settings_for(case.guild_id).feed_channel is None:
            return
        if event.before is None or _shown(case) != _shown(event.before):
            key = f"{case.id}:{case.version}:{_shown(case)}"
            await self._desk.journal.write(session, lane=lane_of(case), key=key, kind=FEED, payload={"case": case.id})


class FeedDelivery:
    """Posts and edits the messages.

    Args:
        desk: what the plugin was given.
        staff: knows the cases, and the buttons.
    """

    def __init__(self, desk: Desk[CasesSettings], staff: StaffDesk) -> None:
        self._desk = desk
        self._staff = staff

    async def send(self, entry: Entry) -> Receipt:
        """Show the case as it is now; a change that came with an earlier edit needs no further one."""
        case = await self._case(entry)
        posted = await self._posted(case.id)
        if posted is not None and posted.shown == _shown(case):
            return {}
        if posted is not None:
            pause = (posted.edited_at + EVERY - self._desk.now()).total_seconds()
            if pause > 0:
                raise Retry("the message was changed a moment ago", after=pause)
        async with asking_discord():
            shown = None if posted is None else await self._edit(case, posted)
            return shown or await self._post(entry, case)

    async def _case(self, entry: Entry) -> CaseRecord:
        case = await self._staff.book.find(int(str(entry.payload["case"])))
        if case is None:
            raise Refused("gone", "the case is not in the database any more")
        return case

    async def _posted(self, case_id: int) -> Posted | None:
        async with self._desk.store.read() as session:
            return await find(session, case_id)

    async def _post(self, entry: Entry, case: CaseRecord) -> Receipt:
        channel = await channel_of(self._desk, case)
        message = await self._desk.rest.create_message(
            channel, embed=self._embed(case), components=[self._row(case)], nonce=f"fdf{entry.id}"
        )
        return _receipt(case, int(message.channel_id), int(message.id))

    async def _edit(self, case: CaseRecord, posted: Posted) -> Receipt | None:
        """Change the message; None if somebody has deleted it."""
        try:
            await self._desk.rest.edit_message(
                posted.channel_id, posted.message_id, embed=self._embed(case), components=[self._row(case)]
            )
        except hikari.NotFoundError:
            return None
        return _receipt(case, posted.channel_id, posted.message_id)

    def _row(self, case: CaseRecord) -> hikari.api.MessageActionRowBuilder:
        return self._staff.row(self._desk.say(None, case.guild_id), case)

    def _embed(self, case: CaseRecord) -> hikari.Embed:
        """Write the message, in the server's language."""
        say = self._desk.say(None, case.guild_id)
        present = Presenter(say, self._desk.now(), self._desk.settings_for(case.guild_id).prefix)
        title = f"{present.number(case.number)} · {escaped(case.title)}"
        embed = hikari.Embed(title=shortened(title, 250), color=_COLOURS[case.status], timestamp=case.opened_at)
        embed.add_field(say("feed-status"), present.status(case.status), inline=True)
        embed.add_field(say("feed-person"), f"<@{case.person.user_id}>", inline=True)
        assignee = escaped(case.assignee.name) if case.assignee else say("feed-nobody")
        embed.add_field(say("feed-assignee"), shortened(assignee, 200), inline=True)
        return embed.set_footer(shortened(f"{present.kind(case.kind)} · {case.person.name}", 200))

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the channel for the message, which the case's buttons mark; an edit may be repeated."""
        case = await self._case(entry)
        if await self._posted(case.id) is not None:
            return None
        marks = {self._desk.custom_id(action.value, str(case.id)) for action in (Action.TAKE, Action.NOTE)}
        async with asking_discord():
            channel = await channel_of(self._desk, case)
        message = await find_own_message(
            self._desk.bot, channel, lambda message: bool(marks & _custom_ids(message)),
            after=entry.created_at - _CLOCKS_DIFFER, limit=_HISTORY,
        )  # fmt: skip
        return None if message is None else {**_receipt(case, channel, int(message.id)), "shown": ""}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Keep where the message is and what it shows."""
        if isinstance(outcome, Refused):
            self._desk.log.warning("feed not changed", case_id=entry.payload["case"], reason=outcome.reason)
        elif outcome:
            await _keep(session, int(str(entry.payload["case"])), outcome, self._desk.now())


async def channel_of(desk: Desk[CasesSettings], case: CaseRecord) -> int:
    """Give the staff's channel of a case's server.

    Args:
        desk: what the plugin was given.
        case: the case.

    Raises:
        Refused: there is none.
    """
    wanted = desk.settings_for(case.guild_id).feed_channel
    channel = await find_channel(desk.bot, case.guild_id, wanted) if wanted is not None else None
    if channel is None:
        raise Refused("no-channel", f"there is no channel {wanted!r}")
    return int(channel.id)


def _shown(case: CaseRecord) -> str:
    """Name what the message of a case shows."""
    assignee = case.assignee.name if case.assignee else ""
    shown = "\n".join([case.title, case.status.value, assignee, case.person.name])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _receipt(case: CaseRecord, channel_id: int, message_id: int) -> dict[str, int | str]:
    return {"guild_id": case.guild_id, "channel_id": channel_id, "message_id": message_id, "shown": _shown(case)}


def _custom_ids(message: hikari.Message) -> set[str]:
    rows = (row for row in message.components if isinstance(row, hikari.ActionRowComponent))
    return {custom_id for row in rows for one in row if (custom_id := getattr(one, "custom_id", None))}


async def find(session: AsyncSession, case_id: int) -> Posted | None:
    """Find the message of a case."""
    row = await session.get(FeedRow, case_id)
    return None if row is None else Posted(row.channel_id, row.message_id, row.shown, row.edited_at)


async def _keep(session: AsyncSession, case_id: int, receipt: Mapping[str, object], at: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {name: receipt[name] for name in ("guild_id", "channel_id", "message_id", "shown")} | {"edited_at": at}
    statement = insert(FeedRow).values(case_id=case_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[FeedRow.case_id], set_=values))
