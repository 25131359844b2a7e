"""When Twilio cannot be reached: the virtual agent answers by itself, and the member is told that the request waits."""

import asyncio

from frontdesk import Delivery, Desk, Entry, HandoffState, Receipt, Refused, Retry, TwilioError
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.intent import asks_for_a_person
from frontdesk_helpdesk.markdown import unquoted
from frontdesk_helpdesk.outbox import Button, Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings

_SLOW = 5.0  # seconds after which a call counts as unanswered; a person waits at the other end
_AGAIN = 1.0  # seconds until a send that takes long, but not because of Twilio, is looked at once more


class Outage:
    """Whether Twilio can be reached, as far as the last calls tell. A new process takes it for reachable.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox) -> None:
        self._desk = desk
        self._outbox = outbox
        self.is_on = False

    def bot_speaks(self, conversation: Conversation) -> bool:
        """Tell whether the virtual agent answers: also while a request cannot get to Flex."""
        waits = self.is_on and conversation.state is HandoffState.REQUESTED
        return conversation.state in BOT_SPEAKS or waits

    def is_over(self) -> None:
        """Note that Twilio has answered."""
        if self.is_on:
            self.is_on = False
            self._desk.log.info("Twilio can be reached again")

    async def noticed(self, conversation_id: int) -> None:
        """Note that Twilio has not answered; what it has not got yet is answered here, each line once."""
        if not self.is_on:
            self.is_on = True
            self._desk.log.warning("Twilio cannot be reached; the virtual agent answers by itself")
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or not self.bot_speaks(conversation):
                return
            for key, text in await lines.not_at_twilio(session, conversation_id):
                own = unquoted(text)
                if own and not (key.startswith("press:") or asks_for_a_person(own)):
                    await self._outbox.answer(session, conversation, key, own)
            if conversation.state is HandoffState.REQUESTED:
                say = self._desk.say(conversation.person.locale, conversation.person.guild_id)
                key = f"away:{conversation.requests}"
                await self._outbox.to_discord(session, conversation, key, say("request-waits"), buttons=[Button.CANCEL])


class Watched:
    """A delivery to Twilio that notices when Twilio is away.

    Args:
        delivery: what does the work.
        outage: is told.
        desk: what the plugin was given.
    """

    def __init__(self, delivery: Delivery, outage: Outage, desk: Desk[HelpdeskSettings]) -> None:
        self._delivery = delivery
        self._outage = outage
        self._desk = desk

    async def send(self, entry: Entry) -> Receipt:
        """Send, and see whether an answer comes in time."""
        conversation_id = int(str(entry.payload["conversation"]))
        watching = asyncio.create_task(self._watch(conversation_id))
        try:
            receipt = await self._delivery.send(entry)
        except Retry as retry:
            watching.cancel()
            if is_away(retry.__cause__):
                await self._outage.noticed(conversation_id)
            raise
        finally:
            watching.cancel()
        self._outage.is_over()
        return receipt

    async def _watch(self, conversation_id: int) -> None:
        """Notice that Twilio does not answer; a send also takes long for a large file, or when many others wait."""
        twilio = self._desk.twilio
        await asyncio.sleep(_SLOW)
        # It began a moment after us; and it is looked at, for a clock rings no bell.
        while twilio is None or twilio.http.unanswered < _SLOW - _AGAIN:  # noqa: ASYNC110
            await asyncio.sleep(_AGAIN)
        self._desk.create_task(self._outage.noticed(conversation_id), name="answer without Twilio")

    async def find(self, entry: Entry) -> Receipt | None:
        """Look up, and see whether an answer comes."""
        try:
            return await self._delivery.find(entry)
        except Retry as retry:
            if is_away(retry.__cause__):
                await self._outage.noticed(int(str(entry.payload["conversation"])))
            raise

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Pass it on."""
        await self._delivery.settled(session, entry, outcome)


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error means that Twilio could not be reached or is in trouble itself.

    What was not sent for Twilio's own limits says when it may go, and has no status.
    """
    if not isinstance(error, TwilioError) or error.permanent:
        return False
    return error.status >= 500 if error.status is not None else error.retry_after is None
