"""The whole story of the demonstration, step by step."""

from frontdesk_sandbox.pytest_plugin import TestDesk
from frontdesk_sandbox.tour import Step, Tour


async def test_every_step_of_the_tour_is_observed(desk: TestDesk) -> None:
    steps: list[Step] = []
    played = await Tour(desk.sandbox, desk.house, steps.append).play()
    assert played, steps[-1]
    assert len(steps) == 10
    for step in steps[5:9]:
        assert "Sam" in step.seen, step
        assert "Amira" in step.seen, step
