"""The block lists, read from and written to the database. No Discord in here."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.eligibility import Block
from frontdesk_helpdesk.tables import BlockRow, ConversationRow


async def put(session: AsyncSession, block: Block) -> None:
    """Block somebody; an earlier block of theirs is replaced."""
    await remove(session, block.guild_id, block.user_id)
    session.add(
        BlockRow(
            guild_id=block.guild_id,
            user_id=block.user_id,
            name=block.name,
            until=block.until,
            note=block.note,
            by=block.by,
            since=block.since,
        )
    )
    await session.flush()


async def remove(session: AsyncSession, guild_id: int, user_id: int) -> Block | None:
    """Lift a block.

    Returns:
        What was lifted, which may have ended already; None if there was none.
    """
    row = await _row(session, guild_id, user_id)
    if row is None:
        return None
    block = _block(row)
    await session.delete(row)
    await session.flush()
    return block


async def find(session: AsyncSession, guild_id: int, user_id: int) -> Block | None:
    """Find a person's block, which may have ended already."""
    row = await _row(session, guild_id, user_id)
    return None if row is None else _block(row)


async def holding(session: AsyncSession, guild_id: int, now: datetime) -> list[Block]:
    """List a server's blocks that have not ended, the newest first."""
    query = sa.select(BlockRow).where(
        BlockRow.guild_id == guild_id, sa.or_(BlockRow.until.is_(None), BlockRow.until > now)
    )
    rows = await session.execute(query.order_by(BlockRow.since.desc()))
    return [_block(row) for row in rows.scalars()]


async def last_end(session: AsyncSession, guild_id: int, user_id: int) -> datetime | None:
    """Tell when a person's last conversation in a server ended (UTC); None if there was none."""
    newest = sa.select(ConversationRow.ended_at).where(
        ConversationRow.user_id == user_id,
        ConversationRow.guild_id == guild_id,
        ConversationRow.ended_at.is_not(None),
    )
    found = await session.execute(newest.order_by(ConversationRow.ended_at.desc()).limit(1))
    ended_at: datetime | None = found.scalar_one_or_none()
    return ended_at


async def _row(session: AsyncSession, guild_id: int, user_id: int) -> BlockRow | None:
    query = sa.select(BlockRow).where(BlockRow.guild_id == guild_id, BlockRow.user_id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


def _block(row: BlockRow) -> Block:
    return Block(row.guild_id, row.user_id, row.name, row.until, row.note, row.by, row.since)
