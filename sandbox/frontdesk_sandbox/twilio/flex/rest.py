"""REST of flex-api.twilio.com: interactions with all that belongs to them, and the configuration."""

from typing import Any

from frontdesk_sandbox.twilio.clock import Clock, rest_time
from frontdesk_sandbox.twilio.errors import invalid, not_found
from frontdesk_sandbox.twilio.http import Answer, Call, Handler, Table, page
from frontdesk_sandbox.twilio.taskrouter.service import TaskRouter

from .service import Flex
from .state import Channel, ChannelStatus, FlexParticipant, Interaction, Invite, Transfer

ROOT = "https://flex-api.twilio.com/v1"


class FlexApi:
    """Fills a table with the paths of Flex that concern conversations."""

    def __init__(self, account_sid: str, chat_service_sid: str, flex: Flex, router: TaskRouter, clock: Clock) -> None:
        self._account = account_sid
        self._chat_service_sid = chat_service_sid
        self._flex = flex
        self._router = router
        self._clock = clock

    def fill(self, table: Table) -> None:
        """Register every path."""
        channel = "/Interactions/{InteractionSid}/Channels/{ChannelSid}"
        paths: dict[tuple[str, str], Handler] = {
            ("POST", "/Interactions"): self.create_interaction,
            ("GET", "/Interactions/{InteractionSid}"): self.fetch_interaction,
            ("POST", "/Interactions/{InteractionSid}"): self.update_interaction,
            ("GET", "/Interactions/{InteractionSid}/Channels"): self.list_channels,
            ("GET", channel): self.fetch_channel,
            ("POST", channel): self.update_channel,
            ("GET", f"{channel}/Invites"): self.list_invites,
            ("POST", f"{channel}/Invites"): self.create_invite,
            ("GET", f"{channel}/Participants"): self.list_participants,
            ("POST", f"{channel}/Participants/{{Sid}}"): self.update_participant,
            ("POST", f"{channel}/Transfers"): self.create_transfer,
            ("GET", f"{channel}/Transfers/{{Sid}}"): self.fetch_transfer,
            ("GET", "/Configuration"): self.fetch_configuration,
        }
        for (method, path), handler in paths.items():
            table.add(method, f"/v1{path}", handler)

    # interactions

    def _find(self, call: Call) -> Interaction:
        return self._flex.find(call.args["InteractionSid"])

    def _of_channel(self, call: Call) -> Interaction:
        interaction = self._find(call)
        if interaction.channel.sid != call.args["ChannelSid"]:
            raise not_found(f"Channel {call.args['ChannelSid']}")
        return interaction

    def create_interaction(self, call: Call) -> Answer:
        """Accepted, not yet set up."""
        call.form.need("Channel")
        channel, routing = call.form.document("Channel"), call.form.document("Routing")
        if not isinstance(channel, dict) or not isinstance(routing, dict | None):
            raise invalid("Channel and Routing must be JSON objects")
        interaction = self._flex.create(
            channel,
            routing,
            webhook_ttid=call.form.get("WebhookTtid"),
            context_sid=call.form.get("InteractionContextSid"),
        )
        return Answer(200, self._render(interaction))

    def _render(self, interaction: Interaction) -> dict[str, Any]:
        url = f"{ROOT}/Interactions/{interaction.sid}"
        return {
            "sid": interaction.sid,
            "channel": {
                "sid": interaction.channel.sid,
                "type": interaction.channel.type,
                "properties": {"media_channel_sid": interaction.media_channel_sid},
            },
            "routing": interaction.routing,
            "interaction_context_sid": interaction.interaction_context_sid,
            "webhook_ttid": interaction.webhook_ttid,
            "url": url,
            "links": {"channels": f"{url}/Channels"},
        }

    def fetch_interaction(self, call: Call) -> Answer:
        """One interaction."""
        return Answer(200, self._render(self._find(call)))

    def update_interaction(self, call: Call) -> Answer:
        """Another webhook."""
        interaction = self._find(call)
        interaction.webhook_ttid = call.form.need("WebhookTtid")
        return Answer(200, self._render(interaction))

    # channels

    def _render_channel(self, interaction: Interaction, channel: Channel) -> dict[str, Any]:
        url = f"{ROOT}/Interactions/{interaction.sid}/Channels/{channel.sid}"
        return {
            "sid": channel.sid,
            "interaction_sid": interaction.sid,
            "type": channel.type,
            "status": channel.status.value,
            "error_code": channel.error_code,
            "error_message": channel.error_message,
            "url": url,
            "links": {
                "invites": f"{url}/Invites",
                "participants": f"{url}/Participants",
                "transfers": f"{url}/Transfers",
            },
        }

    def list_channels(self, call: Call) -> Answer:
        """The one channel."""
        interaction = self._find(call)
        return page(call, "channels", [interaction.channel], lambda c: self._render_channel(interaction, c))

    def fetch_channel(self, call: Call) -> Answer:
        """The channel: here a failed creation shows."""
        interaction = self._of_channel(call)
        return Answer(200, self._render_channel(interaction, interaction.channel))

    def update_channel(self, call: Call) -> Answer:
        """Close it, or set it inactive."""
        interaction = self._of_channel(call)
        status = call.form.need("Status")
        if status not in {"closed", "inactive"}:
            raise invalid("Status must be closed or inactive")
        routing = call.form.document("Routing") or {}
        tasks_end = str(routing.get("status") or "closed")
        if tasks_end not in {"closed", "wrapup"}:
            raise invalid("Routing status must be closed or wrapup")
        self._flex.update_channel(interaction, ChannelStatus(status), tasks_end)
        return Answer(200, self._render_channel(interaction, interaction.channel))

    # invites, participants, transfers

    def _part(self, interaction: Interaction, sid: str, part: str) -> dict[str, Any]:
        root = f"{ROOT}/Interactions/{interaction.sid}/Channels/{interaction.channel.sid}"
        return {
            "sid": sid,
            "interaction_sid": interaction.sid,
            "channel_sid": interaction.channel.sid,
            "url": f"{root}/{part}/{sid}",
        }

    def _render_invite(self, interaction: Interaction, invite: Invite) -> dict[str, Any]:
        routing = {"properties": invite.routing["properties"] | {"task_sid": invite.task_sid}}
        return self._part(interaction, invite.sid, "Invites") | {"routing": routing}

    def list_invites(self, call: Call) -> Answer:
        """The invites of a channel."""
        interaction = self._of_channel(call)
        render = interaction.channel.invites
        return page(call, "invites", render, lambda i: self._render_invite(interaction, i))

    def create_invite(self, call: Call) -> Answer:
        """Bring in another agent."""
        interaction = self._of_channel(call)
        call.form.need("Routing")
        routing = call.form.document("Routing")
        properties = routing.get("properties") if isinstance(routing, dict) else None
        if not isinstance(properties, dict):
            raise invalid("Routing must have properties")
        if interaction.channel.status is ChannelStatus.INACTIVE:
            interaction.channel.status = ChannelStatus.ACTIVE
        if not interaction.channel.live:
            raise invalid("The channel is closed")
        return Answer(200, self._render_invite(interaction, self._flex.invite(interaction, properties)))

    def _render_participant(self, interaction: Interaction, participant: FlexParticipant) -> dict[str, Any]:
        return self._part(interaction, participant.sid, "Participants") | {
            "type": participant.type,
            "routing_properties": {"task_sid": participant.task_sid} if participant.task_sid else None,
        }

    def list_participants(self, call: Call) -> Answer:
        """Who is in the channel."""
        interaction = self._of_channel(call)
        found = [p for p in interaction.channel.participants.values() if not p.left]
        return page(call, "participants", found, lambda p: self._render_participant(interaction, p))

    def update_participant(self, call: Call) -> Answer:
        """An agent is taken out."""
        interaction = self._of_channel(call)
        found = interaction.channel.participants.get(call.args["Sid"])
        if found is None or found.task_sid is None:
            raise not_found(f"Participant {call.args['Sid']}")
        if call.form.need("Status") not in {"closed", "wrapup"}:
            raise invalid("Status must be closed or wrapup")
        self._flex.agent_walks_out(interaction, self._router.find_task(found.task_sid))
        return Answer(200, self._render_participant(interaction, found))

    def _render_transfer(self, interaction: Interaction, transfer: Transfer) -> dict[str, Any]:
        return self._part(interaction, transfer.sid, "Transfers") | {
            "instance_sid": self._flex.hooks.instance_sid,
            "account_sid": self._account,
            "execution_sid": None,
            "type": transfer.type,
            "status": transfer.status,
            "from": transfer.from_participant,
            "to": transfer.to,
            "note_sid": None,
            "summary_sid": None,
            "date_created": rest_time(transfer.created),
            "date_updated": rest_time(transfer.updated),
        }

    def create_transfer(self, call: Call) -> Answer:
        """Hand over to another worker or queue; the body is JSON."""
        interaction = self._of_channel(call)
        wish = call.document()
        giver = interaction.channel.participants.get(str(wish.get("from") or wish.get("From") or ""))
        if giver is None or giver.task_sid is None:
            raise invalid("from must be an agent in the channel")
        to = str(wish.get("to") or wish.get("To") or "")
        task = self._router.find_task(giver.task_sid)
        worker = to if to in self._router.workers else None
        transfer = self._flex.transfer(interaction, task, to=worker, kind=str(wish.get("type") or "cold"))
        return Answer(201, self._render_transfer(interaction, transfer))

    def fetch_transfer(self, call: Call) -> Answer:
        """How a transfer stands."""
        interaction = self._of_channel(call)
        found = interaction.channel.transfers.get(call.args["Sid"])
        if found is None:
            raise not_found(f"Transfer {call.args['Sid']}")
        return Answer(200, self._render_transfer(interaction, found))

    def fetch_configuration(self, call: Call) -> Answer:
        """The Flex project."""
        workspace = self._router.workspace
        return Answer(
            200,
            {
                "account_sid": self._account,
                "date_created": rest_time(workspace.created),
                "date_updated": rest_time(workspace.updated),
                "attributes": {},
                "status": "ok",
                "taskrouter_workspace_sid": workspace.sid,
                "taskrouter_target_workflow_sid": self._router.workflow.sid,
                "taskrouter_target_taskqueue_sid": self._router.queue.sid,
                "taskrouter_offline_activity_sid": self._router.offline.sid,
                "chat_service_instance_sid": self._chat_service_sid,
                "flex_service_instance_sid": self._chat_service_sid,
                "flex_instance_sid": self._flex.hooks.instance_sid,
                "ui_version": "2.x",
                "flex_url": "https://flex.twilio.com/sandbox",
                "url": f"https://{call.host}{call.path}",
            },
        )
