"""Interaction webhooks: registered for the whole Flex instance or for one interaction."""

from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import invalid
from frontdesk_sandbox.twilio.webhooks import Delivery, Webhooks

from .state import Interaction, InteractionWebhook

EVENTS = frozenset(
    {
        "onInteractionCreated",
        "onChannelCreated",
        "onChannelCreateFailed",
        "onChannelStatusUpdated",
        "onParticipantAddFailed",
        "onParticipantJoined",
        "onParticipantLeft",
    }
)


class InteractionHooks:
    """Who hears of interactions, and telling them."""

    def __init__(self, account_sid: str, instance_sid: str, clock: Clock, webhooks: Webhooks) -> None:
        self._account_sid = account_sid
        self.instance_sid = instance_sid
        self._clock = clock
        self._webhooks = webhooks
        self.registered: dict[str, InteractionWebhook] = {}

    def register(self, ttid: str, kind: str, url: str, method: str, events: list[str]) -> InteractionWebhook:
        """Add a target; a new global one takes the place of the last."""
        if kind not in {"global", "interaction"}:
            raise invalid("Type must be global or interaction")
        unknown = sorted(set(events) - EVENTS)
        if unknown or not events:
            raise invalid(f"Unknown or missing webhook events: {', '.join(unknown)}")
        if not url.startswith(("http://", "https://")):
            raise invalid("WebhookUrl must be an absolute URL")
        if method.upper() not in {"GET", "POST"}:
            raise invalid("WebhookMethod must be GET or POST")
        if kind == "global":
            self.registered = {k: w for k, w in self.registered.items() if w.type != "global"}
        webhook = InteractionWebhook(ttid, kind, url, method.upper(), events, self._clock.now())
        self.registered[ttid] = webhook
        return webhook

    def fire(self, event: str, interaction: Interaction, extra: dict[str, str] | None = None) -> None:
        """Tell who listens."""
        channel = interaction.channel
        params = {
            "EventType": event,
            "AccountSid": self._account_sid,
            "InstanceSid": self.instance_sid,
            "InteractionSid": interaction.sid,
            "ChannelSid": channel.sid,
            "ChannelType": channel.type,
            "ChannelStatus": channel.status.value,
            "MediaChannelSid": interaction.media_channel_sid,
            "MediaChannelType": channel.type,
        } | (extra or {})
        for webhook in self.registered.values():
            if event not in webhook.events:
                continue
            if webhook.type == "global" or webhook.ttid == interaction.webhook_ttid:
                lane = f"interaction:{interaction.sid}"
                self._webhooks.send(Delivery(lane, event, webhook.url, params, webhook.method))
