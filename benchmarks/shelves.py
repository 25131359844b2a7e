"""Fills a database with many cases quickly: rows and the words of the search index, as the plugin would keep them."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, cast

import sqlalchemy as sa
from frontdesk import Store
from frontdesk_cases.cases import FIRST_NUMBER, Priority
from frontdesk_cases.listing import NOT_DUE
from frontdesk_cases.tables import CaseRow, EntryRow, NameRow, TagRow
from frontdesk_cases.words import words
from sqlalchemy.ext.asyncio import AsyncSession

GUILD = 9_000_000_000_000_000_001
ENTRIES = 10
START = datetime(2024, 1, 1, tzinfo=UTC)
_BATCH = 1000
_STATUSES = [
    *["open"] * 6, *["pending_customer"] * 6, *["pending_us"] * 4, *["resolved"] * 24, *["closed"] * 60,
]  # fmt: skip
_KINDS = ("bug", "feature", "agent_request")
_TAGS = ("billing", "crash", "lamp", "launcher", "login", "refund")
_SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "cha", "sho")
_VOCABULARY = [one + two + three for one in _SYLLABLES for two in _SYLLABLES for three in _SYLLABLES]
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(_VOCABULARY) + 1)))  # few words are said often, as in life

COMMON = _VOCABULARY[0]
"""A word that nearly every case has."""


def rare(case_id: int) -> str:
    """A word that one case alone has."""
    return f"serial{case_id}x"


async def fill(store: Store, first: int, last: int) -> None:
    """Add cases.

    Args:
        store: with the plugin's tables.
        first: the id of the first one.
        last: of the last one.
    """
    chance = random.Random(first)
    for begin in range(first, last + 1, _BATCH):
        ids = range(begin, min(begin + _BATCH, last + 1))
        rows = [_case(case_id, chance) for case_id in ids]
        entries = [_entry(case, number, chance) for case in rows for number in range(ENTRIES)]
        async with store.begin() as session:
            await _insert(session, CaseRow, rows)
            await _insert(session, EntryRow, entries)
            await _insert(session, TagRow, [_of(case, tag=tag) for case in rows for tag in case["tags"]])
            await _insert(session, NameRow, [_name(case) for case in rows])
            await _index(session, rows, entries)


async def settle(store: Store) -> None:
    """Let the database do what it does by itself in a quiet hour, such as collecting statistics."""
    if store.dialect == "postgresql":
        async with store.database.writer.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sa.text("VACUUM ANALYZE"))


def _text(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=count))


def _case(case_id: int, chance: random.Random) -> dict[str, Any]:
    opened = START + timedelta(minutes=case_id * 5)
    status = chance.choice(_STATUSES)
    assignee = chance.randrange(1, 26)
    finished = status in {"resolved", "closed"}
    return {
        "id": case_id,
        "guild_id": GUILD,
        "number": FIRST_NUMBER + case_id,
        "key": f"bench:{case_id}",
        "kind": chance.choice(_KINDS),
        "title": f"{_text(chance, 6)} {rare(case_id)}",
        "description": _text(chance, 25),
        "status": status,
        "person_id": chance.randrange(1, 20_000),
        "person_name": f"Member {case_id}",
        "person_roles": [],
        "fields": [["Platform", chance.choice(["PC", "Xbox"])]],
        "articles": [],
        "opened_at": opened,
        "changed_at": opened + timedelta(minutes=chance.randrange(20_000)),
        "version": 1,
        "priority": chance.choice([1, 2, 2, 2, 2, 3, 4]),
        "tags": sorted(chance.sample(_TAGS, chance.randrange(3))),
        "assignee_id": f"discord:{assignee}" if assignee <= 20 else None,
        "assignee_name": f"Agent {assignee}" if assignee <= 20 else None,
        "custom": {},
        "answered_at": opened + timedelta(minutes=chance.randrange(1, 300)),
        "resolved_at": opened + timedelta(hours=chance.randrange(1, 300)) if finished else None,
        "due_at": NOT_DUE if finished or chance.random() < 0.5 else opened + timedelta(days=2),
    }


def _entry(case: Mapping[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    first = number == 0
    return _of(case) | {
        "kind": "opened" if first else "message",
        "author": case["person_name"] if number % 2 else "Agent",
        "text": "" if first else _text(chance, 12),
        "at": case["opened_at"] + timedelta(minutes=number),
        "data": {} if first else {"speaker": "member" if number % 2 else "agent"},
    }


def _of(case: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"case_id": case["id"], "guild_id": GUILD, **more}


def _name(case: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "guild_id": GUILD,
        "person_id": case["person_id"],
        "name": case["person_name"],
        "seen_at": case["opened_at"],
    }


async def _insert(session: AsyncSession, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(sa.insert(cast("sa.Table", table.__table__)), list(rows))


async def _index(
    session: AsyncSession, cases: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> None:
    texts = {
        case["id"]: [
            f"{case['number']} {case['title']} {case['description']} {case['person_name']} {case['person_id']}",
            f"{case['kind']} {Priority(case['priority']).name} {case['assignee_name'] or ''} {' '.join(case['tags'])}",
            *(part for pair in case["fields"] for part in pair),
        ]
        for case in cases
    }
    for entry in entries:
        texts[entry["case_id"]].append(f"{entry['author']} {entry['text']}")
    found = {case_id: dict.fromkeys(words(" ".join(parts))) for case_id, parts in texts.items()}
    if session.get_bind().dialect.name == "postgresql":
        statement = "INSERT INTO cases_search (case_id, words) VALUES (:id, array_to_tsvector(CAST(:words AS TEXT[])))"
        rows: list[dict[str, Any]] = [{"id": case_id, "words": list(kept)} for case_id, kept in found.items()]
    else:
        statement = "INSERT INTO cases_search (rowid, words) VALUES (:id, :words)"
        rows = [{"id": case_id, "words": " ".join(kept)} for case_id, kept in found.items()]
    await session.execute(sa.text(statement), rows)


def now() -> datetime:
    """Give a moment after all of it."""
    return START + timedelta(days=400)
