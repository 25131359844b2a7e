"""REST of taskrouter.twilio.com."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import ApiError, invalid, not_found
from frontdesk_sandbox.twilio.http import GONE, Answer, Call, Handler, Table, page
from frontdesk_sandbox.twilio.sids import new_sid

from .render import Renderer
from .service import TaskRouter
from .state import Reservation, Task, TaskChannel, TaskQueue, TaskStatus, Workflow

T = TypeVar("T")
ONE = "/v1/Workspaces/{WorkspaceSid}"


_EQUALS = re.compile(r"""^\s*(\w+)\s*==\s*(?:'([^']*)'|"([^"]*)")\s*$""")


def _fits(task: Task, expression: str | None) -> bool:
    """Whether a task's attributes fulfil an expression; simulated: only ``name == 'text'``."""
    if expression is None:
        return True
    found = _EQUALS.match(expression)
    if found is None:
        raise invalid(f"The sandbox does not evaluate {expression!r}, only name == 'text'")
    return task.details.get(found[1]) == (found[2] if found[2] is not None else found[3])


def _deleting(part: str, records: dict[str, Any]) -> Handler:
    def delete(call: Call) -> Answer:
        if records.pop(call.args["Sid"], None) is None:
            raise not_found(f"{part} {call.args['Sid']}")
        return GONE

    return delete


class TaskRouterApi:
    """Fills a table with the paths of TaskRouter v1 that Flex projects use."""

    def __init__(self, router: TaskRouter, render: Renderer, clock: Clock) -> None:
        self._router = router
        self._render = render
        self._clock = clock

    def fill(self, table: Table) -> None:
        """Register every path."""
        table.add("GET", "/v1/Workspaces", self.list_workspaces)
        paths: dict[tuple[str, str], Handler] = {
            ("GET", ""): self.fetch_workspace,
            ("POST", ""): self.update_workspace,
            ("POST", "/Workflows"): self.create_workflow,
            ("POST", "/Workflows/{Sid}"): self.update_workflow,
            ("POST", "/TaskQueues"): self.create_queue,
            ("POST", "/TaskChannels"): self.create_channel,
            ("POST", "/Workers"): self.create_worker,
            ("POST", "/Workers/{Sid}"): self.update_worker,
            ("GET", "/Tasks"): self.list_tasks,
            ("POST", "/Tasks"): self.create_task,
            ("GET", "/Tasks/{Sid}"): self.fetch_task,
            ("POST", "/Tasks/{Sid}"): self.update_task,
            ("DELETE", "/Tasks/{Sid}"): self.delete_task,
            ("GET", "/Tasks/{TaskSid}/Reservations"): self.list_reservations,
            ("GET", "/Tasks/{TaskSid}/Reservations/{Sid}"): self.fetch_reservation,
            ("POST", "/Tasks/{TaskSid}/Reservations/{Sid}"): self.update_reservation,
        }
        for (method, path), handler in paths.items():
            table.add(method, ONE + path, self._in_workspace(handler))
        router, render = self._router, self._render
        self._collection(table, "Activities", "activities", router.activities, render.activity)
        for part, made in (
            ("Workflows", router.workflows), ("TaskQueues", router.queues), ("TaskChannels", router.channels),
        ):  # fmt: skip
            table.add("DELETE", f"{ONE}/{part}/{{Sid}}", self._in_workspace(_deleting(part, made)))
        self._collection(table, "TaskChannels", "channels", router.channels, render.channel)
        self._collection(table, "TaskQueues", "task_queues", router.queues, render.queue)
        self._collection(table, "Workflows", "workflows", router.workflows, render.workflow)
        self._collection(table, "Workers", "workers", router.workers, render.worker)

    def _in_workspace(self, handler: Handler) -> Handler:
        def checked(call: Call) -> Answer:
            if call.args["WorkspaceSid"] != self._router.workspace.sid:
                raise not_found(f"Workspace {call.args['WorkspaceSid']}")
            return handler(call)

        return checked

    def _collection(
        self,
        table: Table,
        part: str,
        key: str,
        records: Mapping[str, T],
        render: Callable[[T], dict[str, Any]],
    ) -> None:
        def every(call: Call) -> Answer:
            name = call.query.get("FriendlyName")
            found = [r for r in records.values() if name is None or getattr(r, "friendly_name", None) == name]
            return page(call, key, found, render)

        def one(call: Call) -> Answer:
            record = records.get(call.args["Sid"])
            if record is None:
                raise not_found(f"{part} {call.args['Sid']}")
            return Answer(200, render(record))

        table.add("GET", f"{ONE}/{part}", self._in_workspace(every))
        table.add("GET", f"{ONE}/{part}/{{Sid}}", self._in_workspace(one))

    def list_workspaces(self, call: Call) -> Answer:
        """The one workspace."""
        name, workspace = call.query.get("FriendlyName"), self._router.workspace
        found = [workspace] if name in {None, workspace.friendly_name} else []
        return page(call, "workspaces", found, self._render.workspace)

    def fetch_workspace(self, _call: Call) -> Answer:
        """The workspace."""
        return Answer(200, self._render.workspace(self._router.workspace))

    def update_workspace(self, call: Call) -> Answer:
        """Its name, and where its events go."""
        workspace = self._router.workspace
        url = call.form.get("EventCallbackUrl")
        if url and not url.startswith(("http://", "https://")):
            raise invalid("EventCallbackUrl must be an absolute URL")
        if url is not None:
            workspace.event_callback_url = url or None
        if "EventsFilter" in call.form:
            workspace.events_filter = call.form.get("EventsFilter") or None
        workspace.friendly_name = call.form.get("FriendlyName") or workspace.friendly_name
        workspace.updated = self._clock.now()
        return Answer(200, self._render.workspace(workspace))

    def _configuration(self, call: Call) -> str:
        text = call.form.need("Configuration")
        read = call.form.document("Configuration")
        if not isinstance(read, dict) or "task_routing" not in read:
            raise invalid("Configuration must have task_routing")
        return text

    def create_workflow(self, call: Call) -> Answer:
        """A workflow."""
        now, configuration = self._clock.now(), self._configuration(call)
        workflow = Workflow(new_sid("WW"), call.form.need("FriendlyName"), configuration, now, now)
        workflow.task_reservation_timeout = call.form.number("TaskReservationTimeout", 120)
        self._router.workflows[workflow.sid] = workflow
        return Answer(201, self._render.workflow(workflow))

    def update_workflow(self, call: Call) -> Answer:
        """Its name, configuration or time-out."""
        workflow = self._router.workflows.get(call.args["Sid"])
        if workflow is None:
            raise not_found(f"Workflow {call.args['Sid']}")
        if "Configuration" in call.form:
            workflow.configuration = self._configuration(call)
        workflow.friendly_name = call.form.get("FriendlyName") or workflow.friendly_name
        workflow.task_reservation_timeout = call.form.number(
            "TaskReservationTimeout", workflow.task_reservation_timeout
        )
        workflow.updated = self._clock.now()
        return Answer(200, self._render.workflow(workflow))

    def create_queue(self, call: Call) -> Answer:
        """A queue."""
        now = self._clock.now()
        queue = TaskQueue(new_sid("WQ"), call.form.need("FriendlyName"), now, now)
        queue.target_workers = call.form.get("TargetWorkers") or queue.target_workers
        self._router.queues[queue.sid] = queue
        return Answer(201, self._render.queue(queue))

    def create_channel(self, call: Call) -> Answer:
        """A task channel."""
        unique, now = call.form.need("UniqueName"), self._clock.now()
        if any(channel.unique_name == unique for channel in self._router.channels.values()):
            raise invalid(f"TaskChannel with UniqueName {unique} already exists")
        channel = TaskChannel(new_sid("TC"), unique, call.form.need("FriendlyName"), now, now)
        self._router.channels[channel.sid] = channel
        return Answer(201, self._render.channel(channel))

    def create_worker(self, call: Call) -> Answer:
        """A worker."""
        name = call.form.need("FriendlyName")
        if any(worker.friendly_name == name for worker in self._router.workers.values()):
            raise invalid(f"Worker with FriendlyName {name} already exists")
        worker = self._router.hire(name, call.form.document("Attributes"))
        return Answer(201, self._render.worker(worker))

    def update_worker(self, call: Call) -> Answer:
        """A worker's activity, name or attributes."""
        worker = self._router.workers.get(call.args["Sid"])
        if worker is None:
            raise not_found(f"Worker {call.args['Sid']}")
        if "Attributes" in call.form:
            worker.attributes = json.dumps(call.form.document("Attributes"))
        worker.friendly_name = call.form.get("FriendlyName") or worker.friendly_name
        activity_sid = call.form.get("ActivitySid")
        if activity_sid is not None:
            activity = self._router.activities.get(activity_sid)
            if activity is None:
                raise invalid(f"Activity {activity_sid} does not exist")
            self._router.set_activity(worker, activity)
        return Answer(200, self._render.worker(worker))

    def list_tasks(self, call: Call) -> Answer:
        """Tasks, by status or queue."""
        statuses = {s for text in call.query.every("AssignmentStatus") for s in text.split(",")}
        queue, wanted = call.query.get("TaskQueueSid"), call.query.get("EvaluateTaskAttributes")
        found = [
            t
            for t in self._router.tasks.values()
            if (not statuses or t.status.value in statuses) and queue in {None, t.queue_sid} and _fits(t, wanted)
        ]
        return page(call, "tasks", found, self._render.task)

    def create_task(self, call: Call) -> Answer:
        """A task by hand."""
        task = self._router.create_task(
            call.form.document("Attributes") or {},
            workflow_sid=call.form.get("WorkflowSid"),
            channel=call.form.get("TaskChannel"),
            priority=call.form.number("Priority", 0),
            timeout=call.form.number("Timeout", 86400),
        )
        return Answer(201, self._task_answer(task), headers={"ETag": f'"{task.version}"'})

    def _task_answer(self, task: Task) -> dict[str, Any]:
        return self._render.task(task)

    def fetch_task(self, call: Call) -> Answer:
        """One task; the ETag is its version."""
        task = self._router.find_task(call.args["Sid"])
        return Answer(200, self._task_answer(task), headers={"ETag": f'"{task.version}"'})

    def update_task(self, call: Call) -> Answer:
        """Attributes, or its end; with If-Match only when nothing changed meanwhile."""
        task = self._router.find_task(call.args["Sid"])
        expected = call.headers.get("if-match")
        if expected is not None and expected.strip('"') not in {"*", str(task.version)}:
            raise ApiError(412, 20412, "The task was changed meanwhile")
        if "Priority" in call.form:
            task.priority = call.form.number("Priority", 0)
        if "Attributes" in call.form:
            call.form.document("Attributes")
            self._router.touch(task, call.form.need("Attributes"))
        self._end(task, call.form.get("AssignmentStatus"), call.form.get("Reason"))
        return Answer(200, self._task_answer(task), headers={"ETag": f'"{task.version}"'})

    def _end(self, task: Task, status: str | None, reason: str | None) -> None:
        if status is None:
            return
        if status == TaskStatus.WRAPPING:
            self._router.wrap_up(task, reason)
        elif status == TaskStatus.COMPLETED:
            self._router.complete(task, reason)
        elif status == TaskStatus.CANCELED:
            self._router.cancel(task, reason or "")
        else:
            raise invalid(f"Task cannot be set {status}")

    def delete_task(self, call: Call) -> Answer:
        """A task less."""
        self._router.delete(self._router.find_task(call.args["Sid"]))
        return GONE

    def list_reservations(self, call: Call) -> Answer:
        """A task's offers."""
        found = self._router.reservations_of(self._router.find_task(call.args["TaskSid"]))
        return page(call, "reservations", found, self._render.reservation)

    def _reservation(self, call: Call) -> Reservation:
        found = self._router.reservations.get(call.args["Sid"])
        if found is None or found.task_sid != call.args["TaskSid"]:
            raise not_found(f"Reservation {call.args['Sid']}")
        return found

    def fetch_reservation(self, call: Call) -> Answer:
        """One offer."""
        return Answer(200, self._render.reservation(self._reservation(call)))

    def update_reservation(self, call: Call) -> Answer:
        """Accept or reject for the worker."""
        reservation = self._reservation(call)
        status = call.form.need("ReservationStatus")
        if status == "accepted":
            self._router.accept(reservation)
        elif status == "rejected":
            self._router.reject(reservation)
        else:
            raise invalid("ReservationStatus must be accepted or rejected")
        return Answer(200, self._render.reservation(reservation))
