"""The Studio flow, run by the loopback Studio: whatever a member is called or writes, it arrives as it was written."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from frontdesk import Twilio
from frontdesk_helpdesk.flow import flow_definition
from frontdesk_sandbox.twilio import LoopbackTwilio
from frontdesk_sandbox.twilio.studio.templates import Templates

HOSTILE = ['"', "'", "\\", "a\nb", "{{ trigger }}", "{% raw %}", '", "priority": "9', "نور 😀", "</script>", ""]


async def deployed(account: LoopbackTwilio, twilio: Twilio) -> str:
    router = account.world.router
    chat = next(channel for channel in router.channels.values() if channel.unique_name == "chat")
    definition = flow_definition(
        callbacks="http://127.0.0.1:9/helpdesk", workflow_sid=router.workflow.sid, task_channel_sid=chat.sid
    )
    flow = await twilio.rest.studio.v2.flows.create_async(
        friendly_name="Helpdesk", status="published", definition=definition
    )
    assert flow.valid
    return str(flow.sid)


async def written(twilio: Twilio, flow_sid: str, attributes: dict[str, Any], text: str) -> str:
    conversations = twilio.rest.conversations.v1.conversations
    sid = str((await conversations.create_async(attributes=json.dumps(attributes))).sid)
    await conversations(sid).participants.create_async(identity="discord_1")
    await conversations(sid).webhooks.create_async(
        target="studio", configuration_flow_sid=flow_sid, configuration_filters=["onMessageAdded"]
    )
    await conversations(sid).messages.create_async(author="discord_1", body=text, x_twilio_webhook_enabled="true")
    return sid


@pytest.mark.parametrize("text", HOSTILE)
async def test_the_task_carries_what_was_written(account: LoopbackTwilio, twilio: Twilio, text: str) -> None:
    flow_sid = await deployed(account, twilio)
    attributes = {"name": text, "question": text, "case_number": "CASE-1", "frontdesk_request": 12, "roles": [text]}
    wanted = {"wants_agent": "yes", "task": attributes}
    sid = await written(twilio, flow_sid, wanted, "a person please")
    router = account.world.router
    await account.world.changes.until(lambda: router.tasks, what="a task")
    (task,) = router.tasks.values()
    assert task.details["name"] == task.details["question"] == text
    assert task.details["case_number"] == "CASE-1"
    assert task.details["conversationSid"] == sid
    assert task.details["frontdesk_request"] == 12
    assert task.details["roles"] == [text]


async def test_without_the_wish_no_task_is_made(account: LoopbackTwilio, twilio: Twilio) -> None:
    flow_sid = await deployed(account, twilio)
    await written(twilio, flow_sid, {"name": "Sam"}, "How do I reset my password?")
    executions = account.world.studio.executions
    await account.world.changes.until(
        lambda: any(execution.status == "ended" for execution in executions.values()), what="the end of the flow"
    )
    assert not account.world.router.tasks


async def test_the_flow_says_for_which_request_flex_did_not_take_it(account: LoopbackTwilio, twilio: Twilio) -> None:
    flow_sid = await deployed(account, twilio)
    published = account.world.studio.flows[flow_sid].published
    assert published is not None
    (state,) = [each for each in published.definition["states"] if each["name"] == "say_that_it_failed"]
    account.world.flex.refuse_next = (45350, "Something went wrong")
    await written(twilio, flow_sid, {"wants_agent": "yes", "task": {"frontdesk_request": 12}}, "a person please")
    executions = account.world.studio.executions
    await account.world.changes.until(
        lambda: any(execution.status == "ended" for execution in executions.values()), what="the end of the flow"
    )
    (execution,) = executions.values()
    body = Templates().render(state["properties"]["body"], execution.variables)
    assert dict(parse_qsl(body))["Request"] == "12"
