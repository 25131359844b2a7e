"""Lines that are known already: found by what they are called on either side, revised, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from frontdesk import Line, Prepared, Speaker
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.tables import Base, ConversationRow, MessageRow, PartRow

_NEWEST = 100
_MESSAGE = Base.metadata.tables[MessageRow.__tablename__]
_LAST = Prepared(
    sa.select(_MESSAGE.c.speaker, _MESSAGE.c.message_sid)
    .where(_MESSAGE.c.conversation_id == sa.bindparam("of"))
    .order_by(_MESSAGE.c.id.desc())
    .limit(sa.literal_column("1"))
)
_WORDS: sa.ColumnElement[str] = sa.func.coalesce(MessageRow.words, MessageRow.text)


class Side(StrEnum):
    """Whose name for a message it is."""

    DISCORD = "discord"
    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of a conversation with what has become of it.

    Args:
        conversation_id: which conversation.
        key: names it in the conversation.
        speaker: which side spoke.
        name: the name shown.
        words: what was said, without the links to its files.
        text: what was said, with them.
        said_at: when (UTC).
        discord_id: the first or only message in Discord.
        channel_id: the channel in which that stands; None if that is not known.
        message_sid: the first or only message in Twilio.
        parts: how many messages its words are on the other side.
        revision: how often it was changed.
        revised_at: when its speaker changed it last (UTC).
        deleted_at: when it was taken back (UTC).
    """

    conversation_id: int
    key: str
    speaker: Speaker
    name: str
    words: str
    text: str
    said_at: datetime
    discord_id: int | None
    channel_id: int | None
    message_sid: str | None
    parts: int
    revision: int
    revised_at: datetime | None
    deleted_at: datetime | None

    @property
    def said(self) -> Line:
        """The line as other plugins know it."""
        key = conversations.line_key(self.conversation_id, self.key)
        return Line(self.speaker, self.name, self.text, self.said_at, key)


async def find(session: AsyncSession, conversation_id: int, key: str) -> KnownLine | None:
    """Find a line by its key."""
    return await _one(session, conversation_id, MessageRow.key == key)


async def by_discord(session: AsyncSession, conversation_id: int, discord_id: int) -> KnownLine | None:
    """Find the line to which a message in Discord belongs."""
    known = await _one(session, conversation_id, MessageRow.discord_id == discord_id)
    return known or await _by_part(session, conversation_id, Side.DISCORD, str(discord_id))


async def by_twilio(session: AsyncSession, conversation_id: int, sid: str) -> KnownLine | None:
    """Find the line to which a message in Twilio belongs."""
    known = await _one(session, conversation_id, MessageRow.message_sid == sid)
    return known or await _by_part(session, conversation_id, Side.TWILIO, sid)


async def newest_by(session: AsyncSession, conversation_id: int, speaker: Speaker) -> list[KnownLine]:
    """List the newest lines of one side that were not taken back, oldest first."""
    query = sa.select(MessageRow).where(
        MessageRow.conversation_id == conversation_id,
        MessageRow.speaker == speaker.value,
        MessageRow.deleted_at.is_(None),
    )
    rows = (await session.execute(query.order_by(MessageRow.id.desc()).limit(_NEWEST))).scalars().all()
    return [_known(row) for row in reversed(rows)]


async def is_unanswered(session: AsyncSession, conversation_id: int) -> bool:
    """Tell whether the newest line is the member's, and Twilio has it."""
    newest = await _LAST.first(session, of=conversation_id)
    return newest is not None and newest.speaker == Speaker.MEMBER.value and newest.message_sid is not None


async def revise(
    session: AsyncSession, line: KnownLine, *, words: str, text: str, parts: int, revised_at: datetime
) -> int:
    """Keep the new words of a line.

    Returns:
        The number of the revision.
    """
    revision = line.revision + 1
    await _change(session, line, words=words, text=text, parts=parts, revised_at=revised_at, revision=revision)
    return revision


async def take_back(session: AsyncSession, line: KnownLine, *, now: datetime) -> int:
    """Forget the words of a line that its speaker has deleted.

    Returns:
        The number of the revision.
    """
    revision = line.revision + 1
    await _change(session, line, words="", text="", deleted_at=now, revision=revision)
    return revision


async def never_said(
    session: AsyncSession, conversation: Conversation, key: str, speaker: Speaker, *, now: datetime
) -> None:
    """Note that a message was deleted before it was taken in, so that late news of it is dropped."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {
        "conversation_id": conversation.id, "guild_id": conversation.person.guild_id, "key": key,
        "speaker": speaker.value, "name": "", "text": "", "said_at": now, "deleted_at": now,
    }  # fmt: skip
    await session.execute(insert(MessageRow).values(**values).on_conflict_do_nothing())


async def key_at_twilio(session: AsyncSession, conversation_id: int, message_sid: str, text: str) -> str | None:
    """Find a line of the member by its message in Twilio.

    The flow may ask about a message before the answer to our request has told us its SID; it is then the oldest line
    with this text that has no SID yet, for lines go to Twilio one after another.

    Returns:
        The line's key, or None if no line fits.
    """
    known = await by_twilio(session, conversation_id, message_sid)
    if known is not None:
        return known.key
    mine = sa.select(MessageRow.key).where(
        MessageRow.conversation_id == conversation_id, MessageRow.speaker == Speaker.MEMBER.value
    )
    same = sa.literal(text) == _WORDS
    under_way = mine.where(MessageRow.message_sid.is_(None), same).order_by(MessageRow.id).limit(1)
    return (await session.execute(under_way)).scalars().first()


async def not_at_twilio(session: AsyncSession, conversation_id: int) -> list[tuple[str, str]]:
    """List keys and texts of the member's lines that Twilio does not have yet, oldest first."""
    rows = await session.execute(
        sa.select(MessageRow.key, _WORDS)
        .where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.speaker == Speaker.MEMBER.value,
            MessageRow.message_sid.is_(None),
            MessageRow.deleted_at.is_(None),
        )
        .order_by(MessageRow.id)
    )
    return [(key, text) for key, text in rows]


async def note_part(
    session: AsyncSession,
    conversation_id: int,
    key: str,
    number: int,
    *,
    side: Side,
    their_id: str,
    channel_id: int | None = None,
) -> Line | None:
    """Note what a part or a file of a line is called on the other side, now that it has arrived there.

    Returns:
        The line, or None if there is none by that key (a notice of the desk's own).
    """
    if number == 0:
        if side is Side.TWILIO:
            return await conversations.pair(session, conversation_id, key, message_sid=their_id)
        return await conversations.pair(session, conversation_id, key, discord_id=int(their_id), channel_id=channel_id)
    line = await find(session, conversation_id, key)
    if line is None:
        return None
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"conversation_id": conversation_id, "line": key, "number": number}
    values |= {"side": side.value, "their_id": their_id}
    server = sa.select(ConversationRow.guild_id).where(ConversationRow.id == conversation_id).scalar_subquery()
    statement = insert(PartRow).values(**values, guild_id=server)
    once = ["conversation_id", "line", "number"]  # a part that was taken away and came back has another name
    await session.execute(statement.on_conflict_do_update(index_elements=once, set_={"their_id": their_id}))
    return line.said


async def their_id(session: AsyncSession, conversation_id: int, key: str, number: int, side: Side) -> str | None:
    """Give what a part of a line is called on the other side; None if it never arrived there."""
    if number == 0:
        line = await find(session, conversation_id, key)
        found = None if line is None else line.discord_id if side is Side.DISCORD else line.message_sid
        return None if found is None else str(found)
    query = sa.select(PartRow.their_id).where(
        PartRow.conversation_id == conversation_id, PartRow.line == key, PartRow.number == number
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _by_part(session: AsyncSession, conversation_id: int, side: Side, theirs: str) -> KnownLine | None:
    query = sa.select(PartRow.line).where(
        PartRow.side == side.value, PartRow.their_id == theirs, PartRow.conversation_id == conversation_id
    )
    key = (await session.execute(query)).scalars().first()
    return None if key is None else await find(session, conversation_id, key)


async def _one(session: AsyncSession, conversation_id: int, where: sa.ColumnElement[bool]) -> KnownLine | None:
    query = sa.select(MessageRow).where(MessageRow.conversation_id == conversation_id, where)
    rows: Sequence[MessageRow] = (
        (await session.execute(query.limit(1).execution_options(populate_existing=True))).scalars().all()
    )
    return _known(rows[0]) if rows else None


async def _change(session: AsyncSession, line: KnownLine, **values: object) -> None:
    await session.execute(
        sa.update(MessageRow)
        .where(MessageRow.conversation_id == line.conversation_id, MessageRow.key == line.key)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _known(row: MessageRow) -> KnownLine:
    return KnownLine(
        conversation_id=row.conversation_id,
        key=row.key,
        speaker=Speaker(row.speaker),
        name=row.name,
        words=row.text if row.words is None else row.words,
        text=row.text,
        said_at=row.said_at,
        discord_id=row.discord_id,
        channel_id=row.channel_id,
        message_sid=row.message_sid,
        parts=1 if row.parts is None else row.parts,
        revision=row.revision or 0,
        revised_at=row.revised_at,
        deleted_at=row.deleted_at,
    )
