"""What was said is changed or taken back: the change follows the line to the other side, in order, each once.

Each method is one transaction. Old news, and news of what the desk itself changed, differ in nothing and do nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from frontdesk import ChangedMessage, Desk, Speaker
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, files, lines, outbox, relay
from frontdesk_helpdesk.bridge import Gap, TwilioMessage
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.files import KnownFile
from frontdesk_helpdesk.lines import KnownLine
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.outbox import Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.storable import storable


class Edits:
    """Changes of lines that are known already.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
        teller: tells the other plugins.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox, teller: Teller) -> None:
        self._desk = desk
        self._outbox = outbox
        self._teller = teller

    async def member_edited(
        self,
        conversation_id: int,
        discord_id: int,
        words: str,
        revised_at: datetime,
        *,
        files_left: Iterable[str],
    ) -> bool:
        """Take in that a member has changed a message.

        Args:
            conversation_id: which conversation.
            discord_id: the message.
            words: what it says now.
            revised_at: when it was changed (UTC).
            files_left: the files that it still has, as `GivenFile.source_id`.

        Returns:
            False if the message is not known: it has to be taken in as a new one.
        """
        words = storable(words)
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            line = None if conversation is None else await lines.by_discord(session, conversation.id, discord_id)
            if conversation is None or line is None:
                return False
            if line.speaker is Speaker.MEMBER and _is_news(conversation, line, revised_at):
                known = await files.of_line(session, conversation.id, line.key)
                left = set(files_left)
                gone = [file for file in known if file.given.source_id not in left]
                if line.words != words or gone:
                    await self._drop_files(session, conversation, line, gone)
                    await self._change_for_agents(session, conversation, line, words=words, revised_at=revised_at)
            return True

    async def _drop_files(
        self, session: AsyncSession, conversation: Conversation, line: KnownLine, gone: list[KnownFile]
    ) -> None:
        for file in gone:
            number, revision = file.number, line.revision + 1
            await self._outbox.change_in_twilio(session, conversation, line.key, number, revision=revision, text=None)
        await files.forget(session, [file.id for file in gone])

    async def _change_for_agents(
        self, session: AsyncSession, conversation: Conversation, line: KnownLine, *, words: str, revised_at: datetime
    ) -> None:
        parts = outbox.for_twilio(words)
        revision = await self._revise(session, conversation, line, words=words, parts=len(parts), at=revised_at)
        for number in range(line.parts):
            part = parts[number] if number < len(parts) else None
            await self._outbox.change_in_twilio(
                session, conversation, line.key, number, revision=revision, text=part, revised_at=revised_at
            )
        await self._outbox.to_twilio(
            session, conversation, line.key, words, by_member=True, first=line.parts, revision=revision
        )

    async def _revise(
        self,
        session: AsyncSession,
        conversation: Conversation,
        line: KnownLine,
        *,
        words: str,
        parts: int,
        at: datetime,
    ) -> int:
        known = await files.of_line(session, conversation.id, line.key)
        text = files.with_links(words, known)
        revision = await lines.revise(session, line, words=words, text=text, parts=parts, revised_at=at)
        await self._tell(session, conversation, line, text=text, revision=revision, at=at)
        return revision

    async def _take_back(self, session: AsyncSession, conversation: Conversation, line: KnownLine) -> int:
        now = self._desk.now()
        revision = await lines.take_back(session, line, now=now)
        await self._tell(session, conversation, line, text="", revision=revision, at=now)
        return revision

    async def _tell(
        self,
        session: AsyncSession,
        conversation: Conversation,
        line: KnownLine,
        *,
        text: str,
        revision: int,
        at: datetime,
    ) -> None:
        """Have the other plugins told, also of a line that is still under way: a case may have it from a transcript."""
        said = replace(line.said, text=text)
        person, case = conversation.person, conversation.case
        news = ChangedMessage(conversation.id, person, case, said, line.text, revision, at)
        await self._teller.write(session, news)

    async def member_deleted(self, conversation_id: int, discord_id: int) -> bool:
        """Take in that a member has deleted a message.

        Returns:
            True if it was a line of theirs that stood until now.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.ended_at is not None:
                return False
            line = await lines.by_discord(session, conversation.id, discord_id)
            if line is None:
                if discord_id > conversation.last_discord_id:
                    key, now = f"discord:{discord_id}", self._desk.now()
                    await lines.never_said(session, conversation, key, Speaker.MEMBER, now=now)
                return False
            if line.speaker is not Speaker.MEMBER or line.deleted_at is not None:
                return False
            revision = await self._take_back(session, conversation, line)
            for number in await self._numbers(session, conversation, line):
                await self._outbox.change_in_twilio(
                    session, conversation, line.key, number, revision=revision, text=None
                )
            return True

    async def agent_edited(self, conversation_id: int, message: TwilioMessage) -> None:
        """Take in that an agent has changed a message.

        Raises:
            Gap: if the message has not been taken in yet: the Conversation must be read.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            line = await self._line_of_agent(session, conversation, message)
            if conversation is None or line is None or line.words == message.text:
                return
            revised_at = message.revised_at or self._desk.now()
            if _is_news(conversation, line, revised_at):
                await self._change_for_member(session, conversation, line, words=message.text, revised_at=revised_at)

    async def _line_of_agent(
        self, session: AsyncSession, conversation: Conversation | None, message: TwilioMessage
    ) -> KnownLine | None:
        if conversation is None or message.ours or message.author == conversation.identity:
            return None
        line = await lines.by_twilio(session, conversation.id, message.sid)
        if line is None and message.index > conversation.last_index:
            raise Gap
        return line if line is not None and line.speaker is Speaker.AGENT else None

    async def _change_for_member(
        self, session: AsyncSession, conversation: Conversation, line: KnownLine, *, words: str, revised_at: datetime
    ) -> None:
        seen = relay.as_seen(line.name, words)
        parts = outbox.for_discord(seen)
        revision = await self._revise(session, conversation, line, words=words, parts=len(parts), at=revised_at)
        for number in range(line.parts):
            part = parts[number] if number < len(parts) else None
            await self._outbox.change_in_discord(session, conversation, line.key, number, revision=revision, text=part)
        await self._outbox.to_discord(
            session, conversation, line.key, seen, from_agent=True, first=line.parts, revision=revision
        )

    async def agent_deleted(self, conversation_id: int, message: TwilioMessage) -> None:
        """Take in that an agent has deleted a message."""
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            try:
                line = await self._line_of_agent(session, conversation, message)
            except Gap:
                assert conversation is not None
                await lines.never_said(
                    session, conversation, f"twilio:{message.sid}", Speaker.AGENT, now=self._desk.now()
                )
                return
            if conversation is None or conversation.ended_at is not None or line is None or line.deleted_at is not None:
                return
            revision = await self._take_back(session, conversation, line)
            for number in await self._numbers(session, conversation, line):
                await self._outbox.change_in_discord(
                    session, conversation, line.key, number, revision=revision, text=None
                )

    async def _numbers(self, session: AsyncSession, conversation: Conversation, line: KnownLine) -> list[int]:
        """List the parts and files of a line that stand on the other side; the files are forgotten here."""
        known = await files.of_line(session, conversation.id, line.key)
        await files.forget(session, [file.id for file in known])
        return [*range(line.parts), *(file.number for file in known)]


def _is_news(conversation: Conversation, line: KnownLine, revised_at: datetime) -> bool:
    """Tell whether a change is newer than the last one; Twilio's API tells times in whole seconds."""
    if conversation.ended_at is not None or line.deleted_at is not None:
        return False
    return line.revised_at is None or revised_at >= line.revised_at.replace(microsecond=0)
