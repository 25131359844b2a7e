"""What Discord refuses in a message: lengths, counts, emptiness."""

from typing import Any

from frontdesk_sandbox.discord.errors import ApiError, invalid, too_long
from frontdesk_sandbox.discord.model import Draft, Json, MessageFlag

CONTENT = 2000
EMBEDS = 10
EMBEDS_TOGETHER = 6000
FILES = 10
FILE_BYTES = 10 * 1024 * 1024

_EMBED_TEXTS = {"title": 256, "description": 4096}


def check_draft(draft: Draft, *, kept_files: int = 0) -> None:
    """Refuse a message that Discord would refuse.

    Args:
        draft: what is about to be said.
        kept_files: how many attachments an edited message keeps.

    Raises:
        ApiError: 50035 with the field, or 50006 for an empty message.
    """
    modern = bool(draft.flags & MessageFlag.COMPONENTS_V2)
    if len(draft.content) > CONTENT:
        raise too_long("content", CONTENT)
    if modern and (draft.content or draft.embeds):
        raise invalid("content", "The 'content' and 'embeds' fields cannot be used with components v2")
    if len(draft.embeds) > EMBEDS:
        raise invalid("embeds", f"Must be {EMBEDS} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    if len(draft.files) + kept_files > FILES:
        raise invalid("attachments", f"Must be {FILES} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    if sum(len(file.data) for file in draft.files) > FILE_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
    if sum(_embed_length(embed) for embed in draft.embeds) > EMBEDS_TOGETHER:
        raise invalid("embeds", f"Embed size exceeds maximum size of {EMBEDS_TOGETHER}", "MAX_EMBED_SIZE_EXCEEDED")
    said = (draft.content.strip(), draft.embeds, draft.files, kept_files, draft.stickers, draft.poll)
    if not any(said) and not draft.components:
        raise ApiError(400, 50006, "Cannot send an empty message")


def clean_embeds(embeds: list[Json]) -> list[Json]:
    """Embeds as Discord keeps them, after a look at their limits.

    Raises:
        ApiError: 50035 with the field.
    """
    return [_clean_embed(embed, f"embeds.{index}") for index, embed in enumerate(embeds)]


def _clean_embed(embed: Json, path: str) -> Json:
    kept: Json = {"type": "rich"}
    for name, limit in _EMBED_TEXTS.items():
        if text := embed.get(name):
            kept[name] = _text(text, limit, f"{path}.{name}")
    for name in ("url", "timestamp", "color"):
        if embed.get(name) is not None:
            kept[name] = embed[name]
    if fields := embed.get("fields"):
        if len(fields) > 25:
            raise invalid(f"{path}.fields", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        kept["fields"] = [_clean_field(each, f"{path}.fields.{index}") for index, each in enumerate(fields)]
    if footer := embed.get("footer"):
        kept["footer"] = _without_nulls(footer)
        _text(footer["text"], 2048, f"{path}.footer.text")
    if author := embed.get("author"):
        kept["author"] = _without_nulls(author)
        _text(author["name"], 256, f"{path}.author.name")
    for name in ("image", "thumbnail"):
        if picture := embed.get(name):
            kept[name] = {"url": picture["url"], "proxy_url": picture["url"], "width": 0, "height": 0}
    if len(kept) == 1:
        raise invalid(f"{path}.description", "This field is required", "BASE_TYPE_REQUIRED")
    return kept


def _clean_field(field: Json, path: str) -> Json:
    for name, limit in (("name", 256), ("value", 1024)):
        if not field.get(name):
            raise invalid(f"{path}.{name}", "This field is required", "BASE_TYPE_REQUIRED")
        _text(field[name], limit, f"{path}.{name}")
    return {"name": field["name"], "value": field["value"], "inline": bool(field.get("inline"))}


def _embed_length(embed: Json) -> int:
    texts = [embed.get("title", ""), embed.get("description", "")]
    texts += [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    texts += [field[part] for field in embed.get("fields", ()) for part in ("name", "value")]
    return sum(map(len, texts))


def _text(text: Any, limit: int, path: str) -> str:
    if not isinstance(text, str):
        raise invalid(path, "Could not interpret value as string.", "STRING_TYPE_CONVERT")
    if len(text) > limit:
        raise too_long(path, limit)
    return text


def _without_nulls(part: Json) -> Json:
    return {key: value for key, value in part.items() if value is not None}
