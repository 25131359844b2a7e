"""Fixtures of the journeys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from frontdesk_sandbox.house import PLUGINS
from frontdesk_sandbox.pytest_plugin import OpenDesk, TestDesk

from tests.journeys.packages import Packages


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    """A folder for plugins of the test's own; the test's process sees their metadata too, for ``frontdesk flex``."""
    made = Packages(tmp_path / "packages")
    monkeypatch.syspath_prepend(made.environ["PYTHONPATH"])
    return made


@pytest.fixture
def routing(request: pytest.FixtureRequest) -> str:
    """The way to Flex of every desk in this test: ``"studio"``, unless the test is run in both (see routings.py)."""
    return str(getattr(request, "param", "studio"))


@pytest.fixture
def open_desk(open_desk: OpenDesk, routing: str) -> OpenDesk:
    """Start bots by hand, whose helpdesks have the test's routing."""

    async def open_one(
        *, plugins: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None, **more: Any
    ) -> TestDesk:
        tables = dict(settings or {})
        if "plugins" in tables:
            tables["plugins"] = _routed(tables["plugins"], routing)
        return await open_desk(
            plugins=_routed(PLUGINS if plugins is None else plugins, routing), settings=tables, **more
        )

    return open_one


def _routed(plugins: Mapping[str, Any], routing: str) -> Mapping[str, Any]:
    """Give plugins whose helpdesk, if it is among them, has this routing."""
    own = plugins.get("helpdesk")
    if not own or routing == "studio":
        return plugins
    return {**plugins, "helpdesk": {**(own if isinstance(own, Mapping) else {}), "routing": routing}}
