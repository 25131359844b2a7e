"""The contents of files: copied once from where they came, kept in the data folder beyond Discord's expiry."""

import asyncio
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import hikari
from frontdesk import Desk, FetchError, Refused, Retry, TwilioError, discord_answer

from frontdesk_helpdesk import conversations, files
from frontdesk_helpdesk.files import KnownFile, Source
from frontdesk_helpdesk.settings import HelpdeskSettings

FLEX_LIMIT = 16 * 1024 * 1024
"""Bytes of a file that the Flex UI shows; https://www.twilio.com/docs/flex/conversations (Twilio itself: 150 MB)."""

_DEADLINE = 45.0  # seconds; the journal gives a delivery 60
_TRIES = 6
_BATCH = 200
_EXPIRED = frozenset({401, 403, 404, 410})
_FINAL = frozenset({"TOO_LARGE", "REFUSED_ADDRESS", "REFUSED_URL"})


class FileGoneError(Exception):
    """The content cannot be had (any more), or is larger than what is copied."""


class Cabinet:
    """Copies and keeps files.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk
        self._folder = desk.services.data_folder / "helpdesk-files"

    async def find(self, id_: str) -> KnownFile | None:
        """Find a file by its id."""
        async with self._desk.store.read() as session:
            return await files.find(session, id_)

    def path(self, id_: str) -> Path:
        """Say where a file's content is kept, if it is; the id is one of ours."""
        return self._folder / id_

    async def content(self, id_: str, *, tried: int = 0) -> tuple[KnownFile, bytes]:
        """Give a file with its content; copy it first if that was not done yet.

        Args:
            id_: the file's id.
            tried: how often its delivery was tried; after some tries it is given up.

        Raises:
            FileGoneError: it cannot be had.
            Retry: not now.
        """
        file = await self.find(id_)
        if file is None:
            raise FileGoneError("the file is not kept any more")
        if file.kept_at is not None:
            kept = await asyncio.to_thread(_read, self.path(id_))
            if kept is not None:
                return file, kept
        if file.given.size > self._desk.settings.relay.largest_file:
            raise FileGoneError("the file is larger than what is copied")
        try:
            async with asyncio.timeout(_DEADLINE):
                content = await self._fetch(file)
        except (Retry, TimeoutError) as error:
            if tried >= _TRIES:
                raise FileGoneError(f"the file could not be copied: {error}") from error
            raise Retry(f"the file could not be copied yet: {error}") from error
        await asyncio.to_thread(_write, self.path(id_), content)
        async with self._desk.store.begin() as session:
            await files.note_kept(session, id_, size=len(content), now=self._desk.now())
        return file, content

    async def behind(self, link: str) -> bytes | None:
        """Give the content of the file that one of our links leads to; None if it is none, or the file is gone.

        Raises:
            Retry: not now.
        """
        id_ = link.partition("?")[0].rpartition("/")[2]
        file = await self.find(id_)
        if file is None or file.link != link:
            return None
        try:
            return (await self.content(id_))[1]
        except FileGoneError:
            return None

    async def _fetch(self, file: KnownFile) -> bytes:
        if file.given.source is Source.TWILIO:
            return await self._from_twilio(file)
        content = await self._download(file.given.url) if file.given.url else None
        if content is None:
            content = await self._download(await self._fresh_address(file))
        if content is None:
            raise FileGoneError("Discord does not have the file any more")
        return content

    async def _download(self, url: str) -> bytes | None:
        """Fetch from Discord; None if the address has expired."""
        try:
            limit = self._desk.settings.relay.largest_file
            got = await self._desk.http.get(url, deadline=_DEADLINE, limit=limit)
        except FetchError as error:
            if error.problem.name in _FINAL:
                raise FileGoneError(str(error)) from error
            raise Retry(str(error)) from error
        if got.status in _EXPIRED:
            return None
        if got.status != 200:
            raise Retry(f"Discord answered {got.status} for the file")
        return got.content

    async def _fresh_address(self, file: KnownFile) -> str:
        """Ask Discord for the message again: its addresses of files expire after a day."""
        message_id, _, attachment_id = file.given.source_id.partition("/")
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=file.conversation_id)
        if conversation is None:
            raise FileGoneError("the conversation is not in the database any more")
        try:
            message = await self._desk.rest.fetch_message(conversation.channel_id, int(message_id))
        except hikari.HikariError as error:
            answer = discord_answer(error)
            if isinstance(answer, Refused):
                raise FileGoneError(f"the message with the file cannot be read: {answer.detail}") from error
            raise answer from error
        snapshots = message.message_snapshots or ()
        attached = [*message.attachments, *(each for snapshot in snapshots for each in snapshot.attachments)]
        for attachment in attached:
            if str(int(attachment.id)) == attachment_id:
                return attachment.url
        raise FileGoneError("the file was taken out of its message")

    async def _from_twilio(self, file: KnownFile) -> bytes:
        twilio = self._desk.twilio
        if twilio is None:
            raise Retry("no Twilio account is set; the file waits for one")
        try:
            service_sid = await self.service_sid(file.conversation_id)
            limit = self._desk.settings.relay.largest_file
            return (await twilio.download_media(service_sid, file.given.source_id, limit=limit)).content
        except TwilioError as error:
            if error.permanent:
                raise FileGoneError(str(error)) from error
            raise Retry(str(error), after=error.retry_after) from error

    async def service_sid(self, conversation_id: int) -> str:
        """Give the Conversations service to which a conversation's files belong.

        Raises:
            TwilioError: if Twilio had to be asked and did not answer.
        """
        known = self._desk.services.twilio_settings.chat_service_sid
        if known is not None:
            return known
        async with self._desk.store.read() as session:
            conversation = await conversations.find(session, number=conversation_id)
        assert self._desk.twilio is not None
        assert conversation is not None
        remote = await self._desk.twilio.rest.conversations.v1.conversations(conversation.sid).fetch_async()
        return str(remote.chat_service_sid)

    async def sweep(self) -> None:
        """Remove copies that are older than the owner wants them kept, and those of messages that were deleted."""
        before = self._desk.now() - timedelta(days=self._desk.settings.relay.keep_files_days)
        while True:
            async with self._desk.store.begin() as session:
                old = await files.older_than(session, before, limit=_BATCH)
                await files.forget(session, old)
            for id_ in old:
                await asyncio.to_thread(self.path(id_).unlink, missing_ok=True)
            if len(old) < _BATCH:
                break
        await asyncio.to_thread(_sweep_unfinished, self._folder, before)
        kept = await asyncio.to_thread(_kept, self._folder)
        for batch in (kept[start : start + _BATCH] for start in range(0, len(kept), _BATCH)):
            async with self._desk.store.read() as session:
                known = await files.known_of(session, batch)
            for id_ in set(batch) - known:  # its row goes first, and comes before its content
                await asyncio.to_thread(self.path(id_).unlink, missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _kept(folder: Path) -> list[str]:
    """List the ids of which there is a copy."""
    return [path.name for path in folder.glob("*") if path.suffix != ".part"] if folder.is_dir() else []


def _sweep_unfinished(folder: Path, before: datetime) -> None:
    """Remove what a killed bot has left half written."""
    for path in folder.glob("*.part"):
        with suppress(FileNotFoundError):  # another process does the same
            if path.stat().st_mtime < before.timestamp():
                path.unlink()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Two may copy the same file at once, for Flex and for a case.
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
