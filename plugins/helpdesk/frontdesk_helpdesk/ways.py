"""The way of a conversation through Flex, read from and written to the database: its tasks and its live agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from frontdesk import Prepared
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.handoff import Scene, TaskStatus
from frontdesk_helpdesk.tables import AgentRow, Base, ConversationRow, TaskRow

# Prepared: each line of an agent asks it.
_AGENT = Base.metadata.tables[AgentRow.__tablename__]
_AGENTS = Prepared(
    sa.select(*(_AGENT.c[name] for name in ("participant_sid", "identity", "name", "present")))
    .where(_AGENT.c.conversation_id == sa.bindparam("of"))
    .order_by(_AGENT.c.present.desc(), _AGENT.c.seen_at.desc())
)


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A task that waits for an agent.

    Args:
        sid: ``WT...``.
        conversation_id: whose.
        queue_sid: the TaskQueue, ``WQ...``, if known.
        declined_by: workers who did not take it.
        position_told: the place in the queue that the member knows of.
    """

    sid: str
    conversation_id: int
    queue_sid: str | None
    declined_by: frozenset[str]
    position_told: int | None


async def scene_of(session: AsyncSession, conversation: Conversation) -> Scene:
    """Read what is known of a conversation's way."""
    tasks = await session.execute(
        sa.select(TaskRow.sid, TaskRow.status).where(TaskRow.conversation_id == conversation.id)
    )
    agents = await session.execute(
        sa.select(AgentRow.participant_sid, AgentRow.present).where(AgentRow.conversation_id == conversation.id)
    )
    return Scene(
        state=conversation.state,
        requests=conversation.requests,
        withdrawn=conversation.withdrawn,
        tasks={sid: TaskStatus(status) for sid, status in tasks},
        agents={row.participant_sid: row.present for row in agents},
    )


async def keep_task(
    session: AsyncSession,
    conversation: Conversation,
    sid: str,
    status: TaskStatus,
    *,
    queue_sid: str | None,
    now: datetime,
) -> None:
    """Keep where a task stands."""
    row = await session.get(TaskRow, sid)
    if row is None:
        session.add(
            TaskRow(
                sid=sid,
                conversation_id=conversation.id,
                guild_id=conversation.person.guild_id,
                status=status.value,
                queue_sid=queue_sid,
                declined_by=[],
                seen_at=now,
            )
        )
    else:
        row.status = status.value
        row.queue_sid = queue_sid or row.queue_sid
    await session.flush()


async def keep_agent(
    session: AsyncSession,
    conversation: Conversation,
    sid: str,
    *,
    identity: str,
    name: str | None,
    present: bool,
    now: datetime,
) -> None:
    """Keep that an agent is there, or has left."""
    row = await session.get(AgentRow, sid)
    if row is None:
        session.add(
            AgentRow(
                participant_sid=sid,
                conversation_id=conversation.id,
                guild_id=conversation.person.guild_id,
                identity=identity,
                name=name,
                present=present,
                seen_at=now,
            )
        )
    else:
        row.present = present
        row.name = name or row.name
    await session.flush()


async def name_agent(session: AsyncSession, participant_sid: str, name: str) -> bool:
    """Keep the name of an agent who had none; False if they have one, or are not there."""
    row = await session.get(AgentRow, participant_sid, populate_existing=True)
    if row is None or row.name is not None or not row.present:
        return False
    row.name = name
    await session.flush()
    return True


async def everybody_left(session: AsyncSession, conversation_id: int) -> None:
    """Keep that no agent is there any more."""
    await session.execute(
        sa.update(AgentRow)
        .where(AgentRow.conversation_id == conversation_id)
        .values(present=False)
        .execution_options(synchronize_session=False)
    )


async def present_agents(session: AsyncSession, conversation_id: int) -> dict[str, str]:
    """List the live agents that are there: participants' SIDs and their identities."""
    rows = await session.execute(
        sa.select(AgentRow.participant_sid, AgentRow.identity).where(
            AgentRow.conversation_id == conversation_id, AgentRow.present
        )
    )
    return {row.participant_sid: row.identity for row in rows}


async def agent_name(session: AsyncSession, conversation_id: int, identity: str) -> str | None:
    """Give the name by which an agent was announced."""
    rows = await session.execute(
        sa.select(AgentRow.name)
        .where(AgentRow.conversation_id == conversation_id, AgentRow.identity == identity, AgentRow.name.is_not(None))
        .order_by(AgentRow.present.desc(), AgentRow.seen_at.desc())
        .limit(1)
    )
    return rows.scalars().first()


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """Somebody who took part in a conversation.

    Args:
        participant_sid: ``MB...``; one person has several who come and go.
        identity: the worker's.
        name: by which they were announced.
        present: whether they take part now.
    """

    participant_sid: str
    identity: str
    name: str | None
    present: bool


async def agents_of(session: AsyncSession, conversation_id: int) -> Sequence[KnownAgent]:
    """List all agents of a conversation: who is present first, then who was there last."""
    return [KnownAgent(*row) for row in await _AGENTS.all(session, of=conversation_id)]


async def waiting_task(session: AsyncSession, conversation_id: int) -> WaitingTask | None:
    """Find the newest task of a conversation that waits for an agent."""
    return next(iter(await waiting_tasks(session, TaskRow.conversation_id == conversation_id)), None)


async def waiting_tasks(session: AsyncSession, *which: sa.ColumnElement[bool]) -> list[WaitingTask]:
    """List tasks that wait for an agent in open conversations, newest first."""
    rows = await session.execute(
        sa.select(TaskRow)
        .join(ConversationRow, ConversationRow.id == TaskRow.conversation_id)
        .where(TaskRow.status == TaskStatus.WAITING.value, ConversationRow.ended_at.is_(None), *which)
        .order_by(TaskRow.seen_at.desc())
        .execution_options(populate_existing=True)
    )
    return [
        WaitingTask(row.sid, row.conversation_id, row.queue_sid, frozenset(row.declined_by), row.position_told)
        for row in rows.scalars()
    ]


async def declined(session: AsyncSession, task_sid: str, worker_sid: str) -> bool:
    """Note that a worker did not take a task; False if that was known, or the task is not."""
    row = await session.get(TaskRow, task_sid, populate_existing=True)
    if row is None or worker_sid in row.declined_by:
        return False
    row.declined_by = [*row.declined_by, worker_sid]
    await session.flush()
    return True


async def position_told(session: AsyncSession, task_sid: str, position: int) -> None:
    """Note which place in the queue the member knows of."""
    row = await session.get(TaskRow, task_sid)
    if row is not None:
        row.position_told = position
        await session.flush()
