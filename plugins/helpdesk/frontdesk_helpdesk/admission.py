"""Opening the conversation of a member who has said all: durable, at a limited pace, each once."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import hikari
from frontdesk import Desk, Entry, Receipt, Refused, Retry, discord_answer
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import arrivals, conversations
from frontdesk_helpdesk.arrivals import Arrival
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.discord_reader import DiscordReader
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.markdown import for_agents
from frontdesk_helpdesk.outbox import Outbox, lane_of
from frontdesk_helpdesk.pace import Pace
from frontdesk_helpdesk.questions import as_lines
from frontdesk_helpdesk.settings import HelpdeskSettings

_DEADLINE = 20.0
_TOO_MANY_DMS = 40003  # "JSON Error Codes" of Discord's developer documentation
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds, after Discord had enough
_QUICK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of an arrival.

    Args:
        conversation_id: its conversation; None if it could not be opened.
        is_new: whether it was opened just now.
        reason: why not, as in `discord_answer`.
    """

    conversation_id: int | None
    is_new: bool = False
    reason: str = ""


Admission = asyncio.Future[Admitted]


class Admissions:
    """Opens conversations, as the delivery of the journal's entries for it.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        outbox: writes the entries.
        reader: reads direct messages that were written before.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, outbox: Outbox, reader: DiscordReader) -> None:
        self._desk = desk
        self._bridge = bridge
        self._outbox = outbox
        self._reader = reader
        self._pace = Pace(desk.settings.new_dms_a_minute, desk.settings.new_dms_at_once)
        self._expected: dict[int, Admission] = {}

    async def admit(self, session: AsyncSession, arrival: Arrival) -> Admission | None:
        """Have the conversation opened.

        Args:
            session: a writing transaction.
            arrival: who has said all.

        Returns:
            What becomes of it, as far as this process lives to see it; None if it is under way already.
        """
        if not await arrivals.queue(session, arrival.id):
            return None
        new_channel = (arrival.channel_id or self._known_channel(arrival.user_id)) is None
        await self._outbox.enter(session, arrival, new_channel=new_channel)
        admission: Admission = asyncio.get_running_loop().create_future()
        self._expected[arrival.id] = admission
        return admission

    async def minutes_left(self, session: AsyncSession, arrival: Arrival) -> int:
        """Estimate how many minutes somebody will wait in line."""
        before = await arrivals.ahead(session, arrival)
        return max(1, ceil((before + 1) / self._desk.settings.new_dms_a_minute))

    async def send(self, entry: Entry) -> Receipt:
        """Open the conversation, and take in what the member has said so far; each step may be repeated."""
        async with self._desk.store.read() as session:
            arrival = await arrivals.find(session, int(str(entry.payload["arrival"])))
        if arrival is None or arrival.person is None:
            raise Refused("gone", "the arrival is not in the database any more")
        known = arrival.channel_id or self._known_channel(arrival.user_id)
        conversation, is_new = await self._bridge.open(
            arrival.person,
            channel_id=known or await self._open_channel(entry, arrival.user_id),
            last_discord_id=arrival.first_id,
            category=arrival.category,
            answers=arrival.answers,
        )
        if not is_new and conversation.state in BOT_SPEAKS and await self._was_closed(conversation):
            await self._bridge.greet_again(conversation, f"arrival:{arrival.id}")
            is_new = True
        await self._take_in(arrival, conversation, is_new=is_new)
        return {"conversation": conversation.id, "new": is_new}

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up: `send` may be repeated."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Forget the arrival, and tell whoever waits for it."""
        number = int(str(entry.payload["arrival"]))
        await arrivals.forget(session, number)
        if isinstance(outcome, Refused):
            self._desk.log.warning("conversation not opened", reason=outcome.reason, detail=outcome.detail)
            admitted = Admitted(None, reason=outcome.reason)
        else:
            admitted = Admitted(int(str(outcome["conversation"])), bool(outcome["new"]))
        admission = self._expected.pop(number, None)
        if admission is not None:
            self._desk.store.after_commit(session, lambda: _tell(admission, admitted))

    async def _take_in(self, arrival: Arrival, conversation: Conversation, *, is_new: bool) -> None:
        by_message = arrival.channel_id is not None
        if by_message:
            await self._reader.catch_up(conversation)
        elif is_new and self._desk.now() - arrival.came_at < _QUICK:
            self._reader.is_fresh(conversation.id)
        form = as_lines(self._bridge.say(conversation.person), arrival.category, arrival.answers)
        if text := for_agents("\n\n".join(part for part in (arrival.note, form) if part)):
            await self._bridge.member_wrote(
                conversation.id, key=f"note:{arrival.id}", text=text, said_at=self._desk.now(), discord_id=None
            )

    def _known_channel(self, user_id: int) -> int | None:
        channel_id = self._desk.bot.cache.get_dm_channel_id(user_id)
        return None if channel_id is None else int(channel_id)

    async def _open_channel(self, entry: Entry, user_id: int) -> int:
        """Open a direct message channel when its turn has come; all who wait for one are in one lane."""
        await asyncio.sleep(self._pace.wait(time.monotonic()))
        try:
            async with asyncio.timeout(_DEADLINE):
                channel = await self._desk.rest.create_dm_channel(user_id)
        except hikari.ClientHTTPResponseError as error:
            if error.code != _TOO_MANY_DMS:
                raise discord_answer(error) from error
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**entry.attempts)
            self._desk.log.warning("Discord bars opening direct messages for now", seconds=pause)
            raise Retry("too many direct message channels opened at once", after=pause) from error
        except hikari.HikariError as error:
            raise discord_answer(error) from error
        except TimeoutError as error:
            raise Retry("Discord did not answer in time") from error
        self._pace.went(time.monotonic())
        return int(channel.id)

    async def _was_closed(self, conversation: Conversation) -> bool:
        async with self._desk.store.read() as session:
            present = await conversations.find(session, number=conversation.id)
        if present is None or present.in_thread:
            return False
        newest = await self._desk.journal.entries(lane=lane_of(conversation.id, "discord"), limit=1)
        return any(record.reason == "dm-closed" for record in newest)


def _tell(admission: Admission, admitted: Admitted) -> None:
    if not admission.done():
        admission.set_result(admitted)
