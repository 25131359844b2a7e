"""/announce: a command for short news, a modal for longer ones."""

from collections.abc import Iterable
from dataclasses import replace

import hikari
import lightbulb
from frontdesk import FILE_LIMIT, AttachedFile, Command, Declined, Desk, Drafts, Modal, ModalContext, Say, person_of
from hikari.impl import ModalActionRowBuilder

from frontdesk_announcements.announcer import Announcer
from frontdesk_announcements.news import TEXT_LIMIT, TITLE_LIMIT, News, Published, is_web_address, may_announce
from frontdesk_announcements.settings import AnnouncementSettings

AnnouncementDesk = Desk[AnnouncementSettings]
Draft = tuple[str | None, AttachedFile | None]  # a picture's address, and a picture


def announce_commands(desk: AnnouncementDesk, announcer: Announcer, drafts: Drafts[Draft]) -> Iterable[Command]:
    """Make /announce."""

    class Announce(
        lightbulb.SlashCommand,
        name="announcements:command.announce.name",
        description="announcements:command.announce.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
        default_member_permissions=_shown_to(desk),
    ):
        title = lightbulb.string(
            "announcements:command.announce.title.name",
            "announcements:command.announce.title.description",
            localize=True,
            max_length=TITLE_LIMIT,
        )
        text = lightbulb.string(
            "announcements:command.announce.text.name",
            "announcements:command.announce.text.description",
            localize=True,
            max_length=TEXT_LIMIT,
            default=None,
        )
        image = lightbulb.attachment(
            "announcements:command.announce.image.name",
            "announcements:command.announce.image.description",
            localize=True,
            default=None,
        )
        image_url = lightbulb.string(
            "announcements:command.announce.image_url.name",
            "announcements:command.announce.image_url.description",
            localize=True,
            default=None,
        )

        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            say = desk.say_to(ctx.interaction)
            guild_id = _allowed_in(desk, say, ctx.interaction)
            image = _picture(say, self.image)
            if self.image_url is not None and not is_web_address(self.image_url):
                raise Declined(say("bad-image-url"))
            key = str(int(ctx.interaction.id))
            if self.text is None:
                drafts.keep(key, (self.image_url, image))
                await ctx.respond_with_modal(
                    say("modal.title"), desk.custom_id("news", key), components=_rows(say, self.title)
                )
                return
            await ctx.defer(ephemeral=True)
            news = News(key, guild_id, self.title.strip(), self.text.strip(), self.image_url)
            await ctx.respond(_answer(desk, say, news, await announcer.announce(news, image=image)), ephemeral=True)

    return [Announce]


def announce_modal(desk: AnnouncementDesk, announcer: Announcer, drafts: Drafts[Draft]) -> Modal:
    """Make the modal's handler."""

    async def submitted(ctx: ModalContext) -> None:
        guild_id = _allowed_in(desk, ctx.say, ctx.interaction)
        await ctx.defer()
        news = News(ctx.data, guild_id, ctx.fields["title"].strip(), ctx.fields["text"].strip())
        draft = drafts.take(ctx.data)
        image_url, image = draft or (None, None)
        news = replace(news, image_url=image_url)
        answer = _answer(desk, ctx.say, news, await announcer.announce(news, image=image))
        await ctx.respond(answer if draft else f"{answer}\n{ctx.say('draft-forgotten')}")

    return Modal("news", submitted)


def _shown_to(desk: AnnouncementDesk) -> hikari.UndefinedOr[hikari.Permissions]:
    """Hide the command from those who may not use it; where roles count, Discord cannot know who that is."""
    tables = [desk.settings, *desk.own_settings.servers.values()]
    permissions = {table.permission for table in tables}
    if len(permissions) > 1 or any(table.roles for table in tables):
        return hikari.UNDEFINED
    return hikari.Permissions[permissions.pop()]


def _allowed_in(
    desk: AnnouncementDesk, say: Say, interaction: hikari.CommandInteraction | hikari.ModalInteraction
) -> int:
    """Give the server's id if the person may announce there.

    Raises:
        Declined: otherwise.
    """
    member, guild_id = interaction.member, interaction.guild_id
    if member is None or guild_id is None:
        raise Declined(say("server-only"))
    settings = desk.settings_for(guild_id)
    wanted = hikari.Permissions[settings.permission] | hikari.Permissions.ADMINISTRATOR
    person = person_of(member, guild_id=guild_id, bot=desk.bot)
    if not may_announce(bool(member.permissions & wanted), person.roles, settings.roles):
        raise Declined(say("not-allowed"))
    return int(guild_id)


def _picture(say: Say, attachment: hikari.Attachment | None) -> AttachedFile | None:
    if attachment is None:
        return None
    file = AttachedFile.of(attachment)
    if not file.is_image:
        raise Declined(say("not-an-image"))
    if file.size > FILE_LIMIT:
        raise Declined(say("image-too-large", megabytes=FILE_LIMIT // 1024**2))
    return file


def _rows(say: Say, title: str) -> list[ModalActionRowBuilder]:
    headline, body = ModalActionRowBuilder(), ModalActionRowBuilder()
    headline.add_text_input("title", say("modal.headline"), value=title, min_length=1, max_length=TITLE_LIMIT)
    body.add_text_input(
        "text",
        say("modal.text"),
        style=hikari.TextInputStyle.PARAGRAPH,
        placeholder=say("modal.text-hint"),
        min_length=1,
        max_length=TEXT_LIMIT,
    )
    return [headline, body]


def _answer(desk: AnnouncementDesk, say: Say, news: News, published: Published) -> str:
    if published.link:
        more = {True: say("published"), False: say("not-published"), None: ""}[published.followers]
        return f"{say('posted', link=published.link)} {more}".strip()
    if published.refused is None:
        return say("pending")
    if published.refused in {"no-channel", "no-access", "no-permission", "expired"}:
        return say(f"refused.{published.refused}", channel=desk.settings_for(news.guild_id).channel)
    return say("refused.other", detail=published.detail)
