"""The prepared account: everything that the loopback Twilio remembers, wired together."""

import asyncio
from typing import TYPE_CHECKING, Any

from frontdesk_sandbox.changes import Changes

from .chat.service import Chat
from .clock import Clock
from .faults import Faults
from .flex.hooks import InteractionHooks
from .flex.service import Flex
from .iam import Iam
from .limits import Rate
from .sids import new_sid
from .studio.execution import Runner
from .studio.service import Studio
from .taskrouter.service import TaskRouter
from .taskrouter.state import Worker
from .webhooks import Webhooks

if TYPE_CHECKING:
    from .agent import Agent

WORKERS = {"amira": "Amira Haddad", "tomas": "Tomas Lind"}


class World:
    """One account with Conversations, Flex, TaskRouter, Studio and sign-in.

    Args:
        changes: every change is published there as ``{"world": "twilio", "type": ...}``.
    """

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.account_sid = new_sid("AC")
        self.auth_token = new_sid("")
        self.instance_sid = new_sid("GO")
        self.clock = Clock()
        self.started = self.clock.now()
        self.faults = Faults()
        self.rate = Rate()
        self.webhooks = Webhooks(self.account_sid, self.auth_token, self.faults, self.tell)
        self.chat = Chat(self.account_sid, self.clock, self.webhooks, self.tell)
        self.router = TaskRouter(self.account_sid, self.clock, self.webhooks, self.tell)
        hooks = InteractionHooks(self.account_sid, self.instance_sid, self.clock, self.webhooks)
        self.flex = Flex(self.chat, self.router, hooks, self.clock, self.tell)
        runner = Runner(self.chat, self.router, self.flex, self.webhooks, self.clock)
        self.studio = Studio(self.account_sid, runner, self.clock, self.tell)
        self.chat.to_studio = self.studio.message
        self.iam = Iam(self.account_sid, self.clock)
        for name, full_name in WORKERS.items():
            self.router.hire(name, {"full_name": full_name, "email": f"{name}@example.com"})

    def tell(self, event: dict[str, Any]) -> None:
        """Publish a change."""
        self.changes.publish({"world": "twilio"} | event)

    def worker(self, name: str) -> Worker:
        """A worker by name.

        Raises:
            KeyError: if nobody is called so.
        """
        for worker in self.router.workers.values():
            if worker.friendly_name == name:
                return worker
        raise KeyError(f"there is no worker {name!r}")

    def view_for(self, agent: "Agent") -> dict[str, Any]:
        """What an agent sees in Flex, as JSON."""
        from .view import view_for

        return view_for(self, agent)

    async def advance(self, seconds: float) -> None:
        """Move the clock and apply every timer that became due; nothing waits.

        Args:
            seconds: how far; 0 applies what is due by now.
        """
        self.clock.advance(seconds)
        self.chat.run_timers()
        self.router.run_timeouts()
        await asyncio.sleep(0)

    async def settled(self, deadline: float = 10.0) -> None:
        """Wait until no webhook is under way.

        Args:
            deadline: seconds until giving up.
        """
        await self.changes.until(
            lambda: self.webhooks.under_way == 0, deadline=deadline, what="the end of all webhooks"
        )

    async def close(self) -> None:
        """Stop everything that runs in the background."""
        await self.studio.close()
        await self.flex.close()
        await self.webhooks.close()
