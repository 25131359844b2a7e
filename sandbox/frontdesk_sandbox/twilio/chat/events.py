"""The fields of Conversations webhooks."""

import json
from datetime import datetime

from frontdesk_sandbox.twilio.clock import hook_time

from .state import Conversation, Message, Origin, Participant

EVENTS = frozenset(
    {
        "onConversationAdded",
        "onConversationRemoved",
        "onConversationStateUpdated",
        "onConversationUpdated",
        "onDeliveryUpdated",
        "onMessageAdded",
        "onMessageRemoved",
        "onMessageUpdated",
        "onParticipantAdded",
        "onParticipantRemoved",
        "onParticipantUpdated",
        "onUserAdded",
        "onUserUpdated",
    }
)


def common(account_sid: str, chat_service_sid: str, event: str, origin: Origin) -> dict[str, str]:
    """The fields that every event has."""
    params = {
        "AccountSid": account_sid,
        "ChatServiceSid": chat_service_sid,
        "EventType": event,
        "Source": origin.source,
    }
    if origin.identity is not None:
        params["ClientIdentity"] = origin.identity
    return params


def of_message(message: Message) -> dict[str, str]:
    """onMessageAdded; updates and removals add their date."""
    params = {
        "ConversationSid": message.conversation_sid,
        "MessageSid": message.sid,
        "Index": str(message.index),
        "DateCreated": hook_time(message.created),
        "Body": message.body,
        "Author": message.author,
        "Attributes": message.attributes,
    }
    if message.participant_sid is not None:
        params["ParticipantSid"] = message.participant_sid
    if message.media:
        params["Media"] = json.dumps(
            [
                {
                    "Sid": media.sid,
                    "Filename": media.filename,
                    "ContentType": media.content_type,
                    "Size": len(media.content),
                }
                for media in message.media
            ]
        )
    return params


def of_participant(participant: Participant) -> dict[str, str]:
    """onParticipantAdded; removals add their date."""
    params = {
        "ConversationSid": participant.conversation_sid,
        "ParticipantSid": participant.sid,
        "DateCreated": hook_time(participant.created),
        "RoleSid": participant.role_sid,
        "Attributes": participant.attributes,
    }
    if participant.identity is not None:
        params["Identity"] = participant.identity
    names = {"type": "Type", "address": "Address", "proxy_address": "ProxyAddress"}
    for key, value in (participant.messaging_binding or {}).items():
        params[f"MessagingBinding.{names.get(key, key)}"] = value
    return params


def of_conversation(conversation: Conversation) -> dict[str, str]:
    """onConversationAdded and onConversationUpdated."""
    params = {
        "ConversationSid": conversation.sid,
        "DateCreated": hook_time(conversation.created),
        "DateUpdated": hook_time(conversation.updated),
        "Attributes": conversation.attributes,
        "State": conversation.state.value,
    }
    if conversation.friendly_name is not None:
        params["FriendlyName"] = conversation.friendly_name
    if conversation.unique_name is not None:
        params["UniqueName"] = conversation.unique_name
    return params


def of_state(conversation: Conversation, before: str, reason: str, at: datetime) -> dict[str, str]:
    """onConversationStateUpdated."""
    return {
        "ConversationSid": conversation.sid,
        "StateFrom": before,
        "StateTo": conversation.state.value,
        "StateUpdated": hook_time(at),
        "Reason": reason,
    }
