"""What was said, to be read again: a conversation with those that it goes on with, and finding one by its case."""

import re
from dataclasses import dataclass

import sqlalchemy as sa
from frontdesk import Line, Rating
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.rating import rating_of
from frontdesk_helpdesk.tables import ConversationRow

_MOST_PARTS = 50
_LOOKED_THROUGH = 500


@dataclass(frozen=True, slots=True)
class Part:
    """One conversation of a history.

    Args:
        conversation: which.
        lines: what was said in it.
        rating: what the member thought of it.
    """

    conversation: Conversation
    lines: tuple[Line, ...]
    rating: Rating | None


async def history(session: AsyncSession, conversation: Conversation) -> tuple[Part, ...]:
    """Read a conversation and those that it goes on with, oldest first."""
    parts: list[Part] = []
    present: Conversation | None = conversation
    while present is not None and len(parts) < _MOST_PARTS:
        lines = await conversations.said_in(session, present.id)
        parts.append(Part(present, lines, await rating_of(session, present)))
        earlier = present.continues
        present = None if earlier is None else await conversations.find(session, number=earlier)
    return tuple(reversed(parts))


async def of_case(session: AsyncSession, guild_id: int, number: str) -> Conversation | None:
    """Find the newest conversation that belongs to a case of a server.

    Args:
        session: a transaction.
        guild_id: the server.
        number: as people write it: ``"CASE-1042"``, ``"case-1042"`` or ``"1042"``.
    """
    wanted = number.strip().lower()
    digits = re.sub(r"\D", "", wanted)
    if not digits:
        return None
    known = ConversationRow.case["number"].as_string()
    query = (
        sa.select(ConversationRow.id, known)
        .where(ConversationRow.guild_id == guild_id, known.endswith(digits, autoescape=True))
        .order_by(ConversationRow.id.desc())
        .limit(_LOOKED_THROUGH)
    )
    for conversation_id, found in await session.execute(query):
        if wanted in {found.lower(), re.sub(r"^\D*", "", found)}:
            return await conversations.find(session, number=conversation_id)
    return None
