"""What a plugin hands to the core through the ``register_*`` hooks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import hikari
import lightbulb

if TYPE_CHECKING:
    from frontdesk.interactions import ComponentContext, ModalContext

Command: TypeAlias = type[lightbulb.CommandBase] | lightbulb.Group
"""A lightbulb command class or a group of them."""


@dataclass(frozen=True, slots=True)
class Component:
    """What to do when a button or select menu of this plugin is used, also one posted before a restart.

    Args:
        action: the second part of its custom_id ``"<plugin>:<action>:<data>"``; see `Desk.custom_id`.
        handle: called with the interaction and the data.
    """

    action: str
    handle: Callable[["ComponentContext"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Modal:
    """What to do when a modal of this plugin is submitted.

    Args:
        action: the second part of its custom_id ``"<plugin>:<action>:<data>"``; see `Desk.custom_id`.
        handle: called with the interaction, the data and the fields.
    """

    action: str
    handle: Callable[["ModalContext"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A Discord gateway event that the plugin wants to hear.

    Args:
        event: hikari's event type.
        handle: called with each such event; what it raises is logged and harms nobody else.
    """

    event: type[hikari.Event]
    handle: Callable[[Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """Background work of a plugin, run again and again until the bot stops.

    Args:
        name: shown in logs and in /health.
        every: the pause between the end of one run and the start of the next.
        run: one run; what it raises is logged and told by /health, and the next run comes all the same.
        deadline: after this a run is cancelled.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]
    deadline: timedelta = timedelta(minutes=5)
