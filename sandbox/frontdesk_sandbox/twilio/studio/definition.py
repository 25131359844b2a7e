"""Checking a flow's JSON, with a finding for each thing that Studio would refuse."""

from typing import Any

ROOT_FIELDS = ("description", "states", "initial_state", "flags")
TRIGGER_EVENTS = frozenset(
    {"incomingMessage", "incomingConversationMessage", "incomingCall", "incomingRequest", "incomingParent"}
)
EVENTS: dict[str, frozenset[str]] = {
    "trigger": TRIGGER_EVENTS,
    "split-based-on": frozenset({"noMatch", "match"}),
    "make-http-request": frozenset({"success", "failed"}),
    "send-to-flex": frozenset({"callComplete", "failedToEnqueue", "callFailure"}),
    "send-message": frozenset({"sent", "failed"}),
    "send-and-wait-for-reply": frozenset({"incomingMessage", "timeout", "deliveryFailure"}),
    "set-variables": frozenset({"next"}),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "split-based-on": ("input",),
    "make-http-request": ("method", "url"),
    "send-to-flex": ("workflow", "channel"),
    "send-message": ("body",),
    "send-and-wait-for-reply": ("body",),
    "set-variables": ("variables",),
}
NOT_RUN = frozenset({"run-function", "run-subflow", "gather-input-on-call", "say-play", "enqueue-call"})
CONDITIONS = frozenset(
    {
        "equal_to", "not_equal_to", "matches_any_of", "does_not_match_any_of", "is_blank", "is_not_blank",
        "regex", "contains", "does_not_contain", "starts_with", "does_not_start_with", "less_than",
        "greater_than",
    }
)  # fmt: skip

Finding = dict[str, str]


def findings(definition: Any) -> list[Finding]:
    """Everything that is wrong with a definition; empty when Studio would publish it."""
    if not isinstance(definition, dict):
        return [_finding("definition must be an object", "#/")]
    found = [_finding(f"{name} is required", "#/") for name in ROOT_FIELDS[:3] if name not in definition]
    states = definition.get("states")
    if not isinstance(states, list):
        return [*found, _finding("states must be a list", "#/states")]
    names = [state.get("name") for state in states if isinstance(state, dict)]
    doubled = sorted({str(n) for n in names if names.count(n) > 1})
    found += [_finding(f"widget name {name!r} is used more than once", "#/states") for name in doubled]
    if definition.get("initial_state") not in names:
        found.append(_finding("initial_state must name an existing widget", "#/initial_state"))
    if sum(isinstance(s, dict) and s.get("type") == "trigger" for s in states) != 1:
        found.append(_finding("exactly one trigger widget is required", "#/states"))
    for index, state in enumerate(states):
        found += _state_findings(state, f"#/states/{index}", set(map(str, names)))
    return found


def _finding(message: str, path: str) -> Finding:
    return {"message": message, "property_path": path}


def _state_findings(state: Any, path: str, names: set[str]) -> list[Finding]:
    if not isinstance(state, dict):
        return [_finding("a widget must be an object", path)]
    found = [
        _finding(f"{field} is required", path) for field in ("name", "type", "transitions") if not _has(state, field)
    ]
    kind = str(state.get("type"))
    if kind not in EVENTS and kind not in NOT_RUN:
        return [*found, _finding(f"widget type {kind!r} does not exist", f"{path}/type")]
    properties = state.get("properties")
    if not isinstance(properties, dict):
        properties = {}
        if REQUIRED.get(kind):
            found.append(_finding("properties is required", path))
    found += [
        _finding(f"{field} is required", f"{path}/properties/{field}")
        for field in REQUIRED.get(kind, ())
        if properties.get(field) in (None, "")
    ]
    transitions = state.get("transitions")
    for index, transition in enumerate(transitions if isinstance(transitions, list) else []):
        found += _transition_findings(transition, kind, f"{path}/transitions/{index}", names)
    return found


def _has(state: dict[str, Any], field: str) -> bool:
    return field in state and state[field] not in (None, "")


def _transition_findings(transition: Any, kind: str, path: str, names: set[str]) -> list[Finding]:
    if not isinstance(transition, dict):
        return [_finding("a transition must be an object", path)]
    found = []
    event, following = transition.get("event"), transition.get("next")
    if kind in EVENTS and str(event) not in EVENTS[kind]:
        found.append(_finding(f"event {event!r} is not one of a {kind} widget", f"{path}/event"))
    if following is not None and str(following) not in names:
        found.append(_finding(f"next names {following!r}, which does not exist", f"{path}/next"))
    if event == "match":
        conditions = transition.get("conditions")
        if not isinstance(conditions, list) or not conditions:
            found.append(_finding("conditions is required for match", f"{path}/conditions"))
        for index, condition in enumerate(conditions if isinstance(conditions, list) else []):
            found += _condition_findings(condition, f"{path}/conditions/{index}")
    return found


def _condition_findings(condition: Any, path: str) -> list[Finding]:
    if not isinstance(condition, dict):
        return [_finding("a condition must be an object", path)]
    found = [
        _finding(f"{field} is required", path)
        for field in ("friendly_name", "arguments", "type", "value")
        if field not in condition
    ]
    if str(condition.get("type")) not in CONDITIONS:
        found.append(_finding(f"condition type {condition.get('type')!r} does not exist", f"{path}/type"))
    return found
