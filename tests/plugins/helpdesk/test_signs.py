"""The state machine of the handoff: whatever comes, in whatever order, it says only what was shown."""

from dataclasses import replace

import pytest
from frontdesk import HandoffState as S
from frontdesk_helpdesk.handoff import (
    BOT_SPEAKS,
    NEXT,
    AgentSign,
    Ending,
    RefusedSign,
    Scene,
    Sign,
    TaskSign,
    TaskStatus,
    is_stray,
    is_unasked,
    may_be_gone,
    may_follow,
    read,
)
from hypothesis import given
from hypothesis import strategies as st

AnySign = TaskSign | AgentSign | RefusedSign | Sign

_TASKS = st.builds(
    TaskSign,
    sid=st.sampled_from(["WT1", "WT2", "WT3"]),
    status=st.sampled_from(TaskStatus),
    ending=st.sampled_from(Ending),
    request=st.sampled_from([None, 1, 2, 3]),
)
_AGENTS = st.builds(
    AgentSign, sid=st.sampled_from(["MB1", "MB2", "MB3"]), identity=st.just("amira"), present=st.booleans()
)
_REFUSALS = st.builds(RefusedSign, request=st.sampled_from([None, 1, 2, 3]))
_ANY = st.one_of(_TASKS, _AGENTS, _REFUSALS, st.sampled_from(Sign))
_SIGNS = st.lists(_ANY, max_size=25)
_WISHES = st.sampled_from(["ask", "take back", ""])


def ask(scene: Scene) -> Scene:
    """The member asks for a person."""
    if not may_follow(scene.state, S.REQUESTED) or scene.has_agent:
        return scene
    return replace(scene, state=S.REQUESTED, requests=scene.requests + 1)


def after(*signs: AnySign, scene: Scene | None = None) -> Scene:
    """Read signs one after another, from a request on."""
    scene = scene or ask(Scene())
    for sign in signs:
        scene = read(scene, sign)
    return scene


def waits(sid: str = "WT1", request: int | None = 1) -> TaskSign:
    return TaskSign(sid, TaskStatus.WAITING, request=request)


def accepted(sid: str = "WT1", request: int | None = None) -> TaskSign:
    return TaskSign(sid, TaskStatus.ACCEPTED, request=request)


def over(ending: Ending, sid: str = "WT1", request: int | None = None) -> TaskSign:
    return TaskSign(sid, TaskStatus.OVER, ending, request)


def belongs_to_earlier(scene: Scene, sign: AnySign) -> bool:
    """Whether a sign says of itself that it belongs to a request before the newest."""
    return isinstance(sign, TaskSign | RefusedSign) and sign.request is not None and sign.request < scene.requests


FAILURES = {S.CANCELLED, S.FAILED, S.TIMED_OUT}
AMIRA, AMIRA_LEFT = AgentSign("MB1", "amira", True), AgentSign("MB1", "amira", False)
TOMAS, TOMAS_LEFT = AgentSign("MB2", "tomas", True), AgentSign("MB2", "tomas", False)


@given(st.lists(st.tuples(_WISHES, _ANY), max_size=30))
def test_no_order_of_signs_and_wishes_makes_it_lie(story: list[tuple[str, AnySign]]) -> None:
    scene = Scene()
    for wish, sign in story:
        if wish == "ask":
            scene = ask(scene)
        elif wish == "take back":
            scene = replace(scene, withdrawn=scene.requests)
        now = read(scene, sign)
        assert now.state is scene.state or now.state in NEXT[scene.state]
        assert now.state is S.ENDED or (now.state is S.ACTIVE) == now.has_agent
        assert not (now.state is S.QUEUED and scene.state is not S.QUEUED) or now.task_waits
        assert read(now, sign) == now, "the same sign again changed something"
        assert not (now.has_agent and now.state in BOT_SPEAKS)
        for line_of in (AMIRA, TOMAS):  # the bridge asks nothing more about who is known to be there
            assert now.state is not S.ACTIVE or not now.agents.get(line_of.sid) or read(now, line_of) == now
        if belongs_to_earlier(scene, sign) and scene.state in {S.REQUESTED, S.LEFT}:
            assert now.state not in FAILURES, "the end of an earlier request ended the present one"
        if isinstance(sign, RefusedSign) and scene.state is S.QUEUED and scene.task_waits:
            assert now == scene, "a task waits, so Flex has taken the conversation"
        if scene.state is S.ENDED:
            assert now == scene
        scene = now


@given(_SIGNS, st.randoms(use_true_random=False))
def test_a_closed_conversation_ends_in_every_order_with_every_repetition(signs: list[AnySign], chance: object) -> None:
    shuffled = [*signs, *signs, Sign.CLOSED]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    assert after(*shuffled).state is S.ENDED


@given(st.permutations([waits(), accepted(), AMIRA]), st.permutations([waits(), accepted(), AMIRA]))
def test_who_has_joined_is_active_however_late_the_rest_comes(first: list[AnySign], again: list[AnySign]) -> None:
    assert after(*first, *again).state is S.ACTIVE


@given(st.permutations([waits(), over(Ending.GONE)]))
def test_a_task_that_is_over_never_waits_again(signs: list[AnySign]) -> None:
    scene = after(*signs)
    assert scene.state is S.FAILED
    assert read(scene, waits()).state is S.FAILED


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        ([waits()], S.QUEUED),
        ([waits(), accepted()], S.ACCEPTED),
        ([waits(), accepted(), AMIRA], S.ACTIVE),
        ([waits(), over(Ending.TIMED_OUT)], S.TIMED_OUT),
        ([waits(), over(Ending.TIMED_OUT), over(Ending.GONE)], S.TIMED_OUT),
        ([waits(), over(Ending.GONE)], S.FAILED),
        ([RefusedSign(1)], S.FAILED),
        ([RefusedSign()], S.FAILED),
        ([waits(), RefusedSign(1)], S.QUEUED),
        ([waits(), RefusedSign()], S.QUEUED),
        ([waits(), accepted(), RefusedSign(1)], S.ACCEPTED),
        ([waits(), AMIRA, AMIRA_LEFT, RefusedSign(1)], S.LEFT),
        ([waits(), AMIRA, AMIRA_LEFT], S.LEFT),
        ([waits(), AMIRA, AMIRA_LEFT, Sign.PAUSED], S.BOT),
        ([waits(), AMIRA, AMIRA_LEFT, waits("WT2")], S.QUEUED),
        ([waits(), accepted(), AMIRA, waits("WT2"), AMIRA_LEFT], S.LEFT),
        ([waits(), accepted(), AMIRA, waits("WT2"), AMIRA_LEFT, Sign.WAITS_AGAIN], S.QUEUED),
        ([waits(), accepted(), AMIRA, AMIRA_LEFT, Sign.WAITS_AGAIN], S.LEFT),
        ([waits(), accepted(), AMIRA, waits("WT2"), TOMAS, AMIRA_LEFT], S.ACTIVE),
        ([waits(), AMIRA, TOMAS, AMIRA_LEFT, TOMAS_LEFT], S.LEFT),
        ([waits(), accepted(), AMIRA, waits("WT2"), over(Ending.GONE, "WT2")], S.ACTIVE),
        ([waits(), AMIRA_LEFT], S.QUEUED),
        ([waits(), AMIRA, AMIRA_LEFT, AMIRA], S.LEFT),
        ([waits(), Sign.PAUSED], S.QUEUED),
        ([waits(), Sign.WITHDRAWN], S.QUEUED),
    ],
)
def test_each_end_is_entered_on_its_own_evidence(signs: list[AnySign], state: S) -> None:
    scene = after(*signs[:-1])
    assert read(scene, signs[-1]).state is state


def test_a_request_that_was_taken_back_is_cancelled_by_whatever_confirms_it() -> None:
    taken_back = replace(after(waits()), withdrawn=1)
    assert read(taken_back, Sign.WITHDRAWN).state is S.CANCELLED
    assert read(taken_back, over(Ending.GONE)).state is S.CANCELLED
    assert read(taken_back, AMIRA).state is S.ACTIVE, "an agent who is there is there"


@pytest.mark.parametrize("requests", [1, 2])
def test_who_joins_after_a_request_was_taken_back_may_be_gone_until_it_is_certain(requests: int) -> None:
    waiting = replace(after(waits()), requests=requests, withdrawn=1)
    assert may_be_gone(waiting, AMIRA)
    assert may_be_gone(replace(waiting, state=S.CANCELLED), AMIRA)
    assert not may_be_gone(waiting, replace(AMIRA, certain=True))
    assert not may_be_gone(waiting, AMIRA_LEFT)
    assert not may_be_gone(replace(waiting, withdrawn=0), AMIRA)
    assert not may_be_gone(after(AMIRA, scene=waiting), AMIRA), "the same news again"
    assert not may_be_gone(after(AMIRA, scene=waiting), TOMAS), "a second agent beside one who stays"


def test_a_task_that_comes_after_the_request_was_taken_back_is_stray() -> None:
    cancelled = replace(ask(Scene()), withdrawn=1, state=S.CANCELLED)
    assert is_stray(cancelled, waits())
    assert read(cancelled, waits()) == cancelled
    again = ask(cancelled)
    assert read(again, waits("WT2", request=2)).state is S.QUEUED


@pytest.mark.parametrize("ending", [Ending.GONE, Ending.TIMED_OUT])
def test_the_late_end_of_an_earlier_request_is_no_end_of_the_present_one(ending: Ending) -> None:
    again = ask(replace(after(waits()), withdrawn=1, state=S.CANCELLED))
    late = read(again, over(ending, request=1))
    assert late.state is S.REQUESTED
    assert late.tasks == {"WT1": TaskStatus.OVER}
    for taken in (waits("WT2", request=2), accepted("WT2", request=2)):
        again = read(again, taken)
        assert read(again, over(ending, request=1)).state is again.state
    assert read(after(AMIRA, AMIRA_LEFT, scene=again), over(ending, request=1)).state is S.LEFT


def test_a_request_ends_though_the_end_of_an_earlier_one_was_not_heard_of() -> None:
    again = read(ask(replace(after(waits()), withdrawn=1, state=S.CANCELLED)), waits("WT2", request=2))
    ended = read(again, over(Ending.TIMED_OUT, "WT2", request=2))
    assert read(ended, over(Ending.GONE, request=1)).state in FAILURES


def test_that_a_task_was_taken_is_no_news_once_its_request_was_taken_back() -> None:
    cancelled = replace(after(waits()), withdrawn=1, state=S.CANCELLED)
    assert read(cancelled, accepted(request=1)).state is S.CANCELLED
    assert read(ask(cancelled), accepted(request=1)).state is S.REQUESTED
    taken = replace(after(waits()), withdrawn=1)
    assert read(taken, accepted(request=1)).state is S.ACCEPTED, "nothing has confirmed yet that it was taken back"


def test_old_news_of_a_task_that_was_known_does_not_make_it_stray() -> None:
    taken_back = replace(after(waits()), withdrawn=1)
    assert not is_stray(taken_back, waits())
    assert not is_stray(ask(read(taken_back, over(Ending.GONE, request=1))), waits())


def test_the_refusal_of_an_earlier_request_is_none_of_the_present_one() -> None:
    again = ask(read(after(), RefusedSign(1)))
    assert again.requests == 2
    assert read(again, RefusedSign(1)) == again
    assert read(again, RefusedSign(2)).state is S.FAILED
    assert read(replace(again, withdrawn=2), RefusedSign(2)).state is S.CANCELLED


@pytest.mark.parametrize(
    ("scene", "sign", "unasked"),
    [
        (Scene(), waits(request=1), True),
        (Scene(), waits(request=None), True),
        (Scene(), accepted(request=1), True),
        (Scene(), AMIRA, True),
        (Scene(), over(Ending.GONE), False),
        (Scene(), Sign.CLOSED, False),
        (ask(Scene()), waits(), False),
        (ask(Scene()), AMIRA, False),
        (after(waits(), AMIRA, AMIRA_LEFT), waits("WT2"), False),
        (after(RefusedSign(1)), waits(), False),
        (after(RefusedSign(1)), AMIRA, False),
        (after(waits(), over(Ending.TIMED_OUT)), waits("WT2", request=2), True),
        (after(waits(), over(Ending.TIMED_OUT)), waits("WT2", request=None), True),
    ],
)
def test_who_hands_over_without_having_been_asked(scene: Scene, sign: AnySign, unasked: bool) -> None:
    assert is_unasked(scene, read(scene, sign), sign) is unasked


def test_a_task_of_the_flow_s_own_is_not_stray() -> None:
    assert not is_stray(Scene(), waits(request=0))
    taken_back = replace(ask(Scene()), withdrawn=1, state=S.CANCELLED)
    assert not is_stray(taken_back, waits(request=2))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("late", [accepted(), accepted(request=1)])
def test_that_a_task_was_taken_is_no_news_once_whoever_took_it_has_come_and_gone(known: bool, late: TaskSign) -> None:
    left = after(*([waits()] if known else []), AMIRA, AMIRA_LEFT)
    assert left.state is S.LEFT
    assert read(left, late).state is S.LEFT
    assert read(read(left, late), Sign.PAUSED).state is S.BOT
    spoken_to_by_the_bot = read(left, Sign.PAUSED)
    assert read(spoken_to_by_the_bot, late).state is S.BOT or (late.request is None and not known)
    again = ask(spoken_to_by_the_bot)
    assert read(again, accepted(request=1)).state is S.REQUESTED
    assert read(again, accepted("WT2", request=2)).state is S.ACCEPTED
