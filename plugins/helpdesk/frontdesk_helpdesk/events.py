"""Twilio's webhooks as events of ours: read what the form says, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from frontdesk_helpdesk.bridge import TwilioMessage
from frontdesk_helpdesk.files import GivenFile, Source
from frontdesk_helpdesk.handoff import AgentSign, AnySign, Ending, RefusedSign, Sign, TaskSign, TaskStatus
from frontdesk_helpdesk.storable import storable
from frontdesk_helpdesk.twilio_marks import DELETED, DESK_IDENTITY, mark_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """A webhook that shows where the handoff of a conversation stands.

    Args:
        sign: what it shows.
        sid: the Conversation's SID, if it names one.
        agent: the live agent's name, if it names one.
        reason: why, as Twilio says it.
        interaction_sid: Flex's Interaction, if it names one.
        channel_sid: the Interaction's channel, if it names one.
        queue_sid: the TaskQueue, if it names one.
    """

    sign: AnySign
    sid: str | None = None
    agent: str | None = None
    reason: str | None = None
    interaction_sid: str | None = None
    channel_sid: str | None = None
    queue_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """A worker did not take a task that was offered.

    Args:
        task_sid: ``WT...``.
        worker_sid: ``WK...``.
        sid: the Conversation's SID.
    """

    task_sid: str
    worker_sid: str
    sid: str


@dataclass(frozen=True, slots=True)
class LookAtPeople:
    """Somebody came or went; who it was has to be read from the Conversation.

    Args:
        sid: the Conversation's SID.
    """

    sid: str


_DIGITS = 9  # of a number that we take as one

MESSAGE_CHANGES = frozenset({"onMessageUpdated", "onMessageRemoved"})


def message_told(params: Mapping[str, str], now: datetime) -> TwilioMessage:
    """Read an ``onMessageAdded``, ``onMessageUpdated`` or ``onMessageRemoved`` webhook.

    Args:
        params: the form.
        now: stands in for a date that cannot be read.

    Raises:
        ValueError: if it names no message or no index.
    """
    sid, author = storable(params.get("MessageSid", "")), storable(params.get("Author", ""))
    if not sid:
        raise ValueError("the webhook names no MessageSid")
    return TwilioMessage(
        sid=sid,
        index=_index(params.get("Index")),
        author=author,
        text=storable(params.get("Body", "")),
        ours=author == DESK_IDENTITY or mark_of(params.get("Attributes")) is not None,
        said_at=_moment(params.get("DateCreated"), now),
        files=_media(_json_list(params.get("Media")), {"sid": "Sid", "filename": "Filename", "type": "ContentType"}),
        revised_at=_moment(params.get("DateUpdated") or params.get("DateRemoved"), now),
        participant=storable(params.get("ParticipantSid", "")) or None,
    )


def _index(digits: str | None) -> int:
    index = 0 if digits == "0" else _number(digits)
    if index is None:
        raise ValueError("the webhook has no Index")
    return index


def message_read(message: Any, now: datetime) -> TwilioMessage:
    """Describe a message that was read through the API."""
    return TwilioMessage(
        sid=message.sid,
        index=int(message.index),
        author=storable(message.author or ""),
        text=storable(message.body or ""),
        ours=message.author == DESK_IDENTITY or mark_of(message.attributes) is not None,
        said_at=(message.date_created or now).astimezone(UTC),
        files=_media(message.media or [], {"sid": "sid", "filename": "filename", "type": "content_type"}),
        participant=message.participant_sid or None,
        revised_at=(message.date_updated or now).astimezone(UTC),
    )


def _media(listed: Sequence[Any], names: Mapping[str, str]) -> tuple[GivenFile, ...]:
    """Describe the files of a message; webhooks and the API spell the fields differently."""
    size = "Size" if names["sid"] == "Sid" else "size"
    return tuple(
        GivenFile(
            source=Source.TWILIO,
            source_id=storable(str(media[names["sid"]])),
            name=storable(str(media.get(names["filename"]) or "file")),
            content_type=storable(str(media.get(names["type"]) or "application/octet-stream")),
            size=int(media.get(size) or 0),
        )
        for media in listed
        if isinstance(media, Mapping) and media.get(names["sid"])
    )


def conversation_event(params: Mapping[str, str], identity: str) -> Evidence | None:
    """Read a Conversation's webhook about participants or its state.

    Args:
        params: the form.
        identity: the member's own identity, whose coming and going is no news.

    Returns:
        What it shows, or None.
    """
    event, sid, who = params.get("EventType"), params.get("ConversationSid"), storable(params.get("Identity", ""))
    if event == "onConversationStateUpdated" and params.get("StateTo") == "closed":
        return Evidence(Sign.CLOSED, sid, reason=params.get("Reason"))
    if event == "onConversationRemoved":
        return Evidence(Sign.CLOSED, sid, reason=DELETED)
    participant = storable(params.get("ParticipantSid", ""))
    if not who or not participant or who in {identity, DESK_IDENTITY}:
        return None
    if event == "onParticipantAdded":
        return Evidence(AgentSign(participant, who, True), sid, agent=full_name(params.get("Attributes")))
    if event == "onParticipantRemoved":
        return Evidence(AgentSign(participant, who, False), sid)
    return None


_TASK_STATUS = {
    "task.created": TaskStatus.WAITING,
    "task-queue.entered": TaskStatus.WAITING,
    "reservation.accepted": TaskStatus.ACCEPTED,
    "task.canceled": TaskStatus.OVER,
    "task.deleted": TaskStatus.OVER,
    "task.completed": TaskStatus.OVER,
    "workflow.timeout": TaskStatus.OVER,
}
_DECLINED = frozenset({"reservation.rejected", "reservation.timeout"})


def task_event(params: Mapping[str, str]) -> Evidence | Declined | None:
    """Read a TaskRouter event callback.

    Returns:
        What it shows, or None for events that change nothing for the member.
    """
    event, task_sid = params.get("EventType", ""), params.get("TaskSid", "")
    attributes = _json(params.get("TaskAttributes"))
    sid = str(attributes.get("conversationSid") or _json(attributes.get("conversations")).get("conversation_id") or "")
    if not sid or not task_sid:
        return None
    if event in _DECLINED and params.get("WorkerSid"):
        return Declined(task_sid, params["WorkerSid"], sid)
    if event not in _TASK_STATUS:
        return None
    reason = params.get("TaskCanceledReason") or params.get("Reason")
    return Evidence(
        TaskSign(task_sid, _TASK_STATUS[event], _ending(event, reason), request_of(attributes)),
        sid,
        reason=reason,
        interaction_sid=_text(attributes.get("flexInteractionSid")),
        channel_sid=_text(attributes.get("flexInteractionChannelSid")),
        queue_sid=params.get("TaskQueueSid"),
    )


def _ending(event: str, reason: str | None) -> Ending | None:
    if event == "task.completed":
        return Ending.COMPLETED
    why = (reason or "").lower()
    if event == "workflow.timeout" or (event == "task.canceled" and ("timeout" in why or "ttl" in why)):
        return Ending.TIMED_OUT
    return Ending.GONE if event in {"task.canceled", "task.deleted"} else None


def request_of(attributes: Mapping[str, Any]) -> int | None:
    """Read from a task's attributes to which request of the conversation it belongs."""
    return _number(attributes.get("frontdesk_request"))


def task_read(task: Any) -> TaskSign | None:
    """Describe a task that was read through the API; None if its status means nothing here."""
    status = {
        "pending": TaskStatus.WAITING,
        "reserved": TaskStatus.WAITING,
        "assigned": TaskStatus.ACCEPTED,
        "wrapping": TaskStatus.OVER,
        "completed": TaskStatus.OVER,
        "canceled": TaskStatus.OVER,
    }.get(str(task.assignment_status))
    if status is None:
        return None
    event = "task.canceled" if task.assignment_status == "canceled" else "task.completed"
    ending = _ending(event, task.reason) if status is TaskStatus.OVER else None
    return TaskSign(str(task.sid), status, ending, request_of(_json(task.attributes)))


def channel_of(task: Any) -> dict[str, str | None]:
    """Read which Interaction a task belongs to, as keyword arguments of `Progress.apply`."""
    attributes = _json(task.attributes)
    return {
        "interaction_sid": _text(attributes.get("flexInteractionSid")),
        "channel_sid": _text(attributes.get("flexInteractionChannelSid")),
    }


def interaction_event(params: Mapping[str, str]) -> Evidence | LookAtPeople | None:
    """Read a Flex Interaction webhook.

    Returns:
        What it shows, or None.
    """
    event, sid = params.get("EventType"), params.get("MediaChannelSid")
    if not sid:
        return None
    if event in {"onParticipantJoined", "onParticipantLeft"} and params.get("ParticipantType") == "agent":
        return LookAtPeople(sid)
    if event == "onChannelCreateFailed":
        reason = params.get("ErrorMessage") or params.get("Reason")
        return Evidence(RefusedSign(), sid, reason=reason, interaction_sid=params.get("InteractionSid"))
    if event == "onChannelStatusUpdated" and params.get("ChannelStatus") == "inactive":
        return Evidence(Sign.PAUSED, sid)
    return None


def failure_told(params: Mapping[str, str]) -> Evidence:
    """Read what the flow says when Flex did not take the conversation."""
    sign = RefusedSign(_number(params.get("Request")))
    return Evidence(sign, params.get("ConversationSid"), reason="the flow could not send it to Flex")


def full_name(attributes: str | None) -> str | None:
    """Read a person's name out of a worker's or participant's attributes."""
    name = _json(attributes).get("full_name")
    return storable(str(name)) or None if name else None


def _number(value: Any) -> int | None:
    digits = str(value or "")
    return int(digits) if digits.isdecimal() and len(digits) <= _DIGITS else None


def _text(value: Any) -> str | None:
    return storable(str(value)) or None if value else None


def _json(text: Any) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return text
    try:
        found = json.loads(text or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _json_list(text: str | None) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _moment(text: str | None, now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return now
