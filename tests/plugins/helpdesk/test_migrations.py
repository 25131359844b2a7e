"""What was said before an update is known after it, in both databases."""

import shutil
from pathlib import Path

import sqlalchemy as sa
from frontdesk import Store, Tables
from frontdesk_helpdesk.tables import TABLES

CONVERSATION = """
INSERT INTO helpdesk_conversation
    (id, guild_id, user_id, channel_id, identity, person, state, requests, last_discord_id, last_index, opened_at,
     in_thread)
VALUES (:id, 7, :id, :channel, 'discord_1', '{}', 'bot', 0, 0, -1, '2026-01-02 03:04:05', :in_thread)
"""
LINE = """
INSERT INTO helpdesk_message (conversation_id, guild_id, key, speaker, name, text, said_at, discord_id)
VALUES (:id, 7, 'k', 'member', 'Sam', 'Hello', '2026-01-02 03:04:05', 5)
"""
PART = """
INSERT INTO helpdesk_part (conversation_id, line, number, side, their_id) VALUES (1, 'k', 1, 'twilio', 'IM1')
"""


async def test_lines_know_their_channel_where_nothing_has_moved(store: Store, tmp_path: Path) -> None:
    for path in TABLES.migrations.glob("000[1-6]_*.py"):
        shutil.copy(path, tmp_path)
    await store.upgrade([Tables(TABLES.prefix, sa.MetaData(), tmp_path)])
    async with store.begin() as session:
        for number, in_thread in ((1, False), (2, True)):
            values = {"id": number, "channel": 40 + number, "in_thread": in_thread}
            await session.execute(sa.text(CONVERSATION), values)
            await session.execute(sa.text(LINE), {"id": number})
    await store.upgrade([TABLES])
    assert await store.differences(TABLES) == []
    async with store.read() as session:
        rows = await session.execute(sa.text("SELECT channel_id FROM helpdesk_message ORDER BY conversation_id"))
        assert [row.channel_id for row in rows] == [41, None]


async def test_parts_of_lines_know_their_server(store: Store, tmp_path: Path) -> None:
    for path in TABLES.migrations.glob("000[1-7]_*.py"):
        shutil.copy(path, tmp_path)
    await store.upgrade([Tables(TABLES.prefix, sa.MetaData(), tmp_path)])
    async with store.begin() as session:
        await session.execute(sa.text(CONVERSATION), {"id": 1, "channel": 41, "in_thread": False})
        await session.execute(sa.text(PART))
    await store.upgrade([TABLES])
    async with store.read() as session:
        row = (await session.execute(sa.text("SELECT * FROM helpdesk_part"))).one()
    assert (row.guild_id, row.conversation_id, row.line, row.number, row.their_id) == (7, 1, "k", 1, "IM1")
