"""Frontdesk: the front desk of a brand's Discord server, made of plugins.

This is the public API. A plugin imports names from here and from nowhere deeper.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frontdesk.bot_file import set_in_bot_file as set_in_bot_file
    from frontdesk.check import Check as Check
    from frontdesk.check import CheckState as CheckState
    from frontdesk.contributions import Command as Command
    from frontdesk.contributions import Component as Component
    from frontdesk.contributions import Listener as Listener
    from frontdesk.contributions import Modal as Modal
    from frontdesk.contributions import PeriodicTask as PeriodicTask
    from frontdesk.desk import Desk as Desk
    from frontdesk.discord_calls import SHORTLY as SHORTLY
    from frontdesk.discord_calls import UPLOADING as UPLOADING
    from frontdesk.discord_calls import asking_discord as asking_discord
    from frontdesk.discord_calls import discord_answer as discord_answer
    from frontdesk.discord_calls import find_own_message as find_own_message
    from frontdesk.drafts import Drafts as Drafts
    from frontdesk.errors import FrontdeskError as FrontdeskError
    from frontdesk.errors import SettingsError as SettingsError
    from frontdesk.errors import StartError as StartError
    from frontdesk.fetch import Fetched as Fetched
    from frontdesk.fetch import FetchError as FetchError
    from frontdesk.hooks import NoAnswerError as NoAnswerError
    from frontdesk.hooks import contributes as contributes
    from frontdesk.hooks import first as first
    from frontdesk.hooks import gather as gather
    from frontdesk.hooks import hookimpl as hookimpl
    from frontdesk.hooks import tells as tells
    from frontdesk.hookspecs import announcement_published as announcement_published
    from frontdesk.hookspecs import answer_question as answer_question
    from frontdesk.hookspecs import case_changed as case_changed
    from frontdesk.hookspecs import case_opened as case_opened
    from frontdesk.hookspecs import handoff_changed as handoff_changed
    from frontdesk.hookspecs import message_changed as message_changed
    from frontdesk.hookspecs import message_relayed as message_relayed
    from frontdesk.hookspecs import open_case as open_case
    from frontdesk.hookspecs import rating_given as rating_given
    from frontdesk.hookspecs import read_file as read_file
    from frontdesk.hookspecs import register_checks as register_checks
    from frontdesk.hookspecs import register_commands as register_commands
    from frontdesk.hookspecs import register_components as register_components
    from frontdesk.hookspecs import register_deliveries as register_deliveries
    from frontdesk.hookspecs import register_listeners as register_listeners
    from frontdesk.hookspecs import register_routes as register_routes
    from frontdesk.hookspecs import register_tasks as register_tasks
    from frontdesk.hookspecs import relay_answer as relay_answer
    from frontdesk.hookspecs import start as start
    from frontdesk.hookspecs import stop as stop
    from frontdesk.hookspecs import suggest_articles as suggest_articles
    from frontdesk.hours import OpeningHours as OpeningHours
    from frontdesk.intake import Handed as Handed
    from frontdesk.intake import Intake as Intake
    from frontdesk.intents import OptionalIntents as OptionalIntents
    from frontdesk.interactions import ComponentContext as ComponentContext
    from frontdesk.interactions import Declined as Declined
    from frontdesk.interactions import ModalContext as ModalContext
    from frontdesk.journal import Delivery as Delivery
    from frontdesk.journal import Entry as Entry
    from frontdesk.journal import Journal as Journal
    from frontdesk.journal import Receipt as Receipt
    from frontdesk.journal import Refused as Refused
    from frontdesk.journal import Retry as Retry
    from frontdesk.journal import State as State
    from frontdesk.model import Announcement as Announcement
    from frontdesk.model import Answer as Answer
    from frontdesk.model import Article as Article
    from frontdesk.model import Case as Case
    from frontdesk.model import CaseChange as CaseChange
    from frontdesk.model import CaseFile as CaseFile
    from frontdesk.model import CaseRequest as CaseRequest
    from frontdesk.model import CaseStatus as CaseStatus
    from frontdesk.model import ChangedMessage as ChangedMessage
    from frontdesk.model import Handoff as Handoff
    from frontdesk.model import HandoffState as HandoffState
    from frontdesk.model import Line as Line
    from frontdesk.model import Person as Person
    from frontdesk.model import Question as Question
    from frontdesk.model import Rating as Rating
    from frontdesk.model import Relayed as Relayed
    from frontdesk.model import RelayedMessage as RelayedMessage
    from frontdesk.model import RelayState as RelayState
    from frontdesk.model import Speaker as Speaker
    from frontdesk.model import StaffAnswer as StaffAnswer
    from frontdesk.pages import Pages as Pages
    from frontdesk.people import person_of as person_of
    from frontdesk.posts import FILE_LIMIT as FILE_LIMIT
    from frontdesk.posts import AttachedFile as AttachedFile
    from frontdesk.posts import Post as Post
    from frontdesk.posts import PostDelivery as PostDelivery
    from frontdesk.posts import find_channel as find_channel
    from frontdesk.posts import message_link as message_link
    from frontdesk.posts import new_post as new_post
    from frontdesk.posts import outcomes as outcomes
    from frontdesk.posts import shortened as shortened
    from frontdesk.posts import without_masked_links as without_masked_links
    from frontdesk.prepared import Prepared as Prepared
    from frontdesk.security import TwilioRequest as TwilioRequest
    from frontdesk.settings import Settings as Settings
    from frontdesk.settings import SettingsTable as SettingsTable
    from frontdesk.settings import TwilioTable as TwilioTable
    from frontdesk.settings import load_settings as load_settings
    from frontdesk.settings import plugin_settings as plugin_settings
    from frontdesk.split import DISCORD_LIMIT as DISCORD_LIMIT
    from frontdesk.split import split_text as split_text
    from frontdesk.staff import Role as Role
    from frontdesk.staff import Staff as Staff
    from frontdesk.staff_commands import find_staff as find_staff
    from frontdesk.staff_commands import role_of as role_of
    from frontdesk.staff_commands import staff_member as staff_member
    from frontdesk.staff_door import StaffDoor as StaffDoor
    from frontdesk.store import Store as Store
    from frontdesk.store import StoreUnavailable as StoreUnavailable
    from frontdesk.store import Tables as Tables
    from frontdesk.tables import BigId as BigId
    from frontdesk.tables import Utc as Utc
    from frontdesk.twilio import Twilio as Twilio
    from frontdesk.twilio import TwilioError as TwilioError
    from frontdesk.uploads import UploadRoute as UploadRoute
    from frontdesk.words import Say as Say

_MODULES = {
    "bot_file": ("set_in_bot_file",),
    "check": ("Check", "CheckState"),
    "contributions": ("Command", "Component", "Listener", "Modal", "PeriodicTask"),
    "desk": ("Desk",),
    "discord_calls": ("SHORTLY", "UPLOADING", "asking_discord", "discord_answer", "find_own_message"),
    "drafts": ("Drafts",),
    "errors": ("FrontdeskError", "SettingsError", "StartError"),
    "fetch": ("FetchError", "Fetched"),
    "hooks": ("NoAnswerError", "contributes", "first", "gather", "hookimpl", "tells"),
    "hookspecs": (
        "announcement_published", "answer_question", "case_changed", "case_opened", "handoff_changed",
        "message_changed", "message_relayed", "open_case", "rating_given", "read_file", "register_checks",
        "register_commands", "register_components", "register_deliveries", "register_listeners", "register_routes",
        "register_tasks", "relay_answer", "start", "stop", "suggest_articles",
    ),
    "hours": ("OpeningHours",),
    "intake": ("Handed", "Intake"),
    "intents": ("OptionalIntents",),
    "interactions": ("ComponentContext", "Declined", "ModalContext"),
    "journal": ("Delivery", "Entry", "Journal", "Receipt", "Refused", "Retry", "State"),
    "model": (
        "Announcement", "Answer", "Article", "Case", "CaseChange", "CaseFile", "CaseRequest", "CaseStatus",
        "ChangedMessage", "Handoff", "HandoffState", "Line", "Person", "Question", "Rating", "RelayState", "Relayed",
        "RelayedMessage", "Speaker", "StaffAnswer",
    ),
    "pages": ("Pages",),
    "people": ("person_of",),
    "posts": (
        "FILE_LIMIT", "AttachedFile", "Post", "PostDelivery", "find_channel", "message_link",
        "new_post", "outcomes", "shortened", "without_masked_links",
    ),
    "prepared": ("Prepared",),
    "security": ("TwilioRequest",),
    "settings": ("Settings", "SettingsTable", "TwilioTable", "load_settings", "plugin_settings"),
    "split": ("DISCORD_LIMIT", "split_text"),
    "staff": ("Role", "Staff"),
    "staff_commands": ("find_staff", "role_of", "staff_member"),
    "staff_door": ("StaffDoor",),
    "store": ("Store", "StoreUnavailable", "Tables"),
    "tables": ("BigId", "Utc"),
    "twilio": ("Twilio", "TwilioError"),
    "uploads": ("UploadRoute",),
    "words": ("Say",),
}  # fmt: skip
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605  # a test compares it with the imports above


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``frontdesk --help`` must not wait for hikari."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
