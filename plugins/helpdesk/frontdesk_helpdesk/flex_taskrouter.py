"""The parts of a Flex account in TaskRouter: the queue, the workflow that leads to it, and the task channel."""

import json
from typing import Any

from frontdesk_helpdesk.flex_parts import FLOW_NAME, MANY, Account, Look, State, fetched, ours, plain
from frontdesk_helpdesk.flow import MADE_BY_US


class Queue:
    """The TaskRouter queue of our workflow."""

    name = "TaskRouter queue"

    async def look(self, account: Account) -> Look:
        """It is needed only with a workflow of ours."""
        if await Workflow.is_theirs(account):
            return State.THEIRS, "your own workflow leads to queues of your own"
        found = await ours(account.workspace.task_queues)
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
        found = await ours(account.workspace.task_queues)
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
        found = None if sid is None else await fetched(account.workspace.workflows(sid))
        return found is not None and MADE_BY_US not in (found.friendly_name or "")

    async def look(self, account: Account) -> Look:
        """Compare queue, priorities and time."""
        if await self.is_theirs(account):
            account.sids["workflow_sid"] = str(account.known.workflow_sid)
            return State.THEIRS, f"{account.known.workflow_sid}, named in bot.toml; it is left as it is"
        found = await ours(account.workspace.workflows)
        if found is None:
            return State.CREATE, f'"{FLOW_NAME}", tasks wait {account.settings.queue.minutes} minutes at most'
        account.sids["workflow_sid"] = str(found.sid)
        if "queue_sid" not in account.sids or plain(found.configuration) != plain(self._configuration(account)):
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
        found = await ours(account.workspace.workflows)
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
        for channel in await account.workspace.task_channels.list_async(limit=MANY):
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
        found = await ours(account.workspace.task_channels)
        return None if found is None else str(found.sid)

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.workspace.task_channels(sid).delete_async()
