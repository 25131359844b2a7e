"""The fault run of the benchmarks, shorter: while everything goes wrong, no line is lost, doubled or out of order."""

from dataclasses import replace

import pytest
from frontdesk_sandbox.pytest_plugin import OpenDesk

from benchmarks.desks import UNBRAKED
from benchmarks.fault_run import FaultRun
from benchmarks.troubles import Mix
from tests.conftest import Tell
from tests.journeys.helpdesk_handoff.routings import helpdesk

CONVERSATIONS, WISHES = 10, 8
SECONDS = 10.0
MIX = Mix(
    seed=20260101, kill_every=6.0, gateway_every=1.0, database_every=4.0, discord_every=0.4, twilio_every=0.8,
    hang_every=None,  # these last longer than the whole run
)  # fmt: skip


@pytest.mark.parametrize("routing", ["studio", "direct"])
async def test_everything_goes_wrong_and_every_line_arrives_once_and_in_order(
    open_desk: OpenDesk, store_url: str, routing: str, tell: Tell
) -> None:
    plugins = helpdesk(**UNBRAKED, routing=routing, reconcile_seconds=1)
    desk = await open_desk(plugins=plugins, environ={"FRONTDESK_DATABASE_URL": store_url}, errors_expected=True)
    run = FaultRun(
        desk.sandbox, desk.house, desk.bot, store_url,
        replace(MIX, seed=MIX.seed + len(routing)),
        conversations=CONVERSATIONS, rate=10, seconds=SECONDS, wishes=WISHES, patience=120.0,
    )  # fmt: skip
    outcome = await run.carry_out()
    tell(f"{outcome.faults.total()} faults: {dict(outcome.faults)}")
    tell(f"to agents: {outcome.to_agents}; to members: {outcome.to_members}; settled in {outcome.settled:.1f} s")
    problem = (
        f"{outcome.to_agents}\n{outcome.to_members}\n{outcome.untruths}\n{dict(outcome.logged)}\n{desk.bot.log_text()}"
    )
    assert outcome.is_clean, problem
    assert outcome.to_agents.written > CONVERSATIONS
    assert outcome.to_members.written > CONVERSATIONS
    assert outcome.never_made == []


pytestmark = pytest.mark.slow
