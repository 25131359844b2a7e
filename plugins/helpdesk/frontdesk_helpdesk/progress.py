"""What the signs from Twilio do to a conversation: the state is stored, the member told once, the rest set going.

Each public method that takes no session is one transaction.
"""

from dataclasses import replace

from frontdesk import Desk, HandoffState, Person, Say, open_case
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_helpdesk import conversations, ways
from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.ending import farewell, was_helped
from frontdesk_helpdesk.handoff import (
    BOT_SPEAKS,
    NOT_TAKEN,
    TOLD,
    WAITING,
    WITHOUT_A_CASE,
    AgentSign,
    AnySign,
    Scene,
    Sign,
    TaskSign,
    is_stray,
    is_unasked,
    may_be_gone,
    read,
)
from frontdesk_helpdesk.news import Teller
from frontdesk_helpdesk.outbox import Button, Outbox
from frontdesk_helpdesk.settings import HelpdeskSettings

_AT_FLEX = frozenset({HandoffState.QUEUED, HandoffState.ACCEPTED, HandoffState.ACTIVE, HandoffState.LEFT})
_ENDED = {"TIMER": "conversation-ended-quiet", NOT_TAKEN: "conversation-not-taken"}


class Progress:
    """The handoffs of one bot.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
        teller: tells the other plugins.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox, teller: Teller) -> None:
        self._desk = desk
        self._outbox = outbox
        self.teller = teller

    def say(self, person: Person) -> Say:
        """Give the sentences in a member's language."""
        return self._desk.say(person.locale, person.guild_id)

    def has_case(self, conversation: Conversation) -> bool:
        """Tell whether there is a case for what a member asked for, or will be: a plugin keeps them."""
        return conversation.case is not None or bool(self._desk.hooks.implementations(open_case))

    async def take_in(self, conversation_id: int, sign: AnySign, **details: str | None) -> Conversation | None:
        """Take in a sign; the member is told what has changed, once.

        Args:
            conversation_id: which conversation.
            sign: what Twilio has shown.
            details: see `apply`.

        Returns:
            The conversation as it is now; None if there is none.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None:
                return None
            return await self.apply(session, conversation, sign, **details)

    async def apply(
        self,
        session: AsyncSession,
        conversation: Conversation,
        sign: AnySign,
        *,
        agent: str | None = None,
        reason: str | None = None,
        queue_sid: str | None = None,
        interaction_sid: str | None = None,
        channel_sid: str | None = None,
    ) -> Conversation:
        """Take in a sign as part of a transaction.

        Args:
            session: the transaction.
            conversation: as it is, locked.
            sign: what Twilio has shown.
            agent: the live agent's name as to be shown.
            reason: why, for states that have a reason.
            queue_sid: the TaskQueue of a task.
            interaction_sid: the Interaction of a task.
            channel_sid: its channel.
        """
        before = await ways.scene_of(session, conversation)
        if isinstance(sign, AgentSign) and may_be_gone(before, sign):
            await self._outbox.who_came(session, conversation, sign.sid, identity=sign.identity, name=agent)
            return conversation
        agent = self._desk.settings_for(conversation.person.guild_id).relay.shown_name(agent)
        if isinstance(sign, TaskSign) and conversation.ended_at is None and is_stray(before, sign):
            await self._outbox.withdraw(
                session, conversation, task_sid=sign.sid, interaction_sid=interaction_sid, channel_sid=channel_sid
            )
            return conversation
        after = read(before, sign)
        if after == before:
            return await self._name_agent(session, conversation, sign, agent)
        again = self._desk.settings_for(conversation.person.guild_id).queue.after_agent_left == "queue"
        if sign is Sign.PAUSED and again and after.state is HandoffState.BOT:
            return await self._ask_again(session, conversation)
        unasked = is_unasked(before, after, sign)
        if unasked:
            conversation = await self._count_request(session, conversation)
        if interaction_sid and channel_sid and after.tasks != before.tasks:
            await conversations.change(
                session, conversation.id, interaction_sid=interaction_sid, channel_sid=channel_sid
            )
            conversation = replace(conversation, interaction_sid=interaction_sid, channel_sid=channel_sid)
        await self._keep(session, conversation, sign, agent=agent, queue_sid=queue_sid)
        if isinstance(sign, AgentSign):
            conversation = await self._agent_changed(session, conversation, sign, after, agent)
        if after.state is not before.state:
            conversation = await self.enter(session, conversation, after.state, reason=reason)
            if after.state is HandoffState.LEFT and isinstance(sign, AgentSign):
                await self._outbox.after_left(session, conversation, sign.sid)
            if after.state is HandoffState.QUEUED:
                await self._news_of_queue(session, conversation)
        if unasked:
            await self._outbox.case(session, conversation)
            await self._outbox.briefing(session, conversation)
            await self._outbox.task_attributes(session, conversation)
        return conversation

    async def _name_agent(
        self, session: AsyncSession, conversation: Conversation, sign: AnySign, agent: str | None
    ) -> Conversation:
        """Note the name of an agent whose first line came before the news of their joining, which names them."""
        if not (isinstance(sign, AgentSign) and sign.present and agent and conversation.ended_at is None):
            return conversation
        if not await ways.name_agent(session, sign.sid, agent) or conversation.agent_identity != sign.identity:
            return conversation
        await conversations.change(session, conversation.id, agent=agent)
        return replace(conversation, agent=agent)

    async def _count_request(self, session: AsyncSession, conversation: Conversation) -> Conversation:
        """Count a handover that the desk did not ask for as a request, which may be taken back like any other."""
        requests = conversation.requests + 1
        await conversations.change(session, conversation.id, requests=requests)
        return replace(conversation, requests=requests)

    async def _keep(
        self,
        session: AsyncSession,
        conversation: Conversation,
        sign: AnySign,
        *,
        agent: str | None,
        queue_sid: str | None,
    ) -> None:
        now = self._desk.now()
        if isinstance(sign, TaskSign):
            await ways.keep_task(session, conversation, sign.sid, sign.status, queue_sid=queue_sid, now=now)
        elif isinstance(sign, AgentSign):
            await ways.keep_agent(
                session, conversation, sign.sid, identity=sign.identity, name=agent, present=sign.present, now=now
            )
        elif sign is Sign.CLOSED:
            await ways.everybody_left(session, conversation.id)

    async def _agent_changed(
        self, session: AsyncSession, conversation: Conversation, sign: AgentSign, after: Scene, agent: str | None
    ) -> Conversation:
        """Tell who joined; and who left, if another stays: if nobody does, what follows is told instead."""
        say = self.say(conversation.person)
        if not sign.present:
            if after.has_agent:
                name = await ways.agent_name(session, conversation.id, sign.identity) or say("live-agent")
                await self._outbox.to_discord(session, conversation, f"left:{sign.sid}", say("agent-left", agent=name))
            return conversation
        await conversations.change(session, conversation.id, agent=agent, agent_identity=sign.identity)
        text = say("agent-joined", agent=agent or say("live-agent"))
        await self._outbox.to_discord(session, conversation, f"joined:{sign.sid}", text)
        return replace(conversation, agent=agent, agent_identity=sign.identity)

    async def enter(
        self,
        session: AsyncSession,
        conversation: Conversation,
        state: HandoffState,
        *,
        reason: str | None = None,
        told: bool = True,
    ) -> Conversation:
        """Store a state that was shown to be entered, tell the member and the other plugins, and do what belongs to it.

        Args:
            session: the transaction.
            conversation: as it is, locked.
            state: what was shown.
            reason: why, for states that have a reason.
            told: whether the state's own sentence is said; else the caller says it in other words.

        Returns:
            The conversation as it is now; unchanged if the state may not follow.
        """
        now = self._desk.now()
        handoff = await conversations.enter(session, conversation, state, now=now, reason=reason)
        if handoff is None:
            return conversation
        requests = conversation.requests + (state is HandoffState.REQUESTED)
        after = replace(conversation, state=state, requests=requests)
        if state is HandoffState.ENDED:
            after = replace(after, ended_at=now)
        if told:
            await self._tell_member(session, conversation.state, after, reason)
        if state is HandoffState.ENDED and conversation.in_thread:
            await self._outbox.close_thread(session, conversation)
        if self._desk.settings.routing == "studio":
            if state in _AT_FLEX and conversation.state not in _AT_FLEX:
                await self._outbox.detach_studio(session, after, now)
            elif state in BOT_SPEAKS and conversation.state not in BOT_SPEAKS:
                await self._outbox.attach_studio(session, after, now)
        await self.teller.write(session, handoff)
        return after

    async def _tell_member(
        self, session: AsyncSession, before: HandoffState, after: Conversation, reason: str | None
    ) -> None:
        state = after.state
        if state is HandoffState.ENDED:
            await self._say_farewell(session, after, _ENDED.get(reason or "", "conversation-ended"))
            return
        sentence: str | None = TOLD.get(state)
        if before is HandoffState.LEFT:
            sentence = {
                HandoffState.QUEUED: "agent-left-queue",
                HandoffState.BOT: "agent-left-bot",
                HandoffState.REQUESTED: "agent-left-again",
            }.get(state, sentence)
        if sentence is None:
            return
        if not self.has_case(after):
            sentence = WITHOUT_A_CASE.get(sentence, sentence)
        say = self.say(after.person)
        text = say(sentence, agent=after.agent or say("live-agent"))
        buttons = [Button.CANCEL] if state in WAITING else [Button.TALK] if state in BOT_SPEAKS else []
        key = f"told:{after.requests}:{state.value}:{self._desk.now().timestamp()}"
        await self._outbox.to_discord(session, after, key, text, buttons=buttons)

    async def _say_farewell(self, session: AsyncSession, conversation: Conversation, sentence: str) -> None:
        said = await conversations.said_in(session, conversation.id)
        settings = self._desk.settings_for(conversation.person.guild_id).ending
        say = self.say(conversation.person)
        text = farewell(say, conversation, said, settings, now=self._desk.now(), sentence=sentence)
        asked = [Button.RATE] if settings.rating and was_helped(conversation, said) else []
        buttons = [*asked, Button.TRANSCRIPT] if said else asked
        await self._outbox.to_discord(session, conversation, "farewell", text, buttons=buttons)

    async def _news_of_queue(self, session: AsyncSession, conversation: Conversation) -> None:
        task = await ways.waiting_task(session, conversation.id)
        if task is not None:
            await self._outbox.queue_news(session, conversation, task.sid, task.sid)

    async def take_back(self, conversation_id: int) -> bool:
        """Take in that the member does not want to wait any longer.

        Returns:
            False if they do not wait for anybody.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is None or conversation.state not in WAITING:
                return False
            await self.withdraw(session, conversation, reason="the member took the request back")
            return True

    async def withdraw(self, session: AsyncSession, conversation: Conversation, *, reason: str) -> Conversation:
        """Take a request back. As long as Flex has no task for it, nothing is there to be undone."""
        if conversation.withdrawn == conversation.requests:
            return conversation
        await conversations.change(session, conversation.id, withdrawn=conversation.requests)
        conversation = replace(conversation, withdrawn=conversation.requests)
        await self._outbox.withdraw(session, conversation)
        if conversation.state is HandoffState.REQUESTED:
            return await self.apply(session, conversation, Sign.WITHDRAWN, reason=reason)
        return conversation

    async def give_up(
        self, session: AsyncSession, conversation: Conversation, sentence: str, *, reason: str
    ) -> Conversation:
        """Take a request back for the desk's own reasons; the case stays.

        Args:
            session: the transaction.
            conversation: as it is, locked.
            sentence: what the member is told.
            reason: told to the other plugins.
        """
        await conversations.change(session, conversation.id, withdrawn=conversation.requests)
        conversation = replace(conversation, withdrawn=conversation.requests)
        await self._outbox.withdraw(session, conversation)
        after = await self.enter(session, conversation, HandoffState.FAILED, reason=reason, told=False)
        if after is not conversation:
            text = self.say(conversation.person)(sentence)
            key = f"given-up:{conversation.requests}"
            await self._outbox.to_discord(session, conversation, key, text, buttons=[Button.TALK])
        return after

    async def _ask_again(self, session: AsyncSession, conversation: Conversation) -> Conversation:
        requested = await self.enter(session, conversation, HandoffState.REQUESTED)
        if requested is not conversation:
            await self._outbox.hand_over(session, requested, again=True)
        return requested

    async def ask_after(self, conversation_id: int, request: int | None, task_sid: str) -> None:
        """Have a request made again that Flex refused because an earlier one's task was there; that goes first.

        Args:
            conversation_id: which conversation.
            request: which was refused; None if that is not known.
            task_sid: what was in the way.
        """
        async with self._desk.store.begin() as session:
            conversation = await conversations.find(session, number=conversation_id, to_change=True)
            if conversation is not None and request in {None, conversation.requests}:
                await self.make_again(session, conversation, task_sid)

    async def make_again(self, session: AsyncSession, conversation: Conversation, task_sid: str) -> None:
        """Make the present request again, once, for the sake of an earlier one's task that was in its way."""
        if conversation.state is HandoffState.REQUESTED and conversation.withdrawn < conversation.requests:
            await self._outbox.hand_over(session, conversation, again=True, after=task_sid)

    async def not_withdrawn(self, session: AsyncSession, conversation: Conversation) -> None:
        """Note that a request could not be taken back any more, and tell the member."""
        await conversations.change(session, conversation.id, withdrawn=conversation.requests - 1)
        if conversation.state in WAITING:
            text = self.say(conversation.person)("cancel-too-late")
            await self._outbox.to_discord(session, conversation, f"too-late:{conversation.requests}", text)
