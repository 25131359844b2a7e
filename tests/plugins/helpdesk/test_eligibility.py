"""Who may come in, for any rules and any person."""

from datetime import UTC, datetime, timedelta

import pytest
from frontdesk_helpdesk.durations import parse, short
from frontdesk_helpdesk.eligibility import Applicant, Block, EligibilitySettings, Reason, refusal
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
minutes = st.integers(0, 60 * 24 * 400).map(lambda n: timedelta(minutes=n))
role_names = st.sampled_from(["Lamplighter", "Muted", "چراغدار", "Müllerin", "1234567890"])
roles = st.lists(role_names, max_size=3).map(tuple)
rules = st.builds(
    EligibilitySettings,
    account_age=minutes.map(short),
    membership_age=minutes.map(short),
    cooldown=minutes.map(short),
    required_roles=roles,
    refused_roles=roles,
)
blocks = st.builds(
    Block,
    guild_id=st.just(1), user_id=st.just(2), name=st.just("Sam"), note=st.just(""), by=st.just("Mina"),
    since=st.just(NOW), until=st.none() | minutes.map(lambda length: NOW - timedelta(days=200) + length),
)  # fmt: skip
applicants = st.builds(
    Applicant,
    account_created=minutes.map(lambda age: NOW - age),
    joined_at=st.none() | minutes.map(lambda age: NOW - age),
    roles=roles,
    last_end=st.none() | minutes.map(lambda age: NOW - age),
    block=st.none() | blocks,
)


@given(rules, applicants)
def test_waiting_until_the_moment_that_was_named_lifts_that_very_refusal(
    rules: EligibilitySettings, applicant: Applicant
) -> None:
    refused = refusal(rules, applicant, NOW)
    if refused is not None and refused.until is not None and applicant.joined_at is not None:
        assert refused.until > NOW
        later = refusal(rules, applicant, refused.until)
        assert later is None or later.reason is not refused.reason
        just_before = refusal(rules, applicant, refused.until - timedelta(microseconds=1))
        assert just_before is not None


@given(applicants)
def test_without_rules_only_the_block_list_speaks(applicant: Applicant) -> None:
    refused = refusal(EligibilitySettings(), applicant, NOW)
    blocked = applicant.block is not None and applicant.block.holds(NOW)
    assert (refused is not None) == blocked
    assert refused is None or refused.reason in {Reason.BLOCKED, Reason.BLOCKED_UNTIL}


@given(rules, applicants)
def test_who_is_let_in_meets_every_rule(rules: EligibilitySettings, applicant: Applicant) -> None:
    if refusal(rules, applicant, NOW) is None:
        assert applicant.block is None or not applicant.block.holds(NOW)
        assert not set(applicant.roles) & set(rules.refused_roles)
        assert not rules.required_roles or set(applicant.roles) & set(rules.required_roles)
        assert NOW - applicant.account_created >= parse(rules.account_age)
        assert NOW - (applicant.joined_at or NOW) >= parse(rules.membership_age)
        assert applicant.last_end is None or NOW - applicant.last_end >= parse(rules.cooldown)


@given(rules, applicants)
def test_softer_rules_never_refuse_whom_harder_ones_let_in(rules: EligibilitySettings, applicant: Applicant) -> None:
    if refusal(rules, applicant, NOW) is None:
        softer = rules.model_copy(update={"account_age": "0", "refused_roles": ()})
        assert refusal(softer, applicant, NOW) is None


def test_roles_count_by_name_in_any_case_and_by_id() -> None:
    applicant = Applicant(NOW - timedelta(days=9), NOW, roles=("Lamplighter", "77"))
    for wanted in ("lamplighter", 77, "77"):
        assert refusal(EligibilitySettings(required_roles=(wanted,)), applicant, NOW) is None
        refused = refusal(EligibilitySettings(refused_roles=(wanted,)), applicant, NOW)
        assert refused is not None
        assert refused.reason is Reason.ROLE_REFUSED


@given(st.integers(1, 5_000_000).map(lambda n: timedelta(minutes=n)))
def test_what_is_written_short_is_read_as_the_same(length: timedelta) -> None:
    assert parse(short(length)) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2h", timedelta(hours=2)),
        (" 1W ", timedelta(weeks=1)),
        ("1h 30m", timedelta(minutes=90)),
        ("3 Tage", timedelta(days=3)),
        ("۲ ساعت", timedelta(hours=2)),
        ("0", timedelta(0)),
    ],
)
def test_lengths_of_time_as_people_write_them(text: str, length: timedelta) -> None:
    assert parse(text) == length


@pytest.mark.parametrize("text", ["", "soon", "5", "2h later", "-3d", "1y", "0h", "999999w", "2hh", "²h"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|must be more"):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    sentence, length = "", timedelta(0)
    try:
        length = parse(text)
    except ValueError as error:
        sentence = str(error)
    assert length >= timedelta(0)
    assert not sentence or text in sentence


def test_settings_refuse_what_is_no_length_of_time() -> None:
    with pytest.raises(ValidationError, match="not a length of time"):
        EligibilitySettings(cooldown="soon")
