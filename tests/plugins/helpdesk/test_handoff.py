"""The states of a handoff: what may follow what, whatever evidence comes in whatever order."""

from itertools import pairwise
from pathlib import Path

import frontdesk_helpdesk
import pytest
from babel.messages.pofile import read_po
from frontdesk import HandoffState
from frontdesk_helpdesk.handoff import BOT_SPEAKS, NEXT, TOLD, may_follow
from hypothesis import given
from hypothesis import strategies as st

LOCALES = Path(frontdesk_helpdesk.__file__).parent / "locales"
EVIDENCE = st.lists(st.sampled_from(HandoffState), max_size=30)


def entered(evidence: list[HandoffState]) -> list[HandoffState]:
    """The states that a conversation goes through: what may not follow is old news."""
    states = [HandoffState.BOT]
    for state in evidence:
        if may_follow(states[-1], state):
            states.append(state)
    return states


@given(EVIDENCE)
def test_the_end_is_final(evidence: list[HandoffState]) -> None:
    states = entered(evidence)
    assert HandoffState.ENDED not in states[:-1]


@given(EVIDENCE)
def test_repeated_evidence_changes_nothing(evidence: list[HandoffState]) -> None:
    twice = [state for state in evidence for _ in range(2)]
    assert entered(twice) == entered(evidence)


@given(EVIDENCE)
def test_a_person_is_in_the_conversation_before_one_has_left(evidence: list[HandoffState]) -> None:
    states = entered(evidence)
    for before, after in pairwise(states):
        if after is HandoffState.LEFT:
            assert before in {HandoffState.ACTIVE, HandoffState.ACCEPTED}


@given(EVIDENCE)
def test_an_active_person_is_never_replaced_by_the_bot(evidence: list[HandoffState]) -> None:
    states = entered(evidence)
    for before, after in pairwise(states):
        if before is HandoffState.ACTIVE:
            assert after not in BOT_SPEAKS


def test_each_state_can_come_to_the_end() -> None:
    assert NEXT.keys() == set(HandoffState)
    for state in HandoffState:
        assert state is HandoffState.ENDED or may_follow(state, HandoffState.ENDED)


def test_the_bot_never_speaks_while_a_person_is_awaited_or_there() -> None:
    waiting = {HandoffState.REQUESTED, HandoffState.QUEUED, HandoffState.ACCEPTED, HandoffState.ACTIVE}
    assert not BOT_SPEAKS & (waiting | {HandoffState.ENDED})


@pytest.mark.parametrize("language", ["en", "fa", "de"])
def test_what_is_told_has_a_sentence(language: str) -> None:
    with (LOCALES / f"{language}.po").open("rb") as file:
        catalog = read_po(file)
    for sentence in TOLD.values():
        message = catalog.get(sentence)
        assert message is not None, sentence
        assert message.string, sentence
