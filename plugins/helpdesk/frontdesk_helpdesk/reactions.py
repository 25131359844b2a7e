"""The journal delivery of notes on reactions: many to one message that wait together are told in one note.

So are many that are taken back; what was given and what was taken back are told apart, in order.
"""

from frontdesk import Entry, Receipt, Refused
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.reaction_notes import LEFT, Note, notes_in
from frontdesk_helpdesk.to_twilio import LineDelivery


class ReactionDelivery(LineDelivery):
    """Tells the agent of a reaction, and of those before it that were left to it; see `LineDelivery`."""

    async def send(self, entry: Entry) -> Receipt:
        """Create the note, unless the next one to the same message is of its kind, which will tell of this one too."""
        later = [note for note in await self._notes(entry) if note.entry_id > entry.id]
        if later and later[-1].is_gone == _is_gone(entry):
            return {LEFT: True}
        return await super().send(entry)

    async def text_of(self, entry: Entry, conversation: Conversation) -> str:
        """Give the note; what was left to it is known, for all earlier entries of the lane are settled."""
        emojis = [str(entry.payload["emoji"])]
        for note in await self._notes(entry):
            if note.entry_id < entry.id:
                if not note.is_left:
                    break
                emojis.insert(0, note.emoji)
        say = self._desk.say(None, conversation.person.guild_id)
        sentence = "agent-note-reaction-gone" if _is_gone(entry) else "agent-note-reaction"
        return say(sentence, emoji=" ".join(emojis), quote=str(entry.payload["quote"]))

    async def _notes(self, entry: Entry) -> list[Note]:
        """List the notes on reactions to the same message, the newest first."""
        message = int(str(entry.payload["message"]))
        return [note for note in await notes_in(self._desk.journal, entry.lane) if note.message == message]

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Note how far the Conversation goes; one that was left to another has added nothing."""
        if isinstance(outcome, Refused) or not outcome.get(LEFT):
            await super().settled(session, entry, outcome)


def _is_gone(entry: Entry) -> bool:
    return bool(entry.payload.get("is_gone"))
