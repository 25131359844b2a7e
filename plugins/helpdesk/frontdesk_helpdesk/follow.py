"""Journal deliveries of changes: a line that stands on the other side gets new words, or goes; and of copying files.

All of them may be repeated. Words that have been changed again meanwhile are not sent: the newest follow in the lane.
"""

from frontdesk import Desk, Entry, Receipt, Refused, TwilioError, asking_discord
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.brake import Brake
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.cabinet import Cabinet, FileGoneError
from frontdesk_helpdesk.lines import Side
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.to_twilio import TwilioDelivery, answer_of

_GONE_IN_TWILIO = frozenset({50500, 20404})
_GONE_IN_DISCORD = "no-message"


class _Change(TwilioDelivery):
    """What changes on both sides share: the message that is meant."""

    async def _theirs(self, entry: Entry, side: Side) -> str:
        number, key = int(str(entry.payload["number"])), str(entry.payload["line"])
        async with self._desk.store.read() as session:
            theirs = await lines.their_id(session, int(str(entry.payload["conversation"])), key, number, side)
        if theirs is None:
            raise Refused("never-arrived", "the message to be changed is not on the other side")
        return theirs

    async def _is_outdated(self, entry: Entry) -> bool:
        """Tell whether newer words for the same part are in the journal; a removal is never made up for by them."""
        revision = entry.payload.get("revision")
        if entry.payload["text"] is None or revision is None:
            return False
        async with self._desk.store.read() as session:
            line = await lines.find(session, int(str(entry.payload["conversation"])), str(entry.payload["line"]))
        return line is not None and line.revision > int(str(revision))


class TwilioChange(_Change):
    """Changes or removes a message of a Twilio Conversation.

    Neither fires a webhook (twilio 9.13 could not even ask for one on a deletion), and we need none.

    Args:
        desk: what the plugin was given.
        bridge: what happens in a conversation.
        brake: holds changes of a member who makes too many.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, brake: Brake) -> None:
        super().__init__(desk, bridge)
        self._brake = brake

    async def send(self, entry: Entry) -> Receipt:
        """Update or delete the message."""
        conversation, sid = await self.with_sid(entry)
        if await self._is_outdated(entry):
            return {}
        await self._brake.hold(conversation, entry)
        message = self.rest.conversations.v1.conversations(sid).messages(await self._theirs(entry, Side.TWILIO))
        text = entry.payload["text"]
        try:
            with self.twilio.idempotent():
                await (message.delete_async() if text is None else message.update_async(body=str(text)))
        except TwilioError as error:
            if error.code not in _GONE_IN_TWILIO and error.status != 404:
                raise answer_of(error) from error
            if text is not None:
                raise Refused("no-message", str(error)) from error
        return {}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the member that the change did not reach the other side."""
        await super().settled(session, entry, outcome)
        if isinstance(outcome, Refused) and outcome.reason != "never-arrived":
            conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
            if conversation is not None:
                await self._bridge.change_not_made(session, conversation, entry.key, for_member=True)


class DiscordChange(_Change):
    """Changes or removes a message of the bot in the member's channel."""

    async def send(self, entry: Entry) -> Receipt:
        """Edit or delete the message."""
        conversation = await self.conversation_of(entry)
        if await self._is_outdated(entry):
            return {}
        message, text = int(await self._theirs(entry, Side.DISCORD)), entry.payload["text"]
        async with self._desk.store.read() as session:
            line = await lines.find(session, conversation.id, str(entry.payload["line"]))
        # A line that was sent before the conversation moved into a thread stays where it is.
        channel_id = line.channel_id if line is not None and line.channel_id else conversation.channel_id
        try:
            async with asking_discord():
                if text is None:
                    await self._desk.rest.delete_message(channel_id, message)
                else:
                    await self._desk.rest.edit_message(channel_id, message, str(text))
        except Refused as refused:
            if not (refused.reason == _GONE_IN_DISCORD and text is None):
                raise
        return {}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the agent that the change did not reach the member."""
        if isinstance(outcome, Refused) and outcome.reason != "never-arrived":
            self._desk.log.warning("change not made", reason=outcome.reason, detail=outcome.detail)
            conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
            if conversation is not None:
                await self._bridge.change_not_made(session, conversation, entry.key, for_member=False)


class KeepDelivery:
    """Copies a file that goes nowhere: without Twilio a member's files are only kept.

    Args:
        desk: what the plugin was given.
        cabinet: copies files.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], cabinet: Cabinet) -> None:
        self._desk = desk
        self._cabinet = cabinet

    async def send(self, entry: Entry) -> Receipt:
        """Copy the file."""
        try:
            await self._cabinet.content(str(entry.payload["file"]), tried=entry.attempts)
        except FileGoneError as error:
            raise Refused("file-gone", str(error)) from error
        return {}

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Nothing follows."""
        del session, entry
        if isinstance(outcome, Refused):
            self._desk.log.warning("file not copied", reason=outcome.detail)
