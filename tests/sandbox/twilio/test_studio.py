"""Studio: what it refuses, and how a flow runs, waits and fails."""

import copy
import json
from typing import Any

import pytest
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.studio.definition import findings
from frontdesk_sandbox.twilio.studio.state import Execution
from frontdesk_sandbox.twilio.studio.templates import Templates, matches
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.flows import bot_or_agent
from tests.sandbox.twilio.kit import Bot

GOOD = bot_or_agent("http://127.0.0.1:9", "WW" + "0" * 32, "TC" + "0" * 32)


def spoilt(change: str) -> dict[str, Any]:
    flow = copy.deepcopy(GOOD)
    trigger, ask, split = flow["states"][:3]
    match change:
        case "initial":
            flow["initial_state"] = "Nowhere"
        case "next":
            trigger["transitions"][1]["next"] = "aks"
        case "type":
            ask["type"] = "make-a-wish"
        case "event":
            ask["transitions"][0]["event"] = "won"
        case "url":
            del ask["properties"]["url"]
        case "condition":
            split["transitions"][1]["conditions"][0]["type"] = "looks_like"
        case "twice":
            split["name"] = "ask"
        case "root":
            del flow["description"]
    return flow


def test_our_flow_is_good() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("initial", "initial_state"), ("next", "'aks'"), ("type", "make-a-wish"), ("event", "'won'"),
        ("url", "url is required"), ("condition", "looks_like"), ("twice", "more than once"),
        ("root", "description"),
    ],
)  # fmt: skip
async def test_refusals_say_where(client: Client, change: str, words: str) -> None:
    flow = spoilt(change)
    with pytest.raises(TwilioRestException, match=words) as refusal:
        await client.studio.v2.flows.create_async(friendly_name="F", status="published", definition=flow)
    assert refusal.value.status == 400
    assert any(words in e["message"] for e in refusal.value.details["errors"])
    draft = await client.studio.v2.flows.create_async(friendly_name="F", status="draft", definition=flow)
    assert draft.valid is False


KEYS = st.sampled_from(["states", "name", "type", "transitions", "event", "next", "conditions", "properties"])
WORDS = st.sampled_from(["split-based-on", "trigger", "match", "ask", "send-to-flex"]) | st.text(max_size=3)
ANYTHING = st.recursive(
    st.none() | st.booleans() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(ANYTHING, st.lists(st.dictionaries(KEYS, ANYTHING), max_size=3))
def test_nothing_makes_the_check_fall_over(definition: Any, states: list[Any]) -> None:
    assert findings(definition)
    assert findings({"states": states, "initial_state": "ask", "description": ""})


@given(st.text())
def test_to_json_makes_any_text_safe(text: str) -> None:
    rendered = Templates().render('{"a": {{ words | to_json }}, "b": {{ nothing | to_json }}}', {"words": text})
    assert json.loads(rendered) == {"a": text, "b": None}


def test_conditions() -> None:
    assert matches("equal_to", " Agent ", "agent")
    assert matches("contains", "an AGENT please", "agent")
    assert matches("matches_any_of", "yes", "no, yes")
    assert matches("regex", "abc1", r"\d$")
    assert matches("less_than", "2", "10")
    assert not matches("less_than", "x", "10")
    assert matches("is_blank", " ", "")


async def running(twilio: LoopbackTwilio, client: Client, definition: dict[str, Any], attributes: str = "{}") -> Any:
    flow = await client.studio.v2.flows.create_async(friendly_name="F", status="published", definition=definition)
    made = await client.conversations.v1.conversations.create_async(attributes=attributes)
    context = client.conversations.v1.conversations(made.sid)
    await context.participants.create_async(identity="ana")
    await context.webhooks.create_async(target="studio", configuration_flow_sid=flow.sid)
    return context


async def write(context: Any, text: str) -> None:
    await context.messages.create_async(author="ana", body=text, x_twilio_webhook_enabled="true")


async def ended(twilio: LoopbackTwilio, count: int = 1) -> Execution:
    found = await twilio.world.changes.until(
        lambda: [e for e in twilio.world.studio.executions.values() if e.status == "ended"][count - 1 :],
        deadline=5, what="the end of an execution",
    )  # fmt: skip
    return found[0]


def ours(twilio: LoopbackTwilio, bot: Bot) -> dict[str, Any]:
    router = twilio.world.router
    return bot_or_agent(bot.url, router.workflow.sid, router.chat_channel.sid)


async def test_requests_are_signed_and_carry_the_text(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    context = await running(twilio, client, ours(twilio, bot))
    await write(context, 'quote " and \\ and سلام')
    await ended(twilio)
    assert [hook.path for hook in bot.hooks] == ["/ask", "/answer"]
    assert all(hook.signed for hook in bot.hooks)
    assert bot.hooks[0].json["body"] == 'quote " and \\ and سلام'


async def test_a_message_without_the_header_starts_nothing(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    context = await running(twilio, client, ours(twilio, bot))
    await context.messages.create_async(author="ana", body="silent")
    assert twilio.world.studio.executions == {}


async def test_a_refusing_bot_is_recorded(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    bot.status = 500
    await write(await running(twilio, client, ours(twilio, bot)), "hello")
    execution = await ended(twilio)
    assert execution.problems == [(81016, "ask: status 500")]
    assert [(s.name, s.event) for s in execution.steps][-1] == ("ask", "failed")


async def test_an_execution_waits_for_its_task_and_takes_the_messages(
    twilio: LoopbackTwilio, client: Client, bot: Bot
) -> None:
    bot.answer = lambda _hook: {"wants_agent": True}
    context = await running(twilio, client, ours(twilio, bot), '{"customer": "Ana"}')
    agent = twilio.agent()
    await agent.available()
    await write(context, "a person")
    await agent.accept()
    await write(context, "are you there?")
    assert len(twilio.world.studio.executions) == 1
    await agent.leaves()
    execution = await ended(twilio)
    assert execution.steps[-1].event == "callComplete"
    await write(context, "again")
    assert len(twilio.world.studio.executions) == 2


async def test_send_to_flex_fails_when_the_interaction_does(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    bot.answer = lambda _hook: {"wants_agent": True}
    twilio.world.flex.refuse_next = (45350, "no")
    await write(await running(twilio, client, ours(twilio, bot)), "a person")
    assert (await ended(twilio)).steps[-1].event == "failedToEnqueue"


async def test_send_and_wait_takes_the_next_message(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    flow = ours(twilio, bot)
    flow["states"][0]["transitions"][1]["next"] = "wait"
    flow["states"] += [
        {
            "name": "wait",
            "type": "send-and-wait-for-reply",
            "transitions": [{"event": "incomingMessage", "next": "say"}],
            "properties": {"body": "Your name?", "from": "bot"},
        },
        {
            "name": "say",
            "type": "send-message",
            "transitions": [{"event": "sent"}],
            "properties": {"body": "Hello {{widgets.wait.inbound.Body}}", "from": "bot"},
        },
    ]
    context = await running(twilio, client, flow)
    await context.webhooks.create_async(
        target="webhook", configuration_url=f"{bot.url}/chat", configuration_filters=["onMessageAdded"]
    )
    await write(context, "hi")
    await twilio.world.changes.until(lambda: len(next(iter(twilio.world.chat.conversations.values())).messages) == 2)
    await write(context, "Ana")
    await ended(twilio)
    texts = next(iter(twilio.world.chat.conversations.values())).texts()
    assert texts == ["hi", "Your name?", "Ana", "Hello Ana"]
    await twilio.world.settled()
    assert [hook.params["Body"] for hook in bot.hooks] == ["hi", "Ana"]


async def test_an_execution_can_be_stopped(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    bot.answer = lambda _hook: {"wants_agent": True}
    await write(await running(twilio, client, ours(twilio, bot)), "a person")
    execution = next(iter(twilio.world.studio.executions.values()))
    flow = client.studio.v2.flows(execution.flow_sid)
    await twilio.world.changes.until(lambda: twilio.world.router.tasks)
    await flow.executions(execution.sid).update_async(status="ended")
    assert (await flow.executions(execution.sid).fetch_async()).status == "ended"


async def test_form_bodies_arrive_as_written(twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
    flow = ours(twilio, bot)
    flow["states"][1]["properties"] |= {
        "content_type": "application/x-www-form-urlencoded;charset=utf-8",
        "body": "Body={{trigger.conversation.Body | url_encode}}&Sid={{trigger.conversation.MessageSid}}&None=",
    }
    await write(await running(twilio, client, flow), "50% & more = سلام + ?")
    await ended(twilio)
    asked = bot.hooks[0]
    assert asked.signed
    assert asked.params["Body"] == "50% & more = سلام + ?"
    assert asked.params["Sid"].startswith("IM")
    assert asked.params["None"] == ""
