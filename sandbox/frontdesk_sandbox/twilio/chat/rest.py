"""REST of conversations.twilio.com: conversations, participants, messages and webhooks."""

from datetime import timedelta

from frontdesk_sandbox.twilio import limits
from frontdesk_sandbox.twilio.clock import Clock, duration
from frontdesk_sandbox.twilio.errors import ApiError, invalid, not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Handler, Table, page
from frontdesk_sandbox.twilio.limits import Rate
from frontdesk_sandbox.twilio.sids import new_sid

from .render import Renderer
from .service import Chat, check_webhook
from .state import Conversation, ConversationState, ConversationWebhook, Origin


def origin(call: Call) -> Origin:
    """A change by REST fires webhooks only when its header asks for it."""
    return Origin("API", fires=call.webhooks_enabled)


class ConversationsApi:
    """Fills a table with the paths under ``/v1/Conversations`` (and the same under ``/v1/Services/IS...``)."""

    def __init__(self, chat: Chat, render: Renderer, rate: Rate, clock: Clock) -> None:
        self._chat = chat
        self._render = render
        self._rate = rate
        self._clock = clock

    def fill(self, table: Table) -> None:
        """Register every path."""
        one = "/Conversations/{ConversationSid}"
        paths: dict[tuple[str, str], Handler] = {
            ("GET", "/Conversations"): self.list_conversations,
            ("POST", "/Conversations"): self.create_conversation,
            ("GET", one): self.fetch_conversation,
            ("POST", one): self.update_conversation,
            ("DELETE", one): self.delete_conversation,
            ("GET", f"{one}/Participants"): self.list_participants,
            ("POST", f"{one}/Participants"): self.create_participant,
            ("GET", f"{one}/Participants/{{Sid}}"): self.fetch_participant,
            ("POST", f"{one}/Participants/{{Sid}}"): self.update_participant,
            ("DELETE", f"{one}/Participants/{{Sid}}"): self.delete_participant,
            ("GET", f"{one}/Messages"): self.list_messages,
            ("POST", f"{one}/Messages"): self.create_message,
            ("GET", f"{one}/Messages/{{Sid}}"): self.fetch_message,
            ("POST", f"{one}/Messages/{{Sid}}"): self.update_message,
            ("DELETE", f"{one}/Messages/{{Sid}}"): self.delete_message,
            ("GET", f"{one}/Webhooks"): self.list_webhooks,
            ("POST", f"{one}/Webhooks"): self.create_webhook,
            ("GET", f"{one}/Webhooks/{{Sid}}"): self.fetch_webhook,
            ("POST", f"{one}/Webhooks/{{Sid}}"): self.update_webhook,
            ("DELETE", f"{one}/Webhooks/{{Sid}}"): self.delete_webhook,
        }
        for (method, path), handler in paths.items():
            table.add(method, f"/v1{path}", handler)
            table.add(method, f"/v1/Services/{{ChatServiceSid}}{path}", handler)

    def _find(self, call: Call) -> Conversation:
        return self._chat.find(call.args["ConversationSid"])

    def _open(self, call: Call) -> Conversation:
        return self._chat.open(call.args["ConversationSid"])

    def list_conversations(self, call: Call) -> Answer:
        """All conversations, newest first."""
        state = call.query.get("State")
        start, end = call.query.get("StartDate"), call.query.get("EndDate")
        found = [
            c
            for c in reversed(self._chat.conversations.values())
            if (state is None or c.state.value == state)
            and (start is None or c.created.strftime("%Y-%m-%dT%H:%M:%SZ")[: len(start)] >= start)
            and (end is None or c.created.strftime("%Y-%m-%dT%H:%M:%SZ")[: len(end)] <= end)
        ]
        most = limits.CONVERSATIONS_PAGE_SIZE_MAX
        return page(call, "conversations", found, self._render.conversation, most)

    def create_conversation(self, call: Call) -> Answer:
        """A new conversation."""
        self._rate.take("conversations")
        inactive, closed = self._timers(call)
        conversation = self._chat.create(
            friendly_name=call.form.get("FriendlyName"),
            unique_name=call.form.get("UniqueName"),
            attributes=call.form.get("Attributes") or "{}",
            state=_state(call) or ConversationState.ACTIVE,
            inactive_after=inactive,
            closed_after=closed,
        )
        return Answer(201, self._render.conversation(conversation))

    def _timers(self, call: Call) -> tuple[timedelta | None, timedelta | None]:
        given = {name: call.form.get(f"Timers.{name}") for name in ("Inactive", "Closed")}
        if any(given.values()) and "State" not in call.form:
            raise ApiError(400, 50382, "Timers need the conversation's state")
        inactive, closed = (duration(text) if text else None for text in given.values())
        if inactive is not None and inactive < timedelta(minutes=1):
            raise invalid("Timers.Inactive must be at least 1 minute")
        if closed is not None and closed < timedelta(minutes=10):
            raise invalid("Timers.Closed must be at least 10 minutes")
        return inactive, closed

    def fetch_conversation(self, call: Call) -> Answer:
        """One conversation."""
        return Answer(200, self._render.conversation(self._find(call)))

    def update_conversation(self, call: Call) -> Answer:
        """Names, attributes, state, timers."""
        conversation = self._open(call)
        self._rate.take(f"conversation:{conversation.sid}")
        inactive, closed = self._timers(call)
        self._chat.update(
            conversation,
            origin(call),
            friendly_name=call.form.get("FriendlyName"),
            unique_name=call.form.get("UniqueName"),
            attributes=call.form.get("Attributes"),
            state=_state(call),
        )
        conversation.inactive_after = inactive or conversation.inactive_after
        conversation.closed_after = closed or conversation.closed_after
        return Answer(200, self._render.conversation(conversation))

    def delete_conversation(self, call: Call) -> Answer:
        """Gone, closed or not."""
        self._chat.delete(self._find(call), origin(call))
        return GONE

    def list_participants(self, call: Call) -> Answer:
        """Who is in."""
        most = limits.CONVERSATIONS_PAGE_SIZE_MAX
        found = list(self._find(call).participants.values())
        return page(call, "participants", found, self._render.participant, most)

    def create_participant(self, call: Call) -> Answer:
        """Someone joins."""
        conversation = self._open(call)
        self._rate.take(f"participants:{conversation.sid}")
        binding = {
            key: call.form.get(f"MessagingBinding.{name}") or ""
            for key, name in (("address", "Address"), ("proxy_address", "ProxyAddress"))
            if f"MessagingBinding.{name}" in call.form
        }
        participant = self._chat.join(
            conversation,
            origin(call),
            identity=call.form.get("Identity"),
            attributes=call.form.get("Attributes") or "{}",
            role_sid=call.form.get("RoleSid"),
            messaging_binding=binding or None,
        )
        return Answer(201, self._render.participant(participant))

    def fetch_participant(self, call: Call) -> Answer:
        """One participant."""
        found = self._chat.find_participant(self._find(call), call.args["Sid"])
        return Answer(200, self._render.participant(found))

    def update_participant(self, call: Call) -> Answer:
        """Attributes, or what was read."""
        conversation = self._open(call)
        found = self._chat.find_participant(conversation, call.args["Sid"])
        self._rate.take(f"participants:{conversation.sid}")
        if "LastReadMessageIndex" in call.form:
            found.last_read_message_index = call.form.number("LastReadMessageIndex", 0)
            found.last_read_timestamp = call.form.get("LastReadTimestamp")
        self._chat.touch_participant(conversation, found, origin(call), call.form.get("Attributes"))
        return Answer(200, self._render.participant(found))

    def delete_participant(self, call: Call) -> Answer:
        """Someone leaves."""
        conversation = self._open(call)
        found = self._chat.find_participant(conversation, call.args["Sid"])
        self._rate.take(f"participants:{conversation.sid}")
        self._chat.leave(conversation, found, origin(call))
        return GONE

    def list_messages(self, call: Call) -> Answer:
        """The messages, in the order asked for."""
        found = list(self._find(call).messages.values())
        order = call.query.get("Order") or "asc"
        if order not in {"asc", "desc"}:
            raise invalid("Order must be asc or desc")
        if order == "desc":
            found.reverse()
        most = limits.CONVERSATIONS_PAGE_SIZE_MAX
        return page(call, "messages", found, self._render.message, most)

    def create_message(self, call: Call) -> Answer:
        """Someone says something."""
        conversation = self._open(call)
        self._rate.take(f"messages:{conversation.sid}")
        media = call.form.get("MediaSid")
        message = self._chat.say(
            conversation,
            origin(call),
            author=call.form.get("Author") or "system",
            body=call.form.get("Body") or "",
            attributes=call.form.get("Attributes") or "{}",
            media=[self._chat.unused_media(media)] if media else [],
        )
        return Answer(201, self._render.message(message))

    def fetch_message(self, call: Call) -> Answer:
        """One message."""
        found = self._chat.find_message(self._find(call), call.args["Sid"])
        return Answer(200, self._render.message(found))

    def update_message(self, call: Call) -> Answer:
        """Another text, author or attributes."""
        conversation = self._open(call)
        message = self._chat.find_message(conversation, call.args["Sid"])
        self._rate.take(f"messages:{conversation.sid}")
        self._chat.edit(
            conversation,
            message,
            origin(call),
            body=call.form.get("Body"),
            attributes=call.form.get("Attributes"),
            author=call.form.get("Author"),
        )
        return Answer(200, self._render.message(message))

    def delete_message(self, call: Call) -> Answer:
        """Unsaid."""
        conversation = self._open(call)
        message = self._chat.find_message(conversation, call.args["Sid"])
        self._rate.take(f"messages:{conversation.sid}")
        self._chat.unsay(conversation, message, origin(call))
        return GONE

    def list_webhooks(self, call: Call) -> Answer:
        """The conversation's targets."""
        return page(call, "webhooks", list(self._find(call).webhooks.values()), self._render.webhook, 5)

    def create_webhook(self, call: Call) -> Answer:
        """Another target."""
        conversation = self._open(call)
        now = self._clock.now()
        webhook = ConversationWebhook(
            new_sid("WH"),
            conversation.sid,
            call.form.need("Target"),
            now,
            now,
            url=call.form.get("Configuration.Url"),
            method=call.form.get("Configuration.Method") or "post",
            filters=call.form.every("Configuration.Filters"),
            triggers=call.form.every("Configuration.Triggers"),
            flow_sid=call.form.get("Configuration.FlowSid"),
            replay_after=call.form.number("Configuration.ReplayAfter", 0) or None,
        )
        self._chat.add_webhook(conversation, webhook)
        return Answer(201, self._render.webhook(webhook))

    def _webhook(self, call: Call) -> ConversationWebhook:
        found = self._find(call).webhooks.get(call.args["Sid"])
        if found is None:
            raise not_found(f"Webhook {call.args['Sid']}")
        return found

    def fetch_webhook(self, call: Call) -> Answer:
        """One target."""
        return Answer(200, self._render.webhook(self._webhook(call)))

    def update_webhook(self, call: Call) -> Answer:
        """Another URL, method, filters or flow."""
        webhook = self._webhook(call)
        webhook.url = call.form.get("Configuration.Url") or webhook.url
        webhook.method = call.form.get("Configuration.Method") or webhook.method
        webhook.filters = call.form.every("Configuration.Filters") or webhook.filters
        webhook.flow_sid = call.form.get("Configuration.FlowSid") or webhook.flow_sid
        check_webhook(webhook)
        webhook.updated = self._clock.now()
        return Answer(200, self._render.webhook(webhook))

    def delete_webhook(self, call: Call) -> Answer:
        """A target less."""
        webhook = self._webhook(call)
        del self._find(call).webhooks[webhook.sid]
        return GONE


def _state(call: Call) -> ConversationState | None:
    text = call.form.get("State")
    if text is None:
        return None
    try:
        return ConversationState(text)
    except ValueError:
        raise invalid("State must be one of active, inactive, closed") from None
