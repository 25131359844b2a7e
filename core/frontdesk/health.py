"""How every part of a running bot is doing, as /health tells it."""

from dataclasses import dataclass
from enum import Enum


class PartState(Enum):
    """What can be said of one part."""

    UP = "up"
    DEGRADED = "degraded"  # works, but not as it should
    DOWN = "down"
    OFF = "off"  # on purpose: not set up, or switched off


@dataclass(frozen=True)
class Part:
    """One part, or one plugin.

    Args:
        name: its name.
        state: how it is.
        detail: one sentence for the owner, without secrets: everybody can read it.
        vital: whether the bot is of no use without it.
    """

    name: str
    state: PartState
    detail: str = ""
    vital: bool = False

    def as_json(self) -> dict[str, str]:
        """The part as /health shows it."""
        return {"state": self.state.value} | ({"detail": self.detail} if self.detail else {})


@dataclass(frozen=True)
class Health:
    """All parts and all plugins."""

    parts: tuple[Part, ...]
    plugins: tuple[Part, ...] = ()

    @property
    def state(self) -> PartState:
        """Down when a vital part is down, degraded when anything else is not well."""
        if any(part.vital and part.state is PartState.DOWN for part in self.parts):
            return PartState.DOWN
        unwell = (PartState.DOWN, PartState.DEGRADED)
        if any(part.state in unwell for part in (*self.parts, *self.plugins)):
            return PartState.DEGRADED
        return PartState.UP

    def as_json(self) -> dict[str, object]:
        """The body of /health."""
        return {
            "state": self.state.value,
            "parts": {part.name: part.as_json() for part in self.parts},
            "plugins": {plugin.name: plugin.as_json() for plugin in self.plugins},
        }
