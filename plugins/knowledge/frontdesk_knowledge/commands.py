"""/articles: find articles without asking the virtual agent."""

from collections.abc import Iterable, Sequence

import hikari
import lightbulb
from frontdesk import Article, Command, Declined, Desk
from hikari.api import special_endpoints

from frontdesk_knowledge.answers import suggest
from frontdesk_knowledge.libraries import Libraries
from frontdesk_knowledge.markdown import shorten
from frontdesk_knowledge.settings import KnowledgeSettings

CHOICES = 25
"""Suggestions while typing; Discord's developer documentation, "Application Commands", autocomplete."""

CHOICE_LENGTH = 100
BUTTON_LENGTH = 80
BUTTON_URL_LENGTH = 512
"""Characters; Discord's developer documentation, "Component Reference", button."""

EXCERPT = 200


def knowledge_commands(desk: Desk[KnowledgeSettings], libraries: Libraries) -> Iterable[Command]:
    """Make the plugin's commands for one bot."""

    async def complete(context: lightbulb.AutocompleteContext[str]) -> None:
        interaction = context.interaction
        language = desk.say_to(interaction).language
        typed = str(context.focused.value or "")
        documents = libraries.catalogue(interaction.guild_id).titles(typed, language, CHOICES)
        titles = dict.fromkeys(shorten(document.title, CHOICE_LENGTH) for document in documents)
        await context.respond(list(titles))

    class Articles(
        lightbulb.SlashCommand,
        name="knowledge:command.articles.name",
        description="knowledge:command.articles.description",
        localize=True,
    ):
        query = lightbulb.string(
            "knowledge:command.articles.query.name",
            "knowledge:command.articles.query.description",
            localize=True,
            min_length=1,
            max_length=300,
            autocomplete=complete,
        )

        @lightbulb.invoke
        async def invoke(self, context: lightbulb.Context) -> None:
            say = desk.say_to(context.interaction)
            guild_id = context.guild_id
            articles = suggest(
                libraries.catalogue(guild_id),
                self.query,
                say.language,
                desk.settings_for(guild_id),
                libraries.linker(guild_id),
            )
            if not articles:
                raise Declined(say("articles-none"))
            lines = [f"**{article.title}**\n{_quoted(article.excerpt)}" for article in articles]
            await context.respond(
                "\n\n".join([say("articles-found", n=len(articles)), *lines]),
                ephemeral=True,
                components=_buttons(desk.rest, articles),
            )

    return [Articles]


def _quoted(excerpt: str) -> str:
    return "\n".join(f"> {line}" for line in shorten(excerpt, EXCERPT).split("\n"))


def _buttons(rest: hikari.api.RESTClient, articles: Sequence[Article]) -> list[special_endpoints.ComponentBuilder]:
    row = rest.build_message_action_row()
    linked = [article for article in articles if article.url and len(article.url) <= BUTTON_URL_LENGTH]
    for article in linked:
        row.add_link_button(str(article.url), label=shorten(article.title, BUTTON_LENGTH))
    return [row] if linked else []
