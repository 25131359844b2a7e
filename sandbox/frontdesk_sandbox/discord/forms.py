"""Filling in what the bot offers: select menus, modals; and a person's own polls."""

from typing import Any

from frontdesk_sandbox.discord import components, payloads
from frontdesk_sandbox.discord.components import ComponentKind
from frontdesk_sandbox.discord.errors import RefusedError
from frontdesk_sandbox.discord.model import Json
from frontdesk_sandbox.discord.world import World


def chosen(component: Json, wanted: Any) -> str:
    """The value of a select menu's option, by label or value; RefusedError if there is none."""
    for option in component["options"]:
        if wanted in {option["label"], option["value"]}:
            return str(option["value"])
    raise RefusedError(f"{wanted!r} is none of {[option['label'] for option in component['options']]}")


def fill_in(modal: Json, fields: dict[str, Any]) -> dict[str, Any]:
    """A modal's values by custom_id, from values by custom_id or label; RefusedError if it cannot be sent so."""
    left = dict(fields)
    values: dict[str, Any] = {}
    for field in components.inputs(modal):
        label = field.get("label") or ""
        names = [name for name in left if name in {field["custom_id"], label, label.replace(" ", "_")}]
        value = left.pop(names[0]) if names else field.get("value", "")
        if field["type"] == ComponentKind.TEXT_INPUT:
            _check_field(field, label, value)
        values[field["custom_id"]] = value
    if left:
        raise RefusedError(f"the modal {modal['title']!r} has no field {sorted(left)}")
    return values


def _check_field(field: Json, label: str, value: str) -> None:
    if not value and field.get("required", True):
        raise RefusedError(f"the field {label!r} must be filled in")
    if value and not field["min_length"] <= len(value) <= field["max_length"]:
        raise RefusedError(f"{label!r} takes {field['min_length']} to {field['max_length']} characters")


def poll(world: World, question: str, answers: list[str]) -> Json:
    """A new poll, as messages carry it."""
    return {
        "question": {"text": question}, "allow_multiselect": False, "layout_type": 1,
        "answers": [{"answer_id": index + 1, "poll_media": {"text": one}} for index, one in enumerate(answers)],
        "expiry": payloads.stamp(world.clock()), "results": {"answer_counts": [], "is_finalized": False},
    }  # fmt: skip
