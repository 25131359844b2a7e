"""The Studio flow of the helpdesk: each line goes to the virtual agent, or, once asked for, to Flex."""

from typing import Any

MADE_BY_US = "made by frontdesk flex deploy"
"""The mark of what we made in a Flex account."""

_SEND_TO_FLEX = "send_to_a_person"
_REQUEST = "ChannelAttributes.task.frontdesk_request"


def flow_definition(*, callbacks: str, workflow_sid: str, task_channel_sid: str, timeout: int = 3600) -> dict[str, Any]:
    """Write the flow's definition.

    Args:
        callbacks: the public address of the plugin's routes, without a slash at the end.
        workflow_sid: the TaskRouter workflow, ``WW...``.
        task_channel_sid: the TaskRouter task channel, ``TC...``.
        timeout: seconds after which a task that nobody took is given up.

    Returns:
        The definition as Studio takes it; https://www.twilio.com/docs/studio/rest-api/v2/flow.
    """
    return {
        "description": f"Frontdesk helpdesk ({MADE_BY_US})",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [
            _trigger(),
            _split(),
            _http("ask_the_virtual_agent", f"{callbacks}/chatbot-to-discord", (300, 500)),
            _send_to_flex(workflow_sid, task_channel_sid, timeout),
            _http("say_that_it_failed", f"{callbacks}/handoff-failed", (0, 750), Request=_REQUEST),
        ],
    }


def _trigger() -> dict[str, Any]:
    events = ["incomingMessage", "incomingCall", "incomingRequest", "incomingParent"]
    return {
        "name": "Trigger",
        "type": "trigger",
        "properties": {"offset": {"x": 0, "y": 0}},
        "transitions": [
            {"event": "incomingConversationMessage", "next": "wants_a_person"},
            *({"event": event} for event in events),
        ],
    }


def _split() -> dict[str, Any]:
    variable = "{{trigger.conversation.ChannelAttributes.wants_agent}}"
    condition = {"friendly_name": "A person was asked for", "arguments": [variable], "type": "equal_to", "value": "yes"}
    return {
        "name": "wants_a_person",
        "type": "split-based-on",
        "properties": {"input": variable, "offset": {"x": 0, "y": 250}},
        "transitions": [
            {"event": "noMatch", "next": "ask_the_virtual_agent"},
            {"event": "match", "next": _SEND_TO_FLEX, "conditions": [condition]},
        ],
    }


def _http(name: str, url: str, place: tuple[int, int], **more: str) -> dict[str, Any]:
    fields = {field: field for field in ("ConversationSid", "MessageSid", "Body")} | more
    body = "&".join(f"{field}={{{{trigger.conversation.{path} | url_encode}}}}" for field, path in fields.items())
    return {
        "name": name,
        "type": "make-http-request",
        "properties": {
            "offset": {"x": place[0], "y": place[1]},
            "method": "POST",
            "content_type": "application/x-www-form-urlencoded;charset=utf-8",
            "url": url,
            "body": body,
            "add_twilio_auth": False,
        },
        "transitions": [{"event": "success"}, {"event": "failed"}],
    }


def _send_to_flex(workflow_sid: str, task_channel_sid: str, timeout: int) -> dict[str, Any]:
    return {
        "name": _SEND_TO_FLEX,
        "type": "send-to-flex",
        "properties": {
            "offset": {"x": -300, "y": 500},
            "workflow": workflow_sid,
            "channel": task_channel_sid,
            # The desk writes them all, see briefing.py: what a person wrote is never part of the flow's own text.
            "attributes": "{{trigger.conversation.ChannelAttributes.task | to_json}}",
            "priority": "{{trigger.conversation.ChannelAttributes.task.priority | default: 0}}",
            "timeout": str(timeout),
        },
        "transitions": [
            {"event": "callComplete"},
            {"event": "failedToEnqueue", "next": "say_that_it_failed"},
            {"event": "callFailure"},  # the task's own event says why
        ],
    }
