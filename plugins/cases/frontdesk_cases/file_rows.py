"""Files of cases in the database: what is known of each; the contents lie in the cabinet."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from frontdesk import CaseFile
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases.cases import CaseRecord, EntryKind, TimelineEntry, storable
from frontdesk_cases.tables import EntryRow, FileRow

NAME_LENGTH = 200
"""Characters of a file's name that are kept, its ending among them."""

KEPT = "frontdesk-cases:"
"""What stands before the id of a file of ours in the address of one that is its copy."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a case.

    Args:
        id: also the name of its content in the cabinet.
        guild_id: the server of the case.
        case_id: the case.
        name: as its sender named it, without folders.
        content_type: as its sender says; may be wrong.
        size: in bytes.
        url: where it comes from, while its content is not copied yet.
        added_at: when (UTC).
        kept_at: since when its content is in the cabinet (UTC); None if it is not there.
    """

    id: str
    guild_id: int
    case_id: int
    name: str
    content_type: str
    size: int
    url: str | None
    added_at: datetime
    kept_at: datetime | None

    @property
    def is_expected(self) -> bool:
        """Whether its content is still to come."""
        return self.kept_at is None and self.url is not None


def new_id() -> str:
    """Name a new file."""
    return secrets.token_hex(16)


def plain_name(name: str) -> str:
    """Give a file's name without folders and control characters; a long one keeps its end."""
    last = storable(name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    return shown[-NAME_LENGTH:] or "file"


async def expect(
    session: AsyncSession, case: CaseRecord, files: Iterable[CaseFile], at: datetime, *, merged: Iterable[int] = ()
) -> list[KeptFile]:
    """Note files whose contents are still to be copied; one that the case has already is left out.

    Args:
        session: the transaction that changes the case.
        case: where they belong.
        files: what came.
        at: when it came (UTC).
        merged: the cases that were merged into this one.

    Returns:
        Those that are new.
    """
    together, new = [case.id, *merged], []
    for file in files:
        ids = [_id_of(each, file.key) for each in together] if file.key else [new_id()]
        if await session.scalar(sa.select(sa.literal(1)).where(FileRow.id.in_(ids)).limit(1)) is None:
            name, kind = plain_name(file.name), file.content_type
            kept = KeptFile(ids[0], case.guild_id, case.id, name, kind, file.size, file.url, at, None)
            new.append(await add(session, kept))
    return new


def _id_of(case_id: int, key: str) -> str:
    """Name a file that has a key so that the same one of a case has the same name."""
    return hashlib.sha256(f"{case_id} {storable(key)}".encode()).hexdigest()[:32]


async def came_with(session: AsyncSession, lines: Sequence[TimelineEntry]) -> list[tuple[CaseFile, TimelineEntry]]:
    """Give the files that came with lines of conversations, as far as they can be had, each with its line.

    A line and its files stand on one timeline, of the same moment and by the same person.
    """
    said = {(line.case_id, line.author, line.at): line for line in lines}
    e = EntryRow
    told = sa.select(e.case_id, e.author, e.at, e.data["file"].as_string().label("file")).where(
        e.case_id.in_({line.case_id for line in lines}),
        e.kind == EntryKind.FILE.value,
        e.at.in_({line.at for line in lines}),
    )
    came: list[tuple[CaseFile, TimelineEntry]] = []
    for row in await session.execute(told.order_by(e.at, e.id)):
        line, file = said.get((row.case_id, row.author, row.at)), await find(session, row.file)
        if line is not None and file is not None and (file.kept_at or file.url):
            url = f"{KEPT}{file.id}" if file.kept_at else file.url or ""
            came.append((CaseFile(file.name, url, file.content_type, file.size), line))
    return came


async def add(session: AsyncSession, file: KeptFile) -> KeptFile:
    """Note a file."""
    values = {name: getattr(file, name) for name in KeptFile.__dataclass_fields__}
    values |= {
        "content_type": storable(file.content_type)[:NAME_LENGTH],
        "url": storable(file.url) if file.url else None,
    }
    await session.execute(sa.insert(FileRow).values(values))
    return file


async def find(session: AsyncSession, id_: str) -> KeptFile | None:
    """Find a file by its id."""
    rows = await session.execute(sa.select(*FileRow.__table__.c).where(FileRow.id == storable(id_)))
    row = rows.one_or_none()
    return None if row is None else KeptFile(**row._mapping)  # noqa: SLF001  # public by its documentation


async def of_cases(session: AsyncSession, case_ids: Sequence[int]) -> list[KeptFile]:
    """List the files of cases, oldest first."""
    query = sa.select(*FileRow.__table__.c).where(FileRow.case_id.in_(case_ids))
    rows = await session.execute(query.order_by(FileRow.added_at, FileRow.id))
    return [KeptFile(**row._mapping) for row in rows]  # noqa: SLF001  # public by its documentation


async def note_kept(session: AsyncSession, id_: str, *, size: int, at: datetime) -> None:
    """Note that a file's content is in the cabinet; its address is needed no more."""
    await session.execute(sa.update(FileRow).where(FileRow.id == id_).values(size=size, kept_at=at, url=None))


async def note_lost(session: AsyncSession, id_: str) -> None:
    """Note that a file's content cannot be had."""
    await session.execute(sa.update(FileRow).where(FileRow.id == id_).values(url=None))


async def older_than(session: AsyncSession, guild_id: int, before: datetime, *, limit: int) -> list[str]:
    """List files of a server whose content was copied before a moment."""
    query = sa.select(FileRow.id).where(FileRow.guild_id == guild_id, FileRow.kept_at < before)
    return list(await session.scalars(query.limit(limit)))


async def note_removed(session: AsyncSession, ids: Sequence[str]) -> None:
    """Note that the contents of files are not kept any more; what they were stays known."""
    await session.execute(sa.update(FileRow).where(FileRow.id.in_(ids)).values(kept_at=None, url=None))


async def with_content(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Say which of these are files whose content is in the cabinet, or still to come."""
    there = sa.or_(FileRow.kept_at.is_not(None), FileRow.url.is_not(None))
    return set(await session.scalars(sa.select(FileRow.id).where(FileRow.id.in_(ids), there)))


async def servers(session: AsyncSession) -> list[int]:
    """List the servers with files."""
    return list(await session.scalars(sa.select(FileRow.guild_id).distinct()))
