"""The [plugins.helpdesk] table of bot.toml."""

from typing import ClassVar, Literal

from frontdesk import SettingsTable
from pydantic import Field

from frontdesk_helpdesk.eligibility import EligibilitySettings
from frontdesk_helpdesk.ending import EndingSettings
from frontdesk_helpdesk.hours import Hours
from frontdesk_helpdesk.questions import Categories, Questions
from frontdesk_helpdesk.relay import RelaySettings


class Queue(SettingsTable):
    """[plugins.helpdesk.queue]: what a member meets who waits for a person.

    Args:
        minutes: after which a task that nobody took is given up; the member is told, the case stays.
        news_seconds: how often the queue is looked at for members who wait, in seconds.
        handover_seconds: after which a request for which Flex has no task counts as failed, as with a Studio flow that
            is paused or sends nobody; the member is told, the case stays.
        nobody_free: with no agent available, members ``"wait"`` nevertheless, or their request becomes a ``"case"``.
        after_agent_left: when an agent leaves without ending the chat, the ``"bot"`` speaks again, or the member is
            put back into the ``"queue"``.
    """

    whole_bot: ClassVar[frozenset[str]] = frozenset({"minutes", "news_seconds", "handover_seconds"})

    minutes: int = Field(default=60, ge=1, le=1440)
    news_seconds: float = Field(default=60.0, ge=1, le=3600)
    handover_seconds: float = Field(default=300.0, ge=1, le=86400)
    nobody_free: Literal["wait", "case"] = "wait"
    after_agent_left: Literal["bot", "queue"] = "bot"


class HelpdeskSettings(SettingsTable):
    """How the helpdesk is entered, how it answers, and how often it looks for what it missed.

    Args:
        suggest: how many articles are named under an answer.
        reconcile_seconds: how often open conversations are compared with Twilio, in seconds: Twilio never repeats a
            webhook that failed. As often, direct messages that could not be read are tried again. Where many are open,
            a round takes longer: with a minute, four are compared in a second.
        channel: the customer-service channel, by its name or id; private threads are made in it.
        open_by_message: whether a plain direct message to the bot opens a conversation.
        fallback: what happens where a member's direct messages are closed: ``"thread"``, the conversation moves to a
            private thread in ``channel``; ``"explain"``, they are told how to open them, as they are where the bot may
            not make a thread, or has not been granted the privileged Message Content Intent to read it.
        new_dms_a_minute: how many direct message channels with new people are opened in a minute; Discord bars bots
            that open them too fast. Others wait in line.
        new_dms_at_once: how many may be opened without a pause after a quiet time.
        moderators: names or ids of roles that may use /helpdesk, besides who has the permission Manage Messages.
        eligibility: who may open a conversation.
        questions: the form that is shown first, at most 5 fields.
        categories: the menu that is shown before it, at most 25 lines.
        ending: what happens when a conversation has ended.
        relay: how lines and files go from one side to the other.
        presence_seconds: how often the helpdesk looks whether members who wait for a person, or talk to one, are still
            in the server, in seconds.
        quiet_days: days without a word after which Twilio closes a conversation; 0 for never.
        routing: who passes members on to Flex: the ``"studio"`` flow, or the helpdesk itself (``"direct"``).
        task_channel: the unique name of TaskRouter's task channel, by which workers' capacity is counted.
        hours: when somebody is there.
        queue: what waiting is like.
    """

    whole_bot: ClassVar[frozenset[str]] = frozenset(
        {
            "reconcile_seconds",
            "open_by_message",
            "new_dms_a_minute",
            "new_dms_at_once",
            "presence_seconds",
            "routing",
            "task_channel",
        }
    )

    suggest: int = Field(default=3, ge=0, le=5)
    reconcile_seconds: float = Field(default=60.0, ge=1, le=3600)
    channel: int | str = "customer-service"
    open_by_message: bool = True
    fallback: Literal["thread", "explain"] = "thread"
    new_dms_a_minute: float = Field(default=10.0, ge=1, le=600)
    new_dms_at_once: int = Field(default=10, ge=1, le=100)
    moderators: tuple[int | str, ...] = ()
    eligibility: EligibilitySettings = EligibilitySettings()
    questions: Questions = ()
    categories: Categories = ()
    ending: EndingSettings = Field(default_factory=EndingSettings)
    relay: RelaySettings = Field(default_factory=RelaySettings)
    presence_seconds: float = Field(default=120.0, ge=1, le=3600)
    quiet_days: int = Field(default=7, ge=0, le=180)
    routing: Literal["studio", "direct"] = "studio"
    task_channel: str = Field(default="chat", pattern=r"^[A-Za-z0-9_]{1,64}$")
    hours: Hours = Hours()
    queue: Queue = Queue()
