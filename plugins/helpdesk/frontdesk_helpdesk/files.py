"""Files of a conversation: what is known of each, kept in the database from the moment a message names it."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

import sqlalchemy as sa
from frontdesk import CaseFile
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.tables import FileRow

FIRST_FILE = 100
"""A line's files are numbered from here on; its parts of text from 0."""

_UNSAFE = re.compile(r"[^\w.()+ -]", re.UNICODE)


class Source(StrEnum):
    """Where a file came from."""

    DISCORD = "discord"
    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that came with a message.

    Args:
        source: where it came from.
        source_id: Discord's ``message/attachment``, or Twilio's media SID.
        name: as its sender sees it; may be anything.
        content_type: as the platform says.
        size: in bytes, as the platform says.
        url: where Discord keeps it for now.
    """

    source: Source
    source_id: str
    name: str
    content_type: str
    size: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of a conversation.

    Args:
        id: cannot be guessed.
        conversation_id: which conversation.
        line: the key of the line it belongs to.
        number: its place in the line; see `FIRST_FILE`.
        given: what came.
        name: made safe for every system.
        link: our own signed address, from which it can be had as long as it is kept.
        kept_at: when its content was copied (UTC); None until then.
    """

    id: str
    conversation_id: int
    line: str
    number: int
    given: GivenFile
    name: str
    link: str
    kept_at: datetime | None = None


async def register(
    session: AsyncSession,
    conversation: Conversation,
    line: str,
    given: Sequence[GivenFile],
    sign: Callable[[str], str],
    *,
    now: datetime,
) -> list[KnownFile]:
    """Note the files of a new line.

    Args:
        session: the transaction that keeps the line.
        conversation: which.
        line: its key.
        given: what came with it.
        sign: makes a file's address from its id.
        now: the time (UTC).
    """
    known = []
    for number, file in enumerate(given, FIRST_FILE):
        id_ = secrets.token_urlsafe(16)
        known.append(KnownFile(id_, conversation.id, line, number, file, safe_name(file.name), sign(id_)))
        session.add(
            FileRow(
                id=id_,
                conversation_id=conversation.id,
                guild_id=conversation.person.guild_id,
                line=line,
                number=number,
                source=file.source.value,
                source_id=file.source_id,
                name=file.name,
                content_type=file.content_type,
                size=file.size,
                url=file.url,
                link=known[-1].link,
                created_at=now,
            )
        )
    return known


async def find(session: AsyncSession, id_: str) -> KnownFile | None:
    """Find a file by its id."""
    row = await session.get(FileRow, id_)
    return None if row is None else _known(row)


async def of_line(session: AsyncSession, conversation_id: int, line: str) -> list[KnownFile]:
    """List a line's files in their order."""
    query = sa.select(FileRow).where(FileRow.conversation_id == conversation_id, FileRow.line == line)
    return [_known(row) for row in (await session.execute(query.order_by(FileRow.number))).scalars()]


async def of_member(session: AsyncSession, conversation_id: int) -> list[KnownFile]:
    """List what the member has sent in a conversation, in the order in which it came."""
    query = sa.select(FileRow).where(
        FileRow.conversation_id == conversation_id, FileRow.source == Source.DISCORD.value, FileRow.url.is_not(None)
    )
    rows = (await session.execute(query.order_by(FileRow.created_at, FileRow.number))).scalars()
    return [_known(row) for row in rows]


async def older_than(session: AsyncSession, moment: datetime, *, limit: int) -> list[str]:
    """List the ids of files that came before a moment."""
    query = sa.select(FileRow.id).where(FileRow.created_at < moment).order_by(FileRow.created_at).limit(limit)
    return list((await session.execute(query)).scalars())


async def known_of(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Say which of these ids are known."""
    return set((await session.execute(sa.select(FileRow.id).where(FileRow.id.in_(ids)))).scalars())


async def forget(session: AsyncSession, ids: Sequence[str]) -> None:
    """Remove what is known of files."""
    await session.execute(sa.delete(FileRow).where(FileRow.id.in_(ids)))


async def note_kept(session: AsyncSession, id_: str, *, size: int, now: datetime) -> None:
    """Note that a file's content has been copied."""
    await session.execute(sa.update(FileRow).where(FileRow.id == id_).values(kept_at=now, size=size))


def with_links(text: str, known: Sequence[KnownFile]) -> str:
    """Add a line with a link for each file, as Markdown."""
    return "\n".join([*([text] if text else []), *(f"[{_label(file.name)}]({file.link})" for file in known)])


def for_cases(known: Sequence[KnownFile]) -> tuple[CaseFile, ...]:
    """Give files as other plugins see them, who can have our copies."""
    return tuple(
        CaseFile(
            name=file.given.name,
            url=file.link,
            content_type=file.given.content_type,
            size=file.given.size,
            key=f"helpdesk:{file.id}",
        )
        for file in known
    )


def safe_name(name: str) -> str:
    """Make a file's name harmless: no folders, no control characters, not too long, its ending kept."""
    path = PurePosixPath(_UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "file")
    return path.stem[:80] + path.suffix[:16]


def described_size(size: int) -> str:
    """Say how large a file is."""
    return f"{size / 1_048_576:.1f} MB" if size >= 104_858 else f"{max(1, round(size / 1024))} kB"


def _label(name: str) -> str:
    return name.replace("_", r"\_")


def _known(row: FileRow) -> KnownFile:
    given = GivenFile(Source(row.source), row.source_id, row.name, row.content_type, row.size, row.url)
    return KnownFile(
        row.id, row.conversation_id, row.line, row.number, given, safe_name(row.name), row.link, row.kept_at
    )
