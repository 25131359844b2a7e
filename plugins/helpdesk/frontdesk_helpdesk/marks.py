"""The member's reactions reach the live agent as a note: each emoji of a message once, however often it is toggled."""

from frontdesk import Desk, Speaker, shortened

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings

_QUOTE = 80


class Marks:
    """Takes in reactions.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox) -> None:
        self._desk = desk
        self._outbox = outbox

    async def member_reacted(self, conversation_id: int, discord_id: int, emoji: str) -> None:
        """Tell the live agent how the member reacted to a line; with the virtual agent there is nobody to be told.

        Args:
            conversation_id: which conversation.
            discord_id: the message.
            emoji: the emoji, or a custom one's name.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.ended_at is not None or conversation.state in BOT_SPEAKS:
                return
            line = await lines.by_discord(session, conversation.id, discord_id)
            if line is None or line.speaker is Speaker.MEMBER:
                return
            quote = shortened(" ".join(line.text.split()), _QUOTE)
            await self._outbox.reaction(
                session, conversation, discord_id, emoji=emoji, quote=quote, reacted_at=self._desk.now()
            )
