"""Who has left the server: nobody waits for them any longer, and the live agent is told.

Discord tells of it only to bots with a privileged intent, so members who wait or talk are looked up now and then.
"""

import hikari
from frontdesk import Desk, HandoffState

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.handoff import BOT_SPEAKS, WAITING
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_helpdesk.rounds import Rounds
from frontdesk_helpdesk.settings import HelpdeskSettings

_GONE = frozenset({10007, 10013})
"""Discord's codes for an unknown member and an unknown user; a server that is not found says nothing about them."""


class Attendance:
    """Looks whether members are still there.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, outbox: Outbox) -> None:
        self._desk = desk
        self._bridge = bridge
        self._outbox = outbox
        self._rounds = Rounds(self._look_at, every=desk.settings.presence_seconds)

    async def look(self) -> None:
        """Look up everybody who waits for a person or talks to one."""
        async with self._desk.store.read() as session:
            known = await conversations.all_open(session)
        await self._rounds.go(known)

    async def _look_at(self, conversation: Conversation) -> None:
        async with self._desk.store.read() as session:  # as it is by now: a round takes its time
            present = await conversations.find(session, number=conversation.id)
        if present is not None and present.state not in BOT_SPEAKS and await self._has_left(present):
            await self.has_left(conversation.id)

    async def _has_left(self, conversation: Conversation) -> bool:
        person = conversation.person
        try:
            await self._desk.rest.fetch_member(person.guild_id, person.user_id)
        except hikari.NotFoundError as error:
            if error.code in _GONE:
                return True
            self._desk.log.warning("server not found", conversation=conversation.id, reason=str(error))
        except hikari.HikariError as error:
            self._desk.log.warning("member not looked up", conversation=conversation.id, reason=str(error))
        return False

    async def has_left(self, conversation_id: int) -> None:
        """Tell the live agent, once; or take the request back if nobody has joined yet."""
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.state is HandoffState.ENDED:
                return
            note = self._desk.say(None, conversation.person.guild_id)("agent-note-left-server")
            key = f"left-server:{conversation.requests}"
            await self._outbox.to_twilio(session, conversation, key, note, by_member=False)
            if conversation.state in WAITING:
                await self._bridge.progress.withdraw(session, conversation, reason="the member left the server")
