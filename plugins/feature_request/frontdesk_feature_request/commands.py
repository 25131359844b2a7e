"""/new_feature: opens the form; the form becomes a post that people vote for, and a case."""

from collections.abc import Iterable

import hikari
import lightbulb
from frontdesk import (
    Command,
    Declined,
    Desk,
    Handed,
    Intake,
    Modal,
    ModalContext,
    Post,
    Say,
    find_channel,
    new_post,
    person_of,
    shortened,
    without_masked_links,
)
from hikari.impl import ModalActionRowBuilder

from frontdesk_feature_request.idea import (
    BENEFIT_LIMIT,
    IDEA_LIMIT,
    TITLE_LIMIT,
    Idea,
)
from frontdesk_feature_request.settings import FeatureRequestSettings

FeatureDesk = Desk[FeatureRequestSettings]


def new_feature_commands(desk: FeatureDesk) -> Iterable[Command]:
    """Make /new_feature."""

    class NewFeature(
        lightbulb.SlashCommand,
        name="feature_request:command.new_feature.name",
        description="feature_request:command.new_feature.description",
        localize=True,
        contexts=[hikari.ApplicationContextType.GUILD],
    ):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            say = desk.say_to(ctx.interaction)
            custom_id = desk.custom_id("idea", str(int(ctx.interaction.id)))
            await ctx.respond_with_modal(say("form.title"), custom_id, components=_rows(say))

    return [NewFeature]


def new_feature_modal(desk: FeatureDesk, intake: Intake) -> Modal:
    """Make the form's handler."""

    async def submitted(ctx: ModalContext) -> None:
        interaction = ctx.interaction
        if interaction.member is None or interaction.guild_id is None:
            raise Declined(ctx.say("server-only"))
        await ctx.defer()
        guild_id = int(interaction.guild_id)
        person = person_of(interaction.member, guild_id=guild_id, locale=str(interaction.locale), bot=desk.bot)
        idea = Idea.filled_in(ctx.data, person, ctx.fields)
        if not (idea.title and idea.text):
            raise Declined(ctx.say("empty"))
        say = desk.say(None, guild_id)
        handed = await intake.hand_in(
            idea.key,
            post=await _post(desk, idea, say),
            request=idea.case_request(say),
            case=desk.settings_for(guild_id).open_case,
        )
        await ctx.respond(_answer(ctx.say, idea, handed))

    return Modal("idea", submitted)


def _rows(say: Say) -> list[ModalActionRowBuilder]:
    title, idea, benefit = (ModalActionRowBuilder() for _ in range(3))
    paragraph = hikari.TextInputStyle.PARAGRAPH
    title.add_text_input("title", say("form.name"), min_length=3, max_length=TITLE_LIMIT)
    idea.add_text_input(
        "idea",
        say("form.idea"),
        style=paragraph,
        placeholder=say("form.idea-hint"),
        min_length=3,
        max_length=IDEA_LIMIT,
    )
    benefit.add_text_input(
        "benefit",
        say("form.benefit"),
        style=paragraph,
        placeholder=say("form.benefit-hint"),
        required=False,
        max_length=BENEFIT_LIMIT,
    )
    return [title, idea, benefit]


async def _post(desk: FeatureDesk, idea: Idea, say: Say) -> Post | None:
    """Describe the post, in the server's language; None if its channel is missing."""
    settings = desk.settings_for(idea.person.guild_id)
    channel = await find_channel(desk.bot, idea.person.guild_id, settings.channel)
    if channel is None:
        desk.log.error("the channel for ideas is missing", channel=settings.channel, guild_id=idea.person.guild_id)
        return None
    embed = hikari.Embed(title=idea.title, description=without_masked_links(idea.text), color=settings.color)
    if idea.benefit:
        embed.add_field(say("form.benefit"), shortened(without_masked_links(idea.benefit), 1024))
    embed.set_footer(say("post.footer", name=idea.person.name))
    return new_post(desk.bot, int(channel.id), embed, reactions=settings.votes)


def _answer(say: Say, idea: Idea, handed: Handed) -> str:
    if handed.pending:
        return say("pending")
    if handed.lost:
        return f"{say('lost')}\n>>> {shortened(idea.title + chr(10) + idea.text, 1500)}"
    if handed.posted and handed.number:
        return say("posted-with-case", link=handed.posted, number=handed.number)
    if handed.number:
        return say("case-only", number=handed.number)
    return say("posted", link=handed.posted)
