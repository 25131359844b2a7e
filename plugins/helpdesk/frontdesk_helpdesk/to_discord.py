"""Journal deliveries towards the member: messages in the DM, and the virtual agent's answers."""

from collections.abc import Callable
from datetime import datetime, timedelta

import hikari
from frontdesk import (
    FILE_LIMIT,
    SHORTLY,
    UPLOADING,
    Desk,
    Entry,
    Line,
    Question,
    Receipt,
    Refused,
    Retry,
    State,
    answer_question,
    asking_discord,
    find_own_message,
)
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, files, lines, undelivered
from frontdesk_helpdesk.brake import Brake
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.buttons import rows
from frontdesk_helpdesk.cabinet import Cabinet, FileGoneError
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.fallback import Threads
from frontdesk_helpdesk.file_routes import safe_type
from frontdesk_helpdesk.files import KnownFile, described_size
from frontdesk_helpdesk.markdown import escaped
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.outbox import Button
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.staff_answers import is_known_elsewhere
from frontdesk_helpdesk.typing_sign import typing

_SEARCH = 50.0  # seconds for a look-up, which may have many pages to read
_PATIENCE = 60.0  # seconds after which a member who takes no messages is tried again, at most
_CLOCKS_DIFFER = timedelta(minutes=2)
_DELIVERED = 200  # entries among which the last one that was delivered is looked for; changes have no message


class MessageDelivery:
    """Sends a message or a file to the member's DM, or, if that is closed and the owner wants it, to a private thread.

    Discord refuses a nonce that it saw a moment ago; after a longer break the channel's history is searched for a
    message of ours with this content and this file, behind the last one that is known to have arrived.

    Args:
        desk: what the plugin was given.
        bridge: what happens in a conversation.
        cabinet: copies files.
        teller: tells the other plugins.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, cabinet: Cabinet, teller: Teller) -> None:
        self._desk = desk
        self._bridge = bridge
        self._cabinet = cabinet
        self._teller = teller
        self._threads = Threads(desk)

    async def send(self, entry: Entry) -> Receipt:
        """Create the message."""
        conversation = await _conversation(self._desk, entry)
        try:
            return await self._create(conversation, entry)
        except Refused as refused:
            if refused.reason != "dm-closed":
                raise
            moved = await self._threads.move(conversation)
            if moved is None:
                raise await self._waiting(conversation, entry, refused) from refused
            return await self._create(moved, entry)

    async def _create(self, conversation: Conversation, entry: Entry) -> Receipt:
        text, file = await self._what(conversation, entry)
        async with asking_discord(SHORTLY if file is None else UPLOADING):
            message = await self._desk.rest.create_message(
                conversation.channel_id,
                text or hikari.UNDEFINED,
                attachments=[file] if file is not None else hikari.UNDEFINED,
                components=self._rows(conversation, entry),
                nonce=f"fd{entry.id}",
            )
        return {"message_id": int(message.id), "channel_id": conversation.channel_id}

    async def _what(self, conversation: Conversation, entry: Entry) -> tuple[str, hikari.Bytes | None]:
        """Give the words and the file of the message."""
        file_id = entry.payload.get("file")
        if not file_id:
            return self._words(conversation, entry), None
        async with typing(self._desk.rest, conversation.channel_id):
            try:
                file, content = await self._cabinet.content(str(file_id), tried=entry.attempts)
            except FileGoneError as error:
                raise Refused("file-gone", str(error)) from error
        if 0 < len(content) <= FILE_LIMIT:
            return "", hikari.Bytes(content, file.name, mimetype=safe_type(file.given.content_type))
        return self._link(conversation, file), None

    def _words(self, conversation: Conversation, entry: Entry) -> str:
        text, said_at = str(entry.payload["text"]), entry.payload.get("said_at")
        relay = self._desk.settings_for(conversation.person.guild_id).relay
        if said_at and relay.is_late(moment := datetime.fromisoformat(str(said_at)), self._desk.now()):
            return f"{text}\n{self._said_at(conversation, moment)}"
        return text

    def _said_at(self, conversation: Conversation, moment: datetime) -> str:
        """Write when something was said, in Discord's way: each reader sees their own time zone."""
        return "-# " + self._bridge.say(conversation.person)("said-at", time=f"<t:{int(moment.timestamp())}:f>")

    def _link(self, conversation: Conversation, file: KnownFile) -> str:
        say = self._bridge.say(conversation.person)
        return say("file-by-link", name=escaped(file.name), size=described_size(file.given.size), link=file.link)

    async def _waiting(self, conversation: Conversation, entry: Entry, closed: Refused) -> Refused | Retry:
        """Let an agent's line wait for a member who takes no messages at the moment; others are refused.

        It waits beyond the end as well: the agent was told that the member will see it.
        """
        if not entry.payload["from_agent"]:
            return closed
        if conversation.ended_at is None:
            await self._bridge.held(conversation, entry.key)
        return Retry("the member takes no direct messages", after=min(_PATIENCE, 5.0 * (entry.attempts + 1)))

    def _rows(
        self, conversation: Conversation, entry: Entry
    ) -> list[hikari.api.MessageActionRowBuilder] | hikari.UndefinedType:
        names = entry.payload["buttons"]
        if not isinstance(names, list) or not names:
            return hikari.UNDEFINED
        say = self._bridge.say(conversation.person)
        return rows(self._desk, say, conversation.id, [Button(str(name)) for name in names])

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the channel for the message, from the first moment on at which it can have arrived."""
        conversation = await _conversation(self._desk, entry)
        message = await find_own_message(
            self._desk.bot,
            conversation.channel_id,
            await self._likeness(conversation, entry),
            after=await self._earliest(entry),
            deadline=_SEARCH,
        )
        return None if message is None else {"message_id": int(message.id), "channel_id": conversation.channel_id}

    async def _earliest(self, entry: Entry) -> hikari.Snowflake:
        """Give an id that the message must come after: a lane's entries are sent one after the other."""
        done = await self._desk.journal.entries(lane=entry.lane, state=State.DONE, limit=_DELIVERED)
        receipts = [record.receipt for record in done if record.receipt is not None]
        arrived = [int(str(receipt["message_id"])) for receipt in receipts if "message_id" in receipt]
        written = hikari.Snowflake.from_datetime(entry.created_at - _CLOCKS_DIFFER)
        return hikari.Snowflake(max([int(written), *arrived]))

    async def _likeness(self, conversation: Conversation, entry: Entry) -> Callable[[hikari.Message], bool]:
        """Give the test by which a message is known as this entry's."""
        file_id = entry.payload.get("file")
        file = await self._cabinet.find(str(file_id)) if file_id else None
        text, said_at = str(entry.payload["text"]).strip(), entry.payload.get("said_at")
        texts = {text}
        if said_at:
            texts.add(f"{text}\n{self._said_at(conversation, datetime.fromisoformat(str(said_at)))}")
        if file is not None:
            texts = {self._link(conversation, file)}

        def looks_like_it(message: hikari.Message) -> bool:
            sizes = [attachment.size for attachment in message.attachments]
            if sizes:
                return file is not None and sizes == [file.given.size]
            return (message.content or "").strip() in texts

        return looks_like_it

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Note the pair of ids, or tell the agent that the member could not be reached."""
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])), to_change=True)
        key = str(entry.payload["line"])
        if conversation is None:
            return
        if isinstance(outcome, Refused):
            self._desk.log.warning("message not delivered", conversation=conversation.id, reason=outcome.reason)
            await self._bridge.undelivered_to_member(
                session, conversation, entry.key, outcome.reason, from_agent=bool(entry.payload["from_agent"])
            )
            if entry.payload["from_agent"]:
                await undelivered.tell_case(self._desk, self._teller, session, conversation, key)
            known = await lines.find(session, conversation.id, key) if entry.payload.get("file") else None
            if known is not None and known.discord_id is not None:  # only the file is missing, the words have arrived
                await self._relayed(session, conversation, entry, key, known.said)
            return
        theirs, number = str(outcome["message_id"]), int(str(entry.payload.get("number", 0)))
        line = await lines.note_part(
            session,
            conversation.id,
            key,
            number,
            side=lines.Side.DISCORD,
            their_id=theirs,
            channel_id=int(str(outcome.get("channel_id", conversation.channel_id))),
        )
        if line is not None:
            await self._relayed(session, conversation, entry, key, line)

    async def _relayed(
        self, session: AsyncSession, conversation: Conversation, entry: Entry, key: str, line: Line
    ) -> None:
        """Have the other plugins told of a line with its last part."""
        if entry.payload.get("last", True) and not is_known_elsewhere(key):
            brought = await files.of_line(session, conversation.id, key) if entry.payload.get("file") else ()
            await self._bridge.relayed(session, conversation, line, brought)


class AnswerDelivery:
    """Has a question answered by whoever can, and hands the answer to the bridge.

    Args:
        desk: what the plugin was given.
        bridge: what happens in a conversation.
        brake: holds questions of a member who writes too fast.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, brake: Brake) -> None:
        self._desk = desk
        self._bridge = bridge
        self._brake = brake

    async def send(self, entry: Entry) -> Receipt:
        """Ask the other plugins."""
        conversation = await _conversation(self._desk, entry)
        await self._brake.hold(conversation, entry)
        say = self._bridge.say(conversation.person)
        question = Question(str(entry.payload["text"]), conversation.person, say.language)
        async with typing(self._desk.rest, conversation.channel_id):
            answer = await self._desk.hooks.first(answer_question, question=question)
        if answer is None:
            return {"text": say("no-answer"), "offer": True}
        return {"text": answer.text, "offer": not answer.confident}

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up: asking again does no harm."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Say the answer."""
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
        if conversation is None or isinstance(outcome, Refused):
            return
        key, text = str(entry.payload["line"]), str(outcome["text"])
        await self._bridge.answered(session, conversation, key, text, offer=bool(outcome["offer"]))


async def _conversation(desk: Desk[HelpdeskSettings], entry: Entry) -> Conversation:
    async with desk.store.glance() as session:
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
    if conversation is None:
        raise Refused("no-conversation", "the conversation is not in the database any more")
    return conversation
