"""The files of cases: copied once from where they came, or uploaded by staff; kept in the data folder."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from frontdesk import Desk, Entry, FetchError, NoAnswerError, Receipt, Refused, Retry, read_file
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_cases import file_rows, repository
from frontdesk_cases.cases import DESK, Actor, EntryKind, Event, file_entry, lost_file_entry
from frontdesk_cases.changes import CaseError
from frontdesk_cases.file_rows import KeptFile
from frontdesk_cases.ledger import Ledger
from frontdesk_cases.settings import CasesSettings

KEEP = "cases.keep"
FOLDER = "cases-files"

_DEADLINE = 45.0  # seconds; the journal gives a delivery 60
_TRIES = 6
_BATCH = 200
_ORPHANED = timedelta(days=1)  # by then whoever wrote a content has noted it
_EXPIRED = frozenset({401, 403, 404, 410})
_REASONS = {"TOO_LARGE": "too-large", "REFUSED_ADDRESS": "refused-address", "REFUSED_URL": "refused-address"}


class Copies:
    """Follows all cases: the files that came with one are copied once it is opened.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    async def follow(self, session: AsyncSession, event: Event) -> None:
        """Have the files copied after the transaction."""
        for entry in event.entries:
            if entry.kind is EntryKind.FILE and "lost" not in entry.data:
                file = await file_rows.find(session, entry.data["file"])
                if file is not None and file.is_expected:
                    lane, payload = f"cases:{file.case_id}:files", {"file": file.id}
                    await self._desk.journal.write(session, lane=lane, key=file.id, kind=KEEP, payload=payload)


class Cabinet:
    """Keeps the files.

    Args:
        desk: what the plugin was given.
        ledger: where the cases are.
    """

    def __init__(self, desk: Desk[CasesSettings], ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._folder = desk.services.data_folder / FOLDER

    @property
    def largest_file(self) -> int:
        """Bytes of the largest file that some server takes."""
        tables = [self._desk.settings, *self._desk.own_settings.servers.values()]
        return max(table.largest_file for table in tables)

    async def find(self, id_: str) -> KeptFile | None:
        """Find a file by its id."""
        async with self._desk.store.read() as session:
            return await file_rows.find(session, id_)

    async def of_cases(self, case_ids: Sequence[int]) -> Sequence[KeptFile]:
        """List the files of a case, and of those merged into it, oldest first."""
        async with self._desk.store.read() as session:
            return await file_rows.of_cases(session, case_ids)

    def path(self, id_: str) -> Path:
        """Say where a file's content is kept, if it is; the id is one of ours."""
        return self._folder / id_

    async def read(self, id_: str) -> bytes | None:
        """Give a file's content; None if it is not kept."""
        return await asyncio.to_thread(_read, self.path(id_))

    async def add(self, case_id: int, name: str, content_type: str, content: bytes, by: Actor) -> KeptFile:
        """Put a file that staff upload on a case.

        Args:
            case_id: which case.
            name: of the file, as the sender says.
            content_type: likewise.
            content: the bytes.
            by: who uploads it.

        Raises:
            CaseError: it is empty or too large, or there is no such case.
        """
        async with self._ledger.read() as session:
            case = await repository.by_id(session, case_id)
        if case is None:
            raise CaseError("no-case")
        if not content:
            raise CaseError("empty-file")
        limit = self._desk.settings_for(case.guild_id).largest_file
        if len(content) > limit:
            raise CaseError("file-too-large", megabytes=f"{limit / 1_000_000:g}")
        now, shown = self._desk.now(), file_rows.plain_name(name)
        file = KeptFile(file_rows.new_id(), case.guild_id, case.id, shown, content_type, len(content), None, now, now)
        await asyncio.to_thread(_write, self.path(file.id), content)
        try:
            async with self._ledger.begin() as session:
                case = await self._ledger.to_change(session, case_id)
                await file_rows.add(session, file)
                entry = file_entry(file.id, shown, file.size, by.name, now)
                await self._ledger.store(session, case, case, [entry], by)
        except BaseException:  # whatever it was, nobody would ever find the content
            self.path(file.id).unlink(missing_ok=True)
            raise
        return file

    async def sweep(self) -> None:
        """Remove contents that are older than the owner wants them kept."""
        async with self._desk.store.read() as session:
            guild_ids = await file_rows.servers(session)
        for guild_id in guild_ids:
            days = self._desk.settings_for(guild_id).keep_files_days
            if days is not None:
                await self._sweep(guild_id, days)
        await self._sweep_orphans()

    async def _sweep(self, guild_id: int, days: int) -> None:
        before = self._desk.now() - timedelta(days=days)
        while True:
            async with self._desk.store.begin() as session:
                old = await file_rows.older_than(session, guild_id, before, limit=_BATCH)
                await file_rows.note_removed(session, old)
            for id_ in old:
                await asyncio.to_thread(self.path(id_).unlink, missing_ok=True)
            if len(old) < _BATCH:
                return

    async def _sweep_orphans(self) -> None:
        """Remove contents of no file: a bot was killed between writing one and noting it, or the reverse."""
        before = self._desk.now() - _ORPHANED
        names = await asyncio.to_thread(_older_than, self._folder, before)
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            async with self._desk.store.read() as session:
                known = await file_rows.with_content(session, batch)
            for name in set(batch) - known:
                await asyncio.to_thread(self.path(name).unlink, missing_ok=True)


class KeepDelivery:
    """Copies a file into the cabinet; where that cannot be done, the timeline says so.

    Args:
        desk: what the plugin was given.
        cabinet: where files are kept.
        ledger: where the cases are.
    """

    def __init__(self, desk: Desk[CasesSettings], cabinet: Cabinet, ledger: Ledger) -> None:
        self._desk = desk
        self._cabinet = cabinet
        self._ledger = ledger

    async def send(self, entry: Entry) -> Receipt:
        """Copy the file."""
        file = await self._cabinet.find(str(entry.payload["file"]))
        if file is None or file.url is None:
            raise Refused("gone", "the file has no address any more")
        limit = self._desk.settings_for(file.guild_id).largest_file
        if file.size > limit:
            raise Refused("too-large", f"the file has {file.size} bytes")
        try:
            content = await (
                self._copied(file) if file.url.startswith(file_rows.KEPT) else self._content(file.url, limit)
            )
        except Retry as error:
            if entry.attempts >= _TRIES:
                raise Refused("unreachable", error.detail) from error
            raise
        await asyncio.to_thread(_write, self._cabinet.path(file.id), content)
        return {"size": len(content)}

    async def _copied(self, file: KeptFile) -> bytes:
        """Read a file of ours in the same server, of which this one is the copy."""
        source = await self._cabinet.find((file.url or "").removeprefix(file_rows.KEPT))
        content = await self._cabinet.read(source.id) if source and source.guild_id == file.guild_id else None
        if content is None:
            raise Refused("gone", "the file is not kept any more")
        return content

    async def _content(self, url: str, limit: int) -> bytes:
        """Ask the plugins whose address it may be; what is nobody's is fetched."""
        try:
            content = await self._desk.hooks.insist(read_file, url=url)
        except NoAnswerError as error:
            raise Retry(str(error)) from error
        if content is None:
            return await self._download(url, limit)
        if len(content) > limit:
            raise Refused("too-large", f"the file has {len(content)} bytes")
        return content

    async def _download(self, url: str, limit: int) -> bytes:
        try:
            got = await self._desk.http.get(url, deadline=_DEADLINE, limit=limit)
        except FetchError as error:
            reason = _REASONS.get(error.problem.name)
            raise Refused(reason, str(error)) if reason else Retry(str(error)) from error
        if got.status in _EXPIRED:
            raise Refused("gone", f"the file's address was answered with {got.status}")
        if got.status != 200:
            raise Retry(f"the file's address was answered with {got.status}")
        return got.content

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up: copying again does no harm."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Note that the file is kept, or that it is lost."""
        file = await file_rows.find(session, str(entry.payload["file"]))
        if file is None:
            return
        now = self._desk.now()
        if not isinstance(outcome, Refused):
            await file_rows.note_kept(session, file.id, size=int(str(outcome["size"])), at=now)
            return
        self._desk.log.warning("file not copied", case_id=file.case_id, reason=outcome.reason, detail=outcome.detail)
        await file_rows.note_lost(session, file.id)
        case = await self._ledger.to_change(session, file.case_id)
        lost = lost_file_entry(file.id, file.name, outcome.reason, now)
        await self._ledger.store(session, case, case, [lost], DESK)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _older_than(folder: Path, moment: datetime) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if path.stat().st_mtime < moment.timestamp()]
    except FileNotFoundError:  # no folder yet, or another process sweeps: the next time will do
        return []


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
