"""Interactions: a conversation gets a task, an agent joins it, and it ends with the task."""

import asyncio
from collections.abc import Callable
from typing import Any

from frontdesk_sandbox.twilio.chat.service import Chat
from frontdesk_sandbox.twilio.chat.state import Conversation, ConversationState, Origin
from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import ApiError, invalid, not_found
from frontdesk_sandbox.twilio.sids import new_sid
from frontdesk_sandbox.twilio.taskrouter.service import TaskRouter
from frontdesk_sandbox.twilio.taskrouter.state import Reservation, Task, TaskStatus

from .hooks import InteractionHooks
from .state import (
    CHANNEL_TYPES,
    Channel,
    ChannelStatus,
    FlexParticipant,
    Interaction,
    Invite,
    Transfer,
)

ORCHESTRATOR = Origin("API")


class Flex:
    """The account's Flex.

    Args:
        chat: conversations.
        router: tasks.
        hooks: Interaction webhooks.
        clock: tells the time.
        tell: told of every change.
    """

    def __init__(
        self,
        chat: Chat,
        router: TaskRouter,
        hooks: InteractionHooks,
        clock: Clock,
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        self._chat = chat
        self._router = router
        self._clock = clock
        self._tell = tell
        self.hooks = hooks
        self.interactions: dict[str, Interaction] = {}
        self.refuse_next: tuple[int, str] | None = None
        self.failure_listeners: list[Callable[[str], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        router.listeners.append(self._task_event)

    # creation

    def create(
        self,
        channel: dict[str, Any],
        routing: dict[str, Any] | None,
        *,
        webhook_ttid: str | None = None,
        context_sid: str | None = None,
    ) -> Interaction:
        """Accept an interaction; it is set up a moment later.

        Raises:
            ApiError: if the request is not even plausible.
        """
        kind = channel.get("type")
        if kind not in CHANNEL_TYPES:
            raise invalid(f"Channel type must be one of {', '.join(sorted(CHANNEL_TYPES))}")
        properties = (routing or {}).get("properties") or {}
        if properties.get("workspace_sid") != self._router.workspace.sid:
            raise invalid("Routing properties need the workspace_sid of this Flex project")
        media = str((channel.get("properties") or {}).get("media_channel_sid") or "")
        interaction = Interaction(
            new_sid("KD"), Channel(new_sid("UO"), str(kind)), media, routing,
            self._clock.now(), webhook_ttid, context_sid,
        )  # fmt: skip
        self.interactions[interaction.sid] = interaction
        task = asyncio.create_task(self._set_up(interaction, properties))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return interaction

    async def _set_up(self, interaction: Interaction, properties: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        self.hooks.fire("onInteractionCreated", interaction)
        refusal, self.refuse_next = self.refuse_next, None
        try:
            conversation = self._bind(interaction, refusal)
            interaction.channel.status = ChannelStatus.ACTIVE
            self._list_customers(interaction, conversation)
            self.hooks.fire("onChannelCreated", interaction)
            self.invite(interaction, properties)
        except ApiError as problem:
            channel = interaction.channel
            channel.status = ChannelStatus.FAILED
            channel.error_code, channel.error_message = problem.code, problem.message
            extra = {"ErrorCode": str(problem.code), "ErrorMessage": problem.message}
            self.hooks.fire("onChannelCreateFailed", interaction, extra)
            for listener in self.failure_listeners:
                listener(interaction.sid)
        self._changed(interaction)

    def _bind(self, interaction: Interaction, refusal: tuple[int, str] | None) -> Conversation:
        if refusal is not None:
            raise ApiError(400, *refusal)
        conversation = self._chat.conversations.get(interaction.media_channel_sid)
        if conversation is None:
            raise ApiError(400, 45352, "The media channel does not exist in the default service")
        if conversation.state is ConversationState.CLOSED:
            raise ApiError(400, 45354, "The conversation is closed")
        twin = self.of_conversation(conversation.sid)
        if twin is not None and twin is not interaction:
            raise ApiError(400, 45353, "Duplicate channel request dropped")
        if not conversation.participants:
            raise ApiError(400, 45351, "The customer is not a participant of the conversation")
        return conversation

    def _list_customers(self, interaction: Interaction, conversation: Conversation) -> None:
        for participant in conversation.participants.values():
            customer = FlexParticipant(new_sid("UT"), "customer", participant.sid, participant.identity)
            interaction.channel.participants[customer.sid] = customer

    def invite(self, interaction: Interaction, properties: dict[str, Any]) -> Invite:
        """Make the task that brings an agent."""
        channel = interaction.channel
        invite = Invite(new_sid("KG"), {"properties": properties}, "")
        channel.invites.append(invite)
        attributes = dict(properties.get("attributes") or {}) | {
            "channelType": (properties.get("attributes") or {}).get("channelType", channel.type),
            "conversationSid": interaction.media_channel_sid,
            "flexInteractionSid": interaction.sid,
            "flexInteractionChannelSid": channel.sid,
            "flexChannelInviteSid": invite.sid,
            "initiatedBy": "customer",
        }
        task = self._router.create_task(
            attributes,
            workflow_sid=properties.get("workflow_sid"),
            queue_sid=properties.get("queue_sid"),
            channel=properties.get("task_channel_sid") or properties.get("task_channel_unique_name") or "chat",
            priority=int(properties.get("priority") or 0),
            timeout=int(properties.get("timeout") or 86400),
            only_worker=properties.get("worker_sid"),
        )
        invite.task_sid = task.sid
        self._changed(interaction)
        return invite

    # looking up

    def find(self, sid: str) -> Interaction:
        """An interaction; 20404 when there is none."""
        try:
            return self.interactions[sid]
        except KeyError:
            raise not_found(f"Interaction {sid}") from None

    def of_conversation(self, conversation_sid: str) -> Interaction | None:
        """The interaction that binds a conversation now."""
        for interaction in self.interactions.values():
            if interaction.media_channel_sid == conversation_sid and interaction.channel.status in {
                ChannelStatus.ACTIVE,
                ChannelStatus.TRANSFER,
            }:
                return interaction
        return None

    def of_task(self, task: Task) -> Interaction | None:
        """The interaction that a task belongs to."""
        return self.interactions.get(str(task.details.get("flexInteractionSid")))

    # what tasks do to interactions

    def _task_event(self, event: str, task: Task, reservation: Reservation | None) -> None:
        interaction = self.of_task(task)
        if interaction is None:
            return
        if event == "reservation.accepted" and reservation is not None:
            self._agent_joins(interaction, task, reservation)
        elif event == "task.completed":
            self._task_completed(interaction, task)
        elif event in {"task.canceled", "task.deleted"} and interaction.channel.live:
            self._set_status(interaction, ChannelStatus.FAILED)

    def _agent_joins(self, interaction: Interaction, task: Task, reservation: Reservation) -> None:
        identity = self._router.workers[reservation.worker_sid].identity
        conversation = self._chat.conversations.get(interaction.media_channel_sid)
        if conversation is None or conversation.state is ConversationState.CLOSED:
            return
        member = conversation.by_identity(identity) or self._chat.join(
            conversation,
            ORCHESTRATOR,
            identity=identity,
            role_sid=self._chat.service.role_sid,
        )
        agent = FlexParticipant(new_sid("UT"), "agent", member.sid, identity, task.sid)
        interaction.channel.participants[agent.sid] = agent
        self.hooks.fire("onParticipantJoined", interaction, self._about(agent))
        for transfer in interaction.channel.transfers.values():
            if transfer.task_sid == task.sid and transfer.status == "active":
                self._transferred(transfer)
        self._changed(interaction)

    def _task_completed(self, interaction: Interaction, task: Task) -> None:
        handed_on = any(t.from_task_sid == task.sid for t in interaction.channel.transfers.values())
        self._agent_leaves(interaction, task)
        others = any(p.type == "agent" and not p.left for p in interaction.channel.participants.values())
        if interaction.channel.live and not handed_on and not others:
            self._finish(interaction, ChannelStatus.CLOSED)

    def _agent_leaves(self, interaction: Interaction, task: Task) -> None:
        conversation = self._chat.conversations.get(interaction.media_channel_sid)
        for agent in interaction.channel.participants.values():
            if agent.task_sid != task.sid or agent.left:
                continue
            agent.left = True
            member = conversation.by_identity(agent.identity or "") if conversation else None
            if conversation is not None and member is not None:
                self._chat.leave(conversation, member, ORCHESTRATOR)
            self.hooks.fire("onParticipantLeft", interaction, self._about(agent))

    def _finish(self, interaction: Interaction, status: ChannelStatus) -> None:
        self._set_status(interaction, status)
        conversation = self._chat.conversations.get(interaction.media_channel_sid)
        closes = status is ChannelStatus.CLOSED
        if closes and conversation and conversation.state is not ConversationState.CLOSED:
            self._chat.set_state(conversation, ConversationState.CLOSED, ORCHESTRATOR, "API")

    def _set_status(self, interaction: Interaction, status: ChannelStatus) -> None:
        interaction.channel.status = status
        self.hooks.fire("onChannelStatusUpdated", interaction)
        self._changed(interaction)

    # what callers do to interactions

    def update_channel(self, interaction: Interaction, status: ChannelStatus, tasks_end: str) -> None:
        """Close a channel for good, or set it inactive (the conversation stays open).

        Args:
            interaction: whose channel.
            status: closed or inactive.
            tasks_end: what becomes of assigned tasks: ``closed`` or ``wrapup``.
        """
        if interaction.channel.status in {status, ChannelStatus.CLOSED, ChannelStatus.FAILED}:
            return
        live = [t for t in self._router.tasks.values() if t.live and self.of_task(t) is interaction]
        for task in live:
            self._agent_leaves(interaction, task)
        self._finish(interaction, status)
        for task in live:
            if task.status in {TaskStatus.PENDING, TaskStatus.RESERVED}:
                self._router.cancel(task, f"Interaction channel is {status.value}")
            elif tasks_end == "wrapup" and task.status is TaskStatus.ASSIGNED:
                self._router.wrap_up(task)
            elif tasks_end != "wrapup":
                self._router.complete(task)

    def agent_walks_out(self, interaction: Interaction, task: Task) -> None:
        """The agent leaves without ending the conversation: the channel becomes inactive."""
        self._agent_leaves(interaction, task)
        if not any(p.type == "agent" and not p.left for p in interaction.channel.participants.values()):
            self._set_status(interaction, ChannelStatus.INACTIVE)
        self._router.complete(task, "The agent left")

    def transfer(self, interaction: Interaction, task: Task, *, to: str | None, kind: str = "cold") -> Transfer:
        """Offer the conversation to another worker (identifier), or to the queue."""
        giver = next(
            (p for p in interaction.channel.participants.values() if p.task_sid == task.sid and not p.left),
            None,
        )
        if giver is None:
            raise invalid("Only an agent in the channel can transfer it")
        now = self._clock.now()
        transfer = Transfer(new_sid("UX"), kind, "active", giver.sid, to, "", task.sid, now, now)
        interaction.channel.transfers[transfer.sid] = transfer
        giver_worker = self._router.accepted_by(task)
        attributes = {k: v for k, v in task.details.items() if not k.startswith("flex")}
        invite = self.invite(
            interaction,
            {
                "workspace_sid": self._router.workspace.sid,
                "workflow_sid": task.workflow_sid,
                "task_channel_sid": task.channel_sid,
                "worker_sid": to,
                "attributes": attributes,
            },
        )
        transfer.task_sid = invite.task_sid
        new_task = self._router.tasks[invite.task_sid]
        if to is None and giver_worker is not None and new_task.status is TaskStatus.RESERVED:
            self._not_to_the_giver(new_task, giver_worker.worker_sid)
        return transfer

    def _not_to_the_giver(self, task: Task, worker_sid: str) -> None:
        for reservation in self._router.reservations_of(task):
            if reservation.worker_sid == worker_sid and reservation.status.value == "pending":
                self._router.reject(reservation)

    def _transferred(self, transfer: Transfer) -> None:
        transfer.status, transfer.updated = "completed", self._clock.now()
        giver = self._router.tasks.get(transfer.from_task_sid)
        if giver is not None and giver.live and transfer.type == "cold":
            self._router.complete(giver, "Transferred")

    def _about(self, participant: FlexParticipant) -> dict[str, str]:
        params = {"ParticipantSid": participant.sid, "ParticipantType": participant.type}
        if participant.task_sid is not None:
            params["TaskSid"] = participant.task_sid
        if participant.identity is not None:
            params["Identity"] = participant.identity
        return params

    def _changed(self, interaction: Interaction) -> None:
        self._tell(
            {
                "type": "interaction",
                "interaction": interaction.sid,
                "conversation": interaction.media_channel_sid,
                "status": interaction.channel.status.value,
            }
        )

    async def close(self) -> None:
        """Stop what is being set up."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
