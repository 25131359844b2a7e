"""Twilio's callbacks under /helpdesk/: each is checked by its signature, and answered once what it says is kept."""

from collections.abc import Iterable

from frontdesk import Desk, TwilioError, TwilioRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from frontdesk_helpdesk import conversations
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.events import (
    MESSAGE_CHANGES,
    Declined,
    Evidence,
    LookAtPeople,
    conversation_event,
    failure_told,
    interaction_event,
    message_told,
    task_event,
)
from frontdesk_helpdesk.handoff import BOT_SPEAKS, AgentSign, RefusedSign, Sign
from frontdesk_helpdesk.queue import Line
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.twilio_reader import TwilioReader

_NO_CONTENT = 204
_ROOM = 10_000  # conversations


class Callbacks:
    """The endpoints that Twilio calls.

    Args:
        desk: what the plugin was given.
        bridge: takes in what they say.
        line: tells members how the queue stands.
        reader: reads what was missed.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, line: Line, reader: TwilioReader) -> None:
        self._desk = desk
        self._bridge = bridge
        self._line = line
        self._reader = reader
        self._found: dict[str, Conversation] = {}

    def routes(self) -> Iterable[BaseRoute]:
        """Give the routes, all behind the signature check."""
        guard = self._desk.guard
        return [
            guard.route("/chatbot-to-discord", self.chatbot_to_discord),
            guard.route("/forward-to-discord", self.forward_to_discord),
            guard.route("/handoff-failed", self.handoff_failed),
            guard.route("/taskrouter", self.taskrouter),
            guard.route("/interactions", self.interactions),
        ]

    async def chatbot_to_discord(self, request: TwilioRequest) -> Response:
        """Answer a question for the Studio flow: the answer goes to the member through the journal."""
        conversation = await self._find(request.params.get("ConversationSid"))
        sid, text = request.params.get("MessageSid", ""), request.params.get("Body", "")
        if conversation is None or not sid:
            return JSONResponse({"error": "no such conversation"}, status_code=404)
        if text and conversation.state in BOT_SPEAKS:
            await self._bridge.flow_asks(conversation, sid, text)
        return JSONResponse({"accepted": True})

    async def forward_to_discord(self, request: TwilioRequest) -> Response:
        """Take in what happens in a Conversation: messages, participants, its state."""
        params = request.params
        event = params.get("EventType")
        try:
            told = event == "onMessageAdded" or event in MESSAGE_CHANGES
            message = message_told(params, self._desk.now()) if told else None
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        if message is not None and message.ours and event == "onMessageAdded":
            return Response(status_code=_NO_CONTENT)  # counted when its delivery is settled; each line costs this call
        is_added = event == "onMessageAdded"
        sid = params.get("ConversationSid")
        conversation = await (self._as_it_was(sid) if is_added else self._find(sid))
        if conversation is None:
            return Response(status_code=_NO_CONTENT)  # another's Conversation, or one from before the database
        try:
            if message is not None and event in MESSAGE_CHANGES:
                await self._reader.take_in_change(conversation, message, removed=event == "onMessageRemoved")
            elif message is not None:
                await self._reader.take_in(conversation, message)
            elif evidence := conversation_event(params, conversation.identity):
                await self._take_in(conversation, evidence)
        except TwilioError as error:
            # Twilio does not call again; the next comparison with the Conversation will find it.
            self._desk.log.warning("webhook not taken in yet", conversation=conversation.id, reason=str(error))
            return JSONResponse({"error": "try again later"}, status_code=503)
        return Response(status_code=_NO_CONTENT)

    async def handoff_failed(self, request: TwilioRequest) -> Response:
        """Hear from the flow that Flex did not take the conversation."""
        return await self._evidence(failure_told(request.params))

    async def taskrouter(self, request: TwilioRequest) -> Response:
        """Hear TaskRouter's events: queued, accepted, declined, cancelled, timed out."""
        return await self._evidence(task_event(request.params))

    async def interactions(self, request: TwilioRequest) -> Response:
        """Hear Flex's Interaction webhooks."""
        return await self._evidence(interaction_event(request.params))

    async def _evidence(self, evidence: Evidence | Declined | LookAtPeople | None) -> Response:
        conversation = None if evidence is None else await self._find(evidence.sid)
        if conversation is None:
            return Response(status_code=_NO_CONTENT)
        try:
            if isinstance(evidence, Declined):
                await self._line.declined(conversation.id, evidence.task_sid, evidence.worker_sid)
            elif isinstance(evidence, LookAtPeople):
                await self._reader.look_at_people(conversation)
            elif evidence is not None:
                await self._take_in(conversation, evidence)
        except TwilioError as error:
            self._desk.log.warning("webhook not taken in yet", conversation=conversation.id, reason=str(error))
            return JSONResponse({"error": "try again later"}, status_code=503)
        return Response(status_code=_NO_CONTENT)

    async def _take_in(self, conversation: Conversation, evidence: Evidence) -> None:
        sign = evidence.sign
        if isinstance(sign, AgentSign) and sign.present:
            await self._reader.agent_joined(conversation, sign.sid, sign.identity, evidence.agent)
            return
        if isinstance(sign, RefusedSign):
            await self._reader.look_at_refusal(
                conversation, sign.request, reason=evidence.reason, interaction_sid=evidence.interaction_sid
            )
            return
        if sign is Sign.CLOSED:
            await self._reader.closed(conversation, reason=evidence.reason)
            return
        await self._bridge.progress.take_in(
            conversation.id,
            sign,
            reason=evidence.reason,
            queue_sid=evidence.queue_sid,
            interaction_sid=evidence.interaction_sid,
            channel_sid=evidence.channel_sid,
        )

    async def _as_it_was(self, sid: str | None) -> Conversation | None:
        """Find a conversation as it was when it was found first: a line is taken in by its number alone."""
        found = self._found.get(sid or "") or await self._find(sid)
        if found is not None and found.sid is not None:
            if len(self._found) >= _ROOM:
                self._found.clear()
            self._found[found.sid] = found
        return found

    async def _find(self, sid: str | None) -> Conversation | None:
        if not sid:
            return None
        async with self._desk.store.glance() as session:
            return await conversations.find(session, sid=sid)
