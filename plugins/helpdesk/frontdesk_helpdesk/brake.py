"""The brake: what a member floods the desk with goes on at a pace, in order, each once; the member is told once."""

from datetime import datetime

from frontdesk import Desk, Entry, Retry

from frontdesk_helpdesk.conversations import Conversation
from frontdesk_helpdesk.outbox import Kind, Outbox
from frontdesk_helpdesk.pace import Pace, Turnstile
from frontdesk_helpdesk.settings import HelpdeskSettings

_TELLS = frozenset({Kind.TO_TWILIO, Kind.CHANGE_IN_TWILIO})  # other entries wait unnoticed
_ROOM = 1000  # lanes; then those that are quiet are forgotten


class Brake:
    """Holds lines, changes and reactions of members until it is their turn; the lane waits, and no other lane does.

    What is held stays in the journal. Whether somebody is too fast is told by when they wrote: what was missed while
    the bot was away is passed on without a pause.

    Args:
        desk: what the plugin was given.
        outbox: writes journal entries.
    """

    def __init__(self, desk: Desk[HelpdeskSettings], outbox: Outbox) -> None:
        self._desk = desk
        self._outbox = outbox
        self._turnstiles: dict[str, Turnstile] = {}
        self._room = _ROOM

    async def hold(self, conversation: Conversation, entry: Entry) -> None:
        """Return if an entry may go now.

        Args:
            conversation: to which it belongs.
            entry: the head of its lane. What is not the member's may go at any time; each part of a line has its turn.

        Raises:
            Retry: with the seconds until it may.
        """
        said_at = entry.payload.get("said_at")
        if not said_at or conversation.ended_at is not None:
            return
        came, now = datetime.fromisoformat(str(said_at)).timestamp(), self._desk.now().timestamp()
        turnstile = self._turnstile(conversation, entry.lane, now)
        turn = turnstile.turn_of(entry.id, came)
        wait = min(turn - now, turn - came)  # no longer than meant, should Discord's clock be ahead of ours
        if wait <= 0:
            return
        if not turnstile.told and (entry.kind in _TELLS or self._desk.twilio is None):
            await self._tell(conversation, str(entry.payload["line"]))
            turnstile.told = True
        raise Retry("the member writes faster than it is passed on", after=wait)

    def _turnstile(self, conversation: Conversation, lane: str, now: float) -> Turnstile:
        found = self._turnstiles.get(lane)
        if found is None:
            if len(self._turnstiles) >= self._room:
                self._turnstiles = {name: each for name, each in self._turnstiles.items() if not each.is_quiet(now)}
                self._room = max(_ROOM, 2 * len(self._turnstiles))
            relay = self._desk.settings_for(conversation.person.guild_id).relay
            found = self._turnstiles[lane] = Turnstile(Pace(relay.lines_a_minute, relay.lines_at_once))
        return found

    async def _tell(self, conversation: Conversation, line: str) -> None:
        """Tell the member; repeated for the same line, it is told once."""
        say = self._desk.say(conversation.person.locale, conversation.person.guild_id)
        async with self._desk.store.begin() as session:
            await self._outbox.to_discord(session, conversation, f"slowed:{line}", say("slowed-down"))
