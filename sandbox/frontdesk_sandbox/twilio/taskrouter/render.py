"""REST answers of TaskRouter."""

from typing import Any

from frontdesk_sandbox.twilio.clock import rest_time

from .service import TaskRouter
from .state import Activity, Reservation, Task, TaskChannel, TaskQueue, Worker, Workflow, Workspace

ROOT = "https://taskrouter.twilio.com/v1/Workspaces"
PARTS = (
    ("activities", "Activities"),
    ("events", "Events"),
    ("tasks", "Tasks"),
    ("task_channels", "TaskChannels"),
    ("task_queues", "TaskQueues"),
    ("workers", "Workers"),
    ("workflows", "Workflows"),
    ("statistics", "Statistics"),
    ("real_time_statistics", "RealTimeStatistics"),
    ("cumulative_statistics", "CumulativeStatistics"),
)


class Renderer:
    """Turns records into Twilio's JSON.

    Args:
        account_sid: the account.
        router: the workspace.
    """

    def __init__(self, account_sid: str, router: TaskRouter) -> None:
        self._account = account_sid
        self._router = router
        self._url = f"{ROOT}/{router.workspace.sid}"

    def _common(self, record: Activity | TaskChannel | TaskQueue | Worker | Workflow, part: str) -> dict[str, Any]:
        return {
            "sid": record.sid,
            "account_sid": self._account,
            "workspace_sid": self._router.workspace.sid,
            "friendly_name": record.friendly_name,
            "date_created": rest_time(record.created),
            "date_updated": rest_time(record.updated),
            "url": f"{self._url}/{part}/{record.sid}",
            "links": {"workspace": self._url},
        }

    def workspace(self, workspace: Workspace) -> dict[str, Any]:
        """The workspace."""
        return {
            "sid": workspace.sid,
            "account_sid": self._account,
            "friendly_name": workspace.friendly_name,
            "date_created": rest_time(workspace.created),
            "date_updated": rest_time(workspace.updated),
            "default_activity_sid": self._router.offline.sid,
            "default_activity_name": self._router.offline.friendly_name,
            "timeout_activity_sid": self._router.offline.sid,
            "timeout_activity_name": self._router.offline.friendly_name,
            "event_callback_url": workspace.event_callback_url,
            "events_filter": workspace.events_filter,
            "multi_task_enabled": True,
            "prioritize_queue_order": "FIFO",
            "url": self._url,
            "links": {name: f"{self._url}/{path}" for name, path in PARTS},
        }

    def activity(self, activity: Activity) -> dict[str, Any]:
        """An activity."""
        return self._common(activity, "Activities") | {"available": activity.available}

    def channel(self, channel: TaskChannel) -> dict[str, Any]:
        """A task channel."""
        extra = {"unique_name": channel.unique_name, "channel_optimized_routing": False}
        return self._common(channel, "TaskChannels") | extra

    def queue(self, queue: TaskQueue) -> dict[str, Any]:
        """A task queue."""
        return self._common(queue, "TaskQueues") | {
            "target_workers": queue.target_workers,
            "max_reserved_workers": 1,
            "task_order": "FIFO",
            "assignment_activity_sid": None,
            "assignment_activity_name": None,
            "reservation_activity_sid": None,
            "reservation_activity_name": None,
        }

    def workflow(self, workflow: Workflow) -> dict[str, Any]:
        """A workflow."""
        return self._common(workflow, "Workflows") | {
            "configuration": workflow.configuration,
            "assignment_callback_url": workflow.assignment_callback_url,
            "fallback_assignment_callback_url": workflow.fallback_assignment_callback_url,
            "document_content_type": "application/json",
            "task_reservation_timeout": workflow.task_reservation_timeout,
        }

    def worker(self, worker: Worker) -> dict[str, Any]:
        """A worker."""
        activity = self._router.activities[worker.activity_sid]
        return self._common(worker, "Workers") | {
            "attributes": worker.attributes,
            "activity_sid": activity.sid,
            "activity_name": activity.friendly_name,
            "available": activity.available,
            "date_status_changed": rest_time(worker.status_changed),
        }

    def task(self, task: Task) -> dict[str, Any]:
        """A task."""
        url = f"{self._url}/Tasks/{task.sid}"
        return {
            "sid": task.sid,
            "account_sid": self._account,
            "workspace_sid": self._router.workspace.sid,
            "age": self._router.age(task),
            "assignment_status": task.status.value,
            "attributes": task.attributes,
            "addons": "{}",
            "date_created": rest_time(task.created),
            "date_updated": rest_time(task.updated),
            "task_queue_entered_date": rest_time(task.created),
            "virtual_start_time": rest_time(task.created),
            "priority": task.priority,
            "reason": task.reason,
            "timeout": task.timeout,
            "task_queue_sid": task.queue_sid,
            "task_queue_friendly_name": self._router.queues[task.queue_sid].friendly_name,
            "task_channel_sid": task.channel_sid,
            "task_channel_unique_name": self._router.channels[task.channel_sid].unique_name,
            "workflow_sid": task.workflow_sid,
            "workflow_friendly_name": self._router.workflows[task.workflow_sid].friendly_name,
            "ignore_capacity": False,
            "routing_target": task.only_worker,
            "url": url,
            "links": {"workspace": self._url, "reservations": f"{url}/Reservations"},
        }

    def reservation(self, reservation: Reservation) -> dict[str, Any]:
        """A reservation."""
        worker = self._router.workers[reservation.worker_sid]
        task_url = f"{self._url}/Tasks/{reservation.task_sid}"
        return {
            "sid": reservation.sid,
            "account_sid": self._account,
            "workspace_sid": self._router.workspace.sid,
            "task_sid": reservation.task_sid,
            "worker_sid": worker.sid,
            "worker_name": worker.friendly_name,
            "reservation_status": reservation.status.value,
            "date_created": rest_time(reservation.created),
            "date_updated": rest_time(reservation.updated),
            "url": f"{task_url}/Reservations/{reservation.sid}",
            "links": {
                "task": task_url,
                "workspace": self._url,
                "worker": f"{self._url}/Workers/{worker.sid}",
            },
        }
