"""REST answers of Conversations."""

from typing import Any

from frontdesk_sandbox.twilio.clock import rest_time

from .service import Chat
from .state import Conversation, ConversationWebhook, Message, Participant, User

ROOT = "https://conversations.twilio.com/v1"


class Renderer:
    """Turns records into Twilio's JSON.

    Args:
        account_sid: the account.
        chat: the service.
    """

    def __init__(self, account_sid: str, chat: Chat) -> None:
        self._account = account_sid
        self._chat = chat

    def conversation(self, conversation: Conversation) -> dict[str, Any]:
        """A conversation."""
        url = f"{ROOT}/Conversations/{conversation.sid}"
        return {
            "sid": conversation.sid,
            "account_sid": self._account,
            "chat_service_sid": self._chat.service.sid,
            "messaging_service_sid": None,
            "friendly_name": conversation.friendly_name,
            "unique_name": conversation.unique_name,
            "attributes": conversation.attributes,
            "state": conversation.state.value,
            "date_created": rest_time(conversation.created),
            "date_updated": rest_time(conversation.updated),
            "timers": timers(conversation),
            "bindings": {},
            "url": url,
            "links": {
                "participants": f"{url}/Participants",
                "messages": f"{url}/Messages",
                "webhooks": f"{url}/Webhooks",
            },
        }

    def participant(self, participant: Participant) -> dict[str, Any]:
        """A participant."""
        return {
            "sid": participant.sid,
            "account_sid": self._account,
            "conversation_sid": participant.conversation_sid,
            "identity": participant.identity,
            "attributes": participant.attributes,
            "messaging_binding": participant.messaging_binding,
            "role_sid": participant.role_sid,
            "date_created": rest_time(participant.created),
            "date_updated": rest_time(participant.updated),
            "last_read_message_index": participant.last_read_message_index,
            "last_read_timestamp": participant.last_read_timestamp,
            "url": f"{ROOT}/Conversations/{participant.conversation_sid}/Participants/{participant.sid}",
        }

    def message(self, message: Message) -> dict[str, Any]:
        """A message."""
        url = f"{ROOT}/Conversations/{message.conversation_sid}/Messages/{message.sid}"
        return {
            "sid": message.sid,
            "account_sid": self._account,
            "conversation_sid": message.conversation_sid,
            "index": message.index,
            "author": message.author,
            "body": message.body or None,
            "media": [
                {
                    "sid": media.sid,
                    "size": len(media.content),
                    "content_type": media.content_type,
                    "filename": media.filename,
                    "category": "media",
                }
                for media in message.media
            ]
            or None,
            "attributes": message.attributes,
            "participant_sid": message.participant_sid,
            "date_created": rest_time(message.created),
            "date_updated": rest_time(message.updated),
            "delivery": None,
            "content_sid": None,
            "url": url,
            "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
        }

    def webhook(self, webhook: ConversationWebhook) -> dict[str, Any]:
        """A conversation's webhook."""
        configuration: dict[str, Any] = {"filters": webhook.filters}
        if webhook.target == "studio":
            configuration |= {"flow_sid": webhook.flow_sid}
        else:
            configuration |= {"url": webhook.url, "method": webhook.method.upper()}
        if webhook.triggers:
            configuration["triggers"] = webhook.triggers
        return {
            "sid": webhook.sid,
            "account_sid": self._account,
            "conversation_sid": webhook.conversation_sid,
            "target": webhook.target,
            "configuration": configuration,
            "date_created": rest_time(webhook.created),
            "date_updated": rest_time(webhook.updated),
            "url": f"{ROOT}/Conversations/{webhook.conversation_sid}/Webhooks/{webhook.sid}",
        }

    def user(self, user: User) -> dict[str, Any]:
        """A user."""
        return {
            "sid": user.sid,
            "account_sid": self._account,
            "chat_service_sid": self._chat.service.sid,
            "role_sid": user.role_sid,
            "identity": user.identity,
            "friendly_name": user.friendly_name,
            "attributes": user.attributes,
            "is_online": None,
            "is_notifiable": None,
            "date_created": rest_time(user.created),
            "date_updated": rest_time(user.updated),
            "url": f"{ROOT}/Users/{user.sid}",
            "links": {"user_conversations": f"{ROOT}/Users/{user.sid}/Conversations"},
        }

    def participation(self, found: tuple[Participant, Conversation]) -> dict[str, Any]:
        """A conversation that someone is in."""
        participant, conversation = found
        user = self._chat.user(participant.identity) if participant.identity else None
        root = f"{ROOT}/Conversations/{conversation.sid}"
        return {
            "account_sid": self._account,
            "chat_service_sid": self._chat.service.sid,
            "participant_sid": participant.sid,
            "participant_user_sid": user.sid if user else None,
            "participant_identity": participant.identity,
            "participant_messaging_binding": participant.messaging_binding,
            "conversation_sid": conversation.sid,
            "conversation_unique_name": conversation.unique_name,
            "conversation_friendly_name": conversation.friendly_name,
            "conversation_attributes": conversation.attributes,
            "conversation_date_created": rest_time(conversation.created),
            "conversation_date_updated": rest_time(conversation.updated),
            "conversation_created_by": "system",
            "conversation_state": conversation.state.value,
            "conversation_timers": timers(conversation),
            "links": {"conversation": root, "participant": f"{root}/Participants/{participant.sid}"},
        }


def timers(conversation: Conversation) -> dict[str, str]:
    """The timers that run."""
    dates = {"date_inactive": conversation.date_inactive, "date_closed": conversation.date_closed}
    return {name: rest_time(date) for name, date in dates.items() if date is not None}
