"""Every hook: what a plugin can contribute, be asked, and be told.

``register_*`` contributes, once, at start. A verb asks: `first` takes the first answer that is not None, `gather`
takes them all. A past participle tells. Arguments go by name; an implementation may declare only those it needs,
and ``**_: object``.
"""

from collections.abc import Iterable, Mapping

from starlette.routing import BaseRoute

from frontdesk.check import Check
from frontdesk.contributions import Command, Component, Listener, Modal, PeriodicTask
from frontdesk.hooks import contributes, first, gather, lifecycle, tells
from frontdesk.journal import Delivery
from frontdesk.model import (
    Announcement,
    Answer,
    Article,
    Case,
    CaseChange,
    CaseRequest,
    ChangedMessage,
    Handoff,
    Question,
    Rating,
    Relayed,
    RelayedMessage,
    StaffAnswer,
)

# Contributions


@contributes(since="0.1")
def register_commands() -> Iterable[Command]:  # type: ignore[empty-body]  # a declaration
    """Add slash commands, message commands and groups.

    Returns:
        lightbulb's command classes, made in a function so that two bots in one process do not share them.
    """


@contributes(since="0.1")
def register_components() -> Iterable[Component | Modal]:  # type: ignore[empty-body]  # a declaration
    """Say what happens when the plugin's buttons and select menus are used, and its modals submitted.

    Returns:
        One entry an action; see `Desk.custom_id`.
    """


@contributes(since="0.1")
def register_listeners() -> Iterable[Listener]:  # type: ignore[empty-body]  # a declaration
    """Listen to Discord's gateway events; the plugin class names the intents they need in ``intents``.

    Returns:
        Pairs of an event type and what to do.
    """


@contributes(since="0.1")
def register_routes() -> Iterable[BaseRoute]:  # type: ignore[empty-body]  # a declaration
    """Add pages and webhooks under ``/<plugin>/``.

    Returns:
        Starlette routes, with paths relative to the plugin's.
    """


@contributes(since="0.1")
def register_deliveries() -> Mapping[str, Delivery]:  # type: ignore[empty-body]  # a declaration
    """Say how the plugin's journal entries reach the other side.

    Returns:
        Deliveries by kind; each kind begins with ``"<plugin>."``.
    """


@contributes(since="0.1")
def register_tasks() -> Iterable[PeriodicTask]:  # type: ignore[empty-body]  # a declaration
    """Do something again and again in the background.

    Returns:
        The tasks; they start when the bot is ready and are cancelled when it stops.
    """


@contributes(since="0.1")
def register_checks() -> Iterable[Check]:  # type: ignore[empty-body]  # a declaration
    """Add lines to ``frontdesk check``.

    Returns:
        What is in order, what is not, and how to mend it; quick, from the settings alone.
    """


# Lifecycle


@lifecycle(since="0.1", deadline=20.0)
async def start() -> None:
    """Get ready: Discord can be reached and the tables are there. Raising withdraws the plugin."""


@lifecycle(since="0.1", deadline=3.0)
async def stop() -> None:
    """Let go of what `start` took; called in reverse order."""


# Questions


@first(since="0.1", deadline=10.0)
async def open_case(*, request: CaseRequest) -> Case | None:
    """Open a case for something that needs following up.

    Args:
        request: what it is about; asking again with the same key gives the same case.

    Returns:
        The case, or None if this plugin keeps none.
    """


@first(since="0.1", deadline=10.0)
async def answer_question(*, question: Question) -> Answer | None:
    """Answer a person's question.

    Args:
        question: what they want to know.

    Returns:
        The answer, or None if this plugin has nothing to say.
    """


@gather(since="0.1", deadline=5.0)
async def suggest_articles(*, question: Question) -> list[Article] | None:
    """Name articles that could help with a question.

    Args:
        question: what the person wants to know.

    Returns:
        Articles, best first, or None.
    """


@first(since="0.1", deadline=10.0)
async def relay_answer(*, answer: StaffAnswer) -> Relayed | None:
    """Take an answer into an open conversation: to the member, and into the transcript that agents see.

    Args:
        answer: what staff wrote elsewhere; asking again with the same key relays it once, and tells how it stands then.

    Returns:
        What has become of it; while it is under way, ask again later. None if no such conversation is open here.
    """


@first(since="0.1", deadline=50.0)
async def read_file(*, url: str) -> bytes | None:
    """Give the content of a file that one of the plugin's own addresses leads to, so that nobody has to fetch it.

    Args:
        url: as it was given to others, such as in a `CaseFile`.

    Returns:
        The content; None if the address is none of this plugin's, or the file cannot be had any more.
    """


# News
#
# Everyone is told once all is stored. What the helpdesk tells (`handoff_changed`, `message_relayed`, `message_changed`,
# `rating_given`) is kept until all have been called, so a bot that is killed tells it again: whoever must not count it
# twice goes by its key. It is told again, too, to everybody, where somebody failed because the database was away; who
# fails otherwise, or takes longer than the deadline, has been told: that is in the log.


@tells(since="0.1")
async def case_opened(*, case: Case) -> None:
    """A case was opened.

    Args:
        case: as it was stored.
    """


@tells(since="0.1")
async def case_changed(*, case: Case, change: CaseChange) -> None:
    """A case was changed.

    Args:
        case: as it is now.
        change: what changed, and by whom.
    """


@tells(since="0.1")
async def handoff_changed(*, handoff: Handoff) -> None:
    """A conversation went from the virtual agent towards a live one, or back; told again after a crash.

    Args:
        handoff: the state that was entered, on evidence; its key is the same each time.
    """


@tells(since="0.1")
async def message_relayed(*, message: RelayedMessage) -> None:
    """A line of a conversation reached the other side; told again after a crash.

    That a line of a live agent never did is told by a line of the desk itself, whose speaker is the virtual agent.

    Args:
        message: what was said, by whom; its key is the same each time.
    """


@tells(since="0.1")
async def message_changed(*, message: ChangedMessage) -> None:
    """A line of a conversation was changed or taken back by its speaker; told again after a crash.

    It may be told of a line that has not reached the other side yet.

    Args:
        message: what it says now, and what it said before; its key is the same each time.
    """


@tells(since="0.1")
async def rating_given(*, rating: Rating) -> None:
    """A member rated a conversation that has ended, or changed the rating or its comment; told again after a crash.

    Args:
        rating: as it is then; its key is the same each time.
    """


@tells(since="0.1")
async def announcement_published(*, announcement: Announcement) -> None:
    """Official news was posted into an announcements channel.

    Args:
        announcement: what was posted, and where.
    """
