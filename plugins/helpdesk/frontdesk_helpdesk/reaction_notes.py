"""The notes to agents on a member's reactions, as the journal knows them: what was written, and what is ever heard."""

from dataclasses import dataclass

from frontdesk import Journal, State

from frontdesk_helpdesk.outbox import Kind

LEFT = "left"
"""In the receipt of a note whose words were left to the next one to the same message."""

_LOOKED_AT = 500  # entries of a lane


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a reaction.

    Args:
        entry_id: the journal entry.
        message: the message in Discord.
        emoji: as the agent can read it.
        turn: how often this emoji of the message had been given or taken back before.
        is_gone: whether it was taken back.
        is_left: whether its words were left to the next note.
        is_lost: whether its words never reach the agent.
    """

    entry_id: int
    message: int
    emoji: str
    turn: int
    is_gone: bool
    is_left: bool
    is_lost: bool


async def notes_in(journal: Journal, lane: str) -> list[Note]:
    """List the notes of a lane, the newest first, as far as one looks back."""
    found: list[Note] = []
    lost: dict[int, bool] = {}  # message -> whether the next note to it is
    for record in await journal.entries(lane=lane, limit=_LOOKED_AT):
        if record.entry.kind != Kind.REACTION:
            continue
        payload = record.entry.payload
        message, is_left = int(str(payload["message"])), bool((record.receipt or {}).get(LEFT))
        lost[message] = lost.get(message, False) if is_left else record.state is State.REFUSED
        found.append(
            Note(
                entry_id=record.entry.id,
                message=message,
                emoji=str(payload["emoji"]),
                turn=int(str(payload.get("turn", 0))),
                is_gone=bool(payload.get("is_gone")),
                is_left=is_left,
                is_lost=lost[message],
            )
        )
    return found
