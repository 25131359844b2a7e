"""TaskRouter's event callbacks: their fields, and sending them."""

from frontdesk_sandbox.twilio.clock import Clock, hook_time
from frontdesk_sandbox.twilio.sids import new_sid
from frontdesk_sandbox.twilio.webhooks import Delivery, Webhooks

from .state import Activity, Reservation, Task, TaskChannel, TaskQueue, Worker, Workflow, Workspace

DEADLINE = 15.0


def of_task(
    task: Task, workflow: Workflow | None, queue: TaskQueue | None, channel: TaskChannel | None, age: int
) -> dict[str, str]:
    """The fields about a task."""
    params = {
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str(age),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.status.value,
        "TaskVersion": str(task.version),
        "TaskDateCreated": str(int(task.created.timestamp())),
    }
    if workflow is not None:
        params |= {"WorkflowSid": workflow.sid, "WorkflowName": workflow.friendly_name}
    if queue is not None:
        params |= {
            "TaskQueueSid": queue.sid,
            "TaskQueueName": queue.friendly_name,
            "TaskQueueTargetExpression": queue.target_workers,
        }
    if channel is not None:
        params |= {"TaskChannelSid": channel.sid, "TaskChannelUniqueName": channel.unique_name}
    return params


def of_worker(worker: Worker, activity: Activity) -> dict[str, str]:
    """The fields about a worker."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "WorkerActivitySid": activity.sid,
        "WorkerActivityName": activity.friendly_name,
    }


class EventCallbacks:
    """Sends the workspace's events to its callback URL, in order for each task."""

    def __init__(self, account_sid: str, workspace: Workspace, clock: Clock, webhooks: Webhooks) -> None:
        self._account_sid = account_sid
        self._workspace = workspace
        self._clock = clock
        self._webhooks = webhooks

    def send(self, event: str, resource: Task | Reservation | Worker, lane: str, fields: dict[str, str]) -> None:
        """Send an event, unless nobody asked for it."""
        url, wanted = self._workspace.event_callback_url, self._workspace.events_filter
        if not url or (wanted and event not in {name.strip() for name in wanted.split(",")}):
            return
        now = self._clock.now()
        params = {
            "EventType": event,
            "Sid": new_sid("EV"),
            "AccountSid": self._account_sid,
            "WorkspaceSid": self._workspace.sid,
            "WorkspaceName": self._workspace.friendly_name,
            "Timestamp": str(int(now.timestamp())),
            "TimestampMs": str(int(now.timestamp() * 1000)),
            "EventDate": hook_time(now),
            "ResourceType": type(resource).__name__.lower(),
            "ResourceSid": resource.sid,
        }
        self._webhooks.send(Delivery(f"task:{lane}", event, url, params | fields, deadline=DEADLINE))
