"""The [plugins.knowledge] table of bot.toml."""

from typing import Annotated, Literal

from frontdesk import SettingsTable
from pydantic import Field, StringConstraints

Fit = Annotated[float, Field(ge=0, le=1)]


class KnowledgeSettings(SettingsTable):
    """Where the articles are, and how sure an answer must be.

    Args:
        articles: the folder of Markdown files, relative to bot.toml's folder; may be set per server.
        language: the language of articles that name none, neither by a folder such as ``fa/`` nor in their front
            matter.
        base_url: where the brand shows its articles; an article's link is this address and its slug.
            Unset: Frontdesk's own pages under ``/knowledge/``.
        suggestions: how many articles are named at most.
        suggest_from: how well an article must fit to be named, 0 to 1.
        answer_from: how well an article must fit to be an answer, 0 to 1.
        confident_from: from which fit on no human is offered along with the answer, 0 to 1.
        excerpt_length: characters of an article that an answer quotes at most.
        reload_seconds: how often the folder is looked at for changes.
    """

    articles: str = Field("articles", min_length=1)
    language: Literal["en", "fa", "de"] = "en"
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] | None = None
    suggestions: int = Field(3, ge=1, le=5)
    suggest_from: Fit = 0.15
    answer_from: Fit = 0.25
    confident_from: Fit = 0.45
    excerpt_length: int = Field(700, ge=100, le=1500)
    reload_seconds: float = Field(5.0, ge=0.5, le=3600)
