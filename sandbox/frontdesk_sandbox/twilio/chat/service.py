"""What can be done with conversations, whoever does it: REST, agents, Flex, Studio, timers."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from frontdesk_sandbox.twilio import limits
from frontdesk_sandbox.twilio.clock import Clock, hook_time
from frontdesk_sandbox.twilio.errors import ApiError, closed_for_good, invalid, not_found
from frontdesk_sandbox.twilio.sids import is_sid, new_sid
from frontdesk_sandbox.twilio.webhooks import Delivery, Webhooks

from . import events
from .state import (
    Conversation,
    ConversationState,
    ConversationWebhook,
    Media,
    Message,
    Origin,
    Participant,
    ServiceRecord,
    User,
)

TIMER = Origin("API")


class Chat:
    """The default Conversations service of the account.

    Args:
        account_sid: the account.
        clock: tells the time.
        webhooks: sends events.
        tell: told of every change.
    """

    def __init__(
        self, account_sid: str, clock: Clock, webhooks: Webhooks, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._account_sid = account_sid
        self._clock = clock
        self._webhooks = webhooks
        self._tell = tell
        now = clock.now()
        self.service = ServiceRecord(new_sid("IS"), "Flex Chat Service", now, now)
        self.conversations: dict[str, Conversation] = {}
        self.users: dict[str, User] = {}
        self.media: dict[str, Media] = {}
        self.by_unique_name: dict[str, str] = {}
        self.to_studio: Callable[[str, Conversation, Message], None] = lambda _f, _c, _m: None
        self.messages_watchers: list[Callable[[Conversation, Message], None]] = []

    def timestamp(self) -> float:
        """The present in seconds."""
        return self._clock.now().timestamp()

    def find(self, sid_or_name: str) -> Conversation:
        """A conversation by its identifier or unique name; 50350 when there is none."""
        sid = self.by_unique_name.get(sid_or_name, sid_or_name)
        try:
            return self.conversations[sid]
        except KeyError:
            raise not_found(f"Conversation {sid_or_name}", 50350) from None

    def open(self, sid_or_name: str) -> Conversation:
        """A conversation that may be changed; 50377 when it is closed."""
        conversation = self.find(sid_or_name)
        if conversation.state is ConversationState.CLOSED:
            raise closed_for_good()
        return conversation

    def create(
        self,
        *,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        attributes: str = "{}",
        state: ConversationState = ConversationState.ACTIVE,
        inactive_after: timedelta | None = None,
        closed_after: timedelta | None = None,
    ) -> Conversation:
        """Make a conversation; 50353 when the unique name is taken."""
        self._check_names(friendly_name, unique_name)
        limits.check_attributes(attributes, limits.CONVERSATION_ATTRIBUTES_BYTES)
        now = self._clock.now()
        conversation = Conversation(
            new_sid("CH"), now, now, now, friendly_name, unique_name, attributes, state,
            inactive_after, closed_after,
        )  # fmt: skip
        self.conversations[conversation.sid] = conversation
        if unique_name:
            self.by_unique_name[unique_name] = conversation.sid
        self._changed("conversation", conversation)
        return conversation

    def _check_names(self, friendly_name: str | None, unique_name: str | None) -> None:
        limits.check_name(friendly_name or "", "FriendlyName")
        limits.check_name(unique_name or "", "UniqueName")
        if unique_name and unique_name in self.by_unique_name:
            raise ApiError(409, 50353, "Conversation with provided unique name already exists")

    def update(
        self,
        conversation: Conversation,
        origin: Origin,
        *,
        friendly_name: str | None = None,
        unique_name: str | None = None,
        attributes: str | None = None,
        state: ConversationState | None = None,
    ) -> None:
        """Change names, attributes or state."""
        if unique_name == conversation.unique_name:
            unique_name = None
        self._check_names(friendly_name, unique_name)
        if attributes is not None:
            limits.check_attributes(attributes, limits.CONVERSATION_ATTRIBUTES_BYTES)
            conversation.attributes = attributes
        if friendly_name is not None:
            conversation.friendly_name = friendly_name
        if unique_name:
            self.by_unique_name[unique_name] = conversation.sid
            conversation.unique_name = unique_name
        conversation.updated = self._clock.now()
        self.fire(conversation, "onConversationUpdated", origin, events.of_conversation(conversation))
        if state is not None and state is not conversation.state:
            self.set_state(conversation, state, origin, "API")
        self._changed("conversation", conversation)

    def set_state(self, conversation: Conversation, state: ConversationState, origin: Origin, reason: str) -> None:
        """Move to another state and tell."""
        before, conversation.state = conversation.state.value, state
        conversation.updated = now = self._clock.now()
        if state is ConversationState.ACTIVE:
            conversation.last_activity = now
        params = events.of_state(conversation, before, reason, now)
        self.fire(conversation, "onConversationStateUpdated", origin, params)
        self._changed("state", conversation)

    def delete(self, conversation: Conversation, origin: Origin) -> None:
        """Remove a conversation with everything in it."""
        self.fire(conversation, "onConversationRemoved", origin, events.of_conversation(conversation))
        del self.conversations[conversation.sid]
        if conversation.unique_name:
            self.by_unique_name.pop(conversation.unique_name, None)
        self._changed("conversation", conversation)

    def run_timers(self) -> None:
        """Apply the timers that are due."""
        now = self._clock.now()
        for conversation in list(self.conversations.values()):
            if conversation.date_closed and conversation.date_closed <= now:
                self.set_state(conversation, ConversationState.CLOSED, TIMER, "TIMER")
            elif conversation.date_inactive and conversation.date_inactive <= now:
                self.set_state(conversation, ConversationState.INACTIVE, TIMER, "TIMER")

    # participants

    def join(
        self,
        conversation: Conversation,
        origin: Origin,
        *,
        identity: str | None = None,
        attributes: str = "{}",
        role_sid: str | None = None,
        messaging_binding: dict[str, str] | None = None,
    ) -> Participant:
        """Add a participant; 50433 when the identity is already there."""
        if not identity and not messaging_binding:
            raise invalid("Identity or messaging binding is required", 50200)
        limits.check_name(identity or "", "Identity")
        limits.check_attributes(attributes, limits.PARTICIPANT_ATTRIBUTES_BYTES)
        if identity and conversation.by_identity(identity):
            raise ApiError(409, 50433, "Participant already exists")
        if identity:
            self.user(identity)
        now = self._clock.now()
        participant = Participant(
            new_sid("MB"), conversation.sid, identity, attributes, role_sid or self.service.role_sid,
            now, now, messaging_binding,
        )  # fmt: skip
        conversation.participants[participant.sid] = participant
        self.fire(conversation, "onParticipantAdded", origin, events.of_participant(participant))
        self._changed("participant", conversation)
        return participant

    def find_participant(self, conversation: Conversation, sid_or_identity: str) -> Participant:
        """A participant by identifier or identity; 50430 when there is none."""
        found = conversation.participants.get(sid_or_identity) or conversation.by_identity(sid_or_identity)
        if found is None:
            raise not_found(f"Participant {sid_or_identity}", 50430)
        return found

    def leave(self, conversation: Conversation, participant: Participant, origin: Origin) -> None:
        """Remove a participant."""
        del conversation.participants[participant.sid]
        params = events.of_participant(participant) | {"DateRemoved": hook_time(self._clock.now())}
        self.fire(conversation, "onParticipantRemoved", origin, params)
        self._changed("participant", conversation)

    def touch_participant(
        self, conversation: Conversation, participant: Participant, origin: Origin, attributes: str | None
    ) -> None:
        """Change a participant's attributes."""
        if attributes is not None:
            limits.check_attributes(attributes, limits.PARTICIPANT_ATTRIBUTES_BYTES)
            participant.attributes = attributes
        participant.updated = now = self._clock.now()
        params = events.of_participant(participant) | {"DateUpdated": hook_time(now)}
        self.fire(conversation, "onParticipantUpdated", origin, params)
        self._changed("participant", conversation)

    # messages

    def say(
        self,
        conversation: Conversation,
        origin: Origin,
        *,
        author: str,
        body: str = "",
        attributes: str = "{}",
        media: Iterable[Media] = (),
    ) -> Message:
        """Add a message; wakes an inactive conversation, tells webhooks and Studio."""
        files = list(media)
        limits.check_body(body)
        limits.check_attributes(attributes, limits.MESSAGE_ATTRIBUTES_BYTES)
        limits.check_name(author, "Author")
        now = self._clock.now()
        writer = conversation.by_identity(author)
        message = Message(
            new_sid("IM"), conversation.sid, conversation.next_index, author, body, attributes,
            writer.sid if writer else None, now, now, origin.source, files,
        )  # fmt: skip
        for file in files:
            file.message_sid = message.sid
        conversation.next_index += 1
        conversation.messages[message.sid] = message
        conversation.last_activity = now
        if conversation.state is ConversationState.INACTIVE:
            self.set_state(conversation, ConversationState.ACTIVE, TIMER, "EVENT")
        self.fire(conversation, "onMessageAdded", origin, events.of_message(message))
        if origin.fires:
            self._offer_to_studio(conversation, message)
        for watcher in self.messages_watchers:
            watcher(conversation, message)
        self._changed("message", conversation)
        return message

    def _offer_to_studio(self, conversation: Conversation, message: Message) -> None:
        for webhook in list(conversation.webhooks.values()):
            listens = not webhook.filters or "onMessageAdded" in webhook.filters
            if webhook.target == "studio" and webhook.flow_sid and listens:
                self.to_studio(webhook.flow_sid, conversation, message)

    def find_message(self, conversation: Conversation, sid: str) -> Message:
        """A message; 50500 when there is none."""
        try:
            return conversation.messages[sid]
        except KeyError:
            raise not_found(f"Message {sid}", 50500) from None

    def edit(
        self,
        conversation: Conversation,
        message: Message,
        origin: Origin,
        *,
        body: str | None = None,
        attributes: str | None = None,
        author: str | None = None,
    ) -> None:
        """Change a message."""
        if body is not None:
            limits.check_body(body)
        if attributes is not None:
            limits.check_attributes(attributes, limits.MESSAGE_ATTRIBUTES_BYTES)
        message.body = message.body if body is None else body
        message.attributes = message.attributes if attributes is None else attributes
        message.author = message.author if author is None else author
        message.updated = now = self._clock.now()
        params = events.of_message(message) | {"DateUpdated": hook_time(now)}
        self.fire(conversation, "onMessageUpdated", origin, params)
        self._changed("message", conversation)

    def unsay(self, conversation: Conversation, message: Message, origin: Origin) -> None:
        """Remove a message."""
        del conversation.messages[message.sid]
        params = events.of_message(message) | {"DateRemoved": hook_time(self._clock.now())}
        self.fire(conversation, "onMessageRemoved", origin, params)
        self._changed("message", conversation)

    # users, media, webhooks

    def user(self, identity: str) -> User:
        """The user with this identity, made when there is none."""
        user = self.users.get(identity)
        if user is None:
            now = self._clock.now()
            user = User(new_sid("US"), identity, None, "{}", self.service.role_sid, now, now)
            self.users[identity] = user
        return user

    def upload(self, content_type: str, filename: str | None, content: bytes, author: str | None) -> Media:
        """Keep a file until a message uses it; 50511 when it is too large."""
        if len(content) > limits.MEDIA_BYTES:
            raise ApiError(413, 50511, "Media is larger than 150 MB")
        media = Media(new_sid("ME"), content_type, filename, content, author, self._clock.now())
        self.media[media.sid] = media
        return media

    def unused_media(self, sid: str) -> Media:
        """Media for a new message; 50510 when unknown, 50508 when it was used."""
        media = self.media.get(sid)
        if media is None:
            raise ApiError(400, 50510, f"Media {sid} not found")
        if media.message_sid is not None:
            raise ApiError(400, 50508, f"Media {sid} is already used by a message")
        return media

    def add_webhook(self, conversation: Conversation, webhook: ConversationWebhook) -> None:
        """Register a target; 50361 beyond five."""
        if len(conversation.webhooks) >= limits.WEBHOOKS_PER_CONVERSATION:
            raise ApiError(400, 50361, "Maximum number of webhooks for this conversation reached")
        check_webhook(webhook)
        conversation.webhooks[webhook.sid] = webhook
        self._changed("webhook", conversation)

    def fire(self, conversation: Conversation, event: str, origin: Origin, params: dict[str, str]) -> None:
        """Send an event to the conversation's webhooks that listen for it."""
        if not origin.fires or not conversation.webhooks:
            return
        fields = events.common(self._account_sid, self.service.sid, event, origin) | params
        for webhook in conversation.webhooks.values():
            if webhook.target == "webhook" and webhook.url and event in webhook.filters:
                self._webhooks.send(Delivery(conversation.sid, event, webhook.url, fields, webhook.method.upper()))

    def _changed(self, what: str, conversation: Conversation) -> None:
        self._tell({"type": what, "conversation": conversation.sid})


def check_webhook(webhook: ConversationWebhook) -> None:
    """Refuse a target that could never work."""
    if webhook.target not in {"webhook", "trigger", "studio"}:
        raise invalid("Target must be one of webhook, trigger, studio")
    if webhook.method not in {"get", "post"}:
        raise invalid("Configuration.Method must be get or post")
    unknown = sorted(set(webhook.filters) - events.EVENTS)
    if unknown:
        raise invalid(f"Unknown webhook filters: {', '.join(unknown)}")
    if webhook.target == "studio" and not is_sid(webhook.flow_sid or "", "FW"):
        raise invalid("Configuration.FlowSid is required for the studio target")
    if webhook.target != "studio" and not (webhook.url or "").startswith(("http://", "https://")):
        raise invalid("Configuration.Url is required and must be an absolute URL")
