"""A loopback Twilio: Conversations, Flex, TaskRouter, Studio and sign-in, over HTTP and in process."""

from .agent import Agent
from .app import Exchange, LoopbackTwilio
from .faults import Faults, HookFault, RestFault, Rule
from .webhooks import Delivery
from .world import World

__all__ = [
    "Agent",
    "Delivery",
    "Exchange",
    "Faults",
    "HookFault",
    "LoopbackTwilio",
    "RestFault",
    "Rule",
    "World",
]
