"""The typing sign while somebody is at work on the member's line, as far as it can be known.

Twilio tells nobody outside Flex that an agent types. What it does tell is how far each participant has read; an agent
who has read the newest line is about to answer it, so the sign is shown for a short while then.
"""

import asyncio

from frontdesk import Desk, HandoffState, TwilioError

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.typing_sign import show_once

_LOOKS = (1.5, 3.0, 6.0)  # seconds between looks at how far the agent has read
_BETWEEN = 0.25  # seconds between looks in all conversations: a sign must not crowd out what people write


class Presence:
    """Shows the sign.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk
        self._watched: set[int] = set()
        self._next_look = 0.0  # by the loop's clock

    def member_wrote(self, conversation: Conversation) -> None:
        """Show the sign for an answer that is being prepared, or once the agent has read the line."""
        if conversation.state in BOT_SPEAKS:
            self._desk.create_task(show_once(self._desk.rest, conversation.channel_id), name="show typing")
        elif conversation.state is HandoffState.ACTIVE and conversation.id not in self._watched:
            self._watched.add(conversation.id)
            self._desk.create_task(self._watch(conversation), name="see whether the agent has read it")

    async def _watch(self, conversation: Conversation) -> None:
        try:
            for pause in _LOOKS:
                await asyncio.sleep(pause)
                if not self._may_look():
                    continue
                present = await self._unanswered(conversation.id)
                if present is None:
                    return
                if await self._is_read(present):
                    await show_once(self._desk.rest, present.channel_id)
                    return
        except TwilioError as error:
            self._desk.log.debug("not known whether the agent has read it", reason=str(error))
        finally:
            self._watched.discard(conversation.id)

    def _may_look(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._next_look:
            return False
        self._next_look = now + _BETWEEN
        return True

    async def _unanswered(self, conversation_id: int) -> Conversation | None:
        """Give the conversation if an agent is there and the newest line is the member's, and at Twilio."""
        async with self._desk.store.glance() as session:
            present = await conversations.find(session, number=conversation_id)
            if present is None or present.state is not HandoffState.ACTIVE:
                return None
            return present if await lines.is_unanswered(session, conversation_id) else None

    async def _is_read(self, conversation: Conversation) -> bool:
        """Tell whether an agent has read everything."""
        if self._desk.twilio is None or conversation.sid is None:
            return False
        remote = self._desk.twilio.rest.conversations.v1.conversations(conversation.sid)
        for participant in await remote.participants.list_async(limit=20):
            read = participant.last_read_message_index
            is_agent = participant.identity not in {None, conversation.identity}
            if is_agent and read is not None and int(read) >= conversation.last_index:
                return True
        return False
