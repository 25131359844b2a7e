"""The parts of a Flex account that tell the helpdesk what happens: the events of TaskRouter and of Interactions."""

from typing import Any

from frontdesk_helpdesk.flex_parts import Account, Look, State

TASK_EVENTS = (
    "task.created",
    "task-queue.entered",
    "task.canceled",
    "task.deleted",
    "task.completed",
    "workflow.timeout",
    "reservation.accepted",
    "reservation.rejected",
    "reservation.timeout",
)
INTERACTION_EVENTS = (
    "onParticipantJoined",
    "onParticipantLeft",
    "onChannelCreateFailed",
    "onChannelStatusUpdated",
)


class EventCallback:
    """Where TaskRouter tells its events: a workspace has one address for them."""

    name = "TaskRouter's events"

    def _url(self, account: Account) -> str:
        return f"{account.callbacks}/taskrouter"

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        present, url = await account.workspace.fetch_async(), self._url(account)
        if present.event_callback_url not in {None, "", url}:
            return State.CONFLICT, (
                f"the workspace already tells its events to {present.event_callback_url}; "
                f"clear it in Twilio's console, or have that address pass them on to {url}"
            )
        if not present.event_callback_url:
            return State.CREATE, f"told to {url}"
        listed = set((present.events_filter or "").split(",")) - {""}
        if listed and not set(TASK_EVENTS) <= listed:
            return State.UPDATE, f"told to {url}, but not all that are needed"
        return State.IN_ORDER, f"told to {url}"

    async def put(self, account: Account) -> None:
        """Set both."""
        await account.workspace.update_async(event_callback_url=self._url(account), events_filter=",".join(TASK_EVENTS))

    async def made_by_us(self, account: Account) -> str | None:
        """By its address."""
        url = self._url(account)
        return f"told to {url}" if (await account.workspace.fetch_async()).event_callback_url == url else None

    async def remove(self, account: Account) -> None:
        """Clear both."""
        await account.workspace.update_async(event_callback_url="", events_filter="")


class InteractionHook:
    """Where Flex tells who joins and leaves."""

    name = "Flex's Interaction webhook"

    def _url(self, account: Account) -> str:
        return f"{account.callbacks}/interactions"

    async def _present(self, account: Account) -> list[Any]:
        instance_sid = account.known.flex_instance_sid
        if instance_sid is None:
            return []
        url = self._url(account)
        return [hook for hook in await account.twilio.interaction_webhooks(instance_sid) if hook.url == url]

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        if account.known.flex_instance_sid is None:
            return State.THEIRS, "bot.toml names no flex_instance_sid; without it news of agents come a little later"
        present = await self._present(account)
        if not present:
            return State.CREATE, f"told to {self._url(account)}"
        if set(present[0].events) != set(INTERACTION_EVENTS) or len(present) > 1:
            return State.UPDATE, "it tells other events than are needed"
        return State.IN_ORDER, present[0].sid

    async def put(self, account: Account) -> None:
        """Replace it."""
        await self.remove(account)
        instance_sid = str(account.known.flex_instance_sid)
        await account.twilio.create_interaction_webhook(instance_sid, self._url(account), INTERACTION_EVENTS)

    async def made_by_us(self, account: Account) -> str | None:
        """By its address."""
        return ", ".join(hook.sid for hook in await self._present(account)) or None

    async def remove(self, account: Account) -> None:
        """Delete it."""
        for hook in await self._present(account):
            await account.twilio.delete_interaction_webhook(str(account.known.flex_instance_sid), hook.sid)
