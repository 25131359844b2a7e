"""Installs plugins for one bot process alone, without touching the environment that the tests run in."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frontdesk_sandbox.house import PLUGINS


class Packages:
    """A folder in front of the bot's import path, with packages and their metadata.

    Args:
        folder: a new one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self.names: list[str] = []

    @property
    def environ(self) -> Mapping[str, str]:
        """What the bot's environment needs."""
        return {"PYTHONPATH": str(self._folder)}

    @property
    def with_the_house(self) -> dict[str, Any]:
        """All of Frontdesk's own plugins, and these."""
        return {**PLUGINS, **dict.fromkeys(self.names, True)}

    def write(self, name: str, source: str) -> None:
        """Make a distribution with one module, and a plugin class ``It`` in it."""
        (self._folder / f"plugin_{name}.py").write_text(source, encoding="utf-8")
        self._describe(name, f"plugin-{name}", "1.0", f"plugin_{name}:It")

    def link(self, project: Path) -> None:
        """Install a project's packages as they lie there, as an editable install would."""
        with (project / "pyproject.toml").open("rb") as file:
            described = tomllib.load(file)["project"]
        for package in project.glob("*/__init__.py"):
            (self._folder / package.parent.name).symlink_to(package.parent.resolve())
        for name, target in described["entry-points"]["frontdesk.plugins"].items():
            self._describe(name, described["name"], described["version"], target)

    def _describe(self, name: str, distribution: str, version: str, target: str) -> None:
        info = self._folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[frontdesk.plugins]\n{name} = {target}\n")
        self.names.append(name)
