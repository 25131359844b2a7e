"""The whole story as it goes over the wire: what the bot asks and what the sandbox answers, by the vendors' words."""

from pathlib import Path

import pytest
from frontdesk_sandbox.discord.contract import DiscordContract
from frontdesk_sandbox.pytest_plugin import OpenDesk
from frontdesk_sandbox.sandbox import Sandbox
from frontdesk_sandbox.tour import Step, Tour
from frontdesk_sandbox.twilio.contract import TwilioContract

SPECS = Path(__file__).parents[3] / "shared" / "specs"

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="../shared/specs is not there")


async def test_every_exchange_of_the_tour_is_as_described(sandbox: Sandbox, open_desk: OpenDesk) -> None:
    discord, twilio = DiscordContract(SPECS / "discord" / "openapi.json"), TwilioContract(SPECS / "twilio")
    problems: list[str] = []
    sandbox.discord.on_exchange = lambda exchange: problems.extend(discord.check(exchange))
    hosts: set[str] = set()
    sandbox.twilio.on_exchange.append(lambda exchange: hosts.add(exchange.host))
    sandbox.twilio.on_exchange.append(lambda exchange: problems.extend(twilio.check(exchange)))
    desk = await open_desk()
    steps: list[Step] = []
    assert await Tour(sandbox, desk.house, steps.append).play(), steps[-1]
    assert await desk.bot.stop() == 0
    assert desk.bot.errors() == []
    assert sorted(set(problems)) == []
    assert hosts >= {"conversations.twilio.com", "studio.twilio.com", "taskrouter.twilio.com"}
    assert discord.checked >= {
        "POST /channels/{channel_id}/messages",
        "POST /users/@me/channels",
        "POST /interactions/{interaction_id}/{interaction_token}/callback",
    }
