"""What the loopback Twilio takes and gives, against the official descriptions, through the real library."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from frontdesk_sandbox.server import LoopbackServer
from frontdesk_sandbox.twilio import Exchange, LoopbackTwilio
from frontdesk_sandbox.twilio.contract import TwilioContract
from starlette.applications import Starlette
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # twilio ships no types

from tests.sandbox.twilio.flows import bot_or_agent
from tests.sandbox.twilio.kit import RewritingHttpClient

SPECS = Path(__file__).parents[2].parent / "shared" / "specs" / "twilio"
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="../shared/specs is not there")


@pytest.fixture(scope="module")
def contract() -> TwilioContract:
    return TwilioContract(SPECS)


@pytest.fixture
async def twilio() -> AsyncIterator[LoopbackTwilio]:
    server = LoopbackServer()
    loopback = LoopbackTwilio(server.url)
    await server.start(Starlette(routes=loopback.routes))
    yield loopback
    await loopback.close()
    await server.stop()


@pytest.fixture
async def client(twilio: LoopbackTwilio) -> AsyncIterator[Client]:
    async with RewritingHttpClient(twilio.base_url) as http:
        yield Client(twilio.account_sid, twilio.auth_token, http_client=http)


@pytest.fixture
def seen(twilio: LoopbackTwilio) -> list[Exchange]:
    exchanges: list[Exchange] = []
    twilio.on_exchange.append(exchanges.append)
    return exchanges


def check(contract: TwilioContract, exchanges: list[Exchange], least: int) -> None:
    violations = [problem for exchange in exchanges for problem in contract.check(exchange)]
    assert violations == []
    assert len(exchanges) >= least


async def test_conversations(contract: TwilioContract, client: Client, seen: list[Exchange]) -> None:
    api = client.conversations.v1
    made = await api.conversations.create_async(
        unique_name="one", friendly_name="One", attributes='{"a": 1}', state="active",
        timers_inactive="PT1H", timers_closed="P1D", x_twilio_webhook_enabled="true",
    )  # fmt: skip
    one = api.conversations(made.sid)
    await one.participants.create_async(identity="ana", attributes="{}")
    await one.participants("ana").update_async(last_read_message_index=0, attributes='{"b": 2}')
    await one.participants.list_async()
    said = await one.messages.create_async(author="ana", body="Hi", attributes='{"id": "1"}')
    await one.messages(said.sid).update_async(body="Hello")
    await one.messages(said.sid).fetch_async()
    await one.messages.list_async(order="desc", limit=5)
    hook = await one.webhooks.create_async(
        target="webhook", configuration_url="http://127.0.0.1:9/x", configuration_method="post",
        configuration_filters=["onMessageAdded", "onMessageUpdated"],
    )  # fmt: skip
    await one.webhooks(hook.sid).update_async(configuration_filters=["onMessageAdded"])
    await one.webhooks.create_async(target="studio", configuration_flow_sid="FW" + "0" * 32)
    await one.webhooks.list_async()
    await one.webhooks(hook.sid).delete_async()
    await api.participant_conversations.list_async(identity="ana")
    user = await api.users.create_async(identity="bo", friendly_name="Bo")
    await api.users(user.sid).update_async(friendly_name="Bob")
    await api.users("bo").fetch_async()
    await api.users.list_async()
    await api.services.list_async()
    await api.configuration().fetch_async()
    await api.services(made.chat_service_sid).conversations(made.sid).fetch_async()
    await api.conversations.list_async(state="active")
    await one.messages(said.sid).delete_async()
    await one.update_async(state="closed")
    with pytest.raises(TwilioRestException):
        await one.messages.create_async(body="no")
    await one.delete_async()
    check(contract, seen, 26)


async def test_flex_and_taskrouter(
    contract: TwilioContract, twilio: LoopbackTwilio, client: Client, seen: list[Exchange]
) -> None:
    flex = await client.flex_api.v1.configuration().fetch_async()
    space = client.taskrouter.v1.workspaces(flex.taskrouter_workspace_sid)
    await space.fetch_async()
    await space.update_async(event_callback_url="http://127.0.0.1:9/events", events_filter="task.created")
    await space.update_async(friendly_name="Flex")
    for collection in (space.activities, space.task_channels, space.task_queues, space.workers, space.workflows):
        for record in await collection.list_async():
            await record.fetch_async()
    await space.real_time_statistics().fetch_async()
    await space.cumulative_statistics().fetch_async()
    made = await client.conversations.v1.conversations.create_async(friendly_name="x")
    await client.conversations.v1.conversations(made.sid).participants.create_async(identity="ana")
    agent, other = twilio.agent("amira"), twilio.agent("tomas")
    await agent.available()
    properties = {
        "workspace_sid": flex.taskrouter_workspace_sid,
        "workflow_sid": flex.taskrouter_target_workflow_sid,
        "task_channel_unique_name": "chat",
        "attributes": {"customerName": "Ana"},
    }
    interaction = await client.flex_api.v1.interaction.create_async(
        channel={"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": made.sid}},
        routing={"properties": properties},
    )
    task = await agent.accept()
    await space.tasks.list_async(assignment_status=["assigned"])
    await space.tasks(task.sid).update_async(attributes=json.dumps({**task.details, "more": 1}))
    for reservation in await space.tasks(task.sid).reservations.list_async():
        await reservation.fetch_async()
    here = client.flex_api.v1.interaction(interaction.sid)
    await here.fetch_async()
    channel = (await here.channels.list_async())[0]
    room = here.channels(channel.sid)
    await room.fetch_async()
    await room.invites.create_async(routing={"properties": properties})
    await room.invites.list_async()
    people = await room.participants.list_async()
    assert sorted(person.type for person in people) == ["agent", "customer"]
    await other.available()
    await agent.transfers(to=other)
    await other.accept()
    await room.update_async(status="closed", routing={"status": "closed"})
    assert (await room.fetch_async()).status == "closed"
    check(contract, seen, 30)


async def test_studio(contract: TwilioContract, twilio: LoopbackTwilio, client: Client, seen: list[Exchange]) -> None:
    router = twilio.world.router
    definition = bot_or_agent("http://127.0.0.1:9", router.workflow.sid, router.chat_channel.sid)
    given = {"friendly_name": "F", "status": "published", "definition": definition}
    await client.studio.v2.flow_validate.update_async(**given)
    made = await client.studio.v2.flows.create_async(**given, commit_message="first")
    flow = client.studio.v2.flows(made.sid)
    await flow.update_async(status="published", definition=definition, commit_message="second")
    assert (await flow.fetch_async()).revision == 2
    await client.studio.v2.flows.list_async()
    await flow.revisions.list_async()
    api = client.conversations.v1
    talk = await api.conversations.create_async()
    await api.conversations(talk.sid).webhooks.create_async(target="studio", configuration_flow_sid=made.sid)
    await api.conversations(talk.sid).messages.create_async(author="ana", body="?", x_twilio_webhook_enabled="true")
    await twilio.world.changes.until(
        lambda: [e for e in twilio.world.studio.executions.values() if e.status == "ended"]
    )
    execution = (await flow.executions.list_async())[0]
    await execution.fetch_async()
    await flow.executions(execution.sid).execution_context().fetch_async()
    steps = await flow.executions(execution.sid).steps.list_async()
    assert [step.transitioned_from for step in steps] == ["ask", "Trigger"]
    with pytest.raises(TwilioRestException):
        await client.studio.v2.flow_validate.update_async(**given | {"definition": {"states": []}})
    await flow.delete_async()
    check(contract, seen, 15)


def test_violations_are_found(contract: TwilioContract) -> None:
    path = "/v1/Conversations/CH" + "0" * 32 + "/Webhooks"
    wrong = Exchange(
        "POST", "conversations.twilio.com", path, [], [("Target", "nowhere"), ("Colour", "red")], None,
        201, {"sid": "XX1", "mood": "good"},
    )  # fmt: skip
    problems = "\n".join(contract.check(wrong))
    for word in ("Colour is not described", "nowhere", "XX1", "mood is not described"):
        assert word in problems
    assert contract.check(Exchange("GET", "conversations.twilio.com", "/v9", [], [], None, 200, {})) != []
