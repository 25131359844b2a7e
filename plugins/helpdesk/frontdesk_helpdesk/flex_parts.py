"""The parts of a Flex account that the helpdesk needs: how each stands, making it, and taking it away again.

What we make carries `MADE_BY_US` in its name or description, or our own address; nothing else is changed or deleted.
"""

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from frontdesk import Twilio, TwilioError, TwilioTable

from frontdesk_helpdesk.flow import MADE_BY_US, flow_definition
from frontdesk_helpdesk.settings import HelpdeskSettings

FLOW_NAME = "Frontdesk helpdesk"
TASK_EVENTS = (
    "task.created",
    "task-queue.entered",
    "task.canceled",
    "task.deleted",
    "task.completed",
    "workflow.timeout",
    "reservation.accepted",
    "reservation.rejected",
    "reservation.timeout",
)
INTERACTION_EVENTS = (
    "onParticipantJoined",
    "onParticipantLeft",
    "onChannelCreateFailed",
    "onChannelStatusUpdated",
)
_MANY = 1000


class State(Enum):
    """How a part of the account stands, and so what is to be done about it."""

    IN_ORDER = "in order"
    THEIRS = "yours"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CONFLICT = "conflict"


Look = tuple[State, str]


@dataclass(slots=True)
class Account:
    """The account while it is being looked at.

    Args:
        twilio: an open client.
        known: the SIDs that bot.toml names.
        settings: the helpdesk's.
        callbacks: the public address of the plugin's routes.
        priorities: those of tasks, besides 0.
        sids: what has been found or made, by key.
    """

    twilio: Twilio
    known: TwilioTable
    settings: HelpdeskSettings
    callbacks: str
    priorities: frozenset[int] = frozenset()
    sids: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Any:
        """TaskRouter's workspace."""
        return self.twilio.rest.taskrouter.v1.workspaces(self.sids["workspace_sid"])

    @property
    def seconds(self) -> int:
        """How long a task waits."""
        return self.settings.queue.minutes * 60


class Part(Protocol):
    """One part of the account."""

    @property
    def name(self) -> str:
        """What it is called in a plan."""
        ...

    async def look(self, account: Account) -> Look:
        """Read how it stands."""
        ...

    async def put(self, account: Account) -> None:
        """Create or update it."""
        ...

    async def made_by_us(self, account: Account) -> str | None:
        """Say what is there that we made; None if nothing is."""
        ...

    async def remove(self, account: Account) -> None:
        """Delete what we made."""
        ...


async def _ours(resources: Any) -> Any | None:
    """Find the one that carries our mark in its name."""
    for each in await resources.list_async(limit=_MANY):
        if MADE_BY_US in (each.friendly_name or ""):
            return each
    return None


async def _fetched(resource: Any) -> Any | None:
    try:
        return await resource.fetch_async()
    except TwilioError as error:
        if error.status == 404:
            return None
        raise


class Queue:
    """The TaskRouter queue of our workflow."""

    name = "TaskRouter queue"

    async def look(self, account: Account) -> Look:
        """It is needed only with a workflow of ours."""
        if await Workflow.is_theirs(account):
            return State.THEIRS, "your own workflow leads to queues of your own"
        found = await _ours(account.workspace.task_queues)
        if found is None:
            return State.CREATE, f'"{FLOW_NAME}", open to every worker'
        account.sids["queue_sid"] = str(found.sid)
        return State.IN_ORDER, str(found.sid)

    async def put(self, account: Account) -> None:
        """Create it; who belongs to it may be changed in Twilio's console."""
        made = await account.workspace.task_queues.create_async(
            friendly_name=f"{FLOW_NAME} ({MADE_BY_US})", target_workers="1==1"
        )
        account.sids["queue_sid"] = str(made.sid)

    async def made_by_us(self, account: Account) -> str | None:
        """By its name."""
        found = await _ours(account.workspace.task_queues)
        return None if found is None else str(found.sid)

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.workspace.task_queues(sid).delete_async()


class Workflow:
    """The TaskRouter workflow: one queue, the priorities, and the time after which a task is given up."""

    name = "TaskRouter workflow"

    @staticmethod
    async def is_theirs(account: Account) -> bool:
        """Whether bot.toml names a workflow that we did not make."""
        sid = account.known.workflow_sid
        found = None if sid is None else await _fetched(account.workspace.workflows(sid))
        return found is not None and MADE_BY_US not in (found.friendly_name or "")

    async def look(self, account: Account) -> Look:
        """Compare queue, priorities and time."""
        if await self.is_theirs(account):
            account.sids["workflow_sid"] = str(account.known.workflow_sid)
            return State.THEIRS, f"{account.known.workflow_sid}, named in bot.toml; it is left as it is"
        found = await _ours(account.workspace.workflows)
        if found is None:
            return State.CREATE, f'"{FLOW_NAME}", tasks wait {account.settings.queue.minutes} minutes at most'
        account.sids["workflow_sid"] = str(found.sid)
        if "queue_sid" not in account.sids or _plain(found.configuration) != _plain(self._configuration(account)):
            return (
                State.UPDATE,
                f"{found.sid} leads elsewhere, or lets tasks wait for another time or by other priorities",
            )
        return State.IN_ORDER, str(found.sid)

    def _configuration(self, account: Account) -> str:
        # Without a default filter a task that waited too long falls out, which is told as workflow.timeout.
        target = {"queue": account.sids["queue_sid"], "timeout": account.seconds}
        # A workflow manages its tasks' priority, so it is told of those that categories have.
        rules = [
            {
                "filter_friendly_name": f"{FLOW_NAME}, priority {priority}",
                "expression": f"priority == {priority}",
                "targets": [{**target, "priority": priority}],
            }
            for priority in sorted(account.priorities, reverse=True)
        ]
        rules.append({"filter_friendly_name": FLOW_NAME, "expression": "1==1", "targets": [target]})
        return json.dumps({"task_routing": {"filters": rules}})

    async def put(self, account: Account) -> None:
        """Create or update it."""
        configuration = self._configuration(account)
        if "workflow_sid" in account.sids:
            await account.workspace.workflows(account.sids["workflow_sid"]).update_async(configuration=configuration)
            return
        made = await account.workspace.workflows.create_async(
            friendly_name=f"{FLOW_NAME} ({MADE_BY_US})", configuration=configuration
        )
        account.sids["workflow_sid"] = str(made.sid)

    async def made_by_us(self, account: Account) -> str | None:
        """By its name."""
        found = await _ours(account.workspace.workflows)
        return None if found is None else str(found.sid)

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.workspace.workflows(sid).delete_async()


class TaskChannel:
    """The task channel, by which workers' capacity is counted; Flex brings ``chat``."""

    name = "task channel"

    async def _named(self, account: Account) -> Any | None:
        for channel in await account.workspace.task_channels.list_async(limit=_MANY):
            if channel.unique_name == account.settings.task_channel:
                return channel
        return None

    async def look(self, account: Account) -> Look:
        """By its unique name."""
        found = await self._named(account)
        if found is None:
            return State.CREATE, f'"{account.settings.task_channel}"; give your workers capacity for it'
        account.sids["task_channel_sid"] = str(found.sid)
        ours = MADE_BY_US in (found.friendly_name or "")
        return (State.IN_ORDER if ours else State.THEIRS), f'"{found.unique_name}" {found.sid}'

    async def put(self, account: Account) -> None:
        """Create it."""
        made = await account.workspace.task_channels.create_async(
            friendly_name=f"{FLOW_NAME} ({MADE_BY_US})", unique_name=account.settings.task_channel
        )
        account.sids["task_channel_sid"] = str(made.sid)

    async def made_by_us(self, account: Account) -> str | None:
        """By its name."""
        found = await _ours(account.workspace.task_channels)
        return None if found is None else str(found.sid)

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.workspace.task_channels(sid).delete_async()


class FlowPart:
    """The Studio flow that each line of a member enters."""

    name = "Studio flow"

    async def _present(self, account: Account) -> Any | None:
        flows = account.twilio.rest.studio.v2.flows
        if account.known.studio_flow_sid is not None:
            found = await _fetched(flows(account.known.studio_flow_sid))
            if found is not None:
                return found
        for flow in await flows.list_async(limit=_MANY):
            if flow.friendly_name == FLOW_NAME:
                present = await flows(flow.sid).fetch_async()
                if self._is_ours(present):
                    return present
        return None

    @staticmethod
    def _is_ours(flow: Any) -> bool:
        definition = json.loads(flow.definition) if isinstance(flow.definition, str) else flow.definition
        return MADE_BY_US in str(definition.get("description"))

    def _wanted(self, account: Account) -> dict[str, Any] | None:
        if not {"workflow_sid", "task_channel_sid"} <= account.sids.keys():
            return None
        return flow_definition(
            callbacks=account.callbacks,
            workflow_sid=account.sids["workflow_sid"],
            task_channel_sid=account.sids["task_channel_sid"],
            timeout=account.seconds,
        )

    async def look(self, account: Account) -> Look:
        """Compare the published definition."""
        present = await self._present(account)
        if present is None:
            return State.CREATE, f'"{FLOW_NAME}", published'
        account.sids["studio_flow_sid"] = str(present.sid)
        if not self._is_ours(present):
            return State.THEIRS, f"{present.sid}, named in bot.toml; it is left as it is"
        wanted = self._wanted(account)
        if wanted is None or _plain(present.definition) != _plain(wanted) or present.status != "published":
            return State.UPDATE, f"{present.sid} was changed, or points elsewhere"
        return State.IN_ORDER, str(present.sid)

    async def put(self, account: Account) -> None:
        """Validate it, and create or update it."""
        studio = account.twilio.rest.studio.v2
        definition = self._wanted(account)
        await studio.flow_validate.update_async(friendly_name=FLOW_NAME, status="published", definition=definition)
        if "studio_flow_sid" in account.sids:
            await studio.flows(account.sids["studio_flow_sid"]).update_async(
                status="published", definition=definition, commit_message="Updated by Frontdesk"
            )
            return
        made = await studio.flows.create_async(
            friendly_name=FLOW_NAME, status="published", definition=definition, commit_message="Created by Frontdesk"
        )
        account.sids["studio_flow_sid"] = str(made.sid)

    async def made_by_us(self, account: Account) -> str | None:
        """By its description."""
        present = await self._present(account)
        return str(present.sid) if present is not None and self._is_ours(present) else None

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.twilio.rest.studio.v2.flows(sid).delete_async()


class EventCallback:
    """Where TaskRouter tells its events: a workspace has one address for them."""

    name = "TaskRouter's events"

    def _url(self, account: Account) -> str:
        return f"{account.callbacks}/taskrouter"

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        present, url = await account.workspace.fetch_async(), self._url(account)
        if present.event_callback_url not in {None, "", url}:
            return State.CONFLICT, (
                f"the workspace already tells its events to {present.event_callback_url}; "
                f"clear it in Twilio's console, or have that address pass them on to {url}"
            )
        if not present.event_callback_url:
            return State.CREATE, f"told to {url}"
        listed = set((present.events_filter or "").split(",")) - {""}
        if listed and not set(TASK_EVENTS) <= listed:
            return State.UPDATE, f"told to {url}, but not all that are needed"
        return State.IN_ORDER, f"told to {url}"

    async def put(self, account: Account) -> None:
        """Set both."""
        await account.workspace.update_async(event_callback_url=self._url(account), events_filter=",".join(TASK_EVENTS))

    async def made_by_us(self, account: Account) -> str | None:
        """By its address."""
        url = self._url(account)
        return f"told to {url}" if (await account.workspace.fetch_async()).event_callback_url == url else None

    async def remove(self, account: Account) -> None:
        """Clear both."""
        await account.workspace.update_async(event_callback_url="", events_filter="")


class InteractionHook:
    """Where Flex tells who joins and leaves."""

    name = "Flex's Interaction webhook"

    def _url(self, account: Account) -> str:
        return f"{account.callbacks}/interactions"

    async def _present(self, account: Account) -> list[Any]:
        instance_sid = account.known.flex_instance_sid
        if instance_sid is None:
            return []
        url = self._url(account)
        return [hook for hook in await account.twilio.interaction_webhooks(instance_sid) if hook.url == url]

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        if account.known.flex_instance_sid is None:
            return State.THEIRS, "bot.toml names no flex_instance_sid; without it news of agents come a little later"
        present = await self._present(account)
        if not present:
            return State.CREATE, f"told to {self._url(account)}"
        if set(present[0].events) != set(INTERACTION_EVENTS) or len(present) > 1:
            return State.UPDATE, "it tells other events than are needed"
        return State.IN_ORDER, present[0].sid

    async def put(self, account: Account) -> None:
        """Replace it."""
        await self.remove(account)
        instance_sid = str(account.known.flex_instance_sid)
        await account.twilio.create_interaction_webhook(instance_sid, self._url(account), INTERACTION_EVENTS)

    async def made_by_us(self, account: Account) -> str | None:
        """By its address."""
        return ", ".join(hook.sid for hook in await self._present(account)) or None

    async def remove(self, account: Account) -> None:
        """Delete it."""
        for hook in await self._present(account):
            await account.twilio.delete_interaction_webhook(str(account.known.flex_instance_sid), hook.sid)


def _plain(definition: Any) -> str:
    return json.dumps(json.loads(definition) if isinstance(definition, str) else definition, sort_keys=True)
