"""Buttons, selects and modals: Discord's rules for them, and finding them again in a message."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from frontdesk_sandbox.discord.errors import invalid, too_long
from frontdesk_sandbox.discord.model import Json


class ComponentKind(IntEnum):
    """Component types, https://discord.com/developers/docs/components/reference#component-object-component-types."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    LABEL = 18


SELECTS = frozenset(
    {
        ComponentKind.SELECT,
        ComponentKind.USER_SELECT,
        ComponentKind.ROLE_SELECT,
        ComponentKind.MENTIONABLE_SELECT,
        ComponentKind.CHANNEL_SELECT,
    }
)
LINK_STYLE = 5
_ROWS = 5
_IN_A_ROW = 5
_ALL_MODERN = 40


def clean(components: list[Json], *, modern: bool = False, modal: bool = False) -> list[Json]:
    """Components as Discord keeps them (numbered, nulls gone, defaults filled in), after a look at the rules.

    Args:
        components: as the bot sent them.
        modern: whether the message is of the kind made of components alone.
        modal: whether they are a modal's.

    Raises:
        ApiError: 50035 with the field.
    """
    if not modern and len(components) > _ROWS:
        raise invalid("components", "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")
    cleaner = _Cleaner(modern=modern, modal=modal)
    cleaned = [cleaner.clean(each, f"components.{index}") for index, each in enumerate(components)]
    if cleaner.count > _ALL_MODERN:
        raise invalid("components", "Must be 40 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    return cleaned


class _Cleaner:
    def __init__(self, *, modern: bool, modal: bool) -> None:
        self.count = 0
        self._modern = modern
        self._modal = modal
        self._custom_ids: set[str] = set()

    def clean(self, component: Json, path: str, *, top: bool = True) -> Json:
        self.count += 1
        kind = component.get("type")
        allowed = (ComponentKind.ROW, ComponentKind.LABEL) if self._modal else (ComponentKind.ROW,)
        if top and not self._modern and kind not in (*allowed, *((ComponentKind.TEXT,) if self._modal else ())):
            raise invalid(f"{path}.type", 'Value of field "type" must be one of (1,).', "UNION_TYPE_CHOICES")
        kept: Json = {"type": kind, "id": component.get("id") or self.count}
        skipped = {"type", "id", "components", "component", "accessory"}
        kept |= {key: value for key, value in component.items() if value is not None and key not in skipped}
        self._check_custom_id(kept, path)
        self._check_kind(kept, component, path)
        if "components" in component:
            children = component["components"]
            kept["components"] = [
                self.clean(child, f"{path}.components.{index}", top=False) for index, child in enumerate(children)
            ]
        for name in ("component", "accessory"):
            if component.get(name):
                kept[name] = self.clean(component[name], f"{path}.{name}", top=False)
        return kept

    def _check_custom_id(self, kept: Json, path: str) -> None:
        custom_id = kept.get("custom_id")
        if custom_id is None:
            return
        if not 1 <= len(custom_id) <= 100:
            raise invalid(f"{path}.custom_id", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
        if custom_id in self._custom_ids:
            raise invalid(
                f"{path}.custom_id", "Component custom id cannot be duplicated", "COMPONENT_CUSTOM_ID_DUPLICATED"
            )
        self._custom_ids.add(custom_id)

    def _check_kind(self, kept: Json, component: Json, path: str) -> None:
        match kept["type"]:
            case ComponentKind.ROW:
                children = component.get("components") or []
                wide = sum(5 if child.get("type") in SELECTS else 1 for child in children)
                if not 1 <= wide <= _IN_A_ROW or not children:
                    raise invalid(f"{path}.components", "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")
            case ComponentKind.BUTTON:
                _check_button(kept, path)
            case ComponentKind.SELECT:
                _check_select(kept, path)
            case ComponentKind.TEXT_INPUT:
                _check_text_input(kept, path)
            case kind if kind in SELECTS:
                kept.setdefault("min_values", 1)
                kept.setdefault("max_values", 1)
            case 14:
                kept.setdefault("divider", True)
                kept.setdefault("spacing", 1)
            case 17:
                kept.setdefault("accent_color", None)
                kept.setdefault("spoiler", False)


def _check_button(kept: Json, path: str) -> None:
    if len(kept.get("label", "")) > 80:
        raise too_long(f"{path}.label", 80)
    link = kept.get("style") == LINK_STYLE
    if ("url" in kept) != link or ("custom_id" in kept) == link:
        raise invalid(path, "A button has either a custom id or, if it is a link, a url", "BUTTON_COMPONENT_INVALID")
    if "label" not in kept and "emoji" not in kept:
        raise invalid(path, "A button must have a label or emoji", "BUTTON_COMPONENT_MISSING_LABEL")


def _check_select(kept: Json, path: str) -> None:
    kept.setdefault("min_values", 1)
    kept.setdefault("max_values", 1)
    options = kept.get("options") or []
    if not 1 <= len(options) <= 25:
        raise invalid(f"{path}.options", "Must be between 1 and 25 in length.", "BASE_TYPE_BAD_LENGTH")
    values = [option["value"] for option in options]
    if len(set(values)) != len(values):
        raise invalid(f"{path}.options", "The specified option value is already used", "SELECT_OPTION_DUPLICATED")
    for index, option in enumerate(options):
        for part in ("label", "value", "description"):
            if len(option.get(part) or "") > 100:
                raise too_long(f"{path}.options.{index}.{part}", 100)
    kept["options"] = [{key: value for key, value in option.items() if value is not None} for option in options]


def _check_text_input(kept: Json, path: str) -> None:
    if len(kept.get("label") or "") > 45:
        raise too_long(f"{path}.label", 45)
    if len(kept.get("placeholder") or "") > 100:
        raise too_long(f"{path}.placeholder", 100)
    for name, least in (("min_length", 0), ("max_length", 1)):
        if not least <= kept.get(name, least) <= 4000:
            raise invalid(f"{path}.{name}", f"must be between {least} and 4000", "NUMBER_TYPE_MAX")
    kept.setdefault("min_length", 0)
    kept.setdefault("max_length", 4000)


def clean_modal(data: Json) -> Json:
    """A modal as the client shows it, after a look at the rules.

    Raises:
        ApiError: 50035 with the field.
    """
    title = data.get("title") or ""
    if not 1 <= len(title) <= 45:
        raise invalid("data.title", "Must be between 1 and 45 in length.", "BASE_TYPE_BAD_LENGTH")
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        raise invalid("data.custom_id", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    components = data.get("components") or []
    if not 1 <= len(components) <= _ROWS:
        raise invalid("data.components", "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")
    return {"title": title, "custom_id": data["custom_id"], "components": clean(components, modal=True)}


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, rows and containers included, in the order in which they are shown."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        for name in ("component", "accessory"):
            if name in component:
                yield from walk([component[name]])


def words(components: list[Json]) -> Iterator[str]:
    """Every text that a person reads in components."""
    for component in walk(components):
        for name in ("label", "content", "placeholder"):
            if text := component.get(name):
                yield text
        for option in component.get("options", ()):
            yield option["label"]


def inputs(modal: Json) -> list[Json]:
    """A modal's fields, each with the label that a person sees."""
    found: list[Json] = []
    for top in modal["components"]:
        if top["type"] == ComponentKind.LABEL:
            found.append({**top["component"], "label": top["label"]})
        else:
            found += [each for each in top.get("components", ()) if each["type"] == ComponentKind.TEXT_INPUT]
    return found


def filled_in(modal: Json, values: dict[str, Any]) -> list[Json]:
    """A modal's components as they are submitted, with the values by custom_id."""
    submitted: list[Json] = []
    for top in modal["components"]:
        if top["type"] == ComponentKind.LABEL:
            component = _value(top["component"], values)
            submitted.append({"type": top["type"], "id": top["id"], "component": component})
        elif top["type"] == ComponentKind.ROW:
            parts = [_value(each, values) for each in top["components"]]
            submitted.append({"type": top["type"], "id": top["id"], "components": parts})
    return submitted


def _value(component: Json, values: dict[str, Any]) -> Json:
    value = values[component["custom_id"]]
    kept = {"type": component["type"], "id": component["id"], "custom_id": component["custom_id"]}
    return kept | ({"value": value} if component["type"] == ComponentKind.TEXT_INPUT else {"values": value})
