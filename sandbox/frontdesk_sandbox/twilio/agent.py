"""Acting as an agent in Flex: the person's deeds and what the person sees, in plain words."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from .chat.state import Conversation, Message, Origin
from .flex.state import Interaction, Transfer
from .taskrouter.state import Reservation, ReservationStatus, Task, TaskStatus, Worker
from .world import World

T = TypeVar("T")


class Agent:
    """One worker. Deeds come from the Flex UI: Source is ``SDK`` and webhooks always fire.

    Args:
        world: the account.
        worker: who acts.
    """

    def __init__(self, world: World, worker: Worker) -> None:
        self._world = world
        self.worker = worker
        self._current: str | None = None

    @property
    def name(self) -> str:
        """The worker's short name."""
        return self.worker.friendly_name

    @property
    def identity(self) -> str:
        """The chat identity, which is the author of what this agent says."""
        return self.worker.identity

    @property
    def _origin(self) -> Origin:
        return Origin("SDK", self.identity)

    # readiness and offers

    async def available(self) -> None:
        """Take tasks from now on."""
        self._world.router.set_activity(self.worker, self._world.router.available)

    async def offline(self) -> None:
        """Take no tasks any more."""
        self._world.router.set_activity(self.worker, self._world.router.offline)

    def offers(self) -> list[Reservation]:
        """Reservations that wait for this agent's answer, oldest first."""
        return [
            r
            for r in self._world.router.reservations.values()
            if r.worker_sid == self.worker.sid and r.status is ReservationStatus.PENDING
        ]

    def tasks(self) -> list[Task]:
        """Tasks that this agent works on, oldest first."""
        held = {ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING}
        router = self._world.router
        return [
            router.tasks[r.task_sid]
            for r in router.reservations.values()
            if r.worker_sid == self.worker.sid and r.status in held and r.task_sid in router.tasks
        ]

    async def offered(self, deadline: float = 10.0) -> Reservation:
        """Wait for a reservation.

        Args:
            deadline: seconds until giving up.
        """
        found = await self._until(self.offers, deadline, f"a task offered to {self.name}")
        return found[0]

    async def accept(self, deadline: float = 10.0, reservation: Reservation | None = None) -> Task:
        """Take the offered task (the oldest one): joins its conversation.

        Args:
            deadline: seconds to wait for an offer.
            reservation: a certain offer.
        """
        chosen = reservation or await self.offered(deadline)
        task = self._world.router.accept(chosen)
        self._current = task.sid
        return task

    async def reject(self, deadline: float = 10.0, reservation: Reservation | None = None) -> Task:
        """Decline the offered task; it goes to somebody else."""
        return self._world.router.reject(reservation or await self.offered(deadline))

    async def lets_time_out(self, deadline: float = 10.0) -> Task:
        """Do not answer the offer until it is withdrawn, without waiting for real."""
        return self._world.router.let_time_out(await self.offered(deadline))

    # the task in hand

    @property
    def task(self) -> dict[str, Any]:
        """Attributes of the task in hand."""
        return self.current_task.details

    @property
    def current_task(self) -> Task:
        """The task in hand: the one last accepted or chosen, else the newest.

        Raises:
            LookupError: if there is none.
        """
        held = self.tasks()
        for task in held:
            if task.sid == self._current:
                return task
        if not held:
            raise LookupError(f"{self.name} has no task in hand")
        return held[-1]

    def choose(self, task_sid: str) -> None:
        """Work on another of the accepted tasks."""
        self._current = task_sid

    @property
    def interaction(self) -> Interaction:
        """The interaction of the task in hand."""
        found = self._world.flex.of_task(self.current_task)
        if found is None:
            raise LookupError("the task in hand belongs to no interaction")
        return found

    @property
    def conversation(self) -> Conversation:
        """The conversation of the task in hand."""
        return self._world.chat.find(self.interaction.media_channel_sid)

    # talking

    async def says(self, text: str, attributes: dict[str, Any] | None = None) -> Message:
        """Write to the customer."""
        conversation = self._world.chat.open(self.conversation.sid)
        return self._world.chat.say(
            conversation,
            self._origin,
            author=self.identity,
            body=text,
            attributes=json.dumps(attributes or {}),
        )

    async def sends_file(self, name: str, content_type: str, content: bytes, text: str = "") -> Message:
        """Send a file, with or without words."""
        conversation = self._world.chat.open(self.conversation.sid)
        media = self._world.chat.upload(content_type, name, content, self.identity)
        return self._world.chat.say(conversation, self._origin, author=self.identity, body=text, media=[media])

    async def reads(self) -> None:
        """Look at the conversation, as the Flex UI tells Twilio when its window is open."""
        conversation = self.conversation
        participant = conversation.by_identity(self.identity)
        if participant is not None:
            participant.last_read_message_index = conversation.next_index - 1

    async def edits(self, message: Message | str, text: str) -> Message:
        """Change what was said.

        Args:
            message: the message, or its words.
            text: the new words.
        """
        found = self._said(message)
        self._world.chat.edit(self._world.chat.open(self.conversation.sid), found, self._origin, body=text)
        return found

    async def deletes(self, message: Message | str) -> None:
        """Take back what was said.

        Args:
            message: the message, or its words.
        """
        found = self._said(message)
        self._world.chat.unsay(self._world.chat.open(self.conversation.sid), found, self._origin)

    def _said(self, message: Message | str) -> Message:
        if isinstance(message, Message):
            return message
        for found in reversed(self.conversation.messages.values()):
            if found.body == message:
                return found
        raise LookupError(f"there is no message {message!r}")

    async def sees(self, text: str, deadline: float = 10.0) -> Message:
        """Wait until somebody else has written a message that contains the text.

        Args:
            text: what to look for.
            deadline: seconds until giving up.
        """
        conversation = self.conversation

        def look() -> Message | None:
            others = (m for m in conversation.messages.values() if m.author != self.identity)
            return next((m for m in others if text in m.body), None)

        return await self._until(look, deadline, f"a message with {text!r}")

    # ends

    async def wraps_up(self) -> Task:
        """End the chat but keep the task for notes."""
        task = self.current_task
        self._world.router.wrap_up(task)
        return task

    async def completes(self) -> Task:
        """End the chat and the task: the conversation is closed for good."""
        task = self.current_task
        if task.status is TaskStatus.ASSIGNED:
            self._world.router.wrap_up(task)
        self._world.router.complete(task)
        return task

    async def leaves(self) -> Task:
        """Leave without ending the conversation."""
        task = self.current_task
        self._world.flex.agent_walks_out(self.interaction, task)
        return task

    async def transfers(self, to: "Agent | None" = None) -> Transfer:
        """Hand the conversation to another agent, or (None) back to the queue."""
        worker = to.worker.sid if to else None
        return self._world.flex.transfer(self.interaction, self.current_task, to=worker)

    def flex_token(self, *roles: str) -> str:
        """The token with which the Flex UI is signed in.

        Args:
            roles: Flex roles; "agent" if none are given.
        """
        return self._world.iam.issue(self.worker, roles or ("agent",))

    async def _until(self, condition: Callable[[], T | None], deadline: float, what: str) -> T:
        return await self._world.changes.until(condition, deadline=deadline, what=what)
