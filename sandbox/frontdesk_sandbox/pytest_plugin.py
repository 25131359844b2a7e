"""pytest fixtures for plugin authors: a desk with a real bot, members and agents who act and see.

A test says which plugins it needs with ``@pytest.mark.desk(plugins={"my_plugin": True})``; without the mark it gets all
of Frontdesk's own. `open_desk` starts one by hand, where a test wants to prepare or restart something first.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from frontdesk_sandbox.bot import Bot
    from frontdesk_sandbox.discord import Member
    from frontdesk_sandbox.house import House
    from frontdesk_sandbox.sandbox import Sandbox
    from frontdesk_sandbox.twilio import Agent
    from frontdesk_sandbox.visitor import Visitor


@dataclass(frozen=True)
class TestDesk:
    """A sandbox with a furnished server, and a real bot that serves it.

    Args:
        sandbox: the loopback Discord and Twilio.
        house: the server with its channels and people.
        bot: the process.
    """

    __test__ = False  # pytest shall not collect it

    sandbox: "Sandbox"
    house: "House"
    bot: "Bot"
    visitors: "list[Visitor]" = field(default_factory=list)

    def visitor(self) -> "Visitor":
        """Open a browser at the bot's pages; nobody is signed in. It is closed at the end of the test."""
        from frontdesk_sandbox.visitor import Visitor

        opened = Visitor(self.bot.url)
        self.visitors.append(opened)
        return opened

    async def sign_in(self, who: "Member | Agent", *flex_roles: str) -> "Visitor":
        """Sign somebody in to the bot's pages.

        Args:
            who: a member, who comes by Discord, or an agent, who comes by Flex.
            flex_roles: the agent's roles in Flex; "agent" if none are given.

        Returns:
            Their browser.
        """
        from frontdesk_sandbox.twilio import Agent

        visitor = self.visitor()
        if isinstance(who, Agent):
            seen = await visitor.by_flex(who.flex_token(*flex_roles))
        else:
            seen = await visitor.by_discord(str(who.user.id))
        assert seen.status == 200, f"the sign-in was answered with {seen.status}: {seen.text}"
        return visitor


OpenDesk = Callable[..., Awaitable[TestDesk]]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "desk(plugins, settings, environ, arguments): what the bot of the fixture `desk` is started with"
    )


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator["Sandbox"]:
    """Serve a sandbox without pages."""
    from frontdesk_sandbox.sandbox import Sandbox

    served = Sandbox()
    await served.start(pages=False)
    yield served
    await served.stop()


@pytest.fixture
def house(sandbox: "Sandbox") -> "House":
    """Furnish a server in the sandbox."""
    from frontdesk_sandbox.house import furnish

    return furnish(sandbox)


@pytest_asyncio.fixture
async def open_desk(sandbox: "Sandbox", house: "House", tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Start bots by hand; each is stopped at the end, and must not have logged an error in any of its lives.

    A test that makes a bot log errors says so: ``await open_desk(errors_expected=True)``.
    """
    from frontdesk_sandbox.bot import Bot
    from frontdesk_sandbox.house import PLUGINS

    opened: list[Bot] = []
    desks: list[TestDesk] = []
    quiet: list[Bot] = []

    async def open_one(
        *,
        plugins: Mapping[str, bool | Mapping[str, Any]] | None = None,
        start: bool = True,
        errors_expected: bool = False,
        **more: Any,
    ) -> TestDesk:
        folder = tmp_path / f"bot{len(opened)}"
        folder.mkdir()
        bot = Bot(sandbox, folder, plugins=PLUGINS if plugins is None else plugins, **more)
        opened.append(bot)
        if not errors_expected:
            quiet.append(bot)
        if start:
            await bot.start()
        opening = TestDesk(sandbox, house, bot)
        desks.append(opening)
        return opening

    yield open_one
    for each in desks:
        for visitor in each.visitors:
            await visitor.close()
    for bot in opened:
        if bot.is_running:
            await bot.stop()
    logged = [error for bot in quiet for error in (*bot.earlier_errors, *bot.errors())]
    assert logged == [], f"the bot logged errors (where that is meant, see errors_expected of open_desk): {logged}"


@pytest_asyncio.fixture
async def desk(request: pytest.FixtureRequest, open_desk: OpenDesk) -> AsyncIterator[TestDesk]:
    """Start a bot as the test's mark says; it must stop cleanly, and must not have logged an error."""
    mark = request.node.get_closest_marker("desk")
    opened = await open_desk(**(mark.kwargs if mark else {}))
    yield opened
    code = await opened.bot.stop()
    assert code == 0, f"the bot ended with code {code}:\n{opened.bot.log_text()}"
    assert opened.bot.errors() == [], f"the bot logged errors: {opened.bot.errors()}"


@pytest.fixture
def member(house: "House") -> "Member":
    """Act as a member who writes English."""
    return house.sam


@pytest.fixture
def moderator(house: "House") -> "Member":
    """Act as a moderator of the server."""
    return house.moderator


@pytest_asyncio.fixture
async def agent(sandbox: "Sandbox") -> "Agent":
    """Act as an available agent."""
    acting = sandbox.twilio.agent("amira")
    await acting.available()
    return acting
