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
_LATER = "without a webhook of ours news of agents come a little later"


def _moves(address: str, url: str) -> Look:
    return State.UPDATE, f"told to {address}, an earlier address; from now on to {url}"


class EventCallback:
    """Where TaskRouter tells its events: a workspace has one address for them."""

    name = "TaskRouter's events"
    _route = "/taskrouter"

    def _url(self, account: Account) -> str:
        return account.callbacks + self._route

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        present, url = await account.workspace.fetch_async(), self._url(account)
        address = present.event_callback_url
        if not address:
            return State.CREATE, f"told to {url}"
        if address not in account.addresses(self._route):
            return State.CONFLICT, (
                f"the workspace already tells its events to {address}; "
                f"clear it in Twilio's console, or have that address pass them on to {url}; "
                f"if it is an earlier one of this bot, write it without {self._route} as callback_url under [twilio]"
            )
        if address != url:
            return _moves(address, url)
        listed = set((present.events_filter or "").split(",")) - {""}
        if listed and not set(TASK_EVENTS) <= listed:
            return State.UPDATE, f"told to {url}, but not all that are needed"
        return State.IN_ORDER, f"told to {url}"

    async def put(self, account: Account) -> None:
        """Set both."""
        await account.workspace.update_async(event_callback_url=self._url(account), events_filter=",".join(TASK_EVENTS))

    async def made_by_us(self, account: Account) -> str | None:
        """By its address."""
        address = (await account.workspace.fetch_async()).event_callback_url
        return f"told to {address}" if address in account.addresses(self._route) else None

    async def remove(self, account: Account) -> None:
        """Clear both."""
        await account.workspace.update_async(event_callback_url="", events_filter="")


class InteractionHook:
    """Where Flex tells who joins and leaves: an instance has one such webhook."""

    name = "Flex's Interaction webhook"
    _route = "/interactions"

    def _url(self, account: Account) -> str:
        return account.callbacks + self._route

    async def _hooks(self, account: Account, *, ours: bool) -> list[Any]:
        instance_sid = account.known.flex_instance_sid
        if instance_sid is None:
            return []
        found = await account.twilio.interaction_webhooks(instance_sid)
        return [hook for hook in found if (hook.url in account.addresses(self._route)) is ours]

    async def look(self, account: Account) -> Look:
        """Compare address and events."""
        if account.known.flex_instance_sid is None:
            return State.THEIRS, f"bot.toml names no flex_instance_sid; {_LATER}"
        present, url = await self._hooks(account, ours=True), self._url(account)
        earlier = [hook.url for hook in present if hook.url != url]
        theirs = [hook.url for hook in await self._hooks(account, ours=False) if hook.kind == "global"]
        if theirs:
            stays = f"told to {theirs[0]}, and Flex has one such webhook; {_LATER}"
            if earlier:
                return State.DELETE, f"told to {earlier[0]}, an earlier address; another one stays, {stays}"
            return State.THEIRS, stays
        if not present:
            return State.CREATE, f"told to {url}"
        if earlier:
            return _moves(earlier[0], url)
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
        return ", ".join(hook.sid for hook in await self._hooks(account, ours=True)) or None

    async def remove(self, account: Account) -> None:
        """Delete it."""
        for hook in await self._hooks(account, ours=True):
            await account.twilio.delete_interaction_webhook(str(account.known.flex_instance_sid), hook.sid)
