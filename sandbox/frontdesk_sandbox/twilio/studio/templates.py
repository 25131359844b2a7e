"""Liquid as Studio has it, and the conditions of split widgets."""

import json
import re
from typing import Any

from liquid import Environment


def _to_json(value: Any) -> str:
    return json.dumps(None if type(value).__name__.endswith("Undefined") else value, ensure_ascii=False)


class Templates:
    """Renders texts with the variables of an execution; what is undefined is empty."""

    def __init__(self) -> None:
        self._environment = Environment()
        self._environment.add_filter("to_json", _to_json)

    def render(self, text: Any, variables: dict[str, Any]) -> str:
        """Fill in a template.

        Raises:
            liquid.exceptions.LiquidError: if the template is wrong.
        """
        if text is None:
            return ""
        return self._environment.from_string(str(text)).render(**variables)


def matches(kind: str, value: str, expected: str) -> bool:
    """Whether a split's condition holds; texts are compared without regard to case."""
    left, right = value.strip().casefold(), expected.strip().casefold()
    options = {option.strip() for option in right.split(",")}
    tests = {
        "equal_to": lambda: left == right,
        "not_equal_to": lambda: left != right,
        "matches_any_of": lambda: left in options,
        "does_not_match_any_of": lambda: left not in options,
        "is_blank": lambda: not left,
        "is_not_blank": lambda: bool(left),
        "contains": lambda: right in left,
        "does_not_contain": lambda: right not in left,
        "starts_with": lambda: left.startswith(right),
        "does_not_start_with": lambda: not left.startswith(right),
        "regex": lambda: re.search(expected, value) is not None,
        "less_than": lambda: _number(left) < _number(right),
        "greater_than": lambda: _number(left) > _number(right),
    }
    return bool(tests[kind]())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
