"""Journal deliveries towards Twilio: the Conversation itself, the lines in it, and its way to a live agent."""

import json
from datetime import datetime, timedelta
from typing import Any

from frontdesk import (
    Article,
    Case,
    CaseRequest,
    Desk,
    Entry,
    Question,
    Receipt,
    Refused,
    Retry,
    Say,
    Twilio,
    TwilioError,
    open_case,
    shortened,
    suggest_articles,
)
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, files, lines
from frontdesk_helpdesk.brake import Brake
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.briefing import Briefing, conversation_attributes, task_attributes
from frontdesk_helpdesk.cabinet import FLEX_LIMIT, Cabinet, FileGoneError
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.file_routes import safe_type
from frontdesk_helpdesk.files import described_size
from frontdesk_helpdesk.handoff import NOT_TAKEN, Sign
from frontdesk_helpdesk.questions import category_named
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.twilio_marks import DELETED, DESK_IDENTITY, MARK, NOT_FOUND, mark_of

WEBHOOK_EVENTS = (
    "onMessageAdded",
    "onMessageUpdated",
    "onMessageRemoved",
    "onParticipantAdded",
    "onParticipantRemoved",
    "onConversationStateUpdated",
    "onConversationRemoved",
)
_EXISTS = 50353
_IS_IN_ALREADY = 50433
_MEDIA_REFUSED = frozenset({50510, 50511, 50512})
_PAGE = 100
_ROOM = 10_000  # conversations that are remembered
_CLOCKS_DIFFER = timedelta(minutes=2)
_ANSWER_LIMIT = 200  # characters of an answer among the attributes; the whole is in the first line


def answer_of(error: TwilioError) -> Refused | Retry:
    """Tell what an error of Twilio means for a delivery: it is to be raised."""
    if error.permanent:
        return Refused(str(error.code or error.status or "refused"), str(error))
    return Retry(str(error), after=error.retry_after, ambiguous=error.ambiguous)


class TwilioDelivery:
    """What all deliveries towards Twilio share: the conversation of the entry, and errors as answers."""

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge) -> None:
        self._desk = desk
        self._bridge = bridge

    @property
    def twilio(self) -> Twilio:
        """The account; entries towards Twilio are written only where there is one."""
        if self._desk.twilio is None:
            raise Retry("no Twilio account is set; the entry waits for one")
        return self._desk.twilio

    @property
    def rest(self) -> Any:
        """twilio's client."""
        return self.twilio.rest

    async def conversation_of(self, entry: Entry) -> Conversation:
        async with self._desk.store.glance() as session:
            conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])))
        if conversation is None:
            raise Refused("no-conversation", "the conversation is not in the database any more")
        return conversation

    async def with_sid(self, entry: Entry) -> tuple[Conversation, str]:
        conversation = await self.conversation_of(entry)
        if conversation.sid is None:
            raise Refused("no-conversation", "Twilio did not take the conversation")
        return conversation, conversation.sid

    async def find(self, entry: Entry) -> Receipt | None:
        """Nothing to look up: `send` may be repeated."""
        del entry
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Nothing follows."""
        del session
        if isinstance(outcome, Refused):
            self._desk.log.warning("Twilio refused", kind=entry.kind, reason=outcome.reason, detail=outcome.detail)


class OpenDelivery(TwilioDelivery):
    """Creates the Conversation with the member as its participant and both webhooks; each step may be repeated."""

    async def send(self, entry: Entry) -> Receipt:
        """Create what is missing."""
        conversation = await self.conversation_of(entry)
        try:
            sid = await self._create(conversation)
            await self._join(sid, conversation)
            await self._attach(sid)
        except TwilioError as error:
            raise answer_of(error) from error
        return {"conversation_sid": sid}

    async def _create(self, conversation: Conversation) -> str:
        unique_name = f"frontdesk-{conversation.identity}-{conversation.id}"
        briefing = await brief(self._desk, conversation, None)
        days = self._desk.settings_for(conversation.person.guild_id).quiet_days
        timers = {"state": "active", "timers_closed": f"P{days}D"} if days else {}
        try:
            created = await self.rest.conversations.v1.conversations.create_async(
                unique_name=unique_name,
                friendly_name=f"Discord: {conversation.person.name}"[:256],
                attributes=conversation_attributes(conversation.id, task_attributes(briefing), wants_agent=False),
                **timers,
            )
        except TwilioError as error:
            if error.code != _EXISTS:
                raise
            created = await self.rest.conversations.v1.conversations(unique_name).fetch_async()
        return str(created.sid)

    async def _join(self, sid: str, conversation: Conversation) -> None:
        attributes = json.dumps({"name": conversation.person.name[:200], "channel": "discord"})
        try:
            await self.rest.conversations.v1.conversations(sid).participants.create_async(
                identity=conversation.identity, attributes=attributes
            )
        except TwilioError as error:
            if error.code != _IS_IN_ALREADY:
                raise

    async def _attach(self, sid: str) -> None:
        webhooks = self.rest.conversations.v1.conversations(sid).webhooks
        present = {webhook.target for webhook in await webhooks.list_async()}
        if "webhook" not in present:
            await webhooks.create_async(
                target="webhook",
                configuration_url=self._desk.url("/forward-to-discord"),
                configuration_method="post",
                configuration_filters=list(WEBHOOK_EVENTS),
            )
        flow_sid = self._desk.services.twilio_settings.studio_flow_sid
        if "studio" not in present and flow_sid and self._desk.settings.routing == "studio":
            await webhooks.create_async(
                target="studio", configuration_flow_sid=flow_sid, configuration_filters=["onMessageAdded"]
            )

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Keep the SID; without a Conversation nobody would ever read or answer, so that is the end."""
        await super().settled(session, entry, outcome)
        conversation_id = int(str(entry.payload["conversation"]))
        if not isinstance(outcome, Refused):
            sid = str(outcome["conversation_sid"])
            await conversations.change(session, conversation_id, conversation_sid=sid)
            return
        conversation = await conversations.find(session, number=conversation_id, to_change=True)
        if conversation is not None:
            await self._bridge.progress.apply(session, conversation, Sign.CLOSED, reason=NOT_TAKEN)


class LineDelivery(TwilioDelivery):
    """Adds a line or a file to the Conversation; it carries our key in its attributes, and is looked up by it.

    Args:
        desk: what the plugin was given.
        bridge: what happens in a conversation.
        cabinet: copies files.
        brake: holds lines of a member who writes too fast.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, cabinet: Cabinet, brake: Brake) -> None:
        super().__init__(desk, bridge)
        self._cabinet = cabinet
        self._brake = brake
        self._known: dict[int, Conversation] = {}

    async def with_sid(self, entry: Entry) -> tuple[Conversation, str]:
        """Find the conversation as it was at its first line: who writes where never changes, and more is not needed."""
        number = int(str(entry.payload["conversation"]))
        conversation = self._known.get(number)
        if conversation is not None and conversation.sid is not None:
            return conversation, conversation.sid
        conversation, sid = await super().with_sid(entry)
        if len(self._known) >= _ROOM:
            self._known.clear()
        self._known[number] = conversation
        return conversation, sid

    async def send(self, entry: Entry) -> Receipt:
        """Create the message."""
        conversation, sid = await self.with_sid(entry)
        await self._brake.hold(conversation, entry)
        by_member = bool(entry.payload["by_member"])
        file_id = entry.payload.get("file")
        try:
            body = {"body": await self.text_of(entry, conversation)}
            what = await self._file(conversation, entry, str(file_id)) if file_id else body
            message = await self.rest.conversations.v1.conversations(sid).messages.create_async(
                author=conversation.identity if by_member else DESK_IDENTITY,
                attributes=json.dumps({MARK: entry.key}),
                # A file is nothing that the flow could answer.
                x_twilio_webhook_enabled="true" if by_member and not file_id else "false",
                **what,
            )
        except TwilioError as error:
            if error.status == NOT_FOUND and await self._is_deleted(sid):
                raise Refused(DELETED, str(error)) from error
            raise answer_of(error) from error
        return {"message_sid": message.sid, "index": message.index}

    async def _is_deleted(self, sid: str) -> bool:
        """Tell whether it is the Conversation that is gone, and not the service for files, say."""
        try:
            await self.rest.conversations.v1.conversations(sid).fetch_async()
        except TwilioError as error:
            return error.status == NOT_FOUND
        return False

    async def text_of(self, entry: Entry, conversation: Conversation) -> str:
        """Give the message's text; a late line says when it was said."""
        text, said_at, now = str(entry.payload["text"]), entry.payload.get("said_at"), self._desk.now()
        relay = self._desk.settings_for(conversation.person.guild_id).relay
        if said_at and relay.is_late(moment := datetime.fromisoformat(str(said_at)), now):
            say = self._desk.say(None, conversation.person.guild_id)
            text += "\n" + say("said-at-for-agents", time=relay.clock(moment, now))
        return text

    async def _file(self, conversation: Conversation, entry: Entry, file_id: str) -> dict[str, str]:
        """Upload a file for this one message; where Flex could not show it, say where our copy is."""
        say = self._desk.say(None, conversation.person.guild_id)
        try:
            file, content = await self._cabinet.content(file_id, tried=entry.attempts)
        except FileGoneError as error:
            self._desk.log.warning("file not copied", conversation=conversation.id, reason=str(error))
            known = await self._cabinet.find(file_id)
            if known is None:
                return {"body": say("file-not-copied", name="?", size="?")}
            return {"body": say("file-not-copied", name=known.name, size=described_size(known.given.size))}
        if content and len(content) <= FLEX_LIMIT:
            try:
                service_sid = await self._cabinet.service_sid(conversation.id)
                media_sid = await self.twilio.upload_media(
                    service_sid, content, safe_type(file.given.content_type), file.name
                )
            except TwilioError as error:
                if error.code not in _MEDIA_REFUSED:
                    raise
            else:
                return {"media_sid": media_sid}
        return {"body": say("file-by-link", name=file.name, size=described_size(len(content)), link=file.link)}

    async def find(self, entry: Entry) -> Receipt | None:
        """Look back through the messages to the time at which the entry was written: others went on speaking."""
        _, sid = await self.with_sid(entry)
        since = entry.created_at - _CLOCKS_DIFFER
        messages = self.rest.conversations.v1.conversations(sid).messages
        try:
            async for message in await messages.stream_async(order="desc", page_size=_PAGE):
                if mark_of(message.attributes) == entry.key:
                    return {"message_sid": message.sid, "index": message.index}
                if message.date_created < since:
                    break
        except TwilioError as error:
            raise answer_of(error) from error
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Note the pair of ids, or tell the member that the line did not arrive."""
        await super().settled(session, entry, outcome)
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])), to_change=True)
        if conversation is None:
            return
        key, number = str(entry.payload["line"]), int(str(entry.payload.get("number", 0)))
        if isinstance(outcome, Refused):
            # Where there never was a Conversation the end has said that nobody has read any of it.
            if entry.payload["by_member"] and not (conversation.sid is None and conversation.ended_at is not None):
                await self._bridge.undelivered_to_agent(session, conversation, key)
            if outcome.reason == DELETED:
                await self._bridge.progress.apply(session, conversation, Sign.CLOSED, reason=DELETED)
            return
        if outcome["index"] == conversation.last_index + 1:
            await conversations.change(session, conversation.id, last_index=outcome["index"])
        sid = str(outcome["message_sid"])
        line = await lines.note_part(session, conversation.id, key, number, side=lines.Side.TWILIO, their_id=sid)
        # The other plugins hear of our own lines when they reach the member, not once more.
        if line is not None and entry.payload.get("last", True) and entry.payload["by_member"]:
            brought = await files.of_line(session, conversation.id, key) if entry.payload.get("file") else ()
            await self._bridge.relayed(session, conversation, line, brought)


class CaseDelivery(TwilioDelivery):
    """Opens the case for a request for a person, with or without Twilio; the cases plugin opens it once."""

    async def send(self, entry: Entry) -> Receipt:
        """Ask whoever keeps cases."""
        conversation = await self.conversation_of(entry)
        await case_for(self._desk, conversation, insist=True)
        return {}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the member the case's number, or that the request has been noted."""
        await super().settled(session, entry, outcome)
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])), to_change=True)
        if conversation is not None:
            nobody = entry.payload["nobody"]
            request = int(str(entry.payload["request"]))
            await self._bridge.case_opened(
                session, conversation, request=request, nobody=None if nobody is None else str(nobody)
            )


async def case_for(desk: Desk[HelpdeskSettings], conversation: Conversation, *, insist: bool = False) -> Case | None:
    """Open the case for the newest request of a conversation, or get the one that is open for it.

    Args:
        desk: what the plugin was given.
        conversation: which.
        insist: raise if the plugin that keeps cases failed, to be asked again; otherwise go on without a case.

    Returns:
        None where no plugin keeps cases.

    Raises:
        NoAnswerError: see ``insist``.
    """
    person = conversation.person
    known = await brief(desk, conversation, None)
    text = known.question or (known.transcript[-1].text if known.transcript else "")
    say = desk.say(None, person.guild_id)
    async with desk.store.read() as session:
        sent = await files.of_member(session, conversation.id)
    request = CaseRequest(
        key=conversations.case_key(conversation),
        kind="agent_request",
        title=_title(text) or say("case-title", name=person.name),
        description=text,
        person=person,
        source_url=conversation.link,
        fields=_fields(say, conversation),
        transcript=tuple(known.transcript),
        articles=tuple(known.articles),
        files=files.for_cases(sent),
    )
    ask = desk.hooks.insist if insist else desk.hooks.first
    case = await ask(open_case, request=request)
    if case is not None and (conversation.case is None or conversation.case.number != case.number):
        async with desk.store.begin() as session:
            await conversations.keep_case(session, conversation.id, case)
    return case


async def brief(desk: Desk[HelpdeskSettings], conversation: Conversation, case: Case | None) -> Briefing:
    """Gather what a live agent should know of a conversation."""
    person = conversation.person
    async with desk.store.read() as session:
        transcript = await conversations.transcript(session, conversation.id)
    text = conversation.question or ""
    articles: tuple[Article, ...] = ()
    settings = desk.settings_for(person.guild_id)
    if text and settings.suggest:
        question = Question(text, person, desk.say(person.locale, person.guild_id).language)
        suggested = await desk.hooks.gather(suggest_articles, question=question)
        articles = tuple(article for found in suggested for article in found)[: settings.suggest]
    category = category_named(settings.categories, conversation.category)
    guild = desk.bot.cache.get_guild(person.guild_id)
    return Briefing(
        conversation_id=conversation.id,
        conversation_sid=conversation.sid,
        identity=conversation.identity,
        request=conversation.requests,
        person=person,
        server=guild.name if guild else str(person.guild_id),
        question=text,
        case=case,
        category=conversation.category or "",
        answers={question: shortened(text, _ANSWER_LIMIT) for question, text in conversation.answers.items()},
        priority=category.priority if category else None,
        queue=category.queue if category else None,
        articles=articles,
        transcript=transcript,
    )


def _fields(say: Say, conversation: Conversation) -> dict[str, str]:
    fields = {say("case-field-conversation"): conversation.sid or "-"}
    if conversation.category:
        fields[say("form-category")] = conversation.category
    return fields | dict(conversation.answers)


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
