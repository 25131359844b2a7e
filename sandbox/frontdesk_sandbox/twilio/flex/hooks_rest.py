"""REST of Interaction webhooks, which neither the library nor the official descriptions know."""

from typing import Any

from frontdesk_sandbox.twilio.clock import rest_time
from frontdesk_sandbox.twilio.errors import not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Table, page
from frontdesk_sandbox.twilio.sids import new_sid

from .hooks import InteractionHooks
from .state import InteractionWebhook

ROOT = "https://flex-api.twilio.com/v1"


class InteractionHooksApi:
    """Fills a table with ``/v1/Instances/GO.../InteractionWebhooks``; takes both spellings of the parameters."""

    def __init__(self, account_sid: str, hooks: InteractionHooks) -> None:
        self._account = account_sid
        self._hooks = hooks

    def fill(self, table: Table) -> None:
        """Register every path."""
        every = "/v1/Instances/{InstanceSid}/InteractionWebhooks"
        table.add("GET", every, self.list_webhooks)
        table.add("POST", every, self.create_webhook)
        table.add("GET", f"{every}/{{Ttid}}", self.fetch_webhook)
        table.add("DELETE", f"{every}/{{Ttid}}", self.delete_webhook)

    def _check_instance(self, call: Call) -> None:
        if call.args["InstanceSid"] != self._hooks.instance_sid:
            raise not_found(f"Instance {call.args['InstanceSid']}")

    def _render_webhook(self, webhook: InteractionWebhook) -> dict[str, Any]:
        instance = self._hooks.instance_sid
        return {
            "ttid": webhook.ttid,
            "account_sid": self._account,
            "instance_sid": instance,
            "type": webhook.type,
            "webhook_url": webhook.url,
            "webhook_method": webhook.method,
            "webhook_events": webhook.events,
            "date_created": rest_time(webhook.created),
            "url": f"{ROOT}/Instances/{instance}/InteractionWebhooks/{webhook.ttid}",
        }

    def list_webhooks(self, call: Call) -> Answer:
        """All targets."""
        self._check_instance(call)
        found = list(self._hooks.registered.values())
        return page(call, "webhooks", found, self._render_webhook)

    def create_webhook(self, call: Call) -> Answer:
        """A target."""
        self._check_instance(call)
        webhook = self._hooks.register(
            f"flex_interactionwebhook_{new_sid('')[:26]}",
            call.form.need("Type"),
            call.form.get("Url") or call.form.need("WebhookUrl"),
            call.form.get("WebhookMethod") or call.form.get("Method") or "POST",
            call.form.every("WebhookEvents") or call.form.every("Filters"),
        )
        return Answer(201, self._render_webhook(webhook))

    def _webhook(self, call: Call) -> InteractionWebhook:
        self._check_instance(call)
        try:
            return self._hooks.registered[call.args["Ttid"]]
        except KeyError:
            raise not_found(f"InteractionWebhook {call.args['Ttid']}") from None

    def fetch_webhook(self, call: Call) -> Answer:
        """One target."""
        return Answer(200, self._render_webhook(self._webhook(call)))

    def delete_webhook(self, call: Call) -> Answer:
        """A target less."""
        del self._hooks.registered[self._webhook(call).ttid]
        return GONE
