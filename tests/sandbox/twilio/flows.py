"""The Studio flow that the tests use: ask the bot who shall answer, then either let it answer or fetch an agent."""

from typing import Any


def bot_or_agent(bot_url: str, workflow_sid: str, channel_sid: str) -> dict[str, Any]:
    """Ask the bot, split on its answer, send to Flex or tell the bot to answer."""
    conversation = '"conversation": {{trigger.conversation.ConversationSid | to_json}}'
    body = f'{{{conversation}, "body": {{{{trigger.conversation.Body | to_json}}}}}}'
    attributes = (
        '{"customerName": {{trigger.conversation.ChannelAttributes.customer | to_json}}, '
        '"case_url": {{widgets.ask.parsed.case_url | to_json}}}'
    )

    def request(name: str, path: str, success: str | None) -> dict[str, Any]:
        return {
            "name": name,
            "type": "make-http-request",
            "transitions": [{"event": "success", "next": success}, {"event": "failed"}],
            "properties": {
                "method": "POST",
                "content_type": "application/json;charset=utf-8",
                "url": f"{bot_url}{path}",
                "body": body,
            },
        }

    condition = {
        "friendly_name": "an agent is wanted",
        "arguments": ["{{widgets.ask.parsed.wants_agent}}"],
        "type": "equal_to",
        "value": "true",
    }
    return {
        "description": "Bot or agent",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [
            {
                "name": "Trigger",
                "type": "trigger",
                "transitions": [
                    {"event": "incomingMessage"},
                    {"event": "incomingConversationMessage", "next": "ask"},
                    {"event": "incomingCall"},
                    {"event": "incomingRequest"},
                    {"event": "incomingParent"},
                ],
                "properties": {"offset": {"x": 0, "y": 0}},
            },
            request("ask", "/ask", "split"),
            {
                "name": "split",
                "type": "split-based-on",
                "transitions": [
                    {"event": "noMatch", "next": "answer"},
                    {"event": "match", "next": "agent", "conditions": [condition]},
                ],
                "properties": {"input": "{{widgets.ask.parsed.wants_agent}}"},
            },
            request("answer", "/answer", None),
            {
                "name": "agent",
                "type": "send-to-flex",
                "transitions": [
                    {"event": "callComplete"},
                    {"event": "failedToEnqueue"},
                    {"event": "callFailure"},
                ],
                "properties": {
                    "workflow": workflow_sid,
                    "channel": channel_sid,
                    "attributes": attributes,
                    "priority": "5",
                    "timeout": "3600",
                },
            },
        ],
    }
