"""News: what is announced, and who may announce."""

from collections.abc import Collection
from dataclasses import dataclass

TITLE_LIMIT = 200
TEXT_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class News:
    """Official news.

    Args:
        key: names it; the same key is never posted twice.
        guild_id: the server.
        title: its headline.
        text: its body, as Markdown.
        image_url: a picture on the web; None for none.
        source: where it comes from, such as ``"moderator"``.
    """

    key: str
    guild_id: int
    title: str
    text: str
    image_url: str | None = None
    source: str = "moderator"


@dataclass(frozen=True, slots=True)
class Published:
    """How far news has come.

    Args:
        link: opens the post; None if it is not posted (yet).
        refused: why it cannot be posted, such as ``"no-permission"``.
        detail: Discord's own words to that.
        followers: True if the servers that follow the channel have it too, False if they were refused it, None if
            there was nothing to do or it is not done yet.
    """

    link: str | None = None
    refused: str | None = None
    detail: str = ""
    followers: bool | None = None


def may_announce(has_permission: bool, roles: Collection[str], allowed_roles: Collection[str]) -> bool:
    """Tell whether a person may announce: the permission suffices, and so does any of the roles."""
    return has_permission or not {role.casefold() for role in roles}.isdisjoint(r.casefold() for r in allowed_roles)


def is_web_address(text: str) -> bool:
    """Tell whether Discord would take this as the address of a picture."""
    return text.startswith(("https://", "http://")) and len(text) <= 2000 and not any(c.isspace() for c in text)
