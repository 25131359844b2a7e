"""The member's reactions, and that one is taken back, reach the live agent as notes, so that the last one is true."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontdesk import Desk, Speaker, shortened

from frontdesk_helpdesk import conversations, lines
from frontdesk_helpdesk.handoff import BOT_SPEAKS
from frontdesk_helpdesk.outbox import Outbox, lane_of
from frontdesk_helpdesk.reaction_notes import Note, notes_in
from frontdesk_helpdesk.settings import HelpdeskSettings

_QUOTE = 80

Mark = tuple[int, str]
"""A message, and the emoji, or a custom one's name."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the agent was told of a reaction, or will be.

    Args:
        turn: which the next note on it is.
        stands: whether the last word is that it was given.
    """

    turn: int = 0
    stands: bool = False


class Marks:
    """Takes in reactions.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox) -> None:
        self._desk = desk
        self._outbox = outbox

    async def told(self, conversation_id: int) -> Mapping[Mark, Told]:
        """Give what the agent was told of lately."""
        known: dict[Mark, list[Note]] = defaultdict(list)
        for note in await notes_in(self._desk.journal, lane_of(conversation_id, "twilio")):
            known[note.message, note.emoji].append(note)
        return {mark: Told(notes[0].turn + 1, _stands(notes)) for mark, notes in known.items()}

    async def take_in(
        self, conversation_id: int, mark: Mark, *, is_gone: bool, told: Mapping[Mark, Told] | None = None
    ) -> None:
        """Tell the live agent how the member reacted to a line, or that a reaction of which they know is gone.

        With the virtual agent there is nobody to be told.

        Args:
            conversation_id: which conversation.
            mark: the reaction.
            is_gone: whether it was taken back.
            told: what the agent had been told when this was so; whatever was told since is newer. None for now.
        """
        known = await self.told(conversation_id) if told is None else told
        before = known.get(mark, Told())
        if before.stands is is_gone:
            await self._tell(conversation_id, mark, is_gone=is_gone, turn=before.turn)

    async def _tell(self, conversation_id: int, mark: Mark, *, is_gone: bool, turn: int) -> None:
        discord_id, emoji = mark
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
                emoji=emoji, quote=quote, reacted_at=self._desk.now(), is_gone=is_gone, turn=turn,
            )  # fmt: skip


def _stands(notes: Sequence[Note]) -> bool:
    """Tell whether the last that the agent hears is that the reaction was given; the newest note comes first."""
    heard = next((note for note in notes if not note.is_lost), None)
    return heard is not None and not heard.is_gone
