"""Conversations and their lines, read from and written to the database. No Discord, no Twilio in here."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from frontdesk import Case, CaseStatus, Handoff, HandoffState, Line, Person, Prepared, Speaker
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.handoff import may_follow
from frontdesk_helpdesk.tables import Base, ConversationRow, MessageRow, TaskRow

# What every message needs is prepared.
_CONVERSATION = Base.metadata.tables[ConversationRow.__tablename__]
_MESSAGE = Base.metadata.tables[MessageRow.__tablename__]
_LINE = tuple(_MESSAGE.c[name] for name in ("conversation_id", "key", "speaker", "name", "text", "said_at"))
_SELECT = sa.select(*(column.label("case") if column.name == "case_info" else column for column in _CONVERSATION.c))
_BY_NUMBER = _SELECT.where(_CONVERSATION.c.id == sa.bindparam("of"))
_BY_SID = _SELECT.where(_CONVERSATION.c.conversation_sid == sa.bindparam("of"))
_FIND = {
    (by_sid, to_change): Prepared(query.with_for_update() if to_change else query)
    for by_sid, query in ((False, _BY_NUMBER), (True, _BY_SID))
    for to_change in (False, True)
}
_BY_USER = _SELECT.where(_CONVERSATION.c.user_id == sa.bindparam("of_user"))
_NEWEST_FIRST = _CONVERSATION.c.id.desc()
_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_NEWEST = Prepared(_BY_USER.order_by(_NEWEST_FIRST).limit(_ONE))
_NEWEST_IN = Prepared(
    _BY_USER.where(_CONVERSATION.c.guild_id == sa.bindparam("of_guild")).order_by(_NEWEST_FIRST).limit(_ONE)
)
_ADD_LINE = Prepared(
    {
        name: dialect.insert(_MESSAGE).on_conflict_do_nothing().returning(_MESSAGE.c.id)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one member with the desk.

    Args:
        id: our own number.
        person: the member.
        channel_id: the direct message channel, or the private thread.
        identity: the member's name towards Twilio: opaque, letters, digits and underscores only.
        state: who speaks with them.
        sid: Twilio's Conversation; None until it exists.
        case: the case opened for it.
        question: what the member wrote last before asking for a person.
        agent: the live agent's name as shown to the member.
        agent_identity: the live agent's identity towards Twilio.
        requests: how often a person was asked for.
        last_discord_id: the newest message of the member that was taken in.
        last_index: Twilio's index up to which every message is accounted for; -1 for none.
        opened_at: when (UTC).
        ended_at: when (UTC); None while it is open.
        continues: our number of the conversation that it goes on with.
        case_key: names the case that it goes on with; None if it has or gets one of its own.
        withdrawn: the newest request that the member took back; 0 for none.
        interaction_sid: Flex's Interaction, ``KD...``, once one is known.
        channel_sid: the Interaction's channel, ``UO...``.
        in_thread: whether it goes on in a private thread, because direct messages are closed.
        category: what the member chose at the beginning.
        answers: question -> answer of the first questions.
        dm_channel_id: the direct message channel that it has left for the thread; what was said there stays there.
    """

    id: int
    person: Person
    channel_id: int
    identity: str
    state: HandoffState
    sid: str | None
    case: Case | None
    question: str | None
    agent: str | None
    agent_identity: str | None
    requests: int
    last_discord_id: int
    last_index: int
    opened_at: datetime
    ended_at: datetime | None
    continues: int | None = None
    case_key: str | None = None
    withdrawn: int = 0
    interaction_sid: str | None = None
    channel_sid: str | None = None
    in_thread: bool = False
    category: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    dm_channel_id: int | None = None

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels in which the member's lines stand."""
        return (self.channel_id,) if self.dm_channel_id is None else (self.dm_channel_id, self.channel_id)

    @property
    def link(self) -> str:
        """The address that opens it in Discord."""
        if self.in_thread:
            return f"https://discord.com/channels/{self.person.guild_id}/{self.channel_id}"
        return f"https://discord.com/channels/@me/{self.channel_id}"


async def find(
    session: AsyncSession,
    *,
    number: int | None = None,
    sid: str | None = None,
    to_change: bool = False,
) -> Conversation | None:
    """Find a conversation by our number or by Twilio's SID.

    Args:
        session: a transaction.
        number: ours.
        sid: Twilio's Conversation SID.
        to_change: keep others from changing it until the transaction ends (PostgreSQL; SQLite has one writer anyway).
    """
    row = await _FIND[sid is not None, to_change].first(session, of=number if sid is None else sid)
    return None if row is None else _conversation(row)


async def newest_of(session: AsyncSession, user_id: int, guild_id: int | None = None) -> Conversation | None:
    """Find a member's newest conversation, open or ended, in one server or in any."""
    if guild_id is None:
        row = await _NEWEST.first(session, of_user=user_id)
    else:
        row = await _NEWEST_IN.first(session, of_user=user_id, of_guild=guild_id)
    return None if row is None else _conversation(row)


async def open_in(session: AsyncSession, channel_id: int) -> Conversation | None:
    """Find the open conversation of a channel: a member's direct messages, also if they were left, or a thread."""
    is_there = sa.or_(_CONVERSATION.c.channel_id == channel_id, _CONVERSATION.c.dm_channel_id == channel_id)
    query = _SELECT.where(is_there, _CONVERSATION.c.ended_at.is_(None))
    row = (await session.execute(query.order_by(_CONVERSATION.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else _conversation(row)


async def all_open(session: AsyncSession) -> list[Conversation]:
    """List the open conversations."""
    rows = await session.execute(_SELECT.where(_CONVERSATION.c.ended_at.is_(None)).order_by(_CONVERSATION.c.id))
    return [_conversation(row) for row in rows]


async def newly_ended(session: AsyncSession, *, since: datetime) -> list[Conversation]:
    """List the conversations that ended since a moment and are still their members' newest."""
    newest = sa.select(sa.func.max(_CONVERSATION.c.id)).group_by(_CONVERSATION.c.user_id)
    query = _SELECT.where(_CONVERSATION.c.ended_at >= since, _CONVERSATION.c.id.in_(newest))
    rows = await session.execute(query.order_by(_CONVERSATION.c.id))
    return [_conversation(row) for row in rows]


async def create(
    session: AsyncSession,
    person: Person,
    *,
    channel_id: int,
    last_discord_id: int,
    now: datetime,
    continues: Conversation | None = None,
    category: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> Conversation:
    """Open a conversation.

    Args:
        session: a writing transaction.
        person: the member.
        channel_id: their direct message channel.
        last_discord_id: messages up to this one do not belong to the conversation.
        now: the time (UTC).
        continues: an ended conversation of theirs that it goes on with, case and all.
        category: what they chose.
        answers: of the first questions.
    """
    row = ConversationRow(
        guild_id=person.guild_id,
        user_id=person.user_id,
        channel_id=channel_id,
        identity=f"discord_{secrets.token_hex(12)}",
        person=_person_json(person),
        state=HandoffState.BOT.value,
        requests=0,
        last_discord_id=last_discord_id,
        last_index=-1,
        opened_at=now,
        in_thread=False,
        category=category,
        answers=dict(answers) if answers else None,
    )
    if continues is not None:
        row.continues_id, row.question = continues.id, continues.question
        row.case_key = case_key(continues) if continues.requests else continues.case_key
        row.case = None if continues.case is None else _case_json(continues.case)
    session.add(row)
    await session.flush()
    return _conversation(row)


async def change(session: AsyncSession, conversation_id: int, **values: Any) -> None:
    """Set columns of a conversation."""
    await _change(tuple(values)).all(session, of=conversation_id, **values)


@cache
def _change(names: tuple[str, ...]) -> Prepared:
    values: dict[str, Any] = {"case_info" if name == "case" else name: sa.bindparam(name) for name in names}
    return Prepared(sa.update(_CONVERSATION).where(_CONVERSATION.c.id == sa.bindparam("of")).values(values))


def case_key(conversation: Conversation) -> str:
    """Name the case of a conversation's newest request, or of the conversation that it goes on with."""
    own = f"helpdesk:{conversation.identity}:{conversation.id}:{conversation.requests}"
    return conversation.case_key or own


def line_key(conversation_id: int, key: str) -> str:
    """Name a line, by its key in the conversation, among those of all conversations."""
    return f"helpdesk:{conversation_id}:{key}"


def step_key(conversation_id: int, state: HandoffState, at: datetime) -> str:
    """Name a step of a handoff."""
    return f"helpdesk:{conversation_id}:step:{state.value}:{at.isoformat()}"


async def keep_case(session: AsyncSession, conversation_id: int, case: Case) -> None:
    """Note the case that was opened for a conversation."""
    await change(session, conversation_id, case=_case_json(case))


async def enter(
    session: AsyncSession,
    conversation: Conversation,
    state: HandoffState,
    *,
    now: datetime,
    agent: str | None = None,
    agent_identity: str | None = None,
    reason: str | None = None,
) -> Handoff | None:
    """Go to a state, if it may follow the present one.

    Returns:
        What to tell the others after the transaction, or None if nothing changed.
    """
    if not may_follow(conversation.state, state):
        return None
    values: dict[str, Any] = {"state": state.value}
    if state is HandoffState.ENDED:
        values["ended_at"] = now
    if state is HandoffState.REQUESTED:
        values["requests"] = conversation.requests + 1
    if agent is not None:
        values["agent"] = agent
    if agent_identity is not None:
        values["agent_identity"] = agent_identity
    await change(session, conversation.id, **values)
    return Handoff(
        conversation_id=conversation.id,
        person=conversation.person,
        state=state,
        before=conversation.state,
        case=conversation.case,
        agent=agent or conversation.agent,
        reason=reason,
        changed_at=now,
        conversation_sid=conversation.sid,
        task_sid=await _newest_task(session, conversation.id),
        agent_identity=agent_identity or conversation.agent_identity,
        key=step_key(conversation.id, state, now),
    )


async def _newest_task(session: AsyncSession, conversation_id: int) -> str | None:
    query = sa.select(TaskRow.sid).where(TaskRow.conversation_id == conversation_id)
    return await session.scalar(query.order_by(TaskRow.seen_at.desc(), TaskRow.sid).limit(1))


async def add_line(
    session: AsyncSession,
    conversation: Conversation,
    key: str,
    line: Line,
    *,
    discord_id: int | None = None,
    channel_id: int | None = None,
    message_sid: str | None = None,
    words: str | None = None,
    parts: int | None = None,
) -> bool:
    """Keep a line of a conversation.

    Args:
        session: a writing transaction.
        conversation: which.
        key: names the line; a second one with the key is not kept.
        line: who said what.
        discord_id: the message in Discord, if it comes from there.
        channel_id: the channel in which that stands.
        message_sid: the message in Twilio, if it comes from there.
        words: the line's text without links to its files, where there are some.
        parts: how many messages the words are on the other side; None for one.

    Returns:
        False if it was there already.
    """
    values = {
        "conversation_id": conversation.id,
        "guild_id": conversation.person.guild_id,
        "key": key,
        "speaker": line.speaker.value,
        "name": line.name,
        "text": line.text,
        "said_at": line.said_at,
        "discord_id": discord_id,
        "channel_id": channel_id,
        "message_sid": message_sid,
        "words": words,
        "parts": parts,
    }
    return await _ADD_LINE.first(session, **values) is not None


async def pair(
    session: AsyncSession,
    conversation_id: int,
    key: str,
    *,
    discord_id: int | None = None,
    channel_id: int | None = None,
    message_sid: str | None = None,
) -> Line | None:
    """Note what a line is called on the other side, now that it has arrived there.

    Returns:
        The line, or None if there is none by that key (a notice of the desk's own).
    """
    values: dict[str, Any] = {}
    if discord_id is not None:
        values |= {"discord_id": discord_id, "channel_id": channel_id}
    if message_sid is not None:
        values["message_sid"] = message_sid
    row = await _pair(tuple(values)).first(session, of=conversation_id, of_key=key, **values)
    return None if row is None else _line(row)


@cache
def _pair(names: tuple[str, ...]) -> Prepared:
    line = (_MESSAGE.c.conversation_id == sa.bindparam("of"), _MESSAGE.c.key == sa.bindparam("of_key"))
    pair = sa.update(_MESSAGE).where(*line).values({name: sa.bindparam(name) for name in names})
    return Prepared(pair.returning(*_LINE))


async def transcript(session: AsyncSession, conversation_id: int) -> tuple[Line, ...]:
    """Read everything that was said in a conversation, and before that in those that it goes on with, in order."""
    link = sa.select(_CONVERSATION.c.id, _CONVERSATION.c.continues_id)
    chain = link.where(_CONVERSATION.c.id == conversation_id).cte(recursive=True)
    chain = chain.union_all(link.where(_CONVERSATION.c.id == chain.c.continues_id))
    return await _lines(session, _MESSAGE.c.conversation_id.in_(sa.select(chain.c.id)))


async def said_in(session: AsyncSession, conversation_id: int) -> tuple[Line, ...]:
    """Read what was said in a conversation itself, in order."""
    return await _lines(session, _MESSAGE.c.conversation_id == conversation_id)


async def _lines(session: AsyncSession, condition: sa.ColumnElement[bool]) -> tuple[Line, ...]:
    rows = await session.execute(
        sa.select(*_LINE)
        .where(condition, _MESSAGE.c.deleted_at.is_(None))
        .order_by(_MESSAGE.c.conversation_id, _MESSAGE.c.id)
    )
    return tuple(_line(row) for row in rows)


def _line(row: sa.Row[Any]) -> Line:
    return Line(Speaker(row.speaker), row.name, row.text, row.said_at, line_key(row.conversation_id, row.key))


def _conversation(row: ConversationRow | sa.Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        person=_person(row.person),
        channel_id=row.channel_id,
        identity=row.identity,
        state=HandoffState(row.state),
        sid=row.conversation_sid,
        case=None if row.case is None else _case(row.case),
        question=row.question,
        agent=row.agent,
        agent_identity=row.agent_identity,
        requests=row.requests,
        last_discord_id=row.last_discord_id,
        last_index=row.last_index,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        continues=row.continues_id,
        case_key=row.case_key,
        withdrawn=row.withdrawn,
        interaction_sid=row.interaction_sid,
        channel_sid=row.channel_sid,
        in_thread=row.in_thread,
        category=row.category,
        answers=row.answers or {},
        dm_channel_id=row.dm_channel_id,
    )


def _person_json(person: Person) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(person).items()}


def _person(values: Mapping[str, Any]) -> Person:
    return Person(
        **{
            **values,
            "account_created": _moment(values["account_created"]),
            "joined_at": _moment(values["joined_at"]),
            "roles": tuple(values["roles"]),
        }
    )


def _case_json(case: Case) -> dict[str, Any]:
    return {
        **{name: _plain(value) for name, value in asdict(case).items()},
        "person": _person_json(case.person),
        "status": case.status.value,
    }


def _case(values: Mapping[str, Any]) -> Case:
    return Case(
        **{
            **values,
            "person": _person(values["person"]),
            "status": CaseStatus(values["status"]),
            "opened_at": datetime.fromisoformat(values["opened_at"]),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
