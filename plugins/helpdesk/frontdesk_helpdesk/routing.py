"""How a conversation gets to Flex: through the Studio flow, or straight through the Interactions API."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from frontdesk import Desk, Receipt, Refused, TwilioError, TwilioTable

from frontdesk_helpdesk.briefing import conversation_attributes
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.events import request_of, task_read
from frontdesk_helpdesk.handoff import TaskStatus
from frontdesk_helpdesk.settings import HelpdeskSettings


class Routing(Protocol):
    """One way to Flex. Errors of Twilio come through as they are."""

    async def hand_over(self, conversation: Conversation, sid: str, attributes: Mapping[str, Any]) -> Receipt:
        """Have a task made for a conversation.

        Args:
            conversation: which.
            sid: its SID at Twilio.
            attributes: of the task.

        Returns:
            ``interaction_sid`` and ``channel_sid`` where they are known already.
        """
        ...

    async def find(self, conversation: Conversation, sid: str, request: int) -> Receipt | None:
        """Tell whether an earlier, doubtful attempt for a request has succeeded."""
        ...


class StudioRouting:
    """Marks the Conversation; the flow sends it to Flex with the member's next line. May be repeated.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk

    async def hand_over(self, conversation: Conversation, sid: str, attributes: Mapping[str, Any]) -> Receipt:
        """Update the Conversation's attributes.

        Raises:
            Refused: if there is no flow: nobody would ever read them.
        """
        assert self._desk.twilio is not None
        if not self._desk.services.twilio_settings.studio_flow_sid:
            raise Refused("not-set-up", "run `frontdesk flex deploy`: bot.toml names no flow")
        marked = conversation_attributes(conversation.id, attributes, wants_agent=True)
        with self._desk.twilio.idempotent():
            await self._desk.twilio.rest.conversations.v1.conversations(sid).update_async(attributes=marked)
        return {}

    async def find(self, conversation: Conversation, sid: str, request: int) -> Receipt | None:
        """Nothing to look up: marking again does no harm."""
        del conversation, sid, request
        return None


class DirectRouting:
    """Creates the Interaction; Flex drops a second one for a conversation that is in one already (45353).

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk

    async def hand_over(self, conversation: Conversation, sid: str, attributes: Mapping[str, Any]) -> Receipt:
        """Create the Interaction."""
        assert self._desk.twilio is not None
        del conversation
        created = await self._desk.twilio.rest.flex_api.v1.interaction.create_async(
            channel={"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": sid}},
            routing=routing_of(self._desk, attributes),
        )
        channel = created.channel if isinstance(created.channel, Mapping) else {}
        return {"interaction_sid": created.sid, "channel_sid": channel.get("sid")}

    async def find(self, conversation: Conversation, sid: str, request: int) -> Receipt | None:
        """Look for a live task of this request."""
        assert self._desk.twilio is not None
        del conversation
        for task in await tasks_of(self._desk, sid):
            sign = task_read(task)
            if sign and sign.request == request and sign.status is not TaskStatus.OVER:
                found = json.loads(task.attributes or "{}")
                return {
                    "interaction_sid": found.get("flexInteractionSid"),
                    "channel_sid": found.get("flexInteractionChannelSid"),
                }
        return None


class InviteRouting:
    """Brings an agent into an Interaction whose channel is inactive: the way back, whichever was the first.

    Args:
        desk: what the plugin was given.
        otherwise: the way for a conversation that has no such Interaction.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], otherwise: Routing) -> None:
        self._desk = desk
        self._otherwise = otherwise

    async def hand_over(self, conversation: Conversation, sid: str, attributes: Mapping[str, Any]) -> Receipt:
        """Send an Invite into the present Interaction, or go the other way."""
        channel = self._channel(conversation)
        if channel is None or await channel_status(channel) != "inactive":
            return await self._otherwise.hand_over(conversation, sid, attributes)
        await channel.invites.create_async(routing=routing_of(self._desk, attributes))
        return {"interaction_sid": conversation.interaction_sid, "channel_sid": conversation.channel_sid}

    async def find(self, conversation: Conversation, sid: str, request: int) -> Receipt | None:
        """Look for a task of an Invite, or for what the other way made."""
        if conversation.channel_sid is None:
            return await self._otherwise.find(conversation, sid, request)
        return await DirectRouting(self._desk).find(conversation, sid, request)

    def _channel(self, conversation: Conversation) -> Any | None:
        return interaction_channel(self._desk, conversation.interaction_sid, conversation.channel_sid)


def routing_for(desk: Desk[HelpdeskSettings], *, again: bool) -> Routing:
    """Choose the way.

    Args:
        desk: what the plugin was given.
        again: put back into the queue by the desk, without a line of the member that would wake the flow.
    """
    direct = desk.settings.routing == "direct" or again
    return InviteRouting(desk, DirectRouting(desk) if direct else StudioRouting(desk))


def routing_of(desk: Desk[HelpdeskSettings], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Write the routing of an Interaction or Invite.

    Raises:
        Refused: if the account is not set up.
    """
    known: TwilioTable = desk.services.twilio_settings
    if known.workspace_sid is None or known.workflow_sid is None:
        raise Refused("not-set-up", "run `frontdesk flex deploy`: bot.toml names no workspace and workflow")
    return {
        "properties": {
            "workspace_sid": known.workspace_sid,
            "workflow_sid": known.workflow_sid,
            "task_channel_unique_name": desk.settings.task_channel,
            "timeout": desk.settings.queue.minutes * 60,
            "priority": attributes.get("priority") or 0,
            "attributes": dict(attributes),
        }
    }


def interaction_channel(
    desk: Desk[HelpdeskSettings], interaction_sid: str | None, channel_sid: str | None
) -> Any | None:
    """Give an Interaction's channel to ask or change; None if it is not known."""
    if desk.twilio is None or not interaction_sid or not channel_sid:
        return None
    return desk.twilio.rest.flex_api.v1.interaction(interaction_sid).channels(channel_sid)


async def channel_status(channel: Any) -> str | None:
    """Read how an Interaction's channel stands; None if it is gone: Flex deletes it after 180 days."""
    try:
        return str((await channel.fetch_async()).status)
    except TwilioError as error:
        if error.status == 404:
            return None
        raise


async def interaction_request(desk: Desk[HelpdeskSettings], interaction_sid: str) -> int | None:
    """Read for which request of a conversation an Interaction was made; None if it does not say, or is gone."""
    assert desk.twilio is not None
    try:
        routing = (await desk.twilio.rest.flex_api.v1.interaction(interaction_sid).fetch_async()).routing
    except TwilioError as error:
        if error.status == 404:
            return None
        raise
    properties = routing.get("properties") if isinstance(routing, Mapping) else None
    attributes = properties.get("attributes") if isinstance(properties, Mapping) else None
    return request_of(attributes) if isinstance(attributes, Mapping) else None


async def tasks_of(desk: Desk[HelpdeskSettings], sid: str) -> list[Any]:
    """List the tasks that TaskRouter has for a Conversation, newest last."""
    workspace_sid = desk.services.twilio_settings.workspace_sid
    if desk.twilio is None or workspace_sid is None:
        return []
    tasks = desk.twilio.rest.taskrouter.v1.workspaces(workspace_sid).tasks
    found: list[Any] = await tasks.list_async(evaluate_task_attributes=f"conversationSid == '{sid}'", limit=50)
    return sorted(found, key=lambda task: str(task.date_created))


async def task_waits(desk: Desk[HelpdeskSettings], task_sid: str) -> bool:
    """Tell whether a task waits for an agent; one that TaskRouter does not know any more does not."""
    workspace_sid = desk.services.twilio_settings.workspace_sid
    if desk.twilio is None or workspace_sid is None:
        return False
    try:
        task = await desk.twilio.rest.taskrouter.v1.workspaces(workspace_sid).tasks(task_sid).fetch_async()
    except TwilioError as error:
        if error.status == 404:
            return False
        raise
    return str(task.assignment_status) in {"pending", "reserved"}
