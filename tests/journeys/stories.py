"""Words that the journeys share: what was heard on either side, and what a page answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from frontdesk_sandbox.bot import Bot
from frontdesk_sandbox.discord import Member
from frontdesk_sandbox.twilio import Agent

NO_THREADS = {"plugins": {"helpdesk": {"fallback": "explain"}}}
"""Settings of a desk whose members get nothing while their direct messages are closed."""


async def reach_a_person(member: Member, agent: Agent) -> None:
    """Go from nothing to a live agent in the conversation."""
    await member.command("/helpme")
    await member.click("Talk to a person", where="dm")
    await agent.accept()
    await member.sees("has joined the conversation", "dm")


def heard(member: Member) -> list[str]:
    """What the desk said in the DM, oldest first."""
    return [message.content for message in member.dm if message.author is not member.user]


def heard_from(member: Member, name: str) -> list[str]:
    """What a live agent said in the DM, oldest first, without the name in front."""
    start = f"**{name}:** "
    return [text.removeprefix(start) for text in heard(member) if text.startswith(start)]


def said_by(agent: Agent, start: str) -> list[str]:
    """Lines of the agent's conversation that begin so, in their order."""
    return [text for text in agent.conversation.texts() if text.startswith(start)]


@dataclass(frozen=True)
class Page:
    """What the bot's web server answered."""

    status: int
    headers: Mapping[str, str]
    text: str
    json: Any


async def get(url: str, method: str = "GET", **more: Any) -> Page:
    """Ask the bot's web server."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(method, url, allow_redirects=False, **more) as response,
    ):
        is_json = response.content_type in {"application/json", "application/problem+json"}
        return Page(
            response.status, response.headers, await response.text(), await response.json() if is_json else None
        )


async def health(bot: Bot) -> Any:
    """What /health says."""
    return (await get(f"{bot.url}/health")).json


async def figures(bot: Bot) -> dict[str, float]:
    """The figures at /metrics, by name with labels."""
    lines = (await get(f"{bot.url}/metrics")).text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


async def stopped_cleanly(bot: Bot) -> None:
    """Stop a bot that was started by hand; it must not have logged an error."""
    assert await bot.stop() == 0
    assert bot.errors() == [], "the bot logged errors"


def complaints(bot: Bot) -> list[str]:
    """The lines on stderr that are no log lines."""
    return [str(event["event"]) for event in bot.events if set(event) == {"event", "level"}]
