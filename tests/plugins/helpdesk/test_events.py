"""What Twilio's webhooks say, and that no form makes the reading fall over."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from frontdesk_helpdesk.events import (
    Declined,
    Evidence,
    LookAtPeople,
    conversation_event,
    failure_told,
    interaction_event,
    message_told,
    task_event,
)
from frontdesk_helpdesk.handoff import AgentSign, Ending, RefusedSign, Sign, TaskSign, TaskStatus
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SID = "CH" + "a" * 32
MESSAGE = {
    "EventType": "onMessageAdded", "ConversationSid": SID, "MessageSid": "IM" + "b" * 32, "Index": "7",
    "Author": "amira", "Body": "Hello", "Attributes": "{}", "DateCreated": "2026-01-01T00:00:00.000Z",
}  # fmt: skip


def test_an_agents_message() -> None:
    message = message_told(MESSAGE, NOW)
    assert (message.index, message.author, message.text, message.ours) == (7, "amira", "Hello", False)
    assert message.said_at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("change", [{"Author": "frontdesk"}, {"Attributes": json.dumps({"frontdesk": "1:discord:5"})}])
def test_our_own_messages_are_known_again(change: dict[str, str]) -> None:
    assert message_told(MESSAGE | change, NOW).ours


@pytest.mark.parametrize("change", [{"MessageSid": ""}, {"Index": ""}, {"Index": "-1"}, {"Index": "x"}])
def test_a_message_without_a_place_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="the webhook"):
        message_told(MESSAGE | change, NOW)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83db", "\x00"])
def test_what_no_database_keeps_is_taken_out(text: str) -> None:
    media = json.dumps([{"Sid": "ME1", "Filename": text, "ContentType": text}])
    message = message_told(MESSAGE | {"Body": text, "Author": text, "Media": media}, NOW)
    joined = conversation_event(
        {"EventType": "onParticipantAdded", "ConversationSid": SID, "Identity": f"amira{text}", "ParticipantSid": "MB1",
         "Attributes": json.dumps({"full_name": text})},
        "discord_1",
    )  # fmt: skip
    assert joined is not None
    assert isinstance(joined.sign, AgentSign)
    kept = [message.text, message.author, message.files[0].name, message.files[0].content_type, joined.sign.identity]
    for words in [*kept, joined.agent or ""]:
        assert "\x00" not in words
        assert words.encode().decode() == words


def test_a_date_that_cannot_be_read_is_now() -> None:
    assert message_told(MESSAGE | {"DateCreated": "yesterday"}, NOW).said_at == NOW


def test_a_closed_conversation_has_ended_and_an_inactive_one_has_not() -> None:
    form = {"EventType": "onConversationStateUpdated", "ConversationSid": SID, "StateTo": "closed", "Reason": "API"}
    assert conversation_event(form, "discord_1") == Evidence(Sign.CLOSED, SID, reason="API")
    assert conversation_event(form | {"StateTo": "inactive"}, "discord_1") is None


def test_only_others_than_the_member_and_the_desk_are_agents() -> None:
    form = {"EventType": "onParticipantAdded", "ConversationSid": SID, "Identity": "amira", "ParticipantSid": "MB1"}
    joined = conversation_event(form | {"Attributes": '{"full_name": "Amira Haddad"}'}, "discord_1")
    assert joined == Evidence(AgentSign("MB1", "amira", True), SID, agent="Amira Haddad")
    left = conversation_event(form | {"EventType": "onParticipantRemoved"}, "discord_1")
    assert left == Evidence(AgentSign("MB1", "amira", False), SID)
    for nobody in ("discord_1", "frontdesk", ""):
        assert conversation_event(form | {"Identity": nobody}, "discord_1") is None


@pytest.mark.parametrize(
    ("event", "status", "ending"),
    [
        ("task.created", TaskStatus.WAITING, None),
        ("task-queue.entered", TaskStatus.WAITING, None),
        ("reservation.accepted", TaskStatus.ACCEPTED, None),
        ("task.canceled", TaskStatus.OVER, Ending.GONE),
        ("task.deleted", TaskStatus.OVER, Ending.GONE),
        ("task.completed", TaskStatus.OVER, Ending.COMPLETED),
        ("workflow.timeout", TaskStatus.OVER, Ending.TIMED_OUT),
    ],
)
@pytest.mark.parametrize(
    "attributes", [{"conversationSid": SID}, {"conversations": {"conversation_id": SID}}], ids=["ours", "flex"]
)
def test_tasks(event: str, status: TaskStatus, ending: Ending | None, attributes: dict[str, object]) -> None:
    form = {"EventType": event, "TaskSid": "WT1", "TaskAttributes": json.dumps(attributes | {"frontdesk_request": 2})}
    assert task_event(form) == Evidence(TaskSign("WT1", status, ending, request=2), SID)


@pytest.mark.parametrize("reason", ["Task canceled on Workflow timeout", "Task TTL Exceeded"])
def test_a_cancelled_task_says_that_it_was_too_late(reason: str) -> None:
    attributes = json.dumps({"conversationSid": SID})
    form = {"EventType": "task.canceled", "TaskSid": "WT1", "TaskAttributes": attributes, "TaskCanceledReason": reason}
    assert task_event(form) == Evidence(TaskSign("WT1", TaskStatus.OVER, Ending.TIMED_OUT), SID, reason=reason)


@pytest.mark.parametrize("event", ["reservation.rejected", "reservation.timeout"])
def test_who_declined(event: str) -> None:
    attributes = json.dumps({"conversationSid": SID})
    form = {"EventType": event, "TaskSid": "WT1", "WorkerSid": "WK1", "TaskAttributes": attributes}
    assert task_event(form) == Declined("WT1", "WK1", SID)


def test_tasks_of_others_and_events_without_news() -> None:
    assert task_event({"EventType": "task.created", "TaskAttributes": '{"from": "+1555"}'}) is None
    assert task_event({"EventType": "task.updated", "TaskAttributes": json.dumps({"conversationSid": SID})}) is None


def test_interactions() -> None:
    joined = {"EventType": "onParticipantJoined", "MediaChannelSid": SID, "ParticipantType": "agent"}
    assert interaction_event(joined) == LookAtPeople(SID)
    assert interaction_event(joined | {"ParticipantType": "customer"}) is None
    failed = {"EventType": "onChannelCreateFailed", "MediaChannelSid": SID, "Reason": "no", "InteractionSid": "KD1"}
    assert interaction_event(failed) == Evidence(RefusedSign(), SID, reason="no", interaction_sid="KD1")


def test_the_flow_says_which_request_failed() -> None:
    for request, number in (("2", 2), ("", None), ("²", None), ("-1", None)):
        form = {"ConversationSid": SID, "Request": request}
        assert failure_told(form) == Evidence(RefusedSign(number), SID, reason="the flow could not send it to Flex")
    assert failure_told({"ConversationSid": SID}).sign == RefusedSign()


KEYS = st.sampled_from(
    ["EventType", "ConversationSid", "MessageSid", "Index", "Author", "Body", "Attributes", "DateCreated", "Identity",
     "StateTo", "TaskAttributes", "WorkerAttributes", "MediaChannelSid", "ParticipantType"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["frontdesk", "conversationSid", "conversations", "conversation_id", "full_name", "frontdesk_conversation"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=8,
)
EVENTS = st.sampled_from(
    ["onMessageAdded", "onParticipantAdded", "onConversationStateUpdated", "task.created", "reservation.accepted",
     "workflow.timeout", "onParticipantJoined", "onChannelCreateFailed"]
)  # fmt: skip
FORMS = st.dictionaries(KEYS, st.text(max_size=50) | JSON.map(json.dumps) | EVENTS)


@given(FORMS)
@settings(suppress_health_check=[HealthCheck.too_slow])  # the first text of all costs a table of characters
@example({"EventType": "task.created", "TaskAttributes": '{"conversationSid": "CH", "frontdesk_conversation": "²"}'})
def test_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    with suppress(ValueError):  # is answered with 400
        message_told(form, NOW)
    for read in (task_event, interaction_event, lambda params: conversation_event(params, "discord_1")):
        assert isinstance(read(form), Evidence | Declined | LookAtPeople | None)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_that_nests_too_deep_says_nothing(text: str) -> None:
    assert task_event({"EventType": "task.created", "TaskSid": "WT1", "TaskAttributes": text}) is None
    message = message_told(MESSAGE | {"Attributes": text, "Media": text}, NOW)
    assert (message.ours, message.files) == (False, ())


def test_numbers_that_are_too_long_are_none() -> None:
    assert failure_told({"Request": "9" * 100_000}).sign == RefusedSign()
    for index in ("9" * 30, "9" * 100_000, "", "-1"):
        with pytest.raises(ValueError, match="Index"):
            message_told(MESSAGE | {"Index": index}, NOW)
