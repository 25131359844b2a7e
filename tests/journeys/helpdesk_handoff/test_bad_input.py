"""Signed nonsense: bodies of almost a megabyte, and bytes that are no text. The talk goes on all the same."""

import itertools
import json
from typing import Any
from urllib.parse import urlencode

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.twilio import Agent
from frontdesk_sandbox.twilio.webhooks import sign

from tests.journeys.helpdesk_handoff.routings import ROUTINGS
from tests.journeys.stories import get, heard_from, reach_a_person

AMIRA = "Amira Haddad"
ROUTES = ("chatbot-to-discord", "forward-to-discord", "handoff-failed", "taskrouter", "interactions")
MUCH = 980_000
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


def forms(sid: str) -> list[dict[str, str]]:
    """Forms of every kind, with something very large in each."""
    much = "let me talk to a person " * (MUCH // 24)
    deep = "[" * (MUCH // 4)
    message = {"EventType": "onMessageAdded", "ConversationSid": sid, "MessageSid": "IM" + "0" * 32, "Author": "amira"}
    task = {"EventType": "task.created", "TaskSid": "WT" + "0" * 32}
    return [
        {**message, "Index": "0", "Body": much},
        {**message, "Index": "9" * 1000, "Body": "x", "Attributes": much},
        {**message, "Index": "9" * 30, "Body": "x"},
        {**message, "Index": "0", "Body": "x", "Attributes": deep},
        {**message, "Index": "0", "Body": "x", "Media": deep},
        {**message, "EventType": "onMessageUpdated", "Index": "0", "Body": much, "DateUpdated": much[:100]},
        {**message, "EventType": "onMessageRemoved", "Index": "0", "MessageSid": much},
        {"EventType": "onParticipantRemoved", "ConversationSid": sid, "ParticipantSid": "MB0", "Identity": much},
        {"EventType": "onConversationStateUpdated", "ConversationSid": sid, "StateTo": much},
        {**task, "TaskAttributes": deep},
        {**task, "TaskAttributes": json.dumps({"conversationSid": sid, "frontdesk_request": "9" * 100_000})},
        {**task, "EventType": "task.canceled", "TaskAttributes": json.dumps({"conversationSid": sid}), "Reason": much},
        {
            **task,
            "EventType": "reservation.rejected",
            "TaskAttributes": f'{{"conversationSid": "{sid}"}}',
            "WorkerSid": much,
        },
        {"EventType": "onParticipantJoined", "MediaChannelSid": sid, "ParticipantType": "agent", "Identity": much},
        {"EventType": "onChannelCreateFailed", "MediaChannelSid": sid, "InteractionSid": "KD/../../" + "x" * 1000},
        {"ConversationSid": sid, "MessageSid": much[:100], "Body": much[:800_000], "Request": "9" * 100_000},
        {"ConversationSid": much},
    ]


@ROUTINGS
async def test_almost_a_megabyte_of_anything_at_every_address(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    webhooks = desk.sandbox.twilio.world.webhooks
    for route, form in itertools.product(ROUTES, forms(agent.conversation.sid)):
        reply = await webhooks.request_signed_form("POST", f"{desk.bot.url}/helpdesk/{route}", form, 10)
        assert reply.status in {200, 204, 400, 404}, (route, {name: text[:50] for name, text in form.items()})
    await agent.says("A real line")
    await member.sees("A real line", "dm", deadline=20)
    assert heard_from(member, AMIRA) == ["A real line"]


@ROUTINGS
async def test_bytes_that_are_no_text_at_every_address(desk: TestDesk, member: Member, agent: Agent) -> None:
    await reach_a_person(member, agent)
    for route in ROUTES:
        await send_bytes(desk, f"{desk.bot.url}/helpdesk/{route}", agent.conversation.sid)
    await agent.says("A real line")
    await member.sees("A real line", "dm")
    assert heard_from(member, AMIRA) == ["A real line"]


async def send_bytes(desk: TestDesk, url: str, sid: str) -> None:
    """Post bytes that are no UTF-8, and text of which little is left to read."""
    token = desk.sandbox.twilio.auth_token
    start = urlencode({"EventType": "onMessageAdded", "ConversationSid": sid, "MessageSid": "IM1", "Index": "0"})
    for bad in (b"\xff\xfe", b"%FF%FE", b"\xc3", b"%ED%A0%80", b"\xf0\x9f\x98"):
        for read_as in ("replace", "ignore", "surrogateescape"):
            body: bytes = start.encode() + b"&Body=" + bad
            params: dict[str, Any] = {"EventType": "onMessageAdded", "ConversationSid": sid, "MessageSid": "IM1"}
            params |= {"Index": "0", "Body": bad.decode(errors=read_as)}
            signature = sign(token, url, {k: v.encode(errors="replace").decode() for k, v in params.items()})
            page = await get(url, "POST", data=body, headers={**FORM, "X-Twilio-Signature": signature})
            assert page.status == 403
    for text in ("\x00", "a\x00b", "\ud7ff\ue000", "\u202eevil", "\ufffe"):
        form = {"ConversationSid": sid, "MessageSid": f"IM{text}", "Index": "0", "EventType": text, "Body": text}
        for each in (form, {**form, "EventType": "onMessageAdded"}, {"TaskAttributes": text, "TaskSid": text}):
            reply = await desk.sandbox.twilio.world.webhooks.request_signed_form("POST", url, each, 10)
            assert reply.status in {200, 204, 400, 404}
