"""The staff's channel: a line below a case's message when a promise runs out or is missed, once each."""

from datetime import datetime, timedelta

import hikari
from frontdesk import Desk, Entry, Receipt, Refused, asking_discord, find_own_message, shortened
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import feed, repository
from frontdesk_cases.cases import CaseRecord, EntryKind, Event, TimelineEntry
from frontdesk_cases.plain import escaped
from frontdesk_cases.settings import CasesSettings

ALARM = "cases.alarm"

_HISTORY = 200  # messages that are looked through for one that may have arrived
_CLOCKS_DIFFER = timedelta(minutes=2)
_TITLE = 200
_PROMISES = ("answer", "resolve")


class AlarmNews:
    """Follows all cases: an alarm of a promise is written into the journal.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Have the alarm posted."""
        case = event.case
        if self._desk.settings_for(case.guild_id).feed_channel is None:
            return
        for entry in event.entries:
            if _is_alarm(entry):
                # The title as it was: a line that may have arrived is known again by its words.
                data = {name: entry.data[name] for name in ("clock", "state", "due")}
                await self._desk.journal.write(
                    session,
                    lane=feed.lane_of(case),
                    key=f"alarm:{entry.id}",
                    kind=ALARM,
                    payload={"case": case.id, "title": case.title, **data},
                )


class AlarmDelivery:
    """Posts the alarms.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    async def send(self, entry: Entry) -> Receipt:
        """Post an alarm, unless somebody has kept the promise meanwhile."""
        case, posted = await self._case(entry)
        if _is_stale(case, str(entry.payload["clock"])):
            return {}
        async with asking_discord():
            message = await self._desk.rest.create_message(
                posted.channel_id if posted else await feed.channel_of(self._desk, case),
                self._text(entry, case),
                reply=posted.message_id if posted else hikari.UNDEFINED,
                reply_must_exist=False,
                nonce=f"fda{entry.id}",
            )
        return {"message_id": int(message.id)}

    async def _case(self, entry: Entry) -> tuple[CaseRecord, feed.Posted | None]:
        case_id = int(str(entry.payload["case"]))
        async with self._desk.store.read() as session:
            case = await repository.by_id(session, case_id)
            posted = await feed.find(session, case_id)
        if case is None:
            raise Refused("gone", "the case is not in the database any more")
        return case, posted

    def _text(self, entry: Entry, case: CaseRecord) -> str:
        """Write the line, in the server's language; Discord shows each reader the time in their own zone."""
        say, payload = self._desk.say(None, case.guild_id), entry.payload
        number = f"{self._desk.settings_for(case.guild_id).prefix}{case.number}"
        title = escaped(shortened(str(payload["title"]), _TITLE))
        due = int(datetime.fromisoformat(str(payload["due"])).timestamp())
        sentence = say(f"clock-{payload['clock']}-{payload['state']}")
        return f"⏰ **{number}** · {title}\n{sentence} <t:{due}:R>"

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the channel for a line of the same words."""
        case, posted = await self._case(entry)
        async with asking_discord():
            channel = posted.channel_id if posted else await feed.channel_of(self._desk, case)
        text, since = self._text(entry, case), entry.created_at - _CLOCKS_DIFFER
        message = await find_own_message(
            self._desk.bot, channel, lambda message: message.content == text, after=since, limit=_HISTORY
        )
        return None if message is None else {"message_id": int(message.id)}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Log what could not be posted; the timeline and the list of late cases tell it all the same."""
        del session
        if isinstance(outcome, Refused):
            self._desk.log.warning("alarm not posted", case_id=entry.payload["case"], reason=outcome.reason)


def _is_alarm(entry: TimelineEntry) -> bool:
    return entry.kind is EntryKind.CLOCK and entry.data.get("clock") in _PROMISES


def _is_stale(case: CaseRecord, clock: str) -> bool:
    if not case.is_open or case.merged_into is not None:
        return True
    return clock == "answer" and case.clocks.answered_at is not None
