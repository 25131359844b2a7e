"""Ratings: one a conversation, given and changed by its member for some time after the end."""

from datetime import datetime

import sqlalchemy as sa
from frontdesk import Desk, Rating
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.tables import RatingRow

COMMENT_LIMIT = 1000
"""Characters of a comment."""


class RatingRefused(Exception):
    """A rating is not possible.

    Args:
        sentence: the id of the sentence that tells the person why.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Ratings:
    """The ratings of one bot.

    Args:
        desk: what the plugin was given.
        teller: tells the other plugins.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], teller: Teller) -> None:
        self._desk = desk
        self._teller = teller

    async def give(self, conversation_id: int, user_id: int, stars: int) -> Rating:
        """Give stars, or change them; other plugins are told unless nothing changes.

        Args:
            conversation_id: which conversation.
            user_id: who gives them.
            stars: 1 to 5.

        Raises:
            RatingRefused: if it has not ended, too long ago, or belongs to somebody else.
            ValueError: if there are no such stars.
        """
        if not 1 <= stars <= 5:
            raise ValueError(f"a rating has 1 to 5 stars, not {stars}")
        async with self._desk.store.begin() as session:
            conversation, row = await self._open(session, conversation_id, user_id)
            now = self._desk.now()
            before = None if row is None else row.stars
            if row is None:
                row = _new(conversation, stars, now)
                session.add(row)
            row.stars, row.changed_at = stars, now
            rating = _rating(conversation, row, before)
            if stars != before:
                await self._teller.write(session, rating)
            return rating

    async def comment(self, conversation_id: int, user_id: int, text: str) -> Rating:
        """Add the member's own words, or change them; other plugins are told unless nothing changes.

        Args:
            conversation_id: which conversation.
            user_id: who writes.
            text: what they wrote; blank takes the comment back.

        Raises:
            RatingRefused: as in `give`, or if there are no stars yet.
        """
        async with self._desk.store.begin() as session:
            conversation, row = await self._open(session, conversation_id, user_id)
            if row is None:
                raise RatingRefused("rating-first")
            comment = text.strip()[:COMMENT_LIMIT] or None
            is_new = comment != row.comment
            row.comment, row.changed_at = comment, self._desk.now()
            rating = _rating(conversation, row, row.stars)
            if is_new:
                await self._teller.write(session, rating)
            return rating

    async def to_comment(self, conversation_id: int, user_id: int) -> Rating:
        """Give the rating that is about to be commented on.

        Raises:
            RatingRefused: as in `comment`.
        """
        async with self._desk.store.read() as session:
            conversation, row = await self._open(session, conversation_id, user_id)
        if row is None:
            raise RatingRefused("rating-first")
        return _rating(conversation, row, row.stars)

    async def _open(
        self, session: AsyncSession, conversation_id: int, user_id: int
    ) -> tuple[Conversation, RatingRow | None]:
        conversation = await conversations.find(session, number=conversation_id, to_change=True)
        if conversation is None or conversation.person.user_id != user_id:
            raise RatingRefused("rating-not-yours")
        if conversation.ended_at is None:
            raise RatingRefused("rating-too-early")
        settings = self._desk.settings_for(conversation.person.guild_id).ending
        if not settings.may_rate(conversation.ended_at, self._desk.now()):
            raise RatingRefused("rating-too-late")
        return conversation, await session.get(RatingRow, conversation_id)


async def rating_of(session: AsyncSession, conversation: Conversation) -> Rating | None:
    """Find the rating of a conversation."""
    query = sa.select(RatingRow).where(RatingRow.conversation_id == conversation.id)
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else _rating(conversation, row, row.stars)


def _new(conversation: Conversation, stars: int, now: datetime) -> RatingRow:
    person = conversation.person
    return RatingRow(
        conversation_id=conversation.id,
        guild_id=person.guild_id,
        user_id=person.user_id,
        stars=stars,
        comment=None,
        given_at=now,
        changed_at=now,
    )


def _rating(conversation: Conversation, row: RatingRow, before: int | None) -> Rating:
    return Rating(
        conversation_id=conversation.id,
        person=conversation.person,
        case=conversation.case,
        agent=conversation.agent,
        stars=row.stars,
        comment=row.comment,
        before=before,
        given_at=row.changed_at,
        key=f"helpdesk:{conversation.id}:rating:{row.changed_at.isoformat()}",
    )
