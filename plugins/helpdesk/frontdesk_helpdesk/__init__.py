"""The helpdesk: a member's direct messages, the virtual agent, and live agents in Twilio Flex, in one conversation."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import hikari
from frontdesk import (
    Check,
    Command,
    Component,
    Delivery,
    Desk,
    Listener,
    Modal,
    OptionalIntents,
    PeriodicTask,
    Relayed,
    StaffAnswer,
    hookimpl,
    read_file,
    register_checks,
    register_commands,
    register_components,
    register_deliveries,
    register_listeners,
    register_routes,
    register_tasks,
    relay_answer,
    start,
    stop,
)
from starlette.routing import BaseRoute

from frontdesk_helpdesk.admission import Admissions
from frontdesk_helpdesk.attendance import Attendance
from frontdesk_helpdesk.brake import Brake
from frontdesk_helpdesk.bridge import Bridge
from frontdesk_helpdesk.cabinet import Cabinet
from frontdesk_helpdesk.changes import Changes
from frontdesk_helpdesk.checks import flex_checks
from frontdesk_helpdesk.commands import ask_command, helpme_command
from frontdesk_helpdesk.direct import BEGIN, SERVER, DirectMessages
from frontdesk_helpdesk.discord_reader import DiscordReader
from frontdesk_helpdesk.edits import Edits
from frontdesk_helpdesk.entry import CATEGORY, ENTER, FORM, Entrance
from frontdesk_helpdesk.fallback import CloseThreadDelivery, can_read_threads
from frontdesk_helpdesk.file_routes import FileRoutes
from frontdesk_helpdesk.follow import DiscordChange, KeepDelivery, TwilioChange
from frontdesk_helpdesk.marks import Marks
from frontdesk_helpdesk.moderation import helpdesk_commands
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.outage import Outage, Watched
from frontdesk_helpdesk.outbox import Button, Kind, Outbox
from frontdesk_helpdesk.presence import Presence
from frontdesk_helpdesk.progress import Progress
from frontdesk_helpdesk.queue import Line, QueueNewsDelivery
from frontdesk_helpdesk.rating import Ratings
from frontdesk_helpdesk.rating_buttons import RatingButtons
from frontdesk_helpdesk.reactions import ReactionDelivery
from frontdesk_helpdesk.reopening import Reopening
from frontdesk_helpdesk.routes import Callbacks
from frontdesk_helpdesk.settings import HelpdeskSettings
from frontdesk_helpdesk.staff_answers import StaffAnswers
from frontdesk_helpdesk.tables import TABLES
from frontdesk_helpdesk.to_discord import AnswerDelivery, MessageDelivery
from frontdesk_helpdesk.to_flex import (
    AfterLeftDelivery,
    AttachStudioDelivery,
    BriefingDelivery,
    DetachStudioDelivery,
    HandOverDelivery,
    TaskAttributesDelivery,
    WhoCameDelivery,
    WithdrawDelivery,
)
from frontdesk_helpdesk.to_twilio import CaseDelivery, LineDelivery, OpenDelivery
from frontdesk_helpdesk.transcript_command import Transcripts, transcript_command
from frontdesk_helpdesk.turns import Turns
from frontdesk_helpdesk.twilio_reader import TwilioReader

_A_ROUND = timedelta(hours=1)  # with thousands of open conversations; see rounds.py


class Helpdesk:
    """/helpme, the bridge to Twilio, and the handoff."""

    api = "1.0"
    Settings = HelpdeskSettings
    tables = TABLES
    intents = hikari.Intents.GUILDS | hikari.Intents.DM_MESSAGES | hikari.Intents.DM_MESSAGE_REACTIONS

    @staticmethod
    def optional_intents(settings: HelpdeskSettings) -> OptionalIntents | None:
        """Read messages in servers only where conversations may go on in private threads: it is a privilege."""
        if settings.fallback != "thread":
            return None
        return OptionalIntents(
            hikari.Intents.GUILD_MESSAGES | hikari.Intents.MESSAGE_CONTENT | hikari.Intents.GUILD_MESSAGE_REACTIONS,
            "explains how to open direct messages that are closed, and opens no private thread",
        )

    def __init__(self, desk: Desk[HelpdeskSettings]) -> None:
        self._desk = desk
        self._outbox = Outbox(desk.journal, to_twilio=desk.twilio is not None)
        self._outage = Outage(desk, self._outbox)
        self._teller = Teller(desk)
        self._bridge = Bridge(desk, self._outbox, Progress(desk, self._outbox, self._teller), self._outage)
        self._line = Line(desk, self._bridge, self._outbox)
        self._attendance = Attendance(desk, self._bridge, self._outbox)
        self._cabinet = Cabinet(desk)
        edits, marks, turns = Edits(desk, self._outbox, self._teller), Marks(desk, self._outbox), Turns()
        self._twilio = TwilioReader(desk, self._bridge, edits)
        self._discord = DiscordReader(desk, self._bridge, edits, marks)
        self._changes = Changes(desk, edits, marks, self._discord, turns)
        self._admissions = Admissions(desk, self._bridge, self._outbox, self._discord)
        self._entrance = Entrance(desk, self._bridge, self._admissions)
        self._reopening = Reopening(desk, self._bridge, self._outbox, self._discord, self._entrance)
        self._direct = DirectMessages(
            desk, self._bridge, self._discord, self._entrance, self._admissions,
            reopening=self._reopening, turns=turns, presence=Presence(desk),
        )  # fmt: skip
        self._ratings = RatingButtons(desk, Ratings(desk, self._teller))
        self._transcripts = Transcripts(desk)
        self._staff_answers = StaffAnswers(desk, self._outbox)

    @hookimpl(register_commands)
    def register_commands(self) -> Iterable[Command]:
        """Add /helpme, the message command, /transcript, and /helpdesk for moderators."""
        return [
            helpme_command(self._desk, self._entrance),
            ask_command(self._desk, self._entrance),
            transcript_command(self._desk, self._transcripts),
            helpdesk_commands(self._desk),
        ]

    @hookimpl(register_components)
    def register_components(self) -> Iterable[Component | Modal]:
        """Answer the buttons, menus and forms."""
        return [
            Component(Button.TALK.value, self._entrance.talk),
            Component(Button.CANCEL.value, self._entrance.cancel),
            Component(ENTER, self._entrance.entered),
            Component(CATEGORY, self._entrance.chose_category),
            Modal(FORM, self._entrance.sent_form),
            Component(SERVER, self._direct.chose_server),
            Component(BEGIN, self._direct.began),
            Component(Button.CONTINUE.value, self._reopening.pressed),
            Component(Button.TRANSCRIPT.value, self._transcripts.pressed),
            *self._ratings.components(),
        ]

    @hookimpl(register_listeners)
    def register_listeners(self) -> Iterable[Listener]:
        """Hear direct messages, private threads, what becomes of messages, and new sessions of the gateway."""
        heard = [
            Listener(hikari.DMMessageCreateEvent, self._direct.wrote),
            Listener(hikari.DMMessageUpdateEvent, self._changes.edited),
            Listener(hikari.DMMessageDeleteEvent, self._changes.deleted),
            Listener(hikari.DMReactionAddEvent, self._changes.reacted),
            Listener(hikari.DMReactionDeleteEvent, self._changes.reacted),
            Listener(hikari.ShardReadyEvent, self._direct.new_session),
        ]
        if can_read_threads(self._desk.bot):
            heard += [
                Listener(hikari.GuildMessageCreateEvent, self._direct.wrote_in_thread),
                Listener(hikari.GuildMessageUpdateEvent, self._changes.edited),
                Listener(hikari.GuildMessageDeleteEvent, self._changes.deleted),
                Listener(hikari.GuildReactionAddEvent, self._changes.reacted),
                Listener(hikari.GuildReactionDeleteEvent, self._changes.reacted),
            ]
        return heard

    @hookimpl(register_routes)
    def register_routes(self) -> Iterable[BaseRoute]:
        """Add Twilio's callbacks, and the copies of files."""
        callbacks = Callbacks(self._desk, self._bridge, self._line, self._twilio)
        return [*callbacks.routes(), *FileRoutes(self._desk, self._cabinet).routes()]

    @hookimpl(register_deliveries)
    def register_deliveries(self) -> Mapping[str, Delivery]:
        """Say how entries reach both sides."""
        desk, bridge, brake = self._desk, self._bridge, Brake(self._desk, self._outbox)
        to_twilio: dict[Kind, Delivery] = {
            Kind.OPEN: OpenDelivery(desk, bridge),
            Kind.TO_TWILIO: LineDelivery(desk, bridge, self._cabinet, brake),
            Kind.REACTION: ReactionDelivery(desk, bridge, self._cabinet, brake),
            Kind.CHANGE_IN_TWILIO: TwilioChange(desk, bridge, brake),
            Kind.BRIEFING: BriefingDelivery(desk, bridge, self._cabinet, brake),
            Kind.TASK_ATTRIBUTES: TaskAttributesDelivery(desk, bridge),
            Kind.HAND_OVER: HandOverDelivery(desk, bridge),
            Kind.DETACH_STUDIO: DetachStudioDelivery(desk, bridge),
            Kind.ATTACH_STUDIO: AttachStudioDelivery(desk, bridge),
            Kind.WITHDRAW: WithdrawDelivery(desk, bridge),
            Kind.WHO_CAME: WhoCameDelivery(desk, bridge),
            Kind.AFTER_LEFT: AfterLeftDelivery(desk, bridge, self._twilio),
            Kind.QUEUE_NEWS: QueueNewsDelivery(desk, bridge, self._line),
        }
        return {
            **{kind: Watched(delivery, self._outage, desk) for kind, delivery in to_twilio.items()},
            Kind.CASE: CaseDelivery(desk, bridge),
            Kind.TO_DISCORD: MessageDelivery(desk, bridge, self._cabinet, self._teller),
            Kind.CHANGE_IN_DISCORD: DiscordChange(desk, bridge),
            Kind.KEEP: KeepDelivery(desk, self._cabinet),
            Kind.CLOSE_THREAD: CloseThreadDelivery(desk),
            Kind.ENTER: self._admissions,
            Kind.ANSWER: AnswerDelivery(desk, bridge, brake),
        }

    @hookimpl(register_tasks)
    def register_tasks(self) -> Iterable[PeriodicTask]:
        """Look at what no webhook tells, or what one may have failed to tell; tidy up."""
        settings = self._desk.settings
        return [
            PeriodicTask(
                "compare conversations with Twilio",
                timedelta(seconds=settings.reconcile_seconds),
                self._twilio.read_all,
                deadline=_A_ROUND,
            ),
            PeriodicTask(
                "read direct messages that could not be read before",
                timedelta(seconds=settings.reconcile_seconds),
                self._discord.read_all,
            ),
            PeriodicTask(
                "take in direct messages that could not be taken in before",
                timedelta(seconds=settings.reconcile_seconds),
                self._direct.try_again,
            ),
            PeriodicTask("look at the queue", timedelta(seconds=settings.queue.news_seconds), self._line.look),
            PeriodicTask(
                "look who has left the server",
                timedelta(seconds=settings.presence_seconds),
                self._attendance.look,
                deadline=_A_ROUND,
            ),
            PeriodicTask("forget news that was told", timedelta(seconds=1), self._teller.forget),
            PeriodicTask("tell news that is left", timedelta(minutes=1), self._teller.look),
            PeriodicTask("remove old files", timedelta(hours=6), self._cabinet.sweep),
            PeriodicTask("forget unfinished forms", timedelta(hours=1), self._direct.forget_unfinished),
        ]

    @hookimpl(register_checks)
    def register_checks(self) -> Iterable[Check]:
        """Say whether Flex is set up."""
        return flex_checks(
            self._desk.services.twilio_settings,
            has_account=self._desk.twilio is not None,
            through_studio=self._desk.settings.routing == "studio",
        )

    @hookimpl(read_file)
    async def read_file(self, url: str) -> bytes | None:
        """Give our copy of a conversation's file."""
        return await self._cabinet.behind(url)

    @hookimpl(relay_answer)
    async def relay_answer(self, answer: StaffAnswer) -> Relayed | None:
        """Take an answer that was written on a case into the open conversation."""
        return await self._staff_answers.take_in(answer)

    @hookimpl(start)
    async def start(self) -> None:
        """Tell what a killed bot has left, and read what was missed while the bot was off."""
        await self._teller.start()
        self._desk.create_task(self._discord.read_all(), name="read direct messages")

    @hookimpl(stop)
    async def stop(self) -> None:
        """Let the other plugins hear what they are being told."""
        await self._teller.stop()
