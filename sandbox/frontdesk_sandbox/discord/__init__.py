"""A loopback Discord: gateway, REST and people who chat, in the process of the test or the demonstration."""

from frontdesk_sandbox.discord.errors import ApiError, RefusedError
from frontdesk_sandbox.discord.interactions import Interaction, Stage
from frontdesk_sandbox.discord.loopback import LoopbackDiscord
from frontdesk_sandbox.discord.member import Member
from frontdesk_sandbox.discord.model import Channel, ChannelKind, File, Guild, Message, Overwrite, Role, User
from frontdesk_sandbox.discord.permissions import Permission
from frontdesk_sandbox.discord.rest.app import Exchange
from frontdesk_sandbox.discord.world import World

__all__ = [
    "ApiError",
    "Channel",
    "ChannelKind",
    "Exchange",
    "File",
    "Guild",
    "Interaction",
    "LoopbackDiscord",
    "Member",
    "Message",
    "Overwrite",
    "Permission",
    "RefusedError",
    "Role",
    "Stage",
    "User",
    "World",
]
