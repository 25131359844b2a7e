"""Running a flow: one step after another, each widget in its own function."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from liquid.exceptions import LiquidError

from frontdesk_sandbox.twilio.chat.service import Chat
from frontdesk_sandbox.twilio.chat.state import Origin
from frontdesk_sandbox.twilio.clock import Clock
from frontdesk_sandbox.twilio.errors import ApiError
from frontdesk_sandbox.twilio.flex.service import Flex
from frontdesk_sandbox.twilio.sids import new_sid
from frontdesk_sandbox.twilio.taskrouter.service import TaskRouter
from frontdesk_sandbox.twilio.taskrouter.state import Reservation, Task
from frontdesk_sandbox.twilio.webhooks import Reply, Webhooks

from .state import Execution, Step
from .templates import Templates, matches

HTTP_SECONDS = 10.0
HTTP_BYTES = 64 * 1024
STEPS_MOST = 1000
SILENT = Origin("API", fires=False)

Properties = dict[str, Any]
Outcome = tuple[str, dict[str, Any]]


class Runner:
    """Runs executions.

    Args:
        chat: conversations.
        router: tasks, whose ends finish send-to-flex.
        flex: interactions.
        webhooks: signs and sends HTTP requests.
        clock: tells the time.
    """

    def __init__(self, chat: Chat, router: TaskRouter, flex: Flex, webhooks: Webhooks, clock: Clock) -> None:
        self._chat = chat
        self._router = router
        self._flex = flex
        self._webhooks = webhooks
        self._clock = clock
        self._templates = Templates()
        self._waiting_tasks: dict[str, asyncio.Future[str]] = {}
        router.listeners.append(self._task_event)
        flex.failure_listeners.append(self._interaction_failed)
        self._widgets: dict[str, Callable[[Execution, Properties, str], Awaitable[Outcome]]] = {
            "make-http-request": self._make_http_request,
            "send-to-flex": self._send_to_flex,
            "send-message": self._send_message,
            "send-and-wait-for-reply": self._send_and_wait,
            "set-variables": self._set_variables,
        }

    async def run(self, execution: Execution, definition: dict[str, Any]) -> None:
        """Walk through the flow until no transition leads on."""
        states = {state["name"]: state for state in definition["states"]}
        name, event = str(definition["initial_state"]), "incomingConversationMessage"
        following = _next(states[name], event)
        self._step(execution, name, event, following)
        for _ in range(STEPS_MOST):
            if following is None or following not in states:
                break
            name, state = following, states[following]
            execution.at = name
            event, following = await self._visit(execution, state)
            self._step(execution, name, event, following)
        execution.status = "ended"
        execution.updated = self._clock.now()

    async def _visit(self, execution: Execution, state: dict[str, Any]) -> tuple[str, str | None]:
        name, kind, properties = str(state["name"]), str(state["type"]), state.get("properties") or {}
        try:
            if kind == "split-based-on":
                return self._split(execution, state, properties)
            event, result = await self._widgets[kind](execution, properties, name)
        except KeyError:
            execution.problems.append((81000, f"{name}: the sandbox does not run {kind} widgets"))
            return "unsupported", None
        except LiquidError as problem:
            execution.problems.append((81010, f"{name}: {problem}"))
            event, result = "failed", {}
        execution.variables["widgets"][name] = result
        return event, _next(state, event)

    def _step(self, execution: Execution, name: str, event: str, following: str | None) -> None:
        execution.updated = now = self._clock.now()
        execution.steps.append(Step(new_sid("FT"), name, event, following, now))

    def _render(self, execution: Execution, text: Any) -> str:
        return self._templates.render(text, execution.variables)

    def _split(self, execution: Execution, state: dict[str, Any], properties: Properties) -> tuple[str, str | None]:
        name = str(state["name"])
        execution.variables["widgets"][name] = {"input": self._render(execution, properties.get("input"))}
        for transition in state["transitions"]:
            if transition["event"] == "match" and all(
                self._holds(execution, condition) for condition in transition["conditions"]
            ):
                return "match", transition.get("next")
        return "noMatch", _next(state, "noMatch")

    def _holds(self, execution: Execution, condition: dict[str, Any]) -> bool:
        expected = self._render(execution, condition["value"])
        values = [self._render(execution, argument) for argument in condition["arguments"]]
        return any(matches(condition["type"], value, expected) for value in values)

    async def _make_http_request(self, execution: Execution, properties: Properties, name: str) -> Outcome:
        try:
            reply = await self._request(execution, properties)
        except TimeoutError:
            return self._http_failed(execution, name, f"no answer within {HTTP_SECONDS:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            return self._http_failed(execution, name, f"{type(problem).__name__}: {problem}")
        if not 200 <= reply.status < 300:
            return self._http_failed(execution, name, f"status {reply.status}", reply)
        if len(reply.text.encode()) > HTTP_BYTES:
            return self._http_failed(execution, name, "the answer is larger than 64 kB")
        result: dict[str, Any] = {
            "status_code": reply.status,
            "content_type": reply.content_type,
            "body": reply.text,
        }
        if reply.content_type == "application/json":
            parsed = _read_json(reply.text)
            if isinstance(parsed, dict):
                result["parsed"] = parsed
        return "success", result

    async def _request(self, execution: Execution, properties: Properties) -> Reply:
        method = str(properties["method"]).upper()
        url = self._render(execution, properties["url"])
        body = self._render(execution, properties.get("body"))
        if method == "POST" and "json" in str(properties.get("content_type")):
            return await self._webhooks.request_signed_json(method, url, body, HTTP_SECONDS)
        params = {str(p["key"]): self._render(execution, p.get("value")) for p in properties.get("parameters") or []}
        if body and not params:
            params = dict(parse_qsl(body, keep_blank_values=True))
        return await self._webhooks.request_signed_form(method, url, params, HTTP_SECONDS)

    def _http_failed(self, execution: Execution, name: str, why: str, reply: Reply | None = None) -> Outcome:
        execution.problems.append((81016, f"{name}: {why}"))
        if reply is None:
            return "failed", {}
        return "failed", {"status_code": reply.status, "body": reply.text}

    async def _send_to_flex(self, execution: Execution, properties: Properties, name: str) -> Outcome:
        attributes = _read_json(self._render(execution, properties.get("attributes") or "{}"))
        if not isinstance(attributes, dict):
            execution.problems.append((81011, f"{name}: attributes are no JSON object"))
            return "failedToEnqueue", {}
        routing = {
            "properties": {
                "workspace_sid": self._router.workspace.sid,
                "workflow_sid": self._render(execution, properties["workflow"]),
                "task_channel_sid": self._render(execution, properties["channel"]),
                "priority": self._render(execution, properties.get("priority")) or "0",
                "timeout": self._render(execution, properties.get("timeout")) or "86400",
                "attributes": attributes,
            }
        }
        channel = {
            "type": "web",
            "initiated_by": "customer",
            "properties": {"media_channel_sid": execution.conversation_sid},
        }
        try:
            interaction = self._flex.create(channel, routing)
        except (ApiError, ValueError) as problem:
            execution.problems.append((81012, f"{name}: {problem}"))
            return "failedToEnqueue", {}
        end = asyncio.get_running_loop().create_future()
        self._waiting_tasks[interaction.sid] = end
        try:
            outcome = await end
        finally:
            del self._waiting_tasks[interaction.sid]
        return outcome, {"interaction_sid": interaction.sid}

    def _interaction_failed(self, interaction_sid: str) -> None:
        self._end(interaction_sid, "failedToEnqueue")

    def _task_event(self, event: str, task: Task, _reservation: Reservation | None) -> None:
        ends = {"task.completed": "callComplete", "task.canceled": "callFailure", "task.deleted": "callFailure"}
        if event in ends:
            self._end(str(task.details.get("flexInteractionSid")), ends[event])

    def _end(self, interaction_sid: str, outcome: str) -> None:
        waiting = self._waiting_tasks.get(interaction_sid)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)

    async def _send_message(self, execution: Execution, properties: Properties, name: str) -> Outcome:
        try:
            conversation = self._chat.open(execution.conversation_sid)
            message = self._chat.say(
                conversation,
                SILENT,
                author=self._render(execution, properties.get("from")) or "Studio",
                body=self._render(execution, properties["body"]),
                attributes=self._render(execution, properties.get("attributes")) or "{}",
            )
        except ApiError as problem:
            execution.problems.append((problem.code, f"{name}: {problem.message}"))
            return "failed", {}
        return "sent", {"outbound": {"Sid": message.sid, "Body": message.body}}

    async def _send_and_wait(self, execution: Execution, properties: Properties, name: str) -> Outcome:
        event, result = await self._send_message(execution, properties, name)
        if event == "failed":
            return "deliveryFailure", result
        while not execution.inbox.empty():
            execution.inbox.get_nowait()
        reply = await execution.inbox.get()
        inbound = {"Body": reply.body, "MessageSid": reply.sid, "Author": reply.author}
        return "incomingMessage", result | {"inbound": inbound}

    async def _set_variables(self, execution: Execution, properties: Properties, _name: str) -> Outcome:
        for variable in properties.get("variables") or []:
            value = self._render(execution, variable.get("value"))
            execution.variables["flow"]["variables"][str(variable.get("key"))] = value
        return "next", {}


def _next(state: dict[str, Any], event: str) -> str | None:
    for transition in state.get("transitions") or []:
        if transition.get("event") == event:
            following: str | None = transition.get("next")
            return following
    return None


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
