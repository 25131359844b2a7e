"""The member's reactions, and that one is taken back, reach the live agent as notes: each emoji of a message once."""

from frontdesk import Desk, Speaker, shortened

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.outbox import Kind, Outbox, key_of_reaction, lane_of
from frontdesk_helpdesk.settings import HelpdeskSettings

_QUOTE = 80
_LOOKED_AT = 500  # entries of a lane


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
        await self._tell(conversation_id, discord_id, emoji, is_gone=False)

    async def member_took_back(self, conversation_id: int, discord_id: int, emoji: str) -> None:
        """Tell the live agent that a reaction is gone, if they were told of it; see `member_reacted`."""
        if await self._desk.journal.find(Kind.REACTION, key_of_reaction(conversation_id, discord_id, emoji)):
            await self._tell(conversation_id, discord_id, emoji, is_gone=True)

    async def told(self, conversation_id: int) -> list[tuple[int, str]]:
        """List the reactions that the agent was told of lately: message and emoji."""
        records = await self._desk.journal.entries(lane=lane_of(conversation_id, "twilio"), limit=_LOOKED_AT)
        notes = [record.entry.payload for record in records if record.entry.kind == Kind.REACTION]
        return [(int(str(note["message"])), str(note["emoji"])) for note in notes if not note.get("is_gone")]

    async def _tell(self, conversation_id: int, discord_id: int, emoji: str, *, is_gone: bool) -> None:
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.ended_at is not None or conversation.state in BOT_SPEAKS:
                return
            line = await lines.by_discord(session, conversation.id, discord_id)
            if line is None or line.speaker is Speaker.MEMBER:
                return
            quote = shortened(" ".join(line.text.split()), _QUOTE)
            await self._outbox.reaction(
                session, conversation, discord_id,
                emoji=emoji, quote=quote, reacted_at=self._desk.now(), is_gone=is_gone,
            )  # fmt: skip
