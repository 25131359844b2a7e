"""The part of a Flex account in Studio: the flow that each line of a member enters."""

import json
from typing import Any

from frontdesk_helpdesk.flex_parts import FLOW_NAME, MANY, Account, Look, State, fetched, plain
from frontdesk_helpdesk.flow import MADE_BY_US, flow_definition


class FlowPart:
    """The Studio flow that each line of a member enters."""

    name = "Studio flow"

    async def _present(self, account: Account) -> Any | None:
        flows = account.twilio.rest.studio.v2.flows
        if account.known.studio_flow_sid is not None:
            found = await fetched(flows(account.known.studio_flow_sid))
            if found is not None:
                return found
        for flow in await flows.list_async(limit=MANY):
            if flow.friendly_name == FLOW_NAME:
                present = await flows(flow.sid).fetch_async()
                if self._is_ours(present):
                    return present
        return None

    @staticmethod
    def _is_ours(flow: Any) -> bool:
        definition = json.loads(flow.definition) if isinstance(flow.definition, str) else flow.definition
        return MADE_BY_US in str(definition.get("description"))

    def _wanted(self, account: Account) -> dict[str, Any] | None:
        if not {"workflow_sid", "task_channel_sid"} <= account.sids.keys():
            return None
        return flow_definition(
            callbacks=account.callbacks,
            workflow_sid=account.sids["workflow_sid"],
            task_channel_sid=account.sids["task_channel_sid"],
            timeout=account.seconds,
        )

    async def look(self, account: Account) -> Look:
        """Compare the published definition."""
        present = await self._present(account)
        if present is None:
            return State.CREATE, f'"{FLOW_NAME}", published'
        account.sids["studio_flow_sid"] = str(present.sid)
        if not self._is_ours(present):
            return State.THEIRS, f"{present.sid}, named in bot.toml; it is left as it is"
        wanted = self._wanted(account)
        if wanted is None or plain(present.definition) != plain(wanted) or present.status != "published":
            return State.UPDATE, f"{present.sid} was changed, or points elsewhere"
        return State.IN_ORDER, str(present.sid)

    async def put(self, account: Account) -> None:
        """Validate it, and create or update it."""
        studio = account.twilio.rest.studio.v2
        definition = self._wanted(account)
        await studio.flow_validate.update_async(friendly_name=FLOW_NAME, status="published", definition=definition)
        if "studio_flow_sid" in account.sids:
            await studio.flows(account.sids["studio_flow_sid"]).update_async(
                status="published", definition=definition, commit_message="Updated by Frontdesk"
            )
            return
        made = await studio.flows.create_async(
            friendly_name=FLOW_NAME, status="published", definition=definition, commit_message="Created by Frontdesk"
        )
        account.sids["studio_flow_sid"] = str(made.sid)

    async def made_by_us(self, account: Account) -> str | None:
        """By its description."""
        present = await self._present(account)
        return str(present.sid) if present is not None and self._is_ours(present) else None

    async def remove(self, account: Account) -> None:
        """Delete it."""
        sid = await self.made_by_us(account)
        if sid is not None:
            await account.twilio.rest.studio.v2.flows(sid).delete_async()
