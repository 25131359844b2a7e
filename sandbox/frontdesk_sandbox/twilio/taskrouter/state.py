"""What TaskRouter remembers."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TaskStatus(StrEnum):
    """The life of a task."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


class ReservationStatus(StrEnum):
    """The life of an offer to one worker."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


@dataclass
class Workspace:
    """The workspace of Flex."""

    sid: str
    friendly_name: str
    created: datetime
    updated: datetime
    event_callback_url: str | None = None
    events_filter: str | None = None


@dataclass
class Activity:
    """What a worker is doing, and whether tasks may be offered meanwhile."""

    sid: str
    friendly_name: str
    available: bool
    created: datetime
    updated: datetime


@dataclass
class TaskChannel:
    """A kind of task."""

    sid: str
    unique_name: str
    friendly_name: str
    created: datetime
    updated: datetime


@dataclass
class TaskQueue:
    """Where tasks wait."""

    sid: str
    friendly_name: str
    created: datetime
    updated: datetime
    target_workers: str = "1==1"


@dataclass
class Workflow:
    """How tasks come to a queue."""

    sid: str
    friendly_name: str
    configuration: str
    created: datetime
    updated: datetime
    assignment_callback_url: str | None = None
    fallback_assignment_callback_url: str | None = None
    task_reservation_timeout: int = 120

    def _targets(self) -> list[dict[str, Any]]:
        routing = json.loads(self.configuration or "{}").get("task_routing", {})
        found = [target for rule in routing.get("filters", []) for target in rule.get("targets", [])]
        default = routing.get("default_filter")
        return [*found, default] if default else found

    @property
    def queue_sid(self) -> str | None:
        """The first queue that it leads to."""
        return next((str(t["queue"]) for t in self._targets() if "queue" in t), None)

    @property
    def timeout(self) -> int | None:
        """Seconds after which a waiting task falls out of the workflow."""
        return next((int(t["timeout"]) for t in self._targets() if "timeout" in t), None)


@dataclass
class Worker:
    """An agent, as TaskRouter sees one."""

    sid: str
    friendly_name: str
    attributes: str
    activity_sid: str
    created: datetime
    updated: datetime
    status_changed: datetime
    capacity: int = 3

    @property
    def identity(self) -> str:
        """The chat identity."""
        uri = str(json.loads(self.attributes).get("contact_uri", ""))
        return uri.removeprefix("client:") or self.friendly_name

    @property
    def full_name(self) -> str:
        """The name that people see."""
        return str(json.loads(self.attributes).get("full_name") or self.friendly_name)


@dataclass
class Task:
    """Work for someone."""

    sid: str
    attributes: str
    workflow_sid: str
    queue_sid: str
    channel_sid: str
    created: datetime
    updated: datetime
    priority: int = 0
    timeout: int = 86400
    status: TaskStatus = TaskStatus.PENDING
    reason: str | None = None
    only_worker: str | None = None
    declined_by: set[str] = field(default_factory=set)
    version: int = 0

    @property
    def details(self) -> dict[str, Any]:
        """The attributes, read."""
        read = json.loads(self.attributes or "{}")
        return read if isinstance(read, dict) else {}

    @property
    def live(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status not in {TaskStatus.COMPLETED, TaskStatus.CANCELED}


@dataclass
class Reservation:
    """A task offered to one worker."""

    sid: str
    task_sid: str
    worker_sid: str
    created: datetime
    updated: datetime
    status: ReservationStatus = ReservationStatus.PENDING
