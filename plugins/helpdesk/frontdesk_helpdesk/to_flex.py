"""Journal deliveries on the way to a live agent and back: briefing, handing over, taking back, what comes after."""

import json
from dataclasses import replace
from typing import Any

from frontdesk import Desk, Entry, HandoffState, Receipt, Refused, Retry, TwilioError
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, ways
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.briefing import conversation_attributes, first_message, task_attributes, with_briefing
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.events import task_read
from frontdesk_helpdesk.handoff import AgentSign, RefusedSign, Sign, TaskStatus
from frontdesk_helpdesk.routing import Routing, channel_status, interaction_channel, routing_for, task_waits, tasks_of
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.to_twilio import LineDelivery, TwilioDelivery, answer_of, brief, case_for
from frontdesk_helpdesk.twilio_marks import NOT_FOUND
from frontdesk_helpdesk.twilio_reader import TwilioReader

_TOO_LATE = "too-late"
_PATIENCE = 8  # looks at an empty channel until its conversation counts as left to the virtual agent
_PAUSE = 1.0  # seconds between them


class BriefingDelivery(LineDelivery):
    """Adds the agent's first message; it says what the case's number is, so the case is opened first."""

    async def text_of(self, entry: Entry, conversation: Conversation) -> str:
        """Write the message."""
        conversation = await self.conversation_of(entry)  # with the question and the case that it has by now
        case = await case_for(self._desk, conversation)
        briefing = await brief(self._desk, conversation, case)
        if conversation.continues is not None:  # the note at its beginning says what was said before
            async with self._desk.store.read() as session:
                briefing = replace(briefing, transcript=await conversations.said_in(session, conversation.id))
        say = self._desk.say(None, conversation.person.guild_id)
        return first_message(briefing, say, self._desk.now())


class HandOverDelivery(TwilioDelivery):
    """Has a task made at Flex, by the way that the settings choose, with all that the agent should see."""

    async def send(self, entry: Entry) -> Receipt:
        """Hand over, unless the member has changed their mind, or has asked again since."""
        conversation, sid = await self.with_sid(entry)
        request = _request(entry, conversation)
        if request < conversation.requests or request <= conversation.withdrawn or conversation.ended_at is not None:
            return {"skipped": True}
        case = await case_for(self._desk, conversation)
        attributes = task_attributes(await brief(self._desk, conversation, case))
        try:
            found = await self.find(entry) if entry.payload["again"] else None  # the flow may have been quicker
            return found or await self._routing(entry).hand_over(conversation, sid, attributes)
        except TwilioError as error:
            raise answer_of(error) from error

    async def find(self, entry: Entry) -> Receipt | None:
        """Look whether a doubtful attempt has made a task."""
        conversation, sid = await self.with_sid(entry)
        try:
            return await self._routing(entry).find(conversation, sid, _request(entry, conversation))
        except TwilioError as error:
            raise answer_of(error) from error

    def _routing(self, entry: Entry) -> Routing:
        return routing_for(self._desk, again=bool(entry.payload["again"]))

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Keep the Interaction, or tell the member that it did not work."""
        await super().settled(session, entry, outcome)
        conversation = await _locked(session, entry)
        if conversation is None:
            return
        if isinstance(outcome, Refused):
            sign = RefusedSign(_request(entry, conversation))
            await self._bridge.progress.apply(session, conversation, sign, reason=outcome.reason)
        elif outcome.get("interaction_sid") and outcome.get("channel_sid"):
            await conversations.change(
                session,
                conversation.id,
                interaction_sid=str(outcome["interaction_sid"]),
                channel_sid=str(outcome["channel_sid"]),
            )


class TaskAttributesDelivery(TwilioDelivery):
    """Writes what an agent should see into the tasks that a flow has made by itself; may be repeated."""

    async def send(self, entry: Entry) -> Receipt:
        """Write over the attributes that the tasks have; Flex's own stay."""
        conversation, sid = await self.with_sid(entry)
        case = await case_for(self._desk, conversation)
        ours = task_attributes(await brief(self._desk, conversation, case))
        workspace = self._desk.services.twilio_settings.workspace_sid
        try:
            for task in await tasks_of(self._desk, sid):
                sign = task_read(task)
                if sign is not None and sign.status is not TaskStatus.OVER:
                    attributes = json.dumps(with_briefing(json.loads(task.attributes or "{}"), ours))
                    remote = self.rest.taskrouter.v1.workspaces(workspace).tasks(task.sid)
                    await remote.update_async(attributes=attributes)
        except TwilioError as error:
            raise answer_of(error) from error
        return {}


class DetachStudioDelivery(TwilioDelivery):
    """Takes the Studio flow off the Conversation; may be repeated."""

    async def send(self, entry: Entry) -> Receipt:
        """Delete the webhook."""
        _, sid = await self.with_sid(entry)
        webhooks = self.rest.conversations.v1.conversations(sid).webhooks
        try:
            for webhook in await webhooks.list_async():
                if webhook.target == "studio":
                    await self.rest.conversations.v1.conversations(sid).webhooks(webhook.sid).delete_async()
        except TwilioError as error:
            if error.status != 404:
                raise answer_of(error) from error
        return {}


class AttachStudioDelivery(TwilioDelivery):
    """Puts the Studio flow back, and takes the mark off that nobody is wanted any more; may be repeated."""

    async def send(self, entry: Entry) -> Receipt:
        """Create the webhook if it is not there."""
        conversation, sid = await self.with_sid(entry)
        flow_sid = self._desk.services.twilio_settings.studio_flow_sid
        if flow_sid is None or conversation.ended_at is not None:
            return {"skipped": True}
        remote = self.rest.conversations.v1.conversations(sid)
        task = task_attributes(await brief(self._desk, conversation, conversation.case))
        try:
            await remote.update_async(attributes=conversation_attributes(conversation.id, task, wants_agent=False))
            if "studio" not in {webhook.target for webhook in await remote.webhooks.list_async()}:
                await remote.webhooks.create_async(
                    target="studio", configuration_flow_sid=flow_sid, configuration_filters=["onMessageAdded"]
                )
        except TwilioError as error:
            raise answer_of(error) from error
        return {}


class WithdrawDelivery(TwilioDelivery):
    """Takes a request back: sets the Interaction's channel inactive, which ends its tasks; may be repeated.

    Tasks are never cancelled by themselves, and the channel is not closed: that would close the Conversation for good.
    """

    async def send(self, entry: Entry) -> Receipt:
        """Set the channel inactive, unless an agent is in it."""
        conversation = await self.conversation_of(entry)
        channel = interaction_channel(
            self._desk,
            _text(entry, "interaction_sid") or conversation.interaction_sid,
            _text(entry, "channel_sid") or conversation.channel_sid,
        )
        if channel is None:
            return {"found": False}
        try:
            task_sid = _text(entry, "task")
            if task_sid is not None and not await task_waits(self._desk, task_sid):
                return {"found": False}  # the channel may serve a newer request by now
            if await channel_status(channel) not in {"setup", "active", "transfer"}:
                return {"found": False}
            if await self._has_agent(channel):
                raise Refused(_TOO_LATE, "an agent has joined")
            await channel.update_async(status="inactive", routing={"status": "closed"})
        except TwilioError as error:
            raise answer_of(error) from error
        return {"found": True}

    async def _has_agent(self, channel: Any) -> bool:
        return any(participant.type == "agent" for participant in await channel.participants.list_async(limit=50))

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the member that the request was taken back, or that it could not be."""
        conversation = await _locked(session, entry)
        if conversation is None:
            return
        if not entry.payload["request"] == conversation.withdrawn == conversation.requests:
            task_sid = _text(entry, "task")
            if task_sid is not None and not isinstance(outcome, Refused) and outcome["found"]:
                # While the flow waited for the late task, it took no notice of what the member said.
                await self._bridge.progress.make_again(session, conversation, task_sid)
            return
        if isinstance(outcome, Refused):
            if outcome.reason != _TOO_LATE:
                await super().settled(session, entry, outcome)
            await self._bridge.progress.not_withdrawn(session, conversation)
        else:
            reason = "the request was taken back"
            await self._bridge.progress.apply(session, conversation, Sign.WITHDRAWN, reason=reason)


class WhoCameDelivery(TwilioDelivery):
    """Reads whether an agent who joined while a request was being taken back is still there; may be repeated."""

    async def send(self, entry: Entry) -> Receipt:
        """Ask; the withdrawal is through, for it stands before in this lane."""
        _, sid = await self.with_sid(entry)
        participants = self.rest.conversations.v1.conversations(sid).participants
        try:
            await participants(str(entry.payload["participant"])).fetch_async()
        except TwilioError as error:
            if error.status != NOT_FOUND:
                raise answer_of(error) from error
            return {"there": False}
        return {"there": True}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the member of an agent who has come to stay."""
        await super().settled(session, entry, outcome)
        conversation = await _locked(session, entry)
        if conversation is None or isinstance(outcome, Refused) or not outcome["there"]:
            return
        sign = AgentSign(str(entry.payload["participant"]), str(entry.payload["identity"]), True, certain=True)
        await self._bridge.progress.apply(session, conversation, sign, agent=_text(entry, "name"))


class AfterLeftDelivery(TwilioDelivery):
    """Asks Flex what follows when no agent is there any more: the end, another agent, or the virtual agent.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        reader: reads people and tasks.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, reader: TwilioReader) -> None:
        super().__init__(desk, bridge)
        self._reader = reader

    async def send(self, entry: Entry) -> Receipt:
        """Read until it is clear; right after an agent has left, Flex may still be at work."""
        conversation, sid = await self.with_sid(entry)
        if conversation.state is not HandoffState.LEFT:
            return {"sign": None}
        try:
            if (await self.rest.conversations.v1.conversations(sid).fetch_async()).state == "closed":
                await self._reader.read_messages(conversation)
                return {"sign": Sign.CLOSED.name}
            await self._reader.look_at_people(conversation)
            await self._reader.look_at_tasks(conversation)
            if await self._waits_again(conversation):
                return {"sign": Sign.WAITS_AGAIN.name}
            status = await self._channel_status(conversation)
        except TwilioError as error:
            raise answer_of(error) from error
        if status in {"inactive", "failed"} or entry.attempts >= _PATIENCE:
            return {"sign": Sign.PAUSED.name}
        raise Retry(f"the channel is {status}, nobody is in it", after=_PAUSE)

    async def _waits_again(self, conversation: Conversation) -> bool:
        async with self._desk.store.read() as session:
            return await ways.waiting_task(session, conversation.id) is not None

    async def _channel_status(self, conversation: Conversation) -> str | None:
        channel = interaction_channel(self._desk, conversation.interaction_sid, conversation.channel_sid)
        return None if channel is None else await channel_status(channel)

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Go on as Flex has said; where it says nothing any more, to the virtual agent."""
        await super().settled(session, entry, outcome)
        conversation = await _locked(session, entry)
        name = Sign.PAUSED.name if isinstance(outcome, Refused) else outcome["sign"]
        if conversation is not None and name is not None:
            await self._bridge.progress.apply(session, conversation, Sign[str(name)])


async def _locked(session: AsyncSession, entry: Entry) -> Conversation | None:
    return await conversations.find(session, number=int(str(entry.payload["conversation"])), to_change=True)


def _request(entry: Entry, conversation: Conversation) -> int:
    """Give the request that an entry belongs to; those of earlier versions do not say."""
    number = entry.payload.get("request")
    return conversation.requests if number is None else int(str(number))


def _text(entry: Entry, name: str) -> str | None:
    value = entry.payload.get(name)
    return None if value is None else str(value)
