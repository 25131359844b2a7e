"""Running a journey through both ways to Flex."""

from collections.abc import Callable
from typing import Any

import pytest
from frontdesk_sandbox.house import PLUGINS

QUICK = {"reconcile_seconds": 1, "presence_seconds": 1, "queue": {"news_seconds": 1}}


def helpdesk(**settings: Any) -> dict[str, Any]:
    """Give the plugins of a desk whose helpdesk has these settings."""
    return {**PLUGINS, "helpdesk": settings}


ROUTINGS = pytest.mark.parametrize("routing", ["studio", "direct"], indirect=True)
"""Runs a test, or all of a module, in both routings, with whatever settings it has."""


def in_both_routings(**settings: Any) -> Callable[..., Any]:
    """Run a test with routing = "studio" and with routing = "direct"."""
    return pytest.mark.parametrize(
        "routing",
        [
            pytest.param(routing, marks=pytest.mark.desk(plugins=helpdesk(routing=routing, **settings)))
            for routing in ("studio", "direct")
        ],
    )
