"""The way of a conversation from the virtual agent to a live one and back: what each sign from Twilio means for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from frontdesk import HandoffState

S = HandoffState

_TO_A_PERSON = frozenset({S.REQUESTED, S.QUEUED, S.ACCEPTED, S.ACTIVE, S.ENDED})  # the flow may hand over by itself
_ENDS = frozenset({S.CANCELLED, S.FAILED, S.TIMED_OUT, S.ENDED})

NEXT: Mapping[HandoffState, frozenset[HandoffState]] = {
    S.BOT: _TO_A_PERSON,
    S.REQUESTED: frozenset({S.QUEUED, S.ACCEPTED, S.ACTIVE}) | _ENDS,
    S.QUEUED: frozenset({S.ACCEPTED, S.ACTIVE}) | _ENDS,
    S.ACCEPTED: frozenset({S.ACTIVE, S.QUEUED, S.LEFT}) | _ENDS,
    S.ACTIVE: frozenset({S.LEFT, S.ENDED}),
    S.LEFT: frozenset({S.REQUESTED, S.QUEUED, S.ACCEPTED, S.ACTIVE, S.BOT}) | _ENDS,
    S.CANCELLED: _TO_A_PERSON | {S.BOT},
    S.FAILED: _TO_A_PERSON | {S.BOT},
    S.TIMED_OUT: _TO_A_PERSON | {S.BOT},
    S.ENDED: frozenset(),
}
"""What may follow each state. Evidence that comes late (queued, after an agent has joined) is dropped."""

BOT_SPEAKS = frozenset({S.BOT, S.CANCELLED, S.FAILED, S.TIMED_OUT})
"""States in which the virtual agent answers; in all others it is silent."""

WAITING = frozenset({S.REQUESTED, S.QUEUED, S.ACCEPTED})
"""States in which a member waits for a person, and may change their mind."""

TOLD: Mapping[HandoffState, str] = {
    S.QUEUED: "transfer-under-way",
    S.CANCELLED: "handoff-cancelled",
    S.FAILED: "handoff-failed",
    S.TIMED_OUT: "handoff-timed-out",
}
"""The sentence by which the member is told that a state was entered; those about agents name the agent, and the end
has a summary of its own."""

WITHOUT_A_CASE: Mapping[str, str] = {
    "handoff-failed": "handoff-failed-no-case",
    "handoff-timed-out": "handoff-timed-out-no-case",
}
"""What is said instead of a sentence that speaks of a case, where there is none."""


def may_follow(before: HandoffState, after: HandoffState) -> bool:
    """Tell whether a conversation may go from one state to another."""
    return after in NEXT[before]


class TaskStatus(Enum):
    """Where a task of Flex stands; it goes forward only."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    OVER = "over"


class Ending(Enum):
    """Why a task is over."""

    COMPLETED = "completed"
    TIMED_OUT = "timed_out"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TaskSign:
    """A sign of a task.

    Args:
        sid: ``WT...``.
        status: what it shows.
        ending: why it is over.
        request: to which request of the conversation the task belongs; None if it does not say.
    """

    sid: str
    status: TaskStatus
    ending: Ending | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True)
class AgentSign:
    """A sign of a live agent in the conversation.

    Args:
        sid: the participant's, ``MB...``: who comes back has a new one.
        identity: the agent's, towards Twilio.
        present: False once they have left.
        certain: it was seen after all that was under way, so that no withdrawal can have made it old.
    """

    sid: str
    identity: str
    present: bool
    certain: bool = False


@dataclass(frozen=True, slots=True)
class RefusedSign:
    """A sign that Flex did not take the conversation.

    Args:
        request: which request it did not take; None if it does not say.
    """

    request: int | None = None


class Sign(Enum):
    """A sign that needs no further words."""

    CLOSED = "the Conversation is closed for good"
    WAITS_AGAIN = "the agent has left, and a task waits for another"
    PAUSED = "the Interaction's channel is inactive, nobody is in it"
    WITHDRAWN = "the request was taken back, Flex has confirmed it"


NOT_TAKEN = "Twilio did not take the conversation"
"""The reason of `Sign.CLOSED` for a conversation that has never reached Twilio."""

AnySign = TaskSign | AgentSign | RefusedSign | Sign


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of a conversation's way.

    Args:
        state: as stored.
        requests: how often a person was asked for.
        withdrawn: the newest request that the member took back; 0 for none.
        tasks: tasks by SID.
        agents: participants by SID; True for those who are there.
    """

    state: HandoffState = HandoffState.BOT
    requests: int = 0
    withdrawn: int = 0
    tasks: Mapping[str, TaskStatus] = field(default_factory=dict)
    agents: Mapping[str, bool] = field(default_factory=dict)

    @property
    def has_agent(self) -> bool:
        """Whether a live agent is there."""
        return any(self.agents.values())

    @property
    def task_waits(self) -> bool:
        """Whether a task waits for an agent."""
        return TaskStatus.WAITING in self.tasks.values()

    @property
    def is_withdrawn(self) -> bool:
        """Whether the newest request was taken back."""
        return 0 < self.requests == self.withdrawn


def read(scene: Scene, sign: AnySign) -> Scene:
    """Say what is known after a sign; one that is old, or that came before, changes nothing.

    Args:
        scene: what was known.
        sign: what Twilio has shown.

    Returns:
        What is known now. Its state may follow the former one, see `NEXT`.
    """
    if scene.state is S.ENDED:
        return scene
    if isinstance(sign, TaskSign):
        return _read_task(scene, sign)
    if isinstance(sign, AgentSign):
        return _read_agent(scene, sign)
    if sign is Sign.CLOSED:
        return replace(scene, state=S.ENDED, agents=dict.fromkeys(scene.agents, False))
    if scene.has_agent:
        return scene
    if isinstance(sign, RefusedSign):
        return _read_refusal(scene, sign)
    if sign is Sign.WAITS_AGAIN:
        return _to(scene, S.QUEUED) if scene.state is S.LEFT and scene.task_waits else scene
    if sign is Sign.PAUSED:
        return _to(scene, S.BOT) if scene.state is S.LEFT else scene
    return _to(scene, S.CANCELLED) if scene.state in WAITING and scene.is_withdrawn else scene


def is_stray(scene: Scene, sign: TaskSign) -> bool:
    """Tell whether a live task belongs to a request that was taken back: it must be closed, nobody waits for it.

    One that was known before is closed with its request; closing its channel again would end what is in it by now.
    """
    if sign.status is not TaskStatus.WAITING or sign.sid in scene.tasks:
        return False
    return sign.request is not None and 0 < sign.request <= scene.withdrawn


def was_in_the_way(sign: TaskSign, withdrawn: int) -> bool:
    """Tell whether a task may have kept Flex from taking the present request: an earlier one, taken back, has it.

    Args:
        sign: the task as it stands.
        withdrawn: the newest request that the member took back; 0 for none.
    """
    return sign.status is not TaskStatus.ACCEPTED and sign.request is not None and 0 < sign.request <= withdrawn


def may_be_gone(scene: Scene, sign: AgentSign) -> bool:
    """Tell whether somebody who joins may have been sent away by now: Flex removes them with the request taken back.

    Whether they stay has to be read, after the withdrawal.
    """
    if not sign.present or sign.certain or sign.sid in scene.agents:
        return False
    return scene.withdrawn > 0 and scene.state not in {S.ACTIVE, S.ENDED}


def is_unasked(before: Scene, after: Scene, sign: AnySign) -> bool:
    """Tell whether a sign shows that the flow, or an agent, has taken a conversation over without our asking for it.

    Args:
        before: what was known.
        after: what is known with the sign, see `read`.
        sign: what Twilio has shown.
    """
    if before.state not in BOT_SPEAKS or after.state not in {S.QUEUED, S.ACCEPTED, S.ACTIVE}:
        return False
    if not isinstance(sign, TaskSign):
        return before.state is S.BOT  # after a failure an agent is the late answer to what was asked
    return sign.sid not in before.tasks if sign.request is None else sign.request > before.requests


_ORDER = {status: place for place, status in enumerate(TaskStatus)}


def _read_task(scene: Scene, sign: TaskSign) -> Scene:
    before = scene.tasks.get(sign.sid)
    if before is not None and _ORDER[sign.status] <= _ORDER[before]:
        return scene
    if is_stray(scene, sign):
        return scene
    after = replace(scene, tasks={**scene.tasks, sign.sid: sign.status})
    if scene.has_agent:
        return after
    if sign.status is TaskStatus.WAITING:
        return _to(after, S.QUEUED) if scene.state in _BEFORE_QUEUE else after
    if sign.status is TaskStatus.ACCEPTED:
        is_news = not (_was_taken_back(scene, sign) or _has_come_and_gone(scene, sign))
        return _to(after, S.ACCEPTED) if is_news and scene.state in _BEFORE_QUEUE | {S.QUEUED} else after
    return _read_end(after, sign)


def _was_taken_back(scene: Scene, sign: TaskSign) -> bool:
    """Tell whether a task's request is settled as taken back, so that what happens to the task is no news."""
    if sign.request is None or sign.request > scene.withdrawn:
        return False
    return sign.request < scene.requests or scene.state not in WAITING


def _has_come_and_gone(scene: Scene, sign: TaskSign) -> bool:
    """Tell whether it comes late that a task was taken: whoever took it was there already, and is not any more.

    Should somebody new have taken it, their joining tells.
    """
    if not scene.agents:
        return False
    if sign.request is not None and sign.request < scene.requests:
        return True
    if scene.state not in BOT_SPEAKS:
        return scene.state is S.LEFT
    return sign.sid in scene.tasks or sign.request == scene.requests


def _read_end(scene: Scene, sign: TaskSign) -> Scene:
    """Read that a task is over; the scene has it already."""
    if scene.task_waits or sign.ending is Ending.COMPLETED or scene.state not in WAITING | {S.LEFT}:
        return scene
    stands = scene.state in {S.REQUESTED, S.LEFT} or TaskStatus.ACCEPTED in scene.tasks.values()
    if stands and sign.request is not None and sign.request < scene.requests:
        return scene
    if scene.is_withdrawn:
        return _to(scene, S.CANCELLED)
    return _to(scene, S.TIMED_OUT if sign.ending is Ending.TIMED_OUT else S.FAILED)


def _read_refusal(scene: Scene, sign: RefusedSign) -> Scene:
    if sign.request is not None and sign.request != scene.requests:
        return scene
    if scene.state is not S.REQUESTED and (scene.state is not S.QUEUED or scene.task_waits):
        return scene
    return _to(scene, S.CANCELLED if scene.is_withdrawn else S.FAILED)


_BEFORE_QUEUE = frozenset({S.BOT, S.REQUESTED, S.LEFT, S.CANCELLED, S.FAILED, S.TIMED_OUT})


def _read_agent(scene: Scene, sign: AgentSign) -> Scene:
    before = scene.agents.get(sign.sid)
    if before is False or before is sign.present:  # who has left comes back under a new SID
        return scene
    after = replace(scene, agents={**scene.agents, sign.sid: sign.present})
    if sign.present:
        return _to(after, S.ACTIVE)
    if after.has_agent or scene.state is not S.ACTIVE:
        return after
    return _to(after, S.LEFT)


def _to(scene: Scene, state: HandoffState) -> Scene:
    return replace(scene, state=state) if may_follow(scene.state, state) else scene
