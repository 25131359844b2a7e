"""The announcer: news goes through the journal into the channel; then other plugins and followers hear of it."""

from collections.abc import Mapping
from typing import Any

import hikari
from frontdesk import (
    Announcement,
    AttachedFile,
    Delivery,
    Desk,
    Entry,
    PostDelivery,
    Receipt,
    Refused,
    Retry,
    announcement_published,
    discord_answer,
    find_channel,
    message_link,
    new_post,
    outcomes,
)
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk_announcements.news import News, Published
from frontdesk_announcements.settings import AnnouncementSettings

POST, TELL, PUBLISH = "announcements.post", "announcements.tell", "announcements.publish"


class Announcer:
    """Announces: each piece of news once, also when the bot is restarted in between."""

    def __init__(self, desk: Desk[AnnouncementSettings]) -> None:
        self._desk = desk

    def deliveries(self) -> Mapping[str, Delivery]:
        """Say how each kind of entry is delivered."""
        return {
            POST: PostDelivery(self._desk, self._posted),
            TELL: _TellDelivery(self._desk),
            PUBLISH: _PublishDelivery(self._desk),
        }

    async def announce(self, news: News, *, image: AttachedFile | None = None) -> Published:
        """Keep the news, then wait a while for it to be posted; later attempts need nobody to wait."""
        settings = self._desk.settings_for(news.guild_id)
        channel = await find_channel(self._desk.bot, news.guild_id, settings.channel)
        if channel is None:
            return Published(refused="no-channel")
        post = new_post(self._desk.bot, int(channel.id), _embed(news, settings), file=image)
        publish = settings.publish and isinstance(channel, hikari.GuildNewsChannel)
        lane = f"announcements:{news.key}"
        payload: dict[str, Any] = {"post": post.to_json(), "news": _to_json(news), "publish": publish}
        async with self._desk.store.begin() as session:
            await self._desk.journal.write(session, lane=lane, key=news.key, kind=POST, payload=payload)
        records = await outcomes(self._desk.journal, lane)
        posted, published = records[POST], records.get(PUBLISH)
        return Published(
            link=message_link(news.guild_id, posted.receipt) if posted.receipt else None,
            refused=posted.reason,
            detail=posted.detail or "",
            followers=None if published is None or published.settled_at is None else published.receipt is not None,
        )

    async def _posted(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:
        if isinstance(outcome, Refused):
            return
        kinds = [TELL, PUBLISH] if entry.payload["publish"] else [TELL]
        payload = {"news": entry.payload["news"], "message": dict(outcome)}
        for kind in kinds:
            await self._desk.journal.write(session, lane=entry.lane, key=entry.key, kind=kind, payload=payload)


def _embed(news: News, settings: AnnouncementSettings) -> hikari.Embed:
    embed = hikari.Embed(title=news.title, description=news.text or None, color=settings.color)
    if news.image_url:
        embed.set_image(hikari.URL(news.image_url))
    return embed


def _to_json(news: News) -> dict[str, str | int]:
    return {"guild_id": news.guild_id, "title": news.title, "text": news.text, "source": news.source}


class _FollowUp:
    """What may be done twice without harm needs no search before it is repeated."""

    def __init__(self, desk: Desk[AnnouncementSettings]) -> None:
        self._desk = desk

    async def find(self, entry: Entry) -> Receipt | None:  # noqa: ARG002  # the journal's signature
        return None

    async def settled(self, session: AsyncSession, entry: Entry, outcome: Receipt | Refused) -> None:  # noqa: ARG002  # the journal's signature
        if isinstance(outcome, Refused):
            self._desk.log.warning("not done for an announcement", kind=entry.kind, reason=outcome.detail)


class _TellDelivery(_FollowUp):
    """Tells the other plugins."""

    async def send(self, entry: Entry) -> Receipt:
        announcement = Announcement(**entry.payload["news"], **entry.payload["message"])  # type: ignore[arg-type]  # as written by _posted
        await self._desk.hooks.tell(announcement_published, announcement=announcement)
        return {}


class _PublishDelivery(_FollowUp):
    """Publishes the post to the servers that follow the channel."""

    ALREADY_PUBLISHED = 40033  # Discord's developer documentation, "JSON Error Codes"

    async def send(self, entry: Entry) -> Receipt:
        message = entry.payload["message"]
        assert isinstance(message, Mapping)
        try:
            await self._desk.rest.crosspost_message(int(str(message["channel_id"])), int(str(message["message_id"])))
        except hikari.BadRequestError as error:
            if error.code != self.ALREADY_PUBLISHED:
                raise discord_answer(error) from error
        except hikari.HikariError as error:
            answer: Refused | Retry = discord_answer(error)
            raise answer from error
        return {}
