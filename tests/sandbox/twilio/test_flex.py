"""Interactions and tasks: failures, ends, transfers, rejections and time-outs; agents' words."""

import json
from typing import Any

import pytest
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.errors import ApiError
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.kit import Bot, basic

ALL_EVENTS = [
    "onInteractionCreated", "onChannelCreated", "onChannelCreateFailed", "onChannelStatusUpdated",
    "onParticipantJoined", "onParticipantLeft",
]  # fmt: skip


class Front:
    """A conversation with a customer, and the wish for an agent."""

    def __init__(self, twilio: LoopbackTwilio, client: Client, bot: Bot) -> None:
        self.twilio, self.client, self.bot = twilio, client, bot
        self.sid = ""

    async def open(self, web: Any, customer: bool = True) -> "Front":
        world = self.twilio.world
        world.router.workspace.event_callback_url = f"{self.bot.url}/tasks"
        form = [("Type", "global"), ("WebhookUrl", f"{self.bot.url}/flex")]
        form += [("WebhookEvents", event) for event in ALL_EVENTS]
        url = f"{self.twilio.base_url}/flex-api.twilio.com/v1/Instances/{world.instance_sid}/InteractionWebhooks"
        async with web.post(url, data=form, headers=basic(self.twilio)) as made:
            assert made.status == 201
        made = await self.client.conversations.v1.conversations.create_async()
        self.sid = made.sid
        self.context = self.client.conversations.v1.conversations(made.sid)
        if customer:
            await self.context.participants.create_async(identity="ana")
        await self.context.webhooks.create_async(
            target="webhook", configuration_url=f"{self.bot.url}/chat",
            configuration_filters=["onMessageAdded", "onMessageUpdated", "onMessageRemoved",
                                   "onParticipantRemoved", "onConversationStateUpdated"],
        )  # fmt: skip
        return self

    async def ask(self, **more: Any) -> Any:
        world = self.twilio.world
        properties = {
            "workspace_sid": world.router.workspace.sid,
            "workflow_sid": world.router.workflow.sid,
            "task_channel_unique_name": "chat",
            "attributes": {"customerName": "Ana"},
        } | more
        channel = {"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": self.sid}}
        made = await self.client.flex_api.v1.interaction.create_async(
            channel=channel, routing={"properties": properties}
        )
        return self.client.flex_api.v1.interaction(made.sid)

    async def channel(self, interaction: Any) -> Any:
        return (await interaction.channels.list_async())[0]


@pytest.fixture
async def front(twilio: LoopbackTwilio, client: Client, bot: Bot, web: Any) -> Front:
    return await Front(twilio, client, bot).open(web)


async def test_without_a_customer_it_fails_later(twilio: LoopbackTwilio, client: Client, bot: Bot, web: Any) -> None:
    front = await Front(twilio, client, bot).open(web, customer=False)
    await front.ask()
    failed = await bot.heard("onChannelCreateFailed")
    assert failed.params["MediaChannelSid"] == front.sid
    assert failed.signed


async def test_duplicate_and_closed_are_dropped(front: Front) -> None:
    await front.ask()
    second = await front.ask()
    assert (await front.bot.heard("onChannelCreateFailed")).params["ErrorCode"] == "45353"
    assert (await front.channel(second)).status == "failed"
    await front.context.update_async(state="closed")
    third = await front.ask()
    assert (await front.bot.heard("onChannelCreateFailed", 2)).params["ErrorCode"] == "45354"
    assert (await front.channel(third)).error_code == 45354


async def test_agent_edits_deletes_and_sends_files(front: Front) -> None:
    agent = front.twilio.agent()
    await agent.available()
    await front.ask()
    await agent.accept()
    await agent.says("Hallo")
    await agent.edits("Hallo", "Hello")
    await agent.sends_file("map.png", "image/png", b"123")
    await agent.deletes("Hello")
    removed = await front.bot.heard("onMessageRemoved")
    assert removed.params["Source"] == "SDK"
    assert (await front.bot.heard("onMessageUpdated")).params["Body"] == "Hello"
    media = json.loads((await front.bot.heard("onMessageAdded", 2)).params["Media"])
    assert media[0] | {"Sid": ""} == {"Sid": "", "Filename": "map.png", "ContentType": "image/png", "Size": 3}


async def test_rejected_then_offered_to_the_other(front: Front) -> None:
    amira, tomas = front.twilio.agent("amira"), front.twilio.agent("tomas")
    await amira.available()
    await front.ask()
    await amira.reject()
    assert amira.offers() == []
    await tomas.available()
    await tomas.accept()
    assert tomas.task["customerName"] == "Ana"
    await front.bot.heard("reservation.rejected")
    accepted = await front.bot.heard("reservation.accepted")
    assert accepted.params["WorkerName"] == "tomas"


async def test_unanswered_offer_times_out_and_sends_the_worker_offline(front: Front) -> None:
    amira = front.twilio.agent()
    await amira.available()
    await front.ask()
    await amira.offered()
    await front.twilio.world.advance(121)
    await front.bot.heard("reservation.timeout")
    view = front.twilio.world.view_for(amira)
    assert view["agent"]["available"] is False
    assert view["incoming"] == []
    await amira.available()
    await amira.accept()


async def test_nobody_comes(front: Front) -> None:
    interaction = await front.ask()
    await front.bot.heard("task-queue.entered")
    await front.twilio.world.advance(3601)
    await front.bot.heard("workflow.timeout")
    canceled = await front.bot.heard("task.canceled")
    assert "timeout" in canceled.params["TaskCanceledReason"]
    assert (await front.channel(interaction)).status == "failed"
    assert (await front.context.fetch_async()).state == "active"
    await front.ask()
    await front.bot.heard("task.created", 2)


async def test_closing_the_channel_ends_task_and_conversation(front: Front) -> None:
    agent = front.twilio.agent()
    await agent.available()
    interaction = await front.ask()
    task = await agent.accept()
    channel = await front.channel(interaction)
    await interaction.channels(channel.sid).update_async(status="closed", routing={"status": "closed"})
    await front.bot.heard("task.completed")
    await front.bot.heard("onParticipantLeft")
    assert (await front.bot.heard("onChannelStatusUpdated")).params["ChannelStatus"] == "closed"
    assert (await front.context.fetch_async()).state == "closed"
    assert task.status == "completed"
    with pytest.raises(LookupError):
        _ = agent.task


async def test_closing_before_anyone_came_cancels_the_task(front: Front) -> None:
    interaction = await front.ask()
    await front.bot.heard("task.created")
    channel = await front.channel(interaction)
    await interaction.channels(channel.sid).update_async(status="inactive", routing={"status": "closed"})
    await front.bot.heard("task.canceled")
    assert (await front.context.fetch_async()).state == "active"


async def test_agent_leaves_and_the_conversation_stays_open(front: Front) -> None:
    agent = front.twilio.agent()
    await agent.available()
    await front.ask()
    await agent.accept()
    await agent.leaves()
    left = await front.bot.heard("onParticipantLeft")
    assert left.params["Identity"] == "amira"
    await front.bot.heard("onParticipantRemoved")
    assert (await front.context.fetch_async()).state == "active"
    await front.ask()
    await agent.accept()


async def test_transfer_to_another_agent(front: Front) -> None:
    amira, tomas = front.twilio.agent("amira"), front.twilio.agent("tomas")
    await amira.available()
    await front.ask()
    await amira.accept()
    await tomas.available()
    await amira.transfers(to=tomas)
    await tomas.accept()
    joined = await front.bot.heard("onParticipantJoined", 2)
    assert joined.params["Identity"] == "tomas"
    left = await front.bot.heard("onParticipantLeft")
    assert left.params["Identity"] == "amira"
    await tomas.says("I take over")
    await front.bot.heard("onMessageAdded")
    assert amira.tasks() == []
    assert (await front.context.fetch_async()).state == "active"
    await tomas.completes()
    assert (await front.context.fetch_async()).state == "closed"


async def test_transfer_back_to_the_queue_is_not_offered_to_the_giver(front: Front) -> None:
    amira, tomas = front.twilio.agent("amira"), front.twilio.agent("tomas")
    await amira.available()
    await front.ask()
    await amira.accept()
    await amira.transfers()
    assert amira.offers() == []
    await tomas.available()
    await tomas.accept()
    assert tomas.conversation.sid == front.sid


async def test_a_worker_holds_three_tasks_at_most(front: Front) -> None:
    agent = front.twilio.agent()
    await agent.available()
    for _ in range(4):
        front.twilio.world.router.create_task({})
    assert len(agent.offers()) == 3
    for _ in range(3):
        await agent.accept()
    assert agent.offers() == []
    with pytest.raises(ApiError, match="accepted"):
        front.twilio.world.router.accept(next(iter(front.twilio.world.router.reservations.values())))


async def test_refused_on_purpose(front: Front) -> None:
    front.twilio.world.flex.refuse_next = (45350, "Nothing works today")
    await front.ask()
    assert (await front.bot.heard("onChannelCreateFailed")).params["ErrorCode"] == "45350"


async def test_a_webhook_of_one_interaction_hears_of_no_other(front: Front) -> None:
    hooks = front.twilio.world.flex.hooks
    hooks.register("flex_interactionwebhook_1", "interaction", f"{front.bot.url}/mine", "POST", ALL_EVENTS)
    await front.ask()
    await front.bot.heard("onChannelCreated")
    await front.twilio.world.settled()
    assert front.bot.events("/mine") == []
    front.twilio.world.flex.create(
        {"type": "web", "properties": {"media_channel_sid": front.sid}},
        {"properties": {"workspace_sid": front.twilio.world.router.workspace.sid}},
        webhook_ttid="flex_interactionwebhook_1",
    )
    await front.bot.heard("onChannelCreateFailed", 2)
    await front.twilio.world.settled()
    assert front.bot.events("/mine") == ["onInteractionCreated", "onChannelCreateFailed"]
