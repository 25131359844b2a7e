"""The cases' database survives: migrations from the first revision on, several processes, kills while writing."""

import asyncio
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from frontdesk import CaseStatus, Store, Tables
from frontdesk.tables import CORE
from frontdesk_cases.cases import CaseRecord, EntryKind, Priority
from frontdesk_cases.tables import TABLES

from tests.plugins.cases.office import Office, open_office

CHILD = Path(__file__).with_name("editor_child.py")
ROOT = Path(__file__).parents[3]
OPENED = "2026-01-02 03:04:05.000000"
SAID = "2026-01-03 03:04:05.000000"
FIRST_DATA = """
INSERT INTO cases_counter (guild_id, last) VALUES (7, 1002);
INSERT INTO cases_case (
    guild_id, number, key, kind, title, description, status,
    person_id, person_name, person_roles, fields, articles, conversation_id, opened_at
) VALUES (
    7, 1001, 'k', 'bug', 'Lamp', 'Dark', 'resolved',
    9, 'Mina', '["VIP"]', '[["Platform", "PC"]]', '[]', 5, '{opened}'
), (
    7, 1002, 'l', 'bug', 'Oil', '', 'open',
    9, 'Minna', '[]', '[]', '[]', NULL, '{opened}'
);
INSERT INTO cases_entry (guild_id, case_id, kind, author, text, at, data)
VALUES (7, 1, 'message', 'Mina', 'it is dark', '{said}', '{{"speaker": "member"}}')
"""


async def test_cases_of_the_first_revision_are_still_there_after_the_migrations(store: Store, tmp_path: Path) -> None:
    shutil.copy(TABLES.migrations / "0001_cases_and_their_timelines.py", tmp_path)
    await store.upgrade([CORE, Tables("cases", sa.MetaData(), tmp_path)])
    zone = "" if store.dialect == "sqlite" else "+00"
    async with store.begin() as session:
        for statement in FIRST_DATA.format(opened=OPENED + zone, said=SAID + zone).split(";"):
            await session.execute(sa.text(statement.replace(":", r"\:")))
    office = await open_office(store)
    assert await store.differences(TABLES) == []
    if store.dialect == "sqlite":
        async with store.read() as session:
            made = await session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'cases_case'"))
        assert "AUTOINCREMENT" in str(made)
    case = await office.case(1)
    assert (case.title, case.status, case.conversation_id, dict(case.fields)) == (
        "Lamp", CaseStatus.RESOLVED, 5, {"Platform": "PC"},
    )  # fmt: skip
    assert (case.priority, case.tags, case.version, case.assignee) == (Priority.NORMAL, (), 1, None)
    assert case.changed_at == case.clocks.resolved_at == datetime(2026, 1, 3, 3, 4, 5, tzinfo=UTC)
    assert (await office.case(2)).changed_at == case.opened_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert sorted(await office.book.names_of(7, 9)) == ["Mina", "Minna"]
    assert [entry.text for entry in await office.book.timeline(1)] == ["it is dark"]


class Editors:
    """Processes that change one case, and what they said."""

    def __init__(self, url: str, case_id: int) -> None:
        self._url, self._case_id = url, case_id
        self._seed = 0

    async def life(self, processes: int, words: int) -> list[str]:
        """Let so many edit at once until so many words were said, then kill them all."""
        running = [await self._start() for _ in range(processes)]
        said: list[str] = []
        try:
            async with asyncio.timeout(60):
                while len(said) < words:
                    for process in running:
                        assert process.stdout is not None
                        word = (await process.stdout.readline()).decode().strip()
                        assert word, "an editor ended by itself"
                        said.append(word)
        finally:
            for process in running:
                process.kill()
            for process in running:
                rest, _ = await process.communicate()
                said += rest.decode().split()
        return said

    async def _start(self) -> asyncio.subprocess.Process:
        self._seed += 1
        command = [sys.executable, str(CHILD), self._url, str(self._case_id), str(self._seed)]
        return await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )


async def shut(office: Office) -> None:
    await office.store.close()


async def reopened(url: str) -> Office:
    store = Store(url)
    await store.connect()
    return await open_office(store)


@pytest.mark.slow
@pytest.mark.parametrize("lives", [4])
async def test_kills_while_writing_leave_a_case_that_its_timeline_explains(sqlite_url: str, lives: int) -> None:
    office = await reopened(sqlite_url)
    case = await office.open()
    await shut(office)
    editors = Editors(sqlite_url, case.id)
    said = [word for life in range(lives) for word in await editors.life(1, 20 + 7 * life)]
    assert "conflict" not in said
    office = await reopened(sqlite_url)
    await explained(office, case, said.count("stored"), lives)
    await shut(office)


@pytest.mark.slow
@pytest.mark.postgres
async def test_two_processes_edit_one_case_and_are_killed(postgres_url: str) -> None:
    office = await reopened(postgres_url)
    case = await office.open()
    editors = Editors(postgres_url, case.id)
    said: list[str] = []
    for _ in range(3):
        said += await editors.life(2, 40)
    assert {"stored", "conflict"} <= set(said)
    await explained(office, case, said.count("stored"), 2 * 3)
    await shut(office)


async def explained(office: Office, before: CaseRecord, stored: int, kills: int) -> None:
    """The timeline leads from the case before to the case after; what was said to be stored is, and little more."""
    after = await office.case(before.id)
    told = {"status": "open", "priority": "normal", "tags": "", "team": ""}
    timeline = await office.book.timeline(before.id)
    for entry in sorted(timeline, key=lambda entry: entry.id):
        if entry.kind is EntryKind.CHANGE:
            assert told[entry.data["what"]] == entry.data["before"]
            told[entry.data["what"]] = entry.data["after"]
    assert told == {
        "status": after.status.value,
        "priority": after.priority.name.lower(),
        "tags": ", ".join(after.tags),
        "team": after.team or "",
    }
    writes = sum(entry.kind in {EntryKind.CHANGE, EntryKind.MESSAGE} for entry in timeline)
    assert writes >= after.version - before.version > 0
    assert stored > 0
    # Each kill may have hit an editor between its commit and its word.
    assert after.version - before.version <= 2 * (stored + kills)
