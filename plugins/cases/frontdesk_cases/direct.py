"""Direct messages to members: each exactly once, whatever happens on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import hikari
from frontdesk import Desk, Entry, Receipt, Refused, Retry, asking_discord
from hikari.api import MessageActionRowBuilder

from frontdesk_cases.settings import CasesSettings

_HISTORY = 100  # messages that are looked through for one that may have arrived
_CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Part:
    """One message.

    Args:
        text: its words.
        embed: shown instead of them; its description is the words.
    """

    text: str
    embed: hikari.Embed | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a member is to get: one message or several, with buttons under the last.

    Args:
        user_id: the member.
        parts: the messages.
        rows: of buttons.
    """

    user_id: int
    parts: Sequence[Part]
    rows: Sequence[MessageActionRowBuilder] = ()


class DirectMessages:
    """Sends letters for the journal.

    Discord refuses a nonce that it saw a moment ago; after a longer break the channel's history is searched for our
    messages with these words that belong to no other entry of the lane.

    Args:
        desk: what the plugin was given.
    """

    def __init__(self, desk: Desk[CasesSettings]) -> None:
        self._desk = desk

    async def send(self, entry: Entry, letter: Letter) -> Receipt:
        """Send all of a letter.

        Raises:
            Refused: the member takes no messages, or is gone.
            Retry: not now.
        """
        async with asking_discord():
            return await self._send(entry, letter, await self._channel(letter.user_id), [])

    async def find(self, entry: Entry, letter: Letter) -> Receipt | None:
        """Look whether a letter has arrived; of one that has arrived in part, the rest is sent.

        Raises:
            Retry: Discord did not answer.
        """
        try:
            async with asking_discord():
                channel_id = await self._channel(letter.user_id)
                arrived = await self._arrived(entry, letter, channel_id)
        except Refused as refused:
            if refused.reason == "refused":  # for no reason that we know: that nothing has arrived is not said
                raise Retry(refused.detail) from refused
            return None  # sending is refused for the same reason, and says so
        if not arrived:
            return None
        try:
            async with asking_discord():
                return await self._send(entry, letter, channel_id, arrived)
        except Refused as refused:  # what has arrived must not be sent again
            raise Retry(refused.detail) from refused

    async def _channel(self, user_id: int) -> int:
        known = self._desk.bot.cache.get_dm_channel_id(user_id)
        return int(known) if known is not None else int((await self._desk.rest.create_dm_channel(user_id)).id)

    async def _send(self, entry: Entry, letter: Letter, channel_id: int, arrived: list[int]) -> Receipt:
        messages = list(arrived)
        for number, part in enumerate(letter.parts[len(arrived) :], len(arrived)):
            is_last = number == len(letter.parts) - 1
            message = await self._desk.rest.create_message(
                channel_id,
                part.text if part.embed is None else hikari.UNDEFINED,
                embed=part.embed or hikari.UNDEFINED,
                components=letter.rows if is_last and letter.rows else hikari.UNDEFINED,
                nonce=f"fdc{entry.id}-{number}",
            )
            messages.append(int(message.id))
        return {"channel_id": channel_id, "message_ids": messages}

    async def _arrived(self, entry: Entry, letter: Letter, channel_id: int) -> list[int]:
        """The first messages of the letter that are there, in order."""
        me = self._desk.bot.get_me()
        others = await self._of_others(entry)
        since = entry.created_at - _CLOCKS_DIFFER
        ours: list[hikari.Message] = []
        async for message in self._desk.rest.fetch_messages(channel_id).limit(_HISTORY):
            if message.created_at < since:
                break
            if me is not None and message.author.id == me.id and int(message.id) not in others:
                ours.append(message)
        arrived: list[int] = []
        for message in reversed(ours):
            if len(arrived) < len(letter.parts) and _says(message, letter.parts[len(arrived)]):
                arrived.append(int(message.id))
        return arrived

    async def _of_others(self, entry: Entry) -> set[int]:
        records = await self._desk.journal.entries(lane=entry.lane, limit=200)
        receipts = [record.receipt["message_ids"] for record in records if record.receipt is not None
                    and "message_ids" in record.receipt]  # fmt: skip
        return {int(str(id_)) for ids in receipts if isinstance(ids, list) for id_ in ids}


def _says(message: hikari.Message, part: Part) -> bool:
    if part.embed is None:
        return (message.content or "").strip() == part.text.strip()
    return any((embed.description or "").strip() == (part.embed.description or "").strip() for embed in message.embeds)
