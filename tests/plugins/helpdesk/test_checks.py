"""What ``frontdesk check`` says of the helpdesk."""

from frontdesk import CheckState, TwilioTable
from frontdesk_helpdesk.checks import flex_checks

WORKSPACE, WORKFLOW, FLOW = (f"{prefix}{'0' * 32}" for prefix in ("WS", "WW", "FW"))


def test_without_an_account_there_is_nothing_to_check() -> None:
    (check,) = flex_checks(TwilioTable(), has_account=False)
    assert check.state is CheckState.SKIPPED


def test_an_account_that_was_not_set_up_is_a_problem_with_its_remedy() -> None:
    (check,) = flex_checks(TwilioTable(workspace_sid=WORKSPACE), has_account=True)
    assert check.state is CheckState.PROBLEM
    assert "workflow_sid, studio_flow_sid missing" in check.detail
    assert check.mend == "Run: frontdesk flex deploy"


def test_an_account_that_is_set_up_is_fine() -> None:
    known = TwilioTable(workspace_sid=WORKSPACE, workflow_sid=WORKFLOW, studio_flow_sid=FLOW)
    (check,) = flex_checks(known, has_account=True)
    assert check.state is CheckState.OK
    assert FLOW in check.detail


def test_straight_routing_needs_no_flow() -> None:
    known = TwilioTable(workspace_sid=WORKSPACE, workflow_sid=WORKFLOW)
    (check,) = flex_checks(known, has_account=True, through_studio=False)
    assert check.state is CheckState.OK
    assert "straight to the workflow" in check.detail
