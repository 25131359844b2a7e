"""The domain of bug reports."""

from frontdesk import Person
from frontdesk_bug_report.report import FORM, BugReport
from hypothesis import given
from hypothesis import strategies as st

MINA = Person(user_id=1, guild_id=2, name="Mina")


def test_optional_answers_that_were_not_given_are_left_out() -> None:
    report = BugReport.filled_in("9", MINA, {"summary": " Black map ", "happened": "It is black", "platform": "Linux"})
    assert report.summary == "Black map"
    assert report.details(lambda sentence: sentence) == {"form.platform": "Linux"}


def test_a_case_is_asked_for_with_a_key_of_its_own() -> None:
    request = BugReport("9", MINA, "Black map", "It is black").case_request(str)
    assert (request.key, request.kind, request.title) == ("bug_report:9", "bug", "Black map")


@given(st.dictionaries(st.sampled_from([blank.name for blank in FORM]), st.text(max_size=50)))
def test_any_answers_make_a_report(answers: dict[str, str]) -> None:
    report = BugReport.filled_in("9", MINA, answers)
    assert set(report.details(str)) <= {"form.steps", "form.expected", "form.platform"}
    assert all(text.strip() == text and text for text in report.details(str).values())


def test_discord_takes_the_form() -> None:
    assert len(FORM) <= 5
    assert sum(blank.limit for blank in FORM) < 6000 - 500
