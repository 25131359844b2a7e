"""Routing: tasks wait, are offered to workers, are taken, and end.

Simulated: expressions of workflows and queues are not evaluated, every worker may take every task.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import invalid, not_found
from frontdesk_sandbox.twilio.sids import new_sid
from frontdesk_sandbox.twilio.webhooks import Webhooks

from . import events
from .state import (
    Activity,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    TaskStatus,
    Worker,
    Workflow,
    Workspace,
)

Listener = Callable[[str, Task, Reservation | None], None]


class TaskRouter:
    """The prepared workspace: activities, one queue, one workflow, the chat channel.

    Args:
        account_sid: the account.
        clock: tells the time.
        webhooks: sends event callbacks.
        tell: told of every change.
    """

    def __init__(
        self, account_sid: str, clock: Clock, webhooks: Webhooks, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._clock = clock
        self._tell = tell
        now = clock.now()
        self.workspace = Workspace(new_sid("WS"), "Flex Task Assignment", now, now)
        self.available = Activity(new_sid("WA"), "Available", True, now, now)
        self.offline = Activity(new_sid("WA"), "Offline", False, now, now)
        pause = Activity(new_sid("WA"), "Break", False, now, now)
        self.activities = {a.sid: a for a in (self.offline, self.available, pause)}
        self.chat_channel = TaskChannel(new_sid("TC"), "chat", "Programmable Chat", now, now)
        default = TaskChannel(new_sid("TC"), "default", "Default", now, now)
        self.channels = {c.sid: c for c in (self.chat_channel, default)}
        self.queue = TaskQueue(new_sid("WQ"), "Everyone", now, now)
        self.queues = {self.queue.sid: self.queue}
        self.workflow = Workflow(new_sid("WW"), "Assign to anyone", self._anyone(), now, now)
        self.workflows = {self.workflow.sid: self.workflow}
        self.workers: dict[str, Worker] = {}
        self.tasks: dict[str, Task] = {}
        self.reservations: dict[str, Reservation] = {}
        self.listeners: list[Listener] = []
        self.counts: dict[str, int] = {}
        self.waits: list[tuple[str, datetime, int]] = []  # queue, when accepted, seconds waited
        self._callbacks = events.EventCallbacks(account_sid, self.workspace, clock, webhooks)

    def _anyone(self) -> str:
        target = {"queue": self.queue.sid, "timeout": 3600}
        rule = {"filter_friendly_name": "Anyone", "expression": "1==1", "targets": [target]}
        return json.dumps({"task_routing": {"filters": [rule]}})

    # workers

    def hire(self, name: str, attributes: dict[str, Any] | None = None) -> Worker:
        """Add a worker, offline."""
        now = self._clock.now()
        text = json.dumps({"contact_uri": f"client:{name}", "roles": ["agent"]} | (attributes or {}))
        worker = Worker(new_sid("WK"), name, text, self.offline.sid, now, now, now)
        self.workers[worker.sid] = worker
        self._tell({"type": "worker", "worker": worker.sid})
        return worker

    def set_activity(self, worker: Worker, activity: Activity) -> None:
        """A worker becomes available, or stops to be."""
        if worker.activity_sid == activity.sid:
            return
        worker.activity_sid = activity.sid
        worker.updated = worker.status_changed = self._clock.now()
        if activity.available:
            for task in self.tasks.values():
                task.declined_by.discard(worker.sid)
        self._callbacks.send("worker.activity.update", worker, worker.sid, events.of_worker(worker, activity))
        self._tell({"type": "worker", "worker": worker.sid})
        self.assign()

    def is_available(self, worker: Worker) -> bool:
        """Whether tasks may be offered to this worker."""
        return self.activities[worker.activity_sid].available

    def load(self, worker: Worker) -> int:
        """How many tasks a worker holds or is offered."""
        busy = {ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING}
        return sum(r.worker_sid == worker.sid and r.status in busy for r in self.reservations.values())

    # tasks

    def create_task(
        self,
        attributes: dict[str, Any],
        *,
        workflow_sid: str | None = None,
        queue_sid: str | None = None,
        channel: str | None = None,
        priority: int = 0,
        timeout: int = 86400,
        only_worker: str | None = None,
    ) -> Task:
        """Make a task and offer it at once if anyone is free."""
        workflow = self.workflows.get(workflow_sid or self.workflow.sid)
        if workflow is None:
            raise invalid(f"Workflow {workflow_sid} does not exist")
        queue = self.queues.get(queue_sid or workflow.queue_sid or self.queue.sid, self.queue)
        now = self._clock.now()
        task = Task(
            new_sid("WT"), json.dumps(attributes), workflow.sid, queue.sid,
            self.find_channel(channel or "default").sid, now, now, priority, timeout, only_worker=only_worker,
        )  # fmt: skip
        self.tasks[task.sid] = task
        self._happened("task.created", task)
        self._happened("task-queue.entered", task)
        self.assign()
        return task

    def find_channel(self, sid_or_name: str) -> TaskChannel:
        """A task channel by identifier or unique name."""
        for channel in self.channels.values():
            if sid_or_name in {channel.sid, channel.unique_name}:
                return channel
        raise invalid(f"TaskChannel {sid_or_name} does not exist")

    def find_task(self, sid: str) -> Task:
        """A task; 20404 when there is none."""
        try:
            return self.tasks[sid]
        except KeyError:
            raise not_found(f"Task {sid}") from None

    def age(self, task: Task) -> int:
        """Seconds since it was made."""
        return int((self._clock.now() - task.created).total_seconds())

    def reservations_of(self, task: Task) -> list[Reservation]:
        """All offers of a task, oldest first."""
        return [r for r in self.reservations.values() if r.task_sid == task.sid]

    def accepted_by(self, task: Task) -> Reservation | None:
        """The reservation under which a task is worked on."""
        held = {ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING}
        return next((r for r in self.reservations_of(task) if r.status in held), None)

    def assign(self) -> None:
        """Offer waiting tasks to free workers: the most urgent and oldest task, the least busy worker."""
        waiting = [t for t in self.tasks.values() if t.status is TaskStatus.PENDING]
        for task in sorted(waiting, key=lambda t: (-t.priority, t.created)):
            fit = [w for w in self.workers.values() if self._may_take(w, task)]
            if fit:
                self._reserve(task, min(fit, key=lambda w: (self.load(w), w.status_changed)))

    def _may_take(self, worker: Worker, task: Task) -> bool:
        if task.only_worker is not None and task.only_worker != worker.sid:
            return False
        if worker.sid in task.declined_by or not self.is_available(worker):
            return False
        return self.load(worker) < worker.capacity

    def _reserve(self, task: Task, worker: Worker) -> None:
        now = self._clock.now()
        reservation = Reservation(new_sid("WR"), task.sid, worker.sid, now, now)
        self.reservations[reservation.sid] = reservation
        task.status = TaskStatus.RESERVED
        self._happened("reservation.created", task, reservation)

    # reservations

    def accept(self, reservation: Reservation) -> Task:
        """The worker takes the task."""
        task = self._answer(reservation, ReservationStatus.ACCEPTED)
        task.status = TaskStatus.ASSIGNED
        self.waits.append((task.queue_sid, self._clock.now(), self.age(task)))
        self._happened("reservation.accepted", task, reservation)
        return task

    def reject(self, reservation: Reservation) -> Task:
        """The worker declines; the task waits for another one."""
        return self._declined(reservation, ReservationStatus.REJECTED, "reservation.rejected")

    def let_time_out(self, reservation: Reservation) -> Task:
        """Nobody answered; the worker goes offline, the task waits for another one."""
        task = self._declined(reservation, ReservationStatus.TIMEOUT, "reservation.timeout")
        self.set_activity(self.workers[reservation.worker_sid], self.offline)
        return task

    def _declined(self, reservation: Reservation, status: ReservationStatus, event: str) -> Task:
        task = self._answer(reservation, status)
        task.status = TaskStatus.PENDING
        task.declined_by.add(reservation.worker_sid)
        self._happened(event, task, reservation)
        self.assign()
        return task

    def _answer(self, reservation: Reservation, status: ReservationStatus) -> Task:
        if reservation.status is not ReservationStatus.PENDING:
            raise invalid(f"Reservation is {reservation.status.value}, it can no longer be answered")
        reservation.status = status
        reservation.updated = self._clock.now()
        return self.tasks[reservation.task_sid]

    # ends

    def wrap_up(self, task: Task, reason: str | None = None) -> None:
        """The conversation is over, the agent still writes notes."""
        if task.status is not TaskStatus.ASSIGNED:
            raise invalid(f"Task is {task.status.value}, it cannot be wrapped up")
        reservation = self.accepted_by(task)
        task.status, task.reason = TaskStatus.WRAPPING, reason
        if reservation is not None:
            reservation.status = ReservationStatus.WRAPPING
            self._happened("reservation.wrapup", task, reservation)
        self._happened("task.wrapup", task, reservation)

    def complete(self, task: Task, reason: str | None = None) -> None:
        """The end, as wished."""
        if task.status not in {TaskStatus.ASSIGNED, TaskStatus.WRAPPING}:
            raise invalid(f"Task is {task.status.value}, it cannot be completed")
        reservation = self.accepted_by(task)
        task.status, task.reason = TaskStatus.COMPLETED, reason
        if reservation is not None:
            reservation.status = ReservationStatus.COMPLETED
            self._happened("reservation.completed", task, reservation)
        self._happened("task.completed", task, reservation)
        self.assign()

    def cancel(self, task: Task, reason: str) -> None:
        """The end before anyone took it."""
        if task.status not in {TaskStatus.PENDING, TaskStatus.RESERVED}:
            raise invalid(f"Task is {task.status.value}, it cannot be canceled")
        self._withdraw(task, ReservationStatus.CANCELED)
        task.status, task.reason = TaskStatus.CANCELED, reason
        self._happened("task.canceled", task)
        self.assign()

    def delete(self, task: Task) -> None:
        """Remove a task, whatever its state."""
        self._withdraw(task, ReservationStatus.RESCINDED)
        del self.tasks[task.sid]
        self._happened("task.deleted", task)
        self.assign()

    def _withdraw(self, task: Task, status: ReservationStatus) -> None:
        for reservation in self.reservations_of(task):
            if reservation.status is ReservationStatus.PENDING:
                reservation.status = status
                self._happened(f"reservation.{status.value}", task, reservation)

    def run_timeouts(self) -> None:
        """Apply what is overdue: unanswered reservations, tasks that waited too long."""
        now = self._clock.now()
        for reservation in list(self.reservations.values()):
            task = self.tasks.get(reservation.task_sid)
            if task is None or reservation.status is not ReservationStatus.PENDING:
                continue
            limit = self.workflows[task.workflow_sid].task_reservation_timeout
            if reservation.created + timedelta(seconds=limit) <= now:
                self.let_time_out(reservation)
        for task in list(self.tasks.values()):
            if task.status in {TaskStatus.PENDING, TaskStatus.RESERVED}:
                self._expire(task)

    def _expire(self, task: Task) -> None:
        waited = (self._clock.now() - task.created).total_seconds()
        workflow_timeout = self.workflows[task.workflow_sid].timeout
        if workflow_timeout is not None and waited >= workflow_timeout:
            self._happened("workflow.timeout", task)
            self.cancel(task, "Task canceled on Workflow timeout")
        elif waited >= task.timeout:
            self.cancel(task, "Task TTL Exceeded")

    def touch(self, task: Task, attributes: str) -> None:
        """Replace the attributes."""
        task.attributes = attributes
        self._happened("task.updated", task)

    def _happened(self, event: str, task: Task, reservation: Reservation | None = None) -> None:
        task.updated = self._clock.now()
        task.version += 1
        self.counts[event] = self.counts.get(event, 0) + 1
        fields = events.of_task(
            task,
            self.workflows.get(task.workflow_sid),
            self.queues.get(task.queue_sid),
            self.channels.get(task.channel_sid),
            self.age(task),
        )
        if task.reason is not None and event in {"task.canceled", "task.completed"}:
            fields["TaskCanceledReason" if event == "task.canceled" else "TaskCompletedReason"] = task.reason
        if reservation is not None:
            worker = self.workers[reservation.worker_sid]
            fields |= {"ReservationSid": reservation.sid}
            fields |= events.of_worker(worker, self.activities[worker.activity_sid])
        self._callbacks.send(event, reservation if event.startswith("res") and reservation else task,
                             task.sid, fields)  # fmt: skip
        for listener in self.listeners:
            listener(event, task, reservation)
        self._tell({"type": "task", "event": event, "task": task.sid})
