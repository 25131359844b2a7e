"""The line in front of a TaskRouter queue: a member's place, how long it may take, and whether anybody is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from frontdesk import Desk, Entry, HandoffState, Receipt, Refused, Say, TwilioError
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, ways
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.outbox import Button, Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.to_twilio import TwilioDelivery, answer_of

_FURTHEST = 1000  # tasks of a queue that are looked at
_WINDOW = 60  # minutes whose waits make the estimate


@dataclass(frozen=True, slots=True)
class Place:
    """A task's place in its queue.

    Args:
        position: 1 is next; 0 if the task does not wait any more.
        available: agents who may be offered the task.
        seconds: how long others have waited lately; None if nobody has.
    """

    position: int
    available: int
    seconds: int | None


def position_of(task_sid: str, waiting: Sequence[Any]) -> int:
    """Tell the place of a task among those that wait: the most urgent first, then the oldest.

    Args:
        task_sid: which.
        waiting: tasks with ``sid``, ``priority`` and ``age`` (seconds).

    Returns:
        1 for the next one, 0 if it is not among them.
    """
    ordered = sorted(waiting, key=lambda task: (-int(task.priority or 0), -int(task.age or 0)))
    return next((place for place, task in enumerate(ordered, start=1) if task.sid == task_sid), 0)


@dataclass(frozen=True, slots=True)
class QueueView:
    """How a TaskRouter queue stands.

    Args:
        waiting: its tasks that nobody has taken, with ``sid``, ``priority`` and ``age`` (seconds).
        available: workers who may be offered tasks.
        seconds: how long tasks have waited lately; None if none was taken.
    """

    waiting: Sequence[Any] = ()
    available: int = 0
    seconds: int | None = None

    def place_of(self, task: ways.WaitingTask) -> Place:
        """Tell the place of a task in it."""
        available = max(0, self.available - len(task.declined_by))
        return Place(position_of(task.sid, self.waiting), available, self.seconds)


def words(say: Say, place: Place) -> str:
    """Tell a member how the queue stands."""
    text = say("queue-next") if place.position == 1 else say("queue-position", position=place.position)
    if place.available == 0:
        return f"{text} {say('queue-nobody-free')}"
    if place.seconds is not None:
        return f"{text} {say('queue-estimate', n=max(1, round(place.seconds / 60)))}"
    return text


class QueueNewsDelivery(TwilioDelivery):
    """Asks TaskRouter how the queue stands, and has the member told, if they still wait in it."""

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, line: "Line") -> None:
        super().__init__(desk, bridge)
        self._line = line

    async def send(self, entry: Entry) -> Receipt:
        """Ask."""
        async with self._desk.store.read() as session:
            task = await ways.waiting_task(session, int(str(entry.payload["conversation"])))
        if task is None or task.sid != entry.payload["task"]:
            return {"position": 0}
        try:
            place = (await self._line.view(task.queue_sid)).place_of(task)
        except TwilioError as error:
            raise answer_of(error) from error
        return {"position": place.position, "available": place.available, "seconds": place.seconds}

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Tell the member, or turn the request into a case if nobody is there and the owner wants that."""
        await super().settled(session, entry, outcome)
        if isinstance(outcome, Refused) or not outcome["position"]:
            return
        conversation = await conversations.find(session, number=int(str(entry.payload["conversation"])), to_change=True)
        task = None if conversation is None else await ways.waiting_task(session, conversation.id)
        if conversation is None or task is None or conversation.state is not HandoffState.QUEUED:
            return
        seconds = outcome["seconds"]
        place = Place(
            int(str(outcome["position"])),
            int(str(outcome["available"])),
            None if seconds is None else int(str(seconds)),
        )
        if not entry.payload["declined"]:
            await self._line.tell(session, conversation, task, place, key=task.sid)
        elif place.available == 0:
            await self._line.nobody_left(session, conversation, task)


class Line:
    """The members who wait.

    Args:
        desk: what the plugin was given.
        bridge: the conversations.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, outbox: Outbox) -> None:
        self._desk = desk
        self._bridge = bridge
        self._outbox = outbox

    async def view(self, queue_sid: str | None) -> QueueView:
        """Ask TaskRouter how a queue stands.

        Raises:
            TwilioError: if it cannot be reached or refuses.
        """
        workspace_sid = self._desk.services.twilio_settings.workspace_sid
        if self._desk.twilio is None or workspace_sid is None or queue_sid is None:
            return QueueView()
        workspace = self._desk.twilio.rest.taskrouter.v1.workspaces(workspace_sid)
        waiting = await workspace.tasks.list_async(
            assignment_status=["pending", "reserved"], task_queue_sid=queue_sid, limit=_FURTHEST
        )
        queue = workspace.task_queues(queue_sid)
        now = await queue.real_time_statistics().fetch_async()
        lately = await queue.cumulative_statistics().fetch_async(minutes=_WINDOW)
        average = (lately.wait_duration_until_accepted or {}).get("avg") if lately.reservations_accepted else None
        return QueueView(waiting, int(now.total_available_workers or 0), None if average is None else int(average))

    async def tell(
        self, session: AsyncSession, conversation: Conversation, task: ways.WaitingTask, place: Place, *, key: str
    ) -> None:
        """Tell a member their place: the first time, and when they have come forward.

        Args:
            session: a writing transaction.
            conversation: theirs, locked.
            task: theirs.
            place: where they stand.
            key: names the news.
        """
        if place.available == 0 and self._desk.settings_for(conversation.person.guild_id).queue.nobody_free == "case":
            await self._give_up(session, conversation)
            return
        text = words(self._bridge.say(conversation.person), place)
        await ways.position_told(session, task.sid, place.position)
        await self._outbox.to_discord(session, conversation, f"queue:{key}", text, buttons=[Button.CANCEL])

    async def nobody_left(self, session: AsyncSession, conversation: Conversation, task: ways.WaitingTask) -> None:
        """Tell a member, once, that everybody who could take the task has declined it.

        Args:
            session: a writing transaction.
            conversation: theirs, locked.
            task: theirs.
        """
        if self._desk.settings_for(conversation.person.guild_id).queue.nobody_free == "case":
            await self._give_up(session, conversation)
            return
        text = self._bridge.say(conversation.person)("queue-nobody-free")
        key = f"queue:declined:{task.sid}"
        await self._outbox.to_discord(session, conversation, key, text, buttons=[Button.CANCEL])

    async def _give_up(self, session: AsyncSession, conversation: Conversation) -> None:
        sentence = "nobody-free-case" if self._bridge.progress.has_case(conversation) else "nobody-free-no-case"
        await self._bridge.progress.give_up(session, conversation, sentence, reason="nobody is free")

    async def declined(self, conversation_id: int, task_sid: str, worker_sid: str) -> None:
        """Note that an agent did not take a task; the queue is asked whether anybody is left."""
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or not await ways.declined(session, task_sid, worker_sid):
                return
            await self._outbox.queue_news(
                session, conversation, f"{task_sid}:declined:{worker_sid}", task_sid, declined=True
            )

    async def look(self) -> None:
        """Look at each queue in which somebody waits, and tell those who have come forward."""
        if self._desk.twilio is None:
            return
        async with self._desk.store.read() as session:
            waiting = await ways.waiting_tasks(session)
        queues: dict[str | None, list[ways.WaitingTask]] = {}
        for task in waiting:
            queues.setdefault(task.queue_sid, []).append(task)
        for queue_sid, tasks in queues.items():
            try:
                view = await self.view(queue_sid)
            except TwilioError as error:
                self._desk.log.warning("queue not read", queue=queue_sid, reason=str(error))
                if error.permanent:  # of this queue alone, which is deleted, say
                    continue
                return
            for task in tasks:
                place = view.place_of(task)
                if place.position and task.position_told is not None and place.position < task.position_told:
                    await self._came_forward(task, place)

    async def _came_forward(self, task: ways.WaitingTask, place: Place) -> None:
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=task.conversation_id, to_change=True)
            if conversation is not None and conversation.state is HandoffState.QUEUED:
                await self.tell(session, conversation, task, place, key=f"{task.sid}:{place.position}")
