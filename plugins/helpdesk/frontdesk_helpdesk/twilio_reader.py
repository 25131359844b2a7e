"""Reads Twilio's side again after every time in which it could have spoken unheard, so that nothing is missed."""

from datetime import timedelta
from typing import Any

from frontdesk import Desk, HandoffState, Speaker, TwilioError

from frontdesk_helpdesk import conversations, lines, ways
from frontdesk_helpdesk.bridge import Bridge, Gap, TwilioMessage
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.edits import Edits
from frontdesk_helpdesk.events import channel_of, full_name, message_read, task_read
from frontdesk_helpdesk.handoff import (
    BOT_SPEAKS,
    AgentSign,
    Ending,
    RefusedSign,
    Sign,
    TaskSign,
    TaskStatus,
    was_in_the_way,
)
from frontdesk_helpdesk.lines import KnownLine
from frontdesk_helpdesk.outbox import Kind, key_of_hand_over
from frontdesk_helpdesk.rounds import Rounds
from frontdesk_helpdesk.routing import channel_status, interaction_channel, interaction_request, tasks_of
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.storable import storable
from frontdesk_helpdesk.tables import TaskRow
from frontdesk_helpdesk.twilio_marks import DELETED, DESK_IDENTITY, NOT_FOUND

_PAGE = 100
_WHOLE_SECONDS = timedelta(seconds=1)
"""Twilio's API tells times in whole seconds."""


class TwilioReader:
    """Reads Twilio's side: what a lost webhook would have told.

    Args:
        desk: what the plugin was given.
        bridge: takes in what was read.
        edits: takes in what was changed.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], bridge: Bridge, edits: Edits) -> None:
        self._desk = desk
        self._bridge = bridge
        self._edits = edits
        self._progress = bridge.progress
        self._rounds = Rounds(self._look_at, every=desk.settings.reconcile_seconds)

    async def take_in(self, conversation: Conversation, message: TwilioMessage) -> None:
        """Take in a message that a webhook told of; if others before it are missing, read them first.

        Raises:
            TwilioError: if they cannot be read now.
        """
        try:
            await self._bridge.twilio_has(conversation.id, [message], complete=False)
        except Gap:  # who calls may know the conversation from long ago, and would have all of it read
            await self.read_messages(await self._present(conversation) or conversation)

    async def take_in_change(self, conversation: Conversation, message: TwilioMessage, *, removed: bool) -> None:
        """Take in that a message was changed or removed, as a webhook told.

        Raises:
            TwilioError: if messages that are missing cannot be read now.
        """
        if removed:
            await self._edits.agent_deleted(conversation.id, message)
            return
        try:
            await self._edits.agent_edited(conversation.id, message)
        except Gap:
            await self.read_messages(conversation)

    async def read_messages(self, conversation: Conversation) -> None:
        """Take in every message after the last one that is accounted for, and what was changed in the newest ones.

        Raises:
            TwilioError: if Twilio cannot be reached or refuses.
        """
        async with self._desk.store.read() as session:  # before Twilio is read: what is known now, is there now
            known = await lines.newest_by(session, conversation.id, Speaker.AGENT)
        found: list[TwilioMessage] = []
        async for message in await self._of(conversation).messages.stream_async(order="desc", page_size=_PAGE):
            if int(message.index) <= conversation.last_index and len(found) >= _PAGE:
                break
            found.append(message_read(message, self._desk.now()))
        fresh = [message for message in found if message.index > conversation.last_index]
        if fresh:
            await self._bridge.twilio_has(conversation.id, fresh, complete=True)
        since = found[-1].said_at + _WHOLE_SECONDS if len(found) >= _PAGE else None
        await self._compare_known(
            conversation, [line for line in known if since is None or line.said_at >= since], found
        )

    async def closed(self, conversation: Conversation, *, reason: str | None = None) -> None:
        """Take in that the Conversation is closed, after the last messages: what told of them may have been lost.

        One that is deleted has no messages any more, and is over all the same.

        Args:
            conversation: as it is by now.
            reason: why, as Twilio puts it.

        Raises:
            TwilioError: if Twilio cannot be reached or refuses; then it is not taken in yet.
        """
        try:
            await self.read_messages(conversation)
        except TwilioError as error:
            if error.status != NOT_FOUND:
                raise
        await self._progress.take_in(conversation.id, Sign.CLOSED, reason=reason)

    async def _compare_known(
        self, conversation: Conversation, known: list[KnownLine], found: list[TwilioMessage]
    ) -> None:
        """Take in edits and deletions of the agents' lines that no webhook told."""
        present = {message.sid: message for message in found}
        for line in known:
            if line.message_sid is None:
                continue
            message = present.get(line.message_sid)
            if message is None:
                gone = TwilioMessage(line.message_sid, -1, "", "", ours=False, said_at=line.said_at)
                await self._edits.agent_deleted(conversation.id, gone)
            elif message.text != line.words:
                await self._edits.agent_edited(conversation.id, message)

    async def read_all(self) -> None:
        """Compare every open conversation with Twilio: messages, live agents, and whether it is closed."""
        if self._desk.twilio is None:
            return
        async with self._desk.store.read() as session:
            known = await conversations.all_open(session)
        await self._rounds.go(conversation for conversation in known if conversation.sid is not None)

    async def _look_at(self, conversation: Conversation) -> None:
        present = await self._present(conversation)  # a round takes its time
        if present is None or present.ended_at is not None:
            return
        try:
            await self._compare(present)
        except TwilioError as error:
            self._desk.log.warning("conversation not compared", conversation=present.id, reason=str(error))

    async def _present(self, conversation: Conversation) -> Conversation | None:
        """Give a conversation as it is by now."""
        async with self._desk.store.read() as session:
            return await conversations.find(session, number=conversation.id)

    async def _compare(self, conversation: Conversation) -> None:
        try:
            state = (await self._of(conversation).fetch_async()).state
        except TwilioError as error:
            if error.status != NOT_FOUND:
                raise
            await self._progress.take_in(conversation.id, Sign.CLOSED, reason=DELETED)
            return
        if state == "closed":
            await self.closed(conversation)
            return
        try:
            if conversation.state not in BOT_SPEAKS:
                await self.look_at_people(conversation)
                await self.look_at_tasks(conversation)
                if conversation.state is HandoffState.REQUESTED:
                    await self._look_at_channel(conversation)
                    await self._look_at_handover(conversation)
        finally:  # TaskRouter takes few requests a second; what people say does not wait for it
            await self.read_messages(conversation)

    async def look_at_people(self, conversation: Conversation) -> None:
        """Read which live agents are in the Conversation, and note who has come and who has left.

        Raises:
            TwilioError: if Twilio cannot be reached or refuses.
        """
        async with self._desk.store.read() as session:
            known = await ways.present_agents(session, conversation.id)
        there = {
            str(participant.sid): storable(str(participant.identity))
            for participant in await self._of(conversation).participants.list_async(limit=50)
            if participant.identity not in {None, conversation.identity, DESK_IDENTITY}
        }
        for sid, identity in there.items():
            if sid not in known:
                await self.agent_joined(conversation, sid, identity, None)
        for sid, identity in known.items():
            if sid not in there:
                await self._progress.take_in(conversation.id, AgentSign(sid, identity, False))

    async def look_at_tasks(self, conversation: Conversation) -> list[TaskSign]:
        """Read how the conversation's tasks stand, and note those that are gone.

        Returns:
            How those stand that Flex has.

        Raises:
            TwilioError: if Twilio cannot be reached or refuses.
        """
        async with self._desk.store.read() as session:
            waiting = await ways.waiting_tasks(session, TaskRow.conversation_id == conversation.id)
        listed = await tasks_of(self._desk, str(conversation.sid))
        signs: list[TaskSign] = []
        for task in listed:
            sign = task_read(task)
            if sign is not None:
                signs.append(sign)
                await self._progress.take_in(
                    conversation.id, sign, reason=task.reason, queue_sid=task.task_queue_sid, **channel_of(task)
                )
        # As long as no task is known of the present request, those that are known belong to earlier ones.
        request = conversation.requests - 1 if conversation.state is HandoffState.REQUESTED else None
        for task in waiting:
            if task.sid not in {each.sid for each in listed}:
                gone = TaskSign(task.sid, TaskStatus.OVER, Ending.GONE, request)
                await self._progress.take_in(conversation.id, gone, reason="the task is gone")
        return signs

    async def _look_at_channel(self, conversation: Conversation) -> None:
        channel = interaction_channel(self._desk, conversation.interaction_sid, conversation.channel_sid)
        if channel is not None and await channel_status(channel) == "failed":
            await self.look_at_refusal(
                conversation,
                None,
                reason="Flex did not set the channel up",
                interaction_sid=conversation.interaction_sid,
            )

    async def _look_at_handover(self, conversation: Conversation) -> None:
        """Take in that a person was asked for long ago, and no task came of it: the flow is paused, say, or changed."""
        asked = await self._desk.journal.find(Kind.HAND_OVER, key_of_hand_over(conversation))
        if asked is None or asked.settled_at is None:
            return
        if (self._desk.now() - asked.settled_at).total_seconds() >= self._desk.settings.queue.handover_seconds:
            sign = RefusedSign(conversation.requests)
            await self._progress.take_in(conversation.id, sign, reason="no task came of it")

    async def look_at_refusal(
        self, conversation: Conversation, request: int | None, *, reason: str | None, interaction_sid: str | None
    ) -> None:
        """Take in that Flex did not take the conversation, unless that is old news, or another attempt was taken.

        One that was refused because of a task of an earlier request is made again once that task is closed.

        Args:
            conversation: which.
            request: which request was refused, if that is known.
            reason: why.
            interaction_sid: the Interaction that failed, which tells the request.

        Raises:
            TwilioError: if Twilio cannot be reached or refuses.
        """
        if request is None and interaction_sid is not None:
            request = await interaction_request(self._desk, interaction_sid)
        signs = await self.look_at_tasks(conversation)
        if any(sign.status is TaskStatus.ACCEPTED for sign in signs):
            return  # somebody comes
        earlier = next((sign for sign in signs if was_in_the_way(sign, conversation.withdrawn)), None)
        if earlier is not None and not await self._is_last_word(conversation, earlier.sid, interaction_sid):
            await self._progress.ask_after(conversation.id, request, earlier.sid)
            return
        await self._progress.take_in(conversation.id, RefusedSign(request), reason=reason)

    async def _is_last_word(self, conversation: Conversation, task_sid: str, interaction_sid: str | None) -> bool:
        """Tell whether it was the second attempt that Flex has refused, made once the earlier task was closed."""
        again = await self._desk.journal.find(Kind.HAND_OVER, key_of_hand_over(conversation, after=task_sid))
        made = None if again is None or again.receipt is None else again.receipt.get("interaction_sid")
        return made is not None and made == interaction_sid

    async def agent_joined(self, conversation: Conversation, sid: str, identity: str, name: str | None) -> None:
        """Note that a live agent takes part, by the name that Twilio knows."""
        if name is None:
            try:
                name = await self._name_of(identity)
            except TwilioError as error:  # the member is told of "a member of our team"
                self._desk.log.warning("agent's name not found", conversation=conversation.id, reason=str(error))
        await self._progress.take_in(conversation.id, AgentSign(sid, identity, True), agent=name)

    async def _name_of(self, identity: str) -> str | None:
        """Look the worker up: in Flex a worker's friendly name is the identity, and the real one is an attribute."""
        assert self._desk.twilio is not None
        workspace_sid = self._desk.services.twilio_settings.workspace_sid
        if workspace_sid is None:
            return None
        workers = self._desk.twilio.rest.taskrouter.v1.workspaces(workspace_sid).workers
        for worker in await workers.list_async(friendly_name=identity, limit=1):
            return full_name(worker.attributes)
        return None

    def _of(self, conversation: Conversation) -> Any:
        assert self._desk.twilio is not None
        return self._desk.twilio.rest.conversations.v1.conversations(conversation.sid)
