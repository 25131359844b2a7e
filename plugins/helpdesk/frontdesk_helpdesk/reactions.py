"""The journal delivery of notes on reactions: many to one message that wait together are told in one note.

So are many that are taken back; what was given and what was taken back are told apart, in order.
"""

from dataclasses import dataclass

from frontdesk import Entry, Receipt, Refused
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.outbox import Kind
from frontdesk_helpdesk.to_twilio import LineDelivery

_LEFT = "left"  # in the receipt of a note that was left to a later one
_LOOKED_AT = 500  # entries of a lane


@dataclass(frozen=True, slots=True)
class _Note:
    entry_id: int
    emoji: str
    is_gone: bool
    is_left: bool


class ReactionDelivery(LineDelivery):
    """Tells the agent of a reaction, and of those before it that were left to it; see `LineDelivery`."""

    async def send(self, entry: Entry) -> Receipt:
        """Create the note, unless the next one to the same message is of its kind, which will tell of this one too."""
        later = [note for note in await self._notes(entry) if note.entry_id > entry.id]
        if later and later[-1].is_gone == _is_gone(entry):
            return {_LEFT: True}
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

    async def _notes(self, entry: Entry) -> list[_Note]:
        """List the notes on reactions to the same message, the newest first."""
        records = await self._desk.journal.entries(lane=entry.lane, limit=_LOOKED_AT)
        message = entry.payload["message"]
        return [
            _Note(
                record.entry.id,
                str(record.entry.payload["emoji"]),
                _is_gone(record.entry),
                bool((record.receipt or {}).get(_LEFT)),
            )
            for record in records
            if record.entry.kind == Kind.REACTION and record.entry.payload["message"] == message
        ]

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Note how far the Conversation goes; one that was left to another has added nothing."""
        if isinstance(outcome, Refused) or not outcome.get(_LEFT):
            await super().settled(session, entry, outcome)


def _is_gone(entry: Entry) -> bool:
    return bool(entry.payload.get("is_gone"))
