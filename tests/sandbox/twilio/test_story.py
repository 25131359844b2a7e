"""The whole story: a customer writes, Studio asks the bot, an agent takes over, both talk, it ends."""

import json

import aiohttp
import pytest
from frontdesk_sandbox.twilio import LoopbackTwilio
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest.conversations.v1.conversation import ConversationContext  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.flows import bot_or_agent
from tests.sandbox.twilio.kit import Bot, basic

EVENTS = [
    "onMessageAdded", "onMessageUpdated", "onMessageRemoved", "onParticipantAdded", "onParticipantRemoved",
    "onConversationStateUpdated",
]  # fmt: skip


async def open_conversation(client: Client, bot: Bot, flow_sid: str) -> tuple[ConversationContext, str]:
    conversations = client.conversations.v1.conversations
    made = await conversations.create_async(
        unique_name="discord-1", attributes=json.dumps({"customer": 'Ana "A" Sol'}), state="active"
    )
    context = conversations(made.sid)
    await context.participants.create_async(identity="discord_1")
    await context.webhooks.create_async(
        target="webhook", configuration_url=f"{bot.url}/forward", configuration_method="post",
        configuration_filters=EVENTS,
    )  # fmt: skip
    await context.webhooks.create_async(
        target="studio", configuration_flow_sid=flow_sid, configuration_filters=["onMessageAdded"]
    )
    return context, made.sid


async def say(context: ConversationContext, text: str) -> None:
    await context.messages.create_async(author="discord_1", body=text, x_twilio_webhook_enabled="true")


async def test_bot_answers_then_an_agent_takes_over_and_completes(
    twilio: LoopbackTwilio, client: Client, bot: Bot, web: aiohttp.ClientSession
) -> None:
    configuration = await client.flex_api.v1.configuration().fetch_async()
    workspace = client.taskrouter.v1.workspaces(configuration.taskrouter_workspace_sid)
    await workspace.update_async(event_callback_url=f"{bot.url}/tasks")
    channels = await workspace.task_channels.list_async()
    chat = next(c for c in channels if c.unique_name == "chat")
    hooks_url = f"{twilio.base_url}/flex-api.twilio.com/v1/Instances/{configuration.flex_instance_sid}"
    form = [("Type", "global"), ("WebhookUrl", f"{bot.url}/interactions"), ("WebhookMethod", "POST")]
    form += [("WebhookEvents", e) for e in ("onParticipantJoined", "onParticipantLeft", "onChannelStatusUpdated")]
    async with web.post(f"{hooks_url}/InteractionWebhooks", data=form, headers=basic(twilio)) as made:
        assert made.status == 201
        assert (await made.json())["ttid"].startswith("flex_interactionwebhook_")
    flow = await client.studio.v2.flows.create_async(
        friendly_name="Frontdesk",
        status="published",
        definition=bot_or_agent(bot.url, configuration.taskrouter_target_workflow_sid, chat.sid),
    )
    assert flow.valid
    wanted = {"agent": False}
    bot.answer = lambda _hook: {"wants_agent": wanted["agent"], "case_url": "http://127.0.0.1:9/cases/7"}

    context, sid = await open_conversation(client, bot, flow.sid)
    await say(context, 'how do I "jump"?')
    await bot.changes.until(lambda: any(h.path == "/answer" for h in bot.hooks), what="the answer request")
    assert next(h for h in bot.hooks if h.path == "/answer").json == {
        "conversation": sid, "body": 'how do I "jump"?',
    }  # fmt: skip
    await twilio.world.changes.until(
        lambda: all(e.status == "ended" for e in twilio.world.studio.executions.values()), what="the end"
    )

    wanted["agent"] = True
    await say(context, "a person please")
    agent = twilio.agent()
    await agent.available()
    task = await agent.accept()
    assert agent.task["customerName"] == 'Ana "A" Sol'
    assert agent.task["conversationSid"] == sid
    assert task.priority == 5
    await bot.heard("onParticipantJoined")
    joined = await bot.heard("onParticipantAdded")
    assert joined.params["Identity"] == agent.identity

    await agent.says("Hello, I am Amira")
    said = await bot.heard("onMessageAdded", 3)
    assert said.params["Body"] == "Hello, I am Amira"
    assert said.params["Source"] == "SDK"
    assert said.params["Author"] == agent.identity == said.params["ClientIdentity"]
    assert said.params["ConversationSid"] == sid
    await say(context, "hi Amira")
    await agent.sees("hi Amira")
    assert len(twilio.world.studio.executions) == 2
    view = json.loads(json.dumps(twilio.world.view_for(agent)))
    assert view["tasks"][0]["side_panel"] == "http://127.0.0.1:9/cases/7"
    assert [m["body"] for m in view["tasks"][0]["messages"]][-1] == "hi Amira"

    await agent.completes()
    closed = await bot.heard("onConversationStateUpdated")
    assert (closed.params["StateFrom"], closed.params["StateTo"]) == ("active", "closed")
    await bot.heard("task.completed")
    left = await bot.heard("onParticipantLeft")
    assert left.params["MediaChannelSid"] == sid
    assert left.params["TaskSid"] == task.sid
    assert left.params["ParticipantType"] == "agent"
    await twilio.world.settled()
    assert bot.events("/tasks") == [
        "worker.activity.update", "task.created", "task-queue.entered", "reservation.created",
        "reservation.accepted", "reservation.wrapup", "task.wrapup", "reservation.completed", "task.completed",
    ]  # fmt: skip
    assert all(hook.signed for hook in bot.hooks)
    assert all(d.status == 200 for d in twilio.world.webhooks.deliveries)
    with pytest.raises(TwilioRestException) as refusal:
        await say(context, "too late")
    assert refusal.value.code == 50377
