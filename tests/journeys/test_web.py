"""The web side of a running bot: health, figures, limits, error pages, ids and headers."""

import asyncio
import json
from typing import Any

from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk

from tests.journeys.stories import figures, get, health

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
ALL = {"announcements", "bug_report", "feature_request", "helpdesk", "knowledge", "cases"}


async def test_health_and_figures_and_pages(desk: TestDesk, member: Member) -> None:
    url = desk.bot.url
    told: dict[str, Any] = await health(desk.bot)
    assert told["state"] == "up"
    assert set(told["plugins"]) == ALL
    assert {part: each["state"] for part, each in told["parts"].items()} == dict.fromkeys(
        ("discord", "database", "journal", "twilio"), "up"
    )

    page = await get(f"{url}/knowledge/", headers={**BROWSER, "X-Request-ID": "from-the-proxy-1"})
    assert page.status == 200
    assert page.headers["X-Request-ID"] == "from-the-proxy-1"
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    first, second = await get(f"{url}/health"), await get(f"{url}/health", headers={"X-Request-ID": "bad id\there"})
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert "bad id" not in second.headers["X-Request-ID"]

    missing = await get(f"{url}/nowhere")
    assert (missing.status, missing.json["status"]) == (404, 404)
    seen = await get(f"{url}/nowhere", headers={**BROWSER, "Accept-Language": "fa"})
    assert seen.status == 404
    assert 'dir="rtl"' in seen.text
    assert (await get(f"{url}/health", "DELETE")).status == 405

    large = await get(f"{url}/helpdesk/forward-to-discord", "POST", data=b"x" * (1_048_576 + 1))
    assert large.status == 413
    to_api = await get(f"{url}/cases/api/v1/cases", "POST", data=b"x" * (1_048_576 + 1))
    assert to_api.headers["Content-Type"] == "application/problem+json"
    assert (to_api.status, to_api.json["status"]) == (413, 413)

    counted = await figures(desk.bot)
    assert counted['frontdesk_http_requests_total{plugin="knowledge",status="200"}'] == 1
    assert counted['frontdesk_http_requests_total{plugin="core",status="404"}'] == 2
    await member.command("/helpme note:How do I reset my password?")
    await member.sees("Reset your password", "dm")
    counted = await figures(desk.bot)
    asked = 'frontdesk_hook_calls_total{hook="answer_question",outcome="ok",plugin="knowledge"}'
    assert counted[asked] == 1
    assert any(name.startswith("frontdesk_twilio_calls_total") and n > 1 for name, n in counted.items())
    log = json.dumps(desk.bot.events)
    assert "from-the-proxy-1" in log
    assert "How do I reset my password?" not in log
    for secret in (desk.sandbox.twilio.auth_token, desk.sandbox.discord.token):
        assert secret not in log


async def test_health_is_down_while_discord_is_away(open_desk: OpenDesk) -> None:
    desk = await open_desk(plugins={"announcements": True})
    assert (await get(f"{desk.bot.url}/health")).status == 200
    gateway = desk.sandbox.discord.gateway
    gateway.close()
    await desk.sandbox.changes.until(lambda: not gateway.connected, what="no connection")
    async with asyncio.timeout(10):  # the bot hears of it a moment after the gateway
        while (told := await get(f"{desk.bot.url}/health")).status == 200:
            pass
    assert told.status == 503
    assert told.json["parts"]["discord"]["state"] == "down"
    assert await desk.bot.stop() == 0


async def test_a_bot_without_twilio_is_up(open_desk: OpenDesk) -> None:
    none = {"FRONTDESK_TWILIO_AUTH_TOKEN": "", "FRONTDESK_TWILIO_ACCOUNT_SID": ""}
    desk = await open_desk(plugins={"announcements": True}, environ=none)
    told = await health(desk.bot)
    assert told["state"] == "up"
    assert told["parts"]["twilio"]["state"] == "off"
    assert await desk.bot.stop() == 0
