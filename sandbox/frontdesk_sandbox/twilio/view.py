"""What one agent sees in Flex, as JSON, for the browser's agent desktop."""

import json
from typing import Any

from .agent import Agent
from .chat.state import Conversation, Message
from .clock import rest_time
from .taskrouter.state import Reservation, Task
from .world import World


def view_for(world: World, agent: Agent) -> dict[str, Any]:
    """A snapshot: the agent, the offers, the accepted tasks with their chats and side panels."""
    router = world.router
    activity = router.activities[agent.worker.activity_sid]
    return {
        "agent": {
            "name": agent.name,
            "full_name": agent.worker.full_name,
            "identity": agent.identity,
            "worker_sid": agent.worker.sid,
            "activity": activity.friendly_name,
            "available": activity.available,
        },
        "incoming": [_offer(world, reservation) for reservation in agent.offers()],
        "tasks": [_task(world, agent, task) for task in agent.tasks()],
        "waiting": sum(t.status.value == "pending" for t in router.tasks.values()),
    }


def side_panel(attributes: dict[str, Any]) -> str | None:
    """The address of the page beside a task, from its attributes."""
    nested = attributes.get("conversations")
    crm = nested.get("crm_url") if isinstance(nested, dict) else None
    for url in (attributes.get("case_url"), attributes.get("crm_url"), crm):
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            return url
    return None


def _about(world: World, task: Task) -> dict[str, Any]:
    attributes = task.details
    customer = attributes.get("customerName") or attributes.get("from") or "Customer"
    return {
        "task_sid": task.sid,
        "status": task.status.value,
        "age": world.router.age(task),
        "customer": customer,
        "attributes": attributes,
        "channel_type": attributes.get("channelType"),
        "side_panel": side_panel(attributes),
    }


def _offer(world: World, reservation: Reservation) -> dict[str, Any]:
    about = _about(world, world.router.tasks[reservation.task_sid])
    return about | {"reservation_sid": reservation.sid}


def _task(world: World, agent: Agent, task: Task) -> dict[str, Any]:
    interaction = world.flex.of_task(task)
    conversation = world.chat.conversations.get(interaction.media_channel_sid) if interaction else None
    return _about(world, task) | {
        "interaction_sid": interaction.sid if interaction else None,
        "conversation_sid": conversation.sid if conversation else None,
        "conversation_state": conversation.state.value if conversation else None,
        "messages": [_message(conversation, m, agent) for m in conversation.messages.values()] if conversation else [],
    }


def _message(conversation: Conversation, message: Message, agent: Agent) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "index": message.index,
        "author": message.author,
        "body": message.body,
        "mine": message.author == agent.identity,
        "edited": message.updated != message.created,
        "at": rest_time(message.created),
        "attributes": json.loads(message.attributes),
        "media": [
            {
                "sid": media.sid,
                "filename": media.filename,
                "content_type": media.content_type,
                "size": len(media.content),
            }
            for media in message.media
        ],
        "conversation_sid": conversation.sid,
    }
