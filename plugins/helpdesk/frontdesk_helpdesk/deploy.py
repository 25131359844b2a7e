"""Sets up a Flex account for the helpdesk, tells how it differs, takes away what was made: always by a plan first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from frontdesk import FrontdeskError, Twilio, TwilioTable

from frontdesk_helpdesk.flex_callbacks import EventCallback, InteractionHook
from frontdesk_helpdesk.flex_parts import CHANGES, Account, Part, State
from frontdesk_helpdesk.flex_studio import FlowPart
from frontdesk_helpdesk.flex_taskrouter import Queue, TaskChannel, Workflow
from frontdesk_helpdesk.settings import HelpdeskSettings

NOTED = ("workspace_sid", "workflow_sid", "studio_flow_sid")
"""The SIDs that are noted under [twilio] in bot.toml after setting up."""


class DeployError(FrontdeskError):
    """The account cannot be set up; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is or would be done about one part of the account.

    Args:
        part: its name.
        state: how it stands.
        detail: in words.
    """

    part: str
    state: State
    detail: str

    def __str__(self) -> str:
        """A line of the plan."""
        return f"{self.state.value:<9} {self.part}: {self.detail}"


class Deployment:
    """The account as the helpdesk needs it.

    Args:
        twilio: an open client.
        known: what bot.toml names already.
        settings: the helpdesk's.
        callbacks: the public address of the plugin's routes, without a slash at the end.
        priorities: those that tasks may have, besides 0.
    """

    def __init__(
        self,
        twilio: Twilio,
        known: TwilioTable,
        settings: HelpdeskSettings,
        *,
        callbacks: str,
        priorities: Iterable[int] = (),
    ) -> None:
        self._account = Account(twilio, known, settings, callbacks, frozenset(priorities))
        parts: list[Part] = [Queue(), Workflow(), TaskChannel()]
        if settings.routing == "studio":
            parts.append(FlowPart())
        parts += [EventCallback(), InteractionHook()]
        self._parts = parts

    @property
    def noted(self) -> dict[str, str]:
        """What is to be noted after setting up, by its key in bot.toml: SIDs, and where Twilio calls."""
        sids = {key: self._account.sids[key] for key in NOTED if key in self._account.sids}
        return sids | {"callback_url": self._account.callbacks}

    async def plan(self) -> list[Step]:
        """Look at every part; nothing is changed.

        Raises:
            DeployError: if something has to be decided by the owner.
            TwilioError: if Twilio refuses or cannot be reached.
        """
        await self._find_workspace()
        steps: list[Step] = []
        for part in self._parts:
            state, detail = await part.look(self._account)
            steps.append(Step(part.name, state, detail))
        blocked = [step for step in steps if step.state is State.CONFLICT]
        if blocked:
            raise DeployError("; ".join(step.detail for step in blocked))
        return steps

    async def apply(self) -> list[Step]:
        """Create what is missing, update what differs, and delete what is left at an earlier address.

        Returns:
            What was done; empty if everything was in order.
        """
        await self.plan()
        done: list[Step] = []
        for part in self._parts:
            state, detail = await part.look(self._account)  # again: what came before has its SID only now
            if state in CHANGES:
                await (part.remove if state is State.DELETE else part.put)(self._account)
                done.append(Step(part.name, state, detail))
        return done

    async def plan_removal(self) -> list[Step]:
        """Look which parts were made by us; nothing is changed."""
        await self._find_workspace()
        found = [(part, await part.made_by_us(self._account)) for part in self._removal_order()]
        return [Step(part.name, State.DELETE, what) for part, what in found if what is not None]

    async def remove(self) -> list[Step]:
        """Delete what was made by us, and nothing else.

        Returns:
            What was deleted.
        """
        steps = await self.plan_removal()
        ours = {step.part for step in steps}
        for part in self._removal_order():
            if part.name in ours:
                await part.remove(self._account)
        return steps

    def _removal_order(self) -> Sequence[Part]:
        return [InteractionHook(), EventCallback(), FlowPart(), Workflow(), Queue(), TaskChannel()]

    async def _find_workspace(self) -> None:
        account = self._account
        if account.known.workspace_sid is not None:
            account.sids["workspace_sid"] = account.known.workspace_sid
            return
        found = await account.twilio.rest.taskrouter.v1.workspaces.list_async(limit=20)
        if len(found) != 1:
            names = ", ".join(f"{each.friendly_name} ({each.sid})" for each in found) or "none"
            raise DeployError(
                f"the account has {len(found)} TaskRouter workspaces ({names}); "
                "name Flex's own as workspace_sid under [twilio]"
            )
        account.sids["workspace_sid"] = str(found[0].sid)
