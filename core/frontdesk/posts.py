"""Posts in the channels of a server: a journal delivery that posts each exactly once, and finding the channel."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

import hikari
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk.deliveries import Entry, Receipt, Record, Refused, Retry
from frontdesk.desk import Desk
from frontdesk.discord_calls import SHORTLY, UPLOADING, asking_discord, discord_answer, find_own_message
from frontdesk.fetch import FetchError
from frontdesk.journal import Journal
from frontdesk.model import CaseFile

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of a file that a bot may upload; Discord's developer documentation, "Uploading Files"."""

_CLOCKS_DIFFER = timedelta(minutes=2)
_HISTORY = 500  # messages that are looked through for a post

Then: TypeAlias = Callable[[AsyncSession, Entry, Receipt | Refused], Awaitable[None]]
"""What follows from a post's outcome, in the transaction that keeps it; see `Delivery.settled`."""


class AttachedFile(BaseModel):
    """A file that somebody gave to a command; it is uploaded anew, since its address soon expires.

    Args:
        url: where Discord keeps it for now.
        name: with its ending.
        is_image: shown inside the embed.
        size: in bytes.
        content_type: as Discord says; may be wrong.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    name: str
    is_image: bool
    size: int = 0
    content_type: str = "application/octet-stream"

    @classmethod
    def of(cls, attachment: hikari.Attachment) -> "AttachedFile":
        """Describe an attachment option of a command."""
        kind = attachment.media_type or "application/octet-stream"
        return cls(
            url=attachment.url,
            name=attachment.filename,
            is_image=kind.startswith("image/"),
            size=attachment.size,
            content_type=kind,
        )

    def for_case(self) -> CaseFile:
        """Give it as a case takes it, which keeps a copy."""
        return CaseFile(self.name, self.url, self.content_type, self.size)


class Post(BaseModel):
    """A message to be posted, in the form in which the journal keeps it; made by `new_post`.

    Args:
        channel_id: where to.
        embed: as Discord writes it.
        file: uploaded with it; if it is gone by then, the post goes without.
        reactions: put under it by the bot, as Unicode emoji.
    """

    model_config = ConfigDict(frozen=True)

    channel_id: int
    embed: dict[str, Any]
    file: AttachedFile | None = None
    reactions: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Entry) -> "Post":
        """Read the post of a journal entry."""
        return cls.model_validate(entry.payload["post"])

    def to_json(self) -> dict[str, Any]:
        """Give the value for ``"post"`` in a journal entry's payload."""
        return self.model_dump(mode="json")


def new_post(
    bot: hikari.GatewayBot,
    channel_id: int,
    embed: hikari.Embed,
    *,
    file: AttachedFile | None = None,
    reactions: tuple[str, ...] = (),
) -> Post:
    """Describe a message to be posted.

    Args:
        bot: knows how Discord writes an embed.
        channel_id: where to.
        embed: with a title, and without a timestamp: the delivery sets it, and knows its posts by it.
        file: see `AttachedFile`.
        reactions: Unicode emoji that the bot puts under it.
    """
    written, uploads = bot.entity_factory.serialize_embed(embed)
    if uploads:
        raise ValueError("a post's embed may link to images; a file goes into `file`")
    return Post(channel_id=channel_id, embed=dict(written), file=file, reactions=reactions)


class PostDelivery:
    """Posts journal entries whose payload has a ``"post"``. The receipt has ``channel_id`` and ``message_id``.

    A post is never doubled: Discord refuses a nonce that it saw a moment ago, and after a longer break
    the channel's history is searched for the bot's message with the entry's very timestamp and title.

    Args:
        desk: the plugin's.
        then: what follows from the outcome, such as a further entry.
    """

    def __init__(self, desk: Desk[Any], then: Then | None = None) -> None:
        self._desk = desk
        self._then = then

    async def send(self, entry: Entry) -> Receipt:
        """Post it."""
        post = Post.of(entry)
        embed = self._desk.bot.entity_factory.deserialize_embed(post.embed)
        embed.timestamp = _moment(entry)
        file = await self._fetch(post.file)
        deadline = SHORTLY if file is None else UPLOADING
        if file is not None and post.file is not None and post.file.is_image:
            embed.set_image(file)
            file = None
        async with asking_discord(deadline):
            message = await self._desk.rest.create_message(
                post.channel_id,
                embed=embed,
                attachments=[file] if file is not None else hikari.UNDEFINED,
                nonce=_nonce(entry),
            )
        return await self._finish(post, message)

    async def find(self, entry: Entry) -> Receipt | None:
        """Search the channel's history since the entry was written."""
        post = Post.of(entry)
        since = entry.created_at - _CLOCKS_DIFFER
        message = await find_own_message(
            self._desk.bot, post.channel_id, partial(_is_it, entry, post), after=since, limit=_HISTORY
        )
        return None if message is None else await self._finish(post, message)

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        """Let the plugin go on."""
        if isinstance(outcome, Refused):
            self._desk.log.warning("post refused", entry=entry.id, reason=outcome.reason, detail=outcome.detail)
        if self._then is not None:
            await self._then(session, entry, outcome)

    async def _finish(self, post: Post, message: hikari.Message) -> Receipt:
        for emoji in post.reactions:
            try:
                await self._desk.rest.add_reaction(message.channel_id, message.id, emoji)
            except hikari.HikariError as error:
                answer = discord_answer(error)
                if isinstance(answer, Retry):
                    raise Retry(answer.detail, after=answer.after, ambiguous=True) from error  # it is posted
                self._desk.log.warning("reaction refused", emoji=emoji, reason=answer.detail)
                break
        return {"channel_id": int(message.channel_id), "message_id": int(message.id)}

    async def _fetch(self, file: AttachedFile | None) -> hikari.Bytes | None:
        if file is None:
            return None
        try:
            fetched = await self._desk.http.get(file.url, deadline=20, limit=FILE_LIMIT)
        except FetchError as error:
            self._desk.log.warning("post goes without its file", reason=str(error))
            return None
        if fetched.status != 200:
            self._desk.log.warning("post goes without its file", status=fetched.status)
            return None
        return hikari.Bytes(fetched.content, file.name)


def _is_it(entry: Entry, post: Post, message: hikari.Message) -> bool:
    if message.nonce is not None and message.nonce == _nonce(entry):
        return True
    title = str(post.embed.get("title", "")).strip()
    return any(e.timestamp == _moment(entry) and (e.title or "").strip() == title for e in message.embeds)


def _moment(entry: Entry) -> datetime:
    """The entry's time as Discord keeps it: to the millisecond."""
    return entry.created_at.replace(microsecond=entry.created_at.microsecond // 1000 * 1000)


def _nonce(entry: Entry) -> str:
    """At most 25 characters; the same for each try."""
    return hashlib.sha256(f"{entry.kind}\n{entry.key}".encode()).hexdigest()[:24]


async def find_channel(bot: hikari.GatewayBot, guild_id: int, wanted: int | str) -> hikari.TextableGuildChannel | None:
    """Find a channel of a server that takes messages.

    Args:
        bot: its cache is asked first, then Discord.
        guild_id: the server; channels of others are not found.
        wanted: the channel's id, or its name with or without ``#``.

    Raises:
        hikari.HikariError: if Discord had to be asked and did not answer.
    """
    known = bot.cache.get_guild_channels_view_for_guild(guild_id).values()
    if (channel := _match(known, wanted)) is not None:
        return channel
    return _match(await bot.rest.fetch_guild_channels(guild_id), wanted)


def _match(channels: Any, wanted: int | str) -> hikari.TextableGuildChannel | None:
    text = str(wanted).strip().removeprefix("#").lower()
    usable = [channel for channel in channels if isinstance(channel, hikari.TextableGuildChannel)]
    by_id = (channel for channel in usable if str(int(channel.id)) == text)
    by_name = (channel for channel in sorted(usable, key=lambda c: c.id) if (channel.name or "").lower() == text)
    return next(by_id, None) or next(by_name, None)


async def outcomes(journal: Journal, lane: str, *, deadline: float = 8.0) -> Mapping[str, Record]:
    """Wait until a lane is empty, for as long as a person would; then tell how its entries stand.

    Args:
        journal: the desk's.
        lane: best one that only this piece of work uses.
        deadline: seconds to wait; what is not done by then goes on behind the scenes.

    Returns:
        The newest entry of each kind, by kind.
    """
    try:
        async with asyncio.timeout(deadline):
            await journal.idle(lane)
    except TimeoutError:
        pass
    return {record.entry.kind: record for record in reversed(await journal.entries(lane=lane))}


def message_link(guild_id: int, receipt: Receipt) -> str:
    """Give the address that opens a posted message in Discord."""
    return f"https://discord.com/channels/{guild_id}/{receipt['channel_id']}/{receipt['message_id']}"


def without_masked_links(text: str) -> str:
    """Show Markdown links as they were typed: a member's words must not hide where a link leads."""
    return text.replace("](", "]\\(")


def shortened(text: str, limit: int) -> str:
    """Cut a text to at most so many characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
