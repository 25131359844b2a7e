"""REST of TaskRouter's statistics: real-time and cumulative, for the workspace and its queues."""

from datetime import timedelta
from typing import Any

from frontdesk_sandbox.twilio.clock import Clock, rest_time
from frontdesk_sandbox.twilio.errors import not_found
from frontdesk_sandbox.twilio.http import Answer, Call, Table

from .service import TaskRouter
from .state import Task, TaskStatus

ROOT = "https://taskrouter.twilio.com"


class StatisticsApi:
    """Counts what is there; durations are of what was counted since the sandbox started."""

    def __init__(self, account_sid: str, router: TaskRouter, clock: Clock) -> None:
        self._account = account_sid
        self._router = router
        self._clock = clock

    def fill(self, table: Table) -> None:
        """Register every path."""
        one = "/v1/Workspaces/{WorkspaceSid}"
        table.add("GET", f"{one}/RealTimeStatistics", self.workspace_now)
        table.add("GET", f"{one}/CumulativeStatistics", self.workspace_so_far)
        table.add("GET", f"{one}/TaskQueues/{{TaskQueueSid}}/RealTimeStatistics", self.queue_now)
        table.add("GET", f"{one}/TaskQueues/{{TaskQueueSid}}/CumulativeStatistics", self.queue_so_far)

    def _check(self, call: Call) -> None:
        if call.args["WorkspaceSid"] != self._router.workspace.sid:
            raise not_found(f"Workspace {call.args['WorkspaceSid']}")

    def _now(self, call: Call, tasks: list[Task]) -> dict[str, Any]:
        live = [task for task in tasks if task.live]
        waiting = [t for t in live if t.status in {TaskStatus.PENDING, TaskStatus.RESERVED}]
        oldest = min(waiting, key=lambda t: t.created, default=None)
        workers = self._router.workers.values()
        return {
            "account_sid": self._account,
            "workspace_sid": self._router.workspace.sid,
            "activity_statistics": [
                {
                    "sid": activity.sid,
                    "friendly_name": activity.friendly_name,
                    "workers": sum(w.activity_sid == activity.sid for w in workers),
                }
                for activity in self._router.activities.values()
            ],
            "longest_task_waiting_age": self._router.age(oldest) if oldest else 0,
            "longest_task_waiting_sid": oldest.sid if oldest else None,
            "tasks_by_priority": _count([str(t.priority) for t in live]),
            "tasks_by_status": {s.value: 0 for s in TaskStatus} | _count([t.status.value for t in live]),
            "total_tasks": len(live),
            "url": f"{ROOT}{call.path}",
        }

    def workspace_now(self, call: Call) -> Answer:
        """Of the whole workspace."""
        self._check(call)
        now = self._now(call, list(self._router.tasks.values()))
        return Answer(200, now | {"total_workers": len(self._router.workers)})

    def queue_now(self, call: Call) -> Answer:
        """Of one queue."""
        self._check(call)
        sid = call.args["TaskQueueSid"]
        if sid not in self._router.queues:
            raise not_found(f"TaskQueue {sid}")
        now = self._now(call, [t for t in self._router.tasks.values() if t.queue_sid == sid])
        workers = self._router.workers.values()
        extra = {
            "task_queue_sid": sid,
            "longest_relative_task_age_in_queue": now["longest_task_waiting_age"],
            "longest_relative_task_sid_in_queue": now["longest_task_waiting_sid"],
            "total_available_workers": sum(self._router.is_available(w) for w in workers),
            "total_eligible_workers": len(workers),
        }
        return Answer(200, now | extra)

    def queue_so_far(self, call: Call) -> Answer:
        """Of one queue: how long its tasks have waited for an agent, within the last minutes that were asked for."""
        self._check(call)
        sid, now = call.args["TaskQueueSid"], self._clock.now()
        if sid not in self._router.queues:
            raise not_found(f"TaskQueue {sid}")
        start = now - timedelta(minutes=int(call.query.get("Minutes") or 15))
        waits = [seconds for queue, at, seconds in self._router.waits if queue == sid and at >= start]
        average = round(sum(waits) / len(waits)) if waits else 0
        until = {"avg": average, "min": min(waits, default=0), "max": max(waits, default=0), "total": sum(waits)}
        none = {"avg": 0, "min": 0, "max": 0, "total": 0}
        return Answer(
            200,
            {
                "account_sid": self._account,
                "workspace_sid": self._router.workspace.sid,
                "task_queue_sid": sid,
                "start_time": rest_time(start),
                "end_time": rest_time(now),
                "avg_task_acceptance_time": average,
                "reservations_created": 0,
                "reservations_accepted": len(waits),
                "reservations_rejected": 0,
                "reservations_timed_out": 0,
                "reservations_canceled": 0,
                "reservations_rescinded": 0,
                "split_by_wait_time": None,
                "wait_duration_in_queue_until_accepted": until,
                "wait_duration_until_accepted": until,
                "wait_duration_until_canceled": none,
                "tasks_canceled": 0,
                "tasks_completed": 0,
                "tasks_deleted": 0,
                "tasks_entered": 0,
                "tasks_moved": 0,
                "url": f"{ROOT}{call.path}",
            },
        )

    def workspace_so_far(self, call: Call) -> Answer:
        """Of the whole workspace, since it exists."""
        self._check(call)
        counts, now = self._router.counts, self._clock.now()
        durations = {"avg": 0, "min": 0, "max": 0, "total": 0}
        started = min(self._router.workspace.created, now - timedelta(minutes=15))
        return Answer(
            200,
            {
                "account_sid": self._account,
                "workspace_sid": self._router.workspace.sid,
                "start_time": rest_time(started),
                "end_time": rest_time(now),
                "avg_task_acceptance_time": 0,
                "reservations_created": counts.get("reservation.created", 0),
                "reservations_accepted": counts.get("reservation.accepted", 0),
                "reservations_rejected": counts.get("reservation.rejected", 0),
                "reservations_timed_out": counts.get("reservation.timeout", 0),
                "reservations_canceled": counts.get("reservation.canceled", 0),
                "reservations_rescinded": counts.get("reservation.rescinded", 0),
                "split_by_wait_time": None,
                "wait_duration_until_accepted": durations,
                "wait_duration_until_canceled": durations,
                "tasks_canceled": counts.get("task.canceled", 0),
                "tasks_completed": counts.get("task.completed", 0),
                "tasks_created": counts.get("task.created", 0),
                "tasks_deleted": counts.get("task.deleted", 0),
                "tasks_moved": 0,
                "tasks_timed_out_in_workflow": counts.get("workflow.timeout", 0),
                "url": f"{ROOT}{call.path}",
            },
        )


def _count(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in names}
