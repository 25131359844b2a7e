"""Flows and their executions: which message starts one, and which goes to one that runs."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from frontdesk_sandbox.twilio.chat.state import Conversation, Message
from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import ApiError, not_found
from frontdesk_sandbox.twilio.sids import new_sid

from .definition import findings
from .execution import Runner
from .state import Execution, Flow, Revision


class Studio:
    """The account's flows.

    Args:
        account_sid: the account.
        runner: runs executions.
        clock: tells the time.
        tell: told of every change.
    """

    def __init__(self, account_sid: str, runner: Runner, clock: Clock, tell: Callable[[dict[str, Any]], None]) -> None:
        self._account_sid = account_sid
        self._runner = runner
        self._clock = clock
        self._tell = tell
        self.flows: dict[str, Flow] = {}
        self.executions: dict[str, Execution] = {}
        self._running: dict[tuple[str, str], Execution] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def find(self, sid: str) -> Flow:
        """A flow; 20404 when there is none."""
        try:
            return self.flows[sid]
        except KeyError:
            raise not_found(f"Flow {sid}") from None

    def revise(self, flow: Flow | None, name: str, status: str, definition: Any, commit_message: str | None) -> Flow:
        """Make a flow or its next revision.

        Raises:
            ApiError: 400 with details when it would be published with faults.
        """
        errors = findings(definition)
        if errors and (status == "published" or not isinstance(definition, dict)):
            raise refused(errors)
        now = self._clock.now()
        if flow is None:
            flow = Flow(new_sid("FW"), now)
            self.flows[flow.sid] = flow
        number = len(flow.revisions) + 1
        flow.revisions.append(Revision(number, name, status, definition, commit_message, errors, now))
        self._tell({"type": "flow", "flow": flow.sid})
        return flow

    def message(self, flow_sid: str, conversation: Conversation, message: Message) -> None:
        """A message came to a conversation that this flow listens to."""
        running = self._running.get((flow_sid, conversation.sid))
        if running is not None:
            running.inbox.put_nowait(message)
            return
        flow = self.flows.get(flow_sid)
        revision = flow.published if flow else None
        if revision is None:
            return
        now = self._clock.now()
        execution = Execution(new_sid("FN"), flow_sid, revision.number, conversation.sid, new_sid("FC"), now, now, {})
        execution.variables = self._variables(execution, conversation, message)
        self.executions[execution.sid] = execution
        self._running[flow_sid, conversation.sid] = execution
        task = asyncio.create_task(self._run(execution, revision))
        self._tasks[execution.sid] = task

    async def _run(self, execution: Execution, revision: Revision) -> None:
        try:
            await self._runner.run(execution, revision.definition)
        finally:
            execution.status = "ended"
            self._running.pop((execution.flow_sid, execution.conversation_sid), None)
            self._tasks.pop(execution.sid, None)
            self._tell({"type": "execution", "execution": execution.sid, "status": execution.status})

    def _variables(self, execution: Execution, conversation: Conversation, message: Message) -> dict[str, Any]:
        attributes = json.loads(conversation.attributes)
        return {
            "flow": {
                "sid": execution.sid,
                "flow_sid": execution.flow_sid,
                "channel": {"address": conversation.sid},
                "variables": {},
            },
            "contact": {"channel": {"address": message.author}},
            "widgets": {},
            "trigger": {
                "conversation": {
                    "AccountSid": self._account_sid,
                    "ConversationSid": conversation.sid,
                    "MessageSid": message.sid,
                    "Body": message.body,
                    "From": message.author,
                    "Author": message.author,
                    "Index": message.index,
                    "ChannelAttributes": attributes,
                },
            },
        }

    def stop(self, execution: Execution) -> None:
        """End an execution where it stands."""
        task = self._tasks.get(execution.sid)
        if task is not None:
            task.cancel()
        execution.status = "ended"
        execution.updated = self._clock.now()
        self._running.pop((execution.flow_sid, execution.conversation_sid), None)

    async def close(self) -> None:
        """Stop every execution."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def refused(errors: list[dict[str, str]]) -> ApiError:
    """The answer to a definition with faults."""
    message = "Flow definition is invalid: " + "; ".join(f"{e['message']} ({e['property_path']})" for e in errors)
    return ApiError(400, 20001, message, details={"errors": errors, "warnings": []})
